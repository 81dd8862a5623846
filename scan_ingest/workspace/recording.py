"""What `ingest` writes of pages, with everything on them, and how a batch of them is settled and finished."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import BatchState, Collation, OpenSide, StackPage
from scan_ingest.domain.card import CardState
from scan_ingest.domain.crop import ReadSide
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import StoreError
from scan_ingest.ports.cards import NewCard
from scan_ingest.ports.ingest import PageRecord, Seen, Settlement
from scan_ingest.workspace import rows
from scan_ingest.workspace.tables import batches, cards, page_decisions, pages, readings, sides


class CardElsewhereError(Exception):
    """The card's picture was ingested by an organisation whose rows this login does not see."""

    def __init__(self) -> None:
        super().__init__("this very page was ingested before, by another organisation")


def recorded_pages(connection: Connection, number: int) -> frozenset[tuple[int, int]]:
    found = connection.execute(sa.select(pages.c.file_position, pages.c.page_number).where(pages.c.batch == number))
    return frozenset((row.file_position, row.page_number) for row in found)


def seen(connection: Connection, ref: PageRef, picture_sha256: str | None) -> Seen | None:
    """See `IngestDesk.seen`."""
    same = sa.and_(pages.c.file_sha256 == ref.file_sha256, pages.c.page_number == ref.number)
    if picture_sha256 is not None:
        same = same | (pages.c.picture_sha256 == picture_sha256)
    row = connection.execute(
        sa.select(pages)
        .join(batches, batches.c.number == pages.c.batch)
        .where(
            same,
            batches.c.state != BatchState.DISCARDED,
            pages.c.outcome.not_in((Outcome.FAILED, Outcome.DUPLICATE)),
        )
        .order_by(pages.c.number)
        .limit(1)
    ).first()
    return None if row is None else Seen(rows.batch_id(row.batch), rows.ref_from(row), Outcome(row.outcome))


def stack(connection: Connection, number: int) -> tuple[StackPage, ...]:
    """See `IngestDesk.stack`."""
    on_pages: dict[int, list[OpenSide]] = defaultdict(list)
    placed = connection.execute(
        sa.select(sides, pages.c.picture_sha256, pages.c.reason)
        .join(pages, pages.c.number == sides.c.page)
        .where(pages.c.batch == number, sides.c.withdrawn_by.is_(None))
        .order_by(sides.c.page, sides.c.place)
    )
    for row in placed:
        on_pages[row.page].append(_open_side(row))
    found = connection.execute(
        sa.select(pages, page_decisions.c.call)
        .outerjoin(page_decisions, page_decisions.c.number == pages.c.decision)
        .where(pages.c.batch == number)
        .order_by(pages.c.file_position, pages.c.page_number)
    )
    return tuple(
        StackPage(
            row.number,
            row.file_position,
            rows.ref_from(row),
            Outcome(row.outcome),
            row.reason,
            row.picture_sha256,
            tuple(on_pages[row.number]),
            settled=row.call is not None and Call(row.call).settles,
        )
        for row in found
    )


def _open_side(row: Row[*tuple[object, ...]]) -> OpenSide:
    return OpenSide(
        row.page,
        row.place,
        row.template,
        row.side,
        row.picture_sha256,
        row.written,
        row.reason,
        has_card=row.card is not None,
    )


def open_sides(connection: Connection, number: int) -> tuple[OpenSide, ...]:
    last = connection.execute(sa.select(sa.func.max(pages.c.number)).where(pages.c.batch == number)).scalar()
    found = connection.execute(
        sa.select(sides, pages.c.picture_sha256, pages.c.reason)
        .join(pages, pages.c.number == sides.c.page)
        .where(sides.c.page == last, sides.c.card.is_(None))
        .order_by(sides.c.place)
    )
    return tuple(map(_open_side, found))


def record(
    connection: Connection, number: int, page: PageRecord, picture: str | None, side_pictures: Mapping[int, str]
) -> int:
    """Writes one page; see `IngestDesk.record`. `picture` and `side_pictures` (by place) are where they were kept."""
    existing = connection.execute(
        sa.select(pages.c.number).where(
            pages.c.batch == number,
            pages.c.file_position == page.file_position,
            pages.c.page_number == page.ref.number,
        )
    ).scalar()
    if existing is not None:
        return int(existing)
    made = connection.execute(
        sa.insert(pages).values(
            batch=number,
            file_position=page.file_position,
            page_number=page.ref.number,
            file_sha256=page.ref.file_sha256,
            file_name=page.ref.file_name,
            outcome=page.outcome,
            reason=as_kept(page.reason),  # it may quote what a damaged file says of itself
            dpi=page.dpi,
            picture_sha256=page.picture_sha256,
            picture=picture,
        )
    )
    assert made.inserted_primary_key is not None
    key = int(made.inserted_primary_key[0])
    add_sides(connection, number, key, page.sides, page.new_cards, side_pictures)
    _amend(connection, page.amended or {})
    return key


