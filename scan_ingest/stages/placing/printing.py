"""The printing of a blank side, made ready for laying a page over it.

It is cut into small cells. Each is looked for near its place on the page (`cells.py`): what that finds corrects the
fit, and how many are found tells the right side from a look-alike.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.stages.placing.correlation import found_at
from scan_ingest.stages.placing.features import resized

PX_PER_MM = 4.0
"""102 dpi: a pixel is 0.25 mm, and correlation peaks are found to a fraction of that."""

CELL_MM = 8.0  # holds a few letters, so that it is unlike its neighbours
CELL_STEP_MM = 6.0
LINE_MM, LONG_MM = 1.0, 12.0  # print that is thinner and runs level or upright for longer is a rule, not letters
WORD_GAP_MM = 0.8  # what lies nearer together is one word
LEAST_WORD_MM, MOST_WORD_MM = (3.0, 1.2), (30.0, 12.0)  # width and height; what is wider is cut into pieces
LEAST_INK = 0.012  # share of a cell's area that is print, weighted by darkness: half a dotted line
MOST_CELLS = 240  # a crowded A5 side has about 400
STEADY_CELLS = 90  # of those that hold still both ways none is left out until there are so many: they tell the place
ROUGHNESS = 2.0, 0.08  # times the median darkness of a side is its picture's own noise, and no more than that is
BLUR_PX = 0.8  # evens out 1-bit edges and JPEG blocks
FAR_MM, NEAR_MM = 1.8, 0.8  # how far cells are looked for before and after the first correction
MOST_FAR_CELLS = 80  # are plenty for the first correction
CLOSE_MM = 0.5  # how far cells are looked for where a neighbour tells their place: half way to the next dot
SLIP_MM = 0.75  # less is the width of the peak itself; dots are 1 mm apart
SLIPS = 0.8  # a cell that is so like its own surroundings can slip: along a rule, or by one dot of a dotted line
END_FALLS = 0.93  # half a cell's rule, 1.8 mm on
DARK_LID, MOVED_MM = 30, 0.1  # grey of a scanner's lid; further off a cell spoils a fit
PRINT = 0.2  # darkness (0 paper to 1 the side's own black) from which a pixel counts as print
CELL_PX = round(CELL_MM * PX_PER_MM)
MARGIN_PX = round(4 * PX_PER_MM)  # room to look for cells at the edge
SIDE_TO_PICTURE = np.array([[PX_PER_MM, 0, MARGIN_PX - 0.5], [0, PX_PER_MM, MARGIN_PX - 0.5], [0, 0, 1]])


@dataclass(frozen=True, eq=False)
class Printing:
    """A blank side prepared for laying a page over it.

    `picture` and `darkness` have `PX_PER_MM` pixels a millimetre with `MARGIN_PX` of paper around; `cells` are N × 2
    top left corners in that picture, `weights` how much print each holds (sum 1). `steady` is N × 2:
    whether a cell holds still across and down, `steady_near` whether it does within half a millimetre, as the dots of a
    dotted line do; `ends` is N × 2: whether it only holds still because a rule ends in it. `far` are the indices of a
    selection that holds still both ways. `words` are N × 4, left, top, width and height in the picture of what is
    printed there in letters (or is as small as words are).
    """

    size_mm: tuple[float, float]
    picture: GreyImage
    darkness: NDArray[np.float32]
    cells: NDArray[np.intp]
    weights: NDArray[np.float64]
    steady: NDArray[np.bool_]
    steady_near: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    far: NDArray[np.intp]
    words: NDArray[np.intp]

    @property
    def centres_mm(self) -> Points:
        """N × 2 centres of the cells on the side."""
        return np.asarray((self.cells + CELL_PX / 2 - MARGIN_PX) / PX_PER_MM, dtype=np.float64)

    @property
    def word_corners_mm(self) -> Points:
        """4 × N × 2: the words' corners on the side."""
        low, high = self.words[:, :2], self.words[:, :2] + self.words[:, 2:]
        corners = np.stack([low, np.stack([high[:, 0], low[:, 1]], 1), high, np.stack([low[:, 0], high[:, 1]], 1)])
        return np.asarray((corners - MARGIN_PX) / PX_PER_MM, dtype=np.float64)

    @cached_property
    def word_blackness(self) -> NDArray[np.float64]:
        """The mean darkness of each word's print."""
        return self.blackness(self.words)

    @cached_property
    def cell_blackness(self) -> NDArray[np.float64]:
        """The mean darkness of each cell's print."""
        return self.blackness(np.hstack([self.cells, np.full_like(self.cells, CELL_PX)]))

    def blackness(self, boxes: NDArray[np.intp]) -> NDArray[np.float64]:
        """The mean darkness of the print in each box (N × 4, as `words`); 0 where there is none."""
        prints = [self.darkness[y : y + height, x : x + width] for x, y, width, height in boxes.tolist()]
        inked = [print_[print_ > PRINT] for print_ in prints]
        return np.array([float(print_.mean()) if len(print_) else 0.0 for print_ in inked])


