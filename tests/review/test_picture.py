"""Handwriting drawn in the characters of a terminal."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.errors import StoreError
from scan_ingest.terminal import picture
from scan_ingest.terminal.picture import DOTS_IN, LEGIBLE_DOTS, Manner
from tests.review.desk import LINES, a_side

BRAILLE, BLOCKS = DOTS_IN[Manner.BRAILLE], DOTS_IN[Manner.HALF_BLOCKS]


def paper(width: int, height: int) -> GreyImage:
    return np.full((height, width), 255, dtype=np.uint8)


def written_line(text: str) -> tuple[GreyImage, float]:
    """A stretched line of writing, and its characters' width in millimetres."""
    crop = paper(1480, 72)
    cv2.putText(crop, text, (4, 46), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 20, 3)
    used = int(np.flatnonzero((crop < 128).any(axis=0))[-1]) + 5
    crop = crop[:, :used]
    return crop, picture.character_width_mm(used / SIDE_PX_PER_MM, len(text))


def test_braille_shows_each_dot_where_it_is() -> None:
    dots = np.zeros((4, 6), dtype=bool)
    dots[0, 0] = dots[3, 1] = True  # first character: dots 1 and 8
    dots[:, 2] = True  # second: its left column
    assert picture.as_braille(dots) == ("⢁⡇⠀",)


def test_half_blocks_show_upper_and_lower_dots() -> None:
    dots = np.array([[1, 0, 1, 0], [0, 1, 1, 0]], dtype=bool)
    assert picture.as_half_blocks(dots) == ("▀▄█ ",)


def test_grey_half_blocks_keep_white_white_and_black_black() -> None:
    dots = np.array([[0, 255], [255, 0]], dtype=np.uint8)
    assert picture.as_grey_pairs(dots).tolist() == [[[0, 255], [255, 0]]]


def test_a_long_line_is_split_over_rows_and_not_shrunk() -> None:
    crop, character_mm = written_line("She stayed after her shift to hold my fathers hand while we")
    rows = picture.in_rows(crop, character_mm, 80, 16, BRAILLE)
    assert len(rows) > 1
    assert (rows[0].left_px, rows[-1].right_px) == (0, crop.shape[1])
    for row, after in pairwise(rows):
        assert row.right_px == after.left_px
    for row in rows:
        dots_per_character = row.dots.shape[1] / (row.right_px - row.left_px) * character_mm * SIDE_PX_PER_MM
        assert dots_per_character >= LEGIBLE_DOTS * 0.98
        assert row.dots.shape[1] <= 160


def test_a_line_is_split_between_words() -> None:
    crop, character_mm = written_line("She stayed after her shift to hold my fathers hand while we")
    for row in picture.in_rows(crop, character_mm, 80, 16, BRAILLE)[:-1]:
        around = crop[:, row.right_px - 3 : row.right_px + 3]
        assert (around > 200).all()


def test_known_gaps_between_words_are_where_a_line_is_split() -> None:
    crop, character_mm = written_line("She stayed after her shift to hold my fathers hand while we")
    gaps = list(range(0, crop.shape[1], 111))
    rows = picture.in_rows(crop, character_mm, 80, 16, BRAILLE, gaps)
    assert {row.right_px for row in rows[:-1]} <= set(gaps)


def test_a_large_window_shows_a_line_larger() -> None:
    crop, character_mm = written_line("She stayed after her shift")
    small = picture.in_rows(crop, character_mm, 80, 8, BRAILLE)
    large = picture.in_rows(crop, character_mm, 200, 30, BRAILLE)
    assert len(large) < len(small)
    assert large[0].dots.shape[0] > small[0].dots.shape[0]


def test_a_narrow_window_still_gets_a_picture() -> None:
    crop, character_mm = written_line("She stayed")
    for columns in (1, 3, 20):
        rows = picture.in_rows(crop, character_mm, columns, 2, BRAILLE)
        assert all(row.dots.shape[1] <= 2 * columns for row in rows)


def test_faint_pencil_on_yellowed_paper_becomes_black_on_white() -> None:
    crop, _ = written_line("She stayed after")
    shadow = np.linspace(150, 230, crop.shape[1])[None, :]
    faint = np.asarray(np.where(crop < 128, shadow * 0.75, shadow), dtype=np.uint8)
    stretched = picture.stretched(faint)
    assert float(np.median(stretched[crop > 200])) > 240
    assert float(np.median(stretched[crop < 60])) < 60


def test_blank_paper_stays_blank() -> None:
    noise = np.random.default_rng(7).normal(235, 2, (70, 400)).clip(0, 255).astype(np.uint8)
    assert not picture.ink(picture.stretched(noise)[:68]).any()


def test_the_writing_in_braille_is_where_the_ink_is() -> None:
    side = picture.decoded(a_side())
    crop = picture.stretched(picture.cut(side, BoxMm(10, 42, 188, 9)))
    rows = picture.in_rows(crop, 188 / len(LINES["action"][0]), 80, 16, BRAILLE)
    drawn = [line for row in rows for line in picture.as_braille(picture.ink(row.dots))]
    inked = sum(character != "⠀" for line in drawn for character in line)
    assert 0.05 < inked / sum(map(len, drawn)) < 0.6


def test_a_word_is_found_again_in_the_row_that_shows_it() -> None:
    crop, character_mm = written_line("She stayed after her shift to hold my fathers hand while we")
    first, second, *_ = picture.in_rows(crop, character_mm, 80, 16, BRAILLE)
    assert first.columns_of(0, 20, 2) is not None
    assert second.columns_of(0, 20, 2) is None
    found = second.columns_of(second.left_px, second.left_px + 40, 2)
    assert found is not None
    assert found[0] == 0


@pytest.mark.parametrize("box", [BoxMm(-5, -5, 3, 3), BoxMm(300, 300, 9, 9), BoxMm(205, 140, 90, 90)])
def test_a_box_that_leaves_the_side_still_gives_a_picture(box: BoxMm) -> None:
    crop = picture.cut(picture.decoded(a_side()), box)
    assert min(crop.shape) >= 1


@pytest.mark.parametrize("jpeg", [b"", b"not a picture", a_side()[:40]])
def test_a_damaged_picture_is_an_error_of_the_store(jpeg: bytes) -> None:
    with pytest.raises(StoreError):
        picture.decoded(jpeg)
