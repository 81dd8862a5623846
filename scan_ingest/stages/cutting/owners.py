"""Which field a stroke belongs to."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm, Mask
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.stages.cleaning.ink import TYPICAL_INK, CleanSide
from scan_ingest.stages.cleaning.strokes import Strokes, grown
from scan_ingest.stages.cutting.crossing import NOBODY, REACH_MM, whole_lines

JOINED_MM = 2.0  # ink this near to a field's ink is the same word
JOINING_PASSES = 4  # strokes in a row that may follow each other out of the box
SPLIT_ABOVE = 0.25  # a joined blob with this much of it in a second box is two fields' writing
MARK_REACH_MM = 1.5  # how far a tick may miss its box; its label begins further off
MOSTLY_PRINT = 0.5  # a stray stroke that lies on print by this share is badly removed print
PRINT_OFF_MM = 0.6  # so far off a line of small print can be, though the side lies well
PRINT_SHOWS = 0.25  # of the tiles with print have ink on it where a side lies 0.9 mm off; a line of writing covers 0.1
PRINT_TILE_MM, PRINT_TILE_SHARE = 6.0, 0.008  # a letter of small print
STRAY_DARKNESS = 0.7  # of the ink in the fields; what is paler is a stain
STRAY_WRITING_MM2 = 0.5  # a letter has more ink; what is less, far from everything, is dirt

Owners = NDArray[np.int8]


def owners(side: CleanSide, fields: Sequence[Field]) -> Owners:
    """For every pixel of ink the index of its field, `NOBODY` elsewhere and where no field claims it.

    Ink in a box is that field's; a stroke that reaches into two boxes goes to the one with most of it, unless it is two
    words grown together; ink outside every box follows the words it touches, and failing that the nearest text field
    within `REACH_MM`, a line as a whole.
    """
    homes = _homes(side.ink.shape, fields)
    strokes = side.strokes
    inside = strokes.tally(homes, len(fields))
    owner = np.where(inside.any(axis=1), inside.argmax(axis=1), NOBODY).astype(np.int8)
    boxless = owner == NOBODY
    owner = _strays(side, strokes, _joined(strokes, owner, fields), homes, fields)
    owner = whole_lines(strokes, owner, boxless, fields)
    return _split(strokes.painted(owner, NOBODY), strokes, inside, homes)


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
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    around = np.asarray(ellipse, dtype=np.uint8)
    owner = owner.copy()
    for index, field in enumerate(fields):
        if field.kind is not FieldKind.TEXT:
            continue
        part = strokes.labels[_pixels(field.box_mm.grown(REACH_MM), strokes.labels.shape)]
        nearby = np.unique(part[part > 0])
        for _ in range(JOINING_PASSES):
            free = nearby[owner[nearby] == NOBODY]
            if not len(free):
                break
            touched = _touched(part, owner, index, free, around)
            if not len(touched):
                break
            owner[touched] = index
    return owner


def _touched(
    part: NDArray[np.int32], owner: Owners, index: int, free: NDArray[np.int32], around: NDArray[np.uint8]
) -> NDArray[np.int32]:
    """Which of the `free` strokes come within reach (`around`) of a field's ink in that part of the side."""
    sought = np.zeros(len(owner), dtype=np.bool_)
    sought[free] = True
    there = sought[part]
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    reach = len(around) // 2
    window = (
        slice(max(int(rows[0]) - reach, 0), int(rows[-1]) + reach + 1),
        slice(max(int(columns[0]) - reach, 0), int(columns[-1]) + reach + 1),
    )
    near = cv2.dilate((owner[part[window]] == index).astype(np.uint8), around).astype(bool)
    return np.unique(part[window][near & there[window]])


