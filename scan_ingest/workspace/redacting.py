"""Words taken out of everything that the workspace keeps of a card.

New pictures and files are kept first, beside the old ones. One transaction then changes every row: before it the card
is as it was, after it the words are in no row, and the old files are written down as leftovers. Killed anywhere, the
command that is run again finishes: a row of `redactions` says so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row, Update

from scan_ingest.domain.audit import Act
from scan_ingest.domain.card import CardState, Reading
from scan_ingest.domain.geometry import BoxMm, Points
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.likeness import Likeness
from scan_ingest.domain.rescan import RescanAnswer
from scan_ingest.identity.removing import Removal, literal_spans
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.redaction import Choose
from scan_ingest.workspace import audit, erasing, identities, leases, rescans, rows
from scan_ingest.workspace.covering import Replaced, name_anew
from scan_ingest.workspace.queued import current_texts
from scan_ingest.workspace.tables import (
    batches,
    cards,
    drafts,
    identity_settlements,
    readings,
    redactions,
    reviews,
    sides,
)
from scan_ingest.workspace.tables import rescans as rescan_table

SHORT_FIELDS = frozenset({"nominee", "role", "ward"})
"""Words that are taken out of an answer stay in these, unless they are taken out of them: they are staff's."""
AnyRow = Row[*tuple[object, ...]]


@dataclass(frozen=True)
class Redaction:
    """What is taken out of a card: `removal` says which words; `readings` by (side, field) are without them; `covered`
    are the polygons by page, in pixels as scanned, `likenesses` by side have nothing there. `scans` are the ids of
    other scans of the same card, which lose the same words; `revisions` are those of all their rows, by number, of
    which all that is true."""

    number: int
    card_id: str
    revisions: Mapping[int, int]
    removal: Removal
    readings: Mapping[tuple[int, str], Reading]
    covered: Mapping[int, Sequence[Points]]
    likenesses: Mapping[int, bytes]
    scans: Sequence[str]
    is_empty: bool
    """Whether nothing is left to take out: the marks in the texts have nothing behind them any more."""

    @property
    def numbers(self) -> Sequence[int]:
        return list(self.revisions)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.removal.spans)


def plan(
    connection: Connection, card_id: str, choose: Choose, typed: Mapping[str, str], words: Sequence[str] = ()
) -> Redaction:
    """Works out what goes, on the texts as they stand or, of the fields in `typed`, as somebody has them before them;
    `words` go wherever they stand, though no text has them now.

    Raises `CardRefusedError` where there is no such card, or a legal hold stands on it or another scan of it.
    """
    card = leases.find_card(connection, card_id)
    scans = rescans.scans_of(connection, str(card.id))
    for row in (card, *_with_texts(connection, scans)):
        erasing.refuse_held(connection, row)
    texts = current_texts(connection, card) | dict(typed)
    notes = {note.name: note for note in rows.fields_from(card.fields)}
    spans = choose(texts, {name: note.kind for name, note in notes.items()})
    first = Removal(texts, {field: tuple(found) for field, found in spans.items() if found}, tuple(words))
    # The same words elsewhere in the card's answers go with them.
    others = {
        name: tuple(literal_spans(texts[name], first.words))
        for name, note in notes.items()
        if note.kind == "text" and name not in SHORT_FIELDS | first.spans.keys()
    }
    removal = replace(first, spans=first.spans | {name: found for name, found in others.items() if found})
    revisions = _revisions(connection, (str(card.id), *scans))
    numbers = list(revisions)
    read, boxes = _without_words(connection, numbers, removal, notes)
    covered, likenesses = _everywhere(connection, numbers, boxes)
    left_in_texts = replace(removal, more=()).words
    left_in_history = next(_history_without(connection, numbers, removal), None) is not None
    is_empty = not (read or left_in_texts or left_in_history)
    return Redaction(int(card.number), card.id, revisions, removal, read, covered, likenesses, scans, is_empty)


def _revisions(connection: Connection, card_ids: Collection[str]) -> dict[int, int]:
    """By number, of every row of those cards."""
    query = sa.select(cards.c.number, cards.c.revision).where(cards.c.id.in_(card_ids)).order_by(cards.c.number)
    return {row.number: row.revision for row in connection.execute(query)}


Boxes = Mapping[tuple[str, str], Sequence[BoxMm]]
"""Places on a side, by template and side."""


