"""What a reviewer does to a card: drafts, decisions, undo. `reviews` is only ever added to; an undo is a row too."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from scan_ingest.domain.audit import Act
from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import Decision, PastDecision, Review
from scan_ingest.domain.second_look import OPEN as OPEN_LOOKS
from scan_ingest.domain.second_look import Look, SecondLookState, differing, is_drawn
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.review import Draft, Theirs
from scan_ingest.workspace import audit, identities, leases, rows, second_looks
from scan_ingest.workspace.queued import current_texts
from scan_ingest.workspace.tables import cards, drafts, reviews

STATE_AFTER = {
    Decision.ACCEPT: CardState.ACCEPTED,
    Decision.REJECT: CardState.REJECTED,
    Decision.SET_ASIDE: CardState.SET_ASIDE,
}
UNDO = "undo"
TAKEN_OVER = "taken over"  # from another scan of the card
DONE = {Decision.ACCEPT: "accepted", Decision.REJECT: "rejected", Decision.SET_ASIDE: "set aside"}


def decide(connection: Connection, review: Review, *, reopen: bool, second_look_percent: float = 0.0) -> None:
    """See `ReviewDesk.decide`. Without a lease and without `reopen`, only a card that nobody has decided on can be.

    Fields that `review.texts` leaves out keep their text; a field that the card has not is an error of the caller's.
    An accepted card is drawn for a second look once in its life, `second_look_percent` of all.
    """
    card = leases.find_card(connection, review.card_id)
    leases.refuse_if_held(card, review.reviewer, leases.now_at(connection))
    leases.refuse_if_redacted(connection, card, review.opened_at)
    if review.look is not Look.FIRST and second_looks.look_of(connection, card, review.reviewer) is not review.look:
        raise CardRefusedError(f"card {card.id}: somebody else looked at it meanwhile")
    if review.look is Look.SECOND:
        second_looks.key(connection, card, review, current_texts(connection, card))
        _drop_draft(connection, card.number, review.reviewer)
        audit.of_card(connection, int(card.number), Act.SECOND_LOOK, review.reviewer)
        return
    if not reopen and card.leased_by != review.reviewer and card.state not in leases.OPEN:
        raise CardRefusedError(f"card {card.id}: decided meanwhile ({card.state}); reopen it to change that")
    texts = current_texts(connection, card)
    if unknown := set(review.texts) - set(texts):
        raise ValueError(f"card {card.id} has no field {sorted(unknown)}")
    made = connection.execute(
        sa.insert(reviews).values(
            card=card.number,
            decision=review.decision,
            reviewer=review.reviewer,
            at=review.at,
            reason=as_kept(review.reason).strip(),
            note=as_kept(review.note).strip(),
            texts=rows.texts_json({**texts, **review.texts}),
            state_before=card.state,
            review_before=card.review,
            shown=rows.shown_json(review.shown),
            second_look_before=card.second_look,
        )
    )
    assert made.inserted_primary_key is not None  # an INSERT of one row has one
    connection.execute(
        sa.update(cards)
        .where(cards.c.number == card.number)
        .values(
            state=STATE_AFTER[review.decision],
            review=made.inserted_primary_key[0],
            revision=card.revision + 1,
            leased_by=None,
            leased_until=None,
            second_look=_second_look_after(card, review, second_look_percent),
        )
    )
    _drop_draft(connection, card.number, review.reviewer)
    audit.of_card(connection, int(card.number), Act(review.decision), review.reviewer)
    identities.settle(connection, card.id, {**texts, **review.texts}, review.identity, review.reviewer, review.at)


def _second_look_after(card: Row[*tuple[object, ...]], review: Review, percent: float) -> str | None:
    if review.look is Look.THIRD and review.decision is not Decision.SET_ASIDE:
        return SecondLookState.SETTLED
    if card.second_look is None and review.decision is Decision.ACCEPT and is_drawn(str(card.id), percent):
        return SecondLookState.WAITING
    return None if card.second_look is None else str(card.second_look)


def undo(connection: Connection, card_id: str, reviewer: str, lease: timedelta) -> int:
    """See `ReviewDesk.undo`; the card's number. The card stands as it stood before that decision."""
    card = leases.find_card(connection, card_id)
    now = leases.now_at(connection)
    leases.refuse_if_held(card, reviewer, now)
    last = second_looks.latest_keying(connection, int(card.number))
    if card.review is not None and (last is None or last.number < card.review):
        standing = sa.select(reviews).where(reviews.c.number == card.review, reviews.c.card == card.number)
        last = connection.execute(standing).one()
    if last is None or last.reviewer != reviewer:
        raise CardRefusedError(f"card {card.id}: its last decision is not yours to take back")
    _stand_as_before(connection, card, last, reviewer, now)
    connection.execute(
        sa.update(cards).where(cards.c.number == card.number).values(leased_by=reviewer, leased_until=now + lease)
    )
    typed = Draft(rows.texts_from(last.texts), last.note, last.review_before, now)
    save_draft(connection, card.id, reviewer, typed)
    audit.of_card(connection, int(card.number), Act.UNDO, reviewer)
    return int(card.number)


