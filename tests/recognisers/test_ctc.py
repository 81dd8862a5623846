"""Characters, words and lost spaces out of a recogniser's frames."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.recognisers.ctc import Character, Frames, as_line, greedy, in_latin
from scan_ingest.recognisers.decoding import as_seen, make_decoder
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


@pytest.mark.parametrize(
    "table",
    [
        np.zeros((0, 5)),
        np.eye(1, 5).repeat(9, axis=0),
        np.full((1, 5), 0.004),
        np.eye(5)[[1]],
        np.full((20, 5), np.nan),
        np.full((20, 5), 1e30),
        np.full((20, 5), -3.0),
        np.full((20, 5), np.inf),
        np.vstack([np.eye(5)[[1, 0, 4, 2]], np.full((3, 5), np.nan)]),
    ],
)
def test_whatever_a_recogniser_answers_a_word_has_a_place_and_a_confidence(table: NDArray[np.float64]) -> None:
    seen = Frames(table.astype(np.float32), ALPHABET, np.zeros(len(table), dtype=np.float32))
    for decode in (as_seen(), make_decoder()):
        line = as_line(decode(seen), greedy(in_latin(seen)), seen, BOX)
        for word in line.words if line else ():
            assert word.box_mm.width > 0
            assert 0 <= word.confidence <= 1


def test_a_word_whose_characters_share_a_frame_is_one_frame_wide() -> None:
    seen = frames("ab")
    words = tuple(replace(word, characters=(Character("a", 0.9, 1, 1),)) for word in as_seen()(seen))
    line = as_line(words, greedy(seen), seen, BOX)
    assert line is not None
    assert line.words[0].box_mm.width == pytest.approx(BOX.width / 2)
