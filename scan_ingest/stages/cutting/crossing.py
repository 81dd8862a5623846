"""Writing that keeps to no box: whole lines between two fields, and lines that run on into the field beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.stages.cleaning.strokes import Strokes

NOBODY = -1
REACH_MM = 6.0  # how far writing leaves its box
LINE_MM = (8.0, 0.6)  # between two words of one line at most, across and down
MUCH_NEARER = 2.0  # times: then a line goes on with the writing that it is near to
BETWEEN_MM = 20.0  # fields further apart than this are not run across
SPACE_MM = 4.0  # between two words of a line that runs on
INTO_MM = 4.0  # so far into both boxes a line is followed
LETTER_MM2 = 0.5  # ink of one; less is dirt, or a dot
BESIDE = 0.5  # of the lower box's height that both boxes share, if they stand side by side
SAME_ROW = 0.4  # of the height of a stroke that lies in the rows of the writing between the boxes

Owners = NDArray[np.int8]


def whole_lines(strokes: Strokes, owner: Owners, outside: NDArray[np.bool_], fields: Sequence[Field]) -> Owners:
    """The owners (one a stroke), where a line is written between two text fields, one above the other: all of it is one
    field's. If other writing in the box of one is much nearer, it goes on there; if not, it goes to the field that has
    more of it. `outside` are the strokes that lie in no box.
    """
    free = outside & (owner != NOBODY)
    free[0] = False
    if not free.any():
        return owner
    owner = owner.copy()
    for line in _lines(strokes, free):
        ink = np.bincount(owner[line], weights=strokes.areas[line], minlength=len(fields))
        most = int(ink.argmax())
        near = _near(strokes, line, most, fields)
        if len(near) < 2:
            continue
        off = {index: _off_writing(strokes, line, (owner == index) & ~outside) for index in near}
        nearest = min(near, key=lambda index: off[index])
        others = min(off[index] for index in near if index != nearest)
        goes_to = nearest if MUCH_NEARER * off[nearest] < others else most
        owner[line[np.isin(owner[line], near)]] = goes_to
    return owner


def _near(strokes: Strokes, line: NDArray[np.intp], most: int, fields: Sequence[Field]) -> list[int]:
    """The text fields that a line may belong to: the one that has most of it, and those above and below which it comes
    within reach of."""
    _, top, _, bottom = _around(strokes, line)
    found = [most]
    for index, field in enumerate(fields):
        box = field.box_mm
        stacked = box.bottom <= fields[most].box_mm.y or box.y >= fields[most].box_mm.bottom
        off = max(box.y - bottom / SIDE_PX_PER_MM, top / SIDE_PX_PER_MM - box.bottom)
        if field.kind is FieldKind.TEXT and stacked and off <= REACH_MM and _share_columns(box, fields[most].box_mm):
            found.append(index)
    return found


def _off_writing(strokes: Strokes, line: NDArray[np.intp], others: NDArray[np.bool_]) -> float:
    """How far (pixels) above or below a line those strokes begin that share a column with it; infinite for none."""
    left, top, right, bottom = _around(strokes, line)
    x, y, width, height = strokes.boxes[others].T
    there = (x < right) & (x + width > left)
    if not there.any():
        return float("inf")
    return float(np.maximum(y - bottom, top - (y + height))[there].clip(min=0).min())


def _around(strokes: Strokes, line: NDArray[np.intp]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom."""
    x, y, width, height = strokes.boxes[line].T
    return int(x.min()), int(y.min()), int((x + width).max()), int((y + height).max())


def _lines(strokes: Strokes, kept: NDArray[np.bool_]) -> Iterator[NDArray[np.intp]]:
    """The strokes that stand in one line, or near enough."""
    across, down = (round(mm * SIDE_PX_PER_MM / 2) for mm in LINE_MM)
    near = cv2.dilate(strokes.mask(kept).astype(np.uint8), np.ones((2 * down + 1, 2 * across + 1), np.uint8))
    _, found = cv2.connectedComponents(near, connectivity=8)
    line_of = np.zeros(len(strokes), dtype=np.intp)
    line_of[strokes.numbers] = np.asarray(found).ravel()[strokes.at]
    labels = np.flatnonzero(kept)
    for line in np.unique(line_of[labels]):
        yield labels[line_of[labels] == line]


