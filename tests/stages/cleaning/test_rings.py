"""The ring of a wet cup is no ink, however dark; a circle that somebody draws is, and so is writing across a ring."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cleaning.strokes import grown
from tests.drawing.placed import handwritten

SHAPE = round(90 * SIDE_PX_PER_MM), round(180 * SIDE_PX_PER_MM)
PAPER = np.full(SHAPE, 255, dtype=np.uint8)
PEN_MM, WIDER_THAN_A_STAMP_MM = 0.5, 36.0


def circled(
    darkness: float, radius_mm: float = 27.0, broad_mm: float = 1.6, on: GreyImage = PAPER, arc_deg: float = 360
) -> GreyImage:
    """A true circle about the middle of the sheet, as so much less light from it (0 to 1), and a scanner's noise."""
    ring = np.zeros(SHAPE, dtype=np.float32)
    middle, size = (SHAPE[1] // 2, SHAPE[0] // 2), round(radius_mm * SIDE_PX_PER_MM)
    cv2.ellipse(ring, middle, (size, size), 30, 0, arc_deg, (1.0,), round(broad_mm * SIDE_PX_PER_MM), cv2.LINE_AA)
    soft = np.asarray(cv2.GaussianBlur(ring, (0, 0), 1.5), dtype=np.float32)
    noise = np.random.default_rng(4).normal(0, 3, SHAPE)
    return np.asarray(np.clip(np.rint(on * (1 - darkness * soft) + noise), 0, 255), dtype=np.uint8)


def writing(across: bool) -> tuple[GreyImage, Mask]:
    """A line of writing through the middle of the sheet or beside it, and where its strokes are."""
    line = handwritten(["She stayed with us all night"])
    sheet = PAPER.copy()
    top = SHAPE[0] // 2 - line.shape[0] // 2 if across else 10
    left = SHAPE[1] // 2 - line.shape[1] // 2
    sheet[top : top + line.shape[0], left : left + line.shape[1]] = line
    return sheet, np.asarray(sheet < 128)


@pytest.mark.parametrize("darkness", [0.15, 0.3, 0.4])
@pytest.mark.parametrize("radius_mm", [20.0, 27.0, 40.0])
def test_a_cups_ring_in_an_empty_field_is_no_ink(darkness: float, radius_mm: float) -> None:
    assert not clean(circled(darkness, radius_mm), PAPER).ink.any()


def test_two_thirds_of_a_ring_are_no_ink() -> None:
    assert not clean(circled(0.4, arc_deg=240), PAPER).ink.any()


@pytest.mark.parametrize("darkness", [0.2, 0.4])
def test_writing_across_a_ring_stays(darkness: float) -> None:
    sheet, there = writing(across=True)
    ink = clean(circled(darkness, on=sheet), PAPER).ink
    assert ink[there].mean() > 0.97
    assert (ink & ~grown(there, 5)).sum() < 30 * SIDE_PX_PER_MM  # what touches the strokes of the ring; it is 270 mm²


def test_a_full_stop_on_a_ring_stays() -> None:
    sheet, _ = writing(across=False)
    at = SHAPE[1] // 2 + round(27.0 * SIDE_PX_PER_MM), SHAPE[0] // 2
    cv2.circle(sheet, at, 2, (30,), -1)
    ink = clean(circled(0.2, on=sheet), PAPER).ink
    assert ink[at[1] - 1 : at[1] + 2, at[0] - 1 : at[0] + 2].all()


def test_a_circle_drawn_with_a_pen_stays() -> None:
    drawn = circled(0.8, WIDER_THAN_A_STAMP_MM, PEN_MM)
    assert clean(drawn, PAPER).ink.sum() > 0.8 * (drawn < 128).sum()


def test_a_circle_drawn_with_a_felt_pen_stays() -> None:
    """It is as broad as coffee, and as dark as ink."""
    sheet, _ = writing(across=False)
    drawn = circled(0.75, WIDER_THAN_A_STAMP_MM, on=sheet)
    assert clean(drawn, PAPER).ink.sum() > 0.8 * (drawn < 100).sum()
