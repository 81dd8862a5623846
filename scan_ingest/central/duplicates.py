"""Possible duplicates in the nominations store: looked for, listed, settled.

A nomination that was compared has a sketch; what has none is new, or was changed and lost it. A search compares those
with all of their organisation, a portion in a transaction, and leaves their sketches behind: killed, the next one goes
on, and of two searches at once at least one sees both of a pair. What a pair is proposed by depends on its two
nominations alone, so neither the order nor an interruption changes what is found.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from scan_ingest.central.removing import portions
from scan_ingest.central.rows import nomination_of
from scan_ingest.central.tables import LEDGER, nominations, possible_duplicates, sketches
from scan_ingest.domain.audit import Act
from scan_ingest.domain.duplicates import Answer, Evidence, Pair, PossibleDuplicate, Proposal
from scan_ingest.domain.merging import Entry
from scan_ingest.domain.nomination import Nomination
from scan_ingest.errors import InputError
from scan_ingest.matching.compare import Telling
from scan_ingest.matching.search import Index, Sketch, pairs_to_compare, proposals, sketch
from scan_ingest.sql import reading, writing

T = TypeVar("T")

IN_ONE_TRANSACTION = 250  # nominations compared; some seconds' work at the most
OUTDATED = 0.0  # score of a pair whose texts have changed since it was proposed
KEPT_READY = 5_000  # nominations held in memory, made ready to be compared: some 10 kB each


@dataclass(frozen=True)
class Compared:
    """A nomination as it was compared, and what came of it."""

    nomination: Nomination
    sketch: Sketch
    found: tuple[Proposal, ...]


def find(engine: Engine) -> int:
    """Compares what is new or changed with all there is; how many pairs were not proposed before."""
    newly = 0
    with reading(engine) as connection:
        waiting = _without_sketch(connection)
    if not waiting:
        return 0
    for organisation, ids in waiting.items():
        with reading(engine) as connection:
            standing = _sketches(connection, organisation)
        compared = _search(engine, standing, ids, {})
        for portion in _portioned(compared):
            with writing(engine) as connection:
                newly += _keep(connection, portion)
    with writing(engine) as connection:
        _drop_outdated(connection)
    return newly


def would_find(engine: Engine, coming: Sequence[Entry], leaving: Collection[str]) -> int:
    """How many `find` would propose if these entries were in and those ids gone."""
    entries = {entry.id: entry.nomination for entry in coming}
    by_organisation: dict[str, list[str]] = defaultdict(list)
    with reading(engine) as connection:
        for organisation, ids in _without_sketch(connection).items():
            by_organisation[organisation] += [each for each in ids if each not in entries]
        for each, nomination in entries.items():
            by_organisation[nomination.organisation].append(each)
        found: set[Pair] = set()
        for organisation, ids in by_organisation.items():
            standing = _sketches(connection, organisation)
            for each in (*entries, *leaving):
                standing.pop(each, None)
            new = [each for each in ids if each not in set(leaving)]
            for compared in _search(engine, standing, new, entries):
                found |= {proposal.pair for proposal in compared.found}
        known: set[Pair] = set()
        for some in portions(sorted(pair.id for pair in found)):
            columns = possible_duplicates.c
            rows = connection.execute(sa.select(columns.first_id, columns.second_id).where(columns.pair_id.in_(some)))
            known |= {Pair(row.first_id, row.second_id) for row in rows}
    return len(found - known)


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """These nominations were changed: they are to be compared anew. What a person said of a pair stays."""
    columns = possible_duplicates.c
    for some in portions(ids):
        connection.execute(sketches.delete().where(sketches.c.nomination_id.in_(some)))
        theirs = columns.first_id.in_(some) | columns.second_id.in_(some)
        connection.execute(possible_duplicates.update().where(theirs, columns.answer.is_(None)).values(score=OUTDATED))


# -- the search --------------------------------------------------------------------------------------------------------


def _without_sketch(connection: Connection) -> dict[str, list[str]]:
    """The ids that are to be compared, by organisation."""
    which = nominations.c.nomination_id
    missing = sa.select(which).except_(sa.select(sketches.c.nomination_id)).subquery()
    query = sa.select(which, nominations.c.organisation).where(which.in_(sa.select(missing.c[0]))).order_by(which)
    waiting: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        waiting[row.organisation].append(row.nomination_id)
    return waiting


def _sketches(connection: Connection, organisation: str) -> dict[str, Sketch]:
    query = sa.select(sketches.c.nomination_id, sketches.c.sketch).where(sketches.c.organisation == organisation)
    return {row.nomination_id: Sketch.from_bytes(row.sketch) for row in connection.execute(query)}


def _search(
    engine: Engine, standing: Mapping[str, Sketch], new: Sequence[str], given: Mapping[str, Nomination]
) -> Iterator[Compared]:
    """Each new nomination compared with those standing and with the new ones before it. Those that are `given` are not
    looked for in the store."""
    load = _Loader(engine, given)
    drawn: dict[str, Sketch] = {}
    for some in portions(new):
        drawn |= {each: sketch(telling) for each, telling in load.tellings(some).items()}
    ids = [*standing, *drawn]
    index = Index([*standing.values(), *drawn.values()])
    pairs = pairs_to_compare(index, range(len(standing), len(ids)))
    for portion in _portioned(pairs):
        wanted = {ids[at] for position, others in portion for at in (position, *others)}
        ready = load.tellings(sorted(wanted))
        for position, others in portion:
            each = ids[position]
            if each not in ready:
                continue  # it went meanwhile
            among = {ids[at]: ready[ids[at]] for at in others if ids[at] in ready}
            yield Compared(ready[each].nomination, drawn[each], tuple(proposals(ready[each], among)))


class _Loader:
    """Nominations by id, made ready to be compared; the last ones stay in memory."""

    def __init__(self, engine: Engine, given: Mapping[str, Nomination]) -> None:
        self._engine = engine
        self._given = given
        self._ready: dict[str, Telling] = {}

    def tellings(self, ids: Sequence[str]) -> dict[str, Telling]:
        if len(self._ready) > KEPT_READY:
            self._ready.clear()
        missing = [each for each in ids if each not in self._ready and each not in self._given]
        self._ready |= {each: Telling(self._given[each]) for each in ids if each in self._given}
        if missing:
            with reading(self._engine) as connection:
                for some in portions(missing):
                    rows = connection.execute(nominations.select().where(nominations.c.nomination_id.in_(some)))
                    self._ready |= {row["nomination_id"]: Telling(nomination_of(row)) for row in rows.mappings()}
        return {each: self._ready[each] for each in ids if each in self._ready}


def _portioned(values: Iterator[T]) -> Iterator[list[T]]:
    while portion := list(islice(values, IN_ONE_TRANSACTION)):
        yield portion


# -- what is kept of it ------------------------------------------------------------------------------------------------


def _keep(connection: Connection, portion: Sequence[Compared]) -> int:
    """Writes what came of the comparisons, and that they were made; how many pairs are new."""
    current = _unchanged(connection, [each.nomination for each in portion])
    kept = [each for each in portion if each.nomination.id in current]
    newly = sum(_propose(connection, proposal) for each in kept for proposal in each.found)
    rows = [
        {
            "nomination_id": each.nomination.id,
            "organisation": each.nomination.organisation,
            "sketch": each.sketch.to_bytes(),
        }
        for each in kept
    ]
    if rows:
        connection.execute(_unless_there(connection, sketches), rows)
    return newly


def _unchanged(connection: Connection, compared: Sequence[Nomination]) -> frozenset[str]:
    """Those that are in the store as they were compared; they stay so until the transaction ends."""
    by_id = {nomination.id: nomination for nomination in compared}
    same = set()
    for some in portions(sorted(by_id)):
        query = nominations.select().where(nominations.c.nomination_id.in_(some)).with_for_update(read=True)
        for row in connection.execute(query).mappings():
            if nomination_of(row) == by_id[row["nomination_id"]]:
                same.add(row["nomination_id"])
    return frozenset(same)


def _propose(connection: Connection, proposal: Proposal) -> bool:
    """Writes the pair, or its new evidence where it was proposed before; whether it is new."""
    pair, table = proposal.pair, possible_duplicates.c
    grounds = {"score": round(proposal.score, 4), "evidence": proposal.evidence.to_json()}
    new = {"first_id": pair.first, "second_id": pair.second, "pair_id": pair.id, "found_at": datetime.now(UTC)}
    insert = _unless_there(connection, possible_duplicates).values(new | grounds).returning(table.pair_id)
    if connection.execute(insert).first():
        return True
    change = possible_duplicates.update().where(table.first_id == pair.first, table.second_id == pair.second)
    connection.execute(change.values(grounds))
    return False


def _unless_there(connection: Connection, table: sa.Table) -> Any:
    """An INSERT that does nothing where the row is there: another search may have come first."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()


