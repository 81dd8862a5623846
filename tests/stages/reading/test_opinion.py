"""Lines become a reading, and the reading says where to look."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from scan_ingest.domain.card import Doubt, Evidence, Line, Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop, LineCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.errors import SkipError
from scan_ingest.ports.reading import Recogniser
from scan_ingest.stages.reading.opinion import UNSURE_BELOW, joined, read_text

BOX = BoxMm(10, 10, 60, 20)


def line(*words: tuple[str, float], y: float = 10.0) -> Line:
    text = " ".join(word for word, _ in words)
    seen = tuple(Word(word, sure, BoxMm(10 + 8 * n, y, 7, 5)) for n, (word, sure) in enumerate(words))
    return Line(text, text, float(np.mean([sure for _, sure in words])), BoxMm(10, y, 60, 5), seen)


def crop(ink_mm2: float = 20.0, lines: int = 1, *, required: bool = False, outside: bool = False) -> FieldCrop:
    """A field with a patch of ink in it, or beside it."""
    field = Field("action", "front", FieldKind.TEXT, BOX, required=required)
    box = BOX.grown(10)
    shape = (round(box.height * SIDE_PX_PER_MM), round(box.width * SIDE_PX_PER_MM))
    ink = np.zeros(shape, dtype=bool)
    side = round(np.sqrt(ink_mm2) * SIDE_PX_PER_MM)
    corner = 0 if outside else round(12 * SIDE_PX_PER_MM)
    ink[corner : corner + side, corner : corner + side] = True
    paper = np.full(shape, 255, dtype=np.uint8)
    return FieldCrop(field, paper, paper, ink, box, (LineCrop(paper, box),) * lines)


def reads(*lines: Line) -> Recogniser:
    def recognise(_: FieldCrop) -> Sequence[Line]:
        return lines

    return recognise  # type: ignore[return-value]


def fails(_: FieldCrop) -> tuple[Line, ...]:
    raise SkipError("out of memory")


def test_lines_are_joined_with_one_space() -> None:
    lines = [line(("She", 0.99), ("sat", 0.99)), line(("with", 0.99), y=18), line(("me.", 0.99), y=26)]
    assert joined(lines) == "She sat with me."


def test_a_clear_gap_ends_a_paragraph() -> None:
    lines = [line(("one", 0.99), y=y) for y in (10, 18, 26, 42, 50)]
    assert joined(lines) == "one one one\none one"


def test_a_sure_reading_has_no_doubt_and_asks_nobody() -> None:
    reading = read_text(crop(), reads(line(("Thank", 0.99), ("you", 0.99))), fails)
    assert (reading.text, reading.doubt, reading.recogniser) == ("Thank you", (), "pp-ocrv6")
    assert reading.second_opinion is None


def test_a_word_with_low_confidence_is_unsure() -> None:
    reading = read_text(crop(), reads(line(("Thank", 0.99), ("yov", 0.5))))
    assert [word.doubt for word in reading.lines[0].words] == [(), (Doubt.UNSURE,)]
    assert reading.doubt == (Doubt.UNSURE,)


SURE = Evidence(0.99, 0.98, 0.99, True, -1.5, True, 5, 0.0)
SHAKY = Evidence(0.6, 0.2, 0.4, False, -4.0, True, 5, 0.0)


def written(*words: tuple[str, Evidence], y: float = 10.0) -> Line:
    """A line whose recogniser tells what speaks for its words."""
    plain = line(*((text, 0.5) for text, _ in words), y=y)
    seen = tuple(replace(word, evidence=evidence) for word, (_, evidence) in zip(plain.words, words, strict=True))
    return replace(plain, words=seen)


def test_confidences_are_worked_out_from_the_evidence() -> None:
    reading = read_text(crop(), reads(written(("thank", SURE), ("yours", SHAKY), ("truly", SURE))))
    first, second, third = (word.confidence for word in reading.lines[0].words)
    assert second < UNSURE_BELOW < min(first, third)
    assert reading.lines[0].words[1].doubt == (Doubt.UNSURE,)
    assert second < reading.lines[0].confidence < max(first, third)


def test_only_lines_with_a_word_on_the_edge_are_asked_about_again() -> None:
    sure, edge = line(("Thank", 0.99), ("you", 0.99)), line(("she", 0.99), ("yov", UNSURE_BELOW), y=18)
    lost = line(("xjq", 0.1), y=26)
    field = crop()
    strips = tuple(LineCrop(field.clean, each.box_mm) for each in (sure, edge, lost))
    asked: list[BoxMm] = []

    def second(crop: FieldCrop) -> tuple[Line, ...]:
        asked.extend(each.box_mm for each in crop.lines)
        return (line(("she", 0.9), ("you", 0.9), y=18),)

    reading = read_text(replace(field, lines=strips), reads(sure, edge, lost), second)
    assert asked == [edge.box_mm]
    assert reading.second_opinion == "she you"


def test_recognisers_that_differ_over_an_unsure_word_disagree() -> None:
    unsure = UNSURE_BELOW - 0.01
    first = line(("Thank", 0.99), ("yov", unsure))
    reading = read_text(crop(), reads(first), reads(line(("Thank", 0.9), ("you", 0.9))))
    assert reading.lines[0].words[1].doubt == (Doubt.UNSURE, Doubt.DISAGREE)
    assert reading.text == "Thank yov"


def test_tesseracts_guesses_do_not_disagree() -> None:
    first = line(("you", 0.95), ("see", UNSURE_BELOW))
    reading = read_text(crop(), reads(first), reads(line(("jolt", 0.9), ("see", 0.9))))
    assert reading.doubt == ()


def test_an_empty_field_is_an_empty_reading() -> None:
    reading = read_text(crop(0.0, lines=0), reads(), fails)
    assert (reading.text, reading.confidence, reading.lines, reading.doubt) == ("", 1.0, (), ())


def test_a_required_field_without_text_is_empty() -> None:
    assert read_text(crop(0.0, lines=0, required=True), reads()).doubt == (Doubt.EMPTY,)


def test_ink_without_text_is_doubted() -> None:
    nothing = read_text(crop(), reads())
    assert (nothing.doubt, nothing.confidence) == ((Doubt.INK,), 0.0)
    assert read_text(crop(lines=2), reads(line(("one", 0.99)))).doubt == (Doubt.INK,)


def test_writing_outside_the_box_is_doubted() -> None:
    assert read_text(crop(outside=True), reads(line(("Jane", 0.99)))).doubt == (Doubt.INK,)


def strip_of(text: Line, *inked_mm: tuple[float, float]) -> LineCrop:
    """A line's picture with ink between those millimetres of it."""
    px = SIDE_PX_PER_MM
    picture = np.full((round(text.box_mm.height * px), round(text.box_mm.width * px)), 255, dtype=np.uint8)
    for start, end in inked_mm:
        picture[round(1.9 * px) : round(3.1 * px), round(start * px) : round(end * px) : 3] = 30
    return LineCrop(picture, text.box_mm)


