"""What people draw where an answer should stand: faces, hearts, flowers, arrows, rings and scribbles."""

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage, Points
from tests.drawing.press import XY

PEN_GREY = 45
TURN = np.linspace(0, 2 * np.pi, 120)

Strokes = Sequence[Points]
Doodle = Callable[[float, float, float], Strokes]
"""From middle and radius to strokes, all in millimetres."""


def _arc(x: float, y: float, radius: float, start: float = 0.0, end: float = 2 * np.pi) -> Points:
    turn = np.linspace(start, end, 90)
    return np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1)


def _points(*places: XY) -> Points:
    return np.array(places, dtype=np.float64)


def smiley(x: float, y: float, radius: float) -> Strokes:
    eyes = [_arc(x + off * radius, y - 0.3 * radius, 0.08 * radius) for off in (-0.35, 0.35)]
    return [_arc(x, y, radius), *eyes, _arc(x, y + 0.05 * radius, 0.55 * radius, 0.3, np.pi - 0.3)]


def heart(x: float, y: float, radius: float) -> Strokes:
    up = 13 * np.cos(TURN) - 5 * np.cos(2 * TURN) - 2 * np.cos(3 * TURN) - np.cos(4 * TURN)
    return [np.stack([x + radius * np.sin(TURN) ** 3, y - radius * up / 16], axis=1)]


def flower(x: float, y: float, radius: float) -> Strokes:
    petals = radius * (0.6 + 0.4 * np.cos(5 * TURN))
    return [np.stack([x + petals * np.cos(TURN), y + petals * np.sin(TURN)], axis=1), _arc(x, y, 0.2 * radius)]


def arrow(x: float, y: float, radius: float) -> Strokes:
    tip, barb = x + radius, 0.4 * radius
    return [_points((x - radius, y), (tip, y)), _points((tip - barb, y - barb), (tip, y), (tip - barb, y + barb))]


def ring(x: float, y: float, radius: float) -> Strokes:
    return [_arc(x, y, radius, 0.2, 6.6)]


def scribble(x: float, y: float, radius: float) -> Strokes:
    along = np.linspace(0, 20, 300)
    return [np.stack([x + radius * np.sin(1.7 * along), y + 0.7 * radius * np.cos(2.3 * along)], axis=1)]


DOODLES: Mapping[str, Doodle] = {
    "smiley": smiley,
    "heart": heart,
    "flower": flower,
    "arrow": arrow,
    "ring": ring,
    "scribble": scribble,
}


def drawn(side: GreyImage, width_mm: float, strokes: Strokes, pen_mm: float = 0.45) -> GreyImage:
    """The side with those strokes on it."""
    px = side.shape[1] / width_mm
    result = side.copy()
    for stroke in strokes:
        places = np.round(stroke * px * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(result, [places], False, (PEN_GREY,), max(1, round(pen_mm * px)), cv2.LINE_AA, 4)
    return result
