"""The inks of a page in colour, told apart.

How dark paper looks behind several inks is the sum of what each takes away (their optical densities, the law of
Lambert and Beer), so the share of each ink in a pixel is found as histologists separate dyes (Ruifrok and Johnston
2001).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WHITE = 250.0  # as `flatten` puts paper
FAINTEST = 0.12  # density of colour, natural logarithm; a scanner's noise and JPEG stay under 0.08
FAINTEST_GREY = 0.2  # density from which an ink without colour may be a pen's: pencil has 0.3
COLOURED_ABOVE = 0.3  # of the density, how colourful coloured ink is at least
HUE_STEP = 10  # degrees
APART_DEG = 30  # hues of two inks; one ink keeps within 12° of its own
LEAST_MM2 = 6.0  # of an ink; four letters of a small stamp
MIXED_SHARE, MIXED_WITHIN = 0.2, 0.1  # of each of two inks at least, and how far off their mixture may be

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ink:
    """`density` is how much it takes from blue, green and red (length 1); `hue_deg` None for black and grey."""

    density: Floats
    hue_deg: float | None

    def differs(self, other: "Ink") -> bool:
        """Whether the two can be told apart."""
        if self.hue_deg is None or other.hue_deg is None:
            return self.hue_deg is not other.hue_deg
        return bool(_between(self.hue_deg, other.hue_deg) > APART_DEG)

    def among(self, density: Floats) -> NDArray[np.bool_]:
        """Which of those pixels (N × 3) are of this ink alone."""
        colourful, hues = _colours(density)
        coloured = colourful > np.maximum(FAINTEST, COLOURED_ABOVE * density.mean(axis=1))
        if self.hue_deg is None:
            return np.asarray(~coloured & (density.mean(axis=1) > FAINTEST_GREY))
        return np.asarray(coloured & (_between(hues, self.hue_deg) <= APART_DEG / 2 + HUE_STEP / 2))


BLACK = Ink(np.full(3, 3**-0.5, dtype=np.float32), None)


def density_of(colours: NDArray[np.uint8], white: float = WHITE) -> Floats:
    """Optical densities of pixels whose paper is that white."""
    table = -np.log(np.clip(np.arange(256), 4, white) / white)
    return np.asarray(table.astype(np.float32)[colours], dtype=np.float32)


def inks_of(density: Floats, px_per_mm2: float, share: float = 0.0) -> tuple[Ink, ...]:
    """The inks in these pixels (N × 3) that have at least that share of them, the commonest first; without colours that
    come of two commoner inks over each other."""
    least = max(LEAST_MM2 * px_per_mm2, share * len(density))
    found = [BLACK, *_hues(density, least)]
    areas = [float(ink.among(density).sum()) for ink in found]
    ordered = sorted(zip(areas, found, strict=True), key=lambda one: -one[0])
    pure: list[Ink] = []
    for area, ink in ordered:
        if area >= least and not any(_mixed(ink, one, two) for one in pure for two in pure if one is not two):
            pure.append(ink)
    return tuple(pure)


def _hues(density: Floats, least: float) -> list[Ink]:
    colourful, hues = _colours(density)
    coloured = colourful > np.maximum(FAINTEST, COLOURED_ABOVE * density.mean(axis=1))
    hues, shades = hues[coloured], density[coloured]
    count = 360 // HUE_STEP
    counts = np.bincount((hues / HUE_STEP).astype(np.intp) % count, minlength=count)
    middles = (np.arange(count) + 0.5) * HUE_STEP
    found: list[Ink] = []
    while counts.max() * 3 > least:
        peak = float(middles[counts.argmax()])
        mean = shades[_between(hues, peak) <= APART_DEG / 2 + HUE_STEP / 2].mean(axis=0)
        ink = Ink(mean / np.linalg.norm(mean), float(_colours(mean[None])[1][0]))
        if all(ink.differs(other) for other in found):
            found.append(ink)
        counts[_between(middles, peak) <= APART_DEG / 2 + HUE_STEP] = 0
    return found


def _colours(density: Floats) -> tuple[Floats, Floats]:
    """How colourful densities (N × 3) are, and their hue in degrees."""
    blue, green, red = density.T
    across, up = red - (green + blue) / 2, (green - blue) * np.float32(0.75**0.5)
    return np.hypot(across, up), np.asarray(np.degrees(np.arctan2(up, across)) % 360, dtype=np.float32)


def _between(hue: Floats | float, other: float) -> Floats:
    """Degrees from one hue to another, 0 to 180."""
    return np.asarray(np.abs((np.asarray(hue, dtype=np.float32) - other + 180) % 360 - 180), dtype=np.float32)


def _mixed(ink: Ink, one: Ink, two: Ink) -> bool:
    if ink.hue_deg is None:
        return False
    both = np.stack([one.density, two.density], axis=1)
    shares, _, _, _ = np.linalg.lstsq(both, ink.density, rcond=None)
    return bool((shares > MIXED_SHARE).all() and np.linalg.norm(ink.density - both @ shares) < MIXED_WITHIN)


def amounts(density: Floats, ink: Ink, others: Sequence[Ink]) -> tuple[Floats, Floats]:
    """How much of the ink each pixel (N × 3) has, and of that other ink which together with it explains the pixel best;
    neither below 0."""
    own = density @ ink.density
    best = np.full(len(density), np.inf, dtype=np.float32)
    amount, pen = np.maximum(own, 0), np.zeros_like(own)
    for other in others:
        alike = float(ink.density @ other.density)
        theirs = density @ other.density
        one, two = (own - alike * theirs) / (1 - alike**2), (theirs - alike * own) / (1 - alike**2)
        one, two = np.where(two > 0, one, own), np.where(one > 0, two, theirs)
        one, two = np.maximum(one, 0), np.maximum(two, 0)
        # What is left over, less the length of the density itself, which is the same for all.
        left = one**2 + two**2 + 2 * alike * one * two - 2 * (one * own + two * theirs)
        better = left < best
        best, amount, pen = np.where(better, left, best), np.where(better, one, amount), np.where(better, two, pen)
    return amount, pen
