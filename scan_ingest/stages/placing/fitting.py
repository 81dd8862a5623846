"""The map from a side to the page, fitted to where the cells of its printing were found, and how sure it is."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Homography, Points
from scan_ingest.stages.placing.bend import Bend
from scan_ingest.stages.placing.cells import SEEN, Look
from scan_ingest.stages.placing.printing import Printing

FEWEST_CELLS = 5  # an affine map through three proves nothing
FEWEST_FOR_PERSPECTIVE = 10
PERSPECTIVE_PROVEN = 8.0  # F statistic: noise alone exceeds it once in 500 fits to 20 cells
MORE_CELLS = 1.15  # so many times the cells of an affine map following a perspective one prove it as well
SLIPPED_MM = 1.5  # a cell that was found so far from where its fellows were found has slipped
SURELY_NEAR_MM = 0.12  # half a pixel: nearer cells are never left out
LEAST_ERROR_MM = 0.05  # no fit is better than a few hundredths of a millimetre
LONE_MM = 0.8  # so far off may a cell be found that is barely like itself, where nothing else contradicts it
LONE_LEAST = 0.15  # of that for one that is very like itself
LIKE_ITSELF = 0.9  # correlation with nothing over the printing
NOISE_MM = 0.03  # residual of cells on flat paper, each by itself
INDEPENDENT = 8  # cells that err on their own, however many there are
STEPS = 8
BENT_FROM_MM = 0.03  # residual from which a bend is looked for; flat paper in a good feeder has 0.01 to 0.03
AGREEING_FLAT = 0.98  # or where fewer of the cells agree: those at one end may lie elsewhere together
MORE_CELLS_BENT = 1.02  # so many times the cells of the map alone follow a bend, as well as it
NEAR_PRINT_MM = 20.0  # within that, a feed that slips is seen by the cells (`bend.py`)
SLIP_UNSEEN = 0.9  # of the residual for each millimetre further: what is left over may be the start of a slip
BENT_LEAVES = 0.7  # of the residual at most, or it follows cells that writing has moved
UNSURE_MM = 0.4  # corners known no better: writing may have moved the rules and dotted lines that it stands on
STILL_CELLS = 20  # that hold still both ways are enough without those lines
STILL_LEAVES = 0.5  # of the residual, or it was not the lines
LOOSE = 1e-3  # what holds a perspective back that nothing speaks for or against

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fit:
    """The map after correction; `residual_mm` and `points` are of the cells it was fitted to, `agreeing` is their share
    of the cells it could have been fitted to. `perspective`: parallels are not kept. `bend` is what a feed that slipped
    left over of a flat map; the residual is what that leaves over in turn.

    `corner_doubt_mm` is how far off the worst corner may be (three standard deviations, five with perspective, or
    one cell found wrongly), from where those cells lie.
    """

    side_to_page: Homography
    residual_mm: float
    points: int
    agreeing: float
    corner_doubt_mm: float
    perspective: bool
    bend: Bend | None = None

    def on_page(self, points_mm: Points) -> Points:
        """Points of the side (N × 2 mm) in pixels of the page."""
        return self.side_to_page.map(self.bend.moved(points_mm) if self.bend else points_mm)


@dataclass(frozen=True, eq=False)
class _Found:
    """N cells: their places (mm), where they were found (px), how like themselves they are there (0 to 1), and whether
    each holds still across and down."""

    places: Points
    px: Points
    alike: Floats
    steady: Flags  # N × 2
    size_mm: tuple[float, float]

    def chosen(self, which: Flags) -> "_Found":
        return _Found(self.places[which], self.px[which], self.alike[which], self.steady[which], self.size_mm)

    def slopes(self, at: Points, *, perspective: bool) -> Floats:
        """2 × N × 6 or 8: how x and y of each point move with each free number of a map near identity."""
        middle, unit = np.array(self.size_mm) / 2, float(np.hypot(*self.size_mm)) / 2
        x, y = ((at - middle) / unit).T
        one, none = np.ones_like(x), np.zeros_like(x)
        across, down = [x, y, one, none, none, none], [none, none, none, x, y, one]
        if perspective:
            across, down = [*across, x * x, x * y], [*down, x * y, y * y]
        return np.stack([np.stack(across, axis=1), np.stack(down, axis=1)])

    def step(self, numbers: Floats) -> Homography:
        """The map near identity with those free numbers (millimetres at the corners)."""
        middle, unit = np.array(self.size_mm) / 2, float(np.hypot(*self.size_mm)) / 2
        a, b, c, d, e, f, *rest = numbers / unit
        g, h = rest or (0.0, 0.0)
        inner = np.array([[1 + a, b, c], [d, 1 + e, f], [-g, -h, 1]])
        to_unit = np.array([[1 / unit, 0, -middle[0] / unit], [0, 1 / unit, -middle[1] / unit], [0, 0, 1]])
        return Homography(np.linalg.inv(to_unit) @ inner @ to_unit)


def correct(side_to_page: Homography, printing: Printing, look: Look, steady: Flags | None = None) -> Fit | None:
    """Fits the map anew to where the cells were found: affine, unless they prove a perspective.

    A scanner keeps parallels, a photograph does not; eight free numbers would fit noise where print is sparse. A rule
    or dotted line counts only across its run, because it looks the same a little further along; the end of a rule both
    ways, where nobody has written over it. `steady` (a row for
    every cell of the side) says otherwise where more is known than that. Where writing has moved the lines that it
    stands on, what holds still both ways tells the place without them.
    """
    steady = (printing.steady if steady is None else steady)[look.which]
    steady = steady & ~(printing.ends[look.which] & (look.alike < LIKE_ITSELF)[:, None])
    use = look.seen & steady.any(axis=1)
    both = use & steady.all(axis=1)
    if both.sum() < FEWEST_CELLS:
        return None
    away = np.where(steady, look.offsets_mm - np.median(look.offsets_mm[both], axis=0), 0.0)[use]
    near = np.hypot(away[:, 0], away[:, 1]) < SLIPPED_MM
    places = printing.centres_mm[look.which[use]]
    px = side_to_page.map(places + look.offsets_mm[use])
    found = _Found(places, px, look.alike[use], steady[use], printing.size_mm)
    fit = _fitted(found, side_to_page, near)
    if fit is not None and fit.corner_doubt_mm < UNSURE_MM:
        return fit
    still = near & steady[use].all(axis=1)
    without_lines = _fitted(found.chosen(still), side_to_page, still[still]) if still.sum() >= STILL_CELLS else None
    if without_lines is None or without_lines.points < STILL_CELLS:
        return fit
    if fit is None:
        return without_lines
    clearer = without_lines.residual_mm < STILL_LEAVES * fit.residual_mm
    return without_lines if clearer and without_lines.corner_doubt_mm < fit.corner_doubt_mm else fit


def _fitted(found: _Found, side_to_page: Homography, near: Flags) -> Fit | None:
    """The map, flat or with a bend, whichever the cells speak for; first of all for those that are `near`."""
    fit = _flat(found, side_to_page, near)
    if fit is not None and fit.residual_mm < BENT_FROM_MM and fit.agreeing > AGREEING_FLAT:
        return fit
    bent = _bent(found, side_to_page if fit is None else fit.side_to_page, near)
    if fit is None or bent is None:
        return fit or bent
    # More cells only count where they lie as well: a photograph's perspective is no bend.
    as_well = bent.residual_mm < max(2 * fit.residual_mm, LEAST_ERROR_MM)
    more = bent.points > MORE_CELLS_BENT * fit.points and as_well
    if more or bent.residual_mm < BENT_LEAVES * fit.residual_mm:
        return bent
    if bent.residual_mm >= fit.residual_mm:
        return fit
    # Which of the two it is does not show: the corners may lie as either says.
    return replace(fit, corner_doubt_mm=fit.corner_doubt_mm + _apart_mm(fit, bent, found.size_mm))


def _apart_mm(one: Fit, other: Fit, size_mm: tuple[float, float]) -> float:
    """How far apart two fits put the worst corner."""
    width, height = size_mm
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    back = one.side_to_page.inverse()
    return float(np.hypot(*(back.map(other.on_page(corners)) - back.map(one.on_page(corners))).T).max())


def _flat(found: _Found, side_to_page: Homography, near: Flags) -> Fit | None:
    """The map alone."""
    flat = _trimmed(found, _affine(side_to_page, found.size_mm), near, perspective=False)
    if len(found.places) < FEWEST_FOR_PERSPECTIVE:
        return _judged(found, flat, perspective=False)
    tilted = _trimmed(found, side_to_page, near, perspective=True)
    if flat is None or tilted is None:
        return _judged(found, flat or tilted, perspective=flat is None)
    if tilted[1].sum() > MORE_CELLS * flat[1].sum() or _proven(found, flat[0], tilted[0], flat[1] & tilted[1]):
        return _judged(found, tilted, perspective=True)
    return _judged(found, flat, perspective=False)


def _affine(side_to_page: Homography, size_mm: tuple[float, float]) -> Homography:
    """The nearest map that keeps parallels."""
    width, height = size_mm
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    solved, *_ = np.linalg.lstsq(np.hstack([corners, np.ones((4, 1))]), side_to_page.map(corners), rcond=None)
    return Homography(np.vstack([solved.T, [0.0, 0.0, 1.0]]).astype(np.float64))


def _errors(found: _Found, current: Homography) -> Floats:
    """N × 2 millimetres by which the cells miss their places, 0 in a direction in which they do not hold still."""
    return np.asarray(np.where(found.steady, current.inverse().map(found.px) - found.places, 0.0), dtype=np.float64)


def _left_over(found: _Found, current: Homography, bend: Bend | None) -> Floats:
    """What a bend leaves over of the cells' errors, N × 2 millimetres."""
    errors = _errors(found, current)
    if bend is None:
        return errors
    bent = bend.at(found.places)[:, None] * bend.along
    return np.asarray(np.where(found.steady, errors - bent, 0.0), dtype=np.float64)


