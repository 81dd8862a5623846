"""Paper that was drawn in unevenly: how far the print lies from its place along the feed, as a smooth curve.

A feeder whose rollers slip stretches a page along one of its two directions, here more and there less. What a flat map
leaves over at the cells is taken for a smooth function of the way along the feed (a Gaussian process: Rasmussen and
Williams 2006, chapter 2), which also tells how sure it is where there is no print.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Homography, Points

SLIPS_MM = 0.4  # how far rollers usually put print off its place; 2.5 % more and less over 10 cm of paper are 0.4
WAVE_MM = 20.0  # the curve is alike over so much paper; a roller of 2 cm goes round once in 63 mm, 6 mm a radian
TILT_MM = 1.0  # at the card's edge: what an even stretch and shear may still correct of the flat map
NOISES_MM = (0.02, 0.04, 0.08, 0.15)  # of where a cell is found: on a clean page, on a faint or coarse one
ROUGH = 3.0  # times the noise: a cell further off the curve than this counts less and less
REACH_MM = 100.0  # half the length of a card
ROUNDS = 2
STEP_MM = 2.0  # along the feed, in which a stretch is measured
PROVEN = 5.0  # by so much must the curve be likelier (log of the ratio) than an even stretch
BETTER = 0.85  # and so much smaller what it leaves over

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bend:
    """`along` is the direction of the feed on the side (length 1); `places` N × 2 mm are the cells that it was seen at,
    `shifts` N mm how far they were off, `noise` N mm how well each is known."""

    along: Floats
    places: Points
    shifts: Floats
    noise: Floats

    @classmethod
    def seen(cls, side_to_page: Homography, places: Points, errors: Points, steady: NDArray[np.bool_]) -> Self | None:
        """The curve that explains by how much cells at `places` (N × 2 mm) were found off theirs (`errors`, N × 2 mm);
        None where no curve along either side of the page does. `steady` is N × 2: whether a cell's place is known
        across and down."""
        found = [
            bend
            for page_axis in ((0.0, 1.0), (1.0, 0.0))
            if (bend := cls._along(_on_side(side_to_page, places, page_axis), places, errors, steady)) is not None
        ]
        return max(found, key=_likelier)[1] if found else None

    @classmethod
    def _along(
        cls, along: Floats, places: Points, errors: Points, steady: NDArray[np.bool_]
    ) -> tuple[float, Self] | None:
        known = (steady | (np.abs(along) < 0.3)).all(axis=1)
        if known.sum() < 8:
            return None
        places, off = places[known], errors[known] @ along
        bends = [cls._at_noise(along, places, off, noise) for noise in NOISES_MM]
        flat = max(bend._likelihood(_even(places, places)) for bend in bends)
        curved, bend = max(((bend._likelihood(bend._alike(places, places)), bend) for bend in bends), key=_likelier)
        before = float(np.median(np.abs(off)))
        after = float(np.median(np.abs(off - bend.at(places))))
        return (curved - flat, bend) if curved - flat > PROVEN and after < BETTER * before else None

    @classmethod
    def _at_noise(cls, along: Floats, places: Points, off: Floats, noise_mm: float) -> Self:
        """The curve where cells are found to about `noise_mm`, a few of them wrongly."""
        bend = cls(along, places, off, np.full(len(off), noise_mm))
        for _ in range(ROUNDS):
            left = off - bend.at(places)
            bend = cls(along, places, off, noise_mm * np.sqrt(1 + (left / noise_mm / ROUGH) ** 4))
        return bend

    def at(self, points: Points) -> Floats:
        """N mm: how far along the feed the print of these points on the side (N × 2 mm) really lies."""
        return np.asarray(self._alike(points, self.places) @ self._pulls, dtype=np.float64)

    @cached_property
    def unevenness(self) -> float:
        """By how much more, as a share, the feed stretched the paper where it did so most than where it did least."""
        way = self.places @ self.along
        steps = np.arange(way.min(), way.max() + STEP_MM, STEP_MM)
        return float(np.ptp(np.diff(self.at(steps[:, None] * self.along))) / STEP_MM)

    @cached_property
    def _pulls(self) -> Floats:
        """N: what each cell adds to the shift of whatever is wholly alike to it."""
        inner = self._alike(self.places, self.places) + np.diag(self.noise**2)
        return np.asarray(np.linalg.solve(inner, self.shifts), dtype=np.float64)

    def moved(self, points: Points) -> Points:
        """Where the print of these points really lies, in the millimetres of the flat map."""
        return np.asarray(points + self.at(points)[:, None] * self.along, dtype=np.float64)

    def doubt_mm(self, points: Points, error_mm: float) -> Floats:
        """One standard deviation of `at` where each cell is known to `error_mm`."""
        inner = self._alike(self.places, self.places) + np.diag((self.noise / self.noise.min() * error_mm) ** 2)
        across = self._alike(self.places, points)
        own = TILT_MM**2 * (1 + (points**2).sum(axis=1) / REACH_MM**2) + SLIPS_MM**2
        variances = own - np.einsum("ij,ij->j", across, np.linalg.solve(inner, across))
        return np.asarray(np.sqrt(np.maximum(variances, 0.0)), dtype=np.float64)

    def _alike(self, one: Points, other: Points) -> Floats:
        apart = (one @ self.along)[:, None] - other @ self.along
        return np.asarray(_even(one, other) + SLIPS_MM**2 * np.exp(-0.5 * (apart / WAVE_MM) ** 2), dtype=np.float64)

    def _likelihood(self, alike: Floats) -> float:
        """The logarithm of how likely these shifts are."""
        half = np.linalg.cholesky(alike + np.diag(self.noise**2))
        along = np.linalg.solve(half, self.shifts)
        return float(-0.5 * along @ along - np.log(np.diag(half)).sum())


def _on_side(side_to_page: Homography, places: Points, page_axis: tuple[float, float]) -> Floats:
    """A direction of the page as it lies on the side."""
    middle = side_to_page.map(places.mean(axis=0))
    ahead = side_to_page.inverse().map(middle + page_axis) - side_to_page.inverse().map(middle)
    return np.asarray(ahead[0] / np.hypot(*ahead[0]), dtype=np.float64)


def _even(one: Points, other: Points) -> Floats:
    """How alike the shifts of two places are where the paper was only stretched evenly, or sheared."""
    return np.asarray(TILT_MM**2 * (1 + one @ other.T / REACH_MM**2), dtype=np.float64)


def _likelier(pair: tuple[float, Bend]) -> float:
    return pair[0]
