"""A side placed by hand: the map from four corners, how well the printing agrees with it, and help in finding it.

Nothing here decides anything: a person looks at the result and accepts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scan_ingest.domain.geometry import Homography, Points
from scan_ingest.domain.page import Page, Placement
from scan_ingest.stages.placing.cells import look_for_cells
from scan_ingest.stages.placing.features import grey, page_features
from scan_ingest.stages.placing.fitting import FEWEST_CELLS, correct
from scan_ingest.stages.placing.laying import lay_over
from scan_ingest.stages.placing.prepared import PreparedSide, PreparedTemplates
from scan_ingest.stages.placing.printing import FAR_MM, NEAR_MM
from scan_ingest.stages.placing.sheet import Sheet
from scan_ingest.stages.placing.sighting import agreeing, match, sighting

LEAST_AREA_PX = 40.0 * 40.0  # of an outline; less is no card that anybody could read
BEYOND = 0.5  # of the page's width and height: so far off the page a cut-off card's corner may lie
ROUGH_MM = 4.0  # how far off corners given by hand may be to be fitted to the print
LOOK = 1  # as close as a page is looked at when a glance shows nothing (`features.LOOKS_PX_PER_MM`)
IN_PLACE_MM = 0.4  # cells that lie where they do by chance are spread over the whole reach
A_TRACE = 0.1  # share of a side's printing from which a sighting is worth showing to a person
SAME_CARD = 0.5  # outlines that share so much of the smaller one's area are of one card


@dataclass(frozen=True, eq=False)
class Agreement:
    """How the printing agrees with a placement: the share of it that is seen in its place (0 to 1), and the root mean
    square distance of the cells that are; `residual_mm` is `FAR_MM` where too few are seen to tell. `in_place` counts
    the cells that lie within `IN_PLACE_MM`: of a side with little print a large share proves nothing."""

    seen: float
    residual_mm: float
    in_place: int = 0


@dataclass(frozen=True, eq=False)
class Suggestion:
    """Where a side may lie on the page; `seen` and `in_place` are those of its `Agreement` there."""

    side: PreparedSide
    corners: Points
    seen: float
    in_place: int


def corners_mm(width_mm: float, height_mm: float) -> Points:
    """4 × 2: the side's top left, then clockwise."""
    return np.array([(0.0, 0.0), (width_mm, 0.0), (width_mm, height_mm), (0.0, height_mm)])


def why_no_card(corners_px: Points, page_shape: tuple[int, ...]) -> str | None:
    """Why four corners are no card's outline on a page of that shape (rows, columns), in words; None where they are."""
    height, width = page_shape[:2]
    edges = np.roll(corners_px, -1, axis=0) - corners_px
    following = np.roll(edges, -1, axis=0)
    turns = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    if (turns < 0).all():
        return "the corners run the wrong way round: top left first, then top right, bottom right, bottom left"
    if not (turns > 0).all():
        return "the corners are no card's outline: top left first, then top right, bottom right, bottom left"
    if cv2.contourArea(corners_px.astype(np.float32)) < LEAST_AREA_PX:
        return "the outline is too small for a card"
    beyond = np.array([width, height]) * BEYOND
    if (corners_px < -beyond).any() or (corners_px > np.array([width, height]) + beyond).any():
        return "a corner lies far off the page"
    return None


def homography_of(corners_px: Points, width_mm: float, height_mm: float) -> Homography:
    """The map from page pixels to millimetres that takes the four corners to the side's. Raises `ValueError` where
    three of them lie on a line."""
    rows, right = [], []
    for (x, y), (u, v) in zip(corners_px, corners_mm(width_mm, height_mm), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    try:
        solved = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(right, dtype=np.float64))
    except np.linalg.LinAlgError as exc:
        raise ValueError("three of the corners lie on a line") from exc
    return Homography(np.append(solved, 1.0).reshape(3, 3))


def agreement(sheet: Sheet, side: PreparedSide, side_to_page: Homography) -> Agreement:
    """How much of the side's printing lies where that map says."""
    printing = side.printing
    look = look_for_cells(lay_over(sheet, side_to_page, printing), printing, FAR_MM)
    steady = printing.steady[look.which]
    counted = look.seen & steady.any(axis=1)
    seen = float(printing.weights[look.which][look.seen].sum())
    if counted.sum() < FEWEST_CELLS:
        return Agreement(seen, FAR_MM)
    off = (np.where(steady, look.offsets_mm, 0.0)[counted] ** 2).sum(axis=1)
    return Agreement(seen, float(np.sqrt(off.mean())), int((off < IN_PLACE_MM**2).sum()))


def placed_by_hand(sheet: Sheet, side: PreparedSide, corners_px: Points) -> Placement:
    """The placement that those corners make. Its residual is what the printing says of it; nothing was matched to find
    it, so it has no inliers. Raises `ValueError` as `homography_of` does."""
    page_to_side = homography_of(corners_px, *side.size_mm)
    residual = agreement(sheet, side, page_to_side.inverse()).residual_mm
    return Placement(side.template_id, side.name, page_to_side, residual, 0, corners_px)


def fitted_to_print(sheet: Sheet, side: PreparedSide, corners_px: Points) -> Points | None:
    """The corners moved so that the printing lies where it should; None where too little of it is found nearby."""
    printing = side.printing
    first = homography_of(corners_px, *side.size_mm).inverse()
    side_to_page = first
    corners = corners_px
    for reach_mm in (ROUGH_MM, FAR_MM, NEAR_MM):
        look = look_for_cells(lay_over(sheet, side_to_page, printing), printing, reach_mm)
        fit = correct(side_to_page, printing, look)
        if fit is None:  # of little print, a wide look finds too much that is like it
            continue
        side_to_page, corners = fit.side_to_page, fit.on_page(corners_mm(*side.size_mm))
    before, after = agreement(sheet, side, first), agreement(sheet, side, side_to_page)
    return corners if side_to_page is not first and after.seen >= max(before.seen, A_TRACE) else None


def suggestions(page: Page, prepared: PreparedTemplates) -> tuple[Suggestion, ...]:
    """Where each side may lie on the page, the likeliest first: a sighting that was not sure enough for a placement."""
    picture = grey(page.image)
    sheet = Sheet(picture)
    features = page_features(sheet, page.dpi, LOOK)
    found: list[Suggestion] = []
    for side in prepared.sides:
        matches = agreeing(features, side.features, match(features, side.features), side.size_mm)
        seen = sighting(features, side.features, matches, side.size_mm)
        if seen is None:
            continue
        corners = seen.side_to_page.map(corners_mm(*side.size_mm))
        if why_no_card(corners, picture.shape) is not None:
            continue
        fitted = fitted_to_print(sheet, side, corners)
        corners = corners if fitted is None else fitted
        if why_no_card(corners, picture.shape) is not None:
            continue
        agreed = agreement(sheet, side, homography_of(corners, *side.size_mm).inverse())
        if agreed.seen >= A_TRACE and agreed.in_place >= FEWEST_CELLS:
            found.append(Suggestion(side, corners, agreed.seen, agreed.in_place))
    return tuple(sorted(found, key=lambda suggestion: -suggestion.in_place))


def covered(corners: Points, others: Sequence[Points]) -> bool:
    """Whether one of the other outlines is of the same card: it shares half of the smaller one's area."""
    own = corners.astype(np.float32)
    for other in others:
        theirs = other.astype(np.float32)
        area, _ = cv2.intersectConvexConvex(own, theirs)
        if area > SAME_CARD * max(min(cv2.contourArea(own), cv2.contourArea(theirs)), 1.0):
            return True
    return False
