"""Names in sentences stay as the recogniser saw them: drawn lines, through the recogniser and the model of English."""

import pytest

from benchmarks.letters import line_of
from benchmarks.written import one_line
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from tests.drawing.hands import BLACK, FONTS, Font, Hand

HANDS = {
    "kaushan": Hand(FONTS["kaushan"], BLACK),
    "dkg": Hand(FONTS["dkg"], BLACK, gap_mm=0.6),
    "italic": Hand(Font("truetype/liberation/LiberationSerif-Italic.ttf", "fonts-liberation"), BLACK),
}


@pytest.fixture(scope="module")
def recognise() -> Recogniser:
    return pp_ocrv6()


def words(recognise: Recogniser, hand: str, text: str, seed: int) -> list[str]:
    (line,) = recognise(one_line(line_of(text, HANDS[hand], seed)))
    return line.text.replace(",", "").split()


def test_a_capital_before_its_small_letter_is_seen(recognise: Recogniser) -> None:
    """The search knows both letters of `Ll` by the place of the second."""
    assert "Llewelyn" in words(recognise, "italic", "Nurse Llewelyn from bed 12 held my hand", 5)


@pytest.mark.parametrize("hand", ["kaushan", "dkg"])
def test_the_letter_of_a_ward_keeps_its_distance(recognise: Recogniser, hand: str) -> None:
    found = words(recognise, hand, "Nurse Llewelyn from bed 12 on Cherwell B held my hand", 5)
    assert found[found.index("Cherwell") + 1] == "B"


def test_a_double_barrelled_name_is_one_word(recognise: Recogniser) -> None:
    found = words(recognise, "kaushan", "The HCA, Mrs Fitzgerald-Ncube, paid my £4.50 for the taxi", 4)
    assert found[1:4] == ["HCA", "Mrs", "Fitzgerald-Ncube"]


def test_a_title_is_no_planet(recognise: Recogniser) -> None:
    assert "Mrs" in words(recognise, "dkg", "The HCA, Mrs Fitzgerald-Ncube, paid my £4.50 for the taxi", 4)
