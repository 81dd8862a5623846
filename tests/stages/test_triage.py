"""Which sheets are blank, and what becomes of a page."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import Homography, Image
from scan_ingest.domain.page import Outcome, Page, PageRef, Placement, Placing
from scan_ingest.stages.triage import is_blank, outcome
from scan_ingest.templates import load_templates, shipped_templates
from tests.drawing import strangers
from tests.drawing.press import Sheet
from tests.drawing.scanner import Laid, Scan, empty_bed, scan

PLACED = Placement("a5", "front", Homography.scaling(0.1), 0.1, 90, np.zeros((4, 2)))


def as_page(image: Image) -> Page:
    return Page(PageRef("0" * 64, 1, "box.pdf"), image, 200)


def paper(shade: int = 244) -> Image:
    """A sheet of A5 at 200 dpi with some noise."""
    noise = np.random.default_rng(1).normal(0, 3, (1165, 1654))
    return np.clip(shade + noise, 0, 255).astype(np.uint8)


def one_stroke(winds_mm: float, across_mm: float = 86) -> Image:
    """Paper with one stroke of a pen, up and down by so much every 5 mm as joined-up letters go."""
    page, px = paper(), 200 / 25.4
    along = np.linspace(0, across_mm, 2000)
    places = np.stack([40 + along, 70 + winds_mm / 2 * np.sin(along * 2 * np.pi / 5)], axis=1) * px
    cv2.polylines(page, [places.round().astype(np.int32)], isClosed=False, color=(60,), thickness=4)
    return page


def test_one_joined_up_word_or_signature_is_not_blank() -> None:
    assert not is_blank(as_page(one_stroke(winds_mm=6)))
    assert not is_blank(as_page(one_stroke(winds_mm=9, across_mm=40)))


def test_a_bent_hair_is_nobodys_writing() -> None:
    assert is_blank(as_page(one_stroke(winds_mm=1.5)))


@pytest.mark.parametrize(
    "how",
    [
        Scan(),
        Scan(lid=30, margin_mm=6),
        Scan(jpeg=10, noise=6),
        Scan(gradient=0.3, streaks=4),
        Scan(paper=(176, 236, 250), colour=True),
        Scan(one_bit=True, jpeg=None),
        Scan(coffee=1),
    ],
    ids=["white", "dark lid", "noise", "shade and dust", "yellow", "fax", "coffee"],
)
def test_paper_that_nobody_used_is_blank(how: Scan) -> None:
    assert is_blank(as_page(empty_bed(how, seed=2)))


def test_punch_holes_and_dust_are_no_writing() -> None:
    sheet = paper()
    for y in (400, 700):
        cv2.circle(sheet, (80, y), 24, 25, -1)
    for x in range(200, 1500, 90):
        cv2.circle(sheet, (x, (x * 7) % 1100 + 20), 1, 90, -1)
    assert is_blank(as_page(sheet))


def test_an_empty_scanner_is_blank() -> None:
    assert is_blank(as_page(np.full((2339, 1654), 30, dtype=np.uint8)))


def test_a_few_words_in_light_pencil_are_not_blank() -> None:
    sheet = paper()
    cv2.putText(sheet, "please ask Mary", (500, 500), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2.0, 205, 3, cv2.LINE_AA)
    assert not is_blank(as_page(sheet))


@pytest.mark.parametrize("points", [6, 10])
@pytest.mark.parametrize("skew_deg", [0.0, 2.5, -4.0])
def test_a_faint_form_of_two_boxes_and_six_words_is_not_blank(points: float, skew_deg: float) -> None:
    form = Sheet(148, 105)
    for x in (20, 78):
        form.box((x, 20, 50, 25), 0.4, 150)
        form.text((x + 4, 32), "one two three", points, ink=150)
    laid = Laid(form.picture(), 148, 105, skew_deg=skew_deg)
    assert not is_blank(as_page(scan(laid, Scan(gain=0.3), seed=5).page))


def test_print_is_not_blank() -> None:
    template = load_templates(shipped_templates(), ["nomination-a6"])[0]
    for picture in (template.side("front").reference, template.side("back").reference, strangers.letter()):
        laid = Laid(picture, picture.shape[1] / 300 * 25.4, picture.shape[0] / 300 * 25.4)
        assert not is_blank(as_page(scan(laid, Scan(gain=0.3), seed=3).page))


def test_a_page_with_a_placed_card_is_a_card() -> None:
    assert outcome(Placing((PLACED,), ()), blank=False) == (Outcome.CARD, "a5 front")


def test_a_refused_card_makes_the_page_unreadable_and_says_what_was_placed_all_the_same() -> None:
    result, reason = outcome(Placing((PLACED,), ("a6 back: only 40% of its printing is to be seen",)), blank=False)
    assert result is Outcome.UNREADABLE
    assert "only 40%" in reason
    assert "a5 front" in reason


def test_a_page_without_a_card_is_blank_or_unmatched() -> None:
    assert outcome(Placing((), ()), blank=True)[0] is Outcome.BLANK
    assert outcome(Placing((), ()), blank=False)[0] is Outcome.UNMATCHED
