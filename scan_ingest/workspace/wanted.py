"""Which cards a reviewer wants, and in which order: questions to the queue, as conditions and keys of SQL."""

import difflib
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection

from scan_ingest.errors import InputError
from scan_ingest.ports.review import Order, Wanted
from scan_ingest.workspace import rows
from scan_ingest.workspace.opening import batch_number
from scan_ingest.workspace.tables import batches, cards, readings, sides


def conditions(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    """Of `cards` joined with `batches`. Raises `InputError` where nothing here has that name, with the nearest one."""
    found: list[ColumnElement[bool]] = []
    if wanted.batch_id is not None:
        found.append(cards.c.batch == batch_number(connection, wanted.batch_id))
    if wanted.ward is not None:
        wards = connection.execute(sa.select(batches.c.ward).distinct()).scalars()
        found.append(batches.c.ward.in_(_spelled(wanted.ward, list(wards), "card of the ward")))
    if wanted.template is not None:
        templates = connection.execute(sa.select(cards.c.template).distinct()).scalars()
        found.append(cards.c.template.in_(_spelled(wanted.template, list(templates), "card of the template")))
    if wanted.field is not None:
        names = _spelled(wanted.field, _field_names(connection), "card with the field")
        found.append(doubtful_places(names) > 0)
    return found


def order(wanted: Order) -> Sequence[ColumnElement[Any]]:
    """The keys to sort by, the same cards in the same order every time."""
    oldest = (batches.c.collected, batches.c.number, first_page(), cards.c.number)
    keys: dict[Order, tuple[ColumnElement[Any], ...]] = {
        Order.OLDEST: oldest,
        Order.NEWEST: (batches.c.collected.desc(), batches.c.number.desc(), *oldest[2:]),
        Order.DOUBT: (doubtful_places().desc(), *oldest),
        Order.DOUBT_LAST: (doubtful_places(), *oldest),
        Order.WARD: (batches.c.ward, *oldest),
        Order.TEMPLATE: (cards.c.template, *oldest),
    }
    return keys[wanted]


def first_page() -> sa.ScalarSelect[int]:
    """What the cards of a batch are put in the order of: two-sided ones are made later than the pages around them."""
    return sa.select(sa.func.min(sides.c.page)).where(sides.c.card == cards.c.number).correlate(cards).scalar_subquery()


def doubtful_places(fields: Collection[str] = ()) -> ColumnElement[int]:
    """How many places of the card, or of those fields, a reviewer has to look at."""
    counted = (
        sa.select(sa.func.coalesce(sa.func.sum(readings.c.doubtful), 0))
        .join(sides, sides.c.number == readings.c.side)
        .where(sides.c.card == cards.c.number)
        .correlate(cards)
    )
    if fields:
        counted = counted.where(readings.c.field.in_(fields))
    return counted.scalar_subquery()


def _field_names(connection: Connection) -> list[str]:
    """Of every template in the workspace, by its latest card."""
    latest = sa.select(sa.func.max(cards.c.number)).group_by(cards.c.template)
    kept = connection.execute(sa.select(cards.c.fields).where(cards.c.number.in_(latest))).scalars()
    return list(dict.fromkeys(note.name for fields in kept for note in rows.fields_from(fields)))


def _spelled(name: str, known: Sequence[str], what: str) -> list[str]:
    """How it is spelled here, in whatever case. Raises `InputError` where nothing is called so."""
    same = [each for each in known if each.casefold() == name.strip().casefold()]
    if same:
        return same
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    hint = f'; the nearest is "{near[0]}"' if near else ""
    raise InputError(f'no {what} "{name}" in this workspace{hint}')
