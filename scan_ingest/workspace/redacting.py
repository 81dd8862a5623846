"""Words taken out of everything that the workspace keeps of a card.

New pictures and files are kept first, beside the old ones. One transaction then changes every row: before it the card
is as it was, after it the words are in no row, and the old files are written down as leftovers. Killed anywhere, the
command that is run again finishes: a row of `redactions` says so.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from scan_ingest.domain.audit import Act
from scan_ingest.domain.card import CardState, Reading
from scan_ingest.domain.geometry import BoxMm, Points
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.identity.removing import Removal, literal_spans
from scan_ingest.ports.redaction import Choose
from scan_ingest.workspace import audit, identities, leases, rows
from scan_ingest.workspace.covering import Replaced, name_anew
from scan_ingest.workspace.queued import current_texts
from scan_ingest.workspace.tables import (
    cards,
    drafts,
    identity_settlements,
    readings,
    redactions,
    reviews,
    sides,
)

SHORT_FIELDS = frozenset({"nominee", "role", "ward"})
"""Words that are taken out of an answer stay in these, unless they are taken out of them: they are staff's."""
AnyRow = Row[*tuple[object, ...]]


@dataclass(frozen=True)
class Redaction:
    """What is taken out of a card: `removal` says which words; `readings` by (side, field) are without them; `covered`
    are the polygons by page, in pixels as scanned. `revision` is the card's, of which all that is true."""

    number: int
    card_id: str
    revision: int
    removal: Removal
    readings: Mapping[tuple[int, str], Reading]
    covered: Mapping[int, Sequence[Points]]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.removal.spans)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to take out: the marks in the texts have nothing behind them any more."""
        return not (self.readings or self.removal.words)


def plan(connection: Connection, card_id: str, choose: Choose, typed: Mapping[str, str]) -> Redaction:
    """Works out what goes, on the texts as they stand or, of the fields in `typed`, as somebody has them before them.

    Raises `CardRefusedError` where there is no such card.
    """
    card = leases.find_card(connection, card_id)
    texts = current_texts(connection, card) | dict(typed)
    notes = {note.name: note for note in rows.fields_from(card.fields)}
    spans = choose(texts, {name: note.kind for name, note in notes.items()})
    first = Removal(texts, {field: tuple(found) for field, found in spans.items() if found})
    # The same words elsewhere in the card's answers go with them.
    others = {
        name: tuple(literal_spans(texts[name], first.words))
        for name, note in notes.items()
        if note.kind == "text" and name not in SHORT_FIELDS | first.spans.keys()
    }
    removal = Removal(texts, first.spans | {name: found for name, found in others.items() if found})
    read: dict[tuple[int, str], Reading] = {}
    covered: dict[int, list[Points]] = defaultdict(list)
    for row in connection.execute(sa.select(sides, readings).join(readings).where(_shows(card.id))):
        reading = rows.reading_from(row.reading)
        if row.field in SHORT_FIELDS and row.field not in removal.spans:
            continue
        left, boxes = removal.of_reading(reading)
        if left == reading:
            continue
        read[row.number, row.field] = left
        if row.field in removal.spans and not any(line.words for line in reading.lines):
            boxes = (notes[row.field].box_mm,) if row.field in notes else boxes
        covered[row.page] += [_on_the_page(row, box) for box in boxes]
    return Redaction(int(card.number), card.id, int(card.revision), removal, read, covered)


def _shows(card_id: str) -> ColumnElement[bool]:
    """Sides of that card, those of discarded batches too, and what a person took away on the same pages."""
    numbers = sa.select(cards.c.number).where(cards.c.id == card_id)
    on_pages = sa.select(sides.c.page).where(sides.c.card.in_(numbers))
    return sa.or_(sides.c.card.in_(numbers), sa.and_(sides.c.page.in_(on_pages), sides.c.withdrawn_by.is_not(None)))


def _on_the_page(side: AnyRow, box: BoxMm) -> Points:
    to_page = rows.placement_from(side.template, side.side, side.placement).page_to_side.inverse()
    return to_page.map([(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)])


def write(connection: Connection, redaction: Redaction, replaced: Replaced, person: str, at: datetime) -> bool:
    """Changes every row; False, and nothing is, where the card was changed since it was planned.

    Raises `CardRefusedError` where somebody else holds the card.
    """
    card = leases.find_card(connection, redaction.card_id)
    leases.refuse_if_held(card, person, leases.now_at(connection))
    if card.revision != redaction.revision:
        return False
    numbers = list(connection.execute(sa.select(cards.c.number).where(cards.c.id == card.id)).scalars())
    for (side, field), reading in redaction.readings.items():
        connection.execute(
            sa.update(readings)
            .where(readings.c.side == side, readings.c.field == field)
            .values(reading=rows.reading_json(reading))
        )
    _clear_history(connection, numbers, redaction.removal)
    name_anew(connection, replaced)
    state = CardState.ACCEPTED if card.state == CardState.MERGED else card.state  # the next merge updates it
    connection.execute(
        sa.update(cards).where(cards.c.number == card.number).values(revision=card.revision + 1, state=state)
    )
    _settle(connection, card, redaction, person, at)
    connection.execute(sa.insert(redactions).values(card=card.number, person=person, at=at, is_done=False))
    audit.of_card(connection, int(card.number), Act.REDACT, person, fields=len(redaction.fields))
    return True


def _settle(connection: Connection, card: AnyRow, redaction: Redaction, person: str, at: datetime) -> None:
    """The answer goes for the text that is left; those given before are keyed by the text that went."""
    given = identity_settlements.c
    connection.execute(
        sa.delete(identity_settlements).where(given.card == card.number, given.field.in_(redaction.fields))
    )
    left = current_texts(connection, leases.find_card(connection, redaction.card_id))
    answers = {field: Answer(IdentityAnswer.REDACT) for field in redaction.fields}
    identities.settle(connection, redaction.card_id, left, answers, person, at)


def _clear_history(connection: Connection, numbers: Collection[int], removal: Removal) -> None:
    """Takes the words out of what people typed, decided and remarked."""
    for row in connection.execute(sa.select(reviews).where(reviews.c.card.in_(numbers))).all():
        shown = rows.shown_from(row.shown)
        connection.execute(
            sa.update(reviews)
            .where(reviews.c.number == row.number)
            .values(
                texts=_texts(removal, row.texts),
                reason=removal.of_remark(row.reason),
                note=removal.of_remark(row.note),
                shown=None if shown is None else rows.shown_json(replace(shown, texts=_without(removal, shown.texts))),
            )
        )
    for row in connection.execute(sa.select(drafts).where(drafts.c.card.in_(numbers))).all():
        connection.execute(
            sa.update(drafts)
            .where(drafts.c.card == row.card, drafts.c.reviewer == row.reviewer)
            .values(texts=_texts(removal, row.texts), note=removal.of_remark(row.note))
        )
    found = sa.select(identity_settlements).where(identity_settlements.c.card.in_(numbers))
    for row in connection.execute(found).all():
        connection.execute(
            sa.update(identity_settlements)
            .where(identity_settlements.c.number == row.number)
            .values(reason=removal.of_remark(row.reason))
        )


def _texts(removal: Removal, kept: str) -> str:
    return rows.texts_json(_without(removal, rows.texts_from(kept)))


def _without(removal: Removal, texts: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text if name in SHORT_FIELDS and name not in removal.spans else removal.of_text(name, text)
        for name, text in texts.items()
    }


# -- what is left to do ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unfinished:
    """A redaction whose words may lie in leftovers; `was_merged` where the nominations store may still say them."""

    number: int
    card_id: str
    was_merged: bool


def unfinished(connection: Connection) -> tuple[Unfinished, ...]:
    found = connection.execute(
        sa.select(redactions, cards.c.id, cards.c.merged_revision)
        .join(cards, cards.c.number == redactions.c.card)
        .where(sa.not_(redactions.c.is_done))
        .order_by(redactions.c.number)
    )
    return tuple(Unfinished(row.number, row.id, row.merged_revision is not None) for row in found)


def close(connection: Connection, number: int) -> None:
    connection.execute(sa.update(redactions).where(redactions.c.number == number).values(is_done=True))
