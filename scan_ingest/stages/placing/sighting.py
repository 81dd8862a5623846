"""Where a side might lie on a page: features that agree on one pose, and the map fitted to them.

A sighting is a guess to be checked against the printing (`cells.py`), not a placement.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Homography, Points
from scan_ingest.stages.placing.features import Features
from scan_ingest.stages.placing.outlines import possible

RATIO = 0.88  # laxer than Lowe's 0.8, because the pose that the matches must agree on weeds out the rest
MOST_MATCHES = 350  # per side; the best are enough to see the pose, and the time grows with their square
POPULAR_WITHIN = 0.02  # of the best side's likeness: what two revisions have in common speaks for both
POSE_TURN = np.deg2rad(20)
POSE_LOG_SIZE = 0.4  # SIFT's sizes come in steps; a factor of 1.5
POSE_CENTRE = 0.12  # of the side's diagonal
FEWEST_AGREEING = 6  # foreign sheets reach 5 often, and each sighting costs a fit
GUIDED_MM = (4.0, 1.5)  # the first fit may know only turn and size: 5 % of half an A5 card is 5 mm
GUIDED_ALIKE = 0.75  # descriptors' dot product; the right partner of a faint or 1-bit feature is above this
GUIDED_TURN = np.deg2rad(30)
FIT_MM = 0.7
GLIMPSED_MM = (2.0, 1.0, 0.0)  # how far around the places matches are looked for after each fit
GLIMPSED_SIZE = 0.03  # cards on one page are scanned alike; what else looks like a few words has another size
FEWEST_INLIERS = 9
PERSPECTIVE_GAIN = 1.2  # so many times the points of an affine map must follow a perspective one to be believed


@dataclass(frozen=True, eq=False)
class Sighting:
    """A side seen at a pose: the map from millimetres on the side to pixels of the page, and what speaks for it."""

    side_to_page: Homography
    inliers: int


@dataclass(frozen=True, eq=False)
class Matches:
    """Pairs of a page's and a side's features, by index, the most alike first."""

    page: NDArray[np.intp]
    side: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.page)

    def chosen(self, which: NDArray[np.bool_]) -> "Matches":
        return Matches(self.page[which], self.side[which])


def match(page: Features, side: Features) -> Matches:
    """Each page feature's best partner on the side, where it is clearly better than the second best (Lowe's ratio).

    From page to side, so that several cards of one template on a page all keep their matches.
    """
    if len(page) < FEWEST_AGREEING or len(side) < FEWEST_AGREEING:
        return Matches(np.zeros(0, np.intp), np.zeros(0, np.intp))
    alike = page.descriptors @ side.descriptors.T
    rows = np.arange(len(alike))
    partner = alike.argmax(axis=1)
    first = alike[rows, partner]
    alike[rows, partner] = -1
    second = alike.max(axis=1)
    # Distances of unit vectors: d² = 2 − 2 · dot.
    passed = np.flatnonzero((1 - first) < RATIO**2 * (1 - second))
    passed = passed[np.argsort(-first[passed])]
    return Matches(passed, partner[passed])


def popular(page: Features, sides: Sequence[Features]) -> NDArray[np.intp]:
    """For each side how many of the page's features are most like one of its own, or nearly: a cheap first look."""
    descriptors = np.concatenate([side.descriptors for side in sides])
    starts = np.cumsum([0, *(len(side) for side in sides)])[:-1]
    some = np.array([len(side) > 0 for side in sides])
    alike = page.descriptors @ descriptors.T
    best = np.zeros((len(page), len(sides)), dtype=np.float32)
    best[:, some] = np.maximum.reduceat(alike, starts[some], axis=1)
    top = best.max(axis=1, keepdims=True)
    return np.asarray(((best > top - POPULAR_WITHIN) & (best > GUIDED_ALIKE)).sum(axis=0), dtype=np.intp)


def sighting(page: Features, side: Features, agreed: Matches, size_mm: tuple[float, float]) -> Sighting | None:
    """The pose at which the side may lie on the page by the matches that agree on one; None where it cannot."""
    if len(agreed) < FEWEST_AGREEING:
        return None
    rough = _rough(page, side, agreed)
    return None if rough is None else _guided(page, side, rough, size_mm)


