"""A card taken out of the workspace, with all that was read, typed and drawn of it.

That there was a card on that page stays, by an id that says nothing: a page scanned again adds nothing, and the
outcomes of its batch still add up.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from scan_ingest.domain.audit import Act
from scan_ingest.domain.geometry import Points
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.errors import CardRefusedError
from scan_ingest.workspace import audit, leases, rows
from scan_ingest.workspace.aligning import attached_to
from scan_ingest.workspace.covering import Replaced, name_anew
from scan_ingest.workspace.tables import (
    HOLDS,
    batches,
    cards,
    drafts,
    identity_settlements,
    readings,
    rescans,
    reviews,
    sides,
)

EVERYTHING = np.array([(-1e5, -1e5), (1e5, -1e5), (1e5, 1e5), (-1e5, 1e5)])
"""A polygon over any page, in pixels."""
ROOM = 1.04
"""How much larger than the card what is made black is: its edges are found to a millimetre, and pens run over them."""


@dataclass(frozen=True)
class Erasure:
    """A card that goes: `numbers` are its rows, those of discarded batches too; `covered` its outlines by page."""

    card_id: str
    number: int
    numbers: Sequence[int]
    covered: Mapping[int, Sequence[Points]]


def plan(connection: Connection, card_id: str) -> Erasure | None:
    """Works out what goes; None where the card was erased before. Raises `CardRefusedError` where there never was one,
    or a legal hold stands on it."""
    wanted = card_id.strip().lower()
    found = connection.execute(sa.select(cards).where(cards.c.id == wanted).order_by(cards.c.number)).all()
    if not found:
        raise CardRefusedError(f"no card {wanted!r} in this workspace")
    left = [row for row in found if row.erased_at is None]
    if not left:
        return None
    for row in left:
        refuse_held(connection, row)
    numbers = [int(row.number) for row in left]
    covered: dict[int, list[Points]] = {}
    for side in connection.execute(sa.select(sides).where(sides.c.card.in_(numbers))):
        corners = rows.placement_from(side.template, side.side, side.placement).corners_px
        middle = corners.mean(axis=0)
        covered.setdefault(side.page, []).append(middle + (corners - middle) * ROOM)
    for attached in attached_to(connection, numbers).values():
        for page in attached:
            covered[int(str(page.number))] = [EVERYTHING]
    return Erasure(wanted, numbers[-1], numbers, covered)


def gone(connection: Connection, card_ids: Collection[str]) -> frozenset[str]:
    """Those of the cards that were erased, or whose texts were purged. One that is in a batch with its texts again, or
    only in a discarded one, is none of them."""
    query = (
        sa.select(cards.c.id, cards.c.discarded, cards.c.erased_at, batches.c.texts_gone_at)
        .join(batches, batches.c.number == cards.c.batch)
        .where(cards.c.id.in_(card_ids))
    )
    went, stands = set(), set()
    for row in connection.execute(query):
        if row.erased_at is not None or row.texts_gone_at is not None:
            went.add(row.id)
        elif not row.discarded:
            stands.add(row.id)
    return frozenset(went - stands)


def refuse_held(connection: Connection, card: Row[*tuple[object, ...]], *more: int) -> None:
    """Raises `CardRefusedError` where a legal hold stands on the card, its batch or one of `more`, or on whose
    those are."""
    numbers = (card.batch, *more)
    of_it = connection.execute(sa.select(batches).where(batches.c.number.in_(numbers))).all()
    held = card.id in HOLDS.on(connection, HoldOn.CARD) or any(
        rows.batch_id(batch.number) in HOLDS.on(connection, HoldOn.BATCH)
        or batch.organisation in HOLDS.on(connection, HoldOn.ORGANISATION)
        for batch in of_it
    )
    if held:
        raise CardRefusedError(f"card {card.id}: a legal hold stands on it; `hold list` shows it, `hold end` ends it")


def write(connection: Connection, erasure: Erasure, replaced: Replaced, person: str) -> None:
    """Changes every row. Raises `CardRefusedError` where somebody else holds the card."""
    now = leases.now_at(connection)
    some = cards.c.number.in_(erasure.numbers)
    for row in connection.execute(sa.select(cards).where(some).with_for_update()).all():
        leases.refuse_if_held(row, person, now)
        if not row.discarded:  # the box is counted without it from now on
            connection.execute(
                sa.update(batches)
                .where(batches.c.number == row.batch, batches.c.expected_cards.is_not(None))
                .values(expected_cards=batches.c.expected_cards - 1)
            )
    of_card = sa.select(sides.c.number).where(sides.c.card.in_(erasure.numbers))
    connection.execute(sa.delete(readings).where(readings.c.side.in_(of_card)))
    connection.execute(sa.delete(drafts).where(drafts.c.card.in_(erasure.numbers)))
    connection.execute(sa.delete(identity_settlements).where(identity_settlements.c.card.in_(erasure.numbers)))
    connection.execute(
        sa.delete(rescans).where(rescans.c.later.in_(erasure.numbers) | rescans.c.earlier.in_(erasure.numbers))
    )
    connection.execute(
        sa.update(reviews).where(reviews.c.card.in_(erasure.numbers)).values(texts="{}", reason="", note="", shown=None)
    )
    connection.execute(sa.update(sides).where(sides.c.card.in_(erasure.numbers)).values(mark=None, likeness=None))
    connection.execute(
        sa.update(cards)
        .where(some)
        .values(discarded=True, erased_at=datetime.now(UTC), leased_by=None, leased_until=None)
    )
    name_anew(connection, replaced)
    audit.of_card(connection, erasure.number, Act.ERASE, person)
