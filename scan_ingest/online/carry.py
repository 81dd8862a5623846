"""Carrying the website's nominations into the store.

The file is read twice: once to see that it can be read to its end and which row of each submission is the last, once to
carry those, some hundred in a transaction. Killed anywhere and run again, the end is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from scan_ingest.domain.merging import (
    Entry,
    MergeCounts,
    MergePlan,
    Searched,
    leaving_held,
    plan_merge,
    search,
    search_first,
)
from scan_ingest.errors import StoreError
from scan_ingest.online.mapping import Mapping
from scan_ingest.online.nominations import entry_of
from scan_ingest.online.table import BadRow, Table, open_table
from scan_ingest.ports.merge import MergingTransaction
from scan_ingest.ports.online import OnlineStore

IN_ONE_TRANSACTION = 500


@dataclass(frozen=True)
class OnlineReport:
    """What became of a file's rows. `superseded` are rows whose submission comes again further down; `passed_over` the
    columns that the mapping does not ask for."""

    counts: MergeCounts
    bad: tuple[BadRow, ...]
    superseded: int
    passed_over: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """A file read through once: the last good row of each submission, and the bad ones."""

    last: dict[bytes, int]
    bad: tuple[BadRow, ...]
    superseded: int


def import_nominations(file: Path, mapping: Mapping, store: OnlineStore, *, dry_run: bool = False) -> OnlineReport:
    """Carries every good row; a submission that is there as it is stays, one that was edited is updated.

    Raises `UsageError` and `InputError` before anything is written, `StoreError` where the store fails: what was
    carried until then stays.
    """
    table = open_table(file, mapping)
    surveyed = survey(table, mapping)
    entries = _last_ones(table, mapping, surveyed)
    counts = _would_do(store, entries) if dry_run else _carried(store, entries)
    return OnlineReport(counts, surveyed.bad, surveyed.superseded, table.passed_over)


def _carried(store: OnlineStore, entries: Iterator[Entry]) -> MergeCounts:
    done, carried = MergeCounts(), 0
    try:
        for portion in _portions(entries):
            done += _in_one_transaction(portion, store).counts
            carried += len(portion)
        return done + MergeCounts(possible_duplicates=store.find_duplicates())
    except StoreError as exc:
        if not carried:
            raise
        raise StoreError(f"{exc}; {carried} submissions are in, the same command goes on from there") from exc


def _in_one_transaction(portion: Sequence[Entry], store: OnlineStore) -> MergePlan:
    """Names that stay out are looked for beforehand, while nobody waits for the store."""

    def write(searched: Searched) -> MergePlan:
        with store.importing() as transaction:
            return transaction.apply(_plan(portion, transaction, searched), datetime.now(UTC))

    return search_first(lambda: search(portion, store.standing([entry.id for entry in portion])), write)


def _would_do(store: OnlineStore, entries: Iterator[Entry]) -> MergeCounts:
    """What is new or edited stays in memory: it is compared among itself and with the store."""
    done, coming = MergeCounts(), list[Entry]()
    for portion in _portions(entries):
        plan = _plan(portion, store)
        coming += [*plan.inserts, *plan.updates]
        done += plan.counts
    return done + MergeCounts(possible_duplicates=store.would_find_duplicates(coming))


def _plan(
    portion: Sequence[Entry], store: OnlineStore | MergingTransaction, searched: Searched | None = None
) -> MergePlan:
    """What to do with these submissions; the edit of one on legal hold is left out until the hold ends."""
    standing = store.standing([entry.id for entry in portion])
    return leaving_held(plan_merge(portion, standing, searched), standing)


def survey(table: Table, mapping: Mapping) -> Survey:
    """Reads the whole file and keeps no text of it. Raises `InputError` where it cannot be read to its end."""
    last: dict[bytes, int] = {}
    bad: list[BadRow] = []
    good = 0
    for row in table.rows():
        entry = row if isinstance(row, BadRow) else entry_of(row, mapping)
        if isinstance(entry, BadRow):
            bad.append(entry)
        else:
            last[UUID(entry.id).bytes] = row.number
            good += 1
    return Survey(last, tuple(bad), good - len(last))


def _last_ones(table: Table, mapping: Mapping, surveyed: Survey) -> Iterator[Entry]:
    for row in table.rows():
        if isinstance(row, BadRow):
            continue
        entry = entry_of(row, mapping)
        if isinstance(entry, Entry) and surveyed.last.get(UUID(entry.id).bytes) == row.number:
            yield entry


def _portions(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while portion := list(islice(entries, IN_ONE_TRANSACTION)):
        yield portion