def prepare_printing(reference: GreyImage, width_mm: float, height_mm: float) -> Printing:
    """Cuts the blank side into cells."""
    size = (round(width_mm * PX_PER_MM), round(height_mm * PX_PER_MM))
    small = resized(reference, size[0] / reference.shape[1])
    small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    paper = int(np.percentile(small, 90))
    padded = cv2.copyMakeBorder(
        small, MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX, cv2.BORDER_CONSTANT, value=[float(paper)]
    )
    picture = np.asarray(cv2.GaussianBlur(padded, (0, 0), BLUR_PX), dtype=np.uint8)
    dark = darkness(picture)
    dark /= max(float(np.percentile(dark[dark > 8], 90)) if (dark > 8).any() else 255.0, 20.0)
    step, height, width = round(CELL_STEP_MM * PX_PER_MM), *picture.shape
    ys = np.arange(MARGIN_PX, max(height - MARGIN_PX - CELL_PX, MARGIN_PX) + 1, step)
    xs = np.arange(MARGIN_PX, max(width - MARGIN_PX - CELL_PX, MARGIN_PX) + 1, step)
    cells = np.array([(x, y) for y in ys for x in xs], dtype=np.intp)
    rough = min(ROUGHNESS[0] * float(np.median(dark)), ROUGHNESS[1])  # a blank side may be a scan itself
    ink = np.array([(_cut(dark, cell) - rough).clip(0, 1).mean() for cell in cells])
    printed = np.flatnonzero(ink > LEAST_INK)
    cells, ink = cells[printed], ink[printed]
    holds = np.array([_steady(picture, cell) for cell in cells], dtype=np.bool_).reshape(-1, 3, 2)
    ends = holds[:, 2] & ~holds[:, 0]
    held = ~_moved_by_a_lid(picture, cells)
    steady, steady_near = (holds[:, 0] | ends) & held, holds[:, 1] & held
    kept = _enough_cells(np.asarray(steady.all(axis=1)))
    cells, steady, steady_near, ends = cells[kept], steady[kept], steady_near[kept], ends[kept]
    far = np.flatnonzero(steady.all(axis=1))
    if len(far) > MOST_FAR_CELLS:
        far = far[np.linspace(0, len(far) - 1, MOST_FAR_CELLS).round().astype(np.intp)]
    # By ink, but a solid bar says no more than a line of words.
    worth = np.minimum(ink[kept], 0.12)
    weights = worth / max(float(worth.sum()), 1e-9)
    return Printing((width_mm, height_mm), picture, dark, cells, weights, steady, steady_near, ends, far, _words(dark))


