"""Which words and names are known to be spelled so. Short fields are doubted by it, and never turned into it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from scan_ingest.identity.lists import given_names, surnames
from scan_ingest.recognisers.language import Lexicon, core, english, plain

LETTERS = "abcdefghijklmnopqrstuvwxyz"
FEWEST_LETTERS = 3  # every word of two letters is a letter away from another


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Ordinary English, given names and surnames of many countries, and the site's own words, small and plain."""

    lexicon: Lexicon
    names: frozenset[str]
    own: frozenset[str]

    def knows(self, text: str) -> bool:
        """Whether every part of the word is known; signs and numbers are not."""
        parts = _parts(text)
        return bool(parts) and all(map(self._has, parts))

    def nearly(self, text: str) -> bool:
        """Whether a part of the word is not known, but is with one letter more, less or another."""
        return any(
            len(part) >= FEWEST_LETTERS and not self._has(part) and any(map(self._has, _a_letter_away(part)))
            for part in _parts(text)
        )

    def _has(self, word: str) -> bool:
        return word in self.names or word in self.own or self.lexicon.log_p(word) is not None


def known_words(own: Collection[str] = ()) -> Vocabulary:
    """What is shipped, and a site's own words as they are written."""
    return Vocabulary(
        english()[1], given_names() | surnames(), frozenset(part for word in own for part in _parts(word))
    )


def _parts(text: str) -> list[str]:
    """The parts of a word between hyphens and apostrophes left out: `O'Brien-Jones,` → obrien, jones."""
    bare = "".join(map(plain, core(text))).replace("'", "")
    return [part for part in bare.split("-") if part.isalpha()]


def _a_letter_away(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        start, rest = word[:at], word[at:]
        yield start + rest[1:]
        for letter in LETTERS:
            yield start + letter + rest
            yield start + letter + rest[1:]
