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
MISPLACED_PX = 0.6  # how far the print may lie from where the blank side has it, after `segment.register`
RULE_MM = 10.0  # print that runs straight on for so long is a rule: longer than any letter or dash of a prompt
ALONG_RULE_MM = 6.0  # a rule's own darkness is taken from this much of it: two words
RULE_PERCENTILE = 35.0  # below the middle, as writing darkens a rule and nothing lightens it
NOISE_MARGIN = 12.0  # darker than the print by this much begins to be ink; twice the noise of a scan
MARGIN_OF_LEVEL = 0.5  # of what ink could be darker than the print: there it is surely ink
TELLS_BELOW, HIDES_ABOVE = 0.45, 0.8  # of the ink's darkness: paler print shows the ink over it, darker hides it
INK_ABOVE = 0.35  # of the side's ink darkness; bleed-through and coffee stay under 0.25
TAIL_ABOVE = 0.16  # of the same: thin ends of a stroke, if they touch surer ink
FAINTEST_INK = 30.0  # darkness; hard pencil at 200 dpi, twice the noise of a poor JPEG
TYPICAL_INK = 120.0  # darkness taken for the ink of a side on which next to nothing is written
SPECK_MM2 = 0.06  # a full stop is 0.1 mm² and more, dust and JPEG noise less
RESIDUE_SHARE = 0.85  # a stroke that lies on the print's edge by this share is print
HALO_PX = 3  # the blur of a stroke, kept grey around it
SHARPNESS_STEPS = (0.0, 0.6, 0.9, 1.2, 1.6, 2.0)  # pixels of Gaussian blur; a fax-like scan reaches 2

Darkness = NDArray[np.float32]


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

    Strokes that cross a rule stay whole: over pale print ink shows by its darkness, over dark print the stroke is
    bridged from both sides.
    """
    printing = np.asarray(255.0 - as_printed(reference, picture), dtype=np.float32)
    darkness = np.asarray(255.0 - picture.astype(np.float32), dtype=np.float32)
    printed = printing > PRINTED_ABOVE
    around_print = grown(printed, 2)
    level = _ink_level(darkness[~around_print])
    expected = _expected(printing, darkness, printed)
    written = _over_print(picture, darkness, expected, around_print, level)
    ink = _without_residue(_ink(written, level), around_print)
    near = grown(ink, HALO_PX)
    return CleanSide(picture, np.where(near, 255.0 - written, 255.0).astype(np.uint8), ink, printed)


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


def _expected(printing: Darkness, darkness: Darkness, printed: Mask) -> Darkness:
    """How dark the print alone is at each pixel of the scan: 0 on paper."""
    by_tone = _by_tone(printing, darkness, printed)
    expected = by_tone
    length = round(RULE_MM * SIDE_PX_PER_MM)
    for across in (False, True):
        shape = (1, length) if across else (length, 1)
        rules = cv2.morphologyEx(printed.astype(np.uint8), cv2.MORPH_OPEN, np.ones(shape, np.uint8)).astype(bool)
        if not rules.any():
            continue
        along = _along(darkness, rules, by_tone) if across else _along(darkness.T, rules.T, by_tone.T).T
        expected = np.where(along > 0, along, expected).astype(np.float32)
    return expected


def _by_tone(printing: Darkness, darkness: Darkness, printed: Mask) -> Darkness:
    """The print's darkness by the scanner's tone, with room for its misplacement."""
    if not printed.any():
        return np.zeros_like(printing)
    edges = np.linspace(PRINTED_ABOVE, 255.0, 9)
    middles, levels = [0.0, PRINTED_ABOVE / 2], [0.0, PRINTED_ABOVE / 2]
    for low, high in pairwise(edges):
        there = darkness[(printing >= low) & (printing < high)]
        if len(there) >= 50:  # fewer tell nothing about the scanner's tone
            middles.append(float(low + high) / 2)
            # Above the middle, for print's own unevenness; ink covers less than a fifth of the print.
            levels.append(max(float(np.percentile(there, 70)), levels[-1]))
    slope = np.hypot(cv2.Sobel(printing, cv2.CV_32F, 1, 0), cv2.Sobel(printing, cv2.CV_32F, 0, 1)) / 8
    nearby = np.minimum(printing + MISPLACED_PX * slope, cv2.dilate(printing, np.ones((3, 3), np.uint8)))
    return np.interp(nearby, middles, levels).astype(np.float32)


def _along(darkness: Darkness, rules: Mask, most: Darkness) -> Darkness:
    """The darkness of level rules and their edges, row by row, from the rule itself left and right; 0 elsewhere."""
    result = np.zeros_like(darkness)
    step = round(ALONG_RULE_MM * SIDE_PX_PER_MM)
    strokes = Strokes.of(grown(rules, 2))
    for left, top, width, height in strokes.boxes[1:]:
        if width < step:
            continue
        window = (slice(top, top + height), slice(left, left + width))
        band = darkness[window]
        pieces = max(width // step, 1)
        edges = np.linspace(0, width, pieces + 1).astype(int)
        levels = np.stack([np.percentile(band[:, a:b], RULE_PERCENTILE, axis=1) for a, b in pairwise(edges)], axis=1)
        # Where writing fills a whole piece of the rule, its neighbours know better.
        if pieces >= 3:
            levels = np.minimum(levels, cv2.blur(levels, (3, 1)) * 1.25 + 6)
        middles = (edges[:-1] + edges[1:]) / 2
        filled = np.stack([np.interp(np.arange(width), middles, row) for row in levels])
        result[window] = np.maximum(result[window], np.maximum(np.minimum(filled, most[window] + 25), 1))
    return result


def _over_print(
    picture: GreyImage, darkness: Darkness, expected: Darkness, around_print: Mask, level: float
) -> Darkness:
    """The ink's darkness everywhere: as scanned on paper, weighed against the print over it."""
    sure = np.maximum(MARGIN_OF_LEVEL * (level - expected), 2 * NOISE_MARGIN)
    shown = np.clip((darkness - expected - NOISE_MARGIN) / (sure - NOISE_MARGIN), 0.0, 1.0)
    hidden = np.clip((expected / level - TELLS_BELOW) / (HIDES_ABOVE - TELLS_BELOW), 0.0, 1.0)
    over = around_print & (expected > 0)
    bridged = 255.0 - _bridge(picture, over & (shown < 0.5), level).astype(np.float32)
    weighed = np.maximum(shown * darkness, hidden * bridged)
    return np.where(over, np.minimum(weighed, darkness), darkness).astype(np.float32)


