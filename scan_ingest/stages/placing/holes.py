"""Holes that a card was punched with where it is printed: of a word that one went through, the rest must be there.

A hole before a white lid shows as little more than the shadow of its rim, and paper as light as paper within.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.stages.placing.printing import PRINT, PX_PER_MM, Printing

RADII_MM = np.arange(2.25, 4.01, 0.25)  # punches make 5.5 to 7 mm, and some 5 or 8
RIM_MM = 0.5  # how wide a rim's shadow is once it is blurred
THIN_PX = 5  # a rim is: what is wider is the lid in the hole, or a bar
RIM_DARK = 6.0  # grey levels more than on either side of it; paper is rough by two
RIM_SEEN = 0.85  # of it all around: letters and drawn rounds leave gaps where a circle would run on
EMPTY_WITHIN = 0.02  # of the hole may be dark
MOST_HOLES = 4  # of one size: more rounds are printed
MOST_WORDS = 8  # that four holes may go through
SAME_MM = 0.5  # by which radii of one punch may differ
AROUND_MM = 0.75  # around a hole its rim's shadow lies over the print
LEFT_PX = 24  # of a word's print outside the holes: fewer cannot tell it
LEFT_ALIKE = 0.8  # what is left of a word is as like itself
REACH_PX = 3  # paper is not quite flat

Dark = NDArray[np.float32]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Hole:
    """Its middle in pixels of the laid page, and its radius in millimetres."""

    x: int
    y: int
    radius_mm: float

    def is_near(self, other: Self) -> bool:
        """Whether the two are one: holes lie further apart than their width."""
        return float(np.hypot(self.x - other.x, self.y - other.y)) < self.radius_mm * PX_PER_MM


def words_punched(dark: Dark, printing: Printing, gone: Sequence[int]) -> list[int]:
    """Which of the words that are `gone` are only missing where a punch went through them. `dark` is the darkness of
    the page laid over the side."""
    if len(gone) > MOST_WORDS:
        return []
    words: dict[int, Box] = {at: tuple(printing.words[at].tolist()) for at in gone}
    holes: list[Hole] = []
    for word in words.values():
        holes += [hole for hole in _holes_near(dark, word) if not any(hole.is_near(other) for other in holes)]
    radii = [hole.radius_mm for hole in holes]
    if not 0 < len(holes) <= MOST_HOLES or max(radii) - min(radii) > SAME_MM:
        return []
    return [at for at, word in words.items() if _went_through(holes, dark, printing, word)]


def _holes_near(dark: Dark, word: Box) -> Iterator[Hole]:
    """The holes whose rims touch a word or nearly."""
    left, top, width, height = word
    reach = 2 * round(RADII_MM[-1] * PX_PER_MM)
    x0, y0 = max(left - reach, 0), max(top - reach, 0)
    here = dark[y0 : top + height + reach, x0 : left + width + reach]
    thin = cv2.morphologyEx(here, cv2.MORPH_TOPHAT, np.ones((THIN_PX, THIN_PX), np.uint8))
    rims = (thin > RIM_DARK).astype(np.float32)
    thick = cv2.dilate(rims, np.ones((2, 2), np.uint8))
    best, radius_mm = np.zeros(here.shape, np.float32), np.zeros(here.shape, np.float32)
    for radius in RADII_MM:
        rim, within = _rim_and_disc(float(radius))
        seen = cv2.filter2D(thick, -1, rim, borderType=cv2.BORDER_CONSTANT)
        filled = cv2.filter2D(rims, -1, within, borderType=cv2.BORDER_CONSTANT)
        better = (filled < EMPTY_WITHIN) & (seen > np.maximum(best, RIM_SEEN))
        best[better], radius_mm[better] = seen[better], radius
    while best.any():
        y, x = (int(at) for at in np.unravel_index(int(best.argmax()), best.shape))
        yield Hole(x + x0, y + y0, float(radius_mm[y, x]))
        cv2.circle(best, (x, y), round(RADII_MM[-1] * PX_PER_MM), (0.0,), -1)


def _went_through(holes: Sequence[Hole], dark: Dark, printing: Printing, word: Box) -> bool:
    """Whether a word of the side is only missing where a hole went through it: the rest of it is there."""
    left, top, width, height = word
    whole = np.ones(dark.shape, dtype=np.uint8)
    for hole in holes:
        cv2.circle(whole, (hole.x, hole.y), round((hole.radius_mm + AROUND_MM) * PX_PER_MM), (0,), -1)
    here = slice(top - 1, top + height + 1), slice(left - 1, left + width + 1)
    rest, should = whole[here], printing.darkness[here]
    printed = should > PRINT
    if not (printed & (rest == 0)).any():
        return False
    if (printed & (rest > 0)).sum() < LEFT_PX:
        return True
    around = dark[
        here[0].start - REACH_PX : here[0].stop + REACH_PX, here[1].start - REACH_PX : here[1].stop + REACH_PX
    ]
    found = max(
        _alike(around[y : y + rest.shape[0], x : x + rest.shape[1]], should, rest > 0)
        for y in range(2 * REACH_PX + 1)
        for x in range(2 * REACH_PX + 1)
    )
    return found > LEFT_ALIKE


def _alike(there: Dark, should: Dark, where: NDArray[np.bool_]) -> float:
    """The correlation of two pictures of one shape where that counts; 0 where either is even."""
    one, other = there[where], should[where]
    one, other = one - one.mean(), other - other.mean()
    length = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / length if length else 0.0


def _rim_and_disc(radius_mm: float) -> tuple[Dark, Dark]:
    """Two kernels that give the means of a picture over a circle, and well within it."""
    reach = round((radius_mm + RIM_MM) * PX_PER_MM)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(x, y)
    rim = np.abs(away - radius_mm * PX_PER_MM) < 0.5
    disc = away < (radius_mm - 2 * RIM_MM) * PX_PER_MM
    return (rim / rim.sum()).astype(np.float32), (disc / disc.sum()).astype(np.float32)
