"""Capitals are written as they were seen and as words usually are, a word's letters together."""

import numpy as np
import pytest

from scan_ingest.recognisers.capitals import folding
from scan_ingest.recognisers.ctc import Decoder, Frames, greedy, text_of
from scan_ingest.recognisers.decoding import make_decoder

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ALPHABET = ("", *LETTERS, *LETTERS.upper(), *"0123456789.,'&", " ")


def frames(written: str, doubtful: str = "") -> Frames:
    """A frame for each character and a blank after it; those of `doubtful` are hardly likelier than the other case."""
    table = np.full((2 * len(written), len(ALPHABET)), 1e-6, dtype=np.float32)
    table[1::2, 0] = 0.999
    for place, character in enumerate(written):
        share = 0.35 if character in doubtful else 0.01
        table[2 * place, ALPHABET.index(character)] = 0.97 - share
        table[2 * place, ALPHABET.index(character.swapcase())] += share
    return Frames(table, ALPHABET, np.zeros(len(table), dtype=np.float32))


@pytest.fixture(scope="module")
def decode() -> Decoder:
    return make_decoder()


def text(words: Decoder, seen: Frames) -> str:
    return " ".join(word.text for word in words(seen))


@pytest.mark.parametrize(
    ("seen", "doubtful", "written"),
    [
        ("she was veRy Kind to us", "KR", "she was very kind to us"),
        ("it was in london and berlin", "lb", "it was in London and Berlin"),
        ("we Saw her Work So hard", "SW", "we saw her work so hard"),
        ("and i was glad", "i", "and I was glad"),
        ("it was late. she stayed", "s", "it was late. She stayed"),
    ],
)
def test_letters_that_look_alike_are_written_as_is_usual(
    decode: Decoder, seen: str, doubtful: str, written: str
) -> None:
    assert text(decode, frames(seen, doubtful)) == written


@pytest.mark.parametrize("seen", ["we thank McQuaid for it", "the NHS is proud", "thanks to Niamh and Okafor"])
def test_capitals_that_were_surely_seen_stay(decode: Decoder, seen: str) -> None:
    assert text(decode, frames(seen)) == seen


def test_a_line_in_block_capitals_is_set_as_usual_but_for_words_that_nobody_knows(decode: Decoder) -> None:
    seen = frames("THE NURSE MBEKI WAS VERY KIND TO US IN LONDON")
    assert text(decode, seen) == "the nurse MBEKI was very kind to us in London"
    assert text_of(greedy(seen)) == "THE NURSE MBEKI WAS VERY KIND TO US IN LONDON"


def test_how_else_a_word_may_be_written_is_among_its_alternatives(decode: Decoder) -> None:
    word = decode(frames("at night we sang", "n"))[1]
    assert (word.text, word.alternatives[:1]) == ("night", ("Night",))


def test_small_letters_and_capitals_fold_into_one_and_others_stay() -> None:
    fold = folding(ALPHABET)
    seen = frames("aA7", "a")
    folded = fold.folded(seen)
    assert "A" not in fold.alphabet
    assert folded.probabilities[0, fold.alphabet.index("a")] == pytest.approx(0.97, abs=1e-4)
    assert folded.probabilities[4, fold.alphabet.index("7")] == pytest.approx(0.97, abs=0.02)
