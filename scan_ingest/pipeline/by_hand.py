"""A page that a person placed: read by the same walk, and made into cards by the same rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import Collation, StackPage
from scan_ingest.domain.card import card_id
from scan_ingest.domain.crop import ReadSide
from scan_ingest.domain.page import Outcome, Page, Placement
from scan_ingest.domain.template import Template
from scan_ingest.pipeline.pairing import CANNOT_PAIR, WAITING, new_card, settle_stack
from scan_ingest.pipeline.walk import Reader, Watch, read_side
from scan_ingest.ports.align import PageAtHand, PageDecision, Settle
from scan_ingest.ports.ingest import Settlement
from scan_ingest.stages.placing.by_hand import covered


def read_by_hand(reader: Reader, page: Page, placements: Sequence[Placement], first_place: int) -> tuple[ReadSide, ...]:
    """Those sides of the page, read; the places on the page count on from `first_place`."""
    return tuple(
        read_side(page, placement, number, reader, Watch())
        for number, placement in enumerate(placements, start=first_place)
    )


def placed(
    templates: Mapping[str, Template], page: PageAtHand, sides: Sequence[ReadSide], person: str, at: datetime
) -> PageDecision:
    """What follows from sides placed by hand. A side that lay where one of them lies now no longer stands; the person
    has seen the whole page, so nothing else on it is a card."""
    outlines = [side.placement.corners_px for side in sides]
    gone = frozenset(side.place for side in page.sides if covered(side.placement.corners_px, outlines))
    cards = tuple(
        new_card(card_id(page.picture_sha256, side.place), templates[side.placement.template_id], [(None, side.place)])
        for side in sides
        if len(templates[side.placement.template_id].sides) == 1
    )
    all_sides = [side.placement for side in page.sides if side.place not in gone]
    all_sides += [side.placement for side in sides]
    known = [side for side in all_sides if side.template_id in templates]
    halves = sum(len(templates[side.template_id].sides) > 1 for side in known)
    outcome, reason = Outcome.CARD, ""
    if halves:
        outcome, reason = Outcome.UNREADABLE, WAITING if halves == 1 else CANNOT_PAIR
    return PageDecision(page, Call.PLACED, person, at, outcome, reason, tuple(sides), cards, gone)


def settle_with(templates: Mapping[str, Template]) -> Settle:
    """The pairing of a stack, with those templates."""

    def settle(pages: Sequence[StackPage], collation: Collation) -> Settlement:
        return settle_stack(pages, collation, templates)

    return settle
