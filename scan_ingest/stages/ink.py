"""Taking the print away from the ink: the blank side says where box, rules, dots and prompts lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.strokes import Strokes, grown

PRINTED_ABOVE = 24.0  # darkness of the blank side, of 255; below lie only its own noise and light tints
MISPLACED_PX = 0.6  # how far the print may lie from where the blank side has it, after `segment.register`
RULE_MM = 10.0  # print that runs straight on for so long is a rule: longer than any letter or dash of a prompt
THICKEST_RULE_MM = 2.5  # what is thicker is a bar that nobody writes on
CORNER_PX = 5  # at its ends a rule meets another, and says nothing of both
ALONG_RULE_MM = 6.0  # a rule's own darkness is taken from this much of it: two words
# Percentiles of darkness that print is taken to have: elsewhere, and in rules. Ink covers less than a fifth of
# the print, but up to half of a written rule; in black and white print flickers, and most of it must be expected.
OF_GREYS = (70.0, 35.0)
OF_TWO_TONES = (95.0, 85.0)
NOISE_MARGIN = 12.0  # darker than the print by this much begins to be ink; twice the noise of a scan
MARGIN_OF_LEVEL = 0.5  # of what ink could be darker than the print: there it is surely ink
TELLS_BELOW, HIDES_ABOVE = 0.45, 0.8  # of the ink's darkness: paler print shows the ink over it, darker hides it
INK_ABOVE = 0.35  # of the side's ink darkness; bleed-through and coffee stay under 0.25
TAIL_ABOVE = 0.28  # of the same: thin ends of a stroke, if they touch surer ink
FAINTEST_INK = 30.0  # darkness; hard pencil at 200 dpi, twice the noise of a poor JPEG
TYPICAL_INK = 150.0  # darkness taken for the ink of a side on which next to nothing is written
SPECK_MM2 = 0.06  # a full stop is 0.1 mm² and more, dust and JPEG noise less
RESIDUE_SHARE = 0.85  # a stroke that lies on the print's edge by this share is print,
RESIDUE_BELOW = 0.5  # unless it is darker than the print by this much of the ink's darkness: a full stop on a rule
STOP_MM = (0.3, 1.1)  # how wide and high a full stop is
STOP_BEHIND_MM = 2.5  # how far behind a word it stands
STAIN_MM = 0.75  # broader than a pen's stroke
STAINS_BELOW = (0.4, 0.6)  # of the ink's darkness: surely a stain, surely a broad pen
INK_BESIDE = (0.6, 0.8)  # of the same, this near: surely none, surely some
STAIN_FREE_PX = 9
BRIDGE_PX = 9  # the widest print that a stroke is led across: a rule of half a millimetre and its edges
HALO_PX = 3  # the blur of a stroke, kept grey around it
MISPLACED_GREYS = 40  # what a third of a pixel makes at a sharp edge
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
    printing = np.asarray(255.0 - as_printed(reference, picture).astype(np.float32), dtype=np.float32)
    printed = printing > PRINTED_ABOVE
    around_print = grown(printed, 2)
    darkness, level = _without_stains(np.asarray(255 - picture, dtype=np.uint8), around_print)
    expected = _expected(printing, darkness, printed)
    written = _over_print(darkness, expected, around_print, level)
    ink = _without_residue(_ink(written, level), written - expected, printed, level)
    near = grown(ink, HALO_PX)
    return CleanSide(picture, np.where(near, 255.0 - written, 255.0).astype(np.uint8), ink, printed)


def as_printed(reference: GreyImage, picture: GreyImage) -> GreyImage:
    """The blank side at the size and sharpness of `picture`."""
    height, width = picture.shape
    shrinking = reference.shape[1] > width
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    sized = np.asarray(cv2.resize(reference, (width, height), interpolation=method), dtype=np.uint8)
    at = np.flatnonzero(grown(sized < 255 - PRINTED_ABOVE, 2))
    if not len(at):
        return sized
    scanned = picture.ravel()[at]
    blurred = [sized if not sigma else cv2.GaussianBlur(sized, (0, 0), sigma) for sigma in SHARPNESS_STEPS]
    # Differences count up to that of a misplaced edge, so that ink over the print does not speak.
    misfits = [float(np.minimum(cv2.absdiff(c.ravel()[at], scanned), MISPLACED_GREYS).mean()) for c in blurred]
    best = int(np.argmin(misfits))
    return np.asarray(blurred[best], dtype=np.uint8)


def _without_stains(darkness: GreyImage, around_print: Mask) -> tuple[Darkness, float]:
    """The scan without what is broad and pale (coffee, shadows, ink from the back), and how dark its ink is."""
    size = round(STAIN_MM * SIDE_PX_PER_MM) | 1  # odd, or opening would shift the picture
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    broad = np.asarray(cv2.morphologyEx(darkness, cv2.MORPH_OPEN, disc), dtype=np.float32)
    level = _ink_level(darkness[~around_print] - broad[~around_print])
    # Within a written stroke there are broad and pale places too, but ink is near.
    beside = cv2.dilate(darkness, np.ones((STAIN_FREE_PX, STAIN_FREE_PX), np.uint8))
    at = np.flatnonzero((broad > 0) & ~around_print)
    alone = np.minimum(
        _falling(broad.ravel()[at], STAINS_BELOW, level), _falling(beside.ravel()[at], INK_BESIDE, level)
    )
    stain = np.zeros_like(broad)
    stain.ravel()[at] = broad.ravel()[at] * alone
    # Under the print the stain is what it is beside it.
    beside_print = cv2.blur(stain, (size, size)) / np.maximum(
        cv2.blur((~around_print).astype(np.float32), (size, size)), 0.05
    )
    stain[around_print] = beside_print[around_print]
    return np.maximum(darkness - stain, 0.0).astype(np.float32), level


def _falling(values: NDArray[Any], between: tuple[float, float], level: float) -> Darkness:
    """1 below the first share of `level`, 0 above the second, straight between them."""
    share = values.astype(np.float32) / level
    return np.asarray(np.clip((between[1] - share) / (between[1] - between[0]), 0.0, 1.0), dtype=np.float32)


def _expected(printing: Darkness, darkness: Darkness, printed: Mask) -> Darkness:
    """How dark the print alone is at each pixel of the scan: 0 on paper."""
    percentiles = OF_TWO_TONES if _two_tones(darkness) else OF_GREYS
    by_tone = _by_tone(printing, darkness, printed, percentiles[0])
    level_rules = _along(darkness, printed, by_tone, percentiles[1])
    upright_rules = _along(darkness.T, printed.T, by_tone.T, percentiles[1]).T
    along = np.maximum(level_rules, upright_rules)
    return np.where(along > 0, along, by_tone).astype(np.float32)


def _two_tones(darkness: Darkness) -> bool:
    """Whether the page was scanned in black and white: print and ink are then all black or flicker."""
    dark = darkness[darkness > 60]
    return len(dark) > 0 and float((dark > 250).mean()) > 0.4  # of a grey scan a few in a hundred are


def _by_tone(printing: Darkness, darkness: Darkness, printed: Mask, percentile: float) -> Darkness:
    """The print's darkness by the scanner's tone, with room for its misplacement."""
    result = np.zeros_like(printing)
    if not printed.any():
        return result
    shades, seen = printing[printed], darkness[printed]
    edges = np.linspace(PRINTED_ABOVE, 255.0, 9)
    middles, levels = [0.0, PRINTED_ABOVE / 2], [0.0, PRINTED_ABOVE / 2]
    for low, high in pairwise(edges):
        there = seen[(shades >= low) & (shades < high)]
        if len(there) >= 50:  # fewer tell nothing about the scanner's tone
            middles.append(float(low + high) / 2)
            levels.append(max(float(np.percentile(there, percentile)), levels[-1]))
    slope = cv2.magnitude(cv2.Sobel(printing, cv2.CV_32F, 1, 0), cv2.Sobel(printing, cv2.CV_32F, 0, 1)) / 8
    darkest = cv2.dilate(printing, np.ones((3, 3), np.uint8))
    there = np.flatnonzero(darkest > 0)
    nearby = np.minimum(printing.ravel()[there] + MISPLACED_PX * slope.ravel()[there], darkest.ravel()[there])
    result.ravel()[there] = np.interp(nearby, middles, levels)
    return result


def _along(darkness: Darkness, printed: Mask, most: Darkness, percentile: float) -> Darkness:
    """The darkness of level rules and their edges, row by row, from the rule itself left and right; 0 elsewhere."""
    result = np.zeros_like(darkness)
    shortest = np.ones((1, round(RULE_MM * SIDE_PX_PER_MM)), np.uint8)
    rules = np.asarray(cv2.morphologyEx(printed.astype(np.uint8), cv2.MORPH_OPEN, shortest), dtype=bool)
    step = round(ALONG_RULE_MM * SIDE_PX_PER_MM)
    strokes = Strokes.of(grown(rules, 2))
    for left, top, width, height in strokes.boxes[1:]:
        if width < step or height > THICKEST_RULE_MM * SIDE_PX_PER_MM:
            continue
        window = (slice(top, top + height), slice(left, left + width))
        band = darkness[window]
        pieces = max(width // step, 1)
        edges = np.linspace(0, width, pieces + 1).astype(int)
        levels = np.stack([np.percentile(band[:, a:b], percentile, axis=1) for a, b in pairwise(edges)], axis=1)
        # Where writing fills a whole piece of the rule, its neighbours know better.
        if pieces >= 3:
            levels = np.minimum(levels, cv2.blur(levels, (3, 1)) * 1.25 + 6)
        middles = (edges[:-1] + edges[1:]) / 2
        filled = np.stack([np.interp(np.arange(width), middles, row) for row in levels])
        known = np.maximum(np.minimum(filled, most[window] + 25), 1)
        known[:, :CORNER_PX], known[:, -CORNER_PX:] = 0, 0
        result[window] = np.maximum(result[window], known)
    return result


def _over_print(darkness: Darkness, expected: Darkness, around_print: Mask, level: float) -> Darkness:
    """The ink's darkness everywhere: as scanned on paper, weighed against the print over it."""
    over = np.flatnonzero(around_print & (expected > 0))
    print_, seen = expected.ravel()[over], darkness.ravel()[over]
    sure = np.maximum(MARGIN_OF_LEVEL * (level - print_), 2 * NOISE_MARGIN)
    shown = np.clip((seen - print_ - NOISE_MARGIN) / (sure - NOISE_MARGIN), 0.0, 1.0)
    hidden = np.clip((print_ / level - TELLS_BELOW) / (HIDES_ABOVE - TELLS_BELOW), 0.0, 1.0)
    taken_out = np.zeros_like(around_print)
    taken_out.ravel()[over] = shown < 0.5
    bridged = _bridge(darkness, taken_out, level).ravel()[over]
    result = darkness.copy()
    result.ravel()[over] = np.minimum(np.maximum(shown * seen, hidden * bridged), seen)
    return result


