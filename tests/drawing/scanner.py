"""A scanner that scans badly on purpose, and knows where everything truly lies.

Pixel coordinates are OpenCV's: a whole number is the middle of a pixel, so the top left corner of a picture is
(-0.5, -0.5). Millimetres count from the corner of the paper; at s pixels a millimetre, x mm is pixel x · s - 0.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import MM_PER_INCH, GreyImage, Homography, Image, Points

cv2.setNumThreads(1)

WOBBLE_MM = (60.0, 160.0)  # a roller of 2 to 5 cm goes round once in so much paper

Floats = NDArray[np.float32]
Colour = tuple[int, int, int]
"""Blue, green, red."""

WHITE: Colour = (255, 255, 255)
CREAM: Colour = (226, 243, 250)
YELLOW: Colour = (176, 236, 250)
PALE_BLUE: Colour = (250, 240, 225)


@dataclass(frozen=True, eq=False)
class Laid:
    """A side, its size, and how it lies: its middle on the bed (None: the middle of the bed), turned clockwise.

    `turn` is the big mistake (0, 90, 180, 270), `skew_deg` the small one; both are clockwise and add up. `stretch` is
    what a worn feeder does along and across. `whole` is where the picture still has paper (its shape, 255 or 0).
    """

    picture: Image
    width_mm: float
    height_mm: float
    skew_deg: float = 0.0
    turn: int = 0
    centre_mm: tuple[float, float] | None = None
    stretch: tuple[float, float] = (1.0, 1.0)
    whole: GreyImage | None = None


@dataclass(frozen=True)
class Scan:
    """How the scanner is set and what is wrong with it. The defaults are a decent office scanner."""

    dpi: float = 200
    bed_mm: tuple[float, float] | None = None  # None: cropped to the paper, `margin_mm` around it
    margin_mm: float = 1.5
    lid: int = 246  # grey behind the paper: about 30 is a dark lid
    paper: Colour = WHITE
    colour: bool = False
    gain: float = 1.0  # contrast about white: 0.5 is faint
    blur_px: float = 0.5  # standard deviation, in pixels of the page
    noise: float = 3.0  # standard deviation, in greys
    gradient: float = 0.0  # share of brightness lost across the page
    coffee: int = 0  # rings
    streaks: int = 0  # dust on the glass of a feeder
    feed_stretch: float = 0.0  # share by which the page comes out longer along the feed, down the page
    feed_wobble: float = 0.0  # by so much more and less, in turns, as the rollers slip
    tilt: tuple[float, float] = (0.0, 0.0)  # of a camera: how much smaller the right and the lower edge come out
    jpeg: int | None = 75  # None: not compressed
    one_bit: bool = False


@dataclass(frozen=True, eq=False)
class Scanned:
    """The page, and for each side laid on it its four corners in page pixels: the card's own top left first, then
    clockwise as printed (a mirrored order never happens: paper is not scanned through its back). The maps know nothing
    of a feed that stretches, the corners do."""

    page: Image
    corners_px: tuple[Points, ...]
    side_mm_to_page: tuple[Homography, ...]


def scan(laid: Laid | Sequence[Laid], how: Scan, seed: int) -> Scanned:
    """One page with these sides on it, later ones on top. The same arguments give the same page.

    Without a bed there is one side, and the page is cut to it.
    """
    sheets = [laid] if isinstance(laid, Laid) else list(laid)
    if how.bed_mm is None and len(sheets) != 1:
        raise ValueError("several cards need a bed to lie on")
    rng = np.random.default_rng(seed)
    bed = how.bed_mm or _cropped(sheets[0], how.margin_mm)
    scale = how.dpi / MM_PER_INCH
    size = round(bed[0] * scale), round(bed[1] * scale)
    page: Floats = np.full((size[1], size[0], 3), how.lid, dtype=np.float32)
    maps = [_side_mm_to_page(sheet, bed, scale) for sheet in sheets]
    for sheet, way in zip(sheets, maps, strict=True):
        page = _lay(page, sheet, way, how, scale)
    if how.tilt != (0.0, 0.0):
        tilted = _tilted(size, how.tilt)
        page = np.asarray(cv2.warpPerspective(page, tilted.matrix, size, borderValue=(how.lid,) * 3), dtype=np.float32)
        maps = [way.then(tilted) for way in maps]
    corners = [
        way.map([(0, 0), (sheet.width_mm, 0), (sheet.width_mm, sheet.height_mm), (0, sheet.height_mm)])
        for sheet, way in zip(sheets, maps, strict=True)
    ]
    if how.feed_stretch or how.feed_wobble:
        page, corners = _fed(page, corners, how, scale, rng)
    page = _soil(page, how, scale, rng)
    page = _expose(page, how, rng)
    return Scanned(_develop(page, how), tuple(corners), tuple(maps))


def empty_bed(how: Scan, seed: int, paper_mm: tuple[float, float] = (210.0, 148.0)) -> Image:
    """A scan of paper that nobody printed or wrote on."""
    white = np.full((round(paper_mm[1] * 4), round(paper_mm[0] * 4)), 255, dtype=np.uint8)
    return scan(Laid(white, *paper_mm), how, seed).page


def _angle(sheet: Laid) -> float:
    return float(np.deg2rad(sheet.turn + sheet.skew_deg))


def _cropped(sheet: Laid, margin_mm: float) -> tuple[float, float]:
    """The upright rectangle around the turned sheet."""
    cos, sin = abs(np.cos(_angle(sheet))), abs(np.sin(_angle(sheet)))
    width, height = sheet.width_mm * sheet.stretch[0], sheet.height_mm * sheet.stretch[1]
    return float(width * cos + height * sin) + 2 * margin_mm, float(width * sin + height * cos) + 2 * margin_mm


def _side_mm_to_page(sheet: Laid, bed: tuple[float, float], scale: float) -> Homography:
    """Millimetres on the side → pixels of the page."""
    cos, sin = np.cos(_angle(sheet)), np.sin(_angle(sheet))
    centre = sheet.centre_mm or (bed[0] / 2, bed[1] / 2)
    to_middle = np.array([[1, 0, -sheet.width_mm / 2], [0, 1, -sheet.height_mm / 2], [0, 0, 1]], dtype=np.float64)
    stretched = np.diag([*sheet.stretch, 1.0])
    turned = np.array([[cos, -sin, centre[0]], [sin, cos, centre[1]], [0, 0, 1]], dtype=np.float64)
    to_px = np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1]], dtype=np.float64)
    return Homography(to_px @ turned @ stretched @ to_middle)


def _lay(page: Floats, sheet: Laid, way: Homography, how: Scan, scale: float) -> Floats:
    """The page with the sheet on it: its picture on tinted paper, a thin shadow around it."""
    side = sheet.picture if sheet.picture.ndim == 3 else cv2.cvtColor(sheet.picture, cv2.COLOR_GRAY2BGR)
    height, width = side.shape[:2]
    fineness = width / sheet.width_mm / scale
    if fineness > 1:  # average what falls into one pixel of the page, as the scanner's eye does
        side = cv2.GaussianBlur(side, (0, 0), 0.5 * float(np.sqrt(fineness**2 - 1)) + 1e-3)
    px_to_mm = np.array(
        [
            [sheet.width_mm / width, 0, sheet.width_mm / width / 2],
            [0, sheet.height_mm / height, sheet.height_mm / height / 2],
            [0, 0, 1],
        ]
    )
    matrix = (way.matrix @ px_to_mm)[:2]
    size = page.shape[1], page.shape[0]
    drawn = cv2.warpAffine(side, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    whole = np.full((height, width), 255, np.uint8) if sheet.whole is None else sheet.whole
    covered = cv2.warpAffine(whole, matrix, size, flags=cv2.INTER_LINEAR)
    inside = np.asarray(covered, dtype=np.float32)[:, :, None] / 255
    shadow = cv2.GaussianBlur(np.asarray(covered, dtype=np.float32), (0, 0), 0.5 * scale)[:, :, None] / 255
    under = page * (1 - 0.22 * shadow)
    paper = np.asarray(how.paper, dtype=np.float32) / 255
    return np.asarray(under * (1 - inside) + np.asarray(drawn, dtype=np.float32) * paper * inside, dtype=np.float32)


def _tilted(size: tuple[int, int], tilt: tuple[float, float]) -> Homography:
    """Pixels of a page seen from straight above → seen from where a hand holds a telephone."""
    width, height = size
    right, lower = tilt[0] / 2 * height, tilt[1] / 2 * width
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    seen = flat + np.array([(0, 0), (0, right), (-lower, -right), (lower, 0)], dtype=np.float32)
    return Homography(np.asarray(cv2.getPerspectiveTransform(flat, seen), dtype=np.float64))


def _fed(
    page: Floats, corners: Sequence[Points], how: Scan, scale: float, rng: np.random.Generator
) -> tuple[Floats, list[Points]]:
    """The page as a feeder draws it in that does not keep its pace, and where the corners come to lie."""
    height, width = page.shape[:2]
    wave, phase = rng.uniform(*WOBBLE_MM) * scale, rng.uniform(0, 2 * np.pi)

    def fed(y: NDArray[np.float64]) -> NDArray[np.float64]:
        turned = 2 * np.pi * y / wave + phase
        slip = how.feed_wobble * wave / (2 * np.pi) * (np.cos(phase) - np.cos(turned))
        return np.asarray(y * (1 + how.feed_stretch) + slip, dtype=np.float64)

    before = np.arange(-50, height + 50, dtype=np.float64)
    longer = round(float(fed(np.array([height - 1.0]))[0])) + 1
    rows = np.interp(np.arange(longer), fed(before), before).astype(np.float32)
    columns = np.arange(width, dtype=np.float32)
    at_x, at_y = np.meshgrid(columns, rows)
    drawn = cv2.remap(page, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    moved = [np.stack([four[:, 0], fed(four[:, 1])], axis=1) for four in corners]
    return np.asarray(drawn, dtype=np.float32), moved


def _soil(page: Floats, how: Scan, scale: float, rng: np.random.Generator) -> Floats:
    for _ in range(how.coffee):
        page = page * _coffee_ring(page.shape[1], page.shape[0], scale, rng)
    for _ in range(how.streaks):
        column = int(rng.uniform(0.05, 0.95) * page.shape[1])
        grey = rng.choice([120.0, 245.0])
        strength = rng.uniform(0.35, 0.8)
        wide = slice(column, column + int(rng.integers(1, 3)))
        page[:, wide] = page[:, wide] * (1 - strength) + grey * strength
    return page


def _coffee_ring(width: int, height: int, scale: float, rng: np.random.Generator) -> Floats:
    """What a wet cup does to blue, green and red: a ring, darker on one side, and a faint stain inside."""
    centre = rng.uniform(0.15, 0.85) * width, rng.uniform(0.2, 0.8) * height
    radius = rng.uniform(24, 31) * scale  # a mug's foot is 5 to 6 cm wide
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot(x - centre[0], y - centre[1])
    turn = np.arctan2(y - centre[1], x - centre[0])
    around = 0.55 + 0.3 * np.cos(turn - rng.uniform(0, 6.3)) + 0.15 * np.cos(3 * turn + rng.uniform(0, 6.3))
    away = away / radius
    stain = 0.55 * around * np.exp(-(((away - 1) * radius / (0.8 * scale)) ** 2)) + 0.05 * (away < 1)
    return np.asarray(1 - stain[:, :, None] * np.array([0.75, 0.5, 0.3]), dtype=np.float32)


def _expose(page: Floats, how: Scan, rng: np.random.Generator) -> Floats:
    height, width = page.shape[:2]
    if how.gradient:
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
        page = (
            page * np.asarray(1 - how.gradient * (0.5 + x * np.cos(angle) + y * np.sin(angle)), np.float32)[:, :, None]
        )
    page = 255 - (255 - page) * np.float32(how.gain)
    if how.blur_px:
        page = np.asarray(cv2.GaussianBlur(page, (0, 0), how.blur_px), dtype=np.float32)
    if how.noise:
        channels = 3 if how.colour else 1
        grain = rng.standard_normal((height, width, channels), dtype=np.float32)
        page = page + grain * np.float32(how.noise)
    return page


def _develop(page: Floats, how: Scan) -> Image:
    picture = np.asarray(np.clip(np.rint(page), 0, 255), dtype=np.uint8)
    if not how.colour or how.one_bit:
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    if how.one_bit:
        return np.asarray(np.where(picture < 160, 0, 255), dtype=np.uint8)
    return picture if how.jpeg is None else decode(as_jpeg(picture, how.jpeg))


def as_jpeg(picture: Image, quality: int) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def decode(data: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_UNCHANGED), dtype=np.uint8)
