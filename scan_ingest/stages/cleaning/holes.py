"""Holes that a card was punched with: round discs of one size, as dark as what lay behind, or only their rim."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.cleaning.strokes import Strokes, shrunk

SHRINK = 2  # 100 dpi: a hole is 24 pixels wide
HOLE_MM = (4.5, 8.0)  # punches make 5.5 to 7 mm, and a rim casts a shadow
DARK_ABOVE = 24  # of 255: the rim of a hole before a white lid
SOLID_MM = 3.0  # no pen is so broad: what is left then is the disc without the writing that runs into it
ROUND_WITHIN = 0.05  # of the radius, how far a rim strays from a circle in the mean; a drawn O strays 0.1 and more
INSIDE = 0.75  # of the radius: there a hole is filled, or empty
FILLED, EMPTY = 0.9, 0.02  # of that disc is dark; a face that somebody drew has eyes
EVEN = 40  # of 255: a lid is as dark all over, what somebody drew small and close is not
RIM_BELOW = 110  # of 255: the shadow of a rim is paler than a pen's stroke
RIM_MM = 0.5  # taken out around the hole, with its shadow
PRINT_SHARE = 0.6  # of the rim: a printed circle, perhaps one to be ticked; two rules that touch a hole cover 0.4


def without_holes(darkness: GreyImage, printed: Mask) -> GreyImage:
    """The scan (0 paper to 255) with the paper whole again where it was punched; `printed` is where the blank side has
    print and what is near it."""
    found = [hole for hole in _round(shrunk(darkness, SHRINK)) if not _is_printed(hole, printed)]
    if not found:
        return darkness
    result = darkness.copy()
    for x, y, radius in found:
        reach = round(radius * SHRINK + RIM_MM * SIDE_PX_PER_MM)
        cv2.circle(result, (round((x + 0.5) * SHRINK), round((y + 0.5) * SHRINK)), reach, (0,), -1)
    return result


def _round(small: GreyImage) -> Iterator[tuple[float, float, float]]:
    """Middle and radius, in shrunk pixels, of what is as round and as large as a hole."""
    dark = (small > DARK_ABOVE).astype(np.uint8)
    width = round(SOLID_MM * SIDE_PX_PER_MM / SHRINK) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    least, most = (mm * SIDE_PX_PER_MM / SHRINK for mm in HOLE_MM)
    for mask in (np.asarray(cv2.morphologyEx(dark, cv2.MORPH_OPEN, disc), dtype=np.uint8), dark):
        strokes = Strokes.of(mask > 0)
        sizes = strokes.boxes[:, 2:]
        for label in np.flatnonzero(((sizes >= least) & (sizes <= most)).all(axis=1)):
            x, y, across, down = (int(value) for value in strokes.boxes[label])
            there = np.asarray(strokes.labels[y : y + down, x : x + across] == label, dtype=np.uint8)
            if label and (circle := _circle(there)) is not None:
                hole = circle[0] + x, circle[1] + y, circle[2]
                if not _is_drawn(hole, small):
                    yield hole


def _is_drawn(hole: tuple[float, float, float], small: GreyImage) -> bool:
    """Whether somebody drew it: a dark lid is even, and before a white one the rim is a pale shadow around nothing."""
    x, y, radius = hole
    rows, columns = np.ogrid[: small.shape[0], : small.shape[1]]
    window = slice(max(int(y - radius), 0), int(y + radius) + 2), slice(max(int(x - radius), 0), int(x + radius) + 2)
    away = np.hypot(rows[window[0]] - y, columns[:, window[1]] - x)
    seen = small[window]
    inside = seen[away <= INSIDE * radius]
    filled = float((inside > DARK_ABOVE).mean())
    if filled >= FILLED:
        low, high = np.percentile(inside, (10, 90))
        return float(high - low) > EVEN
    rim = seen[(away > INSIDE * radius) & (away <= radius + 1) & (seen > DARK_ABOVE)]
    return filled > EMPTY or float(np.median(rim)) > RIM_BELOW


def _circle(blob: NDArray[np.uint8]) -> tuple[float, float, float] | None:
    """The circle that the blob's outline is, if it is one all around."""
    outlines, _ = cv2.findContours(blob, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.asarray(max(outlines, key=len), dtype=np.float64).reshape(-1, 2)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    radii = np.hypot(*(points - middle).T)
    radius = float(radii.mean())
    if float(np.abs(radii - radius).mean()) > ROUND_WITHIN * radius:
        return None
    return float(middle[0]), float(middle[1]), radius


def _is_printed(hole: tuple[float, float, float], printed: Mask) -> bool:
    x, y, radius = (value * SHRINK for value in hole)
    turns = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    rows = np.clip(np.rint(y + radius * np.sin(turns)).astype(int), 0, printed.shape[0] - 1)
    columns = np.clip(np.rint(x + radius * np.cos(turns)).astype(int), 0, printed.shape[1] - 1)
    return float(printed[rows, columns].mean()) > PRINT_SHARE
