"""What became of the cells of a side's printing on a page laid over it: seen, and where; missing; or hidden.

Writing, stamps and coffee hide cells; they do not make print vanish from clean paper, so *missing* counts against a
side and *hidden* hardly does.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage, Homography, Points
from scan_ingest.stages.placing.correlation import found_at
from scan_ingest.stages.placing.laying import lay_over
from scan_ingest.stages.placing.printing import (
    CELL_PX,
    MARGIN_PX,
    NEAR_MM,
    PRINT,
    PX_PER_MM,
    SIDE_TO_PICTURE,
    Printing,
    darkness,
)
from scan_ingest.stages.placing.sheet import Sheet

SEEN = 0.55  # correlation of a cell with its place: empty paper and other words stay under 0.4
GONE = 0.3  # of the darkness that print should have: below it print is missing, above it something dark lies there
CLEAN = 0.1  # of that darkness, as a mean over the paper of a cell: writing has 0.2 and hides what is under it


@dataclass(frozen=True, eq=False)
class Look:
    """What became of the cells `which`: best correlation, where it was found (mm from its place), and the state."""

    which: NDArray[np.intp]
    alike: NDArray[np.float64]
    offsets_mm: Points
    seen: NDArray[np.bool_]
    missing: NDArray[np.bool_]


def look_for_cells(laid: GreyImage, printing: Printing, reach_mm: float, which: NDArray[np.intp] | None = None) -> Look:
    """Looks for every cell, or `which`, within `reach_mm` of its place on a page laid over the side."""
    reach = min(round(reach_mm * PX_PER_MM), MARGIN_PX)
    which = np.arange(len(printing.cells)) if which is None else which
    alike, offsets = found_at(laid, printing.picture, printing.cells[which], CELL_PX, reach)
    seen = alike >= SEEN
    missing = np.zeros(len(which), dtype=np.bool_)
    if not seen.all():
        missing[~seen] = _missing(laid, printing, which[~seen], which[seen])
    return Look(which, alike, offsets / PX_PER_MM, seen, missing)


def _missing(
    laid: GreyImage, printing: Printing, unseen: NDArray[np.intp], seen: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Which of the unseen cells are clean paper where print should be."""
    dark = darkness(laid)
    # How dark this page's print is, from cells that are surely there; a few dozen give a good median.
    known, _ = _shades(dark, printing, seen[:: max(1, len(seen) // 30)])
    black = float(np.median(known)) if len(known) else 255.0
    print_, between = _shades(dark, printing, unseen)
    return np.asarray((print_ < GONE * black) & (between < CLEAN * black), dtype=np.bool_)


def _shades(
    dark: NDArray[np.float32], printing: Printing, which: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How dark the print of each of these cells is on the page, and how dark the paper between."""
    x, y = printing.cells[which].T
    should, there = (sliding_window_view(picture, (CELL_PX, CELL_PX))[y, x] for picture in (printing.darkness, dark))
    printed = should > PRINT
    should, paper = np.where(printed, should, 0), np.where(printed, 0, there)
    print_ = np.einsum("nij,nij->n", should, there) / np.maximum(np.einsum("nij,nij->n", should, should), 1e-6)
    between = paper.sum(axis=(1, 2)) / np.maximum((~printed).sum(axis=(1, 2)), 1)
    return print_.astype(np.float64), between.astype(np.float64)


def printed_alike(one: Printing, other: Printing, one_to_other: Homography) -> NDArray[np.bool_]:
    """Which of the cells of `one` are also printed on `other`, laid over it by a map between the sides (mm to mm)."""
    to_picture = one_to_other.then(Homography(SIDE_TO_PICTURE))
    return look_for_cells(lay_over(Sheet(other.picture), to_picture, one), one, NEAR_MM).seen
