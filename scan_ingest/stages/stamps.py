"""Rubber stamps on a card: a straight frame or a ring that the blank side does not have, and rows of letters such as a
machine sets."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask, Points
from scan_ingest.stages.lettering import HEIGHTS_MM, Row, rows_of_letters
from scan_ingest.stages.strokes import Strokes, grown

SHRINK = 2  # 100 dpi
LONG_MM, HIGH_MM = (15.0, 90.0), (6.0, 45.0)  # of what a stamp frames
RING_MM = (14.0, 60.0)  # across
PAPER = 0.3  # of what is framed hangs together as paper around the letters
STRAIGHT_MM = 1.2  # within so much lies the frame's line; a box drawn by hand leaves it
COVERED = 0.85  # of each edge has that line
ROUND_WITHIN = 0.015  # of its radius; a ring drawn by hand strays twice as far and more
STEP_MM = 0.5
FRAME_MM = 2.5  # taken out around what is framed
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
ITS_OWN = 0.4  # of the ink in a stamp's place is framed or in such rows


def stamps_among(ink: Mask) -> Mask:
    """The pixels of stamps among ink that is all of one colour: of those that stand clear in their frame, and of bold
    ones that lie askew or framed over the writing, with what they cover of it."""
    return _clear(ink) | _bold(ink)


def _clear(ink: Mask) -> Mask:
    """The stamps in frames without other ink in them or beside them."""
    result = np.zeros_like(ink)
    frames = list(_frames(ink))
    if not frames:
        return result
    strokes = Strokes.of(ink)
    for corners in frames:
        there = _filled(ink.shape, [corners])
        inside = np.bincount(strokes.labels[there], minlength=len(strokes))
        stamped = (inside > 0) & (strokes.areas - inside <= OUTSIDE_MM2 * SIDE_PX_PER_MM**2)
        stamped[0] = False
        stamp = stamped[strokes.labels]
        if not (ink & ~result & ~stamp)[grown(there, round(ALONE_MM * SIDE_PX_PER_MM))].any():
            result |= stamp
    return result


def _bold(ink: Mask) -> Mask:
    """The stamps whose strokes are broader than the pen's."""
    size = round(BOLD_MM * SIDE_PX_PER_MM)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    opened = np.asarray(cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, disc), dtype=bool)
    nothing = np.zeros_like(ink)
    if not _in_one_place(opened):
        return nothing
    strokes = Strokes.of(opened)
    strokes = strokes.only(strokes.boxes[:, 2:].max(axis=1) >= HEIGHTS_MM[0] * SIDE_PX_PER_MM)
    there = impressions(strokes.labels > 0, nothing)
    if not there.any():
        return nothing
    rows = [row for row in rows_of_letters(strokes) if there[_filled(ink.shape, [row.corners])].any()]
    places = _filled(ink.shape, [_with_room(row, CLOSE) for row in rows])
    inside = np.bincount(strokes.labels[places], minlength=len(strokes)) > strokes.areas / 2
    around = np.unique(strokes.labels[_enclosing(strokes, rows)])
    inside[around] = True
    inside[0] = False
    return grown(inside[strokes.labels] & there, EDGE_PX) & ink


