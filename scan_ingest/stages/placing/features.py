"""What a picture can be recognised by: SIFT features of pages and of template sides.

SIFT (Lowe 2004) with root-normalised descriptors (Arandjelović and Zisserman 2012): compared by their dot product,
1 for the same patch. Pages are looked at with about `LOOKS_PX_PER_MM`; the scale stays free, so a page that says a
wrong resolution is found all the same.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import MM_PER_INCH, GreyImage, Image, Points
from scan_ingest.stages.placing.sheet import Sheet

REFERENCE_PX_PER_MM = 4.0
"""Blank sides are looked at with about 100 dpi: printed words of 2 mm are 8 pixels high."""

LOOKS_PX_PER_MM = (1.75, 3.0, 5.0)
"""Pages are glanced at with 44 dpi, which finds most cards in half the time of 76 dpi, and looked at closer where that
shows no card or leaves room for another."""

# The longer side of the looked-at picture at 44 dpi. Less loses small cards where the page's resolution is wrongly
# stated as too high; more only costs time (A3 is 735).
LOOK_LONG_PX = (350, 761)
LOOK_LONG_UNKNOWN_PX = 525  # nothing is said about resolution: as if it were A4

MOST_PAGE_FEATURES = (1500, 2500, 4000)  # of each look; a page full of handwriting has about 2,000 at 76 dpi
MOST_SIDE_FEATURES = 1500
LEAST_CONTRAST = 0.03  # a little below SIFT's usual 0.04: print is often grey, and toner faint


@dataclass(frozen=True, eq=False)
class Features:
    """N features: `points` N × 2 in the picture's unit, `angles` in radians, `sizes` in that unit, `descriptors`
    N × 128 with length 1."""

    points: Points
    angles: NDArray[np.float64]
    sizes: NDArray[np.float64]
    descriptors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.points)

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Features":
        return Features(self.points[which], self.angles[which], self.sizes[which], self.descriptors[which])

    def thinned(self, most: int) -> "Features":
        """At most so many, evenly from all sizes and places."""
        count = len(self)
        return self if count <= most else self.chosen(np.linspace(0, count - 1, most).round().astype(np.intp))


def grey(image: Image) -> GreyImage:
    """Colour → grey; grey stays."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def look_factor(shape: tuple[int, ...], dpi: float | None, look: int) -> float:
    """By how much a page of that shape is resized for a look, numbered from 0."""
    longer = max(shape[:2])
    known = dpi is not None and dpi > 0
    wanted = longer * LOOKS_PX_PER_MM[0] * MM_PER_INCH / dpi if known and dpi else LOOK_LONG_UNKNOWN_PX
    first = min(max(wanted, LOOK_LONG_PX[0]), LOOK_LONG_PX[1])
    return first / longer * LOOKS_PX_PER_MM[look] / LOOKS_PX_PER_MM[0]


def resized(image: GreyImage, factor: float) -> GreyImage:
    """Smaller by averaging (no moiré from 1-bit scans), larger by interpolation; an exact multiple is not promised."""
    height, width = image.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    if size == (width, height):
        return image
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=how), dtype=np.uint8)


def evened(image: GreyImage) -> GreyImage:
    """Paper near white and print near black, so that faint toner is found like any other."""
    paper = float(np.percentile(image[::4, ::4], 90))
    thin = cv2.morphologyEx(image, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    ink = float(np.percentile(thin[::2, ::2], 99))
    gain = min(max(160.0 / max(ink, 1.0), 1.0), 6.0)  # more than 6 shows only the scanner's noise
    table = np.clip(240.0 - (paper - np.arange(256)) * gain, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table), dtype=np.uint8)


def find_features(image: GreyImage, unit_per_px: tuple[float, float], most: int) -> Features:
    """The strongest features of a picture, at most `most`; points are in units of which a pixel has `unit_per_px`
    (x and y), measured from the picture's outer top left corner."""
    sift = cv2.SIFT.create(nfeatures=most, contrastThreshold=LEAST_CONTRAST)
    keypoints, descriptors = sift.detectAndCompute(cv2.GaussianBlur(evened(image), (0, 0), 0.6), None)
    if descriptors is None or not len(keypoints):
        nothing = np.zeros(0)
        return Features(np.zeros((0, 2)), nothing, nothing, np.zeros((0, 128), np.float32))
    points = (np.array([point.pt for point in keypoints], dtype=np.float64) + 0.5) * unit_per_px
    angles = np.deg2rad(np.array([point.angle for point in keypoints], dtype=np.float64))
    sizes = np.array([point.size for point in keypoints], dtype=np.float64) * unit_per_px[0]
    rooted = np.sqrt(descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return Features(points, angles, sizes, rooted)


def page_features(sheet: Sheet, dpi: float | None, look: int = 0) -> Features:
    """Features of a page, in its own pixels (integers at pixel centres, as OpenCV counts); a later `look` is closer."""
    factor = look_factor(sheet.size, dpi, look)
    times = max(1, round(0.5 / factor))  # about twice as large as it is looked at: whole reductions are cheap
    halfway = sheet.reduced(times)
    small = resized(halfway, factor * times)
    per_px = (halfway.shape[1] * times / small.shape[1], halfway.shape[0] * times / small.shape[0])
    found = find_features(small, per_px, MOST_PAGE_FEATURES[look])
    return Features(found.points - 0.5, found.angles, found.sizes, found.descriptors)


def side_features(reference: GreyImage, width_mm: float, height_mm: float) -> Features:
    """Features of a blank side, in millimetres from its top left corner."""
    small = resized(reference, REFERENCE_PX_PER_MM * width_mm / reference.shape[1])
    return find_features(small, (width_mm / small.shape[1], height_mm / small.shape[0]), MOST_SIDE_FEATURES)
