"""The search for possible duplicates in the nominations store. What becomes of the pairs is in `pairs.py`.

A nomination that was compared has a sketch; what has none is new, or was changed and lost it. A search compares those
with all of their organisation, a portion in a transaction, and leaves their sketches behind: killed, the next one goes
on, and of two searches at once at least one sees both of a pair. What a pair is proposed by depends on its two
nominations alone, so neither the order nor an interruption changes what is found.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from scan_ingest.central import pairs
from scan_ingest.central.removing import portions
from scan_ingest.central.rows import nomination_of
from scan_ingest.central.tables import nominations, sketches
from scan_ingest.domain.duplicates import Pair, Proposal
from scan_ingest.domain.merging import Entry
from scan_ingest.domain.nomination import Nomination
from scan_ingest.matching.compare import Telling
from scan_ingest.matching.search import Index, Sketch, pairs_to_compare, proposals, sketch
from scan_ingest.sql import reading, writing

T = TypeVar("T")

IN_ONE_TRANSACTION = 250  # nominations compared; some seconds' work at the most
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
        pairs.drop_outdated(connection)
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
        known = pairs.known(connection, found)
    return len(found - known)


def forget(connection: Connection, ids: Sequence[str]) -> None:
    """These nominations were changed: they are to be compared anew. What a person said of a pair stays."""
    for some in portions(ids):
        connection.execute(sketches.delete().where(sketches.c.nomination_id.in_(some)))
    pairs.outdate(connection, ids)


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
    # Those of one name come together: they are compared with the same ones, which are in memory then.
    drawn = dict(sorted(drawn.items(), key=lambda one: one[1].names.tolist()))
    ids = [*standing, *drawn]
    index = Index([*standing.values(), *drawn.values()])
    beside = pairs_to_compare(index, range(len(standing), len(ids)))
    for portion in _portioned(beside):
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
            for oldest in list(self._ready)[: KEPT_READY // 2]:
                del self._ready[oldest]
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
    newly = sum(pairs.propose(connection, proposal) for each in kept for proposal in each.found)
    rows = [
        {
            "nomination_id": each.nomination.id,
            "organisation": each.nomination.organisation,
            "sketch": each.sketch.to_bytes(),
        }
        for each in kept
    ]
    if rows:
        connection.execute(pairs.unless_there(connection, sketches), rows)
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
