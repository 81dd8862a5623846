"""Cutting the writing of a field into lines.

The writing is levelled, its rows of ink give the lines, and between two lines the cut follows the way with the least
ink (a seam, as in Avidan and Shamir 2007). A stroke goes to the line with most of it; one that joins two lines is cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM, LineCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage, Mask
from scan_ingest.stages.cleaning.strokes import Strokes, grown
from scan_ingest.stages.cutting.columns import FEWEST_LINES, columns
from scan_ingest.stages.cutting.inserted import insertions, put_in
from scan_ingest.stages.cutting.strikes import strikes

MAX_SLOPE = 0.08  # 4.5 degrees
SLOPE_STEP = 0.005
SLOPE_SHRINK = 4  # slopes are sought on a picture this many times smaller
LETTER_MM = (0.8, 9.0)  # heights of strokes that can be letters or joined words
USUAL_LETTER_MM = 3.5
SMOOTHING = 0.22  # of a letter's height: rows are smoothed so that a line has one peak
VALLEY_BELOW = 0.72  # between two lines the rows hold at most this share of the lesser line's peak
MIN_PITCH = 0.55  # of a letter's height; nobody writes closer
FAINT_LINE = 0.015  # of the strongest line's peak: one short word under a full line; less is dirt
SEAM_SHRINK = 3
INK_COST, OFF_MIDDLE_COST = 1.0, 0.15  # a seam goes round a stroke rather than through it, if the way is not too far
WHOLE_ABOVE = 0.75  # a stroke with this much of it in one line belongs there altogether
CORE_SHARE = 0.6  # the text core is the fewest rows that hold this share of the ink
CORE_MARGIN = 1.5  # core heights kept above and below: reads best by measurement
SIDE_MARGIN_PX = 6
SMALLEST_LINE_MM2 = 0.35  # less ink than two letters: a dot, a tail, dirt
SMALLEST_LETTER = 0.4  # of a letter's height; a line of smaller strokes is dots, accents and commas
HALO_PX = 3  # the blur of a stroke


def cut(clean: GreyImage, ink: Mask, box_mm: BoxMm) -> tuple[LineCrop, ...]:
    """The written lines, top to bottom; words that were put in above a line are lines of their own, before it. Of two
    columns the left comes first.

    `clean` is grey ink on white, `ink` its mask, `box_mm` where both lie on the side. Each line's picture is levelled,
    holds no other line's ink, and reaches 1.5 heights of its text core above and below the core.
    """
    if len(sides := columns(ink)) > 1:
        found = [_cut(np.where(grown(side, HALO_PX), clean, 255).astype(np.uint8), side, box_mm) for side in sides]
        if min(map(len, found)) >= FEWEST_LINES:
            return tuple(chain.from_iterable(found))
    return _cut(clean, ink, box_mm)


def _cut(clean: GreyImage, ink: Mask, box_mm: BoxMm) -> tuple[LineCrop, ...]:
    """The lines of one column."""
    if int(ink.sum()) < SMALLEST_LINE_MM2 * SIDE_PX_PER_MM**2:
        return ()
    drops = _drops(ink)
    level = _levelled(ink.astype(np.uint8), drops)
    level_clean = _levelled(clean, drops, 255)
    strokes = Strokes.of(level > 0)
    letter = _letter_height(strokes)
    peaks = _peaks(level, letter)
    seams = [_seam(level, above, below) for above, below in pairwise(peaks)]
    line_of = _assigned(strokes, _regions(level.shape, seams))
    cuts = [part for index in range(len(peaks)) if (part := line_of == index).any()]
    return tuple(
        _on_side(_picture(level_clean, part, level > 0, inserted=inserted), drops, box_mm, ink.shape)
        for part, inserted in _with_insertions(strokes, _merged(cuts, letter))
    )


def _with_insertions(strokes: Strokes, parts: Sequence[Mask]) -> Iterator[tuple[Mask, bool]]:
    """The lines, each behind the words that were put in above it, and whether it is such a word."""
    if not parts:
        return
    cores = [_core(part.sum(axis=1)) for part in parts]
    alone = [put_in(*one, *below) for one, below in pairwise(zip(parts, cores, strict=True))] + [False]
    level = [core for core, inserted in zip(cores, alone, strict=True) if not inserted]
    known = [np.unique(strokes.labels[part]) for part, inserted in zip(parts, alone, strict=True) if inserted]
    others = strokes.only(~np.isin(np.arange(len(strokes)), np.concatenate(known))) if known else strokes
    found = iter(insertions(others, level))
    above = [[] if inserted else next(found) for inserted in alone]
    words = [word for some in above for word in some]
    taken = np.logical_or.reduce(words) if words else np.zeros_like(strokes.labels, dtype=np.bool_)
    for part, own, inserted in zip(parts, above, alone, strict=True):
        yield from ((word, True) for word in own)
        if inserted:
            yield part, True
        elif (left := part & ~taken).any():
            yield left, False


def trimmed(clean: GreyImage, ink: Mask, box_mm: BoxMm) -> LineCrop | None:
    """Writing that is known to be one line, trimmed to its text core as `cut` does; None where there is no ink."""
    if not ink.any():
        return None
    level = np.zeros(ink.shape[1], dtype=np.int64)
    return _on_side(_picture(clean, ink, ink), level, box_mm, ink.shape)


# -- level ---------------------------------------------------------------------------------------------------------


def _drops(ink: Mask) -> NDArray[np.int64]:
    """How many pixels each column is moved up to level the writing, none below 0: the slope and the bend with which
    the rows of ink are most uneven."""
    height, width = ink.shape
    small = cv2.resize(
        ink.astype(np.float32),
        (max(width // SLOPE_SHRINK, 1), max(height // SLOPE_SHRINK, 1)),
        interpolation=cv2.INTER_AREA,
    )
    rows, columns = np.nonzero(small > 0.2)
    if not len(rows):
        return np.zeros(width, dtype=np.int64)
    reach = int(2 * MAX_SLOPE * small.shape[1]) + 2
    length = small.shape[0] + 2 * reach

    def unevenness(slope: float, bend: float) -> float:
        drop = _drop(np.arange(small.shape[1]), small.shape[1], slope, bend)
        profile = np.bincount(rows - np.round(drop).astype(np.int64)[columns] + reach, minlength=length)
        # A preference for level and straight, for short texts that say nothing about it.
        return float((profile.astype(np.float64) ** 2).sum()) * (1 - 0.5 * abs(slope)) * (1 - abs(bend))

    slope, bend = 0.0, 0.0
    slopes = np.arange(-MAX_SLOPE, MAX_SLOPE + SLOPE_STEP / 2, SLOPE_STEP)
    slope = float(max(slopes, key=lambda value: unevenness(value, 0.0)))
    bends = [0.0, *(value for value in slopes[::2] if abs(value) > SLOPE_STEP)]
    bend = float(max(bends, key=lambda value: unevenness(slope, value)))
    if bend:
        near = slope + SLOPE_STEP * np.arange(-3, 4)
        slope = float(max(near, key=lambda value: unevenness(value, bend)))
    drops = np.round(_drop(np.arange(width), width, slope, bend)).astype(np.int64)
    return np.asarray(drops - drops.min(), dtype=np.int64)


def _drop(columns: NDArray[np.int64], width: int, slope: float, bend: float) -> NDArray[np.float64]:
    """How far down the baseline lies: a straight slope, and a parabola that has the slope `bend` at its ends."""
    across = 2.0 * columns / width - 1.0
    return np.asarray(slope * columns + bend * width / 4 * across**2, dtype=np.float64)


def _levelled(picture: NDArray[np.uint8], drops: NDArray[np.int64], paper: int = 0) -> NDArray[np.uint8]:
    """The picture with each column moved down by what is left of the greatest drop, so that lines are level."""
    height, width = picture.shape
    most = int(drops.max())
    result = np.full((height + most, width), paper, dtype=np.uint8)
    for drop in np.unique(drops):
        columns = drops == drop
        result[most - drop : most - drop + height, columns] = picture[:, columns]
    return result


# -- lines ---------------------------------------------------------------------------------------------------------


def _letter_height(strokes: Strokes) -> float:
    """The usual height of a stroke that is a letter or a joined word, in pixels."""
    heights = strokes.boxes[1:, 3]
    low, high = (mm * SIDE_PX_PER_MM for mm in LETTER_MM)
    letters = heights[(heights >= low) & (heights <= high)]
    return float(np.median(letters)) if len(letters) else USUAL_LETTER_MM * SIDE_PX_PER_MM


def _peaks(level: NDArray[np.uint8], letter: float) -> list[int]:
    """The rows in the middle of each line."""
    rows = level.sum(axis=1).astype(np.float32)
    smooth = cv2.GaussianBlur(rows.reshape(1, -1), (0, 0), SMOOTHING * letter, borderType=cv2.BORDER_CONSTANT).ravel()
    top = np.r_[-1.0, smooth[:-1]] < smooth
    bottom = np.r_[smooth[1:], -1.0] <= smooth
    peaks = [int(row) for row in np.flatnonzero(top & bottom) if smooth[row] > FAINT_LINE * smooth.max()]
    merged: list[int] = []
    for row in peaks:
        while merged and not _apart(smooth, merged[-1], row, letter):
            other = merged.pop()
            row = row if smooth[row] > smooth[other] else other
        merged.append(row)
    return merged


def _apart(smooth: NDArray[np.float32], above: int, below: int, letter: float) -> bool:
    lesser = min(smooth[above], smooth[below])
    return below - above >= MIN_PITCH * letter and float(smooth[above : below + 1].min()) < VALLEY_BELOW * lesser


def _seam(level: NDArray[np.uint8], above: int, below: int) -> NDArray[np.int64]:
    """For each column the row where the line above ends: the way from left to right that crosses the least ink."""
    band = level[above : below + 1].astype(np.float32)
    width = band.shape[1]
    small_size = (max(width // SEAM_SHRINK, 1), max(len(band) // SEAM_SHRINK, 2))
    small = cv2.resize(band, small_size, interpolation=cv2.INTER_AREA)
    offset = np.abs(np.linspace(-1, 1, len(small), dtype=np.float32)) ** 2
    cost = INK_COST * small + OFF_MIDDLE_COST * offset[:, None]
    path = _cheapest_way(np.ascontiguousarray(cost.T))
    rows = above + (path + 0.5) * len(band) / len(small)
    at = (np.arange(small.shape[1]) + 0.5) * width / small.shape[1]
    return np.round(np.interp(np.arange(width), at, rows)).astype(np.int64)


def _cheapest_way(costs: NDArray[np.float32]) -> NDArray[np.int64]:
    """The row in each column of the way that costs least and steps at most one row up or down; `costs` is W × H."""
    columns, height = costs.shape
    totals = np.full((columns, height + 2), np.inf, dtype=np.float32)  # walls above and below
    totals[0, 1:-1] = costs[0]
    best = np.empty(height, dtype=np.float32)
    for before, cost, after in zip(totals, costs[1:], totals[1:, 1:-1], strict=False):
        np.minimum(before[:-2], before[1:-1], out=best)
        np.minimum(best, before[2:], out=best)
        np.add(best, cost, out=after)
    path = np.empty(columns, dtype=np.int64)
    row = path[-1] = int(totals[-1, 1:-1].argmin())
    for column in range(columns - 1, 0, -1):
        row += int(totals[column - 1, row : row + 3].argmin()) - 1
        path[column - 1] = row
    return path


def _regions(shape: tuple[int, ...], seams: Sequence[NDArray[np.int64]]) -> NDArray[np.int8]:
    """For every pixel the number of seams above it: the index of its line."""
    rows = np.arange(shape[0])[:, None]
    regions = np.zeros(shape, dtype=np.int8)
    for seam in seams:
        regions += (rows >= seam[None, :]).astype(np.int8)
    return regions


def _assigned(strokes: Strokes, regions: NDArray[np.int8]) -> NDArray[np.int8]:
    """The line of every pixel of ink, −1 on paper: by the stroke's larger part, or by pixel where it joins lines."""
    labels = strokes.labels
    tally = strokes.tally(regions, int(regions.max()) + 1)
    whole = tally.max(axis=1) >= WHOLE_ABOVE * strokes.areas
    main = tally.argmax(axis=1).astype(np.int8)
    return np.where(labels > 0, np.where(whole[labels], main[labels], regions), -1).astype(np.int8)


