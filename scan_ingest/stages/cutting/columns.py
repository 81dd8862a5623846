"""Writing in two columns: each is a text of its own, the left one first."""

import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask

GUTTER_MM = 6.0  # no ink from the first line to the last; wider than any gap between words that lie under each other
COLUMN_MM = 20.0  # a narrower one is a row of numbers, bullets or dashes before a list
BESIDE = 0.6  # of the shorter column's height that both share
FEWEST_LINES = 3  # the gaps of two lines may well lie under each other


def columns(ink: Mask) -> list[Mask]:
    """The ink of the left and of the right column, all of it in one where there are no two."""
    inked = np.flatnonzero(ink.any(axis=0))
    gaps = np.diff(inked)
    if not len(gaps):
        return [ink]
    at = int(gaps.argmax())
    last, first = int(inked[at]), int(inked[at + 1])
    narrow = min(last - inked[0], inked[-1] - first) < COLUMN_MM * SIDE_PX_PER_MM
    if first - last <= GUTTER_MM * SIDE_PX_PER_MM or narrow:
        return [ink]
    left, right = ink.copy(), ink.copy()
    left[:, first:] = False
    right[:, :first] = False
    rows = [np.flatnonzero(one.any(axis=1)) for one in (left, right)]
    shared = min(int(one[-1]) for one in rows) - max(int(one[0]) for one in rows)
    if shared < BESIDE * min(int(one[-1] - one[0]) for one in rows):
        return [ink]
    return [left, right]