def _without_words(
    connection: Connection, numbers: Sequence[int], removal: Removal, notes: Mapping[str, FieldNote]
) -> tuple[dict[tuple[int, str], Reading], Boxes]:
    """Every reading that has words to lose without them, and where those stand."""
    read: dict[tuple[int, str], Reading] = {}
    found: dict[tuple[str, str], list[BoxMm]] = defaultdict(list)
    for row in connection.execute(sa.select(sides, readings).join(readings).where(_shows(numbers))):
        reading = rows.reading_from(row.reading)
        if row.field in SHORT_FIELDS and row.field not in removal.spans:
            continue
        left, boxes = removal.of_reading(reading)
        if left == reading:
            continue
        read[row.number, row.field] = left
        if row.field in removal.spans and not any(line.words for line in reading.lines):
            boxes = (notes[row.field].box_mm,) if row.field in notes else boxes
        found[row.template, row.side] += boxes
    return read, found


def _everywhere(
    connection: Connection, numbers: Sequence[int], boxes: Boxes
) -> tuple[dict[int, list[Points]], dict[int, bytes]]:
    """The places on the pages, by page, and the likenesses without them, by side: what stands somewhere on one scan
    stands there on every other."""
    covered: dict[int, list[Points]] = defaultdict(list)
    likenesses: dict[int, bytes] = {}
    for side in connection.execute(sa.select(sides).where(_shows(numbers))):
        if here := boxes.get((side.template, side.side)):
            covered[side.page] += [_on_the_page(side, box) for box in here]
            if side.likeness is not None:
                likenesses[side.number] = Likeness.from_bytes(side.likeness).without(here).to_bytes()
    return covered, likenesses


def _shows(numbers: Sequence[int]) -> ColumnElement[bool]:
    """Sides of those cards, those of discarded batches too, and what a person took away on the same pages."""
    on_pages = sa.select(sides.c.page).where(sides.c.card.in_(numbers))
    return sa.or_(sides.c.card.in_(numbers), sa.and_(sides.c.page.in_(on_pages), sides.c.withdrawn_by.is_not(None)))


def _on_the_page(side: AnyRow, box: BoxMm) -> Points:
    to_page = rows.placement_from(side.template, side.side, side.placement).page_to_side.inverse()
    return to_page.map([(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)])


def refuse(connection: Connection, card_id: str, person: str) -> None:
    """See `Workspace.refuse_redacting`."""
    card = leases.find_card(connection, card_id)
    _refuse_any(connection, (card, *_with_texts(connection, rescans.scans_of(connection, str(card.id)))), person)


def _refuse_any(connection: Connection, of_card: Iterable[AnyRow], person: str) -> None:
    now = leases.now_at(connection)
    for row in of_card:
        leases.refuse_if_held(row, person, now)
        erasing.refuse_held(connection, row)


def write(connection: Connection, redaction: Redaction, replaced: Replaced, person: str) -> bool:
    """Changes every row and ends the leases: who had a card before them opens it anew. False, and nothing is, where
    the card or another scan of it was changed since it was planned, or another card was called one.

    Raises `CardRefusedError` where somebody else holds one of them, or a legal hold stands on it.
    """
    card = leases.find_card(connection, redaction.card_id)
    scan_ids = rescans.scans_of(connection, str(card.id))
    scans = _with_texts(connection, scan_ids)
    _refuse_any(connection, (card, *scans), person)
    if _revisions(connection, (str(card.id), *scan_ids)) != redaction.revisions:
        return False
    at = leases.now_at(connection)
    for (side, field), reading in redaction.readings.items():
        connection.execute(
            sa.update(readings)
            .where(readings.c.side == side, readings.c.field == field)
            .values(reading=rows.reading_json(reading))
        )
    for side, likeness in redaction.likenesses.items():
        connection.execute(sa.update(sides).where(sides.c.number == side).values(likeness=likeness))
    for change in _history_without(connection, redaction.numbers, redaction.removal):
        connection.execute(change)
    name_anew(connection, replaced)
    for row in (card, *scans):
        state = CardState.ACCEPTED if row.state == CardState.MERGED else row.state  # the next merge updates it
        connection.execute(
            sa.update(cards)
            .where(cards.c.number == row.number)
            .values(revision=row.revision + 1, state=state, leased_by=None, leased_until=None)
        )
        _settle(connection, row, redaction, person, at)
        connection.execute(sa.insert(redactions).values(card=row.number, person=person, at=at, is_done=False))
    for row in (card, *scans):  # last, as each locks its chain
        audit.of_card(connection, int(row.number), Act.REDACT, person, fields=len(redaction.fields))
    return True


