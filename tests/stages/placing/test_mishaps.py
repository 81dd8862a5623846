"""Punched, or with its back showing through: no words come of it, and the writing stays."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import Image
from scan_ingest.domain.template import FieldKind
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.stages.reading.opinion import read_text
from tests.drawing.cards import fill_in
from tests.drawing.mishaps import punched, shone_through
from tests.drawing.placed import HAND, Seen, seen, template
from tests.drawing.press import XY

TEXTS = {"action": "Jane sat with my mother all night", "impact": "It meant the world to us", "nominee": "Jane Hill"}
BACK = {"action": "She came back after her shift to see me", "impact": "I was afraid and she stayed", "role": "Nurse"}
SIDE, WIDTH_MM = "front", template().width_mm
BESIDE: tuple[XY, ...] = ((150.0, 84.5), (182.0, 90.0))  # in the box of the first answer, behind its words


@pytest.fixture(scope="module")
def recognise() -> Recogniser:
    return pp_ocrv6()


def written(texts: dict[str, str]) -> Image:
    return fill_in(template(), SIDE, texts, HAND, seed=5, colour=False)


def text_fields(side: Seen) -> list[FieldCrop]:
    return [crop for crop in side.crops.values() if crop.field.kind is FieldKind.TEXT]


def texts_of(side: Seen, recognise: Recogniser) -> dict[str, str]:
    readings = [read_text(crop, recognise) for crop in text_fields(side) if crop.ink.any()]
    return {reading.field: reading.text for reading in readings}


@pytest.mark.parametrize("lid", [20, 140], ids=["dark lid", "grey lid"])
def test_punched_holes_are_no_ink_and_the_writing_beside_them_is_read(lid: int, recognise: Recogniser) -> None:
    empty = seen({}, drawn=punched(written({}), WIDTH_MM, BESIDE, lid), skew_deg=1)
    assert not any(crop.ink.any() for crop in text_fields(empty))
    full = seen({}, drawn=punched(written(TEXTS), WIDTH_MM, BESIDE, lid), skew_deg=1)
    assert texts_of(full, recognise) == TEXTS


def test_the_rim_of_a_hole_before_a_white_lid_is_no_ink() -> None:
    box = template().field("nominee").box_mm
    drawn = punched(written({}), WIDTH_MM, [(box.right - 20, box.y + box.height / 2)], 246)
    assert not seen({}, drawn=drawn, skew_deg=1).crops["nominee"].ink.any()


def test_a_hole_that_touches_a_word_takes_no_more_than_what_was_punched_out() -> None:
    card = seen({}, drawn=written(TEXTS)).crops["action"]
    rows, columns = np.nonzero(card.ink)
    middle = card.box_mm.x + columns.mean() / SIDE_PX_PER_MM, card.box_mm.y + rows.mean() / SIDE_PX_PER_MM
    left = seen({}, drawn=punched(written(TEXTS), WIDTH_MM, [middle], 20)).crops["action"]
    assert 0.8 * card.ink.sum() < left.ink.sum() < card.ink.sum()


def test_a_large_round_letter_is_no_hole() -> None:
    drawn = written({"action": "O O O"})
    assert len(seen({}, drawn=drawn).crops["action"].lines) == 1


def test_what_shows_through_from_the_back_is_no_ink_and_the_writing_over_it_is_read(recognise: Recogniser) -> None:
    empty = seen({}, drawn=shone_through(written({}), written(BACK)), skew_deg=1)
    assert not any(crop.ink.any() for crop in text_fields(empty))
    full = seen({}, drawn=shone_through(written(TEXTS), written(BACK)), skew_deg=1)
    assert texts_of(full, recognise) == TEXTS


def test_words_in_a_box_drawn_by_hand_are_words() -> None:
    drawn = written({"action": "thank you"})
    px = drawn.shape[1] / WIDTH_MM
    wavy = [(12 + x, 82 + side * 8 + 0.9 * np.sin(x / 3 + side)) for side in (0, 1) for x in np.linspace(0, 30, 60)]
    around = np.array([*wavy[:60], *wavy[:59:-1]]) * px
    cv2.polylines(drawn, [np.rint(around).astype(np.int32)], True, (40, 40, 40), round(0.4 * px))
    plain = seen({}, drawn=written({"action": "thank you"})).crops["action"].ink.sum()
    assert seen({}, drawn=drawn).crops["action"].ink.sum() > 1.5 * plain
