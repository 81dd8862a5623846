"""Rubber stamps as offices have them: lines of capitals and figures, in a frame or not, on an ink pad or a dry one."""

from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw

from scan_ingest.domain.geometry import BoxMm, Image
from tests.drawing.press import XY, typeface
from tests.drawing.scanner import Colour

RED: Colour = (40, 40, 190)
VIOLET: Colour = (150, 50, 110)
BLUE: Colour = (170, 80, 30)
GREEN: Colour = (80, 130, 40)
BLACK: Colour = (40, 38, 36)

Outline = NDArray[np.float32]
"""Corners of a convex outline: N × 2, x and y in millimetres."""

LEADING = 1.5  # of the letters' height, from line to line
ROOM = 0.7  # of the letters' height, between them and the frame
FRAME_MM = 0.6


class Frame(StrEnum):
    NONE = "none"
    SINGLE = "single"
    DOUBLE = "double"
    ROUND = "round"


@dataclass(frozen=True)
class Stamp:
    """`letters_mm` is the height of its capitals; `turned_deg` is clockwise; `cover` how much ink it has (1 a fresh
    pad, 0.4 a dry one)."""

    lines: tuple[str, ...] = ("RECEIVED", "12 NOV 2026")
    ink: Colour = RED
    frame: Frame = Frame.SINGLE
    turned_deg: float = 8.0
    letters_mm: float = 4.0
    face: str = "Sans-Bold"
    cover: float = 0.9


def stamped(side: Image, width_mm: float, middle_mm: XY, stamp: Stamp) -> Image:
    """The side (any resolution; made coloured) with that stamp about a place in millimetres, patchy as rubber prints,
    and letting through what lies under it."""
    coloured = side if side.ndim == 3 else np.asarray(cv2.cvtColor(side, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    px = side.shape[1] / width_mm
    middle = middle_mm[0] * px, middle_mm[1] * px
    rubber = Pictures.new("L", (side.shape[1], side.shape[0]), 0)
    _draw(ImageDraw.Draw(rubber), stamp, middle, px)
    turned = np.asarray(rubber.rotate(-stamp.turned_deg, Pictures.Resampling.BICUBIC, center=middle), dtype=np.float32)
    soft = cv2.GaussianBlur(turned / 255, (0, 0), 0.06 * px)  # ink creeps into the paper
    grain = np.random.default_rng(1).uniform(0, 1, (side.shape[0] // 8 + 1, side.shape[1] // 8 + 1)).astype(np.float32)
    patchy = 0.65 + 0.35 * cv2.resize(grain, (side.shape[1], side.shape[0]), interpolation=cv2.INTER_CUBIC)
    cover = np.clip(stamp.cover * soft * patchy, 0, 1)[..., None]
    let_through = np.asarray(stamp.ink, dtype=np.float32) / 255
    return np.asarray(np.rint(coloured * (1 - cover * (1 - let_through))), dtype=np.uint8)


def outline_mm(stamp: Stamp, shape: tuple[int, ...], width_mm: float, middle_mm: XY) -> Outline:
    """The outline around that stamp where it is pressed on a side of that shape."""
    side = np.full(shape, 255, dtype=np.uint8)
    card = stamped(side, width_mm, middle_mm, replace(stamp, ink=BLACK))
    down, across = np.nonzero(card.min(axis=2) < 200)
    hull = cv2.convexHull(np.stack([across, down], axis=1).astype(np.int32))
    return np.asarray(hull.reshape(-1, 2) * (width_mm / card.shape[1]), dtype=np.float32)


def touches(box: BoxMm, outline: Outline) -> bool:
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    return cv2.intersectConvexConvex(np.array(corners, dtype=np.float32), outline)[0] > 0


def _draw(draw: ImageDraw.ImageDraw, stamp: Stamp, middle: XY, px: float) -> None:
    height = stamp.letters_mm * px
    font = typeface(stamp.face, height / 0.7)  # a capital is seven tenths of its face's size
    widest = max(font.getlength(line) for line in stamp.lines)
    tall = height * (1 + LEADING * (len(stamp.lines) - 1))
    x, y = middle
    for number, line in enumerate(stamp.lines):
        draw.text((x, y - tall / 2 + height * (1 + LEADING * number)), line, fill=255, font=font, anchor="ms")
    across, down = widest / 2 + ROOM * height, tall / 2 + ROOM * height
    thick = round(FRAME_MM * px)
    if stamp.frame is Frame.ROUND:
        radius = float(np.hypot(widest / 2, tall / 2)) + 0.4 * height
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=255, width=thick)
    for further in {Frame.SINGLE: (0.0,), Frame.DOUBLE: (0.0, 1.2 * px)}.get(stamp.frame, ()):
        box = (x - across - further, y - down - further, x + across + further, y + down + further)
        draw.rectangle(box, outline=255, width=thick)