def glimpse(page: Features, side: Features, agreed: Matches, px_per_mm: float) -> Sighting | None:
    """Where a side may lie of which little shows, on a page of which so many pixels make a millimetre: too little for
    its shape, but its turn and place. None where it would be larger or smaller than that."""
    found, inliers = agreed, 0
    for nearby_mm in GLIMPSED_MM:
        if len(found) < FEWEST_AGREEING:
            return None
        source, target = side.points[found.side], page.points[found.page]
        turned, kept = cv2.estimateAffinePartial2D(
            source, target, method=cv2.RANSAC, ransacReprojThreshold=FIT_MM * px_per_mm, maxIters=500
        )
        if turned is None or abs(np.hypot(*turned[:, 0]) / px_per_mm - 1) > GLIMPSED_SIZE:
            return None
        current, inliers = Homography(np.vstack([turned, [0.0, 0.0, 1.0]]).astype(np.float64)), int(kept.sum())
        found = _near_matches(page, side, current, nearby_mm) if nearby_mm else found
    return Sighting(current, inliers)


def agreeing(page: Features, side: Features, matches: Matches, size_mm: tuple[float, float]) -> Matches:
    """The largest set of matches that agree on turn, size and place of the side."""
    if len(matches) < FEWEST_AGREEING:
        return Matches(np.zeros(0, np.intp), np.zeros(0, np.intp))
    matches = Matches(matches.page[:MOST_MATCHES], matches.side[:MOST_MATCHES])
    turn = page.angles[matches.page] - side.angles[matches.side]
    size = page.sizes[matches.page] / side.sizes[matches.side]
    arm = np.array(size_mm) / 2 - side.points[matches.side]
    cos, sin = np.cos(turn) * size, np.sin(turn) * size
    centre = page.points[matches.page] + np.stack(
        [cos * arm[:, 0] - sin * arm[:, 1], sin * arm[:, 0] + cos * arm[:, 1]], axis=1
    )
    log_size = np.log(size)
    reach = POSE_CENTRE * float(np.hypot(*size_mm)) * size
    near = np.abs(log_size[:, None] - log_size) < POSE_LOG_SIZE
    near &= np.cos(turn[:, None] - turn) > np.cos(POSE_TURN)
    apart = (centre[:, None, 0] - centre[:, 0]) ** 2 + (centre[:, None, 1] - centre[:, 1]) ** 2
    near &= apart < (reach**2)[:, None]
    # A feature of the side counts once for a pose, however many letters of the page look like it.
    order = np.argsort(matches.side, kind="stable")
    starts = np.flatnonzero(np.diff(matches.side[order], prepend=-1))
    counts = np.maximum.reduceat(near[:, order], starts, axis=1).sum(axis=1)
    return matches.chosen(near[int(counts.argmax())])


def _rough(page: Features, side: Features, agreed: Matches) -> Homography | None:
    """An affine map through the agreeing matches; from few or crowded ones only turn, size and place."""
    source = side.points[agreed.side]
    target = page.points[agreed.page]
    px_per_mm = float(np.median(page.sizes[agreed.page] / side.sizes[agreed.side]))
    turned, inliers = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=3.0 * px_per_mm, maxIters=500
    )
    if turned is None or int(inliers.sum()) < 4:
        return None
    spread = np.linalg.eigvalsh(np.cov(source[inliers.ravel() > 0].T))
    if int(inliers.sum()) >= 10 and np.sqrt(max(spread[0], 0.0)) > 10.0:
        affine, _ = cv2.estimateAffine2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=1.5 * px_per_mm)
        turned = affine if affine is not None else turned
    return Homography(np.vstack([turned, [0.0, 0.0, 1.0]]).astype(np.float64))


