"""Cards unlike ours: a blank side that is itself a scan, dots full of writing, a bar along the foot."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage, Homography
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.domain.template import Template
from scan_ingest.stages.placing.cells import Look
from scan_ingest.stages.placing.fitting import correct
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import prepare
from scan_ingest.stages.placing.printing import Printing, prepare_printing
from tests.drawing import hands
from tests.drawing.cards import fill_in
from tests.drawing.designs import card, sparse_a6
from tests.drawing.hands import FONTS, Hand
from tests.drawing.press import Sheet
from tests.drawing.scanner import Laid, Scan, scan

HAND = Hand(FONTS["dkg"], hands.BLACK)


def placed_off_mm(known: Template, picture: GreyImage, how: Scan, turn: int = 0, skew_deg: float = 0.0) -> float:
    """How far the worst corner is off where the picture of the card was found by the `known` template."""
    scanned = scan(Laid(picture, known.width_mm, known.height_mm, skew_deg, turn), how, seed=8)
    placing = place(Page(PageRef("0" * 64, 1, "box.pdf"), scanned.page, how.dpi), prepare((known,)))
    assert placing.refusals == ()
    (placement,) = placing.placements
    return float(np.hypot(*(placement.corners_px - scanned.corners_px[0]).T).max()) * 25.4 / how.dpi


def written(template: Template, **texts: str) -> GreyImage:
    return np.asarray(fill_in(template, "front", texts, HAND, seed=4, colour=False), dtype=np.uint8)


def as_scanned(clean: Template) -> Template:
    """The template with a poor scan of its blank side for a picture."""
    (side,) = clean.sides
    picture = cv2.resize(side.reference, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA).astype(np.float64)
    grain = np.random.default_rng(3).normal(0, 7, picture.shape)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.9) * 0.86 + 18 + grain
    noisy = cv2.imencode(".jpg", np.clip(picture, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    reference = np.asarray(cv2.imdecode(noisy, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return replace(clean, sides=(replace(side, reference=reference),))


@pytest.mark.parametrize("how", [Scan(), Scan(jpeg=15, streaks=3), Scan(gain=0.5)])
def test_a_blank_side_may_be_a_scan_with_noise_of_its_own(how: Scan) -> None:
    clean = sparse_a6()
    picture = written(clean, action="He stayed until we came.")
    assert placed_off_mm(as_scanned(clean), picture, how, 180, 2.0) < 0.2


def wide_dots() -> Template:
    """A5 landscape: two prompts, a title, and dots right across."""
    sheet = Sheet(210, 148)
    sheet.text((10, 17), "In praise of", 22, "Serif-Italic")
    sheet.dots((62, 18), 138, 0.7, 0.35, 85)
    sheet.text((10, 32), "What was done:", 11, "Serif-Regular")
    sheet.text((10, 90), "What came of it:", 11, "Serif-Regular")
    for top, lines in ((42, 5), (100, 4)):
        for line in range(lines):
            sheet.dots((10, top + 9 * line), 190, 0.7, 0.35, 85)
    sheet.text((200, 141), "please hand in at reception", 9, "Serif-Regular", 0, "rs")
    boxes = {
        "nominee": (62.0, 9.0, 138.0, 9.5),
        "action": (10.0, 33.0, 190.0, 46.0),
        "impact": (10.0, 91.0, 190.0, 37.0),
    }
    return card("wide-dots", sheet, boxes)


def printed(template: Template) -> Printing:
    return prepare_printing(template.sides[0].reference, template.width_mm, template.height_mm)


def test_of_a_side_full_of_dots_what_holds_still_is_not_left_out() -> None:
    assert printed(wide_dots()).steady.all(axis=1).sum() > 40  # every other one was


def test_writing_all_along_dotted_lines_does_not_move_the_card() -> None:
    """Each piece of a line is found up to 0.4 mm too high or too low, where the writing is; the words are in place."""
    printing = printed(wide_dots())
    rng = np.random.default_rng(6)
    still = printing.steady.all(axis=1) & ~printing.ends.any(axis=1)
    off = np.where(still[:, None], rng.normal(0, 0.01, (len(still), 2)), rng.uniform(-0.1, 0.4, (len(still), 2)))
    alike, all_ = np.full(len(still), 0.8), np.ones(len(still), dtype=np.bool_)
    page = Homography(np.diag([8.0, 8.0, 1.0]))
    fit = correct(page, printing, Look(np.arange(len(still)), alike, off, all_, ~all_))
    assert fit is not None
    assert fit.corner_doubt_mm < 0.7
    corners = np.array([(0.0, 0.0), (210.0, 0.0), (210.0, 148.0), (0.0, 148.0)])
    assert np.hypot(*(fit.on_page(corners) / 8.0 - corners).T).max() < 0.1


def barred() -> Template:
    """A6 landscape: dark bars along head and foot, thin frames between."""
    sheet = Sheet(148, 105)
    sheet.box((0, 0, 148, 24), 0, fill=34)
    sheet.text((8, 12), "KINDNESS MATTERS", 20, "Sans-Bold", 255)
    sheet.text((8, 19), "tell us who made your day better", 10, "Sans-Regular", 204)
    boxes = {
        "nominee": (22.0, 27.0, 118.0, 8.0),
        "action": (8.0, 43.0, 132.0, 22.0),
        "impact": (8.0, 73.0, 132.0, 20.0),
    }
    prompts = (("Who?", 31.0), ("What happened?", 41.0), ("How did you feel?", 71.0))
    for (prompt, y), box in zip(prompts, boxes.values(), strict=True):
        sheet.text((8, y), prompt, 10, "Sans-Bold")
        sheet.box(box, 0.3, 68)
    sheet.box((0, 98, 148, 7), 0, fill=34)
    sheet.text((8, 102.5), "Moorfield NHS Trust", 8, "Sans-Regular", 255)
    return card("barred", sheet, boxes)


def test_a_bar_along_the_edge_is_no_line_that_has_gone() -> None:
    how = Scan(dpi=600, one_bit=True, jpeg=None, lid=30, margin_mm=0)
    assert placed_off_mm(barred(), written(barred(), nominee="Dr Ali"), how, skew_deg=-2.0) < 0.1


def test_a_frame_that_lies_lower_than_on_the_card_is_no_slip_and_no_torn_corner() -> None:
    """A heading and one frame are all that is printed: what the lower half does can be explained in too many ways."""
    sheet = Sheet(148, 105)
    sheet.text((10, 12), "What was the impact?", 11, "Sans-Bold")
    sheet.box((10, 16, 128, 80), 0.25, 136)
    framed = card("framed", sheet, {"action": (10.0, 16.0, 128.0, 80.0)})
    for down_mm in (3, 5, 7):
        picture = np.roll(framed.sides[0].reference, round(down_mm * 300 / 25.4), axis=0)
        picture[: round(60 * 300 / 25.4)] = framed.sides[0].reference[: round(60 * 300 / 25.4)]
        scanned = scan(Laid(picture, 148, 105, 1.0), Scan(dpi=150), seed=2)
        placing = place(Page(PageRef("0" * 64, 1, "box.pdf"), scanned.page, 150), prepare((framed,)))
        assert placing.placements == ()


@pytest.mark.parametrize(
    "how",
    [Scan(lid=30, margin_mm=8), Scan(lid=246, margin_mm=4), Scan(lid=246, one_bit=True, jpeg=None)],
    ids=["dark lid", "light lid", "light lid, 1-bit"],
)
def test_a_corner_whose_print_is_gone_is_torn_off_only_where_that_is_to_be_seen(how: Scan) -> None:
    """The revision without the question in its corner, whose paper ends where it should; and the card itself, whose
    corner is gone, a word of it cut through."""
    sheet = Sheet(148, 105)
    sheet.text((10, 14), "Somebody showed me compassion when they", 13, "Sans-Bold")
    sheet.text((10, 60), "and it meant that I", 13, "Sans-Bold")
    sheet.text((84, 101), "Leading with Compassion, Ashdown Trust", 7, "Sans-Bold")
    asking = card("asking", sheet, {"action": (10.0, 18.0, 128.0, 30.0), "impact": (10.0, 64.0, 128.0, 30.0)})
    reference = asking.sides[0].reference
    height, width = reference.shape
    rows, columns = np.mgrid[0:height, 0:width]
    silent = reference.copy()
    silent[height // 2 : height * 4 // 5, : width // 2] = 255
    whole = np.where(columns / (0.45 * width) + (height - rows) / (0.5 * height) < 1, 0, 255).astype(np.uint8)
    pages = [
        scan(Laid(picture, 148, 105, 2.0, whole=paper), how, seed=6).page
        for picture, paper in ((silent, None), (reference, whole))
    ]
    placings = [place(Page(PageRef("0" * 64, 1, "box.pdf"), page, how.dpi), prepare((asking,))) for page in pages]
    assert [len(placing.placements) for placing in placings] == [0, 1]


def pale_rules(first: str = "Who was it?") -> Template:
    sheet = Sheet(148, 105)
    sheet.text((10, 13), "Kindness noticed", 16, "Sans-Bold")
    sheet.text((10, 24), first, 10, "Sans-Regular")
    sheet.text((10, 38), "What did they do, and what came of it for you?", 10, "Sans-Regular")
    sheet.text((10, 100), "Put the card into the box beside the lift", 8, "Sans-Regular")
    for line in range(8):
        sheet.rule((10, 46 + 6 * line), (138, 46 + 6 * line), 0.2, 150)
    return card("pale-rules", sheet, {"nominee": (40.0, 18.0, 98.0, 8.0), "action": (10.0, 40.0, 128.0, 50.0)})


def test_rules_too_pale_for_a_scan_of_one_bit_are_not_missed() -> None:
    how = Scan(dpi=200, one_bit=True, jpeg=None)
    assert placed_off_mm(pale_rules(), pale_rules().sides[0].reference, how, skew_deg=1.5) < 0.3


def test_where_pale_rules_are_not_seen_other_words_still_make_it_another_card() -> None:
    how = Scan(dpi=200, one_bit=True, jpeg=None)
    page = scan(Laid(pale_rules("On which ward?").sides[0].reference, 148, 105, 1.5), how, seed=2).page
    assert place(Page(PageRef("0" * 64, 1, "box.pdf"), page, how.dpi), prepare((pale_rules(),))).placements == ()


def test_a_lower_part_that_lies_lower_is_no_slip_of_the_feed() -> None:
    """A border and frames hold still one way only between the words: nothing contradicts a slip there but its size."""
    sheet = Sheet(105, 148)
    for edge in ((0, 0, 105, 5), (0, 143, 105, 5), (0, 0, 5, 148), (100, 0, 5, 148)):
        sheet.box(edge, 0, fill=140)
    sheet.text((30, 17), "Thank you!", 20, "Sans-Bold", 140)
    sheet.text((10, 28), "To", 10, "Sans-Regular")
    sheet.text((10, 37), "You did this:", 10, "Sans-Regular")
    sheet.box((10, 39, 85, 40), 0.4, 140)
    sheet.text((10, 87), "and it meant:", 10, "Sans-Regular")
    sheet.box((10, 89, 85, 36), 0.4, 140)
    sheet.text((25, 134), "pin me on the wall, then post me", 8, "Sans-Regular")
    bordered = card("bordered", sheet, {"action": (10.0, 39.0, 85.0, 40.0), "impact": (10.0, 89.0, 85.0, 36.0)})
    reference = bordered.sides[0].reference
    down, cut = (round(mm * reference.shape[1] / 105) for mm in (3.5, 45))
    lower = reference.copy()
    lower[cut + down :] = reference[cut:-down]
    page = scan(Laid(lower, 105, 148, -1.5, 270), Scan(dpi=200), seed=4).page
    placing = place(Page(PageRef("0" * 64, 1, "box.pdf"), page, 200), prepare((bordered,)))
    assert placing.placements == ()
