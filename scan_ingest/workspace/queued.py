"""Cards as the queue knows them, put together from their rows."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Row, Select

from scan_ingest.domain.card import CardState, Reading
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.review import CardPage
from scan_ingest.domain.second_look import Look, SecondLookState
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import QueuedCard
from scan_ingest.workspace import leases, rows, second_looks
from scan_ingest.workspace.aligning import attached_to
from scan_ingest.workspace.tables import batches, cards, pages, readings, reviews, sides
from scan_ingest.workspace.wanted import first_page


def current_texts(connection: Connection, card: Row[*tuple[object, ...]]) -> dict[str, str]:
    """Every field's text as it stands, in the order of the template. `card` is a row of `cards`."""
    texts = {note.name: "" for note in rows.fields_from(card.fields)}
    if card.review is not None:
        standing = sa.select(reviews.c.texts).where(reviews.c.number == card.review, reviews.c.card == card.number)
        kept = connection.execute(standing).scalar_one()
        return texts | rows.texts_from(kept)
    read = readings_of(connection, [card.number])[card.number]
    return texts | {name: reading.text for name, reading in read.items() if name in texts}


def readings_of(connection: Connection, numbers: Collection[int]) -> dict[int, dict[str, Reading]]:
    """Readings by card and field."""
    found = connection.execute(
        sa.select(sides.c.card, readings.c.field, readings.c.reading)
        .join(readings, readings.c.side == sides.c.number)
        .where(sides.c.card.in_(numbers))
    )
    by_card: dict[int, dict[str, Reading]] = defaultdict(dict)
    for row in found:
        by_card[row.card][row.field] = rows.reading_from(row.reading)
    return by_card


def pages_of(connection: Connection, numbers: Collection[int]) -> dict[int, list[CardPage]]:
    """The pages of each card, front first."""
    found = connection.execute(
        sa.select(sides.c.card, sides.c.place, pages.c.file_sha256, pages.c.page_number, pages.c.file_name)
        .join(pages, pages.c.number == sides.c.page)
        .where(sides.c.card.in_(numbers))
        .order_by(sides.c.card, sides.c.card_position)
    )
    by_card: dict[int, list[CardPage]] = defaultdict(list)
    for row in found:
        by_card[row.card].append(CardPage(rows.ref_from(row), row.place))
    return by_card


def card_rows(now: datetime) -> Select[*tuple[object, ...]]:
    """Cards that are neither discarded nor purged, with the label of their batch and the review that stands; oldest box
    first."""
    query: Select[*tuple[object, ...]] = (
        sa.select(
            cards,
            leases.state_at(now).label("state_now"),
            batches.c.organisation,
            batches.c.ward,
            batches.c.collected,
            reviews.c.texts,
            reviews.c.reason,
            reviews.c.note,
            reviews.c.reviewer,
            reviews.c.at,
        )
        .join(batches, batches.c.number == cards.c.batch)
        # Of the card itself: on a shared workspace a number alone could lead into another organisation's words.
        .outerjoin(reviews, sa.and_(reviews.c.number == cards.c.review, reviews.c.card == cards.c.number))
        .where(sa.not_(cards.c.discarded), batches.c.texts_gone_at.is_(None))
        .order_by(batches.c.collected, batches.c.number, first_page(), cards.c.number)
    )
    return query


def queued_cards(connection: Connection, numbers: Sequence[int]) -> list[QueuedCard]:
    """The cards with those numbers, oldest box first; at most some hundreds at a time."""
    found = connection.execute(card_rows(leases.now_at(connection)).where(cards.c.number.in_(numbers))).all()
    read, on_pages = readings_of(connection, numbers), pages_of(connection, numbers)
    attached = attached_to(connection, numbers)
    return [
        _queued(
            row, on_pages[row.number], read[row.number], [rows.ref_from(page) for page in attached.get(row.number, ())]
        )
        for row in found
    ]


def claimed_card(connection: Connection, number: int) -> QueuedCard:
    """The card for the reviewer who holds it: with the state beneath their lease, and as their look at it asks.

    Raises `CardRefusedError` where they must not see it.
    """
    (card,) = queued_cards(connection, [number])
    row = connection.execute(sa.select(cards).where(cards.c.number == number)).one()
    card = replace(card, state=CardState(row.state), claimed_at=leases.now_at(connection))
    match second_looks.look_of(connection, row, card.leased_by):
        case Look.SECOND:
            return second_looks.blind(card)
        case Look.THIRD:
            return second_looks.with_both(connection, number, card)
        case _:
            return card


def _queued(
    row: Row[*tuple[object, ...]], on_pages: list[CardPage], read: dict[str, Reading], attached: Sequence[PageRef]
) -> QueuedCard:
    texts = {note.name: "" for note in rows.fields_from(row.fields)}
    if row.texts is not None:
        texts |= rows.texts_from(row.texts)
    else:
        texts |= {name: reading.text for name, reading in read.items() if name in texts}
    state = CardState(row.state_now)
    return QueuedCard(
        id=row.id,
        batch_id=rows.batch_id(row.batch),
        label=rows.label_from(row),
        template_id=row.template,
        state=state,
        pages=tuple(on_pages),
        readings=read,
        texts=texts,
        reason=row.reason or "",
        note=row.note or "",
        reviewed_by=row.reviewer or "",
        reviewed_at=row.at,
        leased_by=row.leased_by if state is CardState.LEASED else "",
        attached=tuple(attached),
        leased_until=row.leased_until if state is CardState.LEASED else None,
        second_look=None if row.second_look is None else SecondLookState(row.second_look),
        review=row.review,
    )


def numbers_of(connection: Connection, states: Collection[CardState], batch: int | None) -> list[int]:
    """The numbers of the cards in those states (all, if none is named), oldest box first."""
    now = leases.now_at(connection)
    query = card_rows(now).with_only_columns(cards.c.number, maintain_column_froms=True)
    if states:
        query = query.where(leases.state_at(now).in_([state.value for state in states]))
    if batch is not None:
        query = query.where(cards.c.batch == batch)
    return list(connection.execute(query).scalars())


def field_notes(connection: Connection, card_id: str) -> tuple[FieldNote, ...]:
    return rows.fields_from(leases.find_card(connection, card_id).fields)


def side_picture(connection: Connection, card_id: str, side: str) -> str:
    """The place of the side's picture. Raises `CardRefusedError` where the card has no such side."""
    card = leases.find_card(connection, card_id)
    found = connection.execute(
        sa.select(sides.c.picture).where(sides.c.card == card.number, sides.c.side == side)
    ).scalar()
    if found is None:
        raise CardRefusedError(f"card {card.id}: no {side} in this workspace")
    return str(found)


def attached_picture(connection: Connection, card_id: str, ref: PageRef) -> str:
    """The place of the picture of a page that belongs to the card. Raises `CardRefusedError` where none does."""
    card = leases.find_card(connection, card_id)
    for page in attached_to(connection, [card.number]).get(card.number, ()):
        if rows.ref_from(page) == ref and page.picture is not None:
            return str(page.picture)
    raise CardRefusedError(f"card {card.id}: {ref} does not belong to it")
