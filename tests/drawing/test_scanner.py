"""The scanner tells the truth about where a card lies."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import Image, Points
from tests.drawing.scanner import Laid, Scan, scan

CLEAN = Scan(noise=0, blur_px=0, jpeg=None)
DOTS_MM = np.array([(10.0, 8.0), (140.0, 9.5), (70.25, 50.5), (12.0, 96.0), (137.0, 97.25)])


def dotted_side(dpi: float = 300) -> Image:
    """An A6 side whose only print are five dots, drawn at exact places."""
    scale = dpi / 25.4
    side = np.full((round(105 * scale), round(148 * scale)), 255, dtype=np.uint8)
    for x, y in DOTS_MM:
        middle = round((x * side.shape[1] / 148 - 0.5) * 256), round((y * side.shape[0] / 105 - 0.5) * 256)
        cv2.circle(side, middle, round(0.8 * scale * 256), (0,), -1, cv2.LINE_AA, 8)
    return side


def found_dots(page: Image) -> Points:
    """The middles of the dots on a page, weighted by their ink, in no order."""
    ink = 255.0 - page
    _, labels, _, _ = cv2.connectedComponentsWithStats((page < 100).astype(np.uint8))
    middles = []
    for label in range(1, labels.max() + 1):
        near = cv2.dilate((labels == label).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        y, x = np.nonzero(near)
        middles.append((np.average(x, weights=ink[near]), np.average(y, weights=ink[near])))
    return np.array(middles)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0.0, 4.6, -3.1])
def test_the_corners_say_where_the_print_is(turn: int, skew: float) -> None:
    scanned = scan(Laid(dotted_side(), 148, 105, skew_deg=skew, turn=turn), CLEAN, seed=1)
    sides = np.array([(0, 0), (148, 0), (148, 105), (0, 105)], dtype=np.float32)
    to_page = cv2.getPerspectiveTransform(sides, scanned.corners_px[0].astype(np.float32))
    expected = cv2.perspectiveTransform(DOTS_MM.reshape(-1, 1, 2), to_page).reshape(-1, 2)
    found = found_dots(scanned.page)
    assert len(found) == len(DOTS_MM)
    for dot in expected:
        assert np.hypot(*(found - dot).T).min() < 0.15


def test_an_upright_card_fills_the_page_cut_to_it() -> None:
    scanned = scan(Laid(dotted_side(), 148, 105), Scan(margin_mm=0, dpi=254), seed=1)
    assert scanned.page.shape == (1050, 1480)
    assert np.allclose(scanned.corners_px[0], [(-0.5, -0.5), (1479.5, -0.5), (1479.5, 1049.5), (-0.5, 1049.5)])


def test_the_own_top_left_of_an_upside_down_card_is_at_the_bottom_right() -> None:
    corners = scan(Laid(dotted_side(), 148, 105, turn=180), Scan(dpi=254), seed=1).corners_px[0]
    assert np.allclose(corners[0], corners.max(axis=0))


def test_several_cards_lie_where_they_were_laid_on_a_dark_bed() -> None:
    one = Laid(dotted_side(), 148, 105, centre_mm=(90, 60), skew_deg=2)
    other = Laid(dotted_side(), 148, 105, centre_mm=(110, 220), turn=90)
    scanned = scan([one, other], Scan(dpi=100, bed_mm=(210, 297), lid=30), seed=1)
    middles = [corners.mean(axis=0) * 25.4 / 100 for corners in scanned.corners_px]
    assert np.allclose(middles, [(90, 60), (110, 220)], atol=0.2)
    assert scanned.page[5, 5] < 60
    assert scanned.page[round(60 / 0.254), round(90 / 0.254)] > 200


def test_several_cards_need_a_bed() -> None:
    with pytest.raises(ValueError, match="bed"):
        scan([Laid(dotted_side(), 148, 105)] * 2, Scan(), seed=1)


def test_one_seed_gives_one_page() -> None:
    how = Scan(dpi=75, coffee=1, streaks=2, gradient=0.1, colour=True)
    first, again, other = (scan(Laid(dotted_side(75), 148, 105), how, seed).page for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_one_bit_scan_is_black_and_white() -> None:
    page = scan(Laid(dotted_side(), 148, 105), Scan(dpi=100, one_bit=True), seed=1).page
    assert set(np.unique(page)) == {0, 255}
