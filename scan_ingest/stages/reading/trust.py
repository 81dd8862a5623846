"""How likely a word was read right: a probability from what speaks for and against it.

A logistic regression over the signs of `signs.py`: the log odds are piecewise linear in each, and signs that count
differently together than each alone do so by the cells they fall into. The weights are fitted by `benchmarks/trust.py`
on lines that many people wrote, and lie in `tables/trust.json`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import LineCrop
from scan_ingest.stages.reading.signs import OF_READING, OF_SECOND, log_odds, of_reading, of_second

TABLE = Path(__file__).parent / "tables" / "trust.json"


@dataclass(frozen=True)
class Weight:
    """What a sign adds to the log odds of a word being right: `slope` for each unit, and from each bend on (its place,
    the change of slope) more or less. Signs beyond what the fit has seen, `low` to `high`, count as its edge."""

    sign: str
    low: float
    high: float
    slope: float
    bends: tuple[tuple[float, float], ...] = ()

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.clip(values, self.low, self.high)
        total = self.slope * inside
        for place, change in self.bends:
            total = total + change * np.maximum(inside - place, 0.0)
        return np.asarray(total, dtype=np.float64)


@dataclass(frozen=True)
class Cells:
    """What a few signs say together: each is cut in two at its place in `cuts`, and of the 2ⁿ cells that this makes the
    one that a word falls into adds to its log odds. The first sign tells odd cells from even ones."""

    signs: tuple[str, ...]
    cuts: tuple[float, ...]
    adds: tuple[float, ...]

    def at(self, signs: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.intp]:
        """The cell of each word."""
        above = signs[:, [names.index(sign) for sign in self.signs]] > np.array(self.cuts)
        return np.asarray(above @ (1 << np.arange(len(self.signs))), dtype=np.intp)


@dataclass(frozen=True)
class Trust:
    """The probability that words are right, from their signs (words × names of signs)."""

    bias: float
    weights: tuple[Weight, ...]
    cells: tuple[Cells, ...] = ()

    def __call__(self, signs: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float64]:
        odds = np.full(len(signs), self.bias)
        for weight in self.weights:
            odds = odds + weight(signs[:, names.index(weight.sign)])
        for some in self.cells:
            odds = odds + np.array(some.adds)[some.at(signs, names)]
        return np.asarray(1.0 / (1.0 + np.exp(-odds)), dtype=np.float64)


@dataclass(frozen=True)
class Trusts:
    """One for what the first recogniser read alone, one for lines that the second was asked about.

    `reach`: how far (in log odds) the second opinion moves nine words in ten at most.
    """

    alone: Trust
    asked: Trust
    reach: float


@cache
def shipped() -> Mapping[str, Trusts]:
    """The fitted table: of `prose`, decoded with a language model, and of `short` fields, which are read as seen."""
    kept = json.loads(TABLE.read_text(encoding="utf-8"))
    return {
        kind: Trusts(_trust(found["alone"]), _trust(found["asked"]), float(found["reach"]))
        for kind, found in kept.items()
    }


def _trust(kept: Mapping[str, Any]) -> Trust:
    return Trust(
        float(kept["bias"]),
        tuple(
            Weight(
                sign, one["low"], one["high"], one["slope"], tuple((place, change) for place, change in one["bends"])
            )
            for sign, one in kept["weights"].items()
        ),
        tuple(Cells(*map(tuple, (one["signs"], one["cuts"], one["adds"]))) for one in kept["cells"]),
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """The lines of a field and the probability that each of their words is right, in order; to be asked about again."""

    lines: tuple[Line, ...]
    signs: NDArray[np.float64]
    trusts: Trusts
    right: NDArray[np.float64]

    @classmethod
    def of(cls, lines: Sequence[Line], strips: Sequence[LineCrop]) -> "Judged":
        """By what the first recogniser read; `strips` are the pictures it read.

        A word whose recogniser tells nothing but its confidence keeps that. What looks like another script is less
        likely by as much: the lines that the weights were fitted on have none.
        """
        signs = of_reading(lines, strips)
        told = [word.evidence for line in lines for word in line.words]
        is_prose = any(one is not None and one.language for one in told)
        trusts = shipped()["prose" if is_prose else "short"]
        return cls(tuple(lines), signs, trusts, _in_latin(lines, trusts.alone(signs, OF_READING)))

    def near(self, threshold: float) -> tuple[Line, ...]:
        """The lines with a word so near the threshold that a second opinion may move it across."""
        reach = np.array([abs(log_odds(p) - log_odds(threshold)) for p in self.right]) <= self.trusts.reach
        return tuple(line for line, part in zip(self.lines, self._by_line(reach), strict=True) if part.any())

    def asked(self, lines: Sequence[Line], other: Sequence[Line]) -> "Judged":
        """After another recogniser read those of the lines as `other`."""
        chosen = {id(line) for line in lines}
        rows = np.repeat([id(line) in chosen for line in self.lines], [len(line.words) for line in self.lines])
        signs = np.concatenate([self.signs[rows], of_second(lines, other)], axis=1)
        right = self.right.copy()
        right[rows] = _in_latin(lines, self.trusts.asked(signs, OF_READING + OF_SECOND))
        return Judged(self.lines, self.signs, self.trusts, right)

    def by_line(self) -> list[NDArray[np.float64]]:
        """The probabilities of each line's words."""
        return self._by_line(self.right)

    def _by_line(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        ends = np.cumsum([len(line.words) for line in self.lines])
        return np.split(values, ends[:-1]) if self.lines else []


def _in_latin(lines: Sequence[Line], right: NDArray[np.float64]) -> NDArray[np.float64]:
    words = [word for line in lines for word in line.words]
    own = [
        word.confidence if word.evidence is None else p * (1.0 - word.evidence.outside)
        for word, p in zip(words, right, strict=True)
    ]
    return np.array(own, dtype=np.float64)
