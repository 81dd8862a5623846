"""Second looks: who may have one, the blind keying, and what is known of them.

A keying is a row of `reviews` that never stands: it names the review it was compared with (`review_before`). A reviewer
who would not have accepted the card says so in its reason.
"""

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Row

from scan_ingest.domain.card import CardState, Reading
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.second_look import OPEN, Look, SecondLook, SecondLookState, differing
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.review import QueuedCard, Theirs
from scan_ingest.workspace import rows
from scan_ingest.workspace.tables import batches, cards, drafts, reviews

KEYED = "second-look"
ACCEPTED = (CardState.ACCEPTED, CardState.MERGED)

AnyRow = Row[*tuple[object, ...]]


def is_open() -> ColumnElement[bool]:
    """Whether an accepted card still waits for its second look, or for a third person; never null."""
    state = sa.func.coalesce(cards.c.second_look, "")
    return sa.and_(cards.c.state.in_(ACCEPTED), state.in_(OPEN))


def offered_to(reviewer: str) -> ColumnElement[bool]:
    """Whether the second look at a card, or the decision between two, is for this reviewer: nobody who has decided on
    it before, or typed on it before it was accepted and so has seen what was read."""
    typed_before = (
        sa.select(drafts.c.card)
        .where(drafts.c.card == cards.c.number, sa.func.lower(drafts.c.reviewer) == reviewer.lower())
        .where(drafts.c.began_from.is_distinct_from(cards.c.review))
        .correlate(cards)
    )
    return sa.and_(is_open(), sa.not_(decided_by(reviewer)), sa.not_(typed_before.exists()))


def decided_by(reviewer: str, decision: str | None = None) -> ColumnElement[bool]:
    """Whether the reviewer (capitals do not count) decided on the card, or so, and did not take it back."""
    by_them = (
        sa.select(reviews.c.number)
        .where(reviews.c.card == cards.c.number, sa.func.lower(reviews.c.reviewer) == reviewer.lower(), _stands())
        .correlate(cards)
    )
    if decision is not None:
        by_them = by_them.where(reviews.c.decision == decision)
    return by_them.exists()


def _stands() -> ColumnElement[bool]:
    """Whether a row of `reviews` is no undo, and was not undone."""
    undone = sa.select(reviews.c.undoes).where(reviews.c.undoes.is_not(None))
    return sa.and_(reviews.c.undoes.is_(None), reviews.c.number.not_in(undone))


def look_of(connection: Connection, card: AnyRow, reviewer: str) -> Look:
    """In which capacity the reviewer has the card. `card` is a row of `cards`.

    Raises `CardRefusedError` for whoever gave it its second look, until that is settled: they would see the other text.
    """
    if card.state not in ACCEPTED or card.second_look not in OPEN:
        return Look.FIRST
    if connection.execute(sa.select(offered_to(reviewer)).where(cards.c.number == card.number)).scalar_one():
        return Look.SECOND if card.second_look == SecondLookState.WAITING else Look.THIRD
    keyed = latest_keying(connection, int(card.number))
    if keyed is not None and keyed.reviewer.lower() == reviewer.lower():
        raise CardRefusedError(
            f"card {card.id}: you gave it its second look; undo takes that back, and a third person decides now"
        )
    return Look.FIRST


def latest_keying(connection: Connection, card: int) -> AnyRow | None:
    """The keying of that card that counts: a row of `reviews`."""
    return connection.execute(
        sa.select(reviews)
        .where(reviews.c.card == card, reviews.c.decision == KEYED, _stands())
        .order_by(reviews.c.number.desc())
        .limit(1)
    ).first()


def blind(card: QueuedCard) -> QueuedCard:
    """The card as the second reviewer has it: where its lines lie, and no word that anybody read or typed."""

    def unread(reading: Reading) -> Reading:
        lines = tuple(replace(line, text="", raw="", words=()) for line in reading.lines)
        return replace(reading, text="", lines=lines, doubt=(), second_opinion=None, suggestions=())

    return replace(
        card,
        readings={name: unread(reading) for name, reading in card.readings.items()},
        texts=dict.fromkeys(card.texts, ""),
        reason="",
        note="",
        reviewed_by="",
        reviewed_at=None,
        look=Look.SECOND,
    )


