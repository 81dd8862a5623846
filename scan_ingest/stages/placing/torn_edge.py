"""Whether a corner of which the print is gone is truly torn off or folded over, or its print is not on this card.

Where the paper ends tells it: before a dark lid as a step, before a light one as a thin shadow. A scan that is cut to
the paper, or of one bit only, shows neither; there a word or a rule must end at the cut, as a card of other print has
none.
"""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.stages.placing.cells import GONE
from scan_ingest.stages.placing.fitting import Fit
from scan_ingest.stages.placing.laying import lay_over, straightened
from scan_ingest.stages.placing.printing import MARGIN_PX, PRINT, PX_PER_MM, WORD_GAP_MM, Printing, darkness
from scan_ingest.stages.placing.sheet import Sheet
from scan_ingest.stages.placing.torn import TORN_AROUND, TornCorner

STEP_MM = 0.5  # along the edge
NEAR_MM = (3.0, 15.0)  # from the corner: the smallest that hides anything takes 16 mm of an edge
LEAST_MM = 20.0  # of the edge away from the corner tell what it looks like
WITHIN_MM = 1.25, 2.75  # of the edge there is paper
AROUND_MM = 1.5  # of where the edge should be it is looked for
FINE_MM, SHADOW = 0.25, 3  # steps, and of them a shadow's width
FAINTEST = 4.0  # grey levels between the two
CLEAR = 0.75  # of an edge that is to be seen at all shows
THERE, NOT_THERE = 0.8, 0.3  # of it near the corner
SURELY_PRINT = 0.5  # of the side's own black
LEAST_PIECE_PX = 16  # of print on either side of the cut: two letters
MOST_CUT = 1.3  # times the torn corner's edges, which are only known in steps; what a fold hides reaches twice as far
PARTED = 0.85  # of a piece's print this side of the cut is gone, and that side there

Floats = NDArray[np.float64]


def proven(sheet: Sheet, fit: Fit, torn: TornCorner, printing: Printing) -> TornCorner | None:
    """The corner, where the page tells that it is gone; None where its paper is there, or nothing tells."""
    edges = [_edge_is_there(sheet, fit, torn, printing.size_mm, axis) for axis in (0, 1)]
    if any(edges):
        return None
    if False in edges:
        return replace(torn, lid_seen=True)
    return torn if _cuts_print(sheet, fit, torn, printing) else None


def _edge_is_there(sheet: Sheet, fit: Fit, torn: TornCorner, size_mm: tuple[float, float], axis: int) -> bool | None:
    """Whether the card's edge along `axis` (0 across, 1 down) runs on to the corner as it runs elsewhere."""
    length, share = size_mm[axis], (torn.across, torn.down)[axis]
    along = np.arange(NEAR_MM[0], length - NEAR_MM[0], STEP_MM)
    near, away = along < NEAR_MM[1], along > TORN_AROUND * share * length
    contrast = _contrast(sheet, fit, torn, size_mm, axis, along)
    usual = contrast[away & ~np.isnan(contrast)]
    if len(usual) * STEP_MM < LEAST_MM or np.isnan(contrast[near]).any():
        return None
    step = float(np.median(usual))
    if abs(step) < FAINTEST or float((usual / step > 0.5).mean()) < CLEAR:
        return None
    there = float((contrast[near] / step > 0.5).mean())
    return None if NOT_THERE < there < THERE else there >= THERE


def _contrast(
    sheet: Sheet, fit: Fit, torn: TornCorner, size_mm: tuple[float, float], axis: int, along: Floats
) -> Floats:
    """How much lighter the paper is than what lies beyond it, in grey levels, at distances `along` (mm) from the corner
    on one of its edges; not a number where that is off the page."""
    depths = np.arange(-AROUND_MM, WITHIN_MM[1], FINE_MM)  # from the edge inwards
    places = np.zeros((len(along), len(depths), 2))
    places[..., axis], places[..., 1 - axis] = along[:, None], depths
    places = torn.from_corner(places, size_mm)
    on_page = fit.on_page(places.reshape(-1, 2)).reshape(places.shape)
    off = np.asarray(((on_page < 0) | (on_page > np.array(sheet.size) - 1)).any(axis=2))
    x, y = np.moveaxis(on_page, -1, 0).astype(np.float32)
    light = cv2.remap(sheet.reduced(1), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
    paper = light[:, depths > WITHIN_MM[0]].mean(axis=1)
    # A corner may be known to half a millimetre only: the shadow is looked for on either side of the edge.
    strips = np.lib.stride_tricks.sliding_window_view(light[:, depths < AROUND_MM / 2], SHADOW, axis=1).mean(axis=2)
    contrast = paper[:, None] - strips
    strongest = np.take_along_axis(contrast, np.abs(contrast).argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(off[:, depths > -AROUND_MM / 2].any(axis=1), np.nan, strongest)


def _cuts_print(sheet: Sheet, fit: Fit, torn: TornCorner, printing: Printing) -> bool:
    """Whether some word or rule is gone towards the corner and there away from it."""
    laid = lay_over(sheet, fit.side_to_page, printing)
    dark = darkness(laid if fit.bend is None else straightened(laid, fit.bend))
    rows, columns = np.nonzero(printing.darkness > PRINT)
    depth = torn.depth(np.stack([columns, rows], axis=1) / PX_PER_MM - MARGIN_PX / PX_PER_MM, printing.size_mm)
    should = printing.darkness[rows, columns]
    sure = (should > SURELY_PRINT) & (depth > TORN_AROUND)
    if not sure.any():
        return False
    black = float(np.median(dark[rows, columns][sure] / should[sure]))
    around = cv2.dilate(dark, np.ones((3, 3), np.uint8))
    there = around[rows, columns] > GONE * black * should
    pieces = _pieces(printing)[rows, columns]
    reach = MOST_CUT * (2 if torn.folded else 1)
    return any(
        _ends(depth[piece], there[piece], reach)
        for label in np.unique(pieces[~there & (depth < reach)])
        if (piece := pieces == label).any()
    )


@lru_cache(maxsize=64)
def _pieces(printing: Printing) -> NDArray[np.int32]:
    """The side's words and rules, each its own number, in the side's picture."""
    print_ = (printing.darkness > PRINT).astype(np.uint8)
    joined = cv2.morphologyEx(print_, cv2.MORPH_CLOSE, np.ones((1, round(WORD_GAP_MM * PX_PER_MM)), np.uint8))
    return np.asarray(cv2.connectedComponents(joined, connectivity=8)[1], dtype=np.int32)


def _ends(depth: Floats, there: NDArray[np.bool_], reach: float) -> bool:
    """Whether a piece of print is gone up to some depth before `reach` and there behind it."""
    order = np.argsort(depth)
    gone, behind = np.cumsum(~there[order]), np.cumsum(there[order][::-1])[::-1]
    right = gone + np.append(behind[1:], 0)
    at = int(np.where(depth[order] < reach, right, 0).argmax())
    before, after = at + 1, len(order) - at - 1
    if min(before, after) < LEAST_PIECE_PX:
        return False
    return bool(gone[at] > PARTED * before and behind[at + 1] > PARTED * after)
