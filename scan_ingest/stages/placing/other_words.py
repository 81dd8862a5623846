"""Rows of a side's small print in which other words stand: another house's card, or a revision in other words."""

import itertools

import numpy as np
from numpy.typing import NDArray

from scan_ingest.stages.placing.printing import PX_PER_MM, Printing

SURELY = 0.75  # correlation of a word with its place that needs no further look
ITSELF = 0.6  # below that it may be another: words in the same face reach 0.55
AS_PALE = 1.15  # times its blackness
OTHER_LIKE = 0.82  # of how like themselves words as pale are: other words in the same face reach 0.75, a few more
OTHER_KEPT = (0.6, 0.97)  # of their print dark: under a pen all of it is, and where a 1-bit scan broke it up, little
OTHER_WIDTH_MM = 12.0  # of at least so many neighbouring words; a single one may be anything
OTHER_WORDS = 2
ROW_MM = 1.2  # between the middles of words in one row
FEWEST_ALIKE = 5  # words as pale, to compare with

Floats = NDArray[np.float64]


def other_words_mm(printing: Printing, alike: Floats, kept: Floats) -> float:
    """How wide (mm) the widest run of neighbouring words is that are unlike themselves, though nothing lies over them.

    In small print other words are like these by half and more, and as dark; a whole row of them is telling, where print
    as pale is clear elsewhere on the page.
    """
    black = printing.word_blackness
    other = np.zeros(len(black), dtype=np.bool_)
    for at in np.flatnonzero((alike < SURELY) & (kept > OTHER_KEPT[0]) & (kept < OTHER_KEPT[1])):
        as_pale = (black < AS_PALE * black[at]) & (black * AS_PALE > black[at]) & (alike >= ITSELF)
        usual = as_pale if as_pale.sum() >= FEWEST_ALIKE else alike >= ITSELF
        other[at] = usual.any() and alike[at] < OTHER_LIKE * np.median(alike[usual])
    widest = 0.0
    for row in _rows(printing.words):
        for is_other, group in itertools.groupby(row, key=lambda at: bool(other[at])):
            run = list(group)
            if is_other and len(run) >= OTHER_WORDS:
                widest = max(widest, float(printing.words[run, 2].sum()) / PX_PER_MM)
    return widest


def _rows(words: NDArray[np.intp]) -> list[list[int]]:
    """The words by rows, each from left to right."""
    middles = words[:, 1] + words[:, 3] / 2
    order = np.argsort(middles, kind="stable")
    rows = np.split(order, np.flatnonzero(np.diff(middles[order]) > ROW_MM * PX_PER_MM) + 1)
    return [row[np.argsort(words[row, 0])].tolist() for row in rows]
