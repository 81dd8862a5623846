"""A card's fields cut once more from the picture of its side that the workspace keeps."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import cv2
import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.template import FieldKind, Template
from scan_ingest.errors import StoreError
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.segment import field_crops


class Pictures(Protocol):
    """The part of the workspace that keeps pictures."""

    def side_picture(self, card_id: str, side: str) -> bytes:
        """See `ReviewedDesk.side_picture`."""
        ...


def cut_again(desk: Pictures, card_id: str, template: Template, wanted: Mapping[str, object]) -> Iterator[FieldCrop]:
    """The crops of the wanted text fields of the card, as ingest cut them but for the loss in the kept JPEG.

    A side whose picture is gone has none, and so has one of another size: the template has changed since.
    """
    for side in template.sides:
        if not any(field.name in wanted and field.kind is FieldKind.TEXT for field in side.fields):
            continue
        try:
            kept = desk.side_picture(card_id, side.name)
        except StoreError:
            continue
        picture = cv2.imdecode(np.frombuffer(kept, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
        height_and_width = tuple(round(mm * SIDE_PX_PER_MM) for mm in (template.height_mm, template.width_mm))
        if picture is None or picture.shape != height_and_width:
            continue
        for crop in field_crops(clean(np.asarray(picture, dtype=np.uint8), side.reference), side):
            if crop.field.name in wanted and crop.field.kind is FieldKind.TEXT:
                yield crop
