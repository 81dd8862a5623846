"""Print on a page that its blank side does not have: the next revision of a card, or another scheme's card.

Handwriting is welcome anywhere; what only a press does is a frame with four straight sides that lie as the card lies,
or a long rule (or dotted line) so straight and so level. Dust on a feeder's glass draws rules too, but right across the
card.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.stages.placing.printing import MARGIN_PX, PRINT, PX_PER_MM, Printing

DARK = 0.35  # of the page's own print: paler is dirt, or shines through
LEAST_DARK = 14.0  # grey levels: paper's roughness and JPEG blocks
KNOWN_WITHIN_MM = 0.6  # what lies so near the side's own print is that print
NEW_SHARE = 0.5  # of a frame's sides: the side's own rules may be one or two of them
EDGE_MM = 3.0  # shadows of the paper's edge lie within
THICKEST_MM = 1.0  # of a rule; felt pens and bars are thicker
GAP_MM = 1.0  # between two dots of a dotted line
FRAME_MM = (
    1.8,
    40.0,
)  # inner sides of a frame, its own blur taken off: from the smallest box to tick to one to write in
FRAME_PX = 4  # of its sides, around its inside, are looked at
FULL = 0.93  # of its rectangle does a frame's inside fill
SIDE_MM = 2.2  # a frame's sides are straight for at least so long
STRAIGHT_PX, STRAIGHT_SIDES = 0.25, 3  # standard deviation of a side; the rounds of an O have 0.3 to 0.7
RULE_MM = 22.0  # nobody draws a straight and level line of that length by hand
RULE_LEVEL = 0.0045  # its slope, a quarter of a degree
RULE_STRAIGHT_MM = 0.07  # its standard deviation; a hand's is twice that
STREAK_MM = 2.5  # more than at the edge: there end streaks, creases, and other sheets' edges that shine through
STREAK_FADES = 0.2  # of its own darkness is seen of a streak where it is faint: dust moves, and glass lights up
BESIDE_PX = 6  # paper that lies so far from a line is clear of its blur
STREAK_SEEN = 0.85  # of the way to the card's edges, where nothing is printed
BAR = 0.5  # of the paper's brightness: on a darker area of the side's own a streak does not show

Bits = NDArray[np.uint8]
Dark = NDArray[np.float32]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels of the side's picture."""


def added_print(dark: Dark, printing: Printing) -> str | None:
    """What is printed on the page that the side does not have, and where; None for nothing. `dark` is the darkness of
    the page laid over the side."""
    own, known, unasked = _own(printing)
    black = float(np.median(dark.ravel()[own])) if len(own) else 128.0
    strokes: Bits = (dark > max(DARK * black, LEAST_DARK)).astype(np.uint8)
    edge = MARGIN_PX + round(EDGE_MM * PX_PER_MM)
    strokes[:edge], strokes[-edge:], strokes[:, :edge], strokes[:, -edge:] = 0, 0, 0, 0
    thick = round(THICKEST_MM * PX_PER_MM) + 1
    bars = np.asarray(cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8)), dtype=np.uint8)
    thin: Bits = strokes & ~bars
    if at := _frame(thin, known, dark):
        return f"a frame is printed {at[0]:.0f} mm from its left and {at[1]:.0f} mm from its top"
    new: Bits = (thin > known).astype(np.uint8)
    if at := _rule(new, unasked, dark):
        return f"a line is printed {at[0]:.0f} mm from its left and {at[1]:.0f} mm from its top"
    if at := _rule(np.ascontiguousarray(new.T), unasked.T, dark.T):
        return f"a line is printed {at[1]:.0f} mm from its left and {at[0]:.0f} mm from its top"
    return None


@lru_cache(maxsize=64)  # some 2 MB a side
def _own(printing: Printing) -> tuple[NDArray[np.intp], Bits, Flags]:
    """In which pixels (numbered by rows) the side's own print is black, where it is known to lie or nearly, and where
    nothing is asked of a streak: there, and within bars, where it is no darker than the print."""
    around = round(KNOWN_WITHIN_MM * PX_PER_MM) * 2 + 1
    print_ = (printing.darkness > PRINT / 2).astype(np.uint8)
    known: Bits = np.asarray(cv2.dilate(print_, np.ones((around, around), np.uint8)), dtype=np.uint8)
    bar = printing.picture < BAR * np.percentile(printing.picture, 90)
    return np.flatnonzero(printing.darkness > 0.5), known, (known > 0) | bar


