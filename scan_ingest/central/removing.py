"""Taking nominations out of the store: withdrawn by a rejection, kept long enough, or erased for a person.

What was purged or erased leaves its id behind, which says nothing of it, so that a later merge or delivery does not
bring it back.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scan_ingest.central.tables import HOLDS, LEDGER, nominations, possible_duplicates, removed, withheld
from scan_ingest.domain.audit import Act
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.errors import StoreError

IN_ONE_QUESTION = 500  # values; SQLite takes 32,766 parameters in a statement, older ones 999


def portions(values: Sequence[str]) -> Iterator[list[str]]:
    """The values, as many at a time as one question may have."""
    rest = iter(values)
    while portion := list(islice(rest, IN_ONE_QUESTION)):
        yield portion


def remove(connection: Connection, ids: Sequence[str]) -> Counter[str]:
    """Deletes the nominations with all that was proposed of them; how many of each organisation there were."""
    counted = counted_by_organisation(connection, ids)
    pair = possible_duplicates.c
    for some in portions(ids):
        connection.execute(possible_duplicates.delete().where(pair.first_id.in_(some) | pair.second_id.in_(some)))
        connection.execute(nominations.delete().where(nominations.c.nomination_id.in_(some)))
    return counted


def of_before(connection: Connection, day: date, keep: Collection[str] = ()) -> tuple[str, ...]:
    """The ids of nominations from before that day (when their box was emptied, else when they came) that no hold
    stands on; those in `keep` are left out."""
    columns = nominations.c
    undated = sa.and_(columns.collected_on.is_(None), columns.created_at < datetime.combine(day, time(), UTC))
    query = (
        sa.select(columns.nomination_id)
        .where((columns.collected_on < day) | undated)
        .where(columns.organisation.not_in(HOLDS.on(connection, HoldOn.ORGANISATION)))
        .order_by(columns.nomination_id)
    )
    held = HOLDS.on(connection, HoldOn.NOMINATION) | frozenset(keep)
    return tuple(found for found in connection.execute(query).scalars() if found not in held)


def counted_by_organisation(connection: Connection, ids: Sequence[str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for some in portions(ids):
        which = nominations.c.nomination_id.in_(some)
        counted.update(connection.execute(sa.select(nominations.c.organisation).where(which)).scalars())
    return counted


def let_go(connection: Connection, ids: Sequence[str], why: Act) -> Counter[str]:
    """Removes the nominations for good; how many of each organisation went.

    Raises `StoreError` where a legal hold stands on one.
    """
    refuse_held(connection, ids)
    now = datetime.now(UTC)
    for some in portions(ids):
        found = connection.execute(
            sa.select(nominations.c.nomination_id, nominations.c.organisation).where(
                nominations.c.nomination_id.in_(some)
            )
        )
        gone = [
            {"nomination_id": row.nomination_id, "organisation": row.organisation, "why": str(why), "at": now}
            for row in found
        ]
        if gone:
            connection.execute(removed.insert(), gone)
        connection.execute(withheld.delete().where(withheld.c.nomination_id.in_(some)))
    return remove(connection, ids)


def tell(connection: Connection, why: Act, person: str, **counted: Counter[str]) -> None:
    """Writes into the audit what went, one row an organisation: `counted` are numbers by organisation, each under what
    they count. Those that are 0 everywhere are left out."""
    kinds = {what: numbers for what, numbers in counted.items() if numbers}
    for organisation in sorted({each for numbers in kinds.values() for each in numbers}):
        detail = {what: numbers[organisation] for what, numbers in kinds.items()}
        LEDGER.write(connection, why, organisation=organisation, person=person, detail=detail)


def refuse_held(connection: Connection, ids: Sequence[str]) -> None:
    """Raises `StoreError` where a legal hold stands on one of the nominations."""
    if on_hold(connection, ids):
        raise StoreError("a legal hold stands on what is to go; `hold list` shows it, `hold end` ends it")


def on_hold(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    """Those of the nominations that a legal hold stands on, or on their organisation."""
    held = HOLDS.on(connection, HoldOn.NOMINATION) & frozenset(ids)
    organisations = HOLDS.on(connection, HoldOn.ORGANISATION)
    for some in portions(ids) if organisations else ():
        which = nominations.c.nomination_id.in_(some) & nominations.c.organisation.in_(organisations)
        held |= frozenset(connection.execute(sa.select(nominations.c.nomination_id).where(which)).scalars())
    return held


def organisation_of_hold(connection: Connection, on: HoldOn, what: str) -> str:
    """Whose a legal hold is; "" where it waits for the nomination of a card that is not merged yet."""
    if on is HoldOn.ORGANISATION:
        return what
    query = sa.select(nominations.c.organisation).where(nominations.c.nomination_id == what)
    return str(connection.execute(query).scalar_one_or_none() or "")


def removed_among(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Which of the ids were purged or erased."""
    return among(connection, removed.c.nomination_id, ids)


def among(connection: Connection, column: sa.Column[str], ids: Collection[str]) -> frozenset[str]:
    """Those of the ids that stand in the column."""
    found: set[str] = set()
    for some in portions(sorted(ids)):
        found |= set(connection.execute(sa.select(column).where(column.in_(some))).scalars())
    return frozenset(found)