def test_a_word_outside_the_box_is_doubted_itself() -> None:
    reading = read_text(crop(), reads(line(("Thank", 0.99), ("you", 0.99)), line(("so", 0.99), y=31)))
    assert [word.doubt for one in reading.lines for word in one.words] == [(), (), (Doubt.INK,)]
    assert reading.doubt == (Doubt.INK,)


def test_a_word_put_in_above_a_line_is_doubted_and_begins_no_paragraph() -> None:
    lines = [line(("one", 0.99), y=y) for y in (12, 15, 17, 20.5, 25.5)]
    field = crop(lines=0)
    paper = np.full((40, 480), 255, dtype=np.uint8)
    strips = tuple(LineCrop(paper, one.box_mm, inserted=at == 3) for at, one in enumerate(lines))
    reading = read_text(replace(field, lines=strips), reads(*lines))
    assert [Doubt.INK in word.doubt for one in reading.lines for word in one.words][3]
    assert reading.text == "one one one one\none"  # without the fourth, the fifth lies far below the third


def test_text_where_nobody_wrote_is_doubted() -> None:
    two = line(("Thank", 0.99), ("you", 0.99))
    field = replace(crop(), lines=(strip_of(two, (0, 5)),))
    words = read_text(field, reads(two)).lines[0].words
    assert [word.doubt for word in words] == [(), (Doubt.INK,)]


