"""Taking the print away from the ink: the blank side says where box, rules, dots and prompts lie."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.cleaning.expected import Print, as_printed, expected, rule_errors
from scan_ingest.stages.cleaning.holes import without_holes
from scan_ingest.stages.cleaning.rings import coffee, rings
from scan_ingest.stages.cleaning.stamps import places_of, stamps_among
from scan_ingest.stages.cleaning.strokes import Strokes, grown

NOISE_MARGIN = 12.0  # darker than the print by this much begins to be ink; twice the noise of a scan
MARGIN_OF_PRINT = 0.1  # of the print's darkness: its place and thickness are never quite known,
RULE_ERRORS = 2.0  # but rules are long: there it is so many standard deviations of how well this scan shows them
MARGIN_OF_LEVEL = 0.5  # of what ink could be darker than the print: there it is surely ink
HIDES_BELOW, TELLS_ABOVE = 1.0, 2.0  # of that doubt, what ink adds to the print: hidden, shown
SHOWS_BETWEEN, LED_PIXELS = (0.2, 0.4), 30  # of that, what is added where strokes cross: surely hidden, surely shown
INK_ABOVE = 0.35  # of the side's ink darkness; bleed-through and coffee stay under 0.25
TAIL_ABOVE = 0.28  # of the same: thin ends of a stroke, if they touch surer ink
FAINTEST_INK = 30.0  # darkness; hard pencil at 200 dpi, twice the noise of a poor JPEG
TYPICAL_INK = 150.0  # darkness taken for the ink of a side on which next to nothing is written
SPECK_MM2 = 0.06  # a full stop is 0.1 mm² and more, dust and JPEG noise less
RESIDUE_SHARE = 0.85  # a stroke that lies on the print's edge by this share is print,
RESIDUE_BELOW = 0.5  # unless it is darker than the print by this much of the ink's darkness: a full stop on a rule
STOP_MM = (0.3, 1.1)  # how wide and high a full stop is
STOP_BEHIND_MM = 4.0  # how far behind a word it stands
LID_MM, LID_ABOVE = 3.0, 60  # how far a card lies off its place at most, with its shadow; how dark the lid is
LID_RUN_PX = 41  # 5 mm: a lid's edge is long, a stroke that runs off the card is not
BROAD_PX = round(0.75 * SIDE_PX_PER_MM) | 1  # than a pen's stroke; odd, or opening would shift the picture
STAINS_BELOW = (0.4, 0.6)  # of the ink's darkness: surely a stain, surely a broad pen
INK_BESIDE = (0.6, 0.8)  # of the same, this near: surely none, surely some
STAIN_FREE_PX = 9
FAINTEST_STAIN = 10  # greys; less is the paper's grain
BRIDGE_PX = 9  # the widest print that a stroke is led across: a rule of half a millimetre and its edges
STAMP_PX = 13  # the widest stroke of a stamp that writing is led across
STEEP, FLAT = (2, 3, 4, 5, 6), (0, 1, 2, 6, 7)  # of eight directions from level: those that cross a level, upright rule
HALO_PX = 3  # the blur of a stroke, kept grey around it
FLICKERS_ABOVE = 48  # darkness of print that a scan in black and white may make black

Greys = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class CleanSide:
    """A registered side taken apart; all five have one shape, `SIDE_PX_PER_MM` pixels a millimetre.

    `picture` is as scanned, `clean` the ink alone in grey on white, `ink` where somebody wrote, `printed` where the
    blank side has print, `covered` where a stamp was taken out with the writing under it.
    """

    picture: GreyImage
    clean: GreyImage
    ink: Mask
    printed: Mask
    covered: Mask

    @cached_property
    def strokes(self) -> Strokes:
        """The strokes of the ink: fields and choices both ask for them."""
        return Strokes.of(self.ink)


def clean(picture: GreyImage, reference: GreyImage) -> CleanSide:
    """The registered side `picture` without the print of its blank side (`reference`, at any resolution).

    Strokes that cross a rule stay whole: over pale print ink shows by its darkness, over dark print the stroke is
    bridged from both sides.
    """
    print_ = as_printed(reference, picture)
    scanned = without_holes(_without_lid(np.asarray(cv2.bitwise_not(picture), dtype=np.uint8)), print_.around)
    broad, paper = _broad(scanned), (~print_.around).astype(np.uint8)
    darkness, level = _without_stains(scanned, broad, paper, print_)
    printing = _expected(print_, darkness)
    written = _over_print(darkness, printing, print_, level)
    ink = _without_residue(_ink(written, level), darkness, printing, print_, level)
    if cups := rings(broad, paper):
        ink &= ~coffee(ink, cups, np.where(print_.around, written, scanned), broad, paper, level)
    stamps = stamps_among(ink)
    covered = stamps
    if stamps.any():
        covered = places_of(stamps)
        written = _led_across(written, stamps)
        ink = (ink & ~stamps) | (stamps & (written > int(INK_ABOVE * level)))
    near = grown(ink, HALO_PX)
    cleaned = np.full_like(picture, 255)
    np.copyto(cleaned, cv2.bitwise_not(written), where=near)
    return CleanSide(picture, cleaned, ink, print_.printed, covered)


def _without_lid(darkness: GreyImage) -> GreyImage:
    """The scan without a dark lid that shows at the side's edges: what is dark without a break from an edge inwards."""
    depth = round(LID_MM * SIDE_PX_PER_MM)
    result = darkness.copy()
    for seen_from in (result, result[::-1], result.T, result.T[::-1]):
        strip = seen_from[:depth]
        lid = np.asarray(cv2.erode((strip > LID_ABOVE).astype(np.uint8), np.ones((1, LID_RUN_PX), np.uint8)))
        lid = np.asarray(cv2.dilate(lid, np.ones((1, LID_RUN_PX), np.uint8)), dtype=bool)
        strip[np.logical_and.accumulate(lid, axis=0)] = 0
    return result


