"""What happens to a card between the pen and the scanner: punched for a folder, shone through from its back.

Each takes a side as drawn (any resolution, grey or colour) and gives it back with its mishap, at places in millimetres
from the side's top left corner.
"""

from collections.abc import Iterable

import cv2
import numpy as np

from scan_ingest.domain.geometry import Image
from tests.drawing.press import XY

HOLE_MM = 6.0  # ISO 838


def punched(side: Image, width_mm: float, centres_mm: Iterable[XY], lid: int) -> Image:
    """The side with holes through which the scanner's lid shows, `lid` grey, with the shadow of their edge."""
    px = side.shape[1] / width_mm
    result = side.copy()
    for x, y in centres_mm:
        middle, radius = (round(x * px), round(y * px)), round(HOLE_MM / 2 * px)
        cv2.circle(result, middle, radius, (lid,) * 3, -1, cv2.LINE_AA)
        cv2.circle(result, middle, radius, (min(lid, 190),) * 3, max(1, round(0.15 * px)), cv2.LINE_AA)
    return result


def shone_through(side: Image, back: Image, share: float = 0.18) -> Image:
    """The side with its back (drawn as one reads it) showing through: mirrored, soft, and `share` as dark."""
    mirrored = np.asarray(cv2.resize(back, side.shape[1::-1], interpolation=cv2.INTER_AREA)[:, ::-1], dtype=np.float32)
    soft = cv2.GaussianBlur(255 - mirrored, (0, 0), side.shape[1] / 1000)  # paper spreads it by a fifth of a mm
    through = 1 - share * soft / 255
    if side.ndim > through.ndim:
        through = through[..., None]
    return np.asarray(np.rint(side * through), dtype=np.uint8)
