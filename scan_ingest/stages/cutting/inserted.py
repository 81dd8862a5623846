"""Words that were put in above a line, afterwards: small writing between the text of two lines, or over the first."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Mask
from scan_ingest.stages.cleaning.strokes import Strokes

# All in heights of the lower line's text core.
INTO_CORE = 0.35  # so far a letter of such a word may reach into the text below or above
HEIGHTS = (0.35, 2.2)  # of its letters; lower are dots, bars of a t and dashes
WORD_GAP = 1.0  # within a word, and between two of one insertion
NARROWEST = 1.3  # the width of a word: two small letters
SINGLE = (2.0, 0.6)  # the width and height of a word that is one stroke; less are loops and tails
BAR = 4.0  # times as wide as high is the bar of a T, or an underline
SMALLEST_MM2 = 0.8  # ink of two small letters
BESIDE = 0.5  # of its columns have text above and below; a word that a crooked line ends with lacks one of them

# A line of its own that is such a word: this much as long as the line below, as high, and so near.
SHORT, SMALL, NEAR = 0.5, 0.95, 2.5

Core = tuple[int, int]
"""The first row of a line's text core, and the one after its last."""


def insertions(strokes: Strokes, cores: Sequence[Core]) -> list[list[Mask]]:
    """For each level line, from the top down, the words that were put in above it, from left to right."""
    found: list[list[Mask]] = []
    above: Core | None = None
    for core in cores:
        words = _words(strokes, _between(strokes, core, above), core)
        around = (core,) if above is None else (above, core)
        found.append([_mask(strokes, word) for word in words if _is_word(strokes, word, core, around)])
        above = core
    return found


def put_in(part: Mask, core: Core, below: Mask, below_core: Core) -> bool:
    """Whether a line is nothing but words put in above the next: short, small, close, all above its text."""
    columns, others = (np.flatnonzero(line.any(axis=0)) for line in (part, below))
    height = below_core[1] - below_core[0]
    return bool(
        columns[-1] - columns[0] <= SHORT * (others[-1] - others[0])
        and core[1] - core[0] <= SMALL * height
        and below_core[0] - core[1] <= NEAR * height
        and below[below_core[0] : below_core[1], columns[0] : columns[-1] + 1].any(axis=0).mean() >= BESIDE
    )


def _between(strokes: Strokes, core: Core, above: Core | None) -> NDArray[np.intp]:
    """The strokes above a core and below the other, as high as letters, from left to right."""
    height = core[1] - core[0]
    top, tall = strokes.boxes[:, 1], strokes.boxes[:, 3]
    highest = above[1] - INTO_CORE * height if above else core[0] - 3 * height
    there = (top >= highest) & (top + tall <= core[0] + INTO_CORE * height)
    there &= (tall >= HEIGHTS[0] * height) & (tall <= HEIGHTS[1] * height)
    there[0] = False
    labels = np.flatnonzero(there)
    return labels[np.argsort(strokes.boxes[labels, 0], kind="stable")]


def _words(strokes: Strokes, labels: NDArray[np.intp], core: Core) -> Iterator[NDArray[np.intp]]:
    """Strokes that follow each other closely."""
    gap = WORD_GAP * (core[1] - core[0])
    start, reach = 0, 0
    for at, (left, _, width, _) in enumerate(strokes.boxes[labels]):
        if at > start and left - reach > gap:
            yield labels[start:at]
            start, reach = at, 0
        reach = max(reach, int(left + width))
    if len(labels):
        yield labels[start:]


def _is_word(strokes: Strokes, word: NDArray[np.intp], core: Core, around: Sequence[Core]) -> bool:
    height = core[1] - core[0]
    boxes = strokes.boxes[word]
    left, right = boxes[:, 0].min(), (boxes[:, 0] + boxes[:, 2]).max()
    if (boxes[:, 2] > BAR * boxes[:, 3]).any():
        return False
    if len(word) == 1 and not (right - left >= SINGLE[0] * height and boxes[0, 3] >= SINGLE[1] * height):
        return False
    if right - left < NARROWEST * height or strokes.areas[word].sum() < SMALLEST_MM2 * SIDE_PX_PER_MM**2:
        return False
    texts = (strokes.labels[top:bottom, left:right] for top, bottom in around)
    return all(((text > 0) & ~np.isin(text, word)).any(axis=0).mean() >= BESIDE for text in texts)


def _mask(strokes: Strokes, word: NDArray[np.intp]) -> Mask:
    """The word's pixels, with those of small strokes in the box around it: its dots and bars."""
    boxes = strokes.boxes[word]
    left, top = boxes[:, 0].min(), boxes[:, 1].min()
    right, bottom = (boxes[:, 0] + boxes[:, 2]).max(), (boxes[:, 1] + boxes[:, 3]).max()
    x, y, width, height = strokes.boxes.T
    inside = (x >= left) & (x + width <= right) & (y >= top) & (y + height <= bottom)
    inside[0] = False
    inside[word] = True
    return np.asarray(inside[strokes.labels], dtype=np.bool_)
