"""The map from a side to the page, fitted to where the cells of its printing were found, and how sure it is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Homography, Points
from scan_ingest.stages.printing import Look, Printing

FEWEST_CELLS = 5  # an affine map through three proves nothing
PERSPECTIVE_ABOVE_MM = 0.12  # an affine map that leaves less is good enough
SLIPPED_MM = 1.2  # a cell that was found so far from where its fellows were found has slipped


@dataclass(frozen=True, eq=False)
class Fit:
    """The map after correction; `residual_mm` and `points` are of the cells it was fitted to, `agreeing` is their share
    of the cells it could have been fitted to.

    `corner_doubt_mm` is three standard deviations of the worst corner, from where those cells lie.
    """

    side_to_page: Homography
    residual_mm: float
    points: int
    agreeing: float
    corner_doubt_mm: float


def correct(side_to_page: Homography, printing: Printing, look: Look, steady: NDArray[np.intp]) -> Fit | None:
    """Fits the map anew to where the `steady` cells were found: affine, unless a perspective is clearly better."""
    use = look.seen & np.isin(look.which, steady)
    if use.sum() < FEWEST_CELLS:
        return None
    places = printing.centres_mm[look.which[use]]
    found = side_to_page.map(places + look.offsets_mm[use])
    # A cell that was found far from where its fellows were found has slipped.
    offsets = look.offsets_mm[use]
    near = np.hypot(*(offsets - np.median(offsets, axis=0)).T) < SLIPPED_MM
    fit = _trimmed(places, found, near, printing.size_mm, perspective=False)
    # A scanner keeps parallels; a photograph does not. Eight free numbers fit noise where print is sparse.
    if (fit is None or fit.residual_mm > PERSPECTIVE_ABOVE_MM) and use.sum() >= 16:
        full = _trimmed(places, found, near, printing.size_mm, perspective=True)
        if full is not None and (
            fit is None or (full.residual_mm < 0.7 * fit.residual_mm and full.points >= 0.9 * fit.points)
        ):
            return full
    return fit


def _trimmed(
    places: Points, found: Points, kept: NDArray[np.bool_], size_mm: tuple[float, float], *, perspective: bool
) -> Fit | None:
    """Least squares from `places` (mm) to `found` (px) on the points near the rest, the others left out in steps."""
    needed = 8 if perspective else FEWEST_CELLS
    errors = np.zeros(len(places))
    px_per_mm, matrix = 1.0, np.eye(3)
    for _ in range(8):
        if kept.sum() < needed:
            return None
        if perspective:
            full, _mask = cv2.findHomography(places[kept], found[kept], 0)
            if full is None:
                return None
            matrix = full.astype(np.float64)
        else:
            rows = np.hstack([places[kept], np.ones((int(kept.sum()), 1))])
            solved, _, rank, _ = np.linalg.lstsq(rows, found[kept], rcond=1e-6)
            if rank < 3:
                return None
            matrix = np.vstack([solved.T, [0.0, 0.0, 1.0]])
        px_per_mm = float(np.sqrt(abs(np.linalg.det(matrix[:2, :2]))))
        errors = np.hypot(*(Homography(matrix).map(places) - found).T) / max(px_per_mm, 1e-6)
        # A lone cell far from the rest pulls the map to itself: judge each kept one by a map fitted without it.
        honest = np.where(kept, errors / np.maximum(1 - _pull(places, kept), 0.05), errors)
        now = honest < max(3.0 * 1.4826 * float(np.median(honest[kept])), 0.12)
        if (now == kept).all():
            break
        kept = now
    if kept.sum() < needed:
        return None
    residual = float(np.sqrt((errors[kept] ** 2).mean()))
    doubt = _corner_doubt(places[kept], size_mm, residual, perspective=perspective)
    return Fit(Homography(matrix), residual, int(kept.sum()), float(kept.mean()), doubt)


def _pull(places: Points, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of its own place each point decides in an affine fit to the kept ones (leverage, 0 to 1 for those)."""
    rows = np.hstack([places - places[kept].mean(axis=0), np.ones((len(places), 1))])
    spread = np.linalg.pinv(rows[kept].T @ rows[kept], rcond=1e-12)
    return np.asarray(np.einsum("ij,jk,ik->i", rows, spread, rows), dtype=np.float64)


def _corner_doubt(places: Points, size_mm: tuple[float, float], residual_mm: float, *, perspective: bool) -> float:
    """Three standard deviations of the worst corner, by the spread of the points that a map was fitted to."""
    width, height = size_mm
    middle = np.array(size_mm) / 2
    unit = float(np.hypot(width, height)) / 2
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)

    def slopes(points: Points) -> NDArray[np.float64]:
        """2N × 6 or 8: how each coordinate moves with each free number of a map near identity."""
        x, y = ((points - middle) / unit).T
        one, none = np.ones_like(x), np.zeros_like(x)
        across, down = [x, y, one, none, none, none], [none, none, none, x, y, one]
        if perspective:
            across, down = [*across, -x * x, -x * y], [*down, -x * y, -y * y]
        return np.vstack([np.stack(across, axis=1), np.stack(down, axis=1)])

    rows, at = slopes(places), slopes(corners)
    variances = np.einsum("ij,jk,ik->i", at, np.linalg.pinv(rows.T @ rows, rcond=1e-10), at)
    worst = float((variances[:4] + variances[4:]).max())
    # Neighbouring cells err together, and no fit is better than a few hundredths of a millimetre.
    return 3.0 * max(residual_mm, 0.05) * float(np.sqrt(max(worst, 0.0)))