def _merged(parts: Sequence[Mask], letter: float) -> list[Mask]:
    """The lines, what is too little to be one (dots, tails, an accent) added to the nearest."""
    little = [_too_little(part, letter) for part in parts]
    kept: list[Mask] = [part for part, too_little in zip(parts, little, strict=True) if not too_little]
    for part, too_little in zip(parts, little, strict=True):
        if too_little and kept:
            middle = float(np.nonzero(part)[0].mean())
            distances = [abs(float(np.nonzero(line)[0].mean()) - middle) for line in kept]
            nearest = int(np.argmin(distances))
            if distances[nearest] < 2 * letter:
                kept[nearest] = kept[nearest] | part
    return kept


def _too_little(part: Mask, letter: float) -> bool:
    if int(part.sum()) < SMALLEST_LINE_MM2 * SIDE_PX_PER_MM**2:
        return True
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    shape = part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return int(Strokes.of(shape).boxes[1:, 3].max()) < SMALLEST_LETTER * letter


# -- pictures ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Cutting:
    """A line's picture, its first row and column in the levelled field, and the columns that are crossed out."""

    picture: GreyImage
    top: int
    left: int
    struck: tuple[tuple[int, int], ...]
    inserted: bool


def _picture(clean: GreyImage, part: Mask, all_ink: Mask, *, inserted: bool = False) -> _Cutting:
    rows = part.sum(axis=1)
    top, bottom = _core(rows)
    margin = round(CORE_MARGIN * (bottom - top))
    first, last = top - margin, bottom + margin
    columns = np.flatnonzero(part[max(first, 0) : last].any(axis=0))
    left, right = max(columns[0] - SIDE_MARGIN_PX, 0), min(columns[-1] + 1 + SIDE_MARGIN_PX, part.shape[1])
    inside = slice(max(first, 0), min(last, len(part)))
    own = grown(part[inside, left:right], HALO_PX)
    others = grown(all_ink[inside, left:right] & ~part[inside, left:right], 1) & ~part[inside, left:right]
    result = np.full((last - first, right - left), 255, dtype=np.uint8)
    result[inside.start - first : inside.stop - first] = np.where(own & ~others, clean[inside, left:right], 255)
    return _Cutting(result, first, left, strikes(part, (top, bottom)), inserted)