def _runs(new: Bits, length_mm: float, gap_mm: float) -> Bits:
    """The level runs of at least that length, with gaps closed and a pixel of unevenness forgiven."""
    gap = round(gap_mm * PX_PER_MM) + 1
    joined = cv2.morphologyEx(new, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)) if gap > 1 else new
    lenient = cv2.dilate(joined, np.ones((2, 1), np.uint8))
    length = round(length_mm * PX_PER_MM)
    return np.asarray(cv2.morphologyEx(lenient, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)


def _frame(thin: Bits, known: Bits, dark: Dark) -> tuple[float, float] | None:
    """Where on the side (mm) there is a frame."""
    level, upright = _runs(thin, SIDE_MM, 0.25), _runs(np.ascontiguousarray(thin.T), SIDE_MM, 0.25).T
    straight = level | upright
    if not (straight > known).any():
        return None
    sides = np.asarray(cv2.dilate(straight, np.ones((2, 2), np.uint8)), dtype=np.uint8)  # closes corners
    for x, y, width, height in _filled_insides(sides):
        whole = x - FRAME_PX, y - FRAME_PX, width + 2 * FRAME_PX, height + 2 * FRAME_PX
        ink = _cut(dark, whole) * _cut(thin, whole)
        if sum(_bow_px(side) < STRAIGHT_PX for side in _sides(ink, width, height)) < STRAIGHT_SIDES:
            continue
        drawn = ink[1:-1, 1:-1] > 0
        drawn[3:-3, 3:-3] = False
        if (drawn & (_cut(known, whole)[1:-1, 1:-1] == 0)).sum() > NEW_SHARE * drawn.sum():
            return (x - MARGIN_PX) / PX_PER_MM, (y - MARGIN_PX) / PX_PER_MM
    return None


def _filled_insides(sides: Bits) -> Iterator[Box]:
    """What is enclosed by `sides`, is as large as a frame's inside, and fills its rectangle, from top to bottom."""
    outlines, hierarchy = cv2.findContours(sides, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes = [outline for outline, (_, _, _, around) in zip(outlines, hierarchy[0], strict=True) if around >= 0]
    for x, y, width, height in sorted((cv2.boundingRect(hole) for hole in holes), key=lambda box: (box[1], box[0])):
        inside = x + 1, y + 1, width - 2, height - 2  # the outline runs along the sides' own pixels
        if not FRAME_MM[0] * PX_PER_MM <= min(inside[2:]) or max(inside[2:]) > FRAME_MM[1] * PX_PER_MM:
            continue
        empty = (_cut(sides, inside) == 0).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(empty, connectivity=4)
        if any(area >= FULL * inside[2] * inside[3] and (w, h) == inside[2:] for _, _, w, h, area in stats[1:]):
            yield inside


def _cut(picture: NDArray[Any], box: Box) -> NDArray[Any]:
    x, y, width, height = box
    return picture[y : y + height, x : x + width]


def _sides(ink: Dark, width: int, height: int) -> Iterator[Dark]:
    """The four strips in which a frame's sides lie, each level; `ink` has `FRAME_PX` around an inside of that size."""
    inside = slice(FRAME_PX, FRAME_PX + width), slice(FRAME_PX, FRAME_PX + height)
    for start in (0, height + FRAME_PX - 2):
        yield ink[start : start + 6, inside[0]]
    for start in (0, width + FRAME_PX - 2):
        yield ink[inside[1], start : start + 6].T


def _bow_px(strip: Dark) -> float:
    """By how much the middle of a level strip's ink leaves its mean height (standard deviation, pixels)."""
    weight = strip.sum(axis=0)
    middles = (strip * np.arange(len(strip))[:, None]).sum(axis=0) / np.maximum(weight, 1e-6)
    return float(middles[1:-1].std())


def _rule(new: Bits, unasked: Flags, dark: Dark) -> tuple[float, float] | None:
    """Where (mm along it and across) there is a long level line."""
    runs = _runs(new, RULE_MM / 2, GAP_MM)
    if not runs.any():
        return None
    left, top, across, down = cv2.boundingRect(runs)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_cut(runs, (left, top, across, down)), connectivity=8)
    for label in range(1, count):
        at_x, at_y, width, height, _ = stats[label].tolist()
        if width < RULE_MM * PX_PER_MM or height > 2 * THICKEST_MM * PX_PER_MM:
            continue
        x, y = left + at_x, top + at_y
        of_it = _cut(labels, (at_x, at_y, width, height)) == label
        rows, columns = np.nonzero(of_it & (_cut(new, (x, y, width, height)) > 0))
        if len(rows) < 0.3 * width:
            continue
        inked = np.bincount(columns, minlength=width)
        at = np.flatnonzero(inked)
        middles = np.bincount(columns, rows, width)[at] / inked[at]
        slope, start = np.polyfit(at, middles, 1)
        off = middles - (slope * at + start)
        smooth = np.convolve(off, np.ones(9) / 9, mode="valid")  # single pixels jump by halves
        if abs(slope) > RULE_LEVEL or float(smooth.std()) > RULE_STRAIGHT_MM * PX_PER_MM:
            continue
        heights = y + start + slope * (np.arange(new.shape[1]) - x)
        if not _is_streak(heights, (x, x + width), unasked, dark):
            return (x - MARGIN_PX) / PX_PER_MM, (y - MARGIN_PX) / PX_PER_MM
    return None


def _is_streak(heights: Floats, ends: tuple[int, int], unasked: Flags, dark: Dark) -> bool:
    """Whether a line that is seen between two columns (`ends`) runs on, however faintly, right across the card.

    `heights` is its row in every column; `unasked` is where the side's own print hides it.
    """
    edge = MARGIN_PX + round((EDGE_MM + STREAK_MM) * PX_PER_MM)
    columns = np.arange(dark.shape[1])
    rows = np.clip(np.rint(heights).astype(np.intp), edge, len(dark) - edge) + np.array([[-1], [0], [1]])
    beside = (dark[rows + way, columns].max(axis=0) for way in (-BESIDE_PX, BESIDE_PX))
    shade = np.convolve(dark[rows, columns].max(axis=0) - np.minimum(*beside), np.ones(9) / 9, mode="same")
    hidden = unasked[rows, columns].any(axis=0)
    least = STREAK_FADES * float(np.median(shade[ends[0] : ends[1]]))
    before, behind = (columns >= edge) & (columns < ends[0]), (columns >= ends[1]) & (columns < len(columns) - edge)
    asked = [shade[way & ~hidden] > least for way in (before, behind)]
    return all(not len(seen) or float(seen.mean()) > STREAK_SEEN for seen in asked)
