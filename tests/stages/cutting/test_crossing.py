"""Writing that keeps to no box: a line between two fields, a line across two, two columns in one."""

from functools import cache

import numpy as np
import pytest

from scan_ingest.domain.card import Doubt, Line, Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind, Side
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.segment import field_crops
from scan_ingest.stages.reading.opinion import reading
from tests.drawing.cards import handwriting
from tests.drawing.hands import BLACK, FONTS, Hand
from tests.drawing.press import Sheet

WIDTH_MM = 148.0
BOXES = {
    "nominee": (8.0, 10.0, 62.0, 11.0),  # beside the ward
    "ward": (78.0, 10.0, 62.0, 11.0),
    "action": (8.0, 28.0, 132.0, 34.0),  # above the impact
    "impact": (8.0, 72.0, 132.0, 34.0),
}
HAND = Hand(FONTS["kaushan"], BLACK, size_mm=2.0)

At = tuple[float, float, str]
"""Left end and baseline of words in millimetres, and the words."""


@cache
def layout() -> Side:
    sheet = Sheet(WIDTH_MM, 112, 200)
    for box in BOXES.values():
        sheet.box(box, 0.3, 60)
    sheet.text((8, 70), "What did it change for you?", 10, "Sans-Bold")
    fields = tuple(Field(name, "front", FieldKind.TEXT, BoxMm(*box)) for name, box in BOXES.items())
    return Side("front", sheet.picture(), fields)


def cut(*lines: At) -> dict[str, FieldCrop]:
    words = []
    for x, y, text in lines:
        for word in text.split():
            words.append(((x, y), word))
            x += 1.75 * len(word) + 2.2
    written = handwriting(layout().reference, WIDTH_MM, words, HAND, seed=6)
    return {crop.field.name: crop for crop in field_crops(clean(written, layout().reference), layout())}


def ink_mm2(crop: FieldCrop) -> float:
    return float(crop.ink.sum()) / SIDE_PX_PER_MM**2


# -- between two fields, one above the other -----------------------------------------------------------------------


def test_a_first_line_above_its_box_goes_where_the_writing_goes_on() -> None:
    below = ((12, 77.5, "and hope again when I had"), (12, 85, "none left at all"))
    crops = cut((40, 67.0, "She gave me back my courage"), *below)
    alone = cut(*below)
    assert ink_mm2(crops["action"]) == 0
    assert ink_mm2(crops["impact"]) > ink_mm2(alone["impact"]) + 20  # a letter of this hand has some 1.5 mm²
    assert len(crops["impact"].lines) == 3


def test_a_last_line_below_its_box_goes_where_the_writing_comes_from() -> None:
    above = ((12, 52, "She sat with me every night"), (12, 60, "and talked about the sea"))
    crops = cut(*above, (40, 67.4, "until I fell asleep again"), (12, 95, "Everything"))
    alone = cut((12, 95, "Everything"))
    assert ink_mm2(crops["impact"]) == pytest.approx(ink_mm2(alone["impact"]), abs=1)
    assert len(crops["action"].lines) == 3


def test_a_line_that_rises_between_two_empty_fields_is_not_torn() -> None:
    words = ("calm", "hope", "warm", "care", "trust", "thanks")
    rising = [(30 + 12 * step, 68.8 - 0.6 * step, word) for step, word in enumerate(words)]
    crops = cut(*rising)
    assert sorted(name for name, crop in crops.items() if crop.ink.any()) in (["action"], ["impact"])


# -- across two fields side by side --------------------------------------------------------------------------------


def doubts(crop: FieldCrop) -> list[tuple[Doubt, ...]]:
    """The doubts of words that were read surely, one in every 10 mm of each line."""
    lines = []
    for line in crop.lines:
        lefts = np.arange(line.box_mm.x, line.box_mm.right - 5, 10)
        boxes = [BoxMm(float(x), line.box_mm.y, 9, line.box_mm.height) for x in lefts]
        lines.append(Line("word", "word", 0.99, line.box_mm, tuple(Word("word", 0.99, box) for box in boxes)))
    return [word.doubt for line in reading(crop, lines, "pp-ocrv6").lines for word in line.words]


def test_a_line_that_runs_on_into_the_next_field_is_doubted_in_both() -> None:
    crops = cut((30, 18, "Marjorie Oyelaran from the Bluebell ward"))
    for name in ("nominee", "ward"):
        found = doubts(crops[name])
        assert found, name
        assert all(Doubt.INK in doubt for doubt in found), name


def test_two_fields_side_by_side_filled_to_the_edge_are_not_doubted() -> None:
    crops = cut((12, 18, "Marjorie Oyelaran-Whi"), (80, 18, "Bluebell ward"))
    for name in ("nominee", "ward"):
        assert not any(doubts(crops[name])), name
        assert not crops[name].is_covered(crops[name].field.box_mm)


# -- two columns ---------------------------------------------------------------------------------------------------

LEFT = ("She held my hand", "every night and", "never hurried me")
RIGHT = ("my family knew", "that I was safe", "and well cared for")


def test_two_columns_are_read_one_after_the_other() -> None:
    rows = (36.0, 45.0, 54.0)
    both = [(12, y, text) for y, text in zip(rows, LEFT, strict=True)]
    both += [(80, y + 1, text) for y, text in zip(rows, RIGHT, strict=True)]
    lines = cut(*both)["action"].lines
    middles = [line.box_mm.x + line.box_mm.width / 2 for line in lines]
    assert [middle > 74 for middle in middles] == [False] * 3 + [True] * 3


@pytest.mark.parametrize("numbers", [("1", "2", "3"), ("on", "we", "he")])
def test_a_list_is_no_second_column(numbers: tuple[str, ...]) -> None:
    rows = (36.0, 45.0, 54.0)
    lists = [(12, y, number) for y, number in zip(rows, numbers, strict=True)]
    lists += [(30, y, text) for y, text in zip(rows, LEFT, strict=True)]
    assert len(cut(*lists)["action"].lines) == 3


def test_a_gap_in_two_lines_parts_no_columns() -> None:
    gap = [(12, 40, "She held my hand"), (80, 40, "my family knew")]
    gap += [(12, 50, "every night and"), (80, 50, "that I was safe")]
    assert len(cut(*gap)["action"].lines) == 2


# -- over the edge -------------------------------------------------------------------------------------------------


def test_a_word_that_ends_outside_its_box_is_doubted() -> None:
    crop = cut((118, 40, "patiently"))["action"]
    (line,) = crop.lines
    assert line.box_mm.right > crop.field.box_mm.right - 8
    box = BoxMm(line.box_mm.x, line.box_mm.y, crop.field.box_mm.right + 3 - line.box_mm.x, line.box_mm.height)
    told = Line("patiently", "patiently", 0.99, line.box_mm, (Word("patiently", 0.99, box),))
    assert Doubt.INK in reading(crop, [told], "pp-ocrv6").lines[0].words[0].doubt
