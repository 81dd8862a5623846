"""From the registered side to its fields."""

from dataclasses import replace

import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, Mask
from scan_ingest.domain.template import Field, FieldKind, Side
from scan_ingest.stages.cleaning.ink import HALO_PX, CleanSide
from scan_ingest.stages.cleaning.strokes import grown
from scan_ingest.stages.cutting import lines
from scan_ingest.stages.cutting.owners import owners

CROP_MARGIN_MM = 0.6
FIELD_MARGIN_MM = 1.0


def field_crops(side: CleanSide, layout: Side) -> tuple[FieldCrop, ...]:
    """Every field of the side in the template's order, each with the ink that belongs to it and no other's.

    Writing that leaves its box is taken in where no other field is; a text field is cut into lines.
    """
    owned = owners(side, layout.fields)
    return tuple(_crop(side, field, owned == index) for index, field in enumerate(layout.fields))


def _crop(side: CleanSide, field: Field, own: Mask) -> FieldCrop:
    window, box = _window(field, own)
    ink = own[window]
    foreign = grown(side.ink[window] & ~ink, 1) & ~ink
    cleaned = np.where(grown(ink, HALO_PX) & ~foreign, side.clean[window], 255).astype(np.uint8)
    crop = FieldCrop(field, side.picture[window], cleaned, ink, box, covered=side.covered[window])
    if field.kind is not FieldKind.TEXT:
        return crop
    return replace(crop, lines=lines.cut(cleaned, ink, box))


def _window(field: Field, own: Mask) -> tuple[tuple[slice, slice], BoxMm]:
    """The pixels around the field's box and its ink, and where they lie on the side."""
    height, width = own.shape
    box = field.box_mm.grown(FIELD_MARGIN_MM)
    left, top = box.x * SIDE_PX_PER_MM, box.y * SIDE_PX_PER_MM
    right, bottom = box.right * SIDE_PX_PER_MM, box.bottom * SIDE_PX_PER_MM
    columns, rows = np.flatnonzero(own.any(axis=0)), np.flatnonzero(own.any(axis=1))
    if len(columns):
        margin = CROP_MARGIN_MM * SIDE_PX_PER_MM
        left, right = min(left, columns[0] - margin), max(right, columns[-1] + 1 + margin)
        top, bottom = min(top, rows[0] - margin), max(bottom, rows[-1] + 1 + margin)
    x0, y0 = int(np.clip(left, 0, width - 1)), int(np.clip(top, 0, height - 1))
    x1, y1 = int(np.clip(np.ceil(right), x0 + 1, width)), int(np.clip(np.ceil(bottom), y0 + 1, height))
    px = SIDE_PX_PER_MM
    return (slice(y0, y1), slice(x0, x1)), BoxMm(x0 / px, y0 / px, (x1 - x0) / px, (y1 - y0) / px)