def _broad(darkness: GreyImage) -> GreyImage:
    """What of the scan is broader than a pen's stroke."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (BROAD_PX, BROAD_PX))
    return np.asarray(cv2.morphologyEx(darkness, cv2.MORPH_OPEN, disc), dtype=np.uint8)


def _without_stains(
    darkness: GreyImage, broad: GreyImage, paper: NDArray[np.uint8], print_: Print
) -> tuple[GreyImage, float]:
    """The scan without what is broad and pale (coffee, shadows, ink from the back), and how dark its ink is."""
    level = _ink_level(np.asarray(cv2.subtract(darkness, broad), dtype=np.uint8), paper)
    # Within a written stroke there are broad and pale places too, but ink is near.
    beside = cv2.dilate(darkness, np.ones((STAIN_FREE_PX, STAIN_FREE_PX), np.uint8))
    alone = cv2.min(
        cv2.LUT(broad, _falling(STAINS_BELOW, level)),
        cv2.LUT(beside, _falling(INK_BESIDE, level)),
    )
    stain = np.asarray(cv2.multiply(cv2.multiply(broad, alone, scale=1 / 255), paper), dtype=np.uint8)
    if int(stain.max()) < FAINTEST_STAIN:
        return darkness, level
    # Under the print the stain is what it is beside it.
    around = np.flatnonzero(print_.around)
    size, beside_print = (BROAD_PX, BROAD_PX), np.where(print_.around, 0, 255).astype(np.uint8)
    mean = cv2.blur(stain, size).ravel()[around].astype(np.float32)
    share = cv2.blur(beside_print, size).ravel()[around].astype(np.float32) / 255
    stain.ravel()[around] = np.minimum(mean / np.maximum(share, 0.05), 255.0).astype(np.uint8)
    return np.asarray(cv2.subtract(darkness, stain), dtype=np.uint8), level


def _falling(between: tuple[float, float], level: float) -> GreyImage:
    """A table for the 256 darknesses: 255 below the first share of `level`, 0 above the second, straight between."""
    share = np.arange(256) / level
    return np.asarray(np.clip((between[1] - share) / (between[1] - between[0]), 0.0, 1.0) * 255, dtype=np.uint8)


def _ink_level(on_paper: GreyImage, paper: NDArray[np.uint8]) -> float:
    """How dark the ink of this side is: the 80th percentile of what is dark on paper."""
    counts = cv2.calcHist([on_paper], [0], paper, [256], [0, 256]).ravel()
    counts[: int(FAINTEST_INK) + 1] = 0
    if counts.sum() < 2 * SIDE_PX_PER_MM**2:  # two square millimetres of ink
        return TYPICAL_INK
    return float(np.searchsorted(np.cumsum(counts), 0.8 * counts.sum()))


def _expected(print_: Print, darkness: GreyImage) -> Greys:
    """How dark the print alone is on this scan, at each pixel of `print_.at`."""
    if not _two_tones(darkness):
        return expected(print_, darkness)
    # In black and white print flickers: all of it that may be black must be expected.
    darkest = cv2.dilate(print_.darkness, np.ones((3, 3), np.uint8))
    return np.where(darkest.ravel()[print_.at] > FLICKERS_ABOVE, 255.0, 0.0).astype(np.float32)


def _two_tones(darkness: GreyImage) -> bool:
    """Whether the page was scanned in black and white: print and ink are then all black or flicker."""
    counts = cv2.calcHist([darkness], [0], None, [256], [0, 256]).ravel()
    dark = float(counts[61:].sum())
    return dark > 0 and float(counts[251:].sum()) / dark > 0.4  # of a grey scan a few in a hundred are


def _over_print(darkness: GreyImage, printing: Greys, print_: Print, level: float) -> GreyImage:
    """The ink's darkness everywhere: as scanned on paper, weighed against the print over it."""
    seen = darkness.ravel()[print_.at].astype(np.float32)
    begins, likely = _margins(print_, printing, seen)
    contrast = level * (1.0 - printing / 255.0)  # what ink adds: it lets through as much as on paper
    sure = np.maximum(MARGIN_OF_LEVEL * contrast, likely)
    tells = _telling(contrast, begins)
    shown = np.clip((seen - printing - begins) / (sure - begins), 0.0, 1.0) * tells
    through = 255.0 * (seen - printing) / np.maximum(255.0 - printing, 1.0)
    alone = shown * np.clip(through, 0.0, seen)
    result = darkness.copy()
    result[print_.bars] = 0
    result.ravel()[print_.at] = np.where(shown < 0.5, 0.0, alone)
    bridged = _bridged(result, print_).ravel()[print_.at]
    wary = _telling(contrast, _margin(printing))
    hidden = (bridged > INK_ABOVE * level) & (wary < tells)
    denied = wary + _shows(seen - printing, contrast, hidden) * (tells - wary)
    result.ravel()[print_.at] = np.minimum(np.maximum(alone, (1.0 - denied) * bridged), seen)
    return result


