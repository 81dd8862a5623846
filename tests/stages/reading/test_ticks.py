"""Ticks are read by the ink in their boxes."""

import cv2
import pytest

from scan_ingest.domain.card import Doubt, Reading
from scan_ingest.domain.geometry import Image
from scan_ingest.domain.template import Field
from scan_ingest.stages.reading.ticks import read_choice
from tests.drawing import hands
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand, Mark
from tests.drawing.placed import seen, template
from tests.drawing.scanner import Scan

CHOICE = template().field("nominator")
VALUES = [option.value for option in CHOICE.options]


def read(texts: str, how: Scan | None = None, hand: Hand | None = None, field: Field = CHOICE) -> Reading:
    card = seen({"nominator": texts}, how, hand=hand or Hand(FONTS["dkg"]), skew_deg=-1.0)
    return read_choice(field, card.side)


def read_drawn(draw: "list[tuple[tuple[float, float], tuple[float, float]]]", width_mm: float = 0.5) -> Reading:
    """The choice with these pen strokes on it, in millimetres on the side."""
    page: Image = fill_in(template(), "front", {}, Hand(FONTS["dkg"]), seed=1, colour=False).copy()
    scale = page.shape[1] / template().width_mm
    for start, end in draw:
        a, b = (tuple(round(value * scale) for value in point) for point in (start, end))
        cv2.line(page, a, b, 40, round(width_mm * scale), cv2.LINE_AA)
    return read_choice(CHOICE, seen({}, drawn=page).side)


@pytest.mark.parametrize("mark", list(Mark))
@pytest.mark.parametrize("value", [VALUES[0], VALUES[-1]])
def test_a_mark_is_read_whatever_its_shape(mark: Mark, value: str) -> None:
    reading = read(value, hand=Hand(FONTS["dkg"], mark=mark))
    assert (reading.text, reading.doubt) == (value, ())


def test_marks_that_leave_their_box_by_a_millimetre_are_read() -> None:
    assert read(VALUES[2], hand=Hand(FONTS["dkg"], mark=Mark.TICK, strays_mm=1.2)).text == VALUES[2]


def test_faint_pencil_is_read() -> None:
    assert read(VALUES[1], Scan(gain=0.7), Hand(FONTS["dkg"], hands.PENCIL, mark=Mark.TICK)).text == VALUES[1]


def test_no_mark_is_no_text_and_no_doubt() -> None:
    reading = read("")
    assert (reading.text, reading.doubt, reading.confidence) == ("", (), 1.0)


def test_a_required_choice_without_a_mark_is_empty() -> None:
    required = Field(CHOICE.name, CHOICE.side, CHOICE.kind, CHOICE.box_mm, required=True, options=CHOICE.options)
    assert read("", field=required).doubt == (Doubt.EMPTY,)


def test_more_marks_than_allowed_are_all_read_with_doubt() -> None:
    reading = read(f"{VALUES[0]}|{VALUES[3]}")
    assert (reading.text, reading.doubt) == (f"{VALUES[0]}|{VALUES[3]}", (Doubt.UNSURE,))


@pytest.mark.parametrize("across_mm", [1.4, 1.5])
def test_a_blot_is_no_sure_tick(across_mm: float) -> None:
    box = CHOICE.options[1].box_mm
    middle = box.x + box.width / 2, box.y + box.height / 2
    assert Doubt.UNSURE in read_drawn([(middle, middle)], width_mm=across_mm).doubt


def test_a_box_filled_in_altogether_is_ticked() -> None:
    box = CHOICE.options[1].box_mm
    middle = box.y + box.height / 2
    reading = read_drawn([((box.x + 0.8, middle), (box.right - 0.8, middle))], width_mm=box.height - 0.8)
    assert reading.text == VALUES[1]


def test_a_long_tail_into_the_next_box_does_not_tick_it() -> None:
    box, other = CHOICE.options[2].box_mm, CHOICE.options[3].box_mm
    strokes = [
        ((box.x + 0.8, box.y + 2), (box.x + 2, box.bottom - 0.6)),
        ((box.x + 2, box.bottom - 0.6), (box.right - 0.5, box.y + 0.6)),
        ((box.right - 0.5, box.y + 0.6), (other.x + 0.9, other.y + 1.0)),
    ]
    assert read_drawn(strokes).text == VALUES[2]


def test_a_touch_of_the_pen_is_unsure() -> None:
    box = CHOICE.options[0].box_mm
    middle = (box.x + box.width / 2, box.y + box.height / 2)
    reading = read_drawn([(middle, (middle[0] + 0.6, middle[1]))])
    assert Doubt.UNSURE in reading.doubt
    assert reading.confidence < 1
