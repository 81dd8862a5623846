"""Characters, words and lost spaces out of a recogniser's frames."""

import numpy as np
import pytest

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.recognisers.ctc import Frames, as_line, greedy
from scan_ingest.recognisers.decoding import as_seen
from scan_ingest.recognisers.ppocr import as_input, latin

ALPHABET = ("", "a", "b", "ŵ", " ")
BOX = BoxMm(10, 20, 50, 8)


def frames(seen: str, *, sure: float = 0.9, space: float = 0.0, gap: float = 0.0) -> Frames:
    """One frame for every character of `seen`; `_` is a blank. Blanks give the space `space` and lie in a gap."""
    table = np.zeros((len(seen), len(ALPHABET)), dtype=np.float32)
    gaps = np.zeros(len(seen), dtype=np.float32)
    for row, character in enumerate(seen):
        table[row, 0 if character == "_" else ALPHABET.index(character)] = sure
        if character == "_":
            table[row, 4] = space
            gaps[row] = gap
    return Frames(table, ALPHABET, gaps)


def text(of: Frames) -> str:
    return "".join(character.text for character in greedy(of))


def test_repeats_are_one_character_unless_a_blank_lies_between() -> None:
    assert text(frames("aab_bŵ_")) == "abbŵ"


def test_a_clear_gap_with_half_a_space_in_it_is_a_space() -> None:
    assert text(frames("a__b", space=0.05, gap=1.5)) == "a b"


@pytest.mark.parametrize(("space", "gap"), [(0.05, 0.3), (0.0, 1.5)])
def test_neither_a_narrow_gap_nor_a_gap_that_nobody_took_for_a_space_is_one(space: float, gap: float) -> None:
    assert text(frames("a__b", space=space, gap=gap)) == "ab"


def test_words_lie_where_their_frames_lie() -> None:
    seen = frames("aa_ _bb___", sure=1.0)
    line = as_line(as_seen()(seen), greedy(seen), seen, BOX)
    assert line is not None
    assert (line.text, line.raw) == ("a b", "a b")
    assert [(word.box_mm.x, word.box_mm.right) for word in line.words] == [(10, 20), (35, 45)]
    assert line.confidence == pytest.approx(1.0, abs=0.01)


def test_frames_without_characters_are_no_line() -> None:
    nothing = frames("____")
    assert as_line(as_seen()(nothing), greedy(nothing), nothing, BOX) is None


def test_only_latin_letters_digits_and_punctuation_are_kept() -> None:
    columns, alphabet = latin(["a", "中", "ŵ", "7", "★", "’", "я"])
    assert alphabet == ("", "a", "ŵ", "7", "’", " ")
    assert columns.tolist() == [0, 1, 3, 4, 6, 8]


def test_a_picture_becomes_48_pixels_high_and_keeps_its_shape() -> None:
    pixels = as_input(np.full((96, 400), 255, dtype=np.uint8))
    assert pixels.shape == (1, 3, 48, 200)
    assert pixels.max() == pixels.min() == 1.0