def _telling(contrast: Greys, begins: Greys) -> Greys:
    """From 0 where ink would be lost in what print may be to 1 where it would show."""
    return np.asarray(np.clip((contrast / begins - HIDES_BELOW) / (TELLS_ABOVE - HIDES_BELOW), 0.0, 1.0))


def _shows(added: Greys, contrast: Greys, led: Mask) -> float:
    """From 0 to 1, whether ink over dark rules shows on this scan, by what it adds where strokes are led across
    (`led`): a pen as black as the rule, or a scanner without shades in the dark, may not."""
    if int(led.sum()) < LED_PIXELS:
        return 0.0
    share = float(np.median(added[led] / np.maximum(contrast[led], 1.0)))
    return float(np.clip((share - SHOWS_BETWEEN[0]) / (SHOWS_BETWEEN[1] - SHOWS_BETWEEN[0]), 0.0, 1.0))


def _margin(printing: Greys) -> Greys:
    return np.asarray(NOISE_MARGIN + MARGIN_OF_PRINT * printing, dtype=np.float32)


def _margins(print_: Print, printing: Greys, seen: Greys) -> tuple[Greys, Greys]:
    """By how much darker than the print what is seen begins to be ink, and is likely to be, at each of `print_.at`."""
    begins = _margin(printing)
    likely = begins + NOISE_MARGIN
    at = print_.on_rules
    if not len(at):
        return begins, likely
    errors = rule_errors(print_, printing[at], seen[at])
    paper = NOISE_MARGIN * (1.0 - printing[at] / 255.0)  # its noise shows less through print
    begins[at] = np.minimum(np.maximum(paper, RULE_ERRORS * errors), begins[at])
    likely[at] = begins[at] + np.minimum(errors, NOISE_MARGIN)
    return begins, likely