def _trimmed(found: _Found, current: Homography, kept: Flags, *, perspective: bool) -> tuple[Homography, Flags] | None:
    """Gauss and Newton's least squares on the cells near the rest, the others left out in steps."""
    slopes = found.slopes(found.places, perspective=perspective)
    errors = _errors(found, current)
    for _ in range(STEPS):
        counted = found.steady.T & kept
        if (found.steady.all(axis=1) & kept).sum() < (8 if perspective else FEWEST_CELLS):
            return None
        rows = slopes[counted]
        spread = np.linalg.inv(rows.T @ rows + np.eye(rows.shape[1]) * LOOSE)
        if np.linalg.cond(spread) > 1e7:
            return None
        current = found.step(spread @ rows.T @ errors.T[counted]).then(current)
        errors = _errors(found, current)
        # A lone cell far from the rest pulls the map to itself: judge each kept one by a map fitted without it.
        pull = ((slopes @ spread) * slopes).sum(axis=2).T * (found.steady & kept[:, None])
        honest = np.hypot(*(errors / np.maximum(1 - pull, 0.05)).T)
        now = honest < max(3.0 * 1.4826 * float(np.median(honest[kept])), SURELY_NEAR_MM)
        if (now == kept).all() and np.abs(errors).max() < SLIPPED_MM:
            break
        kept = now
    return (current, kept) if (found.steady.all(axis=1) & kept).sum() >= FEWEST_CELLS else None