def _bridge(picture: GreyImage, taken_out: Mask, level: float) -> GreyImage:
    """The picture with `taken_out` filled from around it: white among white, ink between ink."""
    dark_nearby = grown((picture < 255 - 0.5 * level) & ~taken_out, 3)
    filled = picture.copy()
    filled[taken_out] = 255
    return np.asarray(cv2.inpaint(filled, (taken_out & dark_nearby).astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)


def _ink_level(on_paper: Darkness) -> float:
    """How dark the ink of this side is: the 80th percentile of what is dark on paper."""
    written = on_paper[on_paper > FAINTEST_INK]
    if len(written) < 2 * SIDE_PX_PER_MM**2:  # two square millimetres of ink
        return TYPICAL_INK
    return float(np.percentile(written, 80))


def _ink(written: Darkness, level: float) -> Mask:
    """Where ink is: what is dark enough, and the paler ends of its strokes; without specks."""
    sure = written > max(FAINTEST_INK, INK_ABOVE * level)
    strokes = Strokes.of(written > max(0.7 * FAINTEST_INK, TAIL_ABOVE * level))
    inside = np.bincount(strokes.labels[sure], minlength=len(strokes))
    keep = inside >= SPECK_MM2 * SIDE_PX_PER_MM**2
    keep[0] = False
    return np.asarray(keep[strokes.labels], dtype=bool)


def _without_residue(ink: Mask, around_print: Mask) -> Mask:
    """The ink without strokes that only trace the print: its misplaced edge."""
    strokes = Strokes.of(ink)
    on_print = np.bincount(strokes.labels[around_print], minlength=len(strokes))
    keep = on_print < RESIDUE_SHARE * strokes.areas
    keep[0] = False
    return np.asarray(keep[strokes.labels], dtype=bool)