def with_both(connection: Connection, number: int, card: QueuedCard) -> QueuedCard:
    """The card as the third reviewer has it: the text that was accepted, and beside it the other."""
    keyed = latest_keying(connection, number)
    if keyed is None:
        raise CardRefusedError(f"card {card.id}: its second look was taken back meanwhile")
    theirs = Theirs("the second reviewer", rows.texts_from(keyed.texts), keyed.reason)
    return replace(card, look=Look.THIRD, theirs=theirs)


def key(connection: Connection, card: AnyRow, review: Review, standing: Mapping[str, str]) -> None:
    """Writes what a second reviewer made of the card. Where they accept it and typed the same it is settled, else a
    third person decides."""
    if card.state not in ACCEPTED or card.second_look != SecondLookState.WAITING:
        raise CardRefusedError(f"card {card.id}: somebody else gave it its second look meanwhile")
    words = as_kept(review.reason).strip()
    if review.decision is not Decision.ACCEPT:
        words = f"{review.decision}: {words}" if words else str(review.decision)
    typed = dict.fromkeys(standing, "") | dict(review.texts)
    agrees = review.decision is Decision.ACCEPT and not differing(standing, typed)
    connection.execute(
        sa.insert(reviews).values(
            card=card.number,
            decision=KEYED,
            reviewer=review.reviewer,
            at=review.at,
            reason=words,
            note=as_kept(review.note).strip(),
            texts=rows.texts_json(typed),
            state_before=card.state,
            review_before=card.review,
            shown=rows.shown_json(review.shown),
            second_look_before=card.second_look,
        )
    )
    connection.execute(
        sa.update(cards)
        .where(cards.c.number == card.number)
        .values(
            second_look=SecondLookState.SETTLED if agrees else SecondLookState.DIFFERS,
            leased_by=None,
            leased_until=None,
        )
    )


def looked_at(connection: Connection) -> tuple[SecondLook, ...]:
    """Every card that was keyed by a second person, oldest box first."""
    standing = reviews.alias("standing")
    first = reviews.alias("first")
    found = connection.execute(
        sa.select(cards, batches.c.organisation, batches.c.ward, batches.c.collected)
        .add_columns(reviews.c.texts.label("second_texts"), reviews.c.reason.label("second_reason"))
        .add_columns(first.c.texts.label("first_texts"), standing.c.texts.label("texts"))
        .join(batches, batches.c.number == cards.c.batch)
        .join(reviews, reviews.c.card == cards.c.number)
        .join(first, first.c.number == reviews.c.review_before)
        .outerjoin(standing, standing.c.number == cards.c.review)
        .where(sa.not_(cards.c.discarded), reviews.c.decision == KEYED, _stands())
        .order_by(batches.c.collected, batches.c.number, cards.c.number, reviews.c.number)
    )
    latest = {row.number: row for row in found}  # one that was keyed again counts as the last one was
    return tuple(map(_second_look, latest.values()))


def _second_look(row: AnyRow) -> SecondLook:
    notes = rows.fields_from(row.fields)

    def whole(texts: str) -> dict[str, str]:
        return {note.name: "" for note in notes} | rows.texts_from(texts)

    accepted = row.state in ACCEPTED
    settled = accepted and row.second_look == SecondLookState.SETTLED
    return SecondLook(
        card_id=row.id,
        label=rows.label_from(row),
        template_id=row.template,
        kinds={note.name: note.kind for note in notes},
        first=whole(row.first_texts),
        second=None if row.second_reason else whole(row.second_texts),
        settled=whole(row.texts) if settled else None,
        rejected=row.state == CardState.REJECTED,
    )


def count_open(connection: Connection, *, leased: ColumnElement[bool]) -> dict[int, int]:
    """By batch, how many accepted cards wait for a second or third person and lie before nobody."""
    counted = connection.execute(
        sa.select(cards.c.batch, sa.func.count())
        .where(sa.not_(cards.c.discarded), is_open(), sa.not_(leased))
        .group_by(cards.c.batch)
    )
    return {batch: int(number) for batch, number in counted}
