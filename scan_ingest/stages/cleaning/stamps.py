"""Rubber stamps on a card: a straight frame or a ring that the blank side does not have, and rows of letters such as a
machine sets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask, Points
from scan_ingest.stages.cleaning.frames import HIGH_MM, LONG_MM, STRAIGHT_MM, frames, ringed
from scan_ingest.stages.cleaning.lettering import HEIGHTS_MM, Row, rows_of_letters
from scan_ingest.stages.cleaning.strokes import Strokes, grown, shrunk

OUTSIDE_MM2 = 1.5  # of a stroke that is the stamp's may leave it; a letter has more
ALONE_MM = 4.0  # from it nobody else's ink

GLANCE = 4  # 50 dpi
BOLD_MM = 0.65  # broader than a pen writes, as a stamp's strokes are
LEAST_MM2 = 6.0  # of bold ink
SPREAD_MM = (80.0, 40.0)  # across and down, of six tenths of it
EDGE_PX = 2

# Rows of letters are a stamp's: so many that run up or down as no writing on a card does, or that lie over writing.
ASKEW, FEWEST_OVER = (4, 5.0), 5  # letters, degrees
FULLEST = 0.62  # of a row's box is ink; bold letters fill a half
BAREST = 0.18  # of a letter's height squared is its ink; an E of the thinnest stamp has twice that
HAZE_PX = 2  # around an ink's strokes other inks are not told surely
OVER_SHARE = 0.05  # of what is between a row's letters is other ink; between two lines there are but their loops
ROOM, CLOSE = 0.8, 0.2  # heights around a row that are the stamp's too; above it, where the pen has its colour
SAME_TILT_DEG, NEXT_ROW = 1.5, 2.5  # rows of one stamp; heights between their middles
LINKED_MM = 4.5  # between strokes of one stamp
SPECK_MM2 = 0.3
RIM_COVERED = 0.7  # of the outline around a stamp is ink; around written words a third
FULL = 0.93  # of the rectangle around a frame that is straight
COVERED_MM = 1.0  # around a stamp: there the writing is not known to be whole
ITS_OWN = 0.4  # of the ink in a stamp's place is framed or in such rows


def stamps_among(ink: Mask) -> Mask:
    """The pixels of stamps among ink that is all of one colour: of those that stand clear in their frame, and of bold
    ones that lie askew or framed over the writing, with what they cover of it."""
    return _clear(ink) | _bold(ink)


def _clear(ink: Mask) -> Mask:
    """The stamps in frames without other ink in them or beside them."""
    result = np.zeros_like(ink)
    framed = list(frames(ink))
    if not framed:
        return result
    strokes = Strokes.of(ink)
    for corners in framed:
        there = _filled(ink.shape, [corners])
        inside = strokes.within(there)
        stamp = strokes.mask((inside > 0) & (strokes.areas - inside <= OUTSIDE_MM2 * SIDE_PX_PER_MM**2))
        if not (ink & ~result & ~stamp)[grown(there, round(ALONE_MM * SIDE_PX_PER_MM))].any():
            result |= stamp
    return result


def _bold(ink: Mask) -> Mask:
    """The stamps whose strokes are broader than the pen's."""
    bold = _bold_letters(ink)
    nothing = np.zeros_like(ink)
    if bold is None:
        return nothing
    marks = _Marks.of(bold)
    there = _pressed(marks, nothing)
    return grown(_lettered(marks, there) & there, EDGE_PX) & ink if there.any() else nothing


def _bold_letters(ink: Mask) -> Mask | None:
    """The strokes broader than a pen's that are as large as letters; None where they are no stamp's."""
    size = round(BOLD_MM * SIDE_PX_PER_MM)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = np.asarray(cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, disc), dtype=bool)
    if not _in_one_place(opened):
        return None
    strokes = Strokes.of(opened)
    return strokes.mask(strokes.boxes[:, 2:].max(axis=1) >= HEIGHTS_MM[0] * SIDE_PX_PER_MM)


def _lettered(marks: "_Marks", stamps: Mask) -> Mask:
    """The strokes that stand in the stamps' rows of letters, or go around those."""
    strokes = marks.strokes
    rows = [row for row in marks.rows if stamps[_filled(stamps.shape, [row.corners])].any()]
    places = _filled(stamps.shape, [_with_room(row, CLOSE) for row in rows])
    return strokes.mask((strokes.within(places) > strokes.areas / 2) | _enclosing(strokes, rows))


