"""Sides become cards: one-sided ones at once, two-sided ones when the whole stack is read."""

import numpy as np
import pytest

from scan_ingest.domain.batch import Collation, OpenSide, StackPage
from scan_ingest.domain.card import card_id
from scan_ingest.domain.crop import PageResult, ReadSide
from scan_ingest.domain.geometry import BoxMm, Homography
from scan_ingest.domain.page import Outcome, PageRef, Placement
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from scan_ingest.pipeline.pairing import CANNOT_PAIR, ONE_SIDE, OTHER_TAKEN, WAITING, settle_page, settle_stack
from scan_ingest.pipeline.stacks import BACK_MISSING

PICTURE = "f0" * 32
PAPER = np.full((100, 150), 255, dtype=np.uint8)


def template(id_: str, *sides: str) -> Template:
    fields = {
        "front": (Field("action", "front", FieldKind.TEXT, BoxMm(1, 1, 50, 10)),),
        "back": (Field("impact", "back", FieldKind.TEXT, BoxMm(1, 1, 50, 10)),),
    }
    return Template(id_, "A card", 1, 150, 100, tuple(Side(side, PAPER, fields[side]) for side in sides))


TEMPLATES = {
    "single": template("single", "front"),
    "double": template("double", "front", "back"),
    "other": template("other", "front", "back"),
}


def side(template_id: str, name: str = "front", place: int = 1) -> ReadSide:
    placement = Placement(template_id, name, Homography.scaling(0.1), 0.1, 100, np.zeros((4, 2)))
    return ReadSide(place, placement, (), b"", written=True)


def page(*sides: ReadSide, outcome: Outcome = Outcome.CARD, reason: str = "") -> PageResult:
    return PageResult(outcome, reason, sides)


def test_a_one_sided_card_is_complete_at_once() -> None:
    settled = settle_page(page(side("single")), PICTURE, TEMPLATES)
    assert settled.outcome is Outcome.CARD
    (card,) = settled.new_cards
    assert card.id == card_id(PICTURE, 1)
    assert card.sides == ((None, 1),)
    assert [note.name for note in card.fields] == ["action"]


def test_several_one_sided_cards_on_a_page_are_each_a_card() -> None:
    settled = settle_page(page(side("single", place=1), side("single", place=2)), PICTURE, TEMPLATES)
    assert [card.id for card in settled.new_cards] == [card_id(PICTURE, 1), card_id(PICTURE, 2)]
    assert settled.outcome is Outcome.CARD


