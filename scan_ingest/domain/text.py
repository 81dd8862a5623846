"""What text is kept as: the one rule for readings, reviewed texts and corrections made elsewhere."""

import re
import unicodedata

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""A paragraph is a line feed, a table copied in has tabs; every other control character (category Cc) is a mistake, and
so is half of a character (Cs)."""


def with_line_feeds(text: str) -> str:
    """CRLF and CR made LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def forbidden_characters(text: str) -> str:
    """The characters of `text` that are never kept, each once: control characters but tab and line feed, and halves of
    a character (lone surrogates), which no file can hold."""
    return "".join(dict.fromkeys(FORBIDDEN.findall(with_line_feeds(text))))


def as_kept(text: str) -> str:
    """`text` in NFC, with line feeds, without forbidden characters. Nothing else is changed, no spaces are trimmed."""
    return unicodedata.normalize("NFC", FORBIDDEN.sub("", with_line_feeds(text)))


def as_read(text: str) -> str:
    """A machine's reading as it is kept: also without what nobody writes by hand and nobody would see, marks that turn
    the writing round, spaces of no width, characters that mean nothing."""
    kept = as_kept(text)
    if kept.isprintable():
        return kept
    spaced = "".join(" " if unicodedata.category(c) in ("Zl", "Zp") else c for c in kept)
    return as_kept("".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Co", "Cn")))


def for_a_terminal(text: str) -> str:
    """`text` on one line, with every character that could move the cursor or turn the writing round drawn as `·`.

    For drawing only; what is stored keeps its characters.
    """
    return "".join("·" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)
