"""From the registered side to its fields."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind, Side
from scan_ingest.stages.cleaning.ink import HALO_PX, CleanSide
from scan_ingest.stages.cleaning.strokes import grown
from scan_ingest.stages.cutting import lines
from scan_ingest.stages.cutting.crossing import runs_on
from scan_ingest.stages.cutting.owners import Owners, owners

CROP_MARGIN_MM = 0.6
FIELD_MARGIN_MM = 1.0


def field_crops(side: CleanSide, layout: Side) -> tuple[FieldCrop, ...]:
    """Every field of the side in the template's order, each with the ink that belongs to it and no other's.

    Writing that leaves its box is taken in where no other field is; a text field is cut into lines. A line that runs on
    into the field beside is cut at the boxes, and covered in both.
    """
    owned = owners(side, layout.fields)
    inked = side.strokes.at
    owner = owned.ravel()[inked]
    crops = [_crop(side, field, index, owned, inked[owner == index]) for index, field in enumerate(layout.fields)]
    for run_on in runs_on(side.strokes, layout.fields):
        for index in run_on.fields:
            crops[index] = crops[index].covered_too(run_on.box_mm)
    return tuple(crops)


def _crop(side: CleanSide, field: Field, index: int, owned: Owners, own: NDArray[np.intp]) -> FieldCrop:
    """`owned` is the side's, `own` the flat indices of the pixels in it that are this field's."""
    window, box = _window(field, np.divmod(own, owned.shape[1]), owned.shape)
    ink = owned[window] == index
    foreign = grown(side.ink[window] & ~ink, 1) & ~ink
    cleaned = np.where(grown(ink, HALO_PX) & ~foreign, side.clean[window], 255).astype(np.uint8)
    crop = FieldCrop(field, side.picture[window], cleaned, ink, box, covered=side.covered[window])
    if field.kind is not FieldKind.TEXT:
        return crop
    return replace(crop, lines=lines.cut(cleaned, ink, box))


def _window(
    field: Field, own: tuple[NDArray[np.intp], NDArray[np.intp]], shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], BoxMm]:
    """The pixels around the field's box and its ink (`own`, rows and columns), and where they lie on the side."""
    height, width = shape
    box = field.box_mm.grown(FIELD_MARGIN_MM)
    left, top = box.x * SIDE_PX_PER_MM, box.y * SIDE_PX_PER_MM
    right, bottom = box.right * SIDE_PX_PER_MM, box.bottom * SIDE_PX_PER_MM
    rows, columns = own
    if len(columns):
        margin = CROP_MARGIN_MM * SIDE_PX_PER_MM
        left, right = min(left, columns.min() - margin), max(right, columns.max() + 1 + margin)
        top, bottom = min(top, rows.min() - margin), max(bottom, rows.max() + 1 + margin)
    x0, y0 = int(np.clip(left, 0, width - 1)), int(np.clip(top, 0, height - 1))
    x1, y1 = int(np.clip(np.ceil(right), x0 + 1, width)), int(np.clip(np.ceil(bottom), y0 + 1, height))
    px = SIDE_PX_PER_MM
    return (slice(y0, y1), slice(x0, x1)), BoxMm(x0 / px, y0 / px, (x1 - x0) / px, (y1 - y0) / px)
