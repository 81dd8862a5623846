"""How far a confidence can be believed: of the words said to be 90 % sure, are 9 in 10 right?"""

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

BINS = 10
"""Equal steps of confidence; with fewer a calibration looks better than it is, with more each holds too few words."""


@dataclass(frozen=True)
class Bin:
    """The words whose confidence lies from `low` to below `high` (the last bin: to 1)."""

    low: float
    high: float
    words: int = 0
    confidence: float = 0.0  # summed over the words
    right: int = 0

    def __add__(self, other: "Bin") -> "Bin":
        """The words of both; `other` is the same step of confidence."""
        return Bin(
            self.low,
            self.high,
            self.words + other.words,
            self.confidence + other.confidence,
            self.right + other.right,
        )

    @property
    def said(self) -> float:
        """The mean confidence of its words; the middle of the bin where there are none."""
        return self.confidence / self.words if self.words else (self.low + self.high) / 2

    @property
    def observed(self) -> float | None:
        """The share of its words that are right."""
        return self.right / self.words if self.words else None


def reliability(words: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    """A bin for each step of confidence; `words` are (confidence, whether it is right)."""
    counts, sums, rights = [0] * BINS, [0.0] * BINS, [0] * BINS
    for confidence, right in words:
        index = min(int(confidence * BINS), BINS - 1)
        counts[index] += 1
        sums[index] += confidence
        rights[index] += right
    return tuple(Bin(i / BINS, (i + 1) / BINS, counts[i], sums[i], rights[i]) for i in range(BINS))


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """The mean distance between said and observed, weighed by words (Naeini et al. 2015); None without words."""
    words = sum(bin_.words for bin_ in bins)
    if not words:
        return None
    return sum(abs(bin_.confidence - bin_.right) for bin_ in bins) / words


@dataclass(frozen=True)
class Calibration:
    """A map of confidences that never turns their order round: straight between its knots, level outside them.

    Knots are (confidence as shipped, confidence here), both 0 to 1, rising in the first and not falling in the second.
    """

    knots: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not self.knots:
            raise ValueError("a calibration has a knot")
        if not all(0.0 <= value <= 1.0 for knot in self.knots for value in knot):
            raise ValueError("confidences lie between 0 and 1")
        for (before, low), (after, high) in pairwise(self.knots):
            if before >= after or low > high:
                raise ValueError("a calibration rises")

    def __call__(self, confidence: float) -> float:
        at = bisect.bisect_left(self.knots, (confidence, 0.0))
        if at == 0:
            return self.knots[0][1]
        if at == len(self.knots):
            return self.knots[-1][1]
        (left, low), (right, high) = self.knots[at - 1], self.knots[at]
        return low + (high - low) * (confidence - left) / (right - left)


GROUPS = 20  # the words are fitted in as many groups of equal size, so that a few odd ones move little
BELIEF = 20.0  # words: what is shipped counts in each group as much as this many observed ones


def fitted(words: Sequence[tuple[float, bool]]) -> Calibration:
    """The calibration that these words (confidence as shipped, whether it is right) speak for.

    Isotonic regression by pooling adjacent violators (Ayer et al. 1955) over groups of words, each drawn towards what
    is shipped. Raises `ValueError` without words.
    """
    pools: list[tuple[float, float, float]] = []  # weight, confidence as shipped × weight, right
    for group in _groups(sorted(words)):
        shipped = sum(confidence for confidence, _ in group)
        believed = sum(right for _, right in group) + BELIEF * shipped / len(group)
        pools.append((len(group) + BELIEF, shipped * (1 + BELIEF / len(group)), believed))
        while len(pools) > 1 and pools[-2][2] / pools[-2][0] >= pools[-1][2] / pools[-1][0]:
            last = pools.pop()
            before = pools.pop()
            pools.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    knots: dict[float, float] = {}
    for weight, shipped, right in pools:
        knots[round(min(shipped / weight, 1.0), 6)] = min(right / weight, 1.0)
    return Calibration(tuple(knots.items()))


def _groups(ordered: Sequence[tuple[float, bool]]) -> list[list[tuple[float, bool]]]:
    """The words in groups of about equal size; those of one confidence stay together."""
    size = -(-len(ordered) // GROUPS)
    groups: list[list[tuple[float, bool]]] = []
    for word in ordered:
        if not groups or (len(groups[-1]) >= size and groups[-1][-1][0] != word[0]):
            groups.append([])
        groups[-1].append(word)
    return groups