def _in_one_place(bold: Mask) -> bool:
    """Whether there are letters in the ink, and most of them as near together as a stamp's are; what a broad pen writes
    is all over its field. At a glance, for every side."""
    size = max(bold.shape[1] // GLANCE, 1), max(bold.shape[0] // GLANCE, 1)
    small = np.asarray(cv2.resize(bold.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 96)
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


def impressions(ink: Mask, other: Mask) -> Mask:
    """Where stamps are in an ink that is seen apart from every other; `other` is where those are."""
    beside = ~grown(ink, HAZE_PX)
    other = other & beside
    all_strokes = Strokes.of(ink)
    strokes = all_strokes.only(all_strokes.areas >= SPECK_MM2 * SIDE_PX_PER_MM**2)
    rows = [row for row in rows_of_letters(strokes) if not _is_scribble(row, strokes)]
    frames = list(_frames(ink))
    theirs = rows_of_letters(Strokes.of(other)) if any(_over(row, other, beside) for row in rows) else ()
    stamps = [
        row
        for row in rows
        if _askew(row) or _in_one(row, frames) or (_over(row, other, beside) and _alone(row, theirs))
    ]
    stamps += [row for row in rows if row not in stamps and any(_together(row, one) for one in stamps)]
    result = np.zeros_like(ink)
    for part in _parts(strokes):
        inside = strokes.only(part)
        rim = _rim(inside, rows)
        there = inside.labels > 0
        places = _filled(ink.shape, [*frames, *rim, *(_with_room(row) for row in stamps)]) | _enclosing(inside, stamps)
        if (places & there).sum() > ITS_OWN * there.sum():
            result |= there | (places & grown(there, round(LINKED_MM * SIDE_PX_PER_MM)))
    return result


def _parts(strokes: Strokes) -> Iterator[NDArray[np.bool_]]:
    """Which strokes stand near together, part by part."""
    reach = round(LINKED_MM * SIDE_PX_PER_MM / 2)
    _, parts = cv2.connectedComponents(grown(strokes.labels > 0, reach).astype(np.uint8), connectivity=8)
    rows, columns = np.nonzero(strokes.labels)
    part_of = np.zeros(len(strokes), dtype=np.intp)
    part_of[strokes.labels[rows, columns]] = parts[rows, columns]
    for number in np.unique(part_of[part_of > 0]):
        yield part_of == number


def _rim(strokes: Strokes, rows: Sequence[Row]) -> list[Points]:
    """The outline around all strokes, if their rim is a straight frame or a ring, perhaps broken, with a row of letters
    in it."""
    if not any((strokes.areas[row.labels] > 0).all() for row in rows):
        return []
    down, across = np.nonzero(strokes.labels)
    hull = np.asarray(cv2.convexHull(np.stack([across, down], axis=1).astype(np.int32)), np.int32).reshape(-1, 2)
    middle, sides, turn = cv2.minAreaRect(hull)
    high, long = sorted(side / SIDE_PX_PER_MM for side in sides)
    if not (HIGH_MM[0] <= high <= HIGH_MM[1] and LONG_MM[0] <= long <= LONG_MM[1]):
        return []
    line = np.zeros(strokes.labels.shape, dtype=np.uint8)
    cv2.polylines(line, [hull], True, (1,), 1)
    near = grown(strokes.labels > 0, round(STRAIGHT_MM * SIDE_PX_PER_MM / 2))
    if float(near[line > 0].mean()) < RIM_COVERED:
        return []
    ring = _ringed(hull, SIDE_PX_PER_MM)
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


def _enclosing(strokes: Strokes, rows: Sequence[Row]) -> Mask:
    """The strokes that go around rows, as a frame or a ring does that was not whole enough to be told."""
    kept = np.zeros(len(strokes), dtype=np.bool_)
    for row in rows:
        left, top, width, height = strokes.boxes.T
        low, high = row.corners.min(axis=0), row.corners.max(axis=0)
        kept |= (left <= low[0]) & (top <= low[1]) & (left + width >= high[0]) & (top + height >= high[1])
    kept[0] = False
    return np.asarray(kept[strokes.labels], dtype=np.bool_)


def _filled(shape: tuple[int, ...], places: Sequence[Points]) -> Mask:
    there = np.zeros(shape, dtype=np.uint8)
    for corners in places:
        cv2.fillConvexPoly(there, np.rint(corners).astype(np.int32), (1,))
    return np.asarray(there > 0, dtype=np.bool_)


def _frames(ink: Mask) -> Iterator[Points]:
    """The outline (x, y in pixels) of each stamp, with its frame or ring."""
    size = max(ink.shape[1] // SHRINK, 1), max(ink.shape[0] // SHRINK, 1)
    small = cv2.resize(ink.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA)
    # Patchy rubber leaves gaps.
    lines = np.asarray(cv2.dilate((small > 64).astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.uint8)
    px = SIDE_PX_PER_MM / SHRINK
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - lines, connectivity=4)
    table = np.asarray(stats)
    large = (table[:, 4] >= PAPER * LONG_MM[0] * HIGH_MM[0] * px**2) & (table[:, 2:4].max(axis=1) <= LONG_MM[1] * px)
    for label in np.flatnonzero(large):
        x, y, across, down, _ = (int(value) for value in table[label])
        paper = np.asarray(labels[y : y + down, x : x + across] == label, dtype=np.uint8)
        outlines, _ = cv2.findContours(paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=len).reshape(-1, 2) + np.array([x, y])
        framed = _ringed(outline, px)
        framed = _boxed(lines, outline, px) if framed is None else framed
        if framed is not None:
            yield (framed + 0.5) * SHRINK - 0.5


def _boxed(lines: NDArray[np.uint8], outline: NDArray[np.int32], px: float) -> Points | None:
    """The corners of a straight frame around the outlined paper, if there is one."""
    middle, sides, turn = cv2.minAreaRect(outline)
    high, long = sorted(float(side) / px for side in sides)
    fits = LONG_MM[0] <= long <= LONG_MM[1] and HIGH_MM[0] <= high <= HIGH_MM[1]
    if not fits or not _framed(lines, np.asarray(cv2.boxPoints((middle, sides, turn)), dtype=np.float64), px):
        return None
    with_frame = (middle, tuple(side + 2 * FRAME_MM * px for side in sides), turn)
    return np.asarray(cv2.boxPoints(with_frame), dtype=np.float64)


def _ringed(outline: NDArray[np.int32], px: float) -> Points | None:
    """The outline of a true ring around the outlined paper, if there is one."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    across = (high - low) / px
    if across.min() < RING_MM[0] or across.max() > RING_MM[1]:
        return None
    middle, axes, turn = cv2.fitEllipse(outline.astype(np.float32))
    cos, sin = np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))
    away = (outline - np.array(middle)) @ np.array([[cos, -sin], [sin, cos]]) / (np.array(axes) / 2)
    if float(np.abs(np.hypot(*away.T) - 1).mean()) > ROUND_WITHIN:
        return None
    size = (round(axes[0] / 2 + FRAME_MM * px), round(axes[1] / 2 + FRAME_MM * px))
    centre = (round(middle[0]), round(middle[1]))
    return np.asarray(cv2.ellipse2Poly(centre, size, round(turn), 0, 360, 5), dtype=np.float64)


def _framed(lines: NDArray[np.uint8], corners: Points, px: float) -> bool:
    """Whether a straight line runs along each edge of the rectangle, just outside it."""
    middle = corners.mean(axis=0)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along, outwards = end - start, (start + end) / 2 - middle
        count = max(int(np.hypot(*along) / (STEP_MM * px)), 2)
        places = start + np.linspace(0.05, 0.95, count)[:, None] * along
        reach = outwards / np.hypot(*outwards) * np.arange(-1, round(STRAIGHT_MM * px) + 1)[:, None]
        at = np.rint(places[:, None] + reach[None]).astype(np.intp)
        columns = np.clip(at[..., 0], 0, lines.shape[1] - 1)
        rows = np.clip(at[..., 1], 0, lines.shape[0] - 1)
        if float((lines[rows, columns] > 0).any(axis=1).mean()) < COVERED:
            return False
    return True