def _share_columns(one: BoxMm, other: BoxMm) -> bool:
    return min(one.right, other.right) - max(one.x, other.x) > 0


@dataclass(frozen=True)
class RunOn:
    """A line that runs from one field's box into that of the field beside: where it lies, from the outer edge of the
    one to that of the other. Nobody can tell by the boxes whose words it holds."""

    fields: tuple[int, int]
    box_mm: BoxMm


def runs_on(strokes: Strokes, fields: Sequence[Field]) -> list[RunOn]:
    """The lines that are written across the space between two text fields side by side, without a gap that is wider
    than one between words."""
    texts = [(index, field.box_mm) for index, field in enumerate(fields) if field.kind is FieldKind.TEXT]
    found: list[RunOn] = []
    for one, other in combinations(sorted(texts, key=lambda pair: pair[1].x), 2):
        left, right = one[1], other[1]
        shared = min(left.bottom, right.bottom) - max(left.y, right.y)
        beside = shared >= BESIDE * min(left.height, right.height)
        if beside and 0 <= right.x - left.right <= BETWEEN_MM and not _parted(left, right, texts):
            found += [RunOn((one[0], other[0]), box) for box in _across(strokes, left, right)]
    return found


def _parted(left: BoxMm, right: BoxMm, texts: Sequence[tuple[int, BoxMm]]) -> bool:
    """Whether another field stands between them."""
    top, bottom = max(left.y, right.y), min(left.bottom, right.bottom)
    return any(box.x >= left.right and box.right <= right.x and box.y < bottom and box.bottom > top for _, box in texts)


def _across(strokes: Strokes, left: BoxMm, right: BoxMm) -> Iterator[BoxMm]:
    px = SIDE_PX_PER_MM
    x, y, width, height = strokes.boxes.T
    letters = strokes.areas >= LETTER_MM2 * px**2
    letters[0] = False
    top, bottom = max(left.y, right.y) * px, min(left.bottom, right.bottom) * px
    there = letters & (y + height > top) & (y < bottom)
    between = there & (x < right.x * px) & (x + width > left.right * px)
    for first, last in _rows(y[between], (y + height)[between]):
        in_row = there & (np.minimum(y + height, last) - np.maximum(y, first) >= SAME_ROW * height)
        near = in_row & (x + width > (left.right - INTO_MM) * px) & (x < (right.x + INTO_MM) * px)
        starts, ends = x[near] / px, (x + width)[near] / px
        if _widest_gap(starts, ends, left.right - INTO_MM, right.x + INTO_MM) <= SPACE_MM:
            yield BoxMm(left.x, first / px, right.right - left.x, (last - first) / px)


def _rows(tops: NDArray[np.int32], bottoms: NDArray[np.int32]) -> list[tuple[int, int]]:
    """The rows of strokes that overlap, as first and after the last, from the top down."""
    found: list[tuple[int, int]] = []
    for top, bottom in sorted(zip(tops.tolist(), bottoms.tolist(), strict=True)):
        if found and top < found[-1][1]:
            found[-1] = found[-1][0], max(bottom, found[-1][1])
        else:
            found.append((top, bottom))
    return found


def _widest_gap(starts: NDArray[np.float64], ends: NDArray[np.float64], first: float, last: float) -> float:
    """The widest stretch from `first` to `last` that none of the stretches covers."""
    widest, reach = 0.0, first
    for at in np.argsort(starts, kind="stable"):
        widest = max(widest, float(starts[at]) - reach)
        reach = max(reach, float(ends[at]))
    return max(widest, last - reach)