@pytest.mark.parametrize("name", ["front", "back"])
def test_one_side_of_two_waits_until_the_stack_is_read(name: str) -> None:
    settled = settle_page(page(side("double", name)), PICTURE, TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (Outcome.UNREADABLE, WAITING, ())


def test_several_halves_on_one_page_are_not_guessed() -> None:
    settled = settle_page(page(side("double", place=1), side("double", "back", place=2)), PICTURE, TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (Outcome.UNREADABLE, CANNOT_PAIR, ())


def test_what_was_placed_on_an_unreadable_page_is_queued_all_the_same() -> None:
    result = page(side("single"), outcome=Outcome.UNREADABLE, reason="a second card could not be placed")
    settled = settle_page(result, PICTURE, TEMPLATES)
    assert settled.outcome is Outcome.UNREADABLE
    assert settled.reason == "a second card could not be placed"
    assert len(settled.new_cards) == 1


@pytest.mark.parametrize("outcome", [Outcome.BLANK, Outcome.UNMATCHED, Outcome.FAILED])
def test_a_page_without_a_card_keeps_its_outcome(outcome: Outcome) -> None:
    settled = settle_page(page(outcome=outcome, reason="why"), PICTURE, TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (outcome, "why", ())


def recorded(*pages: str) -> list[StackPage]:
    """ "F1", "B1", "F1=" (that very picture again), "-" (blank), "F1!" (more is wrong with it), "F1*" (has a card)."""
    stack: list[StackPage] = []
    for key, text in enumerate(pages, start=1):
        ref, picture = PageRef("ab" * 32, key, "box.pdf"), text.rstrip("=!*").encode().hex()
        if text == "-" or text.endswith("="):
            outcome = Outcome.BLANK if text == "-" else Outcome.DUPLICATE
            stack.append(StackPage(key, 0, ref, outcome, "", picture))
            continue
        reason = f"a card under another; {WAITING}" if "!" in text else WAITING
        name = "front" if text[0] == "F" else "back"
        half = OpenSide(key, 1, "double", name, picture, written=True, page_reason=reason, has_card="*" in text)
        stack.append(StackPage(key, 0, ref, Outcome.UNREADABLE, reason, picture, (half,)))
    return stack


def test_a_front_and_the_back_that_follows_it_make_a_card_and_settle_their_pages() -> None:
    settlement = settle_stack(recorded("F1", "B1"), Collation.DUPLEX, TEMPLATES)
    (card,) = settlement.new_cards
    assert card.id == card_id(b"F1".hex(), 1)
    assert card.sides == ((1, 1), (2, 1))
    assert [note.name for note in card.fields] == ["action", "impact"]
    assert settlement.amended == {1: (Outcome.CARD, ""), 2: (Outcome.CARD, "")}


def test_a_card_that_was_fed_face_down_has_its_front_first_all_the_same() -> None:
    (card,) = settle_stack(recorded("B1", "F1"), Collation.DUPLEX_FLIPPED, TEMPLATES).new_cards
    assert card.id == card_id(b"F1".hex(), 1)
    assert card.sides == ((2, 1), (1, 1))


def test_a_page_with_another_trouble_keeps_it_when_its_other_side_comes() -> None:
    settlement = settle_stack(recorded("F1!", "B1"), Collation.DUPLEX, TEMPLATES)
    assert len(settlement.new_cards) == 1
    assert settlement.amended == {1: (Outcome.UNREADABLE, "a card under another"), 2: (Outcome.CARD, "")}


def test_a_side_alone_says_so_after_the_pages_own_trouble() -> None:
    settlement = settle_stack(recorded("F1", "F2!", "-"), Collation.DUPLEX, TEMPLATES)
    assert settlement.new_cards == ()
    assert settlement.amended == {
        1: (Outcome.UNREADABLE, ONE_SIDE + BACK_MISSING),
        2: (Outcome.UNREADABLE, f"a card under another; {ONE_SIDE}{BACK_MISSING}"),
    }


@pytest.mark.parametrize(
    ("pages", "sides"),
    [
        (("F1", "F1=", "B1", "F2", "B2"), [(1, 3), (4, 5)]),
        (("F1", "B1", "B1=", "F2", "B2"), [(1, 2), (4, 5)]),
        (("F1", "B1", "F1=", "B1=", "F2", "B2"), [(1, 2), (5, 6)]),
        (("F1", "F2", "F1=", "B2", "F3", "B3"), [(5, 6)]),  # another page's twin is in between
    ],
)
def test_a_page_that_was_scanned_twice_in_a_row_parts_no_card(
    pages: tuple[str, ...], sides: list[tuple[int, int]]
) -> None:
    settlement = settle_stack(recorded(*pages), Collation.DUPLEX, TEMPLATES)
    assert [tuple(key for key, _ in card.sides) for card in settlement.new_cards] == sides


def test_asked_again_it_changes_no_card_that_was_made() -> None:
    settlement = settle_stack(recorded("F1*", "B1*", "F2", "B2"), Collation.DUPLEX, TEMPLATES)
    assert [card.id for card in settlement.new_cards] == [card_id(b"F2".hex(), 1)]
    assert set(settlement.amended) == {3, 4}


def test_a_side_whose_other_side_was_taken_stays_alone() -> None:
    settlement = settle_stack(recorded("F1*", "B1", "F2", "B2"), Collation.DUPLEX, TEMPLATES)
    assert settlement.amended[2] == (Outcome.UNREADABLE, ONE_SIDE + OTHER_TAKEN)
    assert len(settlement.new_cards) == 1
