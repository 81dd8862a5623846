"""Blank sides that no card of theirs would be found by are told before the first page."""

from dataclasses import replace

import numpy as np

from scan_ingest.domain.template import Side, Template
from scan_ingest.stages.placing.prepared import prepare
from scan_ingest.stages.placing.proof import COPIES, fingerprint, prove, unproven
from tests.drawing.designs import card, dotted_a6
from tests.drawing.press import Sheet


def nearly_empty() -> Template:
    """A card with two words on it."""
    sheet = Sheet(148, 105)
    sheet.text((60, 20), "Thank you", 12)
    return card("nearly-empty", sheet, {"action": (10, 30, 128, 20), "impact": (10, 60, 128, 20)})


def test_a_side_with_two_words_is_not_found_and_the_error_says_what_to_add() -> None:
    template = nearly_empty()
    (proof,) = prove(template, prepare([template]), COPIES[:2])
    assert proof.found == 0
    assert proof.error is not None
    assert "add a line or two of small print in its lower" in proof.error


def test_a_card_with_enough_print_is_found_in_its_copies() -> None:
    template = dotted_a6()
    (proof,) = prove(template, prepare([template]), COPIES[:2])
    assert (proof.found, proof.error) == (2, None)
    assert list(unproven([template], prepare([template]))) == []


def test_two_cards_with_the_same_blank_side_are_told_of() -> None:
    template = dotted_a6()
    twin = replace(template, id="twin")
    (proof,) = prove(template, prepare([template, twin]), COPIES[:1])
    assert proof.error is not None
    assert "cannot be told from twin front" in proof.error
    assert proof.most_like == "twin front"
    assert proof.different == 0


def test_a_white_side_is_an_error() -> None:
    side = Side("front", np.full((1240, 1748), 255, dtype=np.uint8), ())
    template = Template("white", "white", 1, 148.0, 105.0, (side,))
    (proof,) = unproven([template], prepare([template]))
    assert proof.found == 0


def test_another_picture_or_size_is_another_template_to_be_proven() -> None:
    template = dotted_a6()
    side = template.sides[0]
    lighter = replace(template, sides=(replace(side, reference=np.maximum(side.reference, 9)),))
    marks = {fingerprint([one]) for one in (template, replace(template, width_mm=150.0), lighter)}
    assert len(marks) == 3
    assert fingerprint([dotted_a6()]) in marks
