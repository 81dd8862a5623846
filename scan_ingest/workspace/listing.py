"""Batches and pages as people see them, and putting a wrong label or a wrong file right."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import Batch, BatchState, BatchSummary, PageRow
from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import Outcome, Placement
from scan_ingest.domain.rejection import OTHER, REASONS, kind_of_reason
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import StoreError, UsageError
from scan_ingest.workspace import leases, rescans, rows, second_looks
from scan_ingest.workspace.opening import batch_from
from scan_ingest.workspace.tables import batches, cards, label_changes, page_decisions, pages, reviews, sides

SETTLING = tuple(call.value for call in Call if call.settles)
"""What a person says of a page that leaves nothing to do about it."""


def summaries(connection: Connection, folder: Path) -> tuple[BatchSummary, ...]:
    """Every batch, discarded ones too, in the order they were made."""
    now = leases.now_at(connection)
    outcomes: dict[int, dict[Outcome, int]] = defaultdict(lambda: dict.fromkeys(Outcome, 0))
    by_outcome = sa.select(pages.c.batch, pages.c.outcome, sa.func.count()).group_by(pages.c.batch, pages.c.outcome)
    for batch, outcome, number in connection.execute(by_outcome):
        outcomes[batch][Outcome(outcome)] = number
    states: dict[int, dict[CardState, int]] = defaultdict(lambda: dict.fromkeys(CardState, 0))
    by_state = (
        sa.select(cards.c.batch, leases.state_at(now).label("state_now"), sa.func.count())
        .where(sa.not_(cards.c.discarded))
        .group_by(cards.c.batch, sa.literal_column("state_now"))
    )
    for batch, state, number in connection.execute(by_state):
        states[batch][CardState(state)] = number
    settled: dict[int, dict[Outcome, int]] = defaultdict(dict)
    by_person = (
        sa.select(pages.c.batch, pages.c.outcome, sa.func.count())
        .join(page_decisions, page_decisions.c.number == pages.c.decision)
        .where(page_decisions.c.call.in_(SETTLING))
        .group_by(pages.c.batch, pages.c.outcome)
    )
    for batch, outcome, number in connection.execute(by_person):
        settled[batch][Outcome(outcome)] = number
    seen_before = cards_seen_before(connection)
    rejected = rejected_cards(connection)
    twice = rescans.waiting(connection)
    again = second_looks.count_open(connection, leased=leases.held(now))
    found = connection.execute(sa.select(batches).order_by(batches.c.number)).all()
    return tuple(
        BatchSummary(
            batch_from(connection, folder, row),
            outcomes[row.number],
            states[row.number],
            seen_before.get(row.number, 0),
            settled[row.number],
            rejected[row.number],
            twice.get(row.number, 0),
            again.get(row.number, 0),
        )
        for row in found
    )


def rejected_cards(connection: Connection) -> dict[int, dict[str, int]]:
    """For each batch, how many of its cards are rejected for each kind of reason."""
    by_reason = (
        sa.select(cards.c.batch, reviews.c.reason, sa.func.count())
        .join(reviews, reviews.c.number == cards.c.review)
        .where(cards.c.state == CardState.REJECTED, sa.not_(cards.c.discarded))
        .group_by(cards.c.batch, reviews.c.reason)
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for batch, reason, number in connection.execute(by_reason):
        found[batch][kind_of_reason(reason)] += number
    order = (*REASONS, OTHER)
    return defaultdict(
        dict, {batch: {kind: kinds[kind] for kind in order if kinds[kind]} for batch, kinds in found.items()}
    )


def cards_seen_before(connection: Connection, number: int | None = None) -> dict[int, int]:
    """For each batch (or that one) the cards of other batches whose pages lie in it as duplicates."""
    again, first = pages.alias("again"), pages.alias("first")
    same_page = sa.and_(first.c.file_sha256 == again.c.file_sha256, first.c.page_number == again.c.page_number)
    same_picture = first.c.picture_sha256 == again.c.picture_sha256
    found: dict[int, set[int]] = defaultdict(set)
    for same in (same_page, same_picture):  # one index each
        query = (
            sa.select(again.c.batch, cards.c.number)
            .join(first, sa.and_(same, first.c.batch != again.c.batch))
            .join(sides, sides.c.page == first.c.number)
            .join(cards, cards.c.number == sides.c.card)
            .where(again.c.outcome == Outcome.DUPLICATE, sa.not_(cards.c.discarded))
        )
        if number is not None:
            query = query.where(again.c.batch == number)
        for batch, card in connection.execute(query):
            found[batch].add(card)
    return {batch: len(numbers) for batch, numbers in found.items()}


def page_rows(connection: Connection, number: int) -> tuple[PageRow, ...]:
    """Every page of the batch, file by file, with what was placed on it."""
    placements: dict[int, list[tuple[Placement, str | None]]] = defaultdict(list)
    placed = connection.execute(
        sa.select(sides.c.page, sides.c.template, sides.c.side, sides.c.placement, cards.c.id)
        .join(pages, pages.c.number == sides.c.page)
        .outerjoin(cards, cards.c.number == sides.c.card)
        .where(pages.c.batch == number, sides.c.withdrawn_by.is_(None))
        .order_by(sides.c.page, sides.c.place)
    )
    for row in placed:
        placements[row.page].append((rows.placement_from(row.template, row.side, row.placement), row.id))
    twin = pages.alias("twin")
    twins = (
        sa.select(sa.func.min(twin.c.picture))
        .where(twin.c.picture_sha256 == pages.c.picture_sha256, twin.c.picture.is_not(None))
        .correlate(pages)
        .scalar_subquery()
    )
    found = connection.execute(
        sa.select(
            pages,
            sa.func.coalesce(pages.c.picture, twins).label("shown"),
            page_decisions.c.call,
            page_decisions.c.person,
        )
        .outerjoin(page_decisions, page_decisions.c.number == pages.c.decision)
        .where(pages.c.batch == number)
        .order_by(pages.c.file_position, pages.c.page_number)
    )
    return tuple(
        PageRow(
            rows.batch_id(row.batch),
            rows.ref_from(row),
            Outcome(row.outcome),
            row.reason or (f"placed by hand by {row.person}" if row.call == Call.PLACED else ""),
            row.dpi,
            tuple(placements[row.number]),
            row.shown,
            settled=row.call in SETTLING,
        )
        for row in found
    )


def amend(
    connection: Connection,
    folder: Path,
    number: int,
    organisation: str | None,
    ward: str | None,
    collected: date | None,
) -> Batch:
    """Puts the label right; what is None stays. Cards that were merged wait to be merged again.

    Raises `UsageError` for an empty name, `StoreError` where the batch was discarded.
    """
    for name, value in (("organisation", organisation), ("ward", ward)):
        if value is not None and not as_kept(value).strip():
            raise UsageError(f"a box has an {name}" if name == "organisation" else f"a box has a {name}")
    row = connection.execute(sa.select(batches).where(batches.c.number == number).with_for_update()).one()
    if row.state == BatchState.DISCARDED:
        raise StoreError(f"batch {rows.batch_id(number)} was discarded; there is nothing to put right")
    if row.texts_gone_at is not None:
        name = rows.batch_id(number)
        raise StoreError(f"batch {name} was purged on {row.texts_gone_at:%Y-%m-%d}: its cards cannot be merged again")
    before = rows.label_from(row)
    after = replace(
        before,
        organisation=before.organisation if organisation is None else as_kept(organisation).strip(),
        ward=before.ward if ward is None else as_kept(ward).strip(),
        collected=before.collected if collected is None else collected,
    )
    if after != before:
        connection.execute(
            sa.insert(label_changes).values(
                batch=number,
                at=datetime.now(UTC),
                organisation=before.organisation,
                ward=before.ward,
                collected=before.collected,
            )
        )
        connection.execute(
            sa.update(batches)
            .where(batches.c.number == number)
            .values(organisation=after.organisation, ward=after.ward, collected=after.collected)
        )
        again = sa.case((cards.c.state == CardState.MERGED, CardState.ACCEPTED.value), else_=cards.c.state)
        connection.execute(
            sa.update(cards).where(cards.c.batch == number).values(revision=cards.c.revision + 1, state=again)
        )
        row = connection.execute(sa.select(batches).where(batches.c.number == number)).one()
    return batch_from(connection, folder, row)


def discard(connection: Connection, number: int, reason: str) -> None:
    """Takes the batch back: its cards leave the queue, its pages can be ingested again.

    Raises `UsageError` without a reason, `StoreError` where a card of it was merged or is being reviewed.
    """
    if not as_kept(reason).strip():
        raise UsageError("a batch is discarded for a reason; say which with --reason")
    name = rows.batch_id(number)
    row = connection.execute(sa.select(batches).where(batches.c.number == number).with_for_update()).one()
    if row.state == BatchState.DISCARDED:
        raise StoreError(f"batch {name} was discarded already")
    of_it = sa.select(cards).where(cards.c.batch == number, sa.not_(cards.c.discarded)).with_for_update()
    now = leases.now_at(connection)
    its_cards = connection.execute(of_it).all()
    if merged := sum(card.merged_revision is not None for card in its_cards):
        raise StoreError(
            f"batch {name}: {merged} of its cards are in the nominations store; "
            "a batch can be discarded before its first merge, its label amended at any time"
        )
    if held := sum(card.leased_by is not None and card.leased_until > now for card in its_cards):
        raise StoreError(f"batch {name}: {held} of its cards are being reviewed; `queue release` ends that")
    connection.execute(sa.update(cards).where(cards.c.batch == number).values(discarded=True))
    connection.execute(
        sa.update(batches)
        .where(batches.c.number == number)
        .values(state=BatchState.DISCARDED, discard_reason=as_kept(reason).strip(), discarded_at=datetime.now(UTC))
    )
