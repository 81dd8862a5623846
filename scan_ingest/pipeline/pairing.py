"""Sides become cards: a one-sided card at once, a two-sided one when the whole stack is read.

Pure. `settle_page` says what a page is on its own; `settle_stack` pairs fronts with backs from everything that is
recorded, so what comes of a batch never depends on where it was interrupted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scan_ingest.domain.batch import Collation, OpenSide, StackPage
from scan_ingest.domain.card import card_id
from scan_ingest.domain.crop import PageResult, ReadSide
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.template import Template
from scan_ingest.pipeline.stacks import Kind, Leaf, pair
from scan_ingest.ports.cards import FieldNote, NewCard
from scan_ingest.ports.ingest import Settlement

ONE_SIDE = "one side only: "
"""Begins, at the end of a page's reason, what pairing has to say; what stands before it is the page's own trouble."""
WAITING = ONE_SIDE + "the other one is looked for once the whole stack is read"
OTHER_TAKEN = "its other side belongs to another card"
CANNOT_PAIR = "several two-sided cards on one page cannot be paired surely; scan each by itself, front then back"


@dataclass(frozen=True)
class Settled:
    """What a page is on its own."""

    outcome: Outcome
    reason: str
    new_cards: tuple[NewCard, ...] = ()


def settle_page(result: PageResult, picture_sha256: str, templates: Mapping[str, Template]) -> Settled:
    """The page's outcome until the stack is read, and the one-sided cards on it."""
    cards: list[NewCard] = []
    problems: list[str] = [result.reason] if result.outcome is not Outcome.CARD else []
    halves: list[ReadSide] = []
    for side in result.sides:
        template = templates[side.placement.template_id]
        if len(template.sides) == 1:
            cards.append(new_card(card_id(picture_sha256, side.place), template, [(None, side.place)]))
        else:
            halves.append(side)
    if halves:
        problems.append(WAITING if len(halves) == 1 else CANNOT_PAIR)
    if not problems:
        return Settled(Outcome.CARD, "", tuple(cards))
    outcome = result.outcome if not result.sides else Outcome.UNREADABLE
    return Settled(outcome, "; ".join(problems), tuple(cards))


def settle_stack(pages: Sequence[StackPage], collation: Collation, templates: Mapping[str, Template]) -> Settlement:
    """The two-sided cards of the batch, and what its pages are after that.

    `pages` is every page of the batch in order; sides that have a card already keep it, so this may be asked again
    when a page was put right.
    """
    stack = list(_without_twins(pages))
    halves = [_half(page, templates) for page in stack]
    leaves = [_leaf(page, half, templates) for page, half in zip(stack, halves, strict=True)]
    pairs = pair(leaves, collation)
    cards: list[NewCard] = []
    amended: dict[int, tuple[Outcome, str]] = {}
    for places in pairs.sure:
        front, back = (halves[place] for place in places)
        assert front is not None  # pairs are made of halves
        assert back is not None
        if front.has_card and back.has_card:
            continue
        if front.has_card or back.has_card:
            for place, half in zip(places, (front, back), strict=True):
                if not half.has_card:
                    amended[half.page] = Outcome.UNREADABLE, _joined(_own(stack[place]), ONE_SIDE + OTHER_TAKEN)
            continue
        template = templates[front.template_id]
        sides = [(front.page, front.place), (back.page, back.place)]
        cards.append(new_card(card_id(front.picture_sha256, front.place), template, sides))
        for place, half in zip(places, (front, back), strict=True):
            own = _own(stack[place])
            amended[half.page] = Outcome.UNREADABLE if own else Outcome.CARD, own
    for place, why in pairs.why.items():
        alone = halves[place]
        if alone is not None and not alone.has_card:
            amended[alone.page] = Outcome.UNREADABLE, _joined(_own(stack[place]), ONE_SIDE + why)
    return Settlement(tuple(cards), amended)


def paired_cards(pages: Sequence[StackPage], templates: Mapping[str, Template]) -> int:
    """How many two-sided cards are made of these pages."""
    return sum(side.has_card and side.side == "front" for page in pages for side in _halves(page, templates))


def _without_twins(pages: Sequence[StackPage]) -> Iterator[StackPage]:
    """The pages without those that show the very picture of the page before: the scanner, or a person, gave it twice,
    and nothing lies between a front and its back for that."""
    kept: StackPage | None = None
    for page in pages:
        if kept is not None and page.outcome is Outcome.DUPLICATE and _same_page(page, kept):
            continue
        yield page
        kept = page


def _same_page(one: StackPage, other: StackPage) -> bool:
    same_ref = (one.ref.file_sha256, one.ref.number) == (other.ref.file_sha256, other.ref.number)
    return same_ref or (one.picture_sha256 is not None and one.picture_sha256 == other.picture_sha256)


def _half(page: StackPage, templates: Mapping[str, Template]) -> OpenSide | None:
    """The page's side of a two-sided card, where there is exactly one."""
    halves = _halves(page, templates)
    return halves[0] if len(halves) == 1 else None


def _halves(page: StackPage, templates: Mapping[str, Template]) -> list[OpenSide]:
    return [side for side in page.sides if side.template_id in templates and len(templates[side.template_id].sides) > 1]


def _leaf(page: StackPage, half: OpenSide | None, templates: Mapping[str, Template]) -> Leaf:
    if half is not None:
        kind = Kind.FRONT if half.side == "front" else Kind.BACK
        return Leaf(kind, str(page.ref), page.file_position, half.template_id)
    if page.settled:
        kind = Kind.NEITHER
    elif page.outcome is Outcome.BLANK:
        kind = Kind.PAPER
    else:
        whole = page.outcome is Outcome.CARD and not _halves(page, templates)
        kind = Kind.NEITHER if whole else Kind.EITHER
    return Leaf(kind, str(page.ref), page.file_position)


def _own(page: StackPage) -> str:
    """What is wrong with the page but for its other side."""
    return page.reason.partition(ONE_SIDE)[0].removesuffix("; ")


def _joined(own: str, why: str) -> str:
    return f"{own}; {why}" if own else why


def new_card(card: str, template: Template, sides: Sequence[tuple[int | None, int]]) -> NewCard:
    """A card of that template; `sides` are (key of the page, place on it), front first."""
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