def _strays(side: CleanSide, strokes: Strokes, owner: Owners, homes: Owners, fields: Sequence[Field]) -> Owners:
    """Words written wholly outside, given to the nearest text field within reach: strokes that stand together go to one
    field, so that no word is torn."""
    written = (owner == NOBODY) & (strokes.areas >= STRAY_WRITING_MM2 * SIDE_PX_PER_MM**2)
    written[0] = False
    owner = owner.copy()
    if not written.any():
        return owner
    over_print = _near_print(side, strokes)
    if (written & over_print).any() and _shows_everywhere(side.printed & (homes == NOBODY), strokes.mask(over_print)):
        written &= ~over_print
    owned = strokes.at[owner[strokes.numbers] != NOBODY]
    ink = 255 - side.clean.ravel()[owned]
    as_dark_as = STRAY_DARKNESS * (float(np.percentile(ink, 75)) if len(ink) else TYPICAL_INK)
    for label in np.flatnonzero(written):
        window, there = _where(strokes, int(label))
        written[label] = float(np.percentile(255 - side.clean[window][there], 75)) >= as_dark_as
    for group in _groups(strokes, written):
        if (index := _nearest(strokes, group, fields)) is not None:
            owner[group] = index
    return owner


def _where(strokes: Strokes, label: int) -> tuple[tuple[slice, slice], Mask]:
    """The window around a stroke, and its pixels in it."""
    x, y, width, height = strokes.boxes[label]
    window = slice(y, y + height), slice(x, x + width)
    return window, np.asarray(strokes.labels[window] == label)


def _near_print(side: CleanSide, strokes: Strokes) -> NDArray[np.bool_]:
    """Which strokes lie on print or close by, for the most part."""
    printed = grown(side.printed, round(PRINT_OFF_MM * SIDE_PX_PER_MM))
    return np.asarray(strokes.within(printed) > MOSTLY_PRINT * np.maximum(strokes.areas, 1))


def _shows_everywhere(printed: Mask, over_print: Mask) -> bool:
    """Whether print was taken out badly all over the side, not only where somebody wrote over it."""
    size = round(PRINT_TILE_MM * SIDE_PX_PER_MM)
    print_in, ink_in = (_tiles(mask, size) > PRINT_TILE_SHARE for mask in (printed, over_print))
    return int((print_in & ink_in).sum()) > PRINT_SHOWS * int(print_in.sum())


def _tiles(mask: Mask, size: int) -> NDArray[np.float32]:
    """The share of each square tile of `size` pixels that the mask covers; a rest at its end is left out."""
    down, across = mask.shape[0] // size, mask.shape[1] // size
    tiles = mask[: down * size, : across * size].reshape(down, size, across, size)
    return np.asarray(tiles.sum(axis=(1, 3)) / size**2, dtype=np.float32)


def _groups(strokes: Strokes, kept: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """The strokes that stand near enough together to be one word, or one line of words."""
    if not kept.any():
        return []
    reach = round(JOINED_MM * SIDE_PX_PER_MM) // 2
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    near = cv2.dilate(strokes.mask(kept).astype(np.uint8), around)
    _, group_of = cv2.connectedComponents(near, connectivity=8)
    labels = np.flatnonzero(kept)
    numbers = np.zeros(len(strokes), dtype=np.intp)
    numbers[strokes.numbers] = np.asarray(group_of).ravel()[strokes.at]
    return [labels[numbers[labels] == number] for number in np.unique(numbers[labels])]


def _nearest(strokes: Strokes, group: NDArray[np.intp], fields: Sequence[Field]) -> int | None:
    """The text field nearest to the middle of these strokes, of those that one of them comes within reach of."""
    boxes = strokes.boxes[group] / SIDE_PX_PER_MM
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    middle = np.average(centres, axis=0, weights=strokes.areas[group])
    near = [
        (_distance((float(middle[0]), float(middle[1])), field.box_mm), index)
        for index, field in enumerate(fields)
        if field.kind is FieldKind.TEXT and min(_distance((x, y), field.box_mm) for x, y in centres) <= REACH_MM
    ]
    return min(near)[1] if near else None


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
