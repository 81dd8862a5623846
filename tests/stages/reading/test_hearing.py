"""What a recogniser answers is taken as it comes from outside."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scan_ingest.domain.card import Doubt, Line, Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.domain.text import forbidden_characters
from scan_ingest.stages.reading.opinion import UNSURE_BELOW, read_text

BOX = BoxMm(10, 10, 60, 20)
UNSEEN = "\x00\x1b\x07\x85\x9b\u202e\u2066\u200b\ufeff\ud800\u2028\ue000"


def field() -> FieldCrop:
    """A field with a patch of ink in it."""
    shape = round(BOX.height * SIDE_PX_PER_MM), round(BOX.width * SIDE_PX_PER_MM)
    paper, ink = np.full(shape, 255, dtype=np.uint8), np.zeros(shape, dtype=bool)
    ink[20:60, 20:60] = True
    return FieldCrop(Field("action", "front", FieldKind.TEXT, BOX), paper, paper, ink, BOX)


def line(text: str, sure: float = UNSURE_BELOW) -> Line:
    word = Word(text, sure, BoxMm(10, 10, 8, 5), alternatives=(text, f"{text}s"))
    return Line(text, text, sure, BoxMm(10, 10, 60, 5), (word,))


def answers(answer: Any) -> Callable[[FieldCrop], Any]:
    return lambda _: answer


def test_no_reading_holds_a_character_that_nobody_writes() -> None:
    strange = (line(f"Tha{UNSEEN}nk\r\nyou"), line(UNSEEN))
    reading = read_text(field(), answers(strange), answers(strange))
    (read,) = reading.lines
    texts = [reading.text, read.text, read.raw, read.words[0].text, *read.words[0].alternatives]
    assert {text.removesuffix("s") for text in texts} == {"Tha nk you"}
    assert not forbidden_characters(reading.second_opinion or "")
    assert (reading.second_opinion or "").isprintable()


def test_a_line_that_is_not_told_word_by_word_is_as_sure_as_the_line() -> None:
    told = Line("Thank you", "Thank you", 0.2, BoxMm(10, 10, 60, 5))
    reading = read_text(field(), answers((told,)))
    assert reading.text == "Thank you"
    assert reading.confidence < UNSURE_BELOW
    assert Doubt.UNSURE in reading.doubt


def test_letters_are_put_together_as_they_are_kept() -> None:
    assert read_text(field(), answers((line("Cafe\u0301"),))).lines[0].words[0].text == "Café"


NOTHING_OF_USE = [None, "Thank you", 7, (None,), ("Thank you",), (line("x" * 400_000),), (line("yes"),) * 100_000]


@pytest.mark.parametrize("answer", NOTHING_OF_USE)
def test_an_answer_that_is_no_writing_costs_the_field_its_reading(answer: object) -> None:
    reading = read_text(field(), answers(answer))
    assert (reading.text, reading.recogniser) == ("", "none (pp-ocrv6 failed)")
    assert reading.doubt == (Doubt.UNSURE, Doubt.INK)


@pytest.mark.parametrize("answer", NOTHING_OF_USE)
def test_as_a_second_opinion_it_is_none(answer: object) -> None:
    reading = read_text(field(), answers((line("Thank", UNSURE_BELOW),)), answers(answer))
    assert (reading.text, reading.recogniser) == ("Thank", "pp-ocrv6 (tesseract failed)")


def test_a_recogniser_without_memory_costs_the_field_its_reading() -> None:
    def exhausted(_: FieldCrop) -> tuple[Line, ...]:
        raise MemoryError

    assert read_text(field(), exhausted).recogniser == "none (pp-ocrv6 failed)"