def _in_one_place(bold: Mask) -> bool:
    """Whether there are letters in the ink, and most of them as near together as a stamp's are; what a broad pen writes
    is all over its field. At a glance, for every side."""
    small = shrunk(bold.astype(np.uint8) * 255, GLANCE) > 96
    px = SIDE_PX_PER_MM / GLANCE
    strokes = Strokes.of(small)
    large = np.flatnonzero(strokes.boxes[:, 2:].max(axis=1) >= HEIGHTS_MM[0] * px)[1:]
    areas, boxes = strokes.areas[large], strokes.boxes[large]
    if areas.sum() < LEAST_MM2 * px**2:
        return False
    for along, most in zip((boxes[:, :2] + boxes[:, 2:] / 2).T, SPREAD_MM, strict=True):
        order = np.argsort(along)
        low, high = along[order][np.searchsorted(np.cumsum(areas[order]), np.array((0.2, 0.8)) * areas.sum())]
        if high - low > most * px:
            return False
    return True


@dataclass(frozen=True, eq=False)
class _Marks:
    """What an ink left on the paper: its strokes without specks, the rows of letters among them, and the frames."""

    ink: Mask
    strokes: Strokes
    rows: tuple[Row, ...]
    frames: tuple[Points, ...]

    @classmethod
    def of(cls, ink: Mask) -> "_Marks":
        every = Strokes.of(ink)
        strokes = every.only(every.areas >= SPECK_MM2 * SIDE_PX_PER_MM**2)
        return cls(ink, strokes, rows_of_letters(strokes), tuple(frames(ink)))


def impressions(ink: Mask, other: Mask) -> Mask:
    """Where stamps are in an ink that is seen apart from every other; `other` is where those are."""
    return _pressed(_Marks.of(ink), other)


def _pressed(marks: _Marks, other: Mask) -> Mask:
    rows = [row for row in marks.rows if not _is_scribble(row, marks.strokes)]
    stamps = _stamped(rows, marks, other)
    result = np.zeros_like(marks.ink)
    known = [*marks.frames, *(_with_room(row) for row in stamps)]
    for part in _parts(marks.strokes):
        outlines = [*known, *_rim(marks.strokes, part, rows)]
        if not outlines:
            continue
        there = marks.strokes.mask(part)
        places = _filled(there.shape, outlines) | marks.strokes.mask(part & _enclosing(marks.strokes, stamps))
        if (places & there).sum() > ITS_OWN * there.sum():
            result |= there | (places & grown(there, round(LINKED_MM * SIDE_PX_PER_MM)))
    return result


def _stamped(rows: Sequence[Row], marks: _Marks, other: Mask) -> list[Row]:
    """The rows that are a stamp's: askew, framed or over writing, and those that go with one."""
    over = [False] * len(rows)
    theirs: tuple[Row, ...] = ()
    if other.any():
        beside = ~grown(marks.ink, HAZE_PX)
        seen = other & beside
        over = [_over(row, seen, beside) for row in rows]
        theirs = rows_of_letters(Strokes.of(seen)) if any(over) else ()
    stamps = [
        row
        for row, lies_over in zip(rows, over, strict=True)
        if _askew(row) or _in_one(row, marks.frames) or (lies_over and _alone(row, theirs))
    ]
    return stamps + [row for row in rows if row not in stamps and any(_together(row, one) for one in stamps)]


def places_of(stamps: Mask) -> Mask:
    """Where stamps lie: within `COVERED_MM` of the outline around each, with the paper between its letters."""
    outlines = [_hull(part) for part in _each(stamps)]
    return grown(_filled(stamps.shape, outlines), round(COVERED_MM * SIDE_PX_PER_MM))


def _each(stamps: Mask) -> Iterator[Mask]:
    strokes = Strokes.of(stamps)
    for part in _parts(strokes):
        yield strokes.mask(part)


def _hull(mask: Mask) -> NDArray[np.int32]:
    """The outline around all that is in a mask, x and y in pixels."""
    down, across = np.nonzero(mask)
    return np.asarray(cv2.convexHull(np.stack([across, down], axis=1).astype(np.int32)), np.int32).reshape(-1, 2)


def _parts(strokes: Strokes) -> Iterator[NDArray[np.bool_]]:
    """Which strokes stand near together, part by part."""
    reach = round(LINKED_MM * SIDE_PX_PER_MM / 2)
    _, parts = cv2.connectedComponents(grown(strokes.labels > 0, reach).astype(np.uint8), connectivity=8)
    part_of = np.zeros(len(strokes), dtype=np.intp)
    part_of[strokes.numbers] = np.asarray(parts).ravel()[strokes.at]
    for number in np.unique(part_of[part_of > 0]):
        yield part_of == number


