"""What there is to know about the open card beside its texts, a line each, with the keys that do something about it.

The screen draws them below the lines, the prompts say them. Whoever has more to say of a card adds to `remarks_of`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import Prefix

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import IdentityAnswer
from scan_ingest.domain.second_look import Look
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import REVIEWED

SHOWN = 32  # characters of another text: with its key it fits 80 columns

PAST = {
    IdentityAnswer.KEEP: "kept as it is",
    IdentityAnswer.REDACT: "redacted",
    IdentityAnswer.CONSENT: "kept with the patient's consent",
}


@dataclass(frozen=True)
class Remark:
    """`keys` are (key as written for people, what it does); `is_urgent` sets it off from the others."""

    text: str
    keys: tuple[tuple[str, str], ...] = ()
    is_urgent: bool = False


def remarks_of(card: OpenCard) -> tuple[Remark, ...]:
    """In the order they are shown."""
    return (
        *_look(card),
        *_identities(card),
        *_standing(card),
        *_their_text(card),
        *_others_note(card),
        *_own_note(card),
    )


def _look(card: OpenCard) -> Iterator[Remark]:
    """That it is no first look, and what is asked."""
    if card.queued.look is Look.SECOND:
        yield Remark("second look: type what you see; the fields are empty on purpose", is_urgent=True)
    elif card.queued.look is Look.THIRD:
        why = card.queued.theirs.reason if card.queued.theirs else ""
        said = f"; the second would not accept it: {why}" if why else ""
        yield Remark(f"third look: two people typed this card otherwise, you decide{said}", is_urgent=True)


def _their_text(card: OpenCard) -> Iterator[Remark]:
    """Somebody else's text of the current field, where it differs."""
    if card.theirs is not None and (text := card.their_text) is not None:
        keys = (("Esc y", "both in full, and take it"),)
        here = card.current.text
        said = "empty" if not text else f"“{around_difference(text, here, SHOWN)}”"
        yield Remark(f"the other text: {said}", keys, is_urgent=True)


def around_difference(text: str, other: str, width: int) -> str:
    """The part of `text`, at most about so many characters of it, where it begins to differ from the other."""
    text, other = " ".join(text.split()), " ".join(other.split())
    same = int(Prefix.similarity(text, other))
    begin = text.rfind(" ", 0, max(0, same - width // 3)) + 1
    part = text[begin : begin + width]
    return f"{'…' if begin else ''}{part}{'…' if begin + width < len(text) else ''}"


def _identities(card: OpenCard) -> Iterator[Remark]:
    """What may tell who a patient is: whatever holds the card back, and what else there is in the field at hand."""
    if card.queued.look is Look.SECOND:  # whoever looks again types what stands there, and nothing is merged of it
        return
    settle: tuple[tuple[str, str], ...] = (("Esc l", "settle"),)
    for found in card.identities:
        here = found.field == card.current.note.name
        if found.holds:
            what = ", ".join(dict.fromkeys(str(one.kind) for one in found.findings if one.holds))
            where = "" if here else f" in {found.field}"
            yield Remark(f"a patient's {what}{where}? It holds the card back", settle, is_urgent=True)
            settle = ()
        elif here and found.settlement is not None:
            given = found.settlement
            why = f": {given.answer.reason}" if given.answer.reason else ""
            yield Remark(f"{PAST[given.answer.kind]} by {given.person}{why}")
        elif here:
            whys = ", ".join(dict.fromkeys(one.why for one in found.findings))
            yield Remark(f"{whys}: does not hold the card back")


def _standing(card: OpenCard) -> Iterator[Remark]:
    """What became of a card that is opened again."""
    queued = card.queued
    if queued.look is not Look.FIRST:
        return
    if queued.state is CardState.MERGED:
        yield Remark(f"in the nominations store, accepted by {queued.reviewed_by}: the next merge updates it")
    elif queued.state in REVIEWED:
        why = f": {queued.reason}" if queued.reason else ""
        yield Remark(f"{queued.state} by {queued.reviewed_by}{why}")
    elif queued.state is CardState.SET_ASIDE:
        yield Remark(f"set aside by {queued.reviewed_by} for somebody else to decide on")


def _others_note(card: OpenCard) -> Iterator[Remark]:
    if card.queued.note and card.queued.note != card.note:
        yield Remark(f"{card.queued.reviewed_by} noted: {card.queued.note}", is_urgent=True)


def _own_note(card: OpenCard) -> Iterator[Remark]:
    if card.note:
        yield Remark(f"your note: {card.note}", (("Esc m", "change"),))
