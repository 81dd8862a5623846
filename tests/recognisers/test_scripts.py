"""A line in another script is doubt, not Latin noise: drawn lines, through the recogniser."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.lines import cut
from tests.drawing.placed import as_field
from tests.drawing.press import typeface

SURE = 0.5  # a word below this is never taken without a look


def drawn(text: str) -> GreyImage:
    face = typeface("Sans-Italic", 34)  # Liberation draws Greek and Cyrillic too
    sheet = Image.new("L", (int(face.getlength(text)) + 80, 120), 255)
    ImageDraw.Draw(sheet).text((40, 75), text, fill=40, font=face, anchor="ls")
    return np.asarray(sheet, dtype=np.uint8)


@pytest.fixture(scope="module")
def recognise() -> Recogniser:
    return pp_ocrv6()


def as_crop(text: str) -> FieldCrop:
    picture, box, field = as_field(drawn(text))
    side = clean(picture, np.full_like(picture, 255))
    return FieldCrop(field, picture, side.clean, side.ink, box, cut(side.clean, side.ink, box))


@pytest.mark.parametrize(
    "text",
    [
        "Медсестра держала меня за руку всю ночь",
        "Спасибо большое за вашу доброту и терпение",
        "Η νοσοκόμα ήταν πολύ ευγενική μαζί μας",
        "Ευχαριστώ πολύ για την καλοσύνη σας",
    ],
)
def test_a_line_in_another_script_is_doubted(recognise: Recogniser, text: str) -> None:
    for line in recognise(as_crop(text)):
        assert line.confidence < SURE
        assert all(word.confidence < SURE for word in line.words)


def test_the_same_in_english_is_read(recognise: Recogniser) -> None:
    (line,) = recognise(as_crop("The nurse was very kind to us"))
    assert line.text == "The nurse was very kind to us"
    assert line.confidence > SURE


@pytest.mark.parametrize("text", ["Bhí sí an-chineálta, míle buíochas", "Dziękuję za opiekę, wspaniała środa"])
def test_irish_and_polish_letters_survive(recognise: Recogniser, text: str) -> None:
    (line,) = recognise(as_crop(text))
    letters = {letter for letter in text if ord(letter) > 127}
    assert letters & set(line.text)
