"""What a homography leaves over: paper that lay bent, a scanner whose feed slipped.

The registered side is shifted, block by block and smoothly, onto the print of its blank side (Lucas and Kanade 1981,
the blocks held together by their neighbours). Ink that the blank side knows nothing of is left out of account.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage

SHRINK = 2  # 100 dpi is enough to see a shift of a tenth of a pixel over a block
BLOCK_MM = 20.0  # paper does not bend within less
SOFTENING_PX = (2.0, 1.0, 1.0)  # of shrunk pixels, one for each round: from a reach of half a millimetre to a fine fit
EDGE_ABOVE = 4.0  # grey levels a pixel; weaker slopes of the print are noise
OUTLIER = 30.0  # grey levels; a pixel further off than this is ink, not shifted print
STIFFNESS = 0.3  # of a usual block's own say, how much its neighbours have
MOST_MM = 1.0  # a larger shift is a wrong fit

Shifts = NDArray[np.float32]


def drift(picture: GreyImage, reference: GreyImage, px_per_mm: float) -> Shifts:
    """H × W × 2: for each pixel of the registered side how many pixels right and down the print really lies.

    `picture` is the registered side, `reference` its blank side at any resolution. All 0 where nothing is printed.
    """
    height, width = picture.shape
    size = (max(width // SHRINK, 8), max(height // SHRINK, 8))
    seen = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    print_ = cv2.resize(reference, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    scale = px_per_mm * size[0] / width
    grid = (max(round(size[1] / scale / BLOCK_MM), 1), max(round(size[0] / scale / BLOCK_MM), 1))
    blocks = np.zeros((*grid, 2), dtype=np.float64)
    columns, rows = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    for softening in SOFTENING_PX:
        field = _spread(blocks, size)
        moved = cv2.remap(
            seen, columns + field[..., 0], rows + field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        soft_seen = cv2.GaussianBlur(moved, (0, 0), softening).astype(np.float32)
        soft_print = cv2.GaussianBlur(print_, (0, 0), softening).astype(np.float32)
        blocks = np.clip(_step(soft_seen, soft_print, blocks, softening), -MOST_MM * scale, MOST_MM * scale)
    return np.asarray(_spread(blocks, (width, height)) * (width / size[0]), dtype=np.float32)


def _spread(blocks: NDArray[np.float64], size: tuple[int, int]) -> Shifts:
    """The blocks' shifts for every pixel of a picture of that (width, height)."""
    full = cv2.resize(blocks.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32).reshape(size[1], size[0], 2)


def _step(
    moved: NDArray[np.float32], print_: NDArray[np.float32], blocks: NDArray[np.float64], softening: float
) -> NDArray[np.float64]:
    """The blocks' shifts, one step nearer to where the print lies."""
    slope_x = cv2.Sobel(print_, cv2.CV_32F, 1, 0, ksize=3) / 8
    slope_y = cv2.Sobel(print_, cv2.CV_32F, 0, 1, ksize=3) / 8
    at = np.hypot(slope_x, slope_y) > EDGE_ABOVE / softening
    if not at.any():
        return blocks
    rows, columns = np.nonzero(at)
    gx, gy = slope_x[at].astype(np.float64), slope_y[at].astype(np.float64)
    dark_print, dark_seen = 255.0 - print_[at], 255.0 - moved[at]
    contrast = float(np.clip(np.median(dark_seen / (dark_print + 1.0)), 0.2, 2.0))
    off = (dark_seen - contrast * dark_print).astype(np.float64)  # = contrast × slope · shift, where all is print
    weight = 1.0 / (1.0 + (off / OUTLIER) ** 2)
    down, across = blocks.shape[:2]
    block = (rows * down // at.shape[0]) * across + columns * across // at.shape[1]
    count = down * across

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(block, weights=weight * values, minlength=count), dtype=np.float64)

    gx, gy = contrast * gx, contrast * gy
    xx, xy, yy = total(gx * gx), total(gx * gy), total(gy * gy)
    known = blocks.reshape(count, 2)
    # Brightness has the other sign of darkness: seen(p) = print(p − shift), so off = slope · shift.
    bx, by = total(gx * off), total(gy * off)
    matrix = np.zeros((2 * count, 2 * count))
    index = np.arange(count)
    matrix[index, index], matrix[index + count, index + count] = xx, yy
    matrix[index, index + count] = matrix[index + count, index] = xy
    ties = _ties(down, across) * STIFFNESS * float(np.median((xx + yy)[xx + yy > 0])) / 2
    stiff = np.kron(np.eye(2), ties + np.eye(count) * 1e-6 * (ties.max() + 1e-9))
    wanted = np.concatenate([bx, by]) - stiff @ known.T.ravel()
    change = np.linalg.solve(matrix + stiff, wanted)
    return np.asarray((known + change.reshape(2, count).T).reshape(down, across, 2))


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
