"""What the ink of a line says of the words that were read from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Line, Word
from scan_ingest.domain.crop import LineCrop, inked

OF_INK = ("narrow", "wide", "gap_inside", "gap_beside", "stray", "too_tall", "too_low", "dot_lost", "dot_added")
NOT_SEEN = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)  # of a word whose line's picture is not there

CORE_HEIGHTS = 4.0  # a line's picture is its text core and 1.5 core heights above and below
CORE_TOP, BASELINE = 1.5, 2.5
TALL_LETTERS = frozenset("bdfhklt")
RISES_FROM, RISES_TO = 0.3, 0.6  # core heights above the core: a small letter's flourish, the least of a tall one
DOT_WIDE, DOT_HIGH = 0.63, 0.9  # core heights: a full stop or comma is no larger
STRAY_ABOVE = 1.0  # core heights of ink that no word is read from; one real word in a thousand has more
BARE_AROUND_MM = 1.5  # a letter's place is known so well
STRUCK_SHARE = 0.5  # of a word's width; a neighbour's stroke reaches over a letter
MOST = 3.0  # core heights: a wider gap, or more ink, says no more
WIDE_GAP = 1.5  # core heights: a gap between words that leaves no doubt
OUTER = 1.0  # core heights at the picture's top and bottom: small letters put in stand there, tails only now and then
CROWDED_WIDE, CROWDED, CROWDED_STROKES = 2.5, 0.8, 3  # core heights, share of their columns, upright strokes

Columns = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Traced:
    """A line's ink, its words' first and last columns, and where each word's part of the picture ends."""

    words: tuple[Word, ...]
    columns: Columns  # whether there is ink
    tops: NDArray[np.int64]  # the first row with ink
    bottoms: NDArray[np.int64]  # after the last
    px_per_mm: float
    core: float  # pixels
    sides: tuple[tuple[float, float], ...]
    bounds: tuple[int, ...]

    @classmethod
    def of(cls, line: Line, strip: LineCrop) -> "Traced":
        ink = inked(strip.picture)
        columns: Columns = np.logical_or.reduce(ink, axis=0)
        rows, width = ink.shape
        px = width / strip.box_mm.width
        sides = tuple(
            ((word.box_mm.x - strip.box_mm.x) * px, (word.box_mm.right - strip.box_mm.x) * px) for word in line.words
        )
        middles = [(before[1] + after[0]) / 2 for before, after in pairwise(sides)]
        bounds = tuple(int(np.clip(round(at), 0, width)) for at in (0.0, *middles, float(width)))
        tops = np.where(columns, ink.argmax(axis=0), rows)
        bottoms = np.where(columns, rows - ink[::-1].argmax(axis=0), 0)
        return cls(line.words, columns, tops, bottoms, px, rows / CORE_HEIGHTS, sides, bounds)

    @cached_property
    def widths(self) -> list[float]:
        """From the first inked column of each word to its last."""
        return [_extent(self.columns[a:b]) for a, b in pairwise(self.bounds)]

    @cached_property
    def usual(self) -> float:
        """The width of a character, in pixels."""
        return max(sum(self.widths), 1.0) / sum(len(word.text) for word in self.words)

    def stray(self, at: int) -> float:
        """The ink (core heights) in a word's part of the line that lies two characters and more off the word."""
        left, right = self.sides[at]
        off = 2 * self.usual
        inked = np.flatnonzero(self.columns[self.bounds[at] : self.bounds[at + 1]]) + self.bounds[at]
        return float(((inked < left - off) | (inked > right + off)).sum()) / self.core

    def gap_inside(self, at: int) -> float:
        """The widest stretch without ink in a word, in core heights."""
        left, right = self.sides[at]
        inked = np.flatnonzero(self.columns[max(int(left), 0) : int(right) + 1])
        return float(np.diff(inked).max() - 1) / self.core if len(inked) > 1 else 0.0

    def gap_beside(self, at: int) -> float:
        """The narrower of the gaps to the words beside it, in core heights."""
        gaps = [_gap(self.columns, self.bounds[edge]) for edge in (at, at + 1) if 0 < edge < len(self.words)]
        return min([WIDE_GAP, *(gap / self.core for gap in gaps)])

    def rise(self, at: int) -> float:
        """How far the first letter stands above the text core, in core heights."""
        left, start = self.sides[at][0], self.bounds[at]
        usual = self.usual
        first = slice(max(int(left - 0.8 * usual), start), max(int(left + 0.6 * usual), start + 1))
        lowest = round(CORE_HEIGHTS * self.core)
        return CORE_TOP - float(self.tops[first].min(initial=lowest)) / self.core

    def has_dot(self, at: int) -> bool:
        """Whether something small stands by itself on the baseline behind a word."""
        start = max(int(self.sides[at][1] - self.usual), self.bounds[at])
        inked = np.flatnonzero(self.columns[start : self.bounds[at + 1]]) + start
        if not len(inked):
            return False
        pieces = np.split(inked, np.flatnonzero(np.diff(inked) > 1) + 1)
        return any(
            len(piece) <= DOT_WIDE * self.core
            and self.bottoms[piece].max() - self.tops[piece].min() <= DOT_HIGH * self.core
            and self.tops[piece].min() > (BASELINE - 0.5) * self.core
            for piece in pieces
        )

    def is_bare(self, at: int) -> bool:
        """Whether there is no ink where the word was read."""
        left, right = self.sides[at]
        around = BARE_AROUND_MM * self.px_per_mm
        under = self.columns[max(int(left - around), 0) : int(right + around) + 1]
        return not under.any()


