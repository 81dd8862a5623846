"""Writing is cut into the lines somebody wrote."""

import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM, LineCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.lines import CORE_MARGIN, cut, trimmed
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


def with_word_above(word: str, at_mm: tuple[float, float], line: int) -> GreyImage:
    """Three lines, and a small word put in above one: `at_mm` right of their left end and above its baseline."""
    text = ["She sat with an ear", "on him and he had an", "ear on us"]
    picture = handwritten(text, Hand(FONTS["breip"], size_mm=1.9), pitch_mm=8.0)
    small = handwritten([word], Hand(FONTS["breip"], size_mm=1.5))
    rows, columns = np.flatnonzero((small < 200).any(axis=1)), np.flatnonzero((small < 200).any(axis=0))
    small = small[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    left, bottom = round((5 + at_mm[0]) * SIDE_PX_PER_MM), round((9 + 8 * line - at_mm[1]) * SIDE_PX_PER_MM)
    here = picture[bottom - len(small) : bottom, left : left + small.shape[1]]
    np.minimum(here, small, out=here)
    return picture


@pytest.mark.parametrize(("line", "x_mm"), [(1, 12.0), (1, 22.0), (2, 6.0), (0, 10.0)])
def test_a_word_put_in_above_a_line_is_a_line_of_its_own_before_it(line: int, x_mm: float) -> None:
    found = cut_lines(with_word_above("even", (x_mm, 3.4), line))
    assert [one.inserted for one in found] == [at == line for at in range(4)]
    word = found[line].box_mm
    assert word.x == pytest.approx(5 + x_mm, abs=1.5)
    assert word.width < 15


def test_letters_with_ascenders_and_tails_are_not_taken_for_words_put_in() -> None:
    for font in ("breip", "kaushan", "dkg", "dancing"):
        found = cut_lines(
            handwritten(
                ["happily, gently, kindly", "jolly 'fluffy' buggy tipped", "thirty-eight yaks"],
                Hand(FONTS[font]),
                pitch_mm=6.0,
            )
        )
        assert [one.inserted for one in found] == [False] * 3, font


def test_specks_that_are_no_letters_are_no_lines() -> None:
    picture = np.full((200, 600), 255, dtype=np.uint8)
    for x in range(60, 540, 60):
        picture[100:102, x : x + 12] = 30
    assert cut_lines(picture) == ()
