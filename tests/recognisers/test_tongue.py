"""An answer in another language than English is read as it was seen, and English is read as English."""

import pytest

from benchmarks.letters import line_of, survivors
from benchmarks.written import one_line
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ctc import Character
from scan_ingest.recognisers.language import english
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.recognisers.tongue import in_english
from tests.drawing.hands import BLACK, FONTS, Font, Hand

HAND = Hand(FONTS["kaushan"], BLACK)
PLAIN_HAND = Hand(Font("truetype/liberation/LiberationSerif-Italic.ttf", "fonts-liberation"), BLACK)

POLISH = "Siostra trzymała mnie za rękę, kiedy nie mogłem zasnąć"
WELSH = "Eisteddodd wrth y gwely a chanu i'r gŵr drws nesaf"
TURKISH = "Yaşlı babama her öğle yemeğinde yardım etti"


@pytest.fixture(scope="module")
def recognise() -> Recogniser:
    return pp_ocrv6()


@pytest.mark.parametrize("text", [POLISH, WELSH, TURKISH])
def test_nothing_is_made_english_that_is_not(recognise: Recogniser, text: str) -> None:
    (line,) = recognise(one_line(line_of(text, HAND, seed=4)))
    assert line.text == line.raw
    assert line.words[0].evidence is not None
    assert all(word.evidence is not None and word.evidence.language < -2 for word in line.words)  # what doubts it


@pytest.mark.parametrize("text", [POLISH, TURKISH])
def test_most_of_its_letters_survive(recognise: Recogniser, text: str) -> None:
    (line,) = recognise(one_line(line_of(text, PLAIN_HAND, seed=4)))
    kept, letters = survivors(text, line.text)
    assert kept >= 0.8 * letters


def test_english_is_decoded_as_ever(recognise: Recogniser) -> None:
    (line,) = recognise(one_line(line_of("She held my hand while we waited for Siân", HAND, seed=4)))
    assert line.text == "She held my hand while we waited for Siân"


def seen(text: str, probability: float = 0.9) -> list[Character]:
    return [Character(letter, probability, place, place + 1) for place, letter in enumerate(text)]


def read_as_english(*texts: str, probability: float = 0.9) -> list[bool]:
    return in_english([seen(text, probability) for text in texts], english()[1])


def test_english_that_was_seen_badly_is_english() -> None:
    assert read_as_english("houn in ths mistst of o steory lind", probability=0.5) == [True]
    assert read_as_english("chakles E. Fullek tuestay. Dr. L.", probability=0.5) == [True]
    assert (
        read_as_english("Ounr hondor luscness is gaod, lewt", "houn in ths mistst of o steory lind", probability=0.5)
        == [True] * 2
    )


def test_a_name_or_a_borrowed_word_makes_no_line_foreign() -> None:
    assert read_as_english("Małgorzata brought us café au lait from the canteen") == [True]


def test_a_short_line_goes_with_the_answer_around_it() -> None:
    assert read_as_english(POLISH, "do rana i do") == [False, False]
    assert read_as_english("She stayed with me the whole night", "do rana i do") == [True, True]


def test_an_answer_in_two_languages_is_read_in_both() -> None:
    assert read_as_english("She sat with me through the night", POLISH) == [True, False]
    assert read_as_english(POLISH, TURKISH, "She sat with me through the night") == [False, False, True]
