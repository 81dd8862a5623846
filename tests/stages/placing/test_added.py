"""Print that was added to a card is told from dust on the scanner's glass and from what people write."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.page import Page, PageRef, Placing
from scan_ingest.domain.template import Template
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import prepare
from tests.drawing.designs import sparse_a6
from tests.drawing.scanner import Laid, Scan, scan

SCAN = Scan(dpi=150)
Draw = Callable[[GreyImage, float], None]
"""Draws on a blank side's picture of so many pixels a millimetre."""


def scanned(template: Template, side_name: str, draw: Draw, skew_deg: float = 1.0) -> GreyImage:
    side = template.side(side_name)
    picture = side.reference.copy()
    draw(picture, picture.shape[1] / template.width_mm)
    laid = Laid(picture, template.width_mm, template.height_mm, skew_deg)
    page = scan(laid, SCAN, seed=3).page
    return np.asarray(page, dtype=np.uint8)


def placed(page: GreyImage, template: Template) -> Placing:
    return place(Page(PageRef("0" * 64, 1, "box.pdf"), page, SCAN.dpi), prepare([template]))


def nothing(_: GreyImage, __: float) -> None:
    """The side stays blank."""


def in_mm(draw: Callable[[GreyImage, Callable[[float, float], tuple[int, int]], int], object]) -> Draw:
    """A drawing whose points are given in millimetres, with a pen of 0.4 mm."""

    def on_picture(picture: GreyImage, scale: float) -> None:
        draw(picture, lambda x, y: (round(x * scale), round(y * scale)), round(0.4 * scale))

    return on_picture


@pytest.mark.parametrize("fades", [(0, 60), (400, 460)], ids=["at its start", "half way"])
def test_a_streak_of_dust_that_fades_here_and_there_is_no_printed_line(fades: tuple[int, int]) -> None:
    page = scanned(sparse_a6(), "front", nothing, skew_deg=0.1).astype(np.float32)
    row = round(80 * SCAN.dpi / 25.4)
    shade = np.full(page.shape[1], 0.7, dtype=np.float32)
    shade[slice(*fades)] = 0.25
    page[row] = page[row] * (1 - shade) + 60 * shade
    placing = placed(page.astype(np.uint8), sparse_a6())
    assert placing.refusals == ()
    assert len(placing.placements) == 1


def test_a_line_that_ends_on_the_card_was_printed() -> None:
    line = in_mm(lambda picture, at, pen: cv2.line(picture, at(12, 70), at(136, 70), (60,), pen))
    placing = placed(scanned(sparse_a6(), "front", line), sparse_a6())
    assert placing.placements == ()
    assert "a line is printed" in placing.refusals[0]


def test_a_line_on_a_pale_panel_was_printed_too() -> None:
    blank = sparse_a6()
    side = blank.sides[0]
    picture = side.reference.copy()
    scale = picture.shape[1] / blank.width_mm
    picture[round(60 * scale) : round(90 * scale)] = 205
    with_panel = replace(blank, sides=(replace(side, reference=picture),))
    line = in_mm(lambda picture, at, pen: cv2.line(picture, at(12, 75), at(136, 75), (60,), pen))
    assert len(placed(scanned(with_panel, "front", nothing), with_panel).placements) == 1
    placing = placed(scanned(with_panel, "front", line), with_panel)
    assert placing.placements == ()
    assert "a line is printed" in placing.refusals[0]


def test_a_round_letter_is_no_box_to_tick() -> None:
    letter = in_mm(lambda picture, at, pen: cv2.circle(picture, at(60, 70), at(1.9, 0)[0], (60,), pen))
    placing = placed(scanned(sparse_a6(), "front", letter), sparse_a6())
    assert placing.refusals == ()
    assert len(placing.placements) == 1


def test_a_box_to_tick_was_printed() -> None:
    box = in_mm(lambda picture, at, pen: cv2.rectangle(picture, at(60, 70), at(63.4, 73.4), (60,), pen))
    placing = placed(scanned(sparse_a6(), "front", box), sparse_a6())
    assert placing.placements == ()
    assert "a frame is printed" in placing.refusals[0]
