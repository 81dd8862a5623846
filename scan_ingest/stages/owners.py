"""Which field a stroke belongs to."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm, Mask
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.stages.ink import TYPICAL_INK, CleanSide
from scan_ingest.stages.strokes import Strokes, grown

NOBODY = -1
REACH_MM = 6.0  # how far writing leaves its box
JOINED_MM = 2.0  # ink this near to a field's ink is the same word
JOINING_PASSES = 4  # strokes in a row that may follow each other out of the box
SPLIT_ABOVE = 0.25  # a joined blob with this much of it in a second box is two fields' writing
MARK_REACH_MM = 1.5  # how far a tick may miss its box; its label begins further off
MOSTLY_PRINT = 0.5  # a stray stroke that lies on print by this share is badly removed print
PRINT_OFF_MM = 0.6  # so far off a line of small print can be, though the side lies well
STRAY_DARKNESS = 0.7  # of the ink in the fields; what is paler is a stain
STRAY_WRITING_MM2 = 0.5  # a letter has more ink; what is less, far from everything, is dirt

Owners = NDArray[np.int8]


def owners(side: CleanSide, fields: Sequence[Field]) -> Owners:
    """For every pixel of ink the index of its field, `NOBODY` elsewhere and where no field claims it.

    Ink in a box is that field's; a stroke that reaches into two boxes goes to the one with most of it, unless it is two
    words grown together; ink outside every box follows the words it touches, and failing that the nearest text field
    within `REACH_MM`.
    """
    homes = _homes(side.ink.shape, fields)
    strokes = Strokes.of(side.ink)
    inside = strokes.tally(homes, len(fields))
    owner = np.where(inside.any(axis=1), inside.argmax(axis=1), NOBODY).astype(np.int8)
    owner = _strays(side, strokes, _joined(strokes, owner, fields), fields)
    result = np.where(side.ink, owner[strokes.labels], NOBODY).astype(np.int8)
    return _split(result, strokes, inside, homes)


def _pixels(box: BoxMm, shape: tuple[int, ...]) -> tuple[slice, slice]:
    px = SIDE_PX_PER_MM
    rows = slice(max(round(box.y * px), 0), min(round(box.bottom * px), shape[0]))
    return rows, slice(max(round(box.x * px), 0), min(round(box.right * px), shape[1]))


def _homes(shape: tuple[int, ...], fields: Sequence[Field]) -> Owners:
    """For every pixel of the side the field whose box it lies in."""
    homes = np.full(shape, NOBODY, dtype=np.int8)
    for index, field in enumerate(fields):
        if field.kind is FieldKind.CHOICE:
            for option in field.options:
                homes[_pixels(option.box_mm.grown(MARK_REACH_MM), shape)] = index
    for index, field in enumerate(fields):
        if field.kind is not FieldKind.CHOICE:
            homes[_pixels(field.box_mm, shape)] = index
    return homes


def _joined(strokes: Strokes, owner: Owners, fields: Sequence[Field]) -> Owners:
    """Ink outside every box, near enough to a text field's ink to be one word with it."""
    reach = round(JOINED_MM * SIDE_PX_PER_MM)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    owner = owner.copy()
    for index, field in enumerate(fields):
        if field.kind is not FieldKind.TEXT:
            continue
        part = strokes.labels[_pixels(field.box_mm.grown(REACH_MM), strokes.labels.shape)]
        for _ in range(JOINING_PASSES):
            free = np.unique(part[(owner[part] == NOBODY) & (part > 0)])
            if not len(free):
                break
            near = cv2.dilate((owner[part] == index).astype(np.uint8), around).astype(bool)
            touched = np.intersect1d(free, np.unique(part[near]))
            if not len(touched):
                break
            owner[touched] = index
    return owner


def _strays(side: CleanSide, strokes: Strokes, owner: Owners, fields: Sequence[Field]) -> Owners:
    """Words written wholly outside, given to the nearest text field within reach."""
    darkness = 255 - side.clean
    owned = side.ink & (owner[strokes.labels] != NOBODY)
    as_dark_as = STRAY_DARKNESS * (float(np.percentile(darkness[owned], 75)) if owned.any() else TYPICAL_INK)
    owner = owner.copy()
    printed = grown(side.printed, round(PRINT_OFF_MM * SIDE_PX_PER_MM))
    for label in np.flatnonzero(owner == NOBODY):
        x, y, width, height = strokes.boxes[label]
        if label == 0 or strokes.areas[label] < STRAY_WRITING_MM2 * SIDE_PX_PER_MM**2:
            continue
        there = strokes.labels[y : y + height, x : x + width] == label
        if printed[y : y + height, x : x + width][there].mean() > MOSTLY_PRINT:
            continue
        if float(np.percentile(darkness[y : y + height, x : x + width][there], 75)) < as_dark_as:
            continue
        centre = ((x + width / 2) / SIDE_PX_PER_MM, (y + height / 2) / SIDE_PX_PER_MM)
        near = [
            (distance, index)
            for index, field in enumerate(fields)
            if field.kind is FieldKind.TEXT and (distance := _distance(centre, field.box_mm)) <= REACH_MM
        ]
        if near:
            owner[label] = min(near)[1]
    return owner


def _distance(point: tuple[float, float], box: BoxMm) -> float:
    dx = max(box.x - point[0], 0.0, point[0] - box.right)
    dy = max(box.y - point[1], 0.0, point[1] - box.bottom)
    return float(np.hypot(dx, dy))


def _split(result: Owners, strokes: Strokes, inside: NDArray[np.int64], homes: Owners) -> Owners:
    """Blobs that are writing of several fields grown together, taken apart at the boxes."""
    totals = inside.sum(axis=1)
    second = np.sort(inside, axis=1)[:, -2] if inside.shape[1] > 1 else np.zeros(len(inside))
    for label in np.flatnonzero(second > SPLIT_ABOVE * np.maximum(totals, 1)):
        if label == 0:
            continue
        x, y, width, height = strokes.boxes[label]
        window = (slice(y, y + height), slice(x, x + width))
        there = (strokes.labels[window] == label) & (homes[window] != NOBODY)
        result[window][there] = homes[window][there]
    return result


def outside(ink: Mask, box_mm: BoxMm, field: Field, by_mm: float) -> float:
    """The share of a crop's ink (lying at `box_mm`) that is further than `by_mm` outside its field's box."""
    total = int(ink.sum())
    if not total:
        return 0.0
    px = SIDE_PX_PER_MM
    allowed = field.box_mm.grown(by_mm)
    left, top = round((allowed.x - box_mm.x) * px), round((allowed.y - box_mm.y) * px)
    right, bottom = round((allowed.right - box_mm.x) * px), round((allowed.bottom - box_mm.y) * px)
    within = int(ink[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)].sum())
    return 1.0 - within / total
