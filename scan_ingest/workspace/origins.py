"""Where each text of a card comes from: which page, which recogniser, and who put it as it stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from scan_ingest.domain.review import CardPage, FieldOrigin
from scan_ingest.workspace import rows
from scan_ingest.workspace.tables import pages, readings, reviews, sides

AnyRow = Row[*tuple[object, ...]]


def origins_of(connection: Connection, found: Sequence[AnyRow]) -> dict[int, dict[str, FieldOrigin]]:
    """The origins of every field, by card and field. `found` are rows of `queued.card_rows`, some hundred at most, of
    cards that were decided on."""
    numbers = [row.number for row in found]
    read, on_sides = _read(connection, numbers), _pages_of_sides(connection, numbers)
    decided = _reviews(connection, numbers)
    return {
        row.number: _origins(row, read[row.number], on_sides[row.number], _standing(row.review, decided))
        for row in found
    }


def _origins(
    card: AnyRow,
    read: Mapping[str, tuple[str, str]],
    on_sides: Mapping[str, CardPage],
    standing: Sequence[AnyRow],
) -> dict[str, FieldOrigin]:
    said = [rows.texts_from(review.texts) for review in standing]
    origins = {}
    for note in rows.fields_from(card.fields):
        text = said[0].get(note.name, "")
        # Back to the oldest decision since when the text is what it is.
        first = 0
        while first + 1 < len(said) and said[first + 1].get(note.name, "") == text:
            first += 1
        was_read, recogniser = read.get(note.name, ("", None))
        origins[note.name] = FieldOrigin(
            on_sides.get(note.side), recogniser, text == was_read, standing[first].reviewer, standing[first].at
        )
    return origins


def _standing(number: int, decided: Mapping[int, AnyRow]) -> list[AnyRow]:
    """The decision that stands, and those before it that it followed upon; what was undone is not among them."""
    chain = [decided[number]]
    while (before := chain[-1].review_before) is not None and before in decided:
        chain.append(decided[before])
    return chain


def _reviews(connection: Connection, numbers: Sequence[int]) -> dict[int, AnyRow]:
    columns = (reviews.c.number, reviews.c.review_before, reviews.c.reviewer, reviews.c.at, reviews.c.texts)
    return {row.number: row for row in connection.execute(sa.select(*columns).where(reviews.c.card.in_(numbers)))}


def _read(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, tuple[str, str]]]:
    """Text and recogniser of each reading, by card and field; its lines and words stay in the database."""
    query = (
        sa.select(
            sides.c.card, readings.c.field, _of_reading(connection, "text"), _of_reading(connection, "recogniser")
        )
        .join(readings, readings.c.side == sides.c.number)
        .where(sides.c.card.in_(numbers))
    )
    by_card: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    for card, name, text, recogniser in connection.execute(query):
        by_card[card][name] = (text, recogniser)
    return by_card


def _of_reading(connection: Connection, key: str) -> ColumnElement[str]:
    """One value out of the reading's JSON, which is kept as text."""
    as_json = sa.cast if connection.dialect.name == "postgresql" else sa.type_coerce
    value: ColumnElement[str] = as_json(readings.c.reading, sa.JSON)[key].as_string()
    return value


def _pages_of_sides(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, CardPage]]:
    found = connection.execute(
        sa.select(sides.c.card, sides.c.side, sides.c.place)
        .add_columns(pages.c.file_sha256, pages.c.page_number, pages.c.file_name)
        .join(pages, pages.c.number == sides.c.page)
        .where(sides.c.card.in_(numbers))
    )
    by_card: dict[int, dict[str, CardPage]] = defaultdict(dict)
    for row in found:
        by_card[row.card][row.side] = CardPage(rows.ref_from(row), row.place)
    return by_card