def _stand_as_before(
    connection: Connection, card: Row[*tuple[object, ...]], last: Row[*tuple[object, ...]], person: str, at: datetime
) -> None:
    """Takes the decision `last` on the card back."""
    connection.execute(
        sa.insert(reviews).values(
            card=card.number,
            decision=UNDO,
            undoes=last.number,
            reviewer=person,
            at=at,
            reason="",
            texts=last.texts,
            state_before=card.state,
            review_before=card.review,
        )
    )
    connection.execute(
        sa.update(cards)
        .where(cards.c.number == card.number)
        .values(
            state=last.state_before,
            review=last.review_before,
            second_look=last.second_look_before,
            revision=card.revision + 1,
        )
    )


def standing_rejection(connection: Connection, card_id: str) -> str | None:
    """The reason for which the card is rejected, as it stands now; None where it is not."""
    last = _standing(connection, leases.find_card(connection, card_id))
    return None if last is None or last.decision != Decision.REJECT else str(last.reason)


def _standing(connection: Connection, card: Row[*tuple[object, ...]]) -> Row[*tuple[object, ...]] | None:
    """The decision by which the card stands as it does."""
    return connection.execute(sa.select(reviews).where(reviews.c.number == card.review)).first()


def take_back_rejection(connection: Connection, card_id: str, person: str, at: datetime) -> None:
    """The card, which is rejected, stands as it stood before. Raises `CardRefusedError` where somebody holds it."""
    card = leases.find_card(connection, card_id)
    last = _standing(connection, card)
    assert last is not None, "a card that is rejected was decided on"
    leases.refuse_if_held(card, person, leases.now_at(connection))
    _stand_as_before(connection, card, last, person, at)
    audit.of_card(connection, int(card.number), Act.UNDO, person)


def take_over(connection: Connection, typed_on: str, stands: str, at: datetime) -> None:
    """Brings what people typed on one scan of a card to the other, which stands: what was decided last, where nobody
    has decided on that one, and the draft of everybody who has none on it. It waits for a decision as it did before."""
    source, target = leases.find_card(connection, typed_on), leases.find_card(connection, stands)
    fields = {note.name for note in rows.fields_from(target.fields)}

    def fitting(kept: str) -> dict[str, str]:
        return {name: text for name, text in rows.texts_from(kept).items() if name in fields}

    standing = _standing(connection, source)
    if standing is not None and target.review is None:
        made = connection.execute(
            sa.insert(reviews).values(
                card=target.number,
                decision=TAKEN_OVER,
                reviewer=standing.reviewer,
                at=at,
                reason=f"from {source.id}, another scan of it",
                note=standing.note,
                texts=rows.texts_json(current_texts(connection, target) | fitting(standing.texts)),
                state_before=target.state,
                review_before=None,
                second_look_before=target.second_look,
            )
        )
        assert made.inserted_primary_key is not None  # an INSERT of one row has one
        connection.execute(
            sa.update(cards)
            .where(cards.c.number == target.number)
            .values(review=made.inserted_primary_key[0], revision=target.revision + 1)
        )
    for row in connection.execute(sa.select(drafts).where(drafts.c.card == source.number)).all():
        if _draft_row(connection, target.number, row.reviewer) is None:
            typed = Draft(fitting(row.texts), row.note, target.review, row.opened_at)
            save_draft(connection, stands, row.reviewer, typed)


