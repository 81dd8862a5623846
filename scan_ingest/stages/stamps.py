"""Rubber stamps on a card: a straight frame that the blank side does not have, and what stands in it."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask
from scan_ingest.stages.strokes import Strokes, grown

SHRINK = 2  # 100 dpi
LONG_MM, HIGH_MM = (15.0, 90.0), (6.0, 45.0)  # of what a stamp frames
PAPER = 0.3  # of what is framed hangs together as paper around the letters
STRAIGHT_MM = 1.2  # within so much lies the frame's line; a box drawn by hand leaves it
COVERED = 0.85  # of each edge has that line
STEP_MM = 0.5
FRAME_MM = 2.5  # taken out around what is framed
OUTSIDE_MM2 = 1.5  # of a stroke that is the stamp's may leave it; a letter has more
ALONE_MM = 4.0  # from it nobody else's ink


def without_stamps(ink: Mask) -> Mask:
    """The ink without stamps. One with other ink in it or beside it stays: what is whose is for a person to say."""
    frames = list(_frames(ink))
    if not frames:
        return ink
    strokes = Strokes.of(ink)
    for corners in frames:
        there = np.zeros(ink.shape, dtype=np.uint8)
        cv2.fillConvexPoly(there, np.rint(corners).astype(np.int32), (1,))
        inside = np.bincount(strokes.labels[there > 0], minlength=len(strokes))
        stamped = (inside > 0) & (strokes.areas - inside <= OUTSIDE_MM2 * SIDE_PX_PER_MM**2)
        stamped[0] = False
        left = ink & ~stamped[strokes.labels]
        if not left[grown(there > 0, round(ALONE_MM * SIDE_PX_PER_MM))].any():
            ink = np.asarray(left, dtype=bool)
    return ink


def _frames(ink: Mask) -> Iterator[NDArray[np.float64]]:
    """4 × 2 corners (x, y in pixels) of each stamp, with its frame."""
    size = max(ink.shape[1] // SHRINK, 1), max(ink.shape[0] // SHRINK, 1)
    small = cv2.resize(ink.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    # Patchy rubber leaves gaps.
    lines = np.asarray(cv2.dilate((small > 64).astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    px = SIDE_PX_PER_MM / SHRINK
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - lines, connectivity=4)
    table = np.asarray(stats)
    large = (table[:, 4] >= PAPER * LONG_MM[0] * HIGH_MM[0] * px**2) & (table[:, 2:4].max(axis=1) <= LONG_MM[1] * px)
    for label in np.flatnonzero(large):
        x, y, across, down, _ = (int(value) for value in table[label])
        paper = np.asarray(labels[y : y + down, x : x + across] == label, dtype=np.uint8)
        outlines, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        box = cv2.minAreaRect(max(outlines, key=len) + np.array([x, y]))
        middle, sides, turn = np.array(box[0]), np.array(box[1]), box[2]
        high, long = sorted(float(side) / px for side in sides)
        fits = LONG_MM[0] <= long <= LONG_MM[1] and HIGH_MM[0] <= high <= HIGH_MM[1]
        if fits and _framed(lines, np.asarray(cv2.boxPoints(box), dtype=np.float64), px):
            with_frame = (tuple(middle), tuple(sides + 2 * FRAME_MM * px), turn)
            yield (np.asarray(cv2.boxPoints(with_frame), dtype=np.float64) + 0.5) * SHRINK - 0.5


def _framed(lines: NDArray[np.uint8], corners: NDArray[np.float64], px: float) -> bool:
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
