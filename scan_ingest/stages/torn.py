"""A corner of a card that is torn off or folded over: no print there is missed."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Points
from scan_ingest.stages.printing import Look, Printing

LARGEST = 0.19  # of the card's area: 15 % may be folded or torn off, and the cells along the cut are lost too
EDGES = (0.2, 0.3, 0.42, 0.58, 0.78, 1.0)  # shares of the two edges that the cut takes
STILL_THERE = 0.25  # of the print in a corner that is gone; a moved field does not take all its neighbours along


@dataclass(frozen=True)
class TornCorner:
    """`across` and `down`: the shares of the side's width and height that are gone from its edges."""

    from_right: bool
    from_bottom: bool
    across: float
    down: float

    def takes(self, places_mm: Points, size_mm: tuple[float, float], slack: float = 1.0) -> NDArray[np.bool_]:
        """Which places on the side (N × 2 mm) were in the corner, or in one `slack` times as large."""
        x, y = (places_mm / size_mm).T
        x, y = (1 - x if self.from_right else x), (1 - y if self.from_bottom else y)
        return np.asarray(x / self.across + y / self.down < slack, dtype=np.bool_)


def torn_corner(printing: Printing, look: Look) -> TornCorner | None:
    """The corner that forgives most of what is missing; None where none forgives anything."""
    best, most = None, 0.0
    for from_right, from_bottom in itertools.product((False, True), repeat=2):
        for across, down in itertools.product(EDGES, EDGES):
            if across * down / 2 > LARGEST:
                continue
            corner = TornCorner(from_right, from_bottom, across, down)
            gone = corner.takes(printing.centres_mm, printing.size_mm)
            forgiven = float(printing.weights[gone & look.missing].sum())
            if forgiven > most and float(printing.weights[gone & look.seen].sum()) < STILL_THERE * forgiven:
                best, most = corner, forgiven
    return best
