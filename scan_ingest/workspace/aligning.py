"""What a person says of a page: written with all that follows from it, and taken back again.

`page_decisions` is only ever added to; `pages.decision` is the one that stands. Sides that a decision takes away stay
in their table, marked with its number, and so do those it brought once it is undone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import BatchState, Collation
from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.review import CardPage
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import InputError, PageRefusedError
from scan_ingest.ports.align import NearCard, PageAtHand, PageDecision, Settle, StandingSide
from scan_ingest.workspace import leases, opening, recording, rows
from scan_ingest.workspace.tables import batches, cards, page_decisions, pages, sides

UNDO = "undo"
DECIDED = (CardState.ACCEPTED, CardState.REJECTED, CardState.MERGED)

AnyRow = Row[*tuple[object, ...]]


def waiting_pages(connection: Connection, batch: int | None) -> tuple[int, ...]:
    """See `AlignDesk.pages_to_align`. Raises `PageRefusedError` where the batch asked for is not finished."""
    if batch is not None:
        _refuse_unfinished(connection.execute(sa.select(batches).where(batches.c.number == batch)).one())
    query = (
        sa.select(pages.c.number)
        .join(batches, batches.c.number == pages.c.batch)
        .outerjoin(page_decisions, page_decisions.c.number == pages.c.decision)
        .where(
            batches.c.state == BatchState.FINISHED,
            pages.c.outcome.in_((Outcome.UNMATCHED, Outcome.UNREADABLE)),
            sa.or_(pages.c.decision.is_(None), page_decisions.c.call == Call.PLACED),
        )
        .order_by(batches.c.collected, batches.c.number, pages.c.file_position, pages.c.page_number)
    )
    if batch is not None:
        query = query.where(pages.c.batch == batch)
    return tuple(connection.execute(query).scalars())


def find_page(connection: Connection, name: str, batch: int | None) -> int:
    """See `AlignDesk.find_page`."""
    file, _, number = name.strip().rpartition("#")
    if not file or not (number.isascii() and number.isdigit() and len(number) <= 9):
        raise InputError(f'"{name}" names no page; a page is named as in box.pdf#3')
    query = (
        sa.select(pages.c.number, pages.c.batch, pages.c.outcome, pages.c.reason)
        .join(batches, batches.c.number == pages.c.batch)
        .where(pages.c.file_name == file, pages.c.page_number == int(number))
        .where(batches.c.state != BatchState.DISCARDED)
        .order_by(pages.c.number)
    )
    if batch is not None:
        query = query.where(pages.c.batch == batch)
    found = connection.execute(query).all()
    where = "this workspace" if batch is None else rows.batch_id(batch)
    if not found:
        raise InputError(f"no page {name} in {where}; `pages BATCH` lists them")
    usable = [row for row in found if row.outcome not in (Outcome.DUPLICATE, Outcome.FAILED)]
    if not usable:
        raise InputError(f"{name} is {found[0].outcome} ({found[0].reason}): there is nothing to place on it")
    if len(usable) > 1:
        names = ", ".join(dict.fromkeys(rows.batch_id(row.batch) for row in usable))
        raise InputError(f"there are {len(usable)} pages {name}, in {names}; name the batch too")
    return int(usable[0].number)


def page_at_hand(connection: Connection, folder: Path, key: int) -> PageAtHand:
    row = connection.execute(
        sa.select(pages, page_decisions.c.call, page_decisions.c.person)
        .outerjoin(page_decisions, page_decisions.c.number == pages.c.decision)
        .where(pages.c.number == key)
    ).one()
    batch_row = connection.execute(sa.select(batches).where(batches.c.number == row.batch)).one()
    batch = opening.batch_from(connection, folder, batch_row)
    on_it = connection.execute(
        sa.select(sides, cards.c.id)
        .outerjoin(cards, cards.c.number == sides.c.card)
        .where(sides.c.page == key)
        .order_by(sides.c.place)
    ).all()
    return PageAtHand(
        row.number,
        batch,
        batch.files[row.file_position],
        rows.ref_from(row),
        Outcome(row.outcome),
        row.reason,
        row.picture_sha256 or "",
        tuple(
            StandingSide(side.place, rows.placement_from(side.template, side.side, side.placement), side.id)
            for side in on_it
            if side.withdrawn_by is None
        ),
        max((side.place for side in on_it), default=0) + 1,
        row.decision,
        None if row.call is None else Call(row.call),
        row.person or "",
    )


def cards_near(connection: Connection, key: int) -> tuple[NearCard, ...]:
    """See `AlignDesk.cards_near`."""
    here = connection.execute(sa.select(pages).where(pages.c.number == key)).one()
    found = connection.execute(
        sa.select(cards.c.id, pages.c.number, pages.c.file_position, pages.c.page_number)
        .add_columns(pages.c.file_sha256, pages.c.file_name, sides.c.place)
        .join(sides, sides.c.card == cards.c.number)
        .join(pages, pages.c.number == sides.c.page)
        .where(cards.c.batch == here.batch, sa.not_(cards.c.discarded))
        .order_by(pages.c.file_position, pages.c.page_number, sides.c.place)
    ).all()
    on_pages: dict[str, list[CardPage]] = {}
    own: set[str] = set()
    before: dict[str, bool] = {}
    place = (here.file_position, here.page_number)
    for row in found:
        on_pages.setdefault(row.id, []).append(CardPage(rows.ref_from(row), row.place))
        before.setdefault(row.id, (row.file_position, row.page_number) < place)
        if row.number == key:
            own.add(row.id)
    near = [NearCard(card, tuple(refs), before[card]) for card, refs in on_pages.items() if card not in own]
    earlier = [card for card in near if card.before]
    return (*reversed(earlier), *(card for card in near if not card.before))


def decide(
    connection: Connection, folder: Path, decision: PageDecision, side_pictures: Mapping[int, str], settle: Settle
) -> PageAtHand:
    """See `AlignDesk.decide_page`. `side_pictures` (by place) are where the sides' pictures were kept."""
    page, batch = _unchanged(connection, decision.page)
    card = None
    if decision.card_id is not None:
        card = leases.find_card(connection, decision.card_id)
        leases.refuse_if_held(card, "", leases.now_at(connection))
    number = _add(connection, page, decision.call, decision.person, decision.at, card=card)
    _withdraw(connection, sa.and_(sides.c.page == page.number, sides.c.place.in_(decision.withdraws)), number)
    if card is not None:
        card = leases.find_card(connection, str(card.id))  # withdrawing this page's own sides may have ended it
        if card.state in DECIDED:  # somebody has to look at what came to light
            _return(connection, card, CardState.WAITING)
    recording.add_sides(
        connection, page.batch, page.number, decision.sides, decision.new_cards, side_pictures, placed_by=number
    )
    connection.execute(
        sa.update(pages)
        .where(pages.c.number == page.number)
        .values(outcome=decision.outcome, reason=as_kept(decision.reason), decision=number)
    )
    _settle(connection, batch, settle)
    return page_at_hand(connection, folder, page.number)


