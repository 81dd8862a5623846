"""Which words and names are known to be spelled so, and that short fields stay as they were written."""

import pytest

from scan_ingest.recognisers.vocabulary import Vocabulary, known_words


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return known_words(("Zylphia", "Qant Ward"))


@pytest.mark.parametrize(
    "text", ["Sarah", "OKAFOR", "O'Brien", "Małgorzata", "Smith-Jones,", "(Murphy)", "Radiographer"]
)
def test_names_of_many_countries_and_words_of_the_hospital_are_known(words: Vocabulary, text: str) -> None:
    assert words.knows(text)
    assert not words.nearly(text)


@pytest.mark.parametrize("text", ["Sqrah", "Sarrah-Jones", "Midwiffe", "Okafur"])
def test_what_is_a_letter_away_from_a_name_or_a_word_is_nearly_known(words: Vocabulary, text: str) -> None:
    assert not words.knows(text)
    assert words.nearly(text)


@pytest.mark.parametrize("text", ["", "-", "12/03/2025", "7b", "Xqzvwk"])
def test_signs_numbers_and_what_resembles_nothing_are_neither(words: Vocabulary, text: str) -> None:
    assert not words.knows(text)
    assert not words.nearly(text)


def test_a_sites_own_names_are_known_there_only(words: Vocabulary) -> None:
    assert words.knows("Zylphia")
    assert not known_words().knows("Zylphia")
