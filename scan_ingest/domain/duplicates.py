"""Two nominations that may be one person's: proposed with the evidence, settled by a person, never merged by itself."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from scan_ingest.domain.nomination import Nomination


@dataclass(frozen=True)
class Pair:
    """Two nominations by their ids; `first` is the smaller."""

    first: str
    second: str

    def __post_init__(self) -> None:
        if not self.first < self.second:
            raise ValueError("a pair names two nominations, the smaller id first")

    @classmethod
    def of(cls, one: str, other: str) -> "Pair":
        return cls(*sorted((one, other)))

    @property
    def id(self) -> str:
        """What people call the pair by: it comes from the two, so it is the same in every store."""
        return hashlib.sha256(f"{self.first} {self.second}".encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Evidence:
    """What two nominations have in common, each 0 to 1 but `concepts` and `days` (None where one has no
    date).

    `nominee` and `ward` are None where one of the two names none. `told` is how much of what the shorter one tells the
    other tells too, `shared` how much that is, `wording` how much of the longer one is in both in the same words in a
    row. `concepts` is how many things the shorter one speaks of.
    """

    nominee: float | None
    ward: float | None
    told: float
    shared: float
    wording: float
    concepts: int
    days: int | None
    same_channel: bool
    same_nominator: bool

    def to_json(self) -> dict[str, float | int | bool | None]:
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Proposal:
    """A pair that may be one; `score` is 0 to 1, a probability of sorts."""

    pair: Pair
    score: float
    evidence: Evidence


class Answer(StrEnum):
    """What a person said of a pair."""

    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True)
class PossibleDuplicate:
    """A proposal as the store has it, with its nominations and what was said of it; `answer` is None while it waits."""

    proposal: Proposal
    first: Nomination
    second: Nomination
    found_at: datetime
    answer: Answer | None = None
    answered_by: str = ""
    answered_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.proposal.pair.id


def counted_with(same: Iterable[Pair], received: Mapping[str, datetime]) -> dict[str, str]:
    """Which nomination each one that was called the same as another is counted with: of all that hang together, the
    one that was received first (`received` is by id). Those that count themselves are left out."""
    root: dict[str, str] = {}

    def root_of(each: str) -> str:
        while root.setdefault(each, each) != each:
            root[each] = root[root[each]]
            each = root[each]
        return each

    for pair in same:
        one, other = root_of(pair.first), root_of(pair.second)
        earlier, later = sorted((one, other), key=lambda each: (received[each], each))
        root[later] = earlier
    return {each: root_of(each) for each in root if root_of(each) != each}
