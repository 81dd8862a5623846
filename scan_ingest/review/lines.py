"""A field's one text ↔ the written lines that a reviewer edits one at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from scan_ingest.domain.card import Word

TOKEN = re.compile(r"\S+")
BETWEEN = re.compile(r" |\n+")
ALIKE = 0.6
"""Two words are the same one, corrected, when this share of their letters agrees."""


@dataclass(frozen=True)
class Token:
    """A word of a text as it stands, and the read words (first, and one past the last) that it came from.

    `stands` is whether it is still as it was read.
    """

    start: int
    end: int
    first: int
    last: int
    stands: bool


def joined(parts: Sequence[tuple[str, str]]) -> str:
    """(what separates it from the part before, part) … → one text.

    Empty parts leave no separator behind, save that a paragraph break beside one stays.
    """
    text = ""
    pending = ""
    for separator, part in parts:
        stripped = part.strip(" \n")
        pending = max(pending, separator, key=lambda between: ("\n" in between, len(between)))
        if stripped:
            text += (pending if text else "") + stripped
            pending = ""
    return text


def split(text: str, read: Sequence[str]) -> tuple[tuple[str, str], ...] | None:
    """The text as (separator, part) for each read line, or None where it cannot be told which words are on which line.

    A text that was corrected splits where the words beside a line's end are recognisably those that were read there.
    """
    if len(read) < 2:
        return None if "\n" in text else (("", text),)
    if not text:
        return tuple((" " if number else "", "") for number in range(len(read)))
    tokens = [(match.start(), match.end()) for match in TOKEN.finditer(text)]
    words = [text[start:end] for start, end in tokens]
    old = [word for line in read for word in line.split()]
    partner = _partners(old, words)
    cuts = [0]
    ends = 0
    for line in read[:-1]:
        ends += len(line.split())
        # The new word after the cut is known from the old one beside it, on either side.
        if ends in partner:
            cut = partner[ends]
        elif ends - 1 in partner:
            cut = partner[ends - 1] + 1
        elif ends == 0:
            cut = 0
        else:
            return None
        if cut < cuts[-1]:
            return None
        cuts.append(cut)
    cuts.append(len(words))
    parts: list[tuple[str, str]] = []
    reached = 0
    for first, last in pairwise(cuts):
        if first == last:
            parts.append((" " if parts else "", ""))
            continue
        start, end = tokens[first][0], tokens[last - 1][1]
        separator, reached = text[reached:start], end
        part = text[start:end]
        if "\n" in part or (separator and not BETWEEN.fullmatch(separator)):
            return None
        parts.append((separator, part))
    return tuple(parts) if joined(parts) == text else None


def _partners(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """Which old word became which new one, by position; only where they are recognisably the same."""
    partner: dict[int, int] = {}
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and b - a == d - c):
            for step in range(b - a):
                if kind == "equal" or _alike(old[a + step], new[c + step]):
                    partner[a + step] = c + step
        elif kind == "replace":
            if _alike(old[a], new[c]):
                partner[a] = c
            if _alike(old[b - 1], new[d - 1]):
                partner[b - 1] = d - 1
    return partner


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).ratio() >= ALIKE


def names_of(read: str, words: Sequence[Word]) -> list[str]:
    """The text of each read word: as decoded, or its own where the decoder made more or fewer words of them."""
    names = read.split()
    return names if len(names) == len(words) else [word.text for word in words]


def tokens_of(text: str, read: str, words: Sequence[Word]) -> tuple[Token, ...]:
    """Each word of the text as it stands with the read words that it came from, where that can be told.

    `read` is the text that was decoded from those words; where the decoder made other words of them, the words' own
    texts are compared instead.
    """
    names = names_of(read, words)
    spans = [(match.start(), match.end()) for match in TOKEN.finditer(text)]
    now = [text[start:end] for start, end in spans]
    found: list[Token] = []
    for kind, a, b, c, d in SequenceMatcher(None, names, now, autojunk=False).get_opcodes():
        for step, (start, end) in enumerate(spans[c:d]):
            if kind == "equal" or b - a == d - c:
                found.append(Token(start, end, a + step, a + step + 1, kind == "equal"))
            elif kind == "replace":
                found.append(Token(start, end, a, b, False))
    return tuple(found)