def _bridged(kept: GreyImage, print_: Print) -> GreyImage:
    """Strokes led across what was taken out between them: along each direction the paler of both sides.

    Along a rule nothing is led: there it would join letter to letter.
    """
    over_level, over_upright, over_other = (np.zeros_like(kept) for _ in range(3))
    for turn, line in enumerate(_directions(BRIDGE_PX)):
        led = np.asarray(cv2.morphologyEx(kept, cv2.MORPH_CLOSE, line), dtype=np.uint8)
        cv2.max(over_other, led, over_other)
        if turn in STEEP:
            cv2.max(over_level, led, over_level)
        if turn in FLAT:
            cv2.max(over_upright, led, over_upright)
    result = over_other
    np.copyto(result, over_level, where=print_.level_rules)
    np.copyto(result, over_upright, where=print_.upright_rules)
    return result


def _led_across(written: GreyImage, stamps: Mask) -> GreyImage:
    """The writing without what stamps cover, its strokes led across their letters."""
    left = np.where(stamps, 0, written).astype(np.uint8)
    led = np.zeros_like(left)
    for line in _directions(STAMP_PX):
        cv2.max(led, np.asarray(cv2.morphologyEx(left, cv2.MORPH_CLOSE, line), dtype=np.uint8), led)
    return np.where(stamps, led, left).astype(np.uint8)


def _directions(length: int) -> Iterator[NDArray[np.uint8]]:
    """Lines of that many pixels (odd) through the middle of a square, an eighth of a half turn apart."""
    half = length // 2
    for turn in range(8):
        end = (round(half * np.cos(turn * np.pi / 8)), round(half * np.sin(turn * np.pi / 8)))
        square = np.zeros((length, length), dtype=np.uint8)
        cv2.line(square, (half - end[0], half - end[1]), (half + end[0], half + end[1]), 1)
        yield square


def _ink(written: GreyImage, level: float) -> Strokes:
    """The strokes of ink: what is dark enough, and the paler ends of it; without specks."""
    strokes = Strokes.of(written > int(max(0.7 * FAINTEST_INK, TAIL_ABOVE * level)))
    sure = strokes.within(written > int(max(FAINTEST_INK, INK_ABOVE * level)))
    return strokes.only(sure >= SPECK_MM2 * SIDE_PX_PER_MM**2)


def _without_residue(strokes: Strokes, darkness: GreyImage, printing: Greys, print_: Print, level: float) -> Mask:
    """The ink without strokes that only trace the print: its misplaced edge."""
    on = strokes.labels.ravel()[print_.at]
    inked = np.flatnonzero(on)
    on = on[inked]
    on_print = np.bincount(on, minlength=len(strokes))
    free = on_print < RESIDUE_SHARE * strokes.areas
    kept = strokes.mask(free)
    beyond = darkness.ravel()[print_.at[inked]] - printing[inked] > RESIDUE_BELOW * level
    off_print = strokes.areas - on_print
    plain = np.bincount(on[beyond], minlength=len(strokes)) + off_print
    sizes = strokes.boxes[:, 2:] / SIDE_PX_PER_MM
    stops = (sizes.max(axis=1) <= STOP_MM[1]) & (sizes.min(axis=1) >= STOP_MM[0]) & (plain >= 0.5 * strokes.areas)
    if not (stops & ~free).any():
        return kept
    beside = strokes.within(grown(kept, round(STOP_BEHIND_MM * SIDE_PX_PER_MM)))
    return strokes.mask(free | (stops & (beside > 0)))
