"""How likely an entry of a list is what was written: a choice between the entries that come near and "in no list".

A conditional logit (McFadden 1974): each entry has a score, linear in a few features; the chance of an entry is
exp(score) over the sum of all entries' and 1 for "in no list". So near namesakes share what there is, and the gap to
the second needs no feature of its own. The weights are fitted by `benchmarks/short_fields.py --fit` on invented names
with the recogniser's own mix-ups, half of the people in no list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEATURES = ("always", "cost", "cost_share", "same", "initial", "one_name", "known_otherwise", "agreeing", "against",
            "length", "entries", "marked_otherwise")  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What speaks for an entry and against it.

    `cost` is its distance from what was read, `letters` how long that is. `initial` is whether only an initial
    stands for one of the names, `one_name` whether only one name (or an abbreviation) was written. `known_otherwise`
    counts words that were read differently from the entry's and as they stand elsewhere in the list. `agreeing` and
    `against` count the card's other fields (0 to 2). `entries` is the length of the list, `marked_otherwise` whether a
    number or single letter differs: Ward 7 for Ward 1.
    """

    cost: float
    letters: int
    initial: bool
    one_name: bool
    known_otherwise: int
    agreeing: int
    against: int
    entries: int
    marked_otherwise: bool = False

    @property
    def is_partial(self) -> bool:
        """Whether something that tells entries apart was not written, or was written otherwise."""
        return self.initial or self.one_name or self.marked_otherwise

    def features(self) -> tuple[float, ...]:
        """In the order of `FEATURES`."""
        return (
            1.0,
            self.cost,
            self.cost / max(self.letters, 1) * 10,
            float(self.cost == 0),
            float(self.initial),
            float(self.one_name),
            float(min(self.known_otherwise, 2)),
            float(self.agreeing),
            float(self.against),
            min(self.letters, 20) / 10,
            float(np.log10(max(self.entries, 1))),
            float(self.marked_otherwise),
        )


@dataclass(frozen=True)
class Weights:
    """Of each feature, in the order of `FEATURES`."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.values) != len(FEATURES):
            raise ValueError(f"{len(FEATURES)} features have as many weights")


# Fitted on 3,000 invented cards; the figures are in the README.
PERSON = Weights((2.73, -1.61, -0.25, -0.65, -0.30, -2.50, -5.53, 2.50, -1.12, 3.40, -1.18, 0.0))
PLACE = Weights((-0.51, -1.37, -0.92, 0.07, 0.0, 1.35, -1.52, 0.54, -1.40, 5.53, 2.05, -3.46))

MARKED_OTHERWISE_AT_MOST = 0.5  # a ward of another number is never nearly certain, however alone it stands


def chances(evidence: Sequence[Evidence], weights: Weights) -> NDArray[np.float64]:
    """How likely each entry is what was written, 0 to 1; what is missing to 1 is the chance that none is."""
    if not evidence:
        return np.zeros(0)
    scores = np.array([entry.features() for entry in evidence]) @ np.array(weights.values)
    top = max(float(scores.max()), 0.0)  # 0 is the score of "in no list"
    shares = np.exp(scores - top)
    likely = np.asarray(shares / (shares.sum() + np.exp(-top)), dtype=np.float64)
    most = [MARKED_OTHERWISE_AT_MOST if entry.marked_otherwise else 1.0 for entry in evidence]
    return np.minimum(likely, most)
