"""Where small pieces of one picture lie in another, to a fraction of a pixel, by normalised correlation."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage


def found_at(
    laid: GreyImage, picture: GreyImage, cells: NDArray[np.intp], cell_px: int, reach: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How like itself each cell of `picture` (N × 2: its top left; `cell_px` wide and high) is within `reach` of its
    place in `laid`, a picture of the same shape, from -1 to 1, and how far from there it was found (N × 2 pixels)."""
    count = len(cells)
    alike, found, around = np.zeros(count), np.zeros((count, 2), dtype=np.intp), np.zeros((count, 2, 3))
    picture, laid = picture.astype(np.float32), laid.astype(np.float32)  # what is compared, once for all cells
    for index, (x, y) in enumerate(cells.tolist()):
        cell = picture[y : y + cell_px, x : x + cell_px]
        place = laid[y - reach : y + cell_px + reach, x - reach : x + cell_px + reach]
        scores = cv2.matchTemplate(place, cell, cv2.TM_CCOEFF_NORMED)
        _, alike[index], _, (px, py) = cv2.minMaxLoc(scores)
        found[index] = px, py
        if 0 < px < 2 * reach:
            around[index, 0] = scores[py, px - 1 : px + 2]
        if 0 < py < 2 * reach:
            around[index, 1] = scores[py - 1 : py + 2, px]
    return alike, found - reach + _peaks(around)


def _peaks(around: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where between the pixels parabolas through peaks and their neighbours (… × 3; all 0 at an edge) are highest, −0.5
    to 0.5."""
    before, here, after = np.moveaxis(around, -1, 0)
    bend = before - 2 * here + after
    rounded = bend < -1e-9
    return np.where(rounded, np.clip(0.5 * (before - after) / np.where(rounded, bend, 1.0), -0.5, 0.5), 0.0)