def save_draft(connection: Connection, card_id: str, reviewer: str, draft: Draft) -> None:
    """Keeps what is being typed, whoever holds the card: nothing typed is lost, unless words were taken out of the card
    since it was opened. Raises `CardGoneError` then."""
    card = leases.find_card(connection, card_id)
    leases.refuse_if_redacted(connection, card, draft.opened_at)
    _drop_draft(connection, card.number, reviewer)
    connection.execute(
        sa.insert(drafts).values(
            card=card.number,
            reviewer=reviewer,
            texts=rows.texts_json(draft.texts),
            note=as_kept(draft.note),
            at=leases.now_at(connection),
            began_from=draft.began_from,
            opened_at=draft.opened_at,
        )
    )


def draft(connection: Connection, card_id: str, reviewer: str) -> Draft | None:
    card = leases.find_card(connection, card_id)
    found = _draft_row(connection, card.number, reviewer)
    if found is None:
        return None
    return Draft(rows.texts_from(found.texts), found.note, found.began_from, found.opened_at)


def _draft_row(connection: Connection, card: int, reviewer: str) -> Row[*tuple[object, ...]] | None:
    return connection.execute(sa.select(drafts).where(drafts.c.card == card, drafts.c.reviewer == reviewer)).first()


def theirs(connection: Connection, card_id: str, reviewer: str) -> Theirs | None:
    """See `ReviewDesk.theirs`."""
    card = leases.find_card(connection, card_id)
    mine = _draft_row(connection, card.number, reviewer)
    if mine is None:
        return None
    found = _decided_meanwhile(connection, card, reviewer, mine.began_from)
    if found is None and card.second_look not in OPEN_LOOKS:  # what others type then is typed blind, and theirs alone
        found = _typed_meanwhile(connection, card.number, reviewer, mine.opened_at)
    return found if found is not None and differing(rows.texts_from(mine.texts), found.texts) else None


def _decided_meanwhile(
    connection: Connection, card: Row[*tuple[object, ...]], reviewer: str, began_from: int | None
) -> Theirs | None:
    if card.review in (None, began_from):
        return None
    standing = connection.execute(sa.select(reviews).where(reviews.c.number == card.review)).one()
    if standing.reviewer == reviewer:
        return None
    if standing.decision == TAKEN_OVER:
        return Theirs("somebody else, who typed it on another scan of the card", rows.texts_from(standing.texts))
    done = DONE.get(standing.decision, standing.decision)
    return Theirs(f"somebody else, who {done} it meanwhile", rows.texts_from(standing.texts), standing.reason)


def _typed_meanwhile(connection: Connection, card: int, reviewer: str, since: datetime | None) -> Theirs | None:
    if since is None:
        return None
    others = sa.select(drafts).where(drafts.c.card == card, drafts.c.reviewer != reviewer, drafts.c.at > since)
    latest = connection.execute(others.order_by(drafts.c.at.desc()).limit(1)).first()
    if latest is None:
        return None
    return Theirs("somebody else, who has not decided", rows.texts_from(latest.texts))


def _drop_draft(connection: Connection, card: int, reviewer: str) -> None:
    connection.execute(sa.delete(drafts).where(drafts.c.card == card, drafts.c.reviewer == reviewer))


def history(connection: Connection, card_id: str) -> tuple[PastDecision, ...]:
    """Every decision on the card, and every undo, oldest first."""
    return decisions_on(connection, [int(leases.find_card(connection, card_id).number)])


def decisions_on(connection: Connection, numbers: Collection[int]) -> tuple[PastDecision, ...]:
    """The same of the cards with these numbers."""
    kept = connection.execute(sa.select(reviews).where(reviews.c.card.in_(numbers)).order_by(reviews.c.number))
    return tuple(
        PastDecision(
            row.decision,
            row.reviewer,
            row.at,
            row.reason,
            rows.texts_from(row.texts),
            row.note,
            rows.shown_from(row.shown),
        )
        for row in kept
    )
