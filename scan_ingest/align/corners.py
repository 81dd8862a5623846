"""Four corners and the page they lie on, turned as a person sees it. Pure.

Corners are 4 × 2 pixels of the page as scanned: the card's own top left first, then clockwise as printed. A page is
*turned* so many quarters of a circle clockwise before it is shown.
"""

import re

import cv2
import numpy as np

from scan_ingest.domain.geometry import MM_PER_INCH, GreyImage, Points
from scan_ingest.errors import SkipError

NAMES = ("top left", "top right", "bottom right", "bottom left")
STEPS_PX = (1, 4, 16, 64)
MARGIN = 0.04  # of the page, kept free around a card whose size in pixels nobody knows
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
LEAST_COLOUR = 60  # of 255, between a mark's strongest and weakest channel; the picture itself is grey
SPECK = 0.15  # of the largest mark's area: what is smaller is the edge of a brush


def quarter_turns(corners: Points) -> int:
    """How many quarters the page must be turned for the card on it to stand upright, 0 to 3."""
    right = corners[1] - corners[0] + corners[2] - corners[3]
    angle = float(np.degrees(np.arctan2(right[1], right[0])))
    return -round(angle / 90) % 4


def start(page_shape: tuple[int, ...], size_mm: tuple[float, float], dpi: float | None, turn: int) -> Points:
    """A card in the middle of the page, upright as the page is turned, as large as the resolution says it is."""
    shape = np.array(page_shape[1::-1] if turn % 2 == 0 else page_shape[:2], dtype=np.float64)  # width, height as seen
    room = shape * (1 - 2 * MARGIN)
    size = np.array(size_mm) * (dpi / MM_PER_INCH if dpi else np.inf)
    scale = float(np.min(room / np.array(size_mm)))
    if not np.isfinite(size).all() or (size > shape).any():
        size = np.array(size_mm) * scale
    left, top = (shape - size) / 2
    right, bottom = left + size[0], top + size[1]
    seen = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return to_page(seen, page_shape, turn)


def turned(corners: Points) -> Points:
    """The same outline once the page is turned a quarter further clockwise: another of its corners is top left then."""
    return np.roll(corners, 1, axis=0)


def moved(corners: Points, which: int | None, across: float, down: float, turn: int) -> Points:
    """One corner (or all, where `which` is None) moved by pixels to the right and down, as the page is seen turned."""
    for _ in range(turn % 4):
        across, down = down, -across
    by = np.zeros((4, 2))
    by[slice(None) if which is None else which] = (across, down)
    return corners + by


def to_view(points: Points, page_shape: tuple[int, ...], turn: int) -> Points:
    """Points of the page as scanned → points of the page as it is seen turned."""
    height, width = page_shape[:2]
    for _ in range(turn % 4):
        points = np.stack([height - 1 - points[:, 1], points[:, 0]], axis=1)
        height, width = width, height
    return points


def to_page(points: Points, page_shape: tuple[int, ...], turn: int) -> Points:
    """The way back from `to_view`."""
    height, width = page_shape[:2]
    if turn % 2:
        height, width = width, height
    for _ in range(turn % 4):
        points = np.stack([points[:, 1], width - 1 - points[:, 0]], axis=1)
        height, width = width, height
    return points


def typed(text: str) -> Points:
    """Four corners from eight typed numbers, x before y, whatever stands between them. Raises `SkipError`."""
    numbers = [float(number) for number in NUMBER.findall(text)]
    if len(numbers) != 8:
        raise SkipError(f"four corners are eight numbers (x,y four times), these are {len(numbers)}")
    return np.array(numbers).reshape(4, 2)


def spelled(corners: Points) -> str:
    """The corners as `typed` reads them."""
    return "  ".join(f"{x:.0f},{y:.0f}" for x, y in corners)


def to_be_marked(page: GreyImage, turn: int) -> bytes:
    """The page as it is seen turned, as a grey PNG that an image editor takes for a coloured one."""
    return cv2.imencode(".png", cv2.cvtColor(np.rot90(page, -turn % 4).copy(), cv2.COLOR_GRAY2BGR))[1].tobytes()


def marked(picture: bytes, page_shape: tuple[int, ...], turn: int) -> Points:
    """The corners from that picture with four coloured dots on it: their middles, in pixels of the page as scanned.

    The picture was grey, so whatever has a colour is a mark; edges of a soft brush count with their dot. Raises
    `SkipError` where it is no picture, has another size, or not four dots.
    """
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR) if picture else None
    if image is None:
        raise SkipError("the marked picture cannot be read; save it as PNG, under the same name")
    expected = (page_shape[0], page_shape[1]) if turn % 2 == 0 else (page_shape[1], page_shape[0])
    if image.shape[:2] != expected:
        raise SkipError(
            f"the marked picture has {image.shape[1]} × {image.shape[0]} pixels, the page has {expected[1]} × "
            f"{expected[0]}: mark it without cropping or resizing"
        )
    coloured = (image.max(axis=2).astype(np.int16) - image.min(axis=2) > LEAST_COLOUR).astype(np.uint8)
    _, _, stats, middles = cv2.connectedComponentsWithStats(coloured, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    dots = middles[1:][areas > SPECK * areas.max()] if len(areas) else middles[1:]
    if len(dots) != 4:
        raise SkipError(
            f"there are {len(dots)} coloured dots on the picture; put one on each corner of the card, four in all"
        )
    return to_page(in_order(np.asarray(dots, dtype=np.float64)), page_shape, turn)


def in_order(dots: Points) -> Points:
    """Four points as they are seen: clockwise, the one nearest the top left first."""
    away = dots - dots.mean(axis=0)
    around = dots[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]
    return np.roll(around, -int(np.argmin(around.sum(axis=1))), axis=0)
