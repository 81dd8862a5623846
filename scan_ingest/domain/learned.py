"""What a site has taught the program by its own reviews."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.lists import Lists


@dataclass(frozen=True)
class Proof:
    """What a change does on cards that it was not learned from: a rate before and after it, and over how many cards.

    `measure` says what is counted, lower is better unless it says so itself.
    """

    measure: str
    before: float
    after: float
    cards: int


@dataclass(frozen=True)
class Learned:
    """Everything that is in force; what did not help is empty. The repr tells no words and no names.

    `vocabulary` is how often each word (in small letters) comes in a million words of answers. `lists` are
    nominees, roles and wards that were accepted more than once, in the reviewers' spelling. `made_at` is UTC and aware.
    """

    made_at: datetime
    cards: int
    vocabulary: Mapping[str, int] = field(default_factory=dict, repr=False)
    lists: Lists = field(default=Lists(), repr=False)
    calibration: Calibration | None = None
    proofs: Mapping[str, tuple[Proof, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("the time is aware, in UTC")

    @property
    def is_empty(self) -> bool:
        return not (self.vocabulary or self.lists or self.calibration)

    def says_the_same(self, other: "Learned") -> bool:
        """Whether cards would be read alike by both."""
        return (self.vocabulary, self.lists, self.calibration) == (
            other.vocabulary,
            other.lists,
            other.calibration,
        )
