"""A corner of a card that is torn off or folded over: no print there is missed.

A corner that is folded forward lies mirrored on the card, and hides as much again.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Points
from scan_ingest.stages.placing.cells import Look
from scan_ingest.stages.placing.printing import Printing

LARGEST = 0.19  # of the card's area: 15 % may be folded or torn off, and the cells along the cut are lost too
# Shares of the two edges that the cut takes; none runs along a whole edge.
EDGES = (0.2, 0.25, 0.3, 0.36, 0.42, 0.5, 0.58, 0.68, 0.78)
TORN_AROUND = 1.25  # times a torn corner's edges: words along the cut are lost with it
STILL_THERE = 0.25  # of the print in a corner that is gone; a moved field does not take all its neighbours along


@dataclass(frozen=True)
class TornCorner:
    """`across` and `down`: the shares of the side's width and height that are gone from its edges; `lid_seen`: the lid
    is to be seen where its paper should be."""

    from_right: bool
    from_bottom: bool
    across: float
    down: float
    folded: bool = False
    lid_seen: bool = False

    @property
    def area(self) -> float:
        """The share of the side that is gone or hidden."""
        return self.across * self.down / (1 if self.folded else 2)

    def from_corner(self, places_mm: NDArray[np.float64], size_mm: tuple[float, float]) -> NDArray[np.float64]:
        """Places on the side (… × 2 mm, from its top left) as they lie from the corner inwards; and back again."""
        x, y = np.moveaxis(places_mm, -1, 0)
        x = size_mm[0] - x if self.from_right else x
        y = size_mm[1] - y if self.from_bottom else y
        return np.stack([x, y], axis=-1)

    def depth(self, places_mm: Points, size_mm: tuple[float, float]) -> NDArray[np.float64]:
        """How far places on the side (N × 2 mm) are from the corner: 0 in it, 1 on the cut, more beyond."""
        x, y = self.from_corner(places_mm, size_mm).T
        return np.asarray(x / (self.across * size_mm[0]) + y / (self.down * size_mm[1]), dtype=np.float64)

    def takes(self, places_mm: Points, size_mm: tuple[float, float], slack: float = 1.0) -> NDArray[np.bool_]:
        """Which places on the side (N × 2 mm) were in the corner or under it, or in one `slack` times as large."""
        beyond = self.depth(places_mm, size_mm) / slack - 1
        taken = beyond < 0
        if self.folded:
            # Where the corner, turned over along the cut, has come to lie.
            x, y = self.from_corner(places_mm, size_mm).T / slack
            across, down = self.across * size_mm[0], self.down * size_mm[1]
            back = 2 * beyond / (1 / across**2 + 1 / down**2)
            taken |= (x - back / across > 0) & (y - back / down > 0)
        return np.asarray(taken, dtype=np.bool_)


def torn_corner(printing: Printing, look: Look) -> TornCorner | None:
    """The corner that forgives most of what is missing; None where none forgives anything."""
    if not look.missing.any():
        return None
    corners, gone = _corners(printing)
    forgiven = gone @ np.where(look.missing, printing.weights, 0.0)
    still_there = gone @ np.where(look.seen, printing.weights, 0.0)
    best = int(np.where(still_there < STILL_THERE * forgiven, forgiven, 0.0).argmax())
    return corners[best] if still_there[best] < STILL_THERE * forgiven[best] else None


@lru_cache(maxsize=64)  # some 100 kB a side
def _corners(printing: Printing) -> tuple[Sequence[TornCorner], NDArray[np.bool_]]:
    """Every corner that may be torn off, and which of the side's cells (corners × cells) it takes along."""
    corners = [
        corner
        for from_right, from_bottom, folded in itertools.product((False, True), repeat=3)
        for across, down in itertools.product(EDGES, EDGES)
        if (corner := TornCorner(from_right, from_bottom, across, down, folded)).area <= LARGEST
    ]
    return corners, np.stack([corner.takes(printing.centres_mm, printing.size_mm) for corner in corners])
