"""Writing is cut into the lines somebody wrote."""

import numpy as np
import pytest

from scan_ingest.domain.crop import LineCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.stages.ink import clean
from scan_ingest.stages.lines import CORE_MARGIN, cut, trimmed
from tests.drawing.hands import FONTS, Hand
from tests.drawing.placed import as_field, handwritten

FIVE = ["She sat with my mother", "through the whole night", "and explained everything", "gently, happily", "us."]


def cut_lines(picture: GreyImage) -> tuple[LineCrop, ...]:
    side = clean(picture, np.full_like(picture, 255))
    return cut(side.clean, side.ink, as_field(picture)[1])


@pytest.mark.parametrize("font", ["dkg", "kristi", "dancing", "kaushan", "humor", "rufscript"])
@pytest.mark.parametrize("slope", [-0.06, 0.0, 0.06])
def test_every_line_is_found_whatever_the_hand_and_the_slope(font: str, slope: float) -> None:
    lines = [line.upper() for line in FIVE] if FONTS[font].capitals else FIVE
    found = cut_lines(handwritten(lines, Hand(FONTS[font]), slope=max(slope, 0.0))[:, :: -1 if slope < 0 else 1])
    assert len(found) == 5


@pytest.mark.parametrize("sag_px", [-12, 12])
def test_every_line_is_found_where_the_baselines_sag_or_arch(sag_px: int) -> None:
    straight = handwritten(FIVE, pitch_mm=6.0)
    padded = np.pad(straight, ((40, 40), (0, 0)), constant_values=255)
    across = np.linspace(-1, 1, padded.shape[1])
    moves = np.round(sag_px * (1 - across**2)).astype(int)
    bent = np.stack([np.roll(column, move) for column, move in zip(padded.T, moves, strict=True)], axis=1)
    found = cut_lines(bent)
    assert len(found) == 5
    level = [line.picture.shape[0] for line in cut_lines(straight)]
    assert [line.picture.shape[0] for line in found] == pytest.approx(level, rel=0.35)


def test_lines_come_from_the_top_down() -> None:
    found = cut_lines(handwritten(FIVE))
    tops = [line.box_mm.y for line in found]
    assert tops == sorted(tops)
    steps = np.diff([line.box_mm.y + line.box_mm.height / 2 for line in found])
    assert steps == pytest.approx([8, 8, 8, 8], abs=1.6)


def test_dense_writing_whose_tails_touch_the_next_line_is_cut_apart() -> None:
    found = cut_lines(handwritten(FIVE, Hand(FONTS["dancing"], size_mm=2.4), pitch_mm=5.6))
    assert len(found) == 5


def test_a_line_holds_no_ink_of_its_neighbours() -> None:
    lines = ["Mmmmm mmm mm", "nnnn nn nnn", "mm mmmm mmmm"]
    together = [int((255 - line.picture.astype(int)).sum()) for line in cut_lines(handwritten(lines))]
    alone = [int((255 - cut_lines(handwritten([line]))[0].picture.astype(int)).sum()) for line in lines]
    assert together == pytest.approx(alone, rel=0.03)


def test_a_picture_reaches_one_and_a_half_cores_above_and_below() -> None:
    (line,) = cut_lines(handwritten(["nnnnnn nnnnn nnnnnnn"]))
    rows = np.flatnonzero((line.picture < 128).any(axis=1))
    core = len(line.picture) / (1 + 2 * CORE_MARGIN)
    assert rows[0] == pytest.approx(CORE_MARGIN * core, abs=0.6 * core)
    assert line.picture[0].min() == 255


def test_dots_and_tails_are_no_lines() -> None:
    found = cut_lines(handwritten(["iii jjj iii jjj", "ggg yyy ggg ppp"]))
    assert len(found) == 2


def test_one_word_on_the_last_line_is_a_line() -> None:
    found = cut_lines(handwritten(["She sat with my mother the whole night through and told her all", "us."]))
    assert len(found) == 2


def test_paper_without_ink_has_no_lines() -> None:
    picture, box, _ = as_field(np.full((200, 600), 255, dtype=np.uint8))
    assert cut(picture, picture < 128, box) == ()
    assert trimmed(picture, picture < 128, box) is None