def of_ink(line: Line, strip: LineCrop | None) -> list[tuple[float, ...]]:
    """For each word `OF_INK`.

    How much narrower and wider its ink is, a character, than the line's (natural logarithms); the widest gap in it, the
    narrower gap beside it, ink that lies off it, a small first letter that stands too tall and a tall one too low (all
    in core heights); a full stop that is there and not read, and one that is read and not there.
    """
    if strip is None or not line.words:
        return [NOT_SEEN] * len(line.words)
    traced = Traced.of(line, strip)
    usual, widths = traced.usual, traced.widths
    return [_of_word(traced, at, usual, widths[at]) for at in range(len(line.words))]


def _of_word(traced: Traced, at: int, usual: float, width: float) -> tuple[float, ...]:
    text = traced.words[at].text
    # One character's worth of the usual is added to both, for words of one thin letter.
    ratio = log((width / len(text) + 0.2 * usual) / (1.2 * usual))
    is_tall = text[0].isupper() or text[0].isdigit() or text[0] in TALL_LETTERS
    is_small = text[0].isalpha() and not is_tall
    rise = traced.rise(at)
    dot, marked = traced.has_dot(at), text[-1] in ".,"
    return (
        max(-ratio, 0.0),
        max(ratio, 0.0),
        min(traced.gap_inside(at), MOST),
        traced.gap_beside(at),
        min(traced.stray(at), MOST),
        min(max(rise - RISES_FROM, 0.0), WIDE_GAP) if is_small else 0.0,
        min(max(RISES_TO - rise, 0.0), WIDE_GAP) if is_tall else 0.0,
        float(dot and not marked),
        float(marked and not dot),
    )


def off_the_ink(line: Line, strip: LineCrop) -> Sequence[bool]:
    """For each word whether it stands where there is no ink, or has ink beside it that no word was read from: more than
    a stroke of it, or some that is crossed out."""
    if not line.words:
        return []
    traced = Traced.of(line, strip)
    unread = _beside_struck(line, strip)
    return [at in unread or traced.is_bare(at) or traced.stray(at) > STRAY_ABOVE for at in range(len(line.words))]


def _beside_struck(line: Line, strip: LineCrop) -> frozenset[int]:
    """The words nearest to what was crossed out so that no word was read there."""
    found: set[int] = set()
    for start, end in strip.struck:
        off = [max(start - word.box_mm.right, word.box_mm.x - end) for word in line.words]
        if min(off) >= 0:
            found.add(off.index(min(off)))
    return frozenset(found)


def crossed_out(line: Line, strip: LineCrop) -> Sequence[bool]:
    """For each word whether it lies by `STRUCK_SHARE` of its width, letters' edges included, under something struck."""
    around = line.box_mm.height / CORE_HEIGHTS / 4
    return [
        any(
            min(end, word.box_mm.right + around) - max(start, word.box_mm.x - around)
            >= STRUCK_SHARE * (word.box_mm.width + 2 * around)
            for start, end in strip.struck
        )
        for word in line.words
    ]


def crowded(line: Line, strip: LineCrop) -> Sequence[bool]:
    """For each word whether letters stand close above or below it where a line has but tails: a word that was put in
    and touches the line, so that it was not cut out and is not read. Of real words one in fifty looks so."""
    ink = inked(strip.picture)
    core = len(ink) / CORE_HEIGHTS
    reach = round(OUTER * core)
    there = _written(ink[:reach], core) | _written(ink[len(ink) - reach :], core)
    if not there.any():
        return [False] * len(line.words)
    px = ink.shape[1] / strip.box_mm.width
    sides = [((word.box_mm.x - strip.box_mm.x) * px, (word.box_mm.right - strip.box_mm.x) * px) for word in line.words]
    return [bool(there[max(int(left), 0) : int(right) + 1].any()) for left, right in sides]


def _written(band: Columns, core: float) -> Columns:
    """The columns of a band above or below a line's core in which letters stand."""
    width = max(round(CROWDED_WIDE * core), 2)
    inked = band.sum(axis=0) >= 2
    if len(inked) < width:
        return np.zeros(len(inked), dtype=np.bool_)
    sums = np.concatenate([[0], np.cumsum(inked)])
    starts = np.flatnonzero(sums[width:] - sums[:-width] >= CROWDED * width)
    result = np.zeros(len(inked), dtype=np.bool_)
    for start in starts:
        part = band[:, start : start + width]
        if int((part[:, 1:] & ~part[:, :-1]).sum(axis=1).max(initial=0)) >= CROWDED_STROKES:
            result[start : start + width] = True
    return result


def _extent(columns: Columns) -> float:
    at = np.flatnonzero(columns)
    return float(at[-1] - at[0] + 1) if len(at) else 0.0


def _gap(columns: Columns, at: int) -> float:
    """How wide the stretch without ink around that column is."""
    left, right = columns[:at][::-1], columns[at:]
    before = int(left.argmax()) if left.any() else len(left)
    after = int(right.argmax()) if right.any() else len(right)
    return float(before + after)
