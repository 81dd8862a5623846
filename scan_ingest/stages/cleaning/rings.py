"""The rings that wet cups leave: true circles as wide as a mug's foot, broader than a pen's stroke and paler."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.cleaning.strokes import Strokes, grown, shrunk

SHRINK = 4  # 50 dpi: a ring is three pixels broad
RADIUS_MM = (18.0, 48.0)  # of the foot of an espresso cup to that of a bowl
FAINTEST = 10  # greys by which a ring is darker than the paper on both sides of it
LEAST_MM2 = 12.0  # of what is broad and so dark, or nobody looks for a ring
STEEPNESS = 4  # times as dark for whoever looks for edges: a ring's are soft
COARSENESS, EDGES, VOTES = 1.5, 80, 20  # OpenCV's thresholds for circles: low, what they find is looked at closer
MOST = 4  # circles that are looked at, the clearest first
NEAR_MM = 2.5  # so well is a circle known before it is fitted
STEPS = 240  # places around a circle
BESIDE_MM = 4.0  # from the ring's middle, where there is paper on both sides
COVERED, SEEN = 0.5, 0.3  # of a circle's part on the card is dark; of the circle is on the card and clear of print
BAND_MM = 2.2  # to either side of the circle
PEN_BELOW = 0.55  # of the darkness is broad: thinner than coffee
DARK = 0.8  # of the ink's darkness: no coffee is darker
PEN_EDGE_PX = 3
CRUMB_MM2 = 0.4  # what is left of a ring is not larger

Circle = tuple[float, float, float]
"""Middle and radius, in pixels of the side."""


def coffee(
    ink: Mask, cups: Sequence[Circle], written: GreyImage, broad: GreyImage, paper: NDArray[np.uint8], level: float
) -> Mask:
    """The ink that is the rings of `cups`; all H × W. Strokes across a ring stay: they are thinner, or darker.

    `written` is the scan without the print, `broad` what of the scan is broader than a pen's stroke, `paper` 1 where
    the blank side has no print, `level` how dark the side's ink is.
    """
    result = np.zeros_like(ink)
    for x, y, radius in cups:
        band = np.zeros(ink.shape, dtype=np.uint8)
        middle = round(x), round(y)
        cv2.circle(band, middle, round(radius), (1,), round(2 * BAND_MM * SIDE_PX_PER_MM))
        there = ink & (band > 0)
        thin = (broad < PEN_BELOW * written) & (paper > 0)
        dark = written > DARK * level
        stain = there & ~grown(there & (thin | dark), PEN_EDGE_PX)
        result |= stain | _crumbs(there & ~stain, ink & ~there, dark)
    return result


def _crumbs(left: Mask, beyond: Mask, dark: Mask) -> Mask:
    """What is `left` of a stain that is too small for a letter, and too pale for a full stop; nothing of a stroke that
    goes on `beyond` the ring."""
    strokes = Strokes.of(left)
    goes_on = strokes.within(grown(beyond, 1)) > 0
    small = strokes.areas < CRUMB_MM2 * SIDE_PX_PER_MM**2
    return strokes.mask(small & ~goes_on & (strokes.within(dark) == 0))


def rings(broad: GreyImage, paper: NDArray[np.uint8]) -> list[Circle]:
    """The circles along which what is broad is darker than on both sides."""
    clear = shrunk(paper * 255, SHRINK) > 250
    small = shrunk(broad, SHRINK)
    dark = np.where(clear & (small > FAINTEST), small - FAINTEST, 0).astype(np.uint8)
    px = SIDE_PX_PER_MM / SHRINK
    if (dark > 0).sum() < LEAST_MM2 * px**2:
        return []
    least, most = (round(mm * px) for mm in RADIUS_MM)
    seen = np.asarray(np.minimum(dark, 255 // STEEPNESS) * STEEPNESS, dtype=np.uint8)
    found = cv2.HoughCircles(
        seen, cv2.HOUGH_GRADIENT, COARSENESS, least / 2, param1=EDGES, param2=VOTES, minRadius=least, maxRadius=most
    )
    result: list[Circle] = []
    for circle in np.reshape([] if found is None else found, (-1, 3))[:MOST]:
        x, y, radius = (float(value) for value in _fitted(circle.astype(np.float64), dark, NEAR_MM * px))
        again = any(np.hypot(x - other[0], y - other[1]) < NEAR_MM * px for other in result)
        if not again and least <= radius <= most and _is_ring(x, y, radius, dark, clear):
            result.append((x, y, radius))
    return [((x + 0.5) * SHRINK, (y + 0.5) * SHRINK, radius * SHRINK) for x, y, radius in result]


def _fitted(circle: NDArray[np.float64], dark: GreyImage, near: float) -> NDArray[np.float64]:
    """The circle (middle and radius) through what is dark near it, by least squares (Kåsa 1976), twice."""
    rows, columns = np.nonzero(dark)
    for reach in (near, near / 2):
        away = np.abs(np.hypot(columns - circle[0], rows - circle[1]) - circle[2])
        x, y = columns[away <= reach].astype(np.float64), rows[away <= reach].astype(np.float64)
        weight = dark[rows[away <= reach], columns[away <= reach]].astype(np.float64)[:, None] ** 0.5
        if len(x) < 3:
            return circle
        design = np.stack([2 * x, 2 * y, np.ones_like(x)], axis=1)
        a, b, c = np.linalg.lstsq(design * weight, (x**2 + y**2)[:, None] * weight, rcond=None)[0].ravel()
        circle = np.array([a, b, max(c + a**2 + b**2, 0.0) ** 0.5])
    return circle


def _is_ring(x: float, y: float, radius: float, dark: GreyImage, clear: Mask) -> bool:
    """Whether enough of the circle is to be seen, and is darker than what lies within and without."""
    turns = np.linspace(0, 2 * np.pi, STEPS, endpoint=False)
    px = SIDE_PX_PER_MM / SHRINK

    def at(away_mm: float) -> tuple[NDArray[np.intp], NDArray[np.intp], Mask]:
        reach = radius + away_mm * px
        columns, rows = np.rint(x + reach * np.cos(turns)).astype(int), np.rint(y + reach * np.sin(turns)).astype(int)
        on = (columns >= 0) & (rows >= 0) & (columns < dark.shape[1]) & (rows < dark.shape[0])
        rows, columns = np.where(on, rows, 0), np.where(on, columns, 0)
        return rows, columns, np.asarray(on & clear[rows, columns])

    middle, within, without = at(0.0), at(-BESIDE_MM), at(BESIDE_MM)
    seen = middle[2]
    beside = np.maximum(*(np.where(ok, dark[rows, columns], 0) for rows, columns, ok in (within, without)))
    covered = seen & (dark[middle[0], middle[1]] > beside)
    return bool(seen.mean() >= SEEN and covered.sum() >= COVERED * seen.sum())