def _proven(found: _Found, flat: Homography, tilted: Homography, common: Flags) -> bool:
    """Whether a perspective explains the same cells so much better that noise cannot be the reason (an F test)."""
    free = int(found.steady[common].sum()) - 8
    if free < 8:
        return False
    left, rest = (float((_errors(found, way)[common] ** 2).sum()) for way in (flat, tilted))
    return (left - rest) / 2 > PERSPECTIVE_PROVEN * _error_mm(float(np.sqrt(rest / free)), int(common.sum())) ** 2


def _error_mm(residual_mm: float, cells: int) -> float:
    """How far off a cell is where each errs by itself: what exceeds noise is paper that is not flat, writing on dotted
    lines or a map that is too simple. Neighbouring cells err together then, and many are worth no more than a few."""
    together = np.sqrt(max(residual_mm**2 - NOISE_MM**2, 0.0) * max(cells / INDEPENDENT, 1.0))
    return float(np.hypot(LEAST_ERROR_MM, together))


def _judged(
    found: _Found, fitted: tuple[Homography, Flags] | None, *, perspective: bool, bend: Bend | None = None
) -> Fit | None:
    if fitted is None:
        return None
    current, kept = fitted
    errors = _left_over(found, current, bend)[kept]
    residual = float(np.sqrt((errors**2).sum(axis=1).mean()))
    width, height = found.size_mm
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    rows = found.slopes(found.places, perspective=perspective)[found.steady.T & kept]
    at = found.slopes(corners, perspective=perspective)
    spread = np.linalg.pinv(rows.T @ rows, rcond=1e-10)
    variances = np.einsum("dni,ij,dnj->dn", at, spread, at).sum(axis=0)
    # How far one cell found in the wrong place would take a corner with it: writing may lie over a lone word.
    slack = LONE_MM * np.clip((LIKE_ITSELF - found.alike) / (LIKE_ITSELF - SEEN), LONE_LEAST, 1.0)
    taken = np.hypot(*(at @ spread @ rows.T)).max(axis=0)
    alone = float((taken * np.broadcast_to(slack, (2, len(slack)))[found.steady.T & kept]).max())
    error = _error_mm(residual, int(kept.sum()))
    sigmas = 5.0 if perspective else 3.0  # a photograph's lens bends what no homography can
    doubt = sigmas * error * float(np.sqrt(variances.max()))
    if bend is None and not perspective:
        doubt += _slip_unseen_mm(corners, found.places[kept], errors, found.steady[kept])
    if bend is not None:
        doubt = float(np.hypot(doubt, sigmas * bend.doubt_mm(corners, error).max()))
    return Fit(current, residual, int(kept.sum()), float(kept.mean()), float(max(doubt, alone)), perspective, bend)


