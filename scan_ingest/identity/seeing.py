"""Texts as recognisers see them: characters that are taken for digits, and words with a letter wrong."""

import re
from collections.abc import Collection
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

DIGIT_OF = str.maketrans({"O": "0", "o": "0", "Q": "0", "I": "1", "l": "1", "|": "1", "S": "5", "s": "5"})
LIKE_A_DIGIT = "0-9OoQIl|Ss"
SHORTEST_FUZZY = 5  # letters; in shorter words one letter more or less makes another word

_WITH_DIGITS = re.compile(rf"(?<![^\W_])[{LIKE_A_DIGIT}]*[0-9][{LIKE_A_DIGIT}]*(?![^\W_])")


def with_digits(text: str) -> str:
    """The text, as long as it is, with letters made digits in words that are digits otherwise: `O3/45` → `03/45`."""
    return _WITH_DIGITS.sub(lambda found: found[0].translate(DIGIT_OF), text)


def digits_of(seen: str) -> str:
    """The digits that `seen` shows or stands for, nothing else."""
    return "".join(character for character in seen.translate(DIGIT_OF) if character.isdigit() and character.isascii())


def true_digits(seen: str) -> int:
    return sum(character.isdigit() for character in seen)


@lru_cache(maxsize=4096)
def _near(word: str, words: frozenset[str], unless: frozenset[str]) -> bool:
    if len(word) < SHORTEST_FUZZY or word in unless:
        return False
    return any(Levenshtein.distance(word, other, score_cutoff=_slips(other)) <= _slips(other) for other in words)


def _slips(word: str) -> int:
    """How many letters may be wrong: `rn` for `m` is two edits."""
    return 0 if len(word) < SHORTEST_FUZZY else 1 if len(word) < 7 else 2


def is_one_of(word: str, words: frozenset[str], unless: Collection[str] = frozenset()) -> bool:
    """Whether it is one of the words, or one of them with a slip in it that makes no word of `unless`."""
    return word in words or _near(word, words, frozenset(unless) if not isinstance(unless, frozenset) else unless)
