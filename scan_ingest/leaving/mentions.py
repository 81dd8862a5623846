"""Where a person is named: as the nominee, or inside what people wrote. Pure: texts in, findings out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from rapidfuzz import fuzz

from scan_ingest.domain.names import TITLES, WORD, in_any_order, plain, runs_of_words
from scan_ingest.errors import UsageError

NOMINEE = "nominee"
NEARLY = 86.0
"""Of 100, the whole name: "Jo Ashworth" against a misread "Jo Ashwerth" is 91, against "Jo Ashton" 80."""


@dataclass(frozen=True)
class Person:
    """Somebody who asks what is held about them. The repr names nobody."""

    name: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.words) < 2:
            raise UsageError("--name: give first name and surname; one word alone is in too many texts")

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name in small letters, without titles."""
        return words_of(self.name)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The name as it was given, without titles: "Jo Bell", "Bell, Jo", "Bell Jo"."""
        *first, last = (word for word in WORD.findall(self.name) if plain(word) not in TITLES)
        given = " ".join(first)
        return (f"{given} {last}", f"{last}, {given}", f"{last} {given}")


class Part(StrEnum):
    """What a person is in a nomination."""

    NOMINEE = "nominee"
    MENTIONED = "mentioned"


@dataclass(frozen=True)
class Mention:
    """A person in the fields of a card or nomination. One that is not `sure` (a part of the name, a spelling near it)
    is shown to a person, and nothing is done about it by itself."""

    part: Part
    fields: tuple[str, ...]
    sure: bool


def mention_in(person: Person, texts: Mapping[str, str]) -> Mention | None:
    """What the person is in these fields (by name): the nominee before anything else; None where they are not named."""
    nominee = texts.get(NOMINEE, "")
    others = {name: text for name, text in texts.items() if name != NOMINEE}
    named_in = tuple(name for name, text in others.items() if _is_named(person, text))
    if is_the_name(person, nominee):
        return Mention(Part.NOMINEE, (NOMINEE, *named_in), sure=True)
    if named_in:
        return Mention(Part.MENTIONED, named_in, sure=True)
    if _is_nearly_the_name(person, nominee):
        return Mention(Part.NOMINEE, (NOMINEE,), sure=False)
    nearly_in = tuple(name for name, text in others.items() if _is_nearly_named(person, text))
    return Mention(Part.MENTIONED, nearly_in, sure=False) if nearly_in else None


def spans_of(person: Person, text: str) -> tuple[tuple[int, int], ...]:
    """Where the whole name stands in the text, from and up to which character: "Jo Bell", or "Bell, Jo"."""
    wanted = in_any_order(person.words)
    runs = runs_of_words(text, len(person.words))
    return tuple((start, end) for words, start, end in runs if in_any_order(words) == wanted)


def is_the_name(person: Person, text: str) -> bool:
    """Every word of the name is there, in any order: "Ashworth, Jo (bank nurse)" is Jo Ashworth."""
    return set(person.words) <= set(words_of(text))


def _is_named(person: Person, text: str) -> bool:
    return bool(spans_of(person, text))


def _is_nearly_the_name(person: Person, text: str) -> bool:
    words = words_of(text)
    if not words:
        return False
    # A nominee of one word may be anybody of that name.
    if len(words) == 1 and words[0] in person.words:
        return True
    return fuzz.token_sort_ratio(" ".join(words), " ".join(person.words)) >= NEARLY


def _is_nearly_named(person: Person, text: str) -> bool:
    words = words_of(text)
    length = len(person.words)
    name = " ".join(person.words)
    windows = (" ".join(words[start : start + length]) for start in range(max(1, len(words) - length + 1)))
    return any(fuzz.ratio(window, name) >= NEARLY for window in windows)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text for comparing: small letters, no titles."""
    words = (plain(word.group()) for word in WORD.finditer(text))
    return tuple(word for word in words if word not in TITLES)
