"""Taking the likeness of a side: how the ink lies in its answers."""

import cv2
import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.likeness import LEAST_INK_MM2, SQUARE_MM, Likeness
from scan_ingest.domain.template import FieldKind, Side
from scan_ingest.stages.cleaning.ink import CleanSide

SOFTENING = 0.7  # squares: what lies on the line between two counts for both


def likeness(side: CleanSide, layout: Side) -> Likeness | None:
    """The likeness of the text that is written on the side; None where next to nothing is."""
    parts = []
    for field in layout.fields:
        if field.kind is not FieldKind.TEXT:
            continue
        x, y, width, height = (round(value * SIDE_PX_PER_MM) for value in field.box_mm.as_tuple())
        parts.append(side.ink[y : y + height, x : x + width])
    if sum(int(part.sum()) for part in parts) < LEAST_INK_MM2 * SIDE_PX_PER_MM**2:
        return None
    across = max(_squares(part.shape[1]) for part in parts)
    rows = []
    for part in parts:
        size = (_squares(part.shape[1]), _squares(part.shape[0]))
        shares = cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(shares, (0, 0), SOFTENING)
        rows.append(np.pad(soft, ((0, 0), (0, across - size[0]))))
    return Likeness(np.clip(np.rint(np.vstack(rows) * 255), 0, 255).astype(np.uint8))


def _squares(pixels: int) -> int:
    return max(1, round(pixels / SIDE_PX_PER_MM / SQUARE_MM))