def _core(rows: NDArray[np.int64]) -> tuple[int, int]:
    """The fewest rows in a row that hold `CORE_SHARE` of the ink: first, and after the last."""
    sums = np.concatenate([[0], np.cumsum(rows)])
    wanted = sums[:-1] + CORE_SHARE * sums[-1]
    ends = np.searchsorted(sums, wanted)
    lengths = np.where(ends < len(sums), ends - np.arange(len(rows)), len(rows) + 1)
    start = int(lengths.argmin())
    return start, int(ends[start])


def _on_side(cutting: _Cutting, drops: NDArray[np.int64], box_mm: BoxMm, shape: tuple[int, ...]) -> LineCrop:
    """Where the line lies on the side: the box around it as written, sloping or not."""
    height, width = cutting.picture.shape
    moved = int(drops.max()) - drops[cutting.left : cutting.left + width]
    top = cutting.top - int(moved.max())
    bottom = cutting.top + height - int(moved.min())
    px_x, px_y = shape[1] / box_mm.width, shape[0] / box_mm.height
    box = BoxMm(box_mm.x + cutting.left / px_x, box_mm.y + top / px_y, width / px_x, (bottom - top) / px_y)
    struck = tuple((box_mm.x + start / px_x, box_mm.x + end / px_x) for start, end in cutting.struck)
    return LineCrop(cutting.picture, box, struck, cutting.inserted)
