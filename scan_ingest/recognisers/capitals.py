"""Small letters and capitals: the search reads both as one, then each word is written as was seen and is usual.

A recogniser of print gives `C` for `c` and `w` for `W` by the dozen: in a hand they differ in size only. So a word's
letters are weighed together, against how the word is usually written where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Line
from scan_ingest.recognisers.ctc import Character, Frames
from scan_ingest.recognisers.language import Lexicon, core, plain

ALIKE = frozenset("cfijkmopsuvwxyz")  # letters whose capital has the same shape in many hands
LEAST = 1e-4  # probability; no letter speaks with more than its logarithm
ENDS = ".!?"


@dataclass(frozen=True)
class CaseWeights:
    """What speaks for a capital, in nats. `benchmarks/decoding.py` fits them as it does the search's."""

    alike: float = 0.8  # of what was seen of a letter whose capital looks alike
    other: float = 0.9  # of another letter
    usual: float = 0.6  # of the log odds of the word's capital inside a sentence
    inside: float = 1.5  # for a capital at the beginning of a word inside a sentence
    first: float = 2.0  # at the beginning of the line, where nobody knows what came before
    start: float = 2.5  # after a full stop
    unknown: float = 0.0  # the log odds where the lexicon does not know the word
    initial: float = 2.0  # of a letter with a full stop
    whole: float = -2.0  # for a word all in capitals
    mixed: float = -2.5  # for a capital after a small letter


@dataclass(frozen=True, eq=False)
class Folding:
    """One alphabet without capitals, and where each of its letters comes from in the other."""

    alphabet: tuple[str, ...]
    into: NDArray[np.intp]  # for each column of the full alphabet its column here
    small: NDArray[np.intp]  # for each column here the full alphabet's small letter, and the capital; the same if none
    capital: NDArray[np.intp]

    def folded(self, frames: Frames) -> Frames:
        """The frames, a letter as likely as its small and its capital form together."""
        both = np.flatnonzero(self.small != self.capital)
        probabilities = frames.probabilities[:, self.small]
        probabilities[:, both] += frames.probabilities[:, self.capital[both]]
        return Frames(probabilities, self.alphabet, frames.gaps)


@lru_cache(maxsize=4)
def folding(alphabet: tuple[str, ...]) -> Folding:
    """The alphabet with each capital taken for its small letter, where it has that."""
    place = {character: column for column, character in enumerate(alphabet)}

    def folds(character: str) -> str:
        small = character.lower()
        return small if len(small) == 1 and small in place else character

    kept = [character for character in alphabet if folds(character) == character]
    at = {character: column for column, character in enumerate(kept)}
    into = np.array([at[folds(character)] for character in alphabet], dtype=np.intp)
    small = np.array([place[character] for character in kept], dtype=np.intp)
    capital = small.copy()
    for column, character in enumerate(alphabet):
        if folds(character) != character:
            capital[at[folds(character)]] = column
    return Folding(tuple(kept), into, small, capital)


def surely_capital(frames: Frames, raw: Sequence[Character]) -> NDArray[np.bool_]:
    """For each frame whether its likeliest letter is a capital and hardly a small one; none in a line that is in
    capitals throughout, where they tell nothing."""
    if is_block("".join(character.text for character in raw)):
        return np.zeros(len(frames.probabilities), dtype=np.bool_)
    fold = folding(frames.alphabet)
    rows = np.arange(len(frames.probabilities))
    likeliest = frames.probabilities[:, 1:].argmax(axis=1) + 1
    small = fold.small[fold.into[likeliest]]
    p = frames.probabilities
    surely: NDArray[np.bool_] = (likeliest != small) & (p[rows, likeliest] > CAPITAL_TIMES * p[rows, small])
    return surely


