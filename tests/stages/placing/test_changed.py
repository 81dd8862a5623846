"""A revision of a card is told by its print: words that moved, words that changed, lines that are gone."""

from dataclasses import replace

import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.page import Page, PageRef, Placing
from scan_ingest.domain.template import Template
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import prepare
from tests.drawing.designs import card
from tests.drawing.lookalikes import field_moved
from tests.drawing.mishaps import punched
from tests.drawing.press import XY, Sheet
from tests.drawing.scanner import Laid, Scan, scan

Prompts = tuple[str, str, str, str]
PROMPTS: Prompts = ("Your colleague", "Their ward", "What they did for you", "What came of it")


HOUSE = "Harbour House Nursing Home"


def drawn(
    prompts: Prompts = PROMPTS,
    indents: tuple[float, ...] = (0, 0, 0, 0),
    without_line: int | None = None,
    house: str = HOUSE,
) -> Template:
    """An A5 card with two lines and two ruled answers; `indents` move a prompt to the right, mm."""
    sheet = Sheet(210, 148)
    sheet.text((10, 14), "Good Deeds", 18, "Serif-Bold")
    sheet.text((200, 14), house, 9, "Serif-Italic", 34, "rs")
    boxes = {}
    number = 0
    for name, top, lines, prompt, indent in zip(
        ("nominee", "ward", "action", "impact"), (20.0, 32.0, 46.0, 94.0), (1, 1, 5, 4), prompts, indents, strict=True
    ):
        sheet.text((10 + indent, top + 5), prompt, 10, "Serif-Bold")
        left = 60.0 if lines == 1 else 10.0
        for line in range(lines):
            y = top + 8 + 8 * line
            if number != without_line:
                sheet.rule((left, y), (200, y), 0.25, 68)
            number += 1
        boxes[name] = (left, top + (0 if lines == 1 else 1), 200 - left, 8.0 * lines)
    sheet.text((105, 143), "Hand it to anyone in a green shirt", 8, "Serif-Regular", 34, "ms")
    return card("good-deeds", sheet, boxes)


def scanned(picture: GreyImage, skew_deg: float = 1.5) -> Placing:
    """What comes of a page of it where the card as drawn is known."""
    how = Scan(dpi=150)
    page = scan(Laid(picture, 210, 148, skew_deg), how, seed=2).page
    return place(Page(PageRef("0" * 64, 1, "box.pdf"), page, how.dpi), prepare([drawn()]))


def test_the_card_itself_is_placed() -> None:
    assert len(scanned(drawn().sides[0].reference).placements) == 1


@pytest.mark.parametrize(
    "revision",
    [
        drawn(("Their ward", "Your colleague", *PROMPTS[2:])),
        drawn((*PROMPTS[:2], PROMPTS[3], PROMPTS[2])),
        drawn(indents=(0, 14, 0, 0)),
    ],
    ids=["two short fields swapped", "two answers swapped", "a prompt further right"],
)
def test_words_that_lie_elsewhere_make_it_another_revision(revision: Template) -> None:
    placing = scanned(revision.sides[0].reference)
    assert placing.placements == ()
    assert "mm from where the blank card has them; another revision" in placing.refusals[0]


@pytest.mark.parametrize("to", [(95, 8), (10, 134)], ids=["to the left", "to the foot"])
def test_words_that_left_their_corner_are_not_taken_for_a_torn_one(to: tuple[int, int]) -> None:
    picture = drawn().sides[0].reference.copy()
    px_per_mm = picture.shape[1] / 210
    left, top, right, bottom = (round(value * px_per_mm) for value in (150, 8, 205, 17))
    words = picture[top:bottom, left:right].copy()
    picture[top:bottom, left:right] = picture.max()
    x, y = (round(value * px_per_mm) for value in to)
    picture[y : y + bottom - top, x : x + right - left] = words
    placing = scanned(picture)
    assert placing.placements == ()
    assert "mm from where the blank card has them; another revision" in placing.refusals[0]


def test_a_question_in_other_words_makes_it_another_revision() -> None:
    placing = scanned(drawn((*PROMPTS[:2], "Where could we do better?", PROMPTS[3])).sides[0].reference)
    assert placing.placements == ()
    assert "words of the blank card are not there, or others are" in placing.refusals[0]


@pytest.mark.parametrize("house", ["Meadow Lane Nursing Home", "Northbridge Hospital Friends"])
@pytest.mark.parametrize("skew_deg", [1.5, -2.5])
def test_the_same_card_of_another_house_is_another_card(house: str, skew_deg: float) -> None:
    placing = scanned(drawn(house=house).sides[0].reference, skew_deg)
    assert placing.placements == ()
    assert "other words are where the blank card has some" in placing.refusals[0]


def test_a_line_that_is_gone_makes_it_another_revision() -> None:
    placing = scanned(drawn(without_line=4).sides[0].reference)
    assert placing.placements == ()
    assert "a line of the blank card is not there" in placing.refusals[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_field_that_moved_a_few_millimetres_makes_it_another_revision(seed: int) -> None:
    own = drawn()
    placing = scanned(field_moved(own, own.sides[0], np.random.default_rng(seed)))
    assert placing.placements == ()
    assert "revision" in placing.refusals[0]


def test_both_revisions_are_told_from_each_other_where_both_are_known() -> None:
    old, new = drawn(), replace(drawn(("Their ward", "Your colleague", *PROMPTS[2:])), id="good-deeds-2")
    for template in (old, new):
        how = Scan(dpi=150)
        page = scan(Laid(template.sides[0].reference, 210, 148, -2.0, 180), how, seed=3).page
        placing = place(Page(PageRef("0" * 64, 1, "box.pdf"), page, how.dpi), prepare([old, new]))
        assert [placement.template_id for placement in placing.placements] == [template.id], placing.refusals


def test_a_field_that_took_several_lines_along_makes_it_another_revision() -> None:
    """Where many pieces of lines are lost toner was faint; these lie together, and the others are all there."""
    picture = drawn().sides[0].reference.copy()
    px_per_mm = picture.shape[1] / 210
    picture[round(56 * px_per_mm) : round(90 * px_per_mm), round(110 * px_per_mm) :] = picture.max()
    placing = scanned(picture)
    assert placing.placements == ()
    assert "a line of the blank card is not there" in placing.refusals[0]


FIRST_WORD: XY = (18.0, 24.0)  # "colleague" begins here
BELOW: XY = (18.0, 104.0)  # ISO 838: the other hole is 80 mm away


@pytest.mark.parametrize("lid", [246, 140, 30], ids=["white lid", "grey lid", "dark lid"])
def test_a_card_punched_through_its_print_is_still_that_card(lid: int) -> None:
    picture = punched(drawn().sides[0].reference, 210, [FIRST_WORD, BELOW], lid)
    assert len(scanned(np.asarray(picture, dtype=np.uint8)).placements) == 1


def test_a_round_on_words_that_are_not_the_cards_makes_no_card_of_it() -> None:
    """Another first question, with a hole through it: what is left of its words is not what the card has there."""
    picture = drawn(("Name of the team", *PROMPTS[1:])).sides[0].reference
    placing = scanned(np.asarray(punched(picture, 210, [FIRST_WORD, BELOW], 246), dtype=np.uint8))
    assert placing.placements == ()
    assert "words of the blank card are not there, or others are" in placing.refusals[0]
