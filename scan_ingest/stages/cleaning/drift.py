"""What a homography leaves over: paper that lay bent, a scanner whose feed slipped.

The registered side is shifted, block by block and smoothly, onto the print of its blank side (Lucas and Kanade 1981,
the blocks held together by their neighbours). Ink that the blank side knows nothing of is left out of account.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.template import Side

SHRINK = 2  # 100 dpi is enough to see a shift of a tenth of a pixel over a block
BLOCK_MM = 20.0  # paper does not bend within less
# Each round's softening, in shrunk pixels (from a reach of half a millimetre to a fine fit), and whether it is wary.
ROUNDS = ((2.0, False), (1.0, False), (1.0, True), (1.0, True))
EDGE_ABOVE = 4.0  # grey levels a pixel; weaker slopes of the print are noise
MOST_EDGES = 25_000  # pixels, evenly from a crowded side's 100,000; with all of them shifts differ by at most 0.02 mm
OUTLIER = 30.0  # grey levels; a pixel further off than this is ink, not shifted print
# Writing that stands on a rule would pull it up by a pixel: where there is ink this far beside an edge, the edge says
# nothing in a wary round. In the first rounds print that lies far off could be taken for such ink.
BESIDE_PX, INK_BESIDE = 4.0, 10.0  # shrunk pixels; grey levels more than the print
STIFFNESS = 0.3  # of a usual block's own say, how much its neighbours have
MOST_MM = 1.0  # a larger shift is a wrong fit

Shifts = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Edges:
    """The N pixels of a softened blank side at which a shift of its print shows.

    `places` is N × 2 (column, row); `slopes` N × 2, grey levels a pixel; `darkness` N, grey levels; `block` N, the
    block each lies in; `beside` is 2 × N × 2, the places `BESIDE_PX` away on either side, and `beside_darkness` 2 × N
    how dark print is there; `near` and `shares` are N × 4: between which blocks' middles, and how much of each.
    """

    places: Floats
    slopes: Floats
    darkness: Floats
    beside: Floats
    beside_darkness: Floats
    block: NDArray[np.intp]
    near: NDArray[np.intp]
    shares: Floats


@dataclass(frozen=True, eq=False)
class Grid:
    """The blocks of a side, `down` × `across`, on a shrunk picture of `size` (width, height) pixels."""

    down: int
    across: int
    size: tuple[int, int]
    ties: Floats


def drift(picture: GreyImage, side: Side, px_per_mm: float) -> Shifts:
    """H × W × 2: for each pixel of the registered side how many pixels right and down the print really lies.

    `picture` is the registered side, `side` what it should be. All 0 where nothing is printed.
    """
    height, width = picture.shape
    grid = _grid(width, height, px_per_mm)
    seen = cv2.resize(picture, grid.size, interpolation=cv2.INTER_AREA).astype(np.float32)
    most = MOST_MM * px_per_mm * grid.size[0] / width
    shifts = np.zeros((grid.down * grid.across, 2))
    # Softened first and shifted then: the shifts hardly change over the width of a blur.
    soft = {softening: cv2.GaussianBlur(seen, (0, 0), softening) for softening, _ in ROUNDS}
    for softening, wary in ROUNDS:
        edges = _edges(side, grid, softening)
        if len(edges.places):
            moved = _step(np.asarray(soft[softening]), edges, grid, shifts, wary=wary)
            shifts = np.clip(moved, -most, most)
    blocks = shifts.reshape(grid.down, grid.across, 2).astype(np.float32) * np.float32(width / grid.size[0])
    full = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32).reshape(height, width, 2)


@lru_cache(maxsize=64)  # a card's sides have one size each
def _grid(width: int, height: int, px_per_mm: float) -> Grid:
    size = (max(width // SHRINK, 8), max(height // SHRINK, 8))
    block = BLOCK_MM * px_per_mm * size[0] / width
    down, across = max(round(size[1] / block), 1), max(round(size[0] / block), 1)
    return Grid(down, across, size, _ties(down, across))


@lru_cache(maxsize=128)  # both softenings of 64 sides, about 2 MB each
def _edges(side: Side, grid: Grid, softening: float) -> Edges:
    """What of the blank side shows a shift: found once, asked for with every page."""
    small = cv2.resize(side.reference, grid.size, interpolation=cv2.INTER_AREA).astype(np.float32)
    print_ = np.asarray(cv2.GaussianBlur(small, (0, 0), softening), dtype=np.float32)
    slope_x = cv2.Sobel(print_, cv2.CV_32F, 1, 0, ksize=3) / 8
    slope_y = cv2.Sobel(print_, cv2.CV_32F, 0, 1, ksize=3) / 8
    at = np.hypot(slope_x, slope_y) > EDGE_ABOVE / softening
    rows, columns = np.nonzero(at)
    thinned = slice(None, None, max(1, round(len(rows) / MOST_EDGES)))
    rows, columns = rows[thinned], columns[thinned]
    width, height = grid.size
    near_x, share_x = _between(columns, grid.across, width)
    near_y, share_y = _between(rows, grid.down, height)
    corners = [(y, x) for y in (0, 1) for x in (0, 1)]
    places = np.stack([columns, rows], axis=1).astype(np.float64)
    slopes = np.stack([slope_x[rows, columns], slope_y[rows, columns]], axis=1).astype(np.float64)
    away = slopes * (BESIDE_PX / np.maximum(np.hypot(*slopes.T), 1e-6))[:, None]
    beside = np.stack([places - away, places + away])
    return Edges(
        places=places,
        slopes=slopes,
        darkness=255.0 - print_[rows, columns].astype(np.float64),
        beside=beside,
        beside_darkness=np.stack([255.0 - _sampled(print_, one) for one in beside]),
        block=(rows * grid.down // height) * grid.across + columns * grid.across // width,
        near=np.stack([near_y[y] * grid.across + near_x[x] for y, x in corners], axis=1),
        shares=np.stack([share_y[y] * share_x[x] for y, x in corners], axis=1),
    )


def _between(places: NDArray[np.intp], blocks: int, length: int) -> tuple[NDArray[np.intp], Floats]:
    """2 × N: the two blocks between whose middles each place lies, and the share of each."""
    position = np.clip((places + 0.5) * blocks / length - 0.5, 0, blocks - 1)
    first = np.minimum(position.astype(np.intp), max(blocks - 2, 0))
    share = position - first
    return np.stack([first, np.minimum(first + 1, blocks - 1)]), np.stack([1 - share, share])


def _step(seen: NDArray[np.float32], edges: Edges, grid: Grid, shifts: Floats, *, wary: bool) -> Floats:
    """The blocks' shifts, one step nearer to where the print lies; if `wary`, edges beside ink say nothing."""
    by = np.einsum("nk,nkd->nd", edges.shares, shifts[edges.near])
    moved = edges.places + by
    dark_seen = 255.0 - _sampled(seen, moved)
    contrast = float(np.clip(np.median(dark_seen / (edges.darkness + 1.0)), 0.2, 2.0))
    off = dark_seen - contrast * edges.darkness  # = contrast × slope · shift, where all is print
    weight = 1.0 / (1.0 + (off / OUTLIER) ** 2)
    if wary:
        for beside, darkness in zip(edges.beside, edges.beside_darkness, strict=True):
            weight *= 255.0 - _sampled(seen, beside + by) < contrast * darkness + INK_BESIDE
    count = grid.down * grid.across

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(edges.block, weights=weight * values, minlength=count), dtype=np.float64)

    gx, gy = contrast * edges.slopes.T
    xx, xy, yy = total(gx * gx), total(gx * gy), total(gy * gy)
    if not (xx + yy).any():  # every edge lies beside ink: nothing says which way
        return shifts
    # Brightness has the other sign of darkness: seen(p) = print(p − shift), so off = slope · shift.
    wanted = np.concatenate([total(gx * off), total(gy * off)])
    matrix = np.block([[np.diag(xx), np.diag(xy)], [np.diag(xy), np.diag(yy)]])
    ties = grid.ties * STIFFNESS * float(np.median((xx + yy)[xx + yy > 0])) / 2
    stiff = np.kron(np.eye(2), ties + np.eye(count) * 1e-6 * (ties.max() + 1e-9))
    change = np.linalg.solve(matrix + stiff, wanted - stiff @ shifts.T.ravel())
    return np.asarray(shifts + change.reshape(2, count).T)


def _sampled(picture: NDArray[np.float32], places: Floats) -> Floats:
    """The picture between its pixels, at N × 2 places (column, row); beyond its edge it goes on as at the edge."""
    height, width = picture.shape
    x, y = np.clip(places[:, 0], 0, width - 1.001), np.clip(places[:, 1], 0, height - 1.001)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, down = x - left, y - top
    flat, at = picture.ravel(), top * width + left
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    lower = flat[at + width] * (1 - right) + flat[at + width + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float64)


def _ties(down: int, across: int) -> NDArray[np.float64]:
    """The graph Laplacian of the grid: what differences between neighbours cost."""
    numbers = np.arange(down * across).reshape(down, across)
    pairs = np.concatenate(
        [
            np.stack([numbers[:, :-1].ravel(), numbers[:, 1:].ravel()], axis=1),
            np.stack([numbers[:-1].ravel(), numbers[1:].ravel()], axis=1),
        ]
    )
    ties = np.zeros((down * across, down * across))
    for a, b in pairs:
        ties[a, a] += 1
        ties[b, b] += 1
        ties[a, b] -= 1
        ties[b, a] -= 1
    return ties