def undo(
    connection: Connection, folder: Path, at_hand: PageAtHand, person: str, at: datetime, settle: Settle
) -> PageAtHand:
    """See `AlignDesk.undo_page`."""
    page, batch = _unchanged(connection, at_hand)
    if page.decision is None:
        raise PageRefusedError(f"{at_hand.ref}: nobody has said anything of this page that could be taken back")
    last = connection.execute(sa.select(page_decisions).where(page_decisions.c.number == page.decision)).one()
    number = _add(connection, page, UNDO, person, at, undoes=last.number)
    if last.card is not None:
        card = connection.execute(sa.select(cards).where(cards.c.number == last.card).with_for_update()).one()
        leases.refuse_if_held(card, "", leases.now_at(connection))
        if card.state == CardState.WAITING and last.card_state_before in DECIDED:
            _return(connection, card, CardState(last.card_state_before))
    _withdraw(connection, sa.and_(sides.c.placed_by == last.number, sides.c.page == page.number), number)
    back = connection.execute(sa.select(sides.c.card).where(sides.c.withdrawn_by == last.number)).scalars().all()
    connection.execute(sa.update(sides).where(sides.c.withdrawn_by == last.number).values(withdrawn_by=None))
    again = [card for card in back if card is not None]
    connection.execute(sa.update(cards).where(cards.c.number.in_(again)).values(discarded=False))
    connection.execute(
        sa.update(pages)
        .where(pages.c.number == page.number)
        .values(outcome=last.outcome_before, reason=last.reason_before, decision=last.before)
    )
    _settle(connection, batch, settle)
    return page_at_hand(connection, folder, page.number)


