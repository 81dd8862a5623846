"""Words that were crossed out: long strokes through a line's core with letters above and below, and scribble."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask
from scan_ingest.stages.cleaning.strokes import Strokes

PIECE = 1.2  # core heights: a stroke wobbles, but so much of it is straight
SHORTEST = 1.6  # core heights; a word is not shorter
SLOPES = (-0.2, -0.1, 0.0, 0.1, 0.2)  # of a stroke's pieces, 11 degrees up or down
BESIDE_PX = 2.5  # off the stroke's edge, where the letters it crosses are counted
# How much each sign speaks for a stroke through a word (a logistic regression on drawn ones against 432 real lines, in
# 7 of which it finds some; in 5 of those words are crossed out indeed): nothing, its length, its distance from the
# core's middle, the lesser count of letters above or below, their sum, their share, its thickness, how crooked it is,
# its area, letters for its length, whether it lies at the height of a t's bar.
SPEAKS = (-5.75, 3.08, -3.72, -0.46, 0.53, -2.21, 8.96, -14.83, 1.84, 0.53, -0.66)
UNDERLINE_BELOW = 0.1  # letters for a core height of the stroke: under an underline is nothing but a tail
SMALLEST_CORE_PX = 6
SCRIBBLED = 0.68  # share of ink in the core over so many core heights or millimetres; of words it is a half
SCRIBBLE_LONG, SCRIBBLE_MM = 1.5, 3.0


def strikes(ink: Mask, core: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Where words of a level line are crossed out: first columns, and those after the last, from left to right.

    `ink` is the line's own, `core` the first row of its text core and the one after its last.
    """
    top, bottom = core
    height = bottom - top
    if height < SMALLEST_CORE_PX:
        return ()
    first, last = max(top - height, 0), min(bottom + height, len(ink))
    band = ink[first:last].astype(np.uint8)
    at = top - first, bottom - first
    return tuple(_joined([*_stroked(band, at), *_scribbled(band, at)]))


def _stroked(band: NDArray[np.uint8], core: tuple[int, int]) -> Iterator[tuple[int, int]]:
    height = core[1] - core[0]
    length = round(PIECE * height)
    straight = np.zeros_like(band)
    for slope in SLOPES:
        cv2.max(straight, np.asarray(cv2.morphologyEx(band, cv2.MORPH_OPEN, _line(length, slope))), straight)
    strokes = Strokes.of(straight > 0)
    for label in np.flatnonzero(strokes.boxes[1:, 2] >= SHORTEST * height) + 1:
        left, top, width, tall = (int(value) for value in strokes.boxes[label])
        stroke = strokes.labels[top : top + tall, left : left + width] == label
        signs, below = _signs(stroke, band[:, left : left + width], top, core)
        if signs @ np.array(SPEAKS) > 0 and below > UNDERLINE_BELOW:
            yield left, left + width


def _signs(stroke: Mask, band: NDArray[np.uint8], top: int, core: tuple[int, int]) -> tuple[NDArray[np.float64], float]:
    """What speaks for `stroke` (its first row is `top` of the band) crossing out what lies in its columns, and
    the letters below it for each core height."""
    height = core[1] - core[0]
    thick = stroke.sum(axis=0)
    usual = _median(thick)
    middle = (stroke * np.arange(len(stroke))[:, None]).sum(axis=0) / thick
    off = np.abs(middle - _curve(middle))
    along = off <= 2 * _median(off) + 0.5  # not where a letter's stem begins
    curve = _curve(middle, along)
    crooked = float(np.abs(middle - curve).mean()) / height
    edge = usual / 2 + BESIDE_PX
    rows = (np.clip(np.round(curve + top + side), 0, len(band) - 1).astype(np.int64) for side in (-edge, edge))
    above, below = (band[row, np.arange(len(middle))] > 0 for row in rows)
    letters = [int(there[0]) + int(np.count_nonzero(there[1:] & ~there[:-1])) for there in (above, below)]
    length = len(middle) / height
    depth = (float(curve.mean()) + top - core[0]) / height
    thickness = min(usual / height, 0.5)
    signs = np.array(
        [
            1.0,
            np.log(length),
            abs(depth - 0.55),
            min(*letters, 4),
            min(sum(letters), 10),
            above.mean() + below.mean(),
            thickness,
            10 * min(crooked, 0.1),
            length * thickness,
            min(letters) / length,
            depth < 0.25,
        ]
    )
    return signs, letters[1] / length


def _curve(rows: NDArray[np.float64], along: Mask | None = None) -> NDArray[np.float64]:
    """The parabola nearest to the rows of all columns, or of those `along`."""
    powers = _powers(len(rows))
    known = powers if along is None else powers[along]
    rows = rows if along is None else rows[along]
    return np.asarray(powers @ np.linalg.solve(known.T @ known, known.T @ rows), dtype=np.float64)


@lru_cache(maxsize=1024)
def _powers(length: int) -> NDArray[np.float64]:
    across = np.arange(length) / length
    return np.stack([np.ones_like(across), across, across**2], axis=1)


def _median(values: NDArray[Any]) -> float:
    """What `np.median` gives for the few numbers of a stroke, in a tenth of its time."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


@cache
def _line(length: int, slope: float) -> NDArray[np.uint8]:
    rise = round(abs(slope) * length)
    square = np.zeros((rise + 1, length), dtype=np.uint8)
    ends = ((0, 0), (length - 1, rise)) if slope >= 0 else ((0, rise), (length - 1, 0))
    cv2.line(square, *ends, 1)
    return square


def _scribbled(band: NDArray[np.uint8], core: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Stretches that are mostly ink."""
    height = core[1] - core[0]
    width = max(round(SCRIBBLE_LONG * height), round(SCRIBBLE_MM * SIDE_PX_PER_MM))
    dark = band[core[0] : core[1]].mean(axis=0, dtype=np.float32)
    mean = cv2.blur(dark.reshape(1, -1), (width, 1), borderType=cv2.BORDER_CONSTANT).ravel()
    edges = np.flatnonzero(np.diff(np.r_[False, mean > SCRIBBLED, False].astype(np.int8)))
    for left, right in edges.reshape(-1, 2):
        yield max(int(left) - width // 2, 0), min(int(right) + width // 2, band.shape[1])


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges from left to right, those that overlap made one."""
    joined: list[tuple[int, int]] = []
    for left, right in sorted(ranges):
        if joined and left <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(right, joined[-1][1])
        else:
            joined.append((left, right))
    return joined
