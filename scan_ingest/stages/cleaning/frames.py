"""The frames of rubber stamps: straight ones and rings that no hand draws so true."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask, Points
from scan_ingest.stages.cleaning.strokes import shrunk

SHRINK = 2  # 100 dpi
LONG_MM, HIGH_MM = (15.0, 90.0), (6.0, 45.0)  # of what a stamp frames
RING_MM = (14.0, 60.0)  # across
PAPER = 0.3  # of what is framed hangs together as paper around the letters
STRAIGHT_MM = 1.2  # within so much lies the frame's line; a box drawn by hand leaves it
COVERED = 0.85  # of each edge has that line
ROUND_WITHIN = 0.015  # of its radius; a ring drawn by hand strays twice as far and more
STEP_MM = 0.5
FRAME_MM = 2.5  # taken out around what is framed


def frames(ink: Mask) -> Iterator[Points]:
    """The outline (x, y in pixels) of each stamp, with its frame or ring."""
    small = shrunk(ink.astype(np.uint8) * 255, SHRINK)
    # Patchy rubber leaves gaps.
    lines = np.asarray(cv2.dilate((small > 64).astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    px = SIDE_PX_PER_MM / SHRINK
    _, labels = cv2.connectedComponents(1 - lines, connectivity=4)
    labels = np.asarray(labels)
    for label in np.flatnonzero(np.bincount(labels.ravel()) >= PAPER * LONG_MM[0] * HIGH_MM[0] * px**2):
        x, y, across, down = cv2.boundingRect((labels == label).astype(np.uint8))
        if max(across, down) > LONG_MM[1] * px:
            continue
        paper = np.asarray(labels[y : y + down, x : x + across] == label, dtype=np.uint8)
        outlines, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=len).reshape(-1, 2) + np.array([x, y])
        framed = ringed(outline, px)
        framed = _boxed(lines, outline, px) if framed is None else framed
        if framed is not None:
            yield (framed + 0.5) * SHRINK - 0.5


def _boxed(lines: NDArray[np.uint8], outline: NDArray[np.int32], px: float) -> Points | None:
    """The corners of a straight frame around the outlined paper, if there is one."""
    middle, sides, turn = cv2.minAreaRect(outline)
    high, long = sorted(float(side) / px for side in sides)
    fits = LONG_MM[0] <= long <= LONG_MM[1] and HIGH_MM[0] <= high <= HIGH_MM[1]
    if not fits or not _framed(lines, np.asarray(cv2.boxPoints((middle, sides, turn)), dtype=np.float64), px):
        return None
    with_frame = (middle, tuple(side + 2 * FRAME_MM * px for side in sides), turn)
    return np.asarray(cv2.boxPoints(with_frame), dtype=np.float64)


def ringed(outline: NDArray[np.int32], px: float) -> Points | None:
    """The outline of a true ring around the outlined paper, if there is one."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    across = (high - low) / px
    if across.min() < RING_MM[0] or across.max() > RING_MM[1]:
        return None
    middle, axes, turn = cv2.fitEllipse(outline.astype(np.float32))
    cos, sin = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    away = (outline - np.array(middle)) @ np.array([[cos, -sin], [sin, cos]]) / (np.array(axes) / 2)
    if float(np.abs(np.hypot(*away.T) - 1).mean()) > ROUND_WITHIN:
        return None
    size = (round(axes[0] / 2 + FRAME_MM * px), round(axes[1] / 2 + FRAME_MM * px))
    centre = (round(middle[0]), round(middle[1]))
    return np.asarray(cv2.ellipse2Poly(centre, size, round(turn), 0, 360, 5), dtype=np.float64)


def _framed(lines: NDArray[np.uint8], corners: Points, px: float) -> bool:
    """Whether a straight line runs along each edge of the rectangle, just outside it."""
    middle = corners.mean(axis=0)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along, outwards = end - start, (start + end) / 2 - middle
        count = max(int(np.hypot(*along) / (STEP_MM * px)), 2)
        places = start + np.linspace(0.05, 0.95, count)[:, None] * along
        reach = outwards / np.hypot(*outwards) * np.arange(-1, round(STRAIGHT_MM * px) + 1)[:, None]
        at = np.rint(places[:, None] + reach[None]).astype(np.intp)
        columns = np.clip(at[..., 0], 0, lines.shape[1] - 1)
        rows = np.clip(at[..., 1], 0, lines.shape[0] - 1)
        if float((lines[rows, columns] > 0).any(axis=1).mean()) < COVERED:
            return False
    return True