def _rim(strokes: Strokes, part: NDArray[np.bool_], rows: Sequence[Row]) -> list[Points]:
    """The outline around all strokes of a part, if their rim is a straight frame or a ring, perhaps broken, with a row
    of letters in it."""
    if not any(part[row.labels].all() for row in rows):
        return []
    there = strokes.mask(part)
    hull = _hull(there)
    middle, sides, turn = cv2.minAreaRect(hull)
    high, long = sorted(side / SIDE_PX_PER_MM for side in sides)
    if not (HIGH_MM[0] <= high <= HIGH_MM[1] and LONG_MM[0] <= long <= LONG_MM[1]):
        return []
    line = np.zeros(there.shape, dtype=np.uint8)
    cv2.polylines(line, [hull], True, (1,), 1)
    near = grown(there, round(STRAIGHT_MM * SIDE_PX_PER_MM / 2))
    if float(near[line > 0].mean()) < RIM_COVERED:
        return []
    ring = ringed(hull, SIDE_PX_PER_MM)
    if ring is not None:
        return [ring]
    full = float(cv2.contourArea(hull)) > FULL * float(sides[0] * sides[1])  # but for rounded corners
    return [np.asarray(cv2.boxPoints((middle, sides, turn)), dtype=np.float64)] if full else []


def _askew(row: Row) -> bool:
    return len(row.labels) >= ASKEW[0] and abs(row.tilt_deg) >= ASKEW[1]


def _over(row: Row, other: Mask, beside: Mask) -> bool:
    """Whether a row lies over another ink's writing, which goes on around it; by what is seen beside its strokes."""
    if len(row.labels) < FEWEST_OVER:
        return False
    there = _filled(other.shape, [row.corners])
    around = _filled(other.shape, [_with_room(row)]) & ~there
    within, about = (float((other & part).sum()) / max(int((beside & part).sum()), 1) for part in (there, around))
    return within >= OVER_SHARE and about >= OVER_SHARE / 2


def _is_scribble(row: Row, strokes: Strokes) -> bool:
    """Whether what looks like a row is a stroke to and fro that others cut in pieces: too full, or of bare strokes."""
    filled = float((strokes.labels > 0)[_filled(strokes.labels.shape, [row.corners])].mean())
    return filled > FULLEST or float(np.median(strokes.areas[row.labels])) < BAREST * row.height**2


def _alone(row: Row, others: Sequence[Row]) -> bool:
    """Whether no row of the other ink, which is less askew, lies there: that may be the stamp."""
    box = row.corners.astype(np.float32)
    return all(
        cv2.intersectConvexConvex(box, other.corners.astype(np.float32))[0] <= 0
        or abs(row.tilt_deg) >= abs(other.tilt_deg) + SAME_TILT_DEG
        for other in others
    )


def _in_one(row: Row, frames: Sequence[Points]) -> bool:
    middle = tuple(float(value) for value in row.corners.mean(axis=0))
    return any(cv2.pointPolygonTest(frame.astype(np.float32), middle, False) >= 0 for frame in frames)


def _together(row: Row, other: Row) -> bool:
    if abs(row.tilt_deg - other.tilt_deg) > SAME_TILT_DEG:
        return False
    away = row.corners.mean(axis=0) - other.corners.mean(axis=0)
    turn = np.deg2rad(other.tilt_deg)
    across = abs(float(away @ np.array([-np.sin(turn), np.cos(turn)])))
    length = float(np.hypot(*(other.corners[1] - other.corners[0])))
    return across <= NEXT_ROW * max(row.height, other.height) and abs(float(away @ away)) ** 0.5 <= length


def _with_room(row: Row, above: float = ROOM) -> Points:
    """The box around a row with `ROOM` before and behind it, and that much above and below."""
    middle = row.corners.mean(axis=0)
    outwards = row.corners - middle
    along, down = (row.corners[1] - row.corners[0]), (row.corners[3] - row.corners[0])
    unit = np.stack([along / np.hypot(*along), down / np.hypot(*down)])
    signs = np.sign(outwards @ unit.T)
    return np.asarray(row.corners + row.height * (signs * (ROOM, above)) @ unit, dtype=np.float64)


def _enclosing(strokes: Strokes, rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Which strokes go around rows, as a frame or a ring does that was not whole enough to be told."""
    kept = np.zeros(len(strokes), dtype=np.bool_)
    for row in rows:
        left, top, width, height = strokes.boxes.T
        low, high = row.corners.min(axis=0), row.corners.max(axis=0)
        kept |= (left <= low[0]) & (top <= low[1]) & (left + width >= high[0]) & (top + height >= high[1])
    return kept


def _filled(shape: tuple[int, ...], places: Sequence[Points | NDArray[np.int32]]) -> Mask:
    there = np.zeros(shape, dtype=np.uint8)
    for corners in places:
        cv2.fillConvexPoly(there, np.rint(corners).astype(np.int32), (1,))
    return np.asarray(there > 0, dtype=np.bool_)
