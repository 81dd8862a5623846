"""Every recogniser in the table reads handwriting, and keeps to the contract."""

import numpy as np
import pytest

from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.text import as_kept
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.lines import cut
from tests.drawing.placed import as_field, handwritten


def as_crop(lines: list[str]) -> FieldCrop:
    picture, box, field = as_field(handwritten(lines))
    side = clean(picture, np.full_like(picture, 255))
    return FieldCrop(field, picture, side.clean, side.ink, box, cut(side.clean, side.ink, box))


@pytest.fixture(scope="module", params=list(RECOGNISERS))
def recognise(request: pytest.FixtureRequest) -> Recogniser:
    return RECOGNISERS[request.param]()


@pytest.fixture(scope="module")
def crop() -> FieldCrop:
    return as_crop(["She held my hand", "and made us laugh"])


def test_handwriting_is_read(recognise: Recogniser, crop: FieldCrop) -> None:
    words = " ".join(line.text for line in recognise(crop)).split()
    assert len(set(words) & {"She", "held", "my", "hand", "and", "made", "us", "laugh"}) >= 5


def test_every_word_has_a_confidence_and_a_place_in_the_field(recognise: Recogniser, crop: FieldCrop) -> None:
    for line in recognise(crop):
        assert line.text == " ".join(word.text for word in line.words)
        assert line.text == as_kept(line.text)
        for word in line.words:
            assert 0 <= word.confidence <= 1
            assert word.box_mm.x >= crop.box_mm.x - 1
            assert word.box_mm.right <= crop.box_mm.right + 1
        lefts = [word.box_mm.x for word in line.words]
        assert lefts == sorted(lefts)


def test_a_field_without_writing_has_no_lines(recognise: Recogniser) -> None:
    picture, box, field = as_field(np.full((80, 400), 255, dtype=np.uint8))
    assert recognise(FieldCrop(field, picture, picture, picture < 0, box)) == ()


def test_a_line_no_wider_than_a_letter_is_no_bug(recognise: Recogniser) -> None:
    assert len(recognise(as_crop(["I"]))) <= 1
