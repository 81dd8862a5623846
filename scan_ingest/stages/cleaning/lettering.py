"""Letters that a machine set: rows of one height on one straight line, as no hand keeps them.

Of 48 people's paragraphs one (block capitals on a level line) has rows of more than five; none has one of more than
four that runs up or down by 5° or more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Points
from scan_ingest.stages.cleaning.strokes import Strokes

HEIGHTS_MM = (1.6, 12.0)  # of capitals and figures
WIDEST = 1.6  # of its height: a W, or two letters grown together
WITHIN = 0.06  # of their height: how far feet and heads of one row lie from a line
WITHIN_PX = 1.0  # and what a scan adds
GAP = 1.3  # heights between two letters, and two words, of a row
FEWEST = 4
STEEPEST_DEG, STEP_DEG = 45.0, 0.5


@dataclass(frozen=True, eq=False)
class Row:
    """`labels` of its letters from left to right, how much it runs down to the right, the corners of the box around it
    (4 × 2, x and y in pixels), and how high that is."""

    labels: NDArray[np.intp]
    tilt_deg: float
    corners: Points
    height: float


@dataclass(frozen=True, eq=False)
class _Turned:
    """The letters seen along a slope: N ends along it (`left`, `right`) and across it (`top`, `foot`)."""

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    top: NDArray[np.float64]
    foot: NDArray[np.float64]


def rows_of_letters(strokes: Strokes) -> tuple[Row, ...]:
    """The rows of at least `FEWEST` letters, longest first; no letter is in two."""
    sizes = strokes.boxes[:, 2:].max(axis=1) / SIDE_PX_PER_MM
    letters = np.flatnonzero((sizes >= HEIGHTS_MM[0]) & (sizes <= WIDEST * HEIGHTS_MM[1]) & (strokes.areas > 0))
    letters = letters[letters > 0]
    if len(letters) < FEWEST:
        return ()
    hulls = [_hull(strokes, int(label)) for label in letters]
    found = [
        (len(row) - spread, tilt, row, box)
        for tilt in np.arange(-STEEPEST_DEG, STEEPEST_DEG + STEP_DEG / 2, STEP_DEG)
        for row, spread, box in _along(_turned(hulls, float(tilt)))
    ]
    taken: set[int] = set()
    rows: list[Row] = []
    for _, tilt, row, box in sorted(found, key=lambda one: -one[0]):
        if not taken & set(row.tolist()):
            taken |= set(row.tolist())
            rows.append(Row(letters[row], float(tilt), _turn(box, float(tilt)), float(box[2, 1] - box[0, 1])))
    return tuple(rows)


def _hull(strokes: Strokes, label: int) -> Points:
    x, y, width, height = strokes.boxes[label]
    there = (strokes.labels[y : y + height, x : x + width] == label).astype(np.uint8)
    outlines, _ = cv2.findContours(there, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(max(outlines, key=len)).reshape(-1, 2)
    return np.asarray(hull + np.array([x, y]), dtype=np.float64)


def _turn(points: Points, by_deg: float) -> Points:
    cos, sin = np.cos(np.deg2rad(by_deg)), np.sin(np.deg2rad(by_deg))
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]), dtype=np.float64)


def _turned(hulls: list[Points], tilt_deg: float) -> _Turned:
    starts = np.cumsum([0, *(len(hull) for hull in hulls[:-1])])
    along, across = _turn(np.concatenate(hulls), -tilt_deg).T
    least, most = np.minimum.reduceat, np.maximum.reduceat
    return _Turned(least(along, starts), most(along, starts), least(across, starts), most(across, starts))


def _along(seen: _Turned) -> Iterator[tuple[NDArray[np.intp], float, Points]]:
    """Each row along that slope: its letters from left to right, how unevenly they stand in heights, and its box."""
    heights = seen.foot - seen.top
    tall = (heights >= HEIGHTS_MM[0] * SIDE_PX_PER_MM) & (heights <= HEIGHTS_MM[1] * SIDE_PX_PER_MM)
    tall &= seen.right - seen.left <= WIDEST * heights
    within = np.maximum(WITHIN * heights, WITHIN_PX)[:, None]
    alike = (np.abs(seen.foot[:, None] - seen.foot) <= within) & (np.abs(seen.top[:, None] - seen.top) <= within)
    alike &= tall & tall[:, None]
    for first in np.flatnonzero(alike.sum(axis=1) >= FEWEST):
        row = np.flatnonzero(alike[first])
        row = row[np.argsort(seen.left[row])]
        gaps = seen.left[row][1:] - np.maximum.accumulate(seen.right[row])[:-1]
        for part in np.split(row, np.flatnonzero(gaps > GAP * heights[first]) + 1):
            if len(part) >= FEWEST and first in part:
                left, right = float(seen.left[part].min()), float(seen.right[part].max())
                top, foot = float(seen.top[part].min()), float(seen.foot[part].max())
                box = np.array([(left, top), (right, top), (right, foot), (left, foot)])
                uneven = (seen.foot[part].std() + seen.top[part].std()) / heights[first]
                yield part, float(5 * uneven), box
