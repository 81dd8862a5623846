"""What a merge would do to the nominations store: compared by id and digest, decided before anything is written."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.withheld import Withheld, by_nomination, without
from scan_ingest.errors import StoreError

TRIES = 3  # while names are being taken out of the store


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


@dataclass(frozen=True)
class Stored:
    """What the store tells of a nomination it has, for comparing."""

    id: str
    digest: str


@dataclass(frozen=True)
class Standing:
    """The part of the store that a plan is made against: the nominations with the ids in question, and which of the
    ids were purged or erased and stay away. `withheld` are names that were taken out of some of them and stay out; on
    those `on_hold` a legal hold stands."""

    nominations: Collection[Stored] = ()
    removed: Collection[str] = ()
    withheld: Collection[Withheld] = ()
    on_hold: Collection[str] = ()


@dataclass(frozen=True)
class MergePlan:
    """What a merge would do; `held` are kept back for a person.

    `withdrawals` are the ids of nominations that go out of the store, their cards having been rejected since.
    """

    inserts: tuple[Entry, ...] = ()
    updates: tuple[Entry, ...] = ()
    unchanged: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    withdrawals: tuple[str, ...] = ()

    @property
    def counts(self) -> "MergeCounts":
        return MergeCounts(
            inserted=len(self.inserts),
            updated=len(self.updates),
            unchanged=len(self.unchanged),
            held=len(self.held),
            withdrawn=len(self.withdrawals),
        )


@dataclass(frozen=True)
class MergeCounts:
    """What was done; `possible_duplicates` are those found afterwards and not proposed before."""

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


Searched = Mapping[tuple[str, str, frozenset[Withheld]], "Left"]
"""What is left of entries without the names that stay out of their nominations, by id, digest and those names."""


@dataclass(frozen=True)
class Left:
    """`entry` is without the names, None where it is too long to be searched for them; nothing `is_new` in the very
    delivery that one was taken out of."""

    entry: Entry | None
    is_new: bool = True


class NotSearchedError(Exception):
    """Names were taken out of the store since an entry was searched for those that stay out, or the entry changed."""


Done = TypeVar("Done")


def search_first(search_all: Callable[[], "Searched"], write: Callable[["Searched"], Done]) -> Done:
    """Searches while nobody waits for the store, then writes in one transaction. `write` raises `NotSearchedError`, and
    nothing is changed, where names were taken out of the store meanwhile: it is searched again then.

    Raises `StoreError` where that happens time and again.
    """
    for _ in range(TRIES):
        with suppress(NotSearchedError):
            return write(search_all())
    raise StoreError("names are being taken out of the nominations store just now; run the command again")


def search(entries: Iterable[Entry], standing: Standing) -> Searched:
    """Looks for the names that stay out of nominations in what is coming for them. That takes up to seconds an entry,
    so it is done before a transaction; `plan_merge` sees whether it still goes for what stands then."""
    stored = {row.id: row.digest for row in standing.nominations}
    names = by_nomination(standing.withheld)
    coming = [one for one in entries if one.id in names and _comes(one, stored, frozenset(standing.removed))]
    return {_key(one, names[one.id]): _left(one, names[one.id], one.id in stored) for one in coming}


def plan_merge(entries: Sequence[Entry], standing: Standing, searched: Searched | None = None) -> MergePlan:
    """What to do with each entry: insert it, update what has its id, or leave it (what was removed from the store stays
    out of it, and so does a name that was taken out of a nomination). What is too long to be searched for such a name
    is held.

    Raises `NotSearchedError` where `searched` was made of something else; without it the search is done here.
    """
    stored = {row.id: row.digest for row in standing.nominations}
    names = by_nomination(standing.withheld)
    found = search(entries, standing) if searched is None else searched
    coming = [entry for entry in entries if _comes(entry, stored, frozenset(standing.removed))]
    lefts = {one.id: _looked_up(one, names[one.id], found) if one.id in names else Left(one) for one in coming}
    held = tuple(id for id, left in lefts.items() if left.is_new and left.entry is None)
    there = [left.entry for left in lefts.values() if left.is_new and left.entry is not None]
    inserts = tuple(entry for entry in there if entry.id not in stored)
    updates = tuple(entry for entry in there if entry.id in stored and stored[entry.id] != entry.digest)
    touched = {*held, *(entry.id for entry in (*inserts, *updates))}
    return MergePlan(inserts, updates, tuple(entry.id for entry in entries if entry.id not in touched), held)


def leaving_held(plan: MergePlan, standing: Standing) -> MergePlan:
    """The plan without updates of nominations on legal hold: what nobody can look up elsewhere stays as it is."""
    on_hold = frozenset(standing.on_hold)
    held = tuple(entry.id for entry in plan.updates if entry.id in on_hold)
    updates = tuple(entry for entry in plan.updates if entry.id not in on_hold)
    return replace(plan, updates=updates, held=(*plan.held, *held))


def _key(entry: Entry, names: Collection[Withheld]) -> tuple[str, str, frozenset[Withheld]]:
    return entry.id, entry.digest, frozenset(names)


def _comes(entry: Entry, stored: Mapping[str, str], removed: Collection[str]) -> bool:
    """Whether it neither stays out of the store nor is there just as it comes."""
    return stored[entry.id] != entry.digest if entry.id in stored else entry.id not in removed


def _left(entry: Entry, names: Collection[Withheld], is_stored: bool) -> Left:
    if is_stored and any(each.is_of(entry.digest) for each in names):
        return Left(None, is_new=False)
    left = without(entry.nomination, names)
    return Left(None if left is None else replace(entry, nomination=left))


def _looked_up(entry: Entry, names: Collection[Withheld], searched: Searched) -> Left:
    try:
        return searched[_key(entry, names)]
    except KeyError:
        raise NotSearchedError from None


def _plain(value: date | datetime) -> str:
    return value.isoformat()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