def _drop_outdated(connection: Connection) -> None:
    """Pairs that were proposed of texts as they no longer are, and were not found again."""
    columns = possible_duplicates.c
    both_compared = [
        sa.exists().where(sketches.c.nomination_id == side) for side in (columns.first_id, columns.second_id)
    ]
    connection.execute(
        possible_duplicates.delete().where(columns.score == OUTDATED, columns.answer.is_(None), *both_compared)
    )


# -- shown and settled -------------------------------------------------------------------------------------------------


def listed(connection: Connection, *, answered: bool) -> Iterator[PossibleDuplicate]:
    """The pairs, the likeliest first; only those that wait for an answer, unless `answered`."""
    query = _pairs().order_by(possible_duplicates.c.score.desc(), possible_duplicates.c.pair_id)
    if not answered:
        query = query.where(possible_duplicates.c.answer.is_(None))
    rows = connection.execution_options(yield_per=IN_ONE_TRANSACTION).execute(query)
    yield from map(_possible_duplicate, rows.mappings())


def one(connection: Connection, pair_id: str) -> PossibleDuplicate:
    """The pair of that id, or of an id that begins so. Raises `InputError` where there is none, or several."""
    wanted = pair_id.strip().lower()
    known = possible_duplicates.c.pair_id
    found = connection.execute(_pairs().where(known.startswith(wanted, autoescape=True)).limit(2)).mappings().all()
    if not wanted or not found:
        raise InputError(f"no pair {pair_id}; scan-ingest duplicates list shows them")
    if len(found) > 1:
        raise InputError(f"{pair_id} is the beginning of several pairs; give more of it")
    return _possible_duplicate(found[0])


