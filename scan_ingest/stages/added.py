"""Print on a page that its blank side does not have: the next revision of a card, or another scheme's card.

Handwriting is welcome anywhere; what only a press does is a frame with four straight sides that lie as the card lies,
or a long rule (or dotted line) so straight and so level. Dust on a feeder's glass draws rules too, but right across the
card.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.stages.printing import MARGIN_PX, PRINT, PX_PER_MM, Printing, darkness

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
FULL = 0.93  # of its rectangle does a frame's inside fill
SIDE_MM = 2.2  # a frame's sides are straight for at least so long
RULE_MM = 22.0  # nobody draws a straight and level line of that length by hand
RULE_LEVEL = 0.0045  # its slope, a quarter of a degree
RULE_STRAIGHT_MM = 0.07  # its standard deviation; a hand's is twice that
STREAK_MM = 2.5  # more than at the edge: there end streaks, creases, and other sheets' edges that shine through

Bits = NDArray[np.uint8]


def added_print(laid: GreyImage, printing: Printing) -> str | None:
    """What is printed on the page, laid over the side, that the side does not have, and where; None for nothing."""
    dark = darkness(laid)
    own = printing.darkness > 0.5
    black = float(np.median(dark[own])) if own.any() else 128.0
    strokes: Bits = (dark > max(DARK * black, LEAST_DARK)).astype(np.uint8)
    around = round(KNOWN_WITHIN_MM * PX_PER_MM) * 2 + 1
    print_ = (printing.darkness > PRINT / 2).astype(np.uint8)
    known: Bits = np.asarray(cv2.dilate(print_, np.ones((around, around), np.uint8)), dtype=np.uint8)
    edge = MARGIN_PX + round(EDGE_MM * PX_PER_MM)
    strokes[:edge], strokes[-edge:], strokes[:, :edge], strokes[:, -edge:] = 0, 0, 0, 0
    thick = round(THICKEST_MM * PX_PER_MM) + 1
    bars = np.asarray(cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8)), dtype=np.uint8)
    thin: Bits = strokes & ~bars
    if at := _frame(thin, known):
        return f"a frame is printed {at[0]:.0f} mm from its left and {at[1]:.0f} mm from its top"
    new = np.where(known > 0, 0, thin).astype(np.uint8)
    for lines, print_, what in ((new, known, "level"), (np.ascontiguousarray(new.T), known.T, "upright")):
        if at := _rule(lines, print_):
            x, y = at if what == "level" else at[::-1]
            return f"a line is printed {x:.0f} mm from its left and {y:.0f} mm from its top"
    return None


def _runs(new: Bits, length_mm: float, gap_mm: float) -> Bits:
    """The level runs of at least that length, with gaps closed and a pixel of unevenness forgiven."""
    gap = round(gap_mm * PX_PER_MM) + 1
    joined = cv2.morphologyEx(new, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)) if gap > 1 else new
    lenient = cv2.dilate(joined, np.ones((2, 1), np.uint8))
    length = round(length_mm * PX_PER_MM)
    return np.asarray(cv2.morphologyEx(lenient, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)


def _frame(thin: Bits, known: Bits) -> tuple[float, float] | None:
    """Where on the side (mm) there is a frame."""
    level, upright = _runs(thin, SIDE_MM, 0.25), _runs(np.ascontiguousarray(thin.T), SIDE_MM, 0.25).T
    straight = level | upright
    if not straight[known == 0].any():
        return None
    sides = cv2.dilate(straight, np.ones((2, 2), np.uint8))  # closes corners
    _, _, stats, _ = cv2.connectedComponentsWithStats((sides == 0).astype(np.uint8), connectivity=4)
    for x, y, width, height, area in stats[1:]:
        inside = FRAME_MM[0] * PX_PER_MM <= min(width, height) and max(width, height) <= FRAME_MM[1] * PX_PER_MM
        if not inside or area < FULL * width * height:
            continue
        around = np.zeros(thin.shape, dtype=np.uint8)
        around[y - 3 : y + height + 3, x - 3 : x + width + 3] = 1
        around[y : y + height, x : x + width] = 0
        drawn = (around > 0) & (thin > 0)
        if (drawn & (known == 0)).sum() > NEW_SHARE * drawn.sum():
            return (x - MARGIN_PX) / PX_PER_MM, (y - MARGIN_PX) / PX_PER_MM
    return None


def _rule(new: Bits, known: Bits) -> tuple[float, float] | None:
    """Where (mm along it and across) there is a long level line."""
    runs = _runs(new, RULE_MM / 2, GAP_MM)
    if not runs.any():
        return None
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    long = [label for label in range(1, count) if stats[label, cv2.CC_STAT_WIDTH] >= RULE_MM * PX_PER_MM]
    edge = MARGIN_PX + round((EDGE_MM + STREAK_MM) * PX_PER_MM)
    for label in long:
        x, y, width, height, _ = stats[label]
        if height > 2 * THICKEST_MM * PX_PER_MM:
            continue
        # Pieces of one streak lie in one row, broken where it crosses the side's own print.
        same_row = [one for one in range(1, count) if abs(stats[one, 1] + stats[one, 3] / 2 - y - height / 2) < 4]
        start = min(stats[one, 0] for one in same_row)
        end = max(stats[one, 0] + stats[one, 2] for one in same_row)
        # It may end there under the side's own print.
        row = known[y : y + height].max(axis=0)
        if row[edge:start].all() or row[end : new.shape[1] - edge].all():
            continue
        rows, columns = np.nonzero(
            (labels[y : y + height, x : x + width] == label) & (new[y : y + height, x : x + width] > 0)
        )
        if len(rows) < 0.3 * width:
            continue
        middles = np.bincount(columns, rows, width) / np.maximum(np.bincount(columns, minlength=width), 1)
        at = np.flatnonzero(np.bincount(columns, minlength=width))
        slope, start = np.polyfit(at, middles[at], 1)
        off = middles[at] - (slope * at + start)
        smooth = np.convolve(off, np.ones(9) / 9, mode="valid")  # single pixels jump by halves
        if abs(slope) < RULE_LEVEL and float(smooth.std()) < RULE_STRAIGHT_MM * PX_PER_MM:
            return (x - MARGIN_PX) / PX_PER_MM, (y - MARGIN_PX) / PX_PER_MM
    return None