def write_nothing(connection: Connection, redaction: Redaction, person: str, at: datetime) -> None:
    """Notes that the other scans of a redacted card were gone over, and had none of what was taken out of it.

    Raises `CardRefusedError` where somebody else holds one.
    """
    was_redacted = sa.select(redactions.c.number).where(redactions.c.card == redaction.number).limit(1)
    if connection.execute(was_redacted).first() is None:
        return
    for row in _with_texts(connection, redaction.scans):
        leases.refuse_if_held(row, person, leases.now_at(connection))
        connection.execute(sa.insert(redactions).values(card=row.number, person=person, at=at, is_done=True))


def _with_texts(connection: Connection, card_ids: Collection[str]) -> list[AnyRow]:
    """The rows of those cards whose texts were not purged, locked where something is written."""
    kept = sa.select(batches.c.number).where(batches.c.texts_gone_at.is_(None))
    which = (cards.c.id.in_(card_ids), sa.not_(cards.c.discarded), cards.c.batch.in_(kept))
    query = sa.select(cards).where(*which).order_by(cards.c.number)
    if not connection.get_execution_options().get("reads_only", False):
        query = query.with_for_update()
    return list(connection.execute(query))


def _settle(connection: Connection, card: AnyRow, redaction: Redaction, person: str, at: datetime) -> None:
    """The answer goes for the text that is left; those given before are keyed by the text that went."""
    given = identity_settlements.c
    connection.execute(
        sa.delete(identity_settlements).where(given.card == card.number, given.field.in_(redaction.fields))
    )
    left = current_texts(connection, leases.find_card(connection, str(card.id)))
    answers = {field: Answer(IdentityAnswer.REDACT) for field in redaction.fields}
    identities.keep_answers(connection, str(card.id), left, answers, person, at)


def _history_without(connection: Connection, numbers: Collection[int], removal: Removal) -> Iterator[Update]:
    """How what people typed, decided and remarked changes: an UPDATE for each row that has any of the words."""
    for row in connection.execute(sa.select(reviews).where(reviews.c.card.in_(numbers))).all():
        shown = rows.shown_from(row.shown)
        left = {
            "texts": _texts(removal, row.texts),
            "reason": removal.of_remark(row.reason),
            "note": removal.of_remark(row.note),
            "shown": None if shown is None else rows.shown_json(replace(shown, texts=_without(removal, shown.texts))),
        }
        before = {"texts": _as_kept(row.texts), "reason": row.reason, "note": row.note}
        if left != before | {"shown": None if shown is None else rows.shown_json(shown)}:
            yield sa.update(reviews).where(reviews.c.number == row.number).values(left)
    for row in connection.execute(sa.select(drafts).where(drafts.c.card.in_(numbers))).all():
        left = {"texts": _texts(removal, row.texts), "note": removal.of_remark(row.note)}
        if left != {"texts": _as_kept(row.texts), "note": row.note}:
            yield (sa.update(drafts).where(drafts.c.card == row.card, drafts.c.reviewer == row.reviewer).values(left))
    found = sa.select(identity_settlements).where(identity_settlements.c.card.in_(numbers))
    for row in connection.execute(found).all():
        if (reason := removal.of_remark(row.reason)) != row.reason:
            yield (
                sa.update(identity_settlements).where(identity_settlements.c.number == row.number).values(reason=reason)
            )


def _as_kept(texts: str) -> str:
    return rows.texts_json(rows.texts_from(texts))


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


def before_another_scan(connection: Connection) -> tuple[str, ...]:
    """See `Workspace.redacted_before_another_scan`."""
    last = sa.select(redactions.c.card, sa.func.max(redactions.c.at).label("at")).group_by(redactions.c.card).subquery()
    other = sa.case((rescan_table.c.later == cards.c.number, rescan_table.c.earlier), else_=rescan_table.c.later)
    gone_over = sa.exists().where(redactions.c.card == other, redactions.c.at >= rescan_table.c.at)
    same = rescan_table.c.answer.in_((RescanAnswer.REPLACE, RescanAnswer.IGNORE))
    query = (
        sa.select(cards.c.id)
        .join(last, last.c.card == cards.c.number)
        .join(rescan_table, sa.or_(rescan_table.c.later == cards.c.number, rescan_table.c.earlier == cards.c.number))
        .where(same, rescan_table.c.at > last.c.at, ~gone_over.correlate(rescan_table, cards))
        .where(sa.not_(cards.c.discarded))
        .order_by(cards.c.number)
        .distinct()
    )
    return tuple(connection.execute(query.with_only_columns(cards.c.id, cards.c.number)).scalars())


def close(connection: Connection, number: int) -> None:
    connection.execute(sa.update(redactions).where(redactions.c.number == number).values(is_done=True))