def test_a_word_that_is_crossed_out_is_doubted() -> None:
    two = line(("Thank", 0.99), ("you", 0.99))
    strip = replace(strip_of(two, (0, 7), (8, 15)), struck=((10.5, 17.5),))
    words = read_text(replace(crop(), lines=(strip,)), reads(two)).lines[0].words
    assert [word.doubt for word in words] == [(Doubt.INK,), ()]


def test_a_word_that_was_crossed_out_so_that_nothing_is_read_leaves_doubt_beside_it() -> None:
    two = line(("Thank", 0.99), ("you", 0.99))
    strip = replace(strip_of(two, (0, 7), (8, 15)), struck=((26.5, 31.0),))
    words = read_text(replace(crop(), lines=(strip,)), reads(two)).lines[0].words
    assert [word.doubt for word in words] == [(), (Doubt.INK,)]


def test_a_word_whose_every_letter_is_clear_is_not_crossed_out() -> None:
    two = line(("Thank", 0.99), ("you", 0.99))
    clear = Evidence(0.99, 0.97, 0.99, True, -1.0, True, 5, 0.0)
    struck = replace(strip_of(two, (0, 7), (8, 15)), struck=((10.5, 17.5),))
    found = []
    for lowest in (0.97, 0.6):
        first = replace(two.words[0], evidence=replace(clear, raw_lowest=lowest))
        read = replace(two, words=(first, two.words[1]))
        found.append(Doubt.INK in read_text(replace(crop(), lines=(struck,)), reads(read)).lines[0].words[0].doubt)
    assert found == [False, True]


def test_writing_beside_a_word_that_was_not_read_is_doubted() -> None:
    two = line(("Thank", 0.99), ("you", 0.99))
    read = replace(crop(), lines=(strip_of(two, (0, 7), (8, 15)),))
    assert read_text(read, reads(two)).doubt == ()
    more = replace(crop(), lines=(strip_of(two, (0, 7), (8, 15), (25, 50)),))
    words = read_text(more, reads(two)).lines[0].words
    assert [word.doubt for word in words] == [(), (Doubt.INK,)]


def test_dirt_is_not_text() -> None:
    reading = read_text(crop(0.3), reads(line(("~.", 0.2))))
    assert (reading.text, reading.doubt) == ("", ())


@pytest.mark.parametrize(("height_mm", "text"), [(45.0, ""), (16.0, "1")])
def test_a_streak_of_dust_across_a_field_is_no_figure_and_what_is_left_is_doubt(height_mm: float, text: str) -> None:
    box = BoxMm(30, 0, 2.8, height_mm)
    stroke = Line("1", "1", 0.9, box, (Word("1", 0.9, BoxMm(30, 12, 2.8, 9)),))
    reading = read_text(crop(), reads(stroke))
    assert reading.text == text
    assert (Doubt.INK in reading.doubt) is not bool(text)


def test_a_second_opinion_that_fails_costs_only_itself() -> None:
    reading = read_text(crop(), reads(line(("Thank", UNSURE_BELOW))), fails)
    assert (reading.text, reading.second_opinion) == ("Thank", None)
    assert reading.recogniser == "pp-ocrv6 (tesseract failed)"


def test_a_first_reader_that_fails_leaves_the_second_with_doubt() -> None:
    reading = read_text(crop(), fails, reads(line(("Thank", 0.9))))
    assert (reading.text, reading.recogniser) == ("Thank", "tesseract (pp-ocrv6 failed)")
    assert Doubt.UNSURE in reading.doubt
    assert reading.confidence <= 0.5


@pytest.mark.parametrize("second", [None, fails])
def test_two_that_fail_leave_an_empty_reading_that_says_so(second: Recogniser | None) -> None:
    reading = read_text(crop(), fails, second)
    assert (reading.text, reading.recogniser) == ("", "none (pp-ocrv6 failed)")
    assert reading.doubt == (Doubt.UNSURE, Doubt.INK)
