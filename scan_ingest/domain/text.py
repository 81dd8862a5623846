"""What text is kept as: the one rule for readings, reviewed texts and corrections made elsewhere."""

import unicodedata

KEPT_CONTROLS = "\t\n"
"""A paragraph is a line feed, a table copied in has tabs; every other control character is a mistake."""


def with_line_feeds(text: str) -> str:
    """CRLF and CR made LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def forbidden_characters(text: str) -> str:
    """The characters of `text` that are never kept, each once: control characters but tab and line feed, and halves of
    a character (lone surrogates), which no file can hold."""
    return "".join(dict.fromkeys(c for c in with_line_feeds(text) if _forbidden(c)))


def as_kept(text: str) -> str:
    """`text` in NFC, with line feeds, without forbidden characters. Nothing else is changed, no spaces are trimmed."""
    return unicodedata.normalize("NFC", "".join(c for c in with_line_feeds(text) if not _forbidden(c)))


def for_a_terminal(text: str) -> str:
    """`text` on one line, with every character that could move the cursor or turn the writing round drawn as `·`.

    For drawing only; what is stored keeps its characters.
    """
    return "".join("·" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text)


def _forbidden(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and character not in KEPT_CONTROLS
