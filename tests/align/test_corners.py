"""Corners nudged, turned, typed and marked."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from scan_ingest.align import corners as at
from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.errors import SkipError
from scan_ingest.stages.placing.by_hand import corners_mm, homography_of, why_no_card

PAGE = (400, 300)  # rows, columns
OUTLINE = np.array([(20.0, 30.0), (260.0, 34.0), (250.0, 200.0), (18.0, 190.0)])
TURNS = some.integers(0, 3)


def painted(corners: Points, turn: int, colour: tuple[int, int, int] = (0, 0, 255), dots: int = 4) -> bytes:
    """The page as an image editor gives it back, with dots on the corners."""
    grey: GreyImage = np.full(PAGE, 240, dtype=np.uint8)
    picture = cv2.imdecode(np.frombuffer(at.to_be_marked(grey, turn), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    for x, y in at.to_view(corners, PAGE, turn)[:dots].round().astype(int).tolist():
        cv2.circle(picture, (x, y), 6, colour, -1, cv2.LINE_AA)
    return cv2.imencode(".png", picture)[1].tobytes()


@given(TURNS, some.floats(-50, 50), some.floats(-50, 50))
def test_a_corner_moves_as_it_is_seen_however_the_page_is_turned(turn: int, across: float, down: float) -> None:
    moved = at.moved(OUTLINE, 2, across, down, turn)
    seen = at.to_view(moved, PAGE, turn) - at.to_view(OUTLINE, PAGE, turn)
    assert np.allclose(seen, [(0, 0), (0, 0), (across, down), (0, 0)])
    assert np.allclose(at.moved(OUTLINE, None, across, down, turn) - OUTLINE, moved[2] - OUTLINE[2])


@given(TURNS)
def test_a_turned_page_is_turned_back(turn: int) -> None:
    assert np.allclose(at.to_page(at.to_view(OUTLINE, PAGE, turn), PAGE, turn), OUTLINE)


def test_four_quarters_are_a_whole_turn_and_the_outline_stays_where_it_is() -> None:
    corners = OUTLINE
    for turn in range(4):
        upright = at.to_view(corners, PAGE, turn)
        assert np.allclose(at.in_order(upright), upright)
        assert at.quarter_turns(corners) == turn
        corners = at.turned(corners)
    assert np.allclose(corners, OUTLINE)


@given(TURNS)
def test_a_card_to_begin_with_stands_upright_in_the_middle_of_the_page(turn: int) -> None:
    begin = at.start(PAGE, (210.0, 148.0), None, turn)
    assert why_no_card(begin, PAGE) is None
    assert at.quarter_turns(begin) == turn
    assert np.allclose(begin.mean(axis=0), [150, 200], atol=1)
    known = at.start((2480, 3508), (210.0, 148.0), 300.0, 0)
    assert np.allclose(known[1] - known[0], [210 / 25.4 * 300, 0])


def test_corners_are_typed_as_eight_numbers_and_read_back() -> None:
    assert np.allclose(at.typed("20,30 260,34\n250, 200; (18 190.5)"), [(20, 30), (260, 34), (250, 200), (18, 190.5)])
    assert np.allclose(at.typed(at.spelled(OUTLINE)), OUTLINE)
    with pytest.raises(SkipError, match=r"eight numbers .* these are 2"):
        at.typed("20,30")


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("colour", [(0, 0, 255), (255, 0, 255), (0, 255, 0)])
def test_four_coloured_dots_are_read_as_corners(turn: int, colour: tuple[int, int, int]) -> None:
    as_seen = at.to_page(at.in_order(at.to_view(OUTLINE, PAGE, turn)), PAGE, turn)
    assert np.allclose(at.marked(painted(OUTLINE, turn, colour), PAGE, turn), as_seen, atol=0.7)


def test_a_picture_that_is_not_marked_as_asked_says_what_is_wrong() -> None:
    with pytest.raises(SkipError, match="there are 3 coloured dots"):
        at.marked(painted(OUTLINE, 0, dots=3), PAGE, 0)
    with pytest.raises(SkipError, match="there are 0 coloured dots"):
        at.marked(painted(OUTLINE, 0, (90, 90, 90)), PAGE, 0)
    with pytest.raises(SkipError, match="300 × 400 pixels, the page has 400 × 300"):
        at.marked(painted(OUTLINE, 0), (300, 400), 0)
    with pytest.raises(SkipError, match="cannot be read"):
        at.marked(b"no picture", PAGE, 0)


def test_the_homography_takes_the_corners_to_the_sides_corners() -> None:
    page_to_side = homography_of(OUTLINE, 210, 148)
    assert np.allclose(page_to_side.map(OUTLINE), corners_mm(210, 148), atol=1e-6)
    with pytest.raises(ValueError, match="on a line"):
        homography_of(np.array([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (0.0, 1.0)]), 210, 148)


@pytest.mark.parametrize(
    ("corners", "why"),
    [
        (OUTLINE[::-1], "wrong way round"),
        (OUTLINE[[0, 2, 1, 3]], "no card's outline"),
        (OUTLINE[0] + (OUTLINE - OUTLINE[0]) / 50, "too small"),
        (OUTLINE + 900, "far off the page"),
    ],
)
def test_corners_that_are_no_cards_are_told(corners: Points, why: str) -> None:
    assert why in (why_no_card(corners, PAGE) or "")