def _slip_unseen_mm(corners: Points, places: Points, errors: Floats, steady: Flags) -> float:
    """By how much a feed that slips where nothing is printed may take the worst corner along, from how far it lies from
    the cells that hold still across and down, and from what is left over of those that hold still both ways."""
    worst = 0.0
    both = steady.all(axis=1)
    for axis in (0, 1):
        far = float(np.abs(corners[:, axis, None] - places[steady[:, axis], axis]).min(axis=1).max()) - NEAR_PRINT_MM
        left_over = float(np.sqrt((errors[both, axis] ** 2).mean()))
        worst = max(worst, SLIP_UNSEEN * left_over * far)
    return worst


def _bent(found: _Found, side_to_page: Homography, near: Flags) -> Fit | None:
    """The map with a bend along the feed, where the cells show one."""
    flat = _affine(side_to_page, found.size_mm)
    level = _trimmed(found, flat, near, perspective=False)  # a slipping feed may have passed for a perspective
    flat = flat if level is None else level[0]
    bend = Bend.seen(flat, found.places[near], _errors(found, flat)[near], found.steady[near])
    if bend is None:
        return None
    away = np.hypot(*_left_over(found, flat, bend).T)
    kept = near & (away < max(3.0 * 1.4826 * float(np.median(away[near])), SURELY_NEAR_MM))
    if kept.sum() < FEWEST_CELLS:
        return None
    return _judged(found, (flat, kept), perspective=False, bend=bend)