@dataclass(frozen=True)
class Written:
    """A word with its capitals, and how likely (0 to 1) this way of writing it is among all that were weighed."""

    characters: tuple[Character, ...]
    share: float
    others: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Capitals:
    """Puts the capitals back into the words of one line."""

    lexicon: Lexicon
    weights: CaseWeights

    def of_line(self, words: Sequence[tuple[Character, ...]], frames: Frames) -> list[Written]:
        """The words of a line, all in small letters, as they are to be written."""
        fold = folding(frames.alphabet)
        odds = [self.odds(word, frames) for word in words]
        block = self.in_block(odds, words)
        written: list[Written] = []
        before = ""
        for word, seen in zip(words, odds, strict=True):
            written.append(self.written(word, seen, before, fold, block))
            before = _text(word)
        return written

    def odds(self, word: Sequence[Character], frames: Frames) -> list[float]:
        """For each character the log odds that it was seen as a capital; 0 where it has none."""
        fold = folding(frames.alphabet)
        column_of = _columns(fold.alphabet)
        found: list[float] = []
        for place, character in enumerate(word):
            column = column_of.get(character.text)
            if column is None or fold.small[column] == fold.capital[column]:
                found.append(0.0)
                continue
            both = frames.probabilities[:, fold.capital[column]] + frames.probabilities[:, fold.small[column]]
            row = frames.probabilities[_seen_at(word, place, both)]
            up, low = float(row[fold.capital[column]]), float(row[fold.small[column]])
            found.append(log((up + LEAST) / (low + LEAST)))
        return found

    def in_block(self, words: Sequence[Sequence[float]], texts: Sequence[Sequence[Character]]) -> bool:
        """Whether a line is in capitals throughout, by the letters whose capitals have a shape of their own."""
        told = [
            odds
            for word, text in zip(words, texts, strict=True)
            for odds, character in zip(word, text, strict=True)
            if odds and character.text not in ALIKE
        ]
        return len(told) >= BLOCK_LETTERS and sum(odds > 0 for odds in told) >= BLOCK_SHARE * len(told)

    def written(
        self, word: tuple[Character, ...], odds: Sequence[float], before: str, fold: Folding, block: bool
    ) -> Written:
        """The word as it is to be written; `before` is the word before, "" at the line's beginning."""
        weights = self.weights
        text = "".join(character.text for character in word)
        letters = [place for place, character in enumerate(word) if character.text.isalpha()]
        if not letters:
            return Written(word, 1.0)
        bare = "".join(map(plain, core(text)))
        usual = self.lexicon.capital(bare.removesuffix("'s"))
        if bare in ALWAYS:
            return Written(self._with(word, (letters[0],), fold), 1.0)
        seen = [
            (weights.alike if word[place].text in ALIKE else weights.other) * odds[place] if odds[place] else 0.0
            for place in letters
        ]
        if usual is None:
            prior = weights.initial if len(letters) == 1 and text.endswith(".") else weights.unknown
        else:
            prior = weights.usual * log((usual + 0.002) / (1.002 - usual))
        ended = before.rstrip("'\")’”")[-1:] in tuple(ENDS) and before != ""
        begins = (weights.first if not before else weights.inside) + prior
        if ended:
            begins = max(weights.start + min(prior, 0.0) * 0.3, begins)
        if block and usual is not None:
            seen = [0.0] * len(seen)
        ways: dict[tuple[int, ...], float] = {(): 0.0, (letters[0],): seen[0] + begins}
        if len(letters) > 1:
            whole = weights.whole if usual is not None else weights.whole / 3
            if not (block and usual is not None):
                ways[tuple(letters)] = sum(seen) + max(begins, 0.0) + (0.0 if block else whole)
            as_seen = tuple(place for place, score in zip(letters, seen, strict=True) if score > 0)
            if as_seen not in ways:
                ways[as_seen] = sum(score for score in seen if score > 0) + self._mixing(text, as_seen, begins)
        best = max(ways, key=lambda way: ways[way])
        total = sum(exp(score - ways[best]) for score in ways.values())
        others = tuple(
            _text(self._with(word, way, fold))
            for way in sorted(ways, key=lambda way: -ways[way])
            if way != best and ways[way] > ways[best] - 3.0
        )
        return Written(self._with(word, best, fold), 1.0 / total, others)

    def _mixing(self, text: str, capitals: tuple[int, ...], begins: float) -> float:
        score = begins if 0 in capitals else 0.0
        for place in capitals:
            if place and text[place - 1].isalpha() and text[:place] not in ("mc", "mac"):
                score += self.weights.mixed
        return score

    def _with(self, word: tuple[Character, ...], capitals: tuple[int, ...], fold: Folding) -> tuple[Character, ...]:
        if not capitals:
            return word
        columns = _columns(fold.alphabet)
        return tuple(
            Character(_capital(fold, columns, character.text), character.probability, character.first, character.end)
            if place in capitals
            else character
            for place, character in enumerate(word)
        )


def _seen_at(word: Sequence[Character], place: int, likely: NDArray[np.float32]) -> int:
    """The frame in which a letter is seen best; `likely` (a frame) is the letter's probability, small or capital. The
    search knows both letters of a pair (Ll, ee) by the frame of the second: the first is sought before it."""
    at = word[place].first
    if [(one.text, one.first) for one in word[place + 1 : place + 2]] != [(word[place].text, at)]:
        return at
    start = word[place - 1].first + 1 if place else max(at - PAIR_FRAMES, 0)
    return start + int(likely[start:at].argmax()) if start < at else at


PAIR_FRAMES = 3  # a letter and the gap behind it are two or three wide
ALWAYS = frozenset({"i", "i'm", "i've", "i'd", "i'll"})
CAPITAL_TIMES = 4.0  # as likely as the small letter
BLOCK_LETTERS = 6
BLOCK_SHARE = 0.7


def is_block(text: str) -> bool:
    """Whether a line as it was seen is in capitals throughout."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= BLOCK_LETTERS and sum(map(str.isupper, letters)) >= BLOCK_SHARE * len(letters)


def with_beginnings(lines: Sequence[Line]) -> list[Line]:
    """The lines of an answer, those in block capitals with a capital where a sentence begins: a line alone does not
    know how the one before it ended."""
    result: list[Line] = []
    for line in lines:
        begins = not result or result[-1].text.rstrip("'\")”’")[-1:] in tuple(ENDS)
        if begins and is_block(line.raw) and line.words:
            first = line.words[0]
            first = replace(first, text=first.text[:1].upper() + first.text[1:])
            line = replace(line, text=line.text[:1].upper() + line.text[1:], words=(first, *line.words[1:]))
        result.append(line)
    return result


def _text(word: Sequence[Character]) -> str:
    return "".join(character.text for character in word)


@lru_cache(maxsize=4)
def _columns(alphabet: tuple[str, ...]) -> dict[str, int]:
    return {character: column for column, character in enumerate(alphabet)}


def _capital(fold: Folding, columns: dict[str, int], letter: str) -> str:
    column = columns.get(letter)
    return letter if column is None or fold.small[column] == fold.capital[column] else letter.upper()
