"""The review queue: who holds which card. A lease is claimed in one transaction, and ends by itself."""

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from scan_ingest.domain.audit import Act
from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import Decision
from scan_ingest.errors import CardGoneError, CardRefusedError
from scan_ingest.ports.review import QueueCount, Wanted
from scan_ingest.workspace import audit, second_looks, wanted
from scan_ingest.workspace.tables import batches, cards, redactions

OPEN = (CardState.WAITING, CardState.SET_ASIDE)
"""What a card is while nobody has accepted or rejected it."""


def now_at(connection: Connection) -> datetime:
    """The time leases go by: the server's, where machines with clocks of their own share one."""
    if connection.dialect.name == "postgresql":
        found = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        assert isinstance(found, datetime)
        return found.astimezone(UTC)
    return datetime.now(UTC)


def held(now: datetime) -> ColumnElement[bool]:
    """Whether a card is leased, by anybody."""
    return sa.and_(cards.c.leased_by.is_not(None), cards.c.leased_until > now)


def state_at(now: datetime) -> ColumnElement[str]:
    """A card's state as people see it."""
    return sa.case((held(now), CardState.LEASED.value), else_=cards.c.state)


def find_card(connection: Connection, card_id: str) -> Row[*tuple[object, ...]]:
    """The row of the card with that id, locked while the transaction writes.

    Raises `CardRefusedError` where there is none, `CardGoneError` where it was erased or purged.
    """
    query = sa.select(cards).where(cards.c.id == card_id.strip().lower(), sa.not_(cards.c.discarded))
    if not connection.get_execution_options().get("reads_only", False):
        query = query.with_for_update()
    row = connection.execute(query).first()
    if row is None:
        erased = sa.select(cards.c.id).where(cards.c.id == card_id.strip().lower(), cards.c.erased_at.is_not(None))
        if connection.execute(erased.limit(1)).first() is not None:
            raise CardGoneError(f"card {card_id}: it was erased", f"card {card_id[:8]} was erased")
        raise CardRefusedError(f"no card {card_id!r} in this workspace; `queue list` shows those that are")
    gone = connection.execute(sa.select(batches.c.texts_gone_at).where(batches.c.number == row.batch)).scalar_one()
    if gone is not None:
        message = f"card {row.id}: what was on it was purged on {gone:%Y-%m-%d}, as the rules for keeping say"
        raise CardGoneError(message, f"card {row.id[:8]} was purged")
    return row


def refuse_if_redacted(connection: Connection, card: Row[*tuple[object, ...]], opened_at: datetime | None) -> None:
    """Raises `CardGoneError` where words were taken out of the card since somebody opened it: they still see them."""
    if opened_at is None:
        return
    since = sa.select(redactions.c.number).where(redactions.c.card == card.number, redactions.c.at > opened_at)
    if connection.execute(since.limit(1)).first() is not None:
        message = f"card {card.id}: words were taken out of it since it was opened"
        raise CardGoneError(message, f"words were taken out of card {card.id[:8]} meanwhile")


def offered_to(reviewer: str) -> ColumnElement[bool]:
    """Whether a card is one for this reviewer, lease or no lease: never one for which a second person is asked for and
    they were the first."""
    own_set_aside = second_looks.decided_by(reviewer, Decision.SET_ASIDE)
    return sa.or_(
        cards.c.state == CardState.WAITING,
        sa.and_(cards.c.state == CardState.SET_ASIDE, sa.not_(own_set_aside)),
        second_looks.offered_to(reviewer),
    )


def claim_next(
    connection: Connection, reviewer: str, lease: timedelta, *, asked: Wanted, skip: Collection[str]
) -> int | None:
    """Leases the next card; its number. See `ReviewDesk.claim_next`."""
    now = now_at(connection)
    own = sa.and_(cards.c.leased_by == reviewer, held(now))
    free = sa.or_(cards.c.leased_by.is_(None), cards.c.leased_until <= now)
    query = (
        sa.select(cards.c.number)
        .join(batches, batches.c.number == cards.c.batch)
        .where(sa.not_(cards.c.discarded), sa.or_(sa.and_(offered_to(reviewer), free), own))
        .where(*wanted.conditions(connection, asked))
        .order_by(sa.case((own, 0), else_=1), *wanted.order(asked.order))
        .limit(1)
        # PostgreSQL: a card that another transaction is taking is passed over. SQLite has one writer at a time anyway.
        .with_for_update(of=cards, skip_locked=True)
    )
    if skip:
        query = query.where(cards.c.id.not_in(skip))
    number = connection.execute(query).scalar()
    if number is None:
        return None
    _lease(connection, number, reviewer, now + lease)
    audit.of_card(connection, int(number), Act.CLAIM, reviewer)
    return int(number)


