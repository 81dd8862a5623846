"""What there is to know about the open card beside its texts, a line each, with the keys that do something about it.

The screen draws them below the lines, the prompts say them. Whoever has more to say of a card adds to `remarks_of`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scan_ingest.domain.card import CardState
from scan_ingest.domain.second_look import Look
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import REVIEWED


@dataclass(frozen=True)
class Remark:
    """`keys` are (key as written for people, what it does); `is_urgent` sets it off from the others."""

    text: str
    keys: tuple[tuple[str, str], ...] = ()
    is_urgent: bool = False


def remarks_of(card: OpenCard) -> tuple[Remark, ...]:
    """In the order they are shown."""
    if card.queued.look is Look.SECOND:  # whoever looks again is not told what others made of it
        return tuple(_own_note(card))
    return (*_standing(card), *_others_note(card), *_own_note(card))


def _standing(card: OpenCard) -> Iterator[Remark]:
    """What became of a card that is opened again."""
    queued = card.queued
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