def answer(connection: Connection, pair_id: str, given: Answer | None, person: str) -> PossibleDuplicate:
    """Keeps what a person said of a pair, or takes it back with None; the audit tells of both."""
    pair = one(connection, pair_id)
    if given is None and pair.answer is None:
        raise InputError(f"pair {pair.id} was not settled; there is nothing to take back")
    now = datetime.now(UTC)
    said: dict[str, Any] = {"answer": None, "answered_by": None, "answered_at": None}
    if given is not None:
        said = {"answer": given.value, "answered_by": person, "answered_at": now}
    connection.execute(possible_duplicates.update().where(possible_duplicates.c.pair_id == pair.id).values(said))
    LEDGER.write(
        connection,
        Act.DUPLICATE,
        organisation=pair.first.organisation,
        person=person,
        subject=pair.id,
        detail={"answer": given.value if given else "taken back"},
    )
    return one(connection, pair.id)


def called_same(connection: Connection) -> tuple[dict[str, datetime], list[Pair]]:
    """The pairs that a person called the same, and when each of their nominations was received."""
    columns = possible_duplicates.c
    query = sa.select(columns.first_id, columns.second_id).where(columns.answer == Answer.SAME.value)
    pairs = [Pair(row.first_id, row.second_id) for row in connection.execute(query)]
    received: dict[str, datetime] = {}
    for some in portions(sorted({each for pair in pairs for each in (pair.first, pair.second)})):
        rows = connection.execute(
            sa.select(nominations.c.nomination_id, nominations.c.created_at).where(
                nominations.c.nomination_id.in_(some)
            )
        )
        received |= {row.nomination_id: row.created_at for row in rows}
    return received, pairs


def _pairs() -> sa.Select[Any]:
    """Every pair with both of its nominations, their columns named `first_…` and `second_…`."""
    sides = {side: nominations.alias(side) for side in ("first", "second")}
    columns = [column.label(f"{side}_{column.name}") for side, table in sides.items() for column in table.c]
    pair = [column.label(f"pair_{column.name}") for column in possible_duplicates.c]
    return (
        sa.select(*pair, *columns)
        .join_from(
            possible_duplicates, sides["first"], sides["first"].c.nomination_id == possible_duplicates.c.first_id
        )
        .join(sides["second"], sides["second"].c.nomination_id == possible_duplicates.c.second_id)
        .where((possible_duplicates.c.score > OUTDATED) | possible_duplicates.c.answer.is_not(None))
    )


def _possible_duplicate(row: sa.RowMapping) -> PossibleDuplicate:
    first, second = (
        nomination_of({column.name: row[f"{side}_{column.name}"] for column in nominations.c})
        for side in ("first", "second")
    )
    evidence = Evidence(**row["pair_evidence"])
    return PossibleDuplicate(
        Proposal(Pair(row["pair_first_id"], row["pair_second_id"]), row["pair_score"], evidence),
        first,
        second,
        row["pair_found_at"],
        Answer(row["pair_answer"]) if row["pair_answer"] else None,
        row["pair_answered_by"] or "",
        row["pair_answered_at"],
    )
