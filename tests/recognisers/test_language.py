"""The table of English that ships with the decoder."""

from array import array
from math import exp

import pytest

from scan_ingest.recognisers.language import STEPS_PER_NAT, TABLE, UNSEEN, CharacterModel, Lexicon, english, plain

MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def table() -> tuple[CharacterModel, Lexicon]:
    return english()


def test_the_table_is_a_few_megabytes() -> None:
    assert TABLE.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("context", ["", " ", " the nu", "zqx", " kindnes"])
def test_after_any_beginning_the_characters_share_one(table: tuple[CharacterModel, Lexicon], context: str) -> None:
    every = "".join(sorted({chr(code).lower() for code in range(32, 127)})) + "£"
    assert sum(exp(table[0].log_p(context, character)) for character in every) == pytest.approx(1.0, abs=0.08)


def test_english_is_likelier_than_noise(table: tuple[CharacterModel, Lexicon]) -> None:
    def told(text: str) -> float:
        return sum(table[0].log_p(text[:at], character) for at, character in enumerate(text))

    assert told(" the nurse was kind") > told(" tbe nuvse wes kimd") + 10


def test_common_words_are_known_and_nonsense_is_not(table: tuple[CharacterModel, Lexicon]) -> None:
    _, lexicon = table
    common, rare = lexicon.log_p("the"), lexicon.log_p("haemoglobin")
    assert common is not None
    assert rare is not None
    assert common > rare
    assert lexicon.log_p("xqzt") is None
    assert (lexicon.capital("berlin") or 0.0) > 0.9
    assert (lexicon.capital("table") or 0.0) < 0.1


def test_the_texts_that_are_measured_on_were_not_learned(table: tuple[CharacterModel, Lexicon]) -> None:
    assert all(table[1].log_p(word) is None for word in ("zermott", "mcquaid"))


@pytest.mark.parametrize(
    ("written", "known_as"), [("É", "e"), ("ŵ", "w"), ("Ł", "l"), ("’", "'"), ("A", "a"), ("7", "7")]
)
def test_a_character_is_looked_up_small_and_plain(written: str, known_as: str) -> None:
    assert plain(written) == known_as


def test_what_is_as_rare_as_an_unseen_character_is_not_taken_for_one() -> None:
    # Of `a` and `b`, `b` after `a` has the one byte whose probability is that of what the texts do not have.
    rare = round(-UNSEEN * STEPS_PER_NAT)
    model = CharacterModel("ab", bytes([0, 1, 1]), array("I", [2, 3, 3]), bytes([10, 12, rare]), bytes([6, 0]))
    assert model.log_p("a", "b") == UNSEEN
    assert model.log_p("b", "b") == -12 / STEPS_PER_NAT