def _enough_cells(steady: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Which cells to look for, by index: evenly from all, in reading order, so that no part of the side goes unlooked
    at, and where few of those hold still, evenly more of those that do."""
    if len(steady) <= MOST_CELLS:
        return np.arange(len(steady))
    chosen = np.zeros(len(steady), dtype=np.bool_)
    chosen[np.linspace(0, len(steady) - 1, MOST_CELLS).round().astype(np.intp)] = True
    more = np.flatnonzero(steady & ~chosen)
    count = min(STEADY_CELLS - int((steady & chosen).sum()), len(more))
    if count > 0:
        chosen[more[np.linspace(0, len(more) - 1, count).round().astype(np.intp)]] = True
    return np.flatnonzero(chosen)


def _words(dark: NDArray[np.float32]) -> NDArray[np.intp]:
    """N × 4: left, top, width and height of each word."""
    print_ = (dark > PRINT).astype(np.uint8)
    lines = np.maximum(_lines(print_), _lines(np.ascontiguousarray(print_.T)).T)
    letters = np.where(cv2.dilate(lines, np.ones((3, 3), np.uint8)) > 0, 0, print_).astype(np.uint8)
    joined = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, round(WORD_GAP_MM * PX_PER_MM)), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    least, most = (np.array(size) * PX_PER_MM for size in (LEAST_WORD_MM, MOST_WORD_MM))
    boxes: list[tuple[int, int, int, int]] = []
    for x, y, width, height in stats[1:, :4]:
        if width < least[0] or height < least[1] or height > most[1]:
            continue
        edges = np.linspace(0, width, int(-(-width // most[0])) + 1).round().astype(int)
        boxes += [(x + start, y, end - start, height) for start, end in itertools.pairwise(edges)]
    return np.array(boxes, dtype=np.intp).reshape(-1, 4)


def _lines(print_: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The long level lines, 1 where they are."""
    thick = cv2.morphologyEx(print_, cv2.MORPH_OPEN, np.ones((round(LINE_MM * PX_PER_MM) + 1, 1), np.uint8))
    thin = np.where(thick > 0, 0, print_).astype(np.uint8)
    long = np.ones((1, round(LONG_MM * PX_PER_MM)), np.uint8)
    return np.asarray(cv2.morphologyEx(thin, cv2.MORPH_OPEN, long), dtype=np.uint8)


def darkness(picture: GreyImage) -> NDArray[np.float32]:
    """How much darker each pixel is than the paper around it (grey levels, 0 where it is not)."""
    # 6 mm: wider than any stroke or letter; a solid bar counts by its rim.
    kernel = np.ones((round(6 * PX_PER_MM) // 2 * 2 + 1,) * 2, np.uint8)
    paper = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, kernel)
    return np.asarray(cv2.subtract(paper, picture), dtype=np.float32)


def _cut(picture: NDArray[np.float32] | GreyImage, cell: NDArray[np.intp]) -> NDArray[np.float32]:
    x, y = cell
    return np.asarray(picture[y : y + CELL_PX, x : x + CELL_PX], dtype=np.float32)


def _steady(picture: GreyImage, cell: NDArray[np.intp]) -> tuple[tuple[bool, bool], ...]:
    """Whether a cell is unlike its own side a little further across, and a little further down; whether it is half a
    millimetre on; whether a rule ends in it."""
    x, y = cell
    reach = round(FAR_MM * PX_PER_MM)
    around = picture[y - reach : y + CELL_PX + reach, x - reach : x + CELL_PX + reach]
    scores = np.asarray(cv2.matchTemplate(around, picture[y : y + CELL_PX, x : x + CELL_PX], cv2.TM_CCOEFF_NORMED))
    away = np.abs(np.arange(-reach, reach + 1)) >= round(SLIP_MM * PX_PER_MM)
    half = np.abs(np.abs(np.arange(-reach, reach + 1)) - round(CLOSE_MM * PX_PER_MM)) < 1
    across, down = scores[reach], scores[:, reach]
    return (
        (bool(scores[:, away].max() < SLIPS), bool(scores[away].max() < SLIPS)),
        (bool(across[half].max() < SLIPS), bool(down[half].max() < SLIPS)),
        (_ends(across[reach:], across[reach::-1]), _ends(down[reach:], down[reach::-1])),
    )


def _moved_by_a_lid(picture: GreyImage, cells: NDArray[np.intp]) -> NDArray[np.bool_]:
    """N × 2: whether a cell is found off its place, across and down, in the side's own picture a little softer and on a
    dark lid: print at a cell's rim, or beside the paper's edge, tells its place badly."""
    lying = np.full_like(picture, DARK_LID)
    on_paper = slice(MARGIN_PX, -MARGIN_PX)
    lying[on_paper, on_paper] = picture[on_paper, on_paper]
    lying = np.asarray(cv2.GaussianBlur(lying, (0, 0), BLUR_PX), dtype=np.uint8)
    offsets_mm = found_at(lying, picture, cells, CELL_PX, round(NEAR_MM * PX_PER_MM))[1] / PX_PER_MM
    return np.asarray(np.abs(offsets_mm) > MOVED_MM, dtype=np.bool_)


def _ends(*ways: NDArray[Any]) -> bool:
    """Whether a rule ends in the cell: its likeness to its surroundings falls both ways, and steadily, so that there is
    no other place that it could slip to."""
    return all(bool((np.diff(way) < 0).all()) and bool(way[-1] < END_FALLS) for way in ways)
