"""Is this side's printing really there, and where exactly: the page laid over the blank side, cell by cell.

A side's printing is cut into small cells. Each is looked for near its place on the page by normalised correlation: what
it finds corrects the fit, and how many are found tells the right side from a look-alike. Writing, stamps and coffee
hide cells; they do not make print vanish from clean paper, so *missing* counts against a side and *hidden* hardly does.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage, Homography, Points
from scan_ingest.stages.features import resized

PX_PER_MM = 5.0
"""127 dpi: half a pixel is 0.1 mm, and correlation peaks are found to a fraction of that."""

CELL_MM = 8.0  # holds a few letters, so that it is unlike its neighbours
CELL_STEP_MM = 6.0
LEAST_INK = 0.012  # share of a cell's area that is print, weighted by darkness: half a dotted line
MOST_CELLS = 220  # the inkiest; a crowded A5 side has about 400, and each costs 0.1 ms
BLUR_PX = 0.8  # evens out 1-bit edges and JPEG blocks
SEEN = 0.55  # correlation of a cell with its place: empty paper and other words stay under 0.4
CORNERED = 0.12  # ratio of the structure tensor's eigenvalues: below it a cell holds only a rule and can slide along it
PRINT = 0.2  # darkness (0 paper to 1 the side's own black) from which a pixel counts as print
GONE = 0.3  # of the darkness that print should have: below it print is missing, above it something dark lies there


@dataclass(frozen=True, eq=False)
class Printing:
    """A blank side prepared for laying a page over it.

    `picture` and `darkness` have `PX_PER_MM` pixels a millimetre with `margin_px` of paper around; `cells` are N × 2
    top left corners in that picture, `weights` how much print each holds (sum 1), `cornered` whether it holds still.
    """

    size_mm: tuple[float, float]
    picture: GreyImage
    darkness: NDArray[np.float32]
    cells: NDArray[np.intp]
    weights: NDArray[np.float64]
    cornered: NDArray[np.bool_]

    @property
    def centres_mm(self) -> Points:
        """N × 2 centres of the cells on the side."""
        return (self.cells + CELL_PX / 2 - MARGIN_PX) / PX_PER_MM


CELL_PX = round(CELL_MM * PX_PER_MM)
MARGIN_PX = round(4 * PX_PER_MM)  # room to look for cells at the edge


@dataclass(frozen=True, eq=False)
class Look:
    """What became of each cell: its best correlation, where it was found (mm from its place), and the state."""

    alike: NDArray[np.float64]
    offsets_mm: Points
    seen: NDArray[np.bool_]
    missing: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Fit:
    """The map after correction; `residual_mm` and `points` are of the cells it was fitted to.

    `corner_doubt_mm` is three standard deviations of the worst corner, from where those cells lie.
    """

    side_to_page: Homography
    residual_mm: float
    points: int
    corner_doubt_mm: float


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
    ink = np.array([_cut(dark, cell).clip(0, 1).mean() for cell in cells])
    # By ink, but a solid bar says no more than a line of words.
    worth = np.minimum(ink, 0.12)
    kept = np.flatnonzero(ink > LEAST_INK)
    if len(kept) > MOST_CELLS:
        # Evenly from what there is, in reading order, so that no part of the side goes unlooked at.
        kept = kept[np.linspace(0, len(kept) - 1, MOST_CELLS).round().astype(np.intp)]
    cornered = np.array([_cornered(_cut(picture, cells[index])) for index in kept], dtype=np.bool_)
    weights = worth[kept] / max(float(worth[kept].sum()), 1e-9)
    return Printing((width_mm, height_mm), picture, dark, cells[kept], weights, cornered)


def darkness(picture: GreyImage) -> NDArray[np.float32]:
    """How much darker each pixel is than the paper around it (grey levels, 0 where it is not)."""
    # 6 mm: wider than any stroke or letter; a solid bar counts by its rim.
    kernel = np.ones((round(6 * PX_PER_MM),) * 2, np.uint8)
    paper = cv2.morphologyEx(picture, cv2.MORPH_CLOSE, kernel)
    return np.asarray(cv2.subtract(paper, picture), dtype=np.float32)


def lay_over(page: GreyImage, side_to_page: Homography, printing: Printing) -> GreyImage:
    """The page as the side sees it: same shape and scale as `printing.picture`."""
    to_side_px = np.array([[PX_PER_MM, 0, MARGIN_PX - 0.5], [0, PX_PER_MM, MARGIN_PX - 0.5], [0, 0, 1]])
    matrix = side_to_page.matrix @ np.linalg.inv(to_side_px)
    corners = side_to_page.map([(0, 0), printing.size_mm])
    shrink = float(np.hypot(*(corners[1] - corners[0]))) / float(np.hypot(*printing.size_mm)) / PX_PER_MM
    if shrink > 1.5:
        # Warping takes single pixels: bring the page near the wanted scale first, or thin print is lost.
        left, top = np.floor(outline_box(page, side_to_page, printing)[0]).astype(int)
        right, bottom = np.ceil(outline_box(page, side_to_page, printing)[1]).astype(int)
        if right - left < 2 or bottom - top < 2:
            return np.full(printing.picture.shape, 255, np.uint8)
        part = page[top:bottom, left:right]
        small = resized(part, 1 / shrink)
        sx, sy = small.shape[1] / part.shape[1], small.shape[0] / part.shape[0]
        shift = np.array([[sx, 0, sx * (0.5 - left) - 0.5], [0, sy, sy * (0.5 - top) - 0.5], [0, 0, 1]])
        page, matrix = small, shift @ matrix
    height, width = printing.picture.shape
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(page, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(laid, (0, 0), BLUR_PX), dtype=np.uint8)


def outline_box(page: GreyImage, side_to_page: Homography, printing: Printing) -> tuple[Points, Points]:
    """The smallest box of the page around the side and its margin, cut to the page."""
    width, height = printing.size_mm
    margin = MARGIN_PX / PX_PER_MM
    corners = side_to_page.map(
        [(-margin, -margin), (width + margin, -margin), (width + margin, height + margin), (-margin, height + margin)]
    )
    limit = np.array([page.shape[1], page.shape[0]], dtype=np.float64)
    return np.clip(corners.min(axis=0), 0, limit), np.clip(corners.max(axis=0) + 1, 0, limit)


def look_for_cells(laid: GreyImage, printing: Printing, reach_mm: float) -> Look:
    """Looks for every cell within `reach_mm` of its place on a page laid over the side."""
    reach = min(round(reach_mm * PX_PER_MM), MARGIN_PX)
    dark = darkness(laid)
    count = len(printing.cells)
    alike, offsets = np.zeros(count), np.zeros((count, 2))
    expected, around = np.zeros(count), np.zeros(count)
    for index, (x, y) in enumerate(printing.cells):
        cell = printing.picture[y : y + CELL_PX, x : x + CELL_PX]
        place = laid[y - reach : y + CELL_PX + reach, x - reach : x + CELL_PX + reach]
        scores = cv2.matchTemplate(place, cell, cv2.TM_CCOEFF_NORMED)
        _, alike[index], _, (px, py) = cv2.minMaxLoc(scores)
        offsets[index] = (px - reach + _peak(scores[py, :], px), py - reach + _peak(scores[:, px], py))
        should = printing.darkness[y : y + CELL_PX, x : x + CELL_PX]
        there = dark[y : y + CELL_PX, x : x + CELL_PX]
        printed = should > PRINT
        around[index] = float(there[~printed].mean()) if (~printed).any() else 0.0
        expected[index] = float((should * there)[printed].sum() / max(float((should[printed] ** 2).sum()), 1e-6))
    seen = alike >= SEEN
    # How dark this page's print is, from the cells that are surely there.
    black = float(np.median(expected[seen])) if seen.any() else 255.0
    missing = ~seen & (expected < GONE * black) & (around < GONE * black)
    return Look(alike, offsets / PX_PER_MM, seen, missing)


def printed_alike(one: Printing, other: Printing, one_to_other: Homography) -> NDArray[np.bool_]:
    """Which of the cells of `one` are also printed on `other`, laid over it by a map between the sides (mm to mm)."""
    other_px = Homography(np.array([[PX_PER_MM, 0, MARGIN_PX - 0.5], [0, PX_PER_MM, MARGIN_PX - 0.5], [0, 0, 1]]))
    return look_for_cells(lay_over(other.picture, one_to_other.then(other_px), one), one, 0.8).seen


def correct(side_to_page: Homography, printing: Printing, look: Look) -> Fit | None:
    """Fits the map again to where the cells were found; affine, unless a homography is clearly better."""
    use = look.seen & printing.cornered
    if use.sum() < 4:
        return None
    places = printing.centres_mm[use]
    found = places + look.offsets_mm[use]
    affine = _trimmed(places, found, look.alike[use], perspective=False)
    if affine is None:
        return None
    matrix, kept, residual = affine
    if use.sum() >= 16:
        full = _trimmed(places, found, look.alike[use], perspective=True)
        # A scanner keeps parallels; a photograph does not. Eight free numbers fit noise where print is sparse.
        if full is not None and full[2] < 0.75 * residual and full[1].sum() >= 0.9 * kept.sum():
            matrix, kept, residual = full
    doubt = _corner_doubt(places[kept], printing.size_mm, residual)
    return Fit(Homography(matrix).then(side_to_page), residual, int(kept.sum()), doubt)


def _trimmed(
    places: Points, found: Points, weights: NDArray[np.float64], *, perspective: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_], float] | None:
    """Least squares from `places` to `found` on the points near the rest, the others left out step by step."""
    needed = 8 if perspective else 4
    kept = np.ones(len(places), dtype=np.bool_)
    offsets = found - places
    kept = np.hypot(*(offsets - np.median(offsets, axis=0)).T) < 1.2
    matrix = np.eye(3)
    errors = np.zeros(len(places))
    for _ in range(6):
        if kept.sum() < needed:
            return None
        if perspective:
            full, _mask = cv2.findHomography(places[kept], found[kept], 0)
            if full is None:
                return None
            matrix = full.astype(np.float64)
        else:
            rows = np.hstack([places[kept], np.ones((int(kept.sum()), 1))]) * np.sqrt(weights[kept])[:, None]
            solved, _, rank, _ = np.linalg.lstsq(rows, found[kept] * np.sqrt(weights[kept])[:, None], rcond=1e-6)
            if rank < 3:
                return None
            matrix = np.vstack([solved.T, [0.0, 0.0, 1.0]])
        errors = np.hypot(*(Homography(matrix).map(places) - found).T)
        limit = max(3.0 * 1.4826 * float(np.median(errors[kept])), 0.12)
        now = errors < limit
        if (now == kept).all():
            break
        kept = now
    if kept.sum() < needed:
        return None
    return matrix, kept, float(np.sqrt((errors[kept] ** 2).mean()))


def _corner_doubt(places: Points, size_mm: tuple[float, float], residual_mm: float) -> float:
    """Three standard deviations of the worst corner of a side, were an affine map fitted to those points."""
    rows = np.hstack([places, np.ones((len(places), 1))])
    width, height = size_mm
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], dtype=np.float64)
    spread = np.linalg.pinv(rows.T @ rows, rcond=1e-9)
    variance = np.einsum("ij,jk,ik->i", corners, spread, corners).max()
    # Neighbouring cells err together, and no fit is better than a few hundredths of a millimetre.
    return float(3.0 * max(residual_mm, 0.05) * np.sqrt(max(variance, 0.0)))


def _cut(picture: NDArray[np.float32] | GreyImage, cell: NDArray[np.intp]) -> NDArray[np.float32]:
    x, y = cell
    return np.asarray(picture[y : y + CELL_PX, x : x + CELL_PX], dtype=np.float32)


def _cornered(cell: NDArray[np.float32]) -> bool:
    """Whether a cell has structure in both directions."""
    across, down = cv2.Sobel(cell, cv2.CV_32F, 1, 0), cv2.Sobel(cell, cv2.CV_32F, 0, 1)
    xx, yy, xy = float((across**2).mean()), float((down**2).mean()), float((across * down).mean())
    low, high = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    return bool(high > 0 and low / high > CORNERED)


def _peak(scores: NDArray[np.float32], at: int) -> float:
    """Where between the pixels a parabola through a peak and its neighbours is highest, −0.5 to 0.5."""
    if not 0 < at < len(scores) - 1:
        return 0.0
    before, here, after = float(scores[at - 1]), float(scores[at]), float(scores[at + 1])
    bend = before - 2 * here + after
    return 0.0 if bend >= -1e-9 else float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
