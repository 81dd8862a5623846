"""A registered side is cut into its fields."""

from collections.abc import Iterator

import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.stages.cutting import owners
from tests.drawing.cards import handwriting
from tests.drawing.placed import HAND, Seen, seen, template

TEXTS = {"nominee": "Jane Hill", "action": "She held my hand", "nominator": "visitor"}


@pytest.fixture(scope="module")
def card() -> Seen:
    return seen(TEXTS)


def test_every_field_is_cut_in_the_order_of_the_template(card: Seen) -> None:
    assert list(card.crops) == [field.name for field in template().fields]


def test_only_fields_that_were_written_in_hold_ink(card: Seen) -> None:
    assert {name for name, crop in card.crops.items() if crop.ink.any()} == set(TEXTS)
    assert {name for name, crop in card.crops.items() if crop.lines} == {"nominee", "action"}


def test_a_crop_says_where_it_lies_on_the_side(card: Seen) -> None:
    for crop in card.crops.values():
        assert crop.box_mm.x <= crop.field.box_mm.x
        assert crop.box_mm.right >= crop.field.box_mm.right
        assert crop.picture.shape[1] / crop.box_mm.width == pytest.approx(SIDE_PX_PER_MM)
        for line in crop.lines:
            assert line.box_mm.x >= crop.box_mm.x
            assert line.box_mm.right <= crop.box_mm.right + 0.2


def test_a_word_that_runs_out_of_its_field_is_taken_along() -> None:
    from tests.drawing.cards import fill_in

    drawn = fill_in(template(), "front", {}, HAND, seed=1, colour=False).copy()
    scale = drawn.shape[1] / 210
    box = template().field("date").box_mm
    # A wavy stroke from inside the date's box to 4 mm right of it, where no field is.
    for x in np.arange(box.right - 12, box.right + 4, 0.05):
        y = box.y + 4.5 + 1.2 * np.sin(2 * x)
        drawn[round((y - 0.25) * scale) : round((y + 0.25) * scale), round(x * scale) : round((x + 0.3) * scale)] = 40
    crop = seen({}, drawn=drawn).crops["date"]
    columns = np.flatnonzero(crop.ink.any(axis=0))
    assert crop.box_mm.x + columns[-1] / SIDE_PX_PER_MM == pytest.approx(box.right + 4.2, abs=0.5)


def test_writing_of_a_field_is_never_another_fields() -> None:
    crops = seen({"nominee": "Jane Hill", "role": "Nurse"}).crops
    assert not crops["ward"].ink.any()
    for name in ("nominee", "role"):
        crop = crops[name]
        columns = np.flatnonzero(crop.ink.any(axis=0))
        assert crop.box_mm.x + columns[0] / SIDE_PX_PER_MM > crop.field.box_mm.x - 1
        assert crop.box_mm.x + columns[-1] / SIDE_PX_PER_MM < crop.field.box_mm.right + 1


def words_at(x_mm: float, baseline_mm: float, text: str) -> Iterator[tuple[tuple[float, float], str]]:
    for word in text.split():
        yield (x_mm, baseline_mm), word
        x_mm += 1.9 * len(word) + 3


def written(*lines: tuple[float, float, str], off_mm: tuple[float, float] = (0.0, 0.0)) -> Seen:
    """The card with lines written anywhere: from the left and to the baseline in millimetres, and the text."""
    words = [word for line in lines for word in words_at(*line)]
    drawn = handwriting(template().side("front").reference, template().width_mm, words, HAND, seed=3)
    return seen({}, drawn=drawn, skew_deg=0.7, off_mm=off_mm)


@pytest.mark.parametrize(
    ("field", "inside", "outside"),
    [
        ("impact", (12, 134.8, "patience through the"), (12, 141.5, "long dark winter")),  # over small print
        ("action", (12, 106.2, "and then she made"), (12, 112.0, "tea for everybody")),  # over the next prompt
        ("action", (150, 100.0, "stayed until late"), (203, 106.2, "us")),  # over the card's margin
        ("date", (110, 62.5, "12 March"), (148.5, 62.5, "maybe")),  # over a remark
        ("nominee", (12, 48.0, "Jane Hill"), (20, 39.8, "Sister")),  # over its own prompt
    ],
)
def test_words_written_outside_every_box_go_to_the_nearest_field_whole(
    field: str, inside: tuple[float, float, str], outside: tuple[float, float, str]
) -> None:
    alone, crops = written(inside), written(inside, outside).crops
    mm2 = {name: float(crop.ink.sum()) / SIDE_PX_PER_MM**2 for name, crop in crops.items()}
    before = float(alone.crops[field].ink.sum()) / SIDE_PX_PER_MM**2
    letters = len(outside[2].replace(" ", ""))
    assert mm2[field] - before > 0.9 * letters  # a letter of this hand has 1.5 to 4 mm²; over bold print some is lost
    assert {name for name, there in mm2.items() if there} == {field}


def test_print_that_lies_a_little_off_its_place_is_nobodys_writing() -> None:
    assert {name for name, crop in written(off_mm=(0.6, -0.6)).crops.items() if crop.lines} == set()


def test_print_outside_the_boxes_that_could_not_be_taken_out_is_nobodys_writing() -> None:
    crops = written(off_mm=(0.8, -0.8)).crops.values()
    assert [crop.field.name for crop in crops if owners.outside(crop.ink, crop.box_mm, crop.field, 2.0) > 0.05] == []
