"""Words of people's names, as they are looked for in what people wrote."""

import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
"""A word of letters, with an apostrophe or a hyphen inside perhaps."""

TITLES = frozenset(
    ("mr", "mrs", "miss", "ms", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "rev", "nurse", "sister")
)
"""Small letters; they stand before a name and are no part of it."""


def plain(word: str) -> str:
    """A word for comparing: small letters, no apostrophes, no possessive."""
    small = re.sub(r"['’]s$", "", word.casefold())
    return small.replace("'", "").replace("’", "")


def in_any_order(words: tuple[str, ...]) -> str:
    """Plain words of a name as one text that is the same for "Jo Bell" and "Bell, Jo"."""
    return " ".join(sorted(words))


def runs_of_words(text: str, length: int) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Every so many words in a row, plain, and from and up to which character they stand."""
    found = list(WORD.finditer(text))
    words = [plain(word.group()) for word in found]
    for start in range(len(found) - length + 1):
        last = start + length
        yield tuple(words[start:last]), found[start].start(), found[last - 1].end()