def _bridge(darkness: Darkness, taken_out: Mask, level: float) -> Darkness:
    """The darkness of strokes led across `taken_out`, where they stand on both sides of it; 0 elsewhere."""
    ink = ((darkness > 0.5 * level) & ~taken_out).astype(np.uint8)
    between = np.zeros_like(ink)
    for line in _directions(BRIDGE_PX):
        between = np.maximum(between, np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, line), dtype=np.uint8))
    to_fill = between & taken_out.astype(np.uint8)
    kept = np.where(taken_out, 0.0, np.clip(darkness, 0.0, 255.0)).astype(np.uint8)
    return np.asarray(cv2.inpaint(kept, to_fill, 3, cv2.INPAINT_TELEA), dtype=np.float32)


def _directions(length: int) -> Iterator[NDArray[np.uint8]]:
    """Lines of that many pixels (odd) through the middle of a square, a quarter of a right angle apart."""
    half = length // 2
    for turn in range(8):
        end = (round(half * np.cos(turn * np.pi / 8)), round(half * np.sin(turn * np.pi / 8)))
        square = np.zeros((length, length), dtype=np.uint8)
        cv2.line(square, (half - end[0], half - end[1]), (half + end[0], half + end[1]), 1)
        yield square


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


def _without_residue(ink: Mask, beyond: Darkness, printed: Mask, level: float) -> Mask:
    """The ink without strokes that only trace the print: its misplaced edge. `beyond` is how much darker than the
    print each pixel is."""
    strokes = Strokes.of(ink)
    on_print = np.bincount(strokes.labels[grown(printed, 2)], minlength=len(strokes))
    free = on_print < RESIDUE_SHARE * strokes.areas
    free[0] = False
    kept = np.asarray(free[strokes.labels], dtype=bool)
    plain = np.bincount(strokes.labels[beyond > RESIDUE_BELOW * level], minlength=len(strokes))
    sizes = strokes.boxes[:, 2:] / SIDE_PX_PER_MM
    stops = (sizes.max(axis=1) <= STOP_MM[1]) & (sizes.min(axis=1) >= STOP_MM[0]) & (plain >= 0.5 * strokes.areas)
    stops[0] = False
    if not (stops & ~free).any():
        return kept
    beside = np.bincount(strokes.labels[grown(kept, round(STOP_BEHIND_MM * SIDE_PX_PER_MM))], minlength=len(strokes))
    return np.asarray((free | (stops & (beside > 0)))[strokes.labels], dtype=bool)
