"""Sides become cards, and never a front with a stranger's back."""

import numpy as np
import pytest

from scan_ingest.domain.batch import OpenSide
from scan_ingest.domain.card import card_id
from scan_ingest.domain.crop import PageResult, ReadSide
from scan_ingest.domain.geometry import BoxMm, Homography
from scan_ingest.domain.page import Outcome, Placement
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from scan_ingest.pipeline.pairing import BACK_MISSING, CANNOT_PAIR, FRONT_MISSING, settle

PICTURE = "f0" * 32
FRONT_PICTURE = "ab" * 32
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


def waiting(template_id: str = "double", place: int = 1, reason: str = BACK_MISSING) -> OpenSide:
    return OpenSide(7, place, template_id, "front", FRONT_PICTURE, written=True, page_reason=reason)


def page(*sides: ReadSide, outcome: Outcome = Outcome.CARD, reason: str = "") -> PageResult:
    return PageResult(outcome, reason, sides)


def test_a_one_sided_card_is_complete_at_once() -> None:
    settled = settle(page(side("single")), PICTURE, [], TEMPLATES)
    assert settled.outcome is Outcome.CARD
    (card,) = settled.new_cards
    assert card.id == card_id(PICTURE, 1)
    assert card.sides == ((None, 1),)
    assert [note.name for note in card.fields] == ["action"]


def test_several_one_sided_cards_on_a_page_are_each_a_card() -> None:
    settled = settle(page(side("single", place=1), side("single", place=2)), PICTURE, [], TEMPLATES)
    assert [card.id for card in settled.new_cards] == [card_id(PICTURE, 1), card_id(PICTURE, 2)]
    assert settled.outcome is Outcome.CARD


def test_a_front_waits_for_its_back() -> None:
    settled = settle(page(side("double")), PICTURE, [], TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (Outcome.UNREADABLE, BACK_MISSING, ())


def test_the_back_that_follows_its_front_makes_the_card_and_settles_the_front() -> None:
    settled = settle(page(side("double", "back")), PICTURE, [waiting()], TEMPLATES)
    assert settled.outcome is Outcome.CARD
    (card,) = settled.new_cards
    assert card.id == card_id(FRONT_PICTURE, 1)
    assert card.sides == ((7, 1), (None, 1))
    assert [note.name for note in card.fields] == ["action", "impact"]
    assert settled.amended == {7: (Outcome.CARD, "")}


def test_a_front_whose_page_has_another_trouble_keeps_it_when_its_back_comes() -> None:
    settled = settle(page(side("double", "back")), PICTURE, [waiting(reason="a card under another")], TEMPLATES)
    assert len(settled.new_cards) == 1
    assert settled.amended == {}


@pytest.mark.parametrize(
    "fronts",
    [[], [waiting("other")], [waiting(place=1), waiting(place=2)]],
    ids=["no front before", "a front of another template", "two fronts before"],
)
def test_a_back_without_its_own_front_is_not_paired(fronts: list[OpenSide]) -> None:
    settled = settle(page(side("double", "back")), PICTURE, fronts, TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (Outcome.UNREADABLE, FRONT_MISSING, ())


def test_several_halves_on_one_page_are_not_guessed() -> None:
    settled = settle(page(side("double", place=1), side("double", "back", place=2)), PICTURE, [waiting()], TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (Outcome.UNREADABLE, CANNOT_PAIR, ())


def test_what_was_placed_on_an_unreadable_page_is_queued_all_the_same() -> None:
    result = page(side("single"), outcome=Outcome.UNREADABLE, reason="a second card could not be placed")
    settled = settle(result, PICTURE, [], TEMPLATES)
    assert settled.outcome is Outcome.UNREADABLE
    assert settled.reason == "a second card could not be placed"
    assert len(settled.new_cards) == 1


@pytest.mark.parametrize("outcome", [Outcome.BLANK, Outcome.UNMATCHED, Outcome.FAILED])
def test_a_page_without_a_card_keeps_its_outcome(outcome: Outcome) -> None:
    settled = settle(page(outcome=outcome, reason="why"), PICTURE, [waiting()], TEMPLATES)
    assert (settled.outcome, settled.reason, settled.new_cards) == (outcome, "why", ())
