"""What is seen of the page that lies open: its picture in dots, and where the outlines lie on it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scan_ingest.align.corners import to_view
from scan_ingest.align.session import OpenPage
from scan_ingest.domain.geometry import GreyImage, Mask, Points
from scan_ingest.terminal.picture import Cell

CLOSE = 0.22  # of the page's longer edge is to be seen around a corner that is looked at closely
PAPER_PERCENTILE = 60
AROUND = 0.03  # of the picture: wider than a stroke, narrower than a shadow


@dataclass(frozen=True, eq=False)
class View:
    """`dots` is the picture, whole characters of the terminal; `outline` and `others` are where the outline of this
    card and of those already placed run; `corners` are the outline's corners in dots (4 × 2), some may lie outside."""

    dots: GreyImage
    outline: Mask
    others: Mask
    corners: Points


def view_of(page: OpenPage, columns: int, lines: int, cell: Cell, *, close: bool) -> View:
    """The page turned as it is seen, fitted into that many characters: all of it, or `close` around the corner."""
    turned = np.rot90(page.loaded.grey, -page.turn % 4)
    corners = to_view(page.corners, page.shape, page.turn)
    height, width = turned.shape
    room = np.array([columns * cell.across, lines * cell.down], dtype=np.float64)
    if close:
        middle = corners.mean(axis=0) if page.which is None else corners[page.which]
        reach = CLOSE * max(width, height)
        scale = float(room.max() / reach)
        size = room / scale
        origin = middle - size / 2
    else:
        # The outline is to be seen even where a corner lies off the page.
        low = np.minimum(corners.min(axis=0), 0.0)
        high = np.maximum(corners.max(axis=0), (width, height))
        scale = float((room / (high - low)).min())
        size, origin = high - low, low
    dots_size = np.minimum(np.ceil(size * scale), room).astype(int)
    dots_size = np.maximum(dots_size + (-dots_size) % (cell.across, cell.down), (cell.across, cell.down))
    dots = _cut_and_scaled(np.asarray(turned, dtype=np.uint8), origin, scale, dots_size)
    outlines = [side.placement.corners_px for side in page.loaded.at_hand.sides if side.card_id]
    outlines += [other.corners_px for other in page.others]
    seen = [(to_view(one, page.shape, page.turn) - origin) * scale for one in outlines]
    own = (corners - origin) * scale
    return View(dots, _drawn([own], dots.shape), _drawn(seen, dots.shape), own)


def _cut_and_scaled(page: GreyImage, origin: Points, scale: float, size: Points) -> GreyImage:
    """The part of the page from `origin` on, `size` dots large; what lies off the page is grey, like a desk."""
    reduced, factor = page, 1.0
    if scale < 1:
        factor = scale
        small = (max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale)))
        reduced = np.asarray(cv2.resize(page, small, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    reduced = _paper_white(reduced)
    left = scale / factor
    matrix = np.array([[left, 0, -origin[0] * scale], [0, left, -origin[1] * scale]], dtype=np.float64)
    warped = cv2.warpAffine(
        reduced,
        matrix,
        (int(size[0]), int(size[1])),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(150,),
    )
    return np.asarray(warped, dtype=np.uint8)


def _paper_white(picture: GreyImage) -> GreyImage:
    """Stretched so that paper is white and thin print shows though few dots are left of it."""
    reach = round(AROUND * max(picture.shape)) | 1
    paper = cv2.blur(cv2.dilate(picture, np.ones((reach, reach), np.uint8)), (reach, reach)).astype(np.float32)
    # Half way between even paper and paper as it is: shadows and sheets lying over it stay visible, as greys.
    light = np.clip(picture / np.maximum((paper + max(float(paper.max()), 1.0)) / 2, 1.0), 0, 1)
    light = np.clip(light / max(float(np.percentile(light, PAPER_PERCENTILE)), 0.01), 0, 1)
    return np.asarray(255 * light**1.6, dtype=np.uint8)


def _drawn(outlines: Sequence[Points], shape: tuple[int, ...]) -> Mask:
    canvas = np.zeros(shape, dtype=np.uint8)
    for outline in outlines:
        bounded = np.clip(outline, -8 * max(shape), 8 * max(shape)).round().astype(np.int32)
        cv2.polylines(canvas, [bounded.reshape(-1, 1, 2)], isClosed=True, color=(255,))
    return np.asarray(canvas > 0, dtype=np.bool_)
