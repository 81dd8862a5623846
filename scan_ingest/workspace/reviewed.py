"""What `evaluate` and `learn` take from the workspace: readings beside the texts that were accepted."""

from collections.abc import Sequence

from sqlalchemy import Connection

from scan_ingest.domain.card import CardState
from scan_ingest.domain.marks import has_marks
from scan_ingest.domain.review import ReviewedCard
from scan_ingest.workspace import leases, rows
from scan_ingest.workspace.queued import card_rows, readings_of
from scan_ingest.workspace.tables import cards

ACCEPTED = cards.c.state.in_((CardState.ACCEPTED, CardState.MERGED))
"""Beneath a lease: a card that somebody looks at again stays accepted until they decide."""


def accepted_numbers(connection: Connection, batch: int | None) -> list[int]:
    """The numbers of the accepted cards, oldest box first."""
    query = card_rows(leases.now_at(connection)).with_only_columns(cards.c.number, maintain_column_froms=True)
    query = query.where(ACCEPTED)
    if batch is not None:
        query = query.where(cards.c.batch == batch)
    return list(connection.execute(query).scalars())


def reviewed_cards(connection: Connection, numbers: Sequence[int]) -> list[ReviewedCard]:
    """The cards with those numbers that are still accepted; at most some hundreds at a time.

    A field with a reviewer's mark in it is left out: what stands there is not what was written.
    """
    query = card_rows(leases.now_at(connection)).where(cards.c.number.in_(numbers), ACCEPTED)
    found = connection.execute(query).all()
    read = readings_of(connection, numbers)
    result = []
    for row in found:
        notes = rows.fields_from(row.fields)
        accepted = {note.name: "" for note in notes} | rows.texts_from(row.texts)
        texts = {name: text for name, text in accepted.items() if not has_marks(text)}
        kinds = {note.name: note.kind for note in notes if note.name in texts}
        readings = {name: reading for name, reading in read[row.number].items() if name in texts}
        result.append(ReviewedCard(row.id, rows.label_from(row), row.template, row.at, kinds, readings, texts))
    return result