def claim(connection: Connection, card_id: str, reviewer: str, lease: timedelta) -> int:
    """Leases that card; its number. See `ReviewDesk.claim`."""
    row = find_card(connection, card_id)
    now = now_at(connection)
    refuse_if_held(row, reviewer, now)
    _lease(connection, row.number, reviewer, now + lease)
    audit.of_card(connection, int(row.number), Act.CLAIM, reviewer)
    return int(row.number)


def refuse_if_held(row: Row[*tuple[object, ...]], reviewer: str, now: datetime) -> None:
    """Raises `CardRefusedError` where somebody else holds the card."""
    if row.leased_by is not None and row.leased_by != reviewer and row.leased_until > now:
        until = row.leased_until.astimezone().strftime("%H:%M")
        raise CardRefusedError(
            f"card {row.id}: another reviewer holds it until {until}; `queue release` ends that, if it is abandoned"
        )


def renew(connection: Connection, card_id: str, reviewer: str, lease: timedelta) -> bool:
    row = find_card(connection, card_id)
    if row.leased_by != reviewer:
        return False
    _lease(connection, row.number, reviewer, now_at(connection) + lease)
    return True


def give_back(connection: Connection, card_id: str, reviewer: str) -> None:
    connection.execute(
        sa.update(cards)
        .where(cards.c.id == card_id.strip().lower(), sa.not_(cards.c.discarded), cards.c.leased_by == reviewer)
        .values(leased_by=None, leased_until=None)
    )


def release(connection: Connection, reviewer: str | None, person: str) -> int:
    """Ends every lease, or those of one reviewer, as `person` asks; how many were still running."""
    now = now_at(connection)
    query = sa.update(cards).where(cards.c.leased_by.is_not(None))
    running = (
        sa.select(batches.c.organisation, sa.func.count())
        .join(cards, cards.c.batch == batches.c.number)
        .where(held(now))
        .group_by(batches.c.organisation)
        .order_by(batches.c.organisation)
    )
    if reviewer is not None:
        query, running = query.where(cards.c.leased_by == reviewer), running.where(cards.c.leased_by == reviewer)
    ended = {organisation: int(number) for organisation, number in connection.execute(running)}
    connection.execute(query.values(leased_by=None, leased_until=None))
    for organisation, number in ended.items():
        audit.of_organisation(connection, organisation, Act.RELEASE, person, "the queue", cards=number)
    return sum(ended.values())


def count(connection: Connection, reviewer: str, asked: Wanted) -> QueueCount:
    """A card that this reviewer holds counts as what it is without the lease."""
    now = now_at(connection)
    elsewhere = sa.case((sa.and_(held(now), cards.c.leased_by != reviewer), cards.c.leased_by), else_=None)
    again = second_looks.offered_to(reviewer)
    query = (
        sa.select(
            cards.c.state, second_looks.is_open().label("looked"), again.label("again"), elsewhere.label("holder")
        )
        .add_columns(sa.func.count())
        .join(batches, batches.c.number == cards.c.batch)
        .where(sa.not_(cards.c.discarded))
        .where(*wanted.conditions(connection, asked))
        .group_by(cards.c.state, *(sa.literal_column(name) for name in ("looked", "again", "holder")))
    )
    waiting = set_aside = done = second = 0
    holders: Counter[str] = Counter()
    for state, looked, is_for_them, holder, number in connection.execute(query):
        if holder is not None and (state in OPEN or looked):
            holders[holder] += number
        elif state == CardState.WAITING:
            waiting += number
        elif state == CardState.SET_ASIDE:
            set_aside += number
        elif is_for_them:
            second += number
        else:
            done += number
    return QueueCount(waiting, holders.total(), set_aside, done, second, dict(sorted(holders.items())))


def _lease(connection: Connection, number: int, reviewer: str, until: datetime) -> None:
    connection.execute(sa.update(cards).where(cards.c.number == number).values(leased_by=reviewer, leased_until=until))