def _guided(page: Features, side: Features, rough: Homography, size_mm: tuple[float, float]) -> Sighting | None:
    """Matches again across the whole side where the rough map says they are, and fits a map to them."""
    current = rough
    inliers = 0
    for reach_mm in GUIDED_MM:
        if not possible(current, size_mm):
            return None
        found = _near_matches(page, side, current, reach_mm)
        if len(found) < FEWEST_INLIERS:
            return None
        fitted = _fit(side.points[found.side], page.points[found.page])
        if fitted is None:
            return None
        current, inliers = fitted
    return Sighting(current, inliers) if inliers >= FEWEST_INLIERS and possible(current, size_mm) else None


def _near_matches(page: Features, side: Features, current: Homography, reach_mm: float) -> Matches:
    """For every feature of the side the most similar page feature near its place, where they choose each other."""
    expected = current.map(side.points)
    ahead = current.map(side.points + np.stack([np.cos(side.angles), np.sin(side.angles)], axis=1)) - expected
    px_per_mm = np.hypot(ahead[:, 0], ahead[:, 1])
    ones, others = _pairs_within(page.points, expected, reach_mm * px_per_mm)
    turned = page.angles[ones] - np.arctan2(ahead[:, 1], ahead[:, 0])[others]
    grown = np.abs(np.log(page.sizes[ones] / (side.sizes * px_per_mm)[others]))
    fitting = (np.cos(turned) > np.cos(GUIDED_TURN)) & (grown < POSE_LOG_SIZE)
    ones, others = ones[fitting], others[fitting]
    alike = np.einsum("ij,ij->i", page.descriptors[ones], side.descriptors[others])
    good = alike > GUIDED_ALIKE
    ones, others, alike = ones[good], others[good], alike[good]
    best_of_page, best_of_side = np.zeros(len(page), np.float32), np.zeros(len(side), np.float32)
    np.maximum.at(best_of_page, ones, alike)
    np.maximum.at(best_of_side, others, alike)
    mutual = (alike >= best_of_page[ones]) & (alike >= best_of_side[others])
    return Matches(ones[mutual], others[mutual])


def _pairs_within(
    points: Points, places: Points, reach: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The points (N × 2) that lie within reach of places (M × 2, each with its own reach), as pairs of indices."""
    # Points are ordered by rows as high as the furthest reach, and within a row from left to right: what lies near a
    # place is one run of its row, one of the row above and one of the row below.
    height = float(reach.max())
    left = min(points[:, 0].min(), places[:, 0].min()) - height
    length = max(points[:, 0].max(), places[:, 0].max()) + height - left + 1.0
    keys = np.floor(points[:, 1] / height) * length + points[:, 0] - left
    order = np.argsort(keys, kind="stable")
    rows = (np.floor(places[:, 1] / height) + np.array([[-1.0], [0.0], [1.0]])) * length + places[:, 0] - left
    first, behind = np.searchsorted(keys[order], [(rows - reach).ravel(), (rows + reach).ravel()])
    counts = behind - first
    others = np.repeat(np.tile(np.arange(len(places)), 3), counts)
    ones = order[np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)]
    near = ((points[ones] - places[others]) ** 2).sum(axis=1) < reach[others] ** 2
    ones, others = ones[near], others[near]
    by_point = np.lexsort((others, ones))
    return ones[by_point], others[by_point]


def _fit(side_mm: Points, page_px: Points) -> tuple[Homography, int] | None:
    """A map through matched points by MAGSAC++ (Barath et al. 2020), and the number of points that follow it."""
    # From page to side, so that the threshold is in millimetres whatever the page's resolution.
    affine, kept = cv2.estimateAffine2D(page_px, side_mm, method=cv2.RANSAC, ransacReprojThreshold=FIT_MM)
    if affine is None:
        return None
    matrix, count = np.vstack([affine, [0.0, 0.0, 1.0]]), int(kept.sum())
    full, mask = cv2.findHomography(page_px, side_mm, cv2.USAC_MAGSAC, FIT_MM, maxIters=1000, confidence=0.999)
    # A scanner keeps parallels; a photograph does not. Eight free numbers run away where print is sparse.
    if full is not None and int(mask.sum()) > PERSPECTIVE_GAIN * count and int(mask.sum()) >= 20:
        matrix, count = full, int(mask.sum())
    if not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-12:
        return None
    return Homography(np.asarray(matrix, dtype=np.float64)).inverse(), count
