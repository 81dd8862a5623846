"""What is no answer, drawn and read by the recogniser itself: it ends in doubt, or in nothing."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting import lines
from scan_ingest.stages.reading.opinion import read_text

WIDTH, HEIGHT = 900, 320


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return pp_ocrv6()


def field_of(picture: GreyImage) -> FieldCrop:
    side = clean(picture, np.full_like(picture, 255))
    height, width = picture.shape
    box = BoxMm(0, 0, width / SIDE_PX_PER_MM, height / SIDE_PX_PER_MM)
    field = Field("action", "front", FieldKind.TEXT, box)
    return FieldCrop(field, picture, side.clean, side.ink, box, lines.cut(side.clean, side.ink, box))


def paper() -> GreyImage:
    return np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)


def loops() -> GreyImage:
    picture, t = paper(), np.linspace(0, 40, 2000)
    points = np.stack([60 + 19 * t + 40 * np.cos(2 * t), 150 + 60 * np.sin(2.3 * t)], axis=1)
    cv2.polylines(picture, [points.astype(np.int32)], False, 40, 3, cv2.LINE_AA)
    return picture


def scribble() -> GreyImage:
    picture, chance = paper(), np.random.default_rng(3)
    points = np.cumsum(chance.normal(0, 22, (220, 2)), axis=0) % [WIDTH - 80, HEIGHT - 80] + 40
    cv2.polylines(picture, [points.astype(np.int32)], False, 40, 3, cv2.LINE_AA)
    return picture


def faces() -> GreyImage:
    picture = paper()
    for x in range(90, WIDTH - 60, 170):
        cv2.circle(picture, (x, 150), 60, 40, 3, cv2.LINE_AA)
        cv2.circle(picture, (x - 20, 130), 6, 40, 3, cv2.LINE_AA)
        cv2.circle(picture, (x + 20, 130), 6, 40, 3, cv2.LINE_AA)
        cv2.ellipse(picture, (x, 165), (30, 18), 0, 0, 180, 40, 3, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("doodle", [loops, scribble, faces])
def test_doodles_are_doubted(doodle: object, recogniser: Recogniser) -> None:
    assert callable(doodle)
    reading = read_text(field_of(doodle()), recogniser)
    assert reading.doubt
    assert all(word.doubt for line in reading.lines for word in line.words)


def test_an_empty_field_is_read_as_nothing(recogniser: Recogniser) -> None:
    reading = read_text(field_of(paper()), recogniser)
    assert (reading.text, reading.doubt) == ("", ())
