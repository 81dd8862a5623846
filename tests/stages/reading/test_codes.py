"""Printed codes are decoded as they are."""

import cv2
import numpy as np
import pytest
import zxingcpp

from scan_ingest.domain.card import Doubt
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.stages.reading.codes import read_code
from tests.drawing.placed import as_field


def crop_of(picture: GreyImage, *, required: bool = False) -> FieldCrop:
    _, box, _ = as_field(picture)
    field = Field("code", "front", FieldKind.CODE, box, required=required)
    return FieldCrop(field, picture, picture, picture < 0, box)


def printed(text: str) -> GreyImage:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    picture = np.asarray(zxingcpp.write_barcode_to_image(code, scale=4), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), dtype=np.uint8)


def test_a_code_says_what_it_holds() -> None:
    reading = read_code(crop_of(printed("WARD-07/2026")))
    assert (reading.text, reading.doubt, reading.confidence) == ("WARD-07/2026", (), 1.0)


def test_a_code_that_cannot_be_decoded_is_unsure() -> None:
    spoilt = printed("WARD-07/2026").copy()
    spoilt[:, spoilt.shape[1] // 3 :: 3] = 0
    reading = read_code(crop_of(spoilt))
    assert (reading.text, reading.doubt) == ("", (Doubt.UNSURE,))


@pytest.mark.parametrize(("required", "doubt"), [(True, (Doubt.EMPTY,)), (False, ())])
def test_no_code_is_empty_only_where_one_must_be(required: bool, doubt: tuple[Doubt, ...]) -> None:
    paper = np.full((120, 120), 250, dtype=np.uint8)
    assert read_code(crop_of(paper, required=required)).doubt == doubt
