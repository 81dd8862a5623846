"""Print that lies a little off its place is moved onto that of the blank side."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.template import Side
from scan_ingest.stages.cleaning.drift import drift

PX_PER_MM = 8.0
FINE = 10  # rows drawn for each row of the picture
WIDTH, HEIGHT, RULE = 480, 240, 120.0


def ruled(rule: float, strokes: bool = False) -> GreyImage:
    """A rule of a quarter of a millimetre whose middle lies at that row, as sharp as a scan; with `strokes` that end
    in it, as letters do."""
    fine = np.full((HEIGHT * FINE, WIDTH), 255, dtype=np.uint8)
    fine[round((rule - 1) * FINE) : round((rule + 1) * FINE)] = 0
    if strokes:
        for column in range(20, WIDTH - 20, 16):
            fine[round((rule - 24) * FINE) : round(rule * FINE), column : column + 4] = 80
    small = cv2.resize(fine, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 0.7), dtype=np.uint8)


def shift_of(picture: GreyImage) -> float:
    """How many pixels down the rule is found to lie, in the middle of the side."""
    found = drift(picture, Side("front", ruled(RULE), ()), PX_PER_MM)
    return float(np.median(found[round(RULE) - 10 : round(RULE) + 10, 60:-60, 1]))


@pytest.mark.parametrize("off", [-1.5, -0.4, 0.0, 0.4, 1.5])
def test_a_rule_is_found_where_it_lies(off: float) -> None:
    assert shift_of(ruled(RULE + off)) == pytest.approx(off, abs=0.1)


@pytest.mark.parametrize("off", [-0.4, 0.0, 0.4])
def test_writing_that_stands_on_a_rule_does_not_pull_it_up(off: float) -> None:
    assert shift_of(ruled(RULE + off, strokes=True)) == pytest.approx(
        off, abs=0.25
    )  # a full pixel if ink is believed like print
