"""Pairs of nominations that may be one person's: proposed, outdated when a text changes, listed, settled."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scan_ingest.central.removing import portions
from scan_ingest.central.rows import nomination_of
from scan_ingest.central.tables import LEDGER, nominations, possible_duplicates, sketches
from scan_ingest.domain.audit import Act
from scan_ingest.domain.duplicates import Answer, Evidence, Pair, PossibleDuplicate, Proposal
from scan_ingest.errors import InputError

OUTDATED = 0.0  # score of a pair whose texts have changed since it was proposed
ROWS_AT_A_TIME = 250  # held in memory while pairs are listed


# -- proposed ----------------------------------------------------------------------------------------------------------


def propose(connection: Connection, proposal: Proposal) -> bool:
    """Writes the pair, or its new evidence where it was proposed before; whether it is new."""
    pair, table = proposal.pair, possible_duplicates.c
    grounds = {"score": round(proposal.score, 4), "evidence": proposal.evidence.to_json()}
    new = {"first_id": pair.first, "second_id": pair.second, "pair_id": pair.id, "found_at": datetime.now(UTC)}
    insert = unless_there(connection, possible_duplicates).values(new | grounds).returning(table.pair_id)
    if connection.execute(insert).first():
        return True
    change = possible_duplicates.update().where(table.first_id == pair.first, table.second_id == pair.second)
    connection.execute(change.values(grounds))
    return False


def unless_there(connection: Connection, table: sa.Table) -> Any:
    """An INSERT that does nothing where the row is there: another search may have come first."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()


def known(connection: Connection, found: Collection[Pair]) -> frozenset[Pair]:
    """Those of the pairs that were proposed before."""
    columns = possible_duplicates.c
    there: set[Pair] = set()
    for some in portions(sorted(pair.id for pair in found)):
        rows = connection.execute(sa.select(columns.first_id, columns.second_id).where(columns.pair_id.in_(some)))
        there |= {Pair(row.first_id, row.second_id) for row in rows}
    return frozenset(there)


def outdate(connection: Connection, ids: Sequence[str]) -> None:
    """The texts of these nominations have changed. What a person said of a pair stays."""
    columns = possible_duplicates.c
    for some in portions(ids):
        theirs = columns.first_id.in_(some) | columns.second_id.in_(some)
        connection.execute(possible_duplicates.update().where(theirs, columns.answer.is_(None)).values(score=OUTDATED))


def drop_outdated(connection: Connection) -> None:
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
    rows = connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(query)
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