def add_sides(
    connection: Connection,
    batch: int,
    page: int,
    added: Sequence[ReadSide],
    new_cards: Sequence[NewCard],
    side_pictures: Mapping[int, str],
    placed_by: int | None = None,
) -> None:
    """Writes sides of a page with their readings, and queues the cards that they complete. `placed_by` is the page
    decision that they come with."""
    for side in added:
        made = connection.execute(
            sa.insert(sides).values(
                page=page,
                place=side.place,
                template=side.placement.template_id,
                side=side.placement.side,
                placement=rows.placement_json(side.placement),
                picture=side_pictures[side.place],
                written=bool(side.written),
                mark=side.likeness and side.likeness.mark,
                likeness=side.likeness and side.likeness.to_bytes(),
                placed_by=placed_by,
            )
        )
        assert made.inserted_primary_key is not None
        side_number = int(made.inserted_primary_key[0])
        if side.readings:
            connection.execute(
                sa.insert(readings),
                [
                    {
                        "side": side_number,
                        "field": reading.field,
                        "reading": rows.reading_json(reading),
                        "doubtful": reading.doubtful_places,
                    }
                    for reading in side.readings
                ],
            )
    for card in new_cards:
        _queue_card(connection, batch, page, card)


def collate(connection: Connection, number: int, collation: Collation) -> None:
    """Raises `StoreError` where the batch is not finished."""
    changed = connection.execute(
        sa.update(batches)
        .where(batches.c.number == number, batches.c.state == BatchState.FINISHED)
        .values(collated=collation)
    )
    if not changed.rowcount:
        raise StoreError(
            f"batch {rows.batch_id(number)} is not finished, or was discarded: nothing can be paired in it"
        )


def settle(connection: Connection, number: int, settlement: Settlement) -> None:
    """Queues the cards that the whole stack completes, and puts right what its pages say."""
    amended = dict(settlement.amended)
    for card in settlement.new_cards:
        try:
            _queue_card(connection, number, None, card)
        except CardElsewhereError as elsewhere:
            amended |= {page: (Outcome.DUPLICATE, str(elsewhere)) for page, _ in card.sides if page is not None}
    _amend(connection, amended)


def _amend(connection: Connection, amended: Mapping[int, tuple[Outcome, str]]) -> None:
    for page, (outcome, reason) in amended.items():
        connection.execute(
            sa.update(pages).where(pages.c.number == page).values(outcome=outcome, reason=as_kept(reason))
        )


def _queue_card(connection: Connection, batch: int, this_page: int | None, card: NewCard) -> None:
    number = _insert_card(
        connection,
        id=card.id,
        batch=batch,
        template=card.template_id,
        fields=rows.fields_json(card.fields),
        state=CardState.WAITING,
    )
    for position, (page, place) in enumerate(card.sides):
        taken = connection.execute(
            sa.update(sides)
            .where(sides.c.page == (this_page if page is None else page), sides.c.place == place)
            .where(sides.c.card.is_(None))
            .values(card=number, card_position=position)
        )
        if taken.rowcount != 1:
            raise ValueError(f"card {card.id}: side {position + 1} is not on its page, or belongs to another card")


def _insert_card(connection: Connection, **values: object) -> int:
    """The new card's number. Raises `CardElsewhereError`."""
    if connection.dialect.name != "postgresql":
        made = connection.execute(sa.insert(cards).values(**values))
        assert made.inserted_primary_key is not None
        return int(made.inserted_primary_key[0])
    # Pages are looked up before they are read, so only a card that this login cannot see is in the way here.
    number = connection.execute(
        postgresql.insert(cards).values(**values).on_conflict_do_nothing().returning(cards.c.number)
    ).scalar()
    if number is None:
        raise CardElsewhereError
    return int(number)


def finish(connection: Connection, number: int) -> None:
    connection.execute(
        sa.update(batches)
        .where(batches.c.number == number, batches.c.state == BatchState.UNFINISHED)
        .values(state=BatchState.FINISHED)
    )


def outcomes(connection: Connection, number: int) -> dict[Outcome, int]:
    """Every outcome, those without a page too."""
    found = connection.execute(
        sa.select(pages.c.outcome, sa.func.count()).where(pages.c.batch == number).group_by(pages.c.outcome)
    )
    counted = {Outcome(name): int(count) for name, count in found}
    return {outcome: counted.get(outcome, 0) for outcome in Outcome}


def count_cards(connection: Connection, number: int) -> int:
    found = connection.execute(
        sa.select(sa.func.count()).select_from(cards).where(cards.c.batch == number, sa.not_(cards.c.discarded))
    )
    return int(found.scalar_one())
