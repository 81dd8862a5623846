"""Words that somebody crossed out are known as such."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM, LineCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.lines import cut
from tests.drawing.hands import FONTS, Hand
from tests.drawing.placed import as_field, handwritten

WORDS = "She     stayed     with mother all night"
FONT_NAMES = ("dkg", "rufscript", "kristi", "kaushan", "humor", "breip")


def the_line(picture: GreyImage) -> LineCrop:
    side = clean(picture, np.full_like(picture, 255))
    (line,) = cut(side.clean, side.ink, as_field(picture)[1])
    return line


def hand(font: str) -> tuple[str, Hand]:
    return (WORDS.upper() if FONTS[font].capitals else WORDS), Hand(FONTS[font])


def crossed_out(font: str, how: str) -> tuple[GreyImage, tuple[float, float]]:
    """The line with its second word crossed out, and where that lies in millimetres."""
    text, writes = hand(font)
    picture = handwritten([text], writes)
    columns = (picture < 128).any(axis=0).astype(np.uint8)
    closed = cv2.morphologyEx(columns.reshape(1, -1), cv2.MORPH_CLOSE, np.ones((1, 13), np.uint8)).ravel()
    left, right = np.flatnonzero(np.diff(np.r_[0, closed, 0].astype(np.int8))).reshape(-1, 2)[1]
    middle = round(9 * SIDE_PX_PER_MM - 1.1 * SIDE_PX_PER_MM)  # half a small letter above the baseline
    if how == "scribble":
        across = np.linspace(left, right, max(8, int(right - left) // 4))
        rows = middle + 11 * np.where(np.arange(len(across)) % 2, -1, 1)
        points = np.stack([across, rows], axis=1)
    else:
        points = np.array([(left - 4, middle + 2), ((left + right) / 2, middle - 1), (right + 4, middle)])
    cv2.polylines(picture, [np.round(points).astype(np.int32)], False, (40,), 4, cv2.LINE_AA)
    return picture, (float(left) / SIDE_PX_PER_MM, float(right) / SIDE_PX_PER_MM)


@pytest.mark.parametrize("font", FONT_NAMES)
@pytest.mark.parametrize("how", ["stroke", "scribble"])
def test_a_word_that_is_crossed_out_is_known_and_its_neighbours_are_not(font: str, how: str) -> None:
    picture, (left, right) = crossed_out(font, how)
    ((start, end),) = the_line(picture).struck
    assert min(end, right) - max(start, left) > 0.5 * (right - left)
    assert start > left - 4
    assert end < right + 4


@pytest.mark.parametrize("font", FONT_NAMES)
def test_nothing_is_crossed_out_where_nobody_did(font: str) -> None:
    text, writes = hand(font)
    assert the_line(handwritten([text], writes)).struck == ()


def test_a_line_under_a_word_or_a_dash_between_words_crosses_nothing_out() -> None:
    picture = handwritten(["She stayed      all night"], Hand(FONTS["dkg"]))
    base = round(9 * SIDE_PX_PER_MM)
    cv2.line(picture, (40, base + 7), (220, base + 7), (40,), 3)
    columns = np.flatnonzero((picture[: base + 2] < 128).any(axis=0))
    gap = int(np.argmax(np.diff(columns)))
    cv2.line(picture, (int(columns[gap]) + 8, base - 8), (int(columns[gap + 1]) - 8, base - 8), (40,), 3)
    assert the_line(picture).struck == ()
