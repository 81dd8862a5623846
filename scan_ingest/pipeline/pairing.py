"""Sides become cards: a one-sided card at once, a two-sided one when the back follows its front.

Pure. Never a front with a stranger's back: a pair is made only where exactly one front of the page before waits and
exactly one back of the same template follows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scan_ingest.domain.batch import OpenSide
from scan_ingest.domain.card import card_id
from scan_ingest.domain.crop import PageResult, ReadSide
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.template import Template
from scan_ingest.ports import FieldNote, NewCard

BACK_MISSING = "the back of this card is missing: the next page is not its back"
FRONT_MISSING = "the back of a card whose front is missing: the page before is not its front"
CANNOT_PAIR = "several two-sided cards on one page cannot be paired surely; scan each by itself, front then back"


@dataclass(frozen=True)
class Settled:
    """What becomes of a page once its neighbours are known."""

    outcome: Outcome
    reason: str
    new_cards: tuple[NewCard, ...] = ()
    amended: Mapping[int, tuple[Outcome, str]] | None = None


def settle(
    result: PageResult, picture_sha256: str, waiting: Sequence[OpenSide], templates: Mapping[str, Template]
) -> Settled:
    """The page's outcome and the cards it completes; `waiting` are the sides of the page before that have no card."""
    cards: list[NewCard] = []
    amended: dict[int, tuple[Outcome, str]] = {}
    problems: list[str] = [result.reason] if result.outcome is not Outcome.CARD else []
    halves: list[ReadSide] = []
    for side in result.sides:
        template = templates[side.placement.template_id]
        if len(template.sides) == 1:
            cards.append(_card(card_id(picture_sha256, side.place), template, [(None, side.place)]))
        else:
            halves.append(side)
    if len(halves) == 1 and halves[0].placement.side == "back":
        back = halves[0]
        front = front_for(back, waiting)
        if front is None:
            problems.append(FRONT_MISSING)
        else:
            template = templates[front.template_id]
            sides = [(front.page, front.place), (None, back.place)]
            cards.append(_card(card_id(front.picture_sha256, front.place), template, sides))
            if front.page_reason == BACK_MISSING:
                amended[front.page] = (Outcome.CARD, "")
    elif len(halves) == 1:
        problems.append(BACK_MISSING)
    elif halves:
        problems.append(CANNOT_PAIR)
    if not problems:
        return Settled(Outcome.CARD, "", tuple(cards), amended)
    outcome = result.outcome if not result.sides else Outcome.UNREADABLE
    return Settled(outcome, "; ".join(problems), tuple(cards), amended)


def front_for(back: ReadSide, waiting: Sequence[OpenSide]) -> OpenSide | None:
    """The front on the page before that this back surely belongs to."""
    if len(waiting) != 1:
        return None
    front = waiting[0]
    return front if front.side == "front" and front.template_id == back.placement.template_id else None


def _card(card: str, template: Template, sides: Sequence[tuple[int | None, int]]) -> NewCard:
    return NewCard(card, template.id, tuple(sides), tuple(field_notes(template)))


def field_notes(template: Template) -> list[FieldNote]:
    """What the review needs to know of the template's fields, in its order."""
    return [
        FieldNote(
            field.name,
            field.side,
            field.kind.value,
            field.prompt,
            field.required,
            field.box_mm,
            tuple(option.value for option in field.options),
            field.max_choices,
        )
        for field in template.fields
    ]
