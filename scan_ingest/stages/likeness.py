"""Taking the likeness of a side: how the ink lies in its answers."""

import cv2
import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.likeness import CELL_MM, LEAST_INK_MM2, MOST, Likeness
from scan_ingest.domain.template import FieldKind, Side
from scan_ingest.stages.cleaning.ink import CleanSide

SOFTENING = 0.6  # cells: what lies on the line between two counts for both


def likeness(side: CleanSide, layout: Side) -> Likeness | None:
    """The likeness of the text that is written on the side; None where next to nothing is."""
    answers = np.zeros(side.ink.shape, dtype=np.float32)
    for field in layout.fields:
        if field.kind is FieldKind.TEXT:
            x, y, width, height = (round(value * SIDE_PX_PER_MM) for value in field.box_mm.as_tuple())
            place = slice(y, y + height), slice(x, x + width)
            answers[place] = side.ink[place]
    if float(answers.sum()) < LEAST_INK_MM2 * SIDE_PX_PER_MM**2:
        return None
    height, width = side.ink.shape[:2]
    shares = cv2.resize(answers, (_cells(width), _cells(height)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(shares, (0, 0), SOFTENING)
    return Likeness(np.asarray(np.clip(np.rint(soft * MOST), 0, MOST), dtype=np.uint8))


def _cells(pixels: int) -> int:
    return max(1, round(pixels / SIDE_PX_PER_MM / CELL_MM))
