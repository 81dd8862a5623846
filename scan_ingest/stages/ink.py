"""Taking the print away from the ink: the blank side says where box, rules, dots and prompts lie."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.strokes import Strokes, grown

PRINTED_ABOVE = 24.0  # darkness of the blank side, of 255; below lie only its own noise and light tints
SURE_INK_MARGIN = 40.0  # darker than the print could be by this much is ink over it; scan noise reaches 25
INK_ABOVE = 0.35  # of the side's ink darkness; bleed-through and coffee stay under 0.25
FAINTEST_INK = 30.0  # darkness; hard pencil at 200 dpi, twice the noise of a poor JPEG
TYPICAL_INK = 120.0  # darkness taken for the ink of a side on which next to nothing is written
SPECK_MM2 = 0.06  # a full stop is 0.1 mm² and more, dust and JPEG noise less
HALO_PX = 3  # the blur of a stroke, kept grey around it
SHARPNESS_STEPS = (0.0, 0.6, 0.9, 1.2, 1.6, 2.0)  # pixels of Gaussian blur; a fax-like scan reaches 2


@dataclass(frozen=True, eq=False)
class CleanSide:
    """A registered side taken apart; all four have one shape, `SIDE_PX_PER_MM` pixels a millimetre.

    `picture` is as scanned, `clean` the ink alone in grey on white, `ink` where somebody wrote, `printed` where the
    blank side has print.
    """

    picture: GreyImage
    clean: GreyImage
    ink: Mask
    printed: Mask


def clean(picture: GreyImage, reference: GreyImage) -> CleanSide:
    """The registered side `picture` without the print of its blank side (`reference`, at any resolution).

    Strokes that cross a rule stay whole: over grey print ink shows by its darkness, over black print the stroke is
    bridged from both sides.
    """
    printing = 255.0 - as_printed(reference, picture)
    darkness = 255.0 - picture.astype(np.float32)
    printed = printing > PRINTED_ABOVE
    expected = _darkest_print(printing, darkness, printed)
    halo = grown(printed, 1)
    sure_ink = halo & (darkness > expected + SURE_INK_MARGIN)
    taken_out = halo & ~sure_ink
    bridged = _bridge(picture, taken_out)
    level = _ink_level(255.0 - bridged.astype(np.float32), printed)
    threshold = max(FAINTEST_INK, INK_ABOVE * level)
    ink = _without_specks((255.0 - bridged) > threshold)
    near = grown(ink, HALO_PX)
    return CleanSide(picture, np.where(near, bridged, 255).astype(np.uint8), ink, printed)


def as_printed(reference: GreyImage, picture: GreyImage) -> NDArray[np.float32]:
    """The blank side at the size and sharpness of `picture`, 0 to 255."""
    height, width = picture.shape
    shrinking = reference.shape[1] > width
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    sized = cv2.resize(reference, (width, height), interpolation=method).astype(np.float32)
    print_nearby = grown(sized < 255 - PRINTED_ABOVE, 2)
    if not print_nearby.any():
        return sized
    scanned = picture[print_nearby].astype(np.float32)
    blurred = [sized if not sigma else cv2.GaussianBlur(sized, (0, 0), sigma) for sigma in SHARPNESS_STEPS]
    # The median, so that ink over the print does not speak.
    misfits = [float(np.median(np.abs(candidate[print_nearby] - scanned))) for candidate in blurred]
    return np.asarray(blurred[int(np.argmin(misfits))], dtype=np.float32)


def _darkest_print(printing: NDArray[np.float32], darkness: NDArray[np.float32], printed: Mask) -> NDArray[np.float32]:
    """How dark the print alone may be at each pixel, the scanner's tone and a pixel's misplacement allowed for."""
    nearby = cv2.dilate(printing, np.ones((3, 3), np.uint8))
    if not printed.any():
        return np.asarray(nearby, dtype=np.float32)
    edges = np.linspace(PRINTED_ABOVE, 255.0, 9)
    middles, levels = [0.0], [0.0]
    for low, high in pairwise(edges):
        there = darkness[(printing >= low) & (printing < high) & printed]
        if len(there) >= 50:  # fewer tell nothing about the scanner's tone
            middles.append(float(low + high) / 2)
            # Above the middle, for print's own unevenness; ink covers less than a fifth of the print.
            levels.append(max(float(np.percentile(there, 70)), levels[-1]))
    return np.interp(nearby, middles, levels).astype(np.float32)


def _bridge(picture: GreyImage, taken_out: Mask) -> GreyImage:
    """The picture with `taken_out` filled from around it: white among white, ink between ink."""
    dark_nearby = grown((picture < 170) & ~taken_out, 3)
    filled = picture.copy()
    filled[taken_out] = 255
    to_fill = (taken_out & dark_nearby).astype(np.uint8)
    return np.asarray(cv2.inpaint(filled, to_fill, 3, cv2.INPAINT_TELEA), dtype=np.uint8)


def _ink_level(darkness: NDArray[np.float32], printed: Mask) -> float:
    """How dark the ink of this side is: the 80th percentile of what is dark and not print."""
    written = darkness[(darkness > FAINTEST_INK) & ~printed]
    if len(written) < 2 * SIDE_PX_PER_MM**2:  # two square millimetres of ink
        return TYPICAL_INK
    return float(np.percentile(written, 80))


def _without_specks(mask: Mask) -> Mask:
    strokes = Strokes.of(mask)
    keep = strokes.areas >= SPECK_MM2 * SIDE_PX_PER_MM**2
    keep[0] = False
    return np.asarray(keep[strokes.labels], dtype=bool)
