"""What happens to a card between the pen and the scanner: punched for a folder, stamped, shone through from its back.

Each takes a side as drawn (any resolution, grey or colour) and gives it back with its mishap, at places in millimetres
from the side's top left corner.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from scan_ingest.domain.geometry import BoxMm, Image
from tests.drawing.press import XY, typeface
from tests.drawing.scanner import Colour

HOLE_MM = 6.0  # ISO 838
RED: Colour = (40, 40, 190)
VIOLET: Colour = (150, 50, 110)


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


def stamped(
    side: Image, width_mm: float, box_mm: BoxMm, text: str, ink: Colour = RED, turned_deg: float = 8.0
) -> Image:
    """The side (made coloured) with a rubber stamp: a frame around capitals, turned clockwise about its middle, patchy
    as rubber prints, and letting through what lies under it."""
    coloured = side if side.ndim == 3 else np.asarray(cv2.cvtColor(side, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    px = side.shape[1] / width_mm
    rubber = Pictures.new("L", (side.shape[1], side.shape[0]), 0)
    draw = ImageDraw.Draw(rubber)
    corners = [box_mm.x * px, box_mm.y * px, box_mm.right * px, box_mm.bottom * px]
    draw.rectangle(corners, outline=255, width=round(0.7 * px))
    middle = (box_mm.x + box_mm.width / 2) * px, (box_mm.y + box_mm.height / 2) * px
    draw.text(middle, text, fill=255, font=typeface("Sans-Bold", 0.5 * box_mm.height * px), anchor="mm")
    turned = np.asarray(rubber.rotate(-turned_deg, Pictures.Resampling.BICUBIC, center=middle), dtype=np.float32) / 255
    grain = np.random.default_rng(1).uniform(0, 1, (side.shape[0] // 8 + 1, side.shape[1] // 8 + 1)).astype(np.float32)
    patchy = 0.65 + 0.35 * cv2.resize(grain, (side.shape[1], side.shape[0]), interpolation=cv2.INTER_CUBIC)
    cover = np.clip(turned * patchy, 0, 1)[..., None]
    let_through = np.asarray(ink, dtype=np.float32) / 255
    return np.asarray(np.rint(coloured * (1 - cover * (1 - let_through))), dtype=np.uint8)
