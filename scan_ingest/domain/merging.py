"""What a merge would do to the nominations store: compared by id and digest, decided before anything is written."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from scan_ingest.domain.nomination import Nomination


@dataclass(frozen=True)
class Entry:
    """A nomination on its way into the store, with where it came from (plain values, as JSON has them)."""

    nomination: Nomination
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.nomination.id

    @cached_property
    def digest(self) -> str:
        """The SHA-256 (hex) of everything the store keeps of it: equal digests need no update."""
        nomination = {**vars(self.nomination), "extra": dict(self.nomination.extra)}
        whole = {"nomination": nomination, "provenance": dict(self.provenance)}
        return _sha256(json.dumps(whole, sort_keys=True, default=_plain))

    @cached_property
    def likeness(self) -> str | None:
        """The same for two nominations of one organisation that say the same words of the same person; capitals,
        spaces and punctuation do not count. None where both answers are empty, which is like nothing."""
        action, impact = _letters(self.nomination.action), _letters(self.nomination.impact)
        if not action and not impact:
            return None
        said = [self.nomination.organisation, _letters(self.nomination.nominee), action, impact]
        return _sha256(json.dumps(said))


@dataclass(frozen=True)
class Stored:
    """What the store tells of a nomination it has, for comparing."""

    id: str
    digest: str
    likeness: str | None


@dataclass(frozen=True)
class PossibleDuplicate:
    """Two nominations that may be one; `first` is the smaller id. Proposed, never merged by itself."""

    first: str
    second: str

    def __post_init__(self) -> None:
        if not self.first < self.second:
            raise ValueError("a possible duplicate names two nominations, the smaller id first")

    @classmethod
    def of(cls, one: str, other: str) -> "PossibleDuplicate":
        return cls(*sorted((one, other)))


@dataclass(frozen=True)
class Standing:
    """The part of the store that a plan is made against: the nominations with the ids and likenesses in question, the
    possible duplicates already proposed among them, and which of the ids were purged or erased and stay away."""

    nominations: Collection[Stored] = ()
    proposed: Collection[PossibleDuplicate] = ()
    removed: Collection[str] = ()


@dataclass(frozen=True)
class MergePlan:
    """What a merge would do; `held` are kept back for a person.

    `withdrawals` are the ids of nominations that go out of the store, their cards having been rejected since.
    """

    inserts: tuple[Entry, ...] = ()
    updates: tuple[Entry, ...] = ()
    unchanged: tuple[str, ...] = ()
    possible_duplicates: tuple[PossibleDuplicate, ...] = ()
    held: tuple[str, ...] = ()
    withdrawals: tuple[str, ...] = ()

    @property
    def counts(self) -> "MergeCounts":
        return MergeCounts(
            inserted=len(self.inserts),
            updated=len(self.updates),
            unchanged=len(self.unchanged),
            possible_duplicates=len(self.possible_duplicates),
            held=len(self.held),
            withdrawn=len(self.withdrawals),
        )


@dataclass(frozen=True)
class MergeCounts:
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    possible_duplicates: int = 0
    held: int = 0
    withdrawn: int = 0

    def told(self) -> dict[str, int]:
        """As a merge tells them: withdrawals, which are rare, only where there were any."""
        return {name: number for name, number in asdict(self).items() if number or name != "withdrawn"}

    def __add__(self, other: "MergeCounts") -> "MergeCounts":
        mine, theirs = asdict(self), asdict(other)
        return MergeCounts(**{name: mine[name] + theirs[name] for name in mine})


def _plain(value: date | datetime) -> str:
    return value.isoformat()


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