def attached_to(connection: Connection, numbers: Sequence[int]) -> dict[int, list[AnyRow]]:
    """The pages that belong to each of these cards, in the order of the files: rows of `pages`."""
    found = connection.execute(
        sa.select(pages, page_decisions.c.card)
        .join(page_decisions, page_decisions.c.number == pages.c.decision)
        .where(page_decisions.c.call == Call.ATTACHED, page_decisions.c.card.in_(numbers))
        .order_by(pages.c.file_position, pages.c.page_number)
    )
    by_card: dict[int, list[AnyRow]] = {}
    for row in found:
        by_card.setdefault(row.card, []).append(row)
    return by_card


def _unchanged(connection: Connection, known: PageAtHand) -> tuple[AnyRow, AnyRow]:
    """The rows of the page and its batch, both locked. Raises `PageRefusedError` where the page is not what it was."""
    page = connection.execute(sa.select(pages).where(pages.c.number == known.key)).one()
    batch = connection.execute(sa.select(batches).where(batches.c.number == page.batch).with_for_update()).one()
    _refuse_unfinished(batch)
    page = connection.execute(sa.select(pages).where(pages.c.number == known.key).with_for_update()).one()
    if (page.decision, page.outcome) != (known.decision, known.outcome):
        raise PageRefusedError(
            f"{known.ref}: somebody else settled this page meanwhile, it is {page.outcome} now; nothing was changed"
        )
    return page, batch


def _refuse_unfinished(batch: AnyRow) -> None:
    name = rows.batch_id(batch.number)
    if batch.state == BatchState.UNFINISHED:
        raise PageRefusedError(f"batch {name} is unfinished: run its ingest again first")
    if batch.state == BatchState.DISCARDED:
        raise PageRefusedError(f"batch {name} was discarded")


def _add(
    connection: Connection,
    page: AnyRow,
    call: str,
    person: str,
    at: datetime,
    *,
    undoes: int | None = None,
    card: AnyRow | None = None,
) -> int:
    made = connection.execute(
        sa.insert(page_decisions).values(
            page=page.number,
            call=call,
            undoes=undoes,
            before=page.decision,
            person=as_kept(person),
            at=at,
            outcome_before=page.outcome,
            reason_before=page.reason,
            card=None if card is None else card.number,
            card_state_before=None if card is None else card.state,
        )
    )
    assert made.inserted_primary_key is not None  # an INSERT of one row has one
    return int(made.inserted_primary_key[0])


def _withdraw(connection: Connection, which: ColumnElement[bool], number: int) -> None:
    """Takes sides away, and the cards made of them out of the queue; what is left of a two-sided card waits again."""
    going = connection.execute(sa.select(sides).where(which, sides.c.withdrawn_by.is_(None))).all()
    for side in going:
        if side.card is not None:
            _take_from_queue(connection, side.card)
    connection.execute(
        sa.update(sides).where(sides.c.number.in_([s.number for s in going])).values(withdrawn_by=number)
    )


def _take_from_queue(connection: Connection, number: int) -> None:
    """Raises `PageRefusedError` where somebody has looked at the card, is looking at it, or a page is attached."""
    card = connection.execute(sa.select(cards).where(cards.c.number == number).with_for_update()).one()
    if card.discarded:
        return
    if card.review is not None or card.state != CardState.WAITING:
        raise PageRefusedError(f"card {card.id} of this page was reviewed; `review --card {card.id}` can reject it")
    if card.leased_by is not None and card.leased_until > leases.now_at(connection):
        raise PageRefusedError(f"card {card.id} of this page is being reviewed just now")
    if attached_to(connection, [number]):
        raise PageRefusedError(f"card {card.id} of this page has another page attached to it; take that back first")
    connection.execute(sa.update(cards).where(cards.c.number == number).values(discarded=True))
    its_sides = connection.execute(sa.select(sides.c.number).where(sides.c.card == number)).scalars().all()
    if len(its_sides) > 1:
        connection.execute(sa.update(sides).where(sides.c.card == number).values(card=None, card_position=None))


def _return(connection: Connection, card: AnyRow, state: CardState) -> None:
    connection.execute(
        sa.update(cards).where(cards.c.number == card.number).values(state=state, revision=card.revision + 1)
    )


def _settle(connection: Connection, batch: AnyRow, settle: Settle) -> None:
    recording.settle(
        connection, batch.number, settle(recording.stack(connection, batch.number), Collation(batch.collated))
    )
