"""How long a batch's pictures and texts are kept, and letting go of them."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from scan_ingest.domain.audit import Act
from scan_ingest.domain.batch import BatchSummary
from scan_ingest.domain.card import CardState
from scan_ingest.domain.keeping import BatchAtRest, CopyKind, Hold, HoldOn, Kept
from scan_ingest.errors import StoreError
from scan_ingest.workspace import audit, leases, leftovers, listing, rows, second_looks
from scan_ingest.workspace.opening import batch_number
from scan_ingest.workspace.tables import (
    COPIES,
    HOLDS,
    batch_files,
    batches,
    cards,
    drafts,
    identity_settlements,
    page_decisions,
    pages,
    readings,
    reviews,
    sides,
)

OPEN = (CardState.WAITING, CardState.LEASED, CardState.SET_ASIDE)


def at_rest(connection: Connection, folder: Path) -> tuple[BatchAtRest, ...]:
    """Every batch with what decides whether it may be let go of, oldest first."""
    return tuple(_at_rest(connection, summary) for summary in listing.summaries(connection, folder))


def _at_rest(connection: Connection, summary: BatchSummary) -> BatchAtRest:
    batch = summary.batch
    number = batch_number(connection, batch.id)
    row = connection.execute(sa.select(batches).where(batches.c.number == number)).one()
    left = {outcome: count - summary.settled.get(outcome, 0) for outcome, count in summary.outcomes.items()}
    gone = {Kept.PICTURES: row.pictures_gone_at, Kept.WORKSPACE: row.texts_gone_at}
    return BatchAtRest(
        batch.id,
        batch.label,
        batch.state,
        pages=sum(summary.outcomes.values()),
        cards=sum(summary.cards.values()),
        open_cards=sum(summary.cards[state] for state in OPEN),
        unmerged=_unmerged(connection, number),
        open_pages=sum(count for outcome, count in left.items() if outcome.needs_a_person),
        open_rescans=summary.rescans,
        open_second_looks=_open_second_looks(connection, number),
        holds=_holds(connection, number, batch.id, batch.label.organisation),
        done_at=_done_at(connection, row),
        has=frozenset(kept for kept, gone_at in gone.items() if gone_at is None),
    )


def _unmerged(connection: Connection, batch: int) -> int:
    """Cards that the nominations store has not as they stand: accepted and to be carried, or rejected and to be
    withdrawn."""
    to_withdraw = sa.and_(cards.c.state == CardState.REJECTED, cards.c.merged_revision.is_not(None))
    query = sa.select(sa.func.count()).where(
        cards.c.batch == batch, sa.not_(cards.c.discarded), (cards.c.state == CardState.ACCEPTED) | to_withdraw
    )
    return int(connection.execute(query).scalar_one())


def _open_second_looks(connection: Connection, batch: int) -> int:
    """Those before a reviewer now, too."""
    query = sa.select(sa.func.count()).select_from(cards)
    query = query.where(cards.c.batch == batch, sa.not_(cards.c.discarded), second_looks.is_open())
    return int(connection.execute(query).scalar_one())


def _done_at(connection: Connection, row: Row[*tuple[object, ...]]) -> datetime:
    """When the last thing was done to the batch: a card merged or decided on, a page settled, the batch discarded. One
    without cards is done when it was made. `row` is one of `batches`."""
    batch = row.number
    of_cards = (
        sa.select(sa.func.max(sa.func.coalesce(cards.c.merged_at, reviews.c.at)))
        .outerjoin_from(cards, reviews, reviews.c.number == cards.c.review)
        .where(cards.c.batch == batch)
    )
    of_pages = (
        sa.select(sa.func.max(page_decisions.c.at))
        .join(pages, pages.c.number == page_decisions.c.page)
        .where(pages.c.batch == batch)
    )
    times: list[datetime | None] = [row.created_at, row.discarded_at]
    times += [connection.execute(query).scalar() for query in (of_cards, of_pages)]
    return max(time for time in times if time is not None)


def _holds(connection: Connection, number: int, batch_id: str, organisation: str) -> int:
    on_batch = batch_id in HOLDS.on(connection, HoldOn.BATCH)
    on_organisation = organisation in HOLDS.on(connection, HoldOn.ORGANISATION)
    held_cards = HOLDS.on(connection, HoldOn.CARD)
    of_it = connection.execute(sa.select(cards.c.id).where(cards.c.batch == number)).scalars() if held_cards else ()
    return on_batch + on_organisation + len(held_cards & set(of_it))


def purge_pictures(connection: Connection, number: int, person: str) -> None:
    """Takes the pictures of a batch out of the workspace: pages, registered sides, the scans themselves. Their digests
    stay, so that a page scanned again is still known."""
    of_batch = sa.select(pages.c.number).where(pages.c.batch == number)
    for column, which in (
        (pages.c.picture, pages.c.batch == number),
        (sides.c.picture, sides.c.page.in_(of_batch)),
        (batch_files.c.original, batch_files.c.batch == number),
    ):
        leftovers.leave(connection, connection.execute(sa.select(column).where(which)).scalars())
    connection.execute(sa.update(pages).where(pages.c.batch == number).values(picture=None))
    # A likeness is fine enough to be a small picture of what was written.
    connection.execute(sa.update(sides).where(sides.c.page.in_(of_batch)).values(picture="", mark=None, likeness=None))
    connection.execute(
        sa.update(batch_files).where(batch_files.c.batch == number).values(original=None, reason="purged")
    )
    connection.execute(sa.update(batches).where(batches.c.number == number).values(pictures_gone_at=datetime.now(UTC)))
    audit.of_batch(connection, number, Act.PURGE, person, what=Kept.PICTURES.value)


def purge_texts(connection: Connection, number: int, person: str) -> None:
    """Takes what was read and typed on a batch's cards out of the workspace. That they were there, and who decided what
    and when, stays."""
    of_pages = sa.select(pages.c.number).where(pages.c.batch == number)
    of_sides = sa.select(sides.c.number).where(sides.c.page.in_(of_pages))
    of_cards = sa.select(cards.c.number).where(cards.c.batch == number)
    connection.execute(sa.delete(readings).where(readings.c.side.in_(of_sides)))
    connection.execute(sa.delete(drafts).where(drafts.c.card.in_(of_cards)))
    connection.execute(sa.delete(identity_settlements).where(identity_settlements.c.card.in_(of_cards)))
    connection.execute(
        sa.update(reviews).where(reviews.c.card.in_(of_cards)).values(texts="{}", reason="", note="", shown=None)
    )
    connection.execute(sa.update(sides).where(sides.c.page.in_(of_pages)).values(mark=None, likeness=None))
    connection.execute(sa.update(batches).where(batches.c.number == number).values(texts_gone_at=datetime.now(UTC)))
    audit.of_batch(connection, number, Act.PURGE, person, what=Kept.WORKSPACE.value)


def refuse_unfinished(connection: Connection, folder: Path, batch_id: str) -> None:
    """Raises `StoreError` where something of the batch still waits for a person, or a legal hold stands on it."""
    batch = next(one for one in at_rest(connection, folder) if one.batch_id == batch_id)
    if batch.holds:
        raise StoreError(f"batch {batch_id}: a legal hold stands on it; `hold list` shows it")
    if batch.waits_for:
        raise StoreError(f"batch {batch_id} is not done: {', '.join(batch.waits_for)}")


def put_on_hold(connection: Connection, on: HoldOn, what: str, reason: str, person: str) -> int:
    """See `Workspace.put_on_hold`."""
    if on is HoldOn.BATCH:
        what = rows.batch_id(batch_number(connection, what))
    elif on is HoldOn.CARD:
        what = str(leases.find_card(connection, what).id)
    number = HOLDS.add(connection, on, what, reason, person)
    _tell_of_hold(connection, on, what, person, hold=number)
    return number


def end_hold(connection: Connection, number: int, person: str) -> Hold:
    """See `Workspace.end_hold`."""
    hold = HOLDS.end(connection, number, person)
    _tell_of_hold(connection, hold.on, hold.what, person, ended=number)
    return hold


def _tell_of_hold(connection: Connection, on: HoldOn, what: str, person: str, **detail: int) -> None:
    if on is HoldOn.BATCH:
        audit.of_batch(connection, batch_number(connection, what), Act.HOLD, person, **detail)
    elif on is HoldOn.CARD:
        audit.of_card(connection, int(str(leases.find_card(connection, what).number)), Act.HOLD, person, **detail)
    else:
        audit.of_organisation(connection, what, Act.HOLD, person, "", **detail)


TOLD_AS = {
    CopyKind.EXPORT: Act.EXPORT,
    CopyKind.QUEUE: Act.QUEUE_EXPORT,
    CopyKind.LINES: Act.LINES_EXPORT,
    CopyKind.SHEET: Act.SHEET,
    CopyKind.SUBJECT: Act.SUBJECT,
    CopyKind.BACKUP: Act.BACKUP,
    CopyKind.COPY: Act.COPY,
}


def note_copy(
    connection: Connection, kind: CopyKind, file: Path, organisation: str, batch_id: str | None, person: str
) -> None:
    """See `Workspace.note_copy`."""
    name = ""
    if batch_id is not None:
        number = batch_number(connection, batch_id)
        name, organisation = rows.batch_id(number), audit.organisation_of(connection, number)
    COPIES.note(connection, kind, str(file.absolute()), person, organisation, name)
    audit.of_organisation(connection, organisation, TOLD_AS[kind], person, name)
