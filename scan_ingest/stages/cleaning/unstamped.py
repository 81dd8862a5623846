"""A side without the stamps that are in an ink of their own, by colour.

Two pens on one card are two inks too: an ink is a stamp's only where it looks like one (`stamps.impressions`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm, GreyImage, Image, Mask, Points
from scan_ingest.domain.page import Page, Placement
from scan_ingest.domain.template import Template
from scan_ingest.stages.cleaning.expected import PRINTED_ABOVE
from scan_ingest.stages.cleaning.inks import FAINTEST, WHITE, Floats, Ink, amounts, density_of, inks_of
from scan_ingest.stages.cleaning.register import register_coloured
from scan_ingest.stages.cleaning.stamps import impressions
from scan_ingest.stages.cleaning.strokes import grown

GLANCE_PX_PER_MM = 2.0
PRINT_REACH_MM, PRINT_EDGE_MM = 0.6, 0.3  # around print a page may show it, before and after it was moved to its place
SQUARE_MM = 5.0  # ink this near belongs together, at a glance
SAME_MM, SAME_SHARE = 1.5, 0.7  # two inks that lie so near to each other for the most part are one pen's
LEAST_MM, LARGEST_MM = 10.0, (110.0, 70.0)  # of a stamp; writing in one pen is wider
LEAST_SHARE = 0.3  # of an ink is in one stamp: a site has one or two
ROOM_MM = 8.0  # around a stamp: what it lies over is looked at too
INK_ABOVE = 0.4  # of its usual density, where an ink is
PEN_ABOVE = 0.2  # density of another ink that is writing, not the haze around it
PRINTED_SHARE = 0.08  # of the print; coloured edges of black print have less
BRIDGE_PX = 11  # a rule and its edges
AROUND_MM = 0.5  # a stamp's soft edge
HALO, HALO_BELOW = 0.2, 0.6  # of the ink around a pixel, what its blurred colour leaves there; where so little pen is
GREY_OF = np.array([0.114, 0.587, 0.299], dtype=np.float32)  # blue, green, red, as a page is made grey


def without_stamps(picture: GreyImage, page: Page, placement: Placement, template: Template) -> GreyImage:
    """The registered side without stamps in an ink of their own. A page in grey, or with one ink, stays as it is."""
    places = list(_glance(page, placement, template)) if page.image.ndim == 3 else []
    if not places:
        return picture
    coloured = register_coloured(page, placement, template)
    printed = _near_print(_Blank(template, placement.side, SIDE_PX_PER_MM, PRINT_EDGE_MM))
    known = _Inks.on(coloured, printed)
    result = picture.copy()
    for window in {_window(box, picture.shape) for box in places}:
        _take_out(result, coloured, printed, known, (slice(*window[:2]), slice(*window[2:])))
    return result


@dataclass(frozen=True)
class _Inks:
    written: tuple[Ink, ...]
    printed: tuple[Ink, ...]

    @classmethod
    def on(cls, coloured: Image, printed: Mask) -> "_Inks":
        """The inks of a side, and those of its print."""
        inked = coloured.min(axis=2) < WHITE * np.exp(-FAINTEST)
        area = SIDE_PX_PER_MM**2
        written, print_ = density_of(coloured[inked & ~printed]), density_of(coloured[inked & printed])
        return cls(inks_of(written, area), inks_of(print_, area, PRINTED_SHARE))


def _window(box: BoxMm, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """First row, row after the last, first column, column after the last."""
    px, (height, width) = SIDE_PX_PER_MM, shape
    room = box.grown(ROOM_MM)
    rows = max(int(room.y * px), 0), min(int(room.bottom * px), height)
    return *rows, max(int(room.x * px), 0), min(int(room.right * px), width)


@dataclass(frozen=True, eq=False)
class _Inked:
    """The N pixels of a window that are not paper: their rows, columns and densities (N × 3), and where the window is
    near print."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    density: Floats
    printed: Mask

    @classmethod
    def on(cls, coloured: Image, printed: Mask) -> "_Inked":
        rows, columns = np.nonzero(coloured.min(axis=2) < WHITE * np.exp(-FAINTEST))
        return cls(rows, columns, density_of(coloured[rows, columns]), printed)

    @cached_property
    def on_print(self) -> Mask:
        return np.asarray(self.printed[self.rows, self.columns], dtype=np.bool_)

    def apart(self, ink: Ink, known: _Inks) -> tuple[Floats, Floats]:
        """How much of an ink each pixel has, and how much of the others that were written with."""
        others = [other for other in known.written if other is not ink]
        amount, pen = amounts(self.density, ink, others)
        under = [*others, *(other for other in known.printed if ink.differs(other))]
        amount[self.on_print], _ = amounts(self.density[self.on_print], ink, under)
        return amount, pen

    def drawn(self, values: Floats) -> Floats:
        """The window with those values at its pixels, and 0 on paper."""
        result = np.zeros(self.printed.shape, dtype=np.float32)
        result[self.rows, self.columns] = values
        return result


def _take_out(result: GreyImage, coloured: Image, printed: Mask, known: _Inks, window: tuple[slice, slice]) -> None:
    """Takes the stamps in that window out of `result`."""
    inked = _Inked.on(coloured[window], printed[window])
    for ink in known.written:
        if ink.hue_deg is None or len(known.written) < 2:
            continue
        amount, pen = inked.apart(ink, known)
        there = _in_a_stamp(inked, amount, pen)
        if there.any():
            at = inked.rows[there], inked.columns[there]
            result[window][at] = np.maximum(result[window][at], _left(inked, ink, amount, pen)[there])


def _in_a_stamp(inked: _Inked, amount: Floats, pen: Floats) -> Mask:
    """Which of the pixels have an ink where it is a stamp's."""
    seen = _off_print(inked.drawn(amount) > _least(amount[~inked.on_print]), inked.printed)
    over = inked.drawn(np.where(inked.on_print, 0, pen)) > PEN_ABOVE
    near = grown(impressions(seen, over), round(AROUND_MM * SIDE_PX_PER_MM))
    return near[inked.rows, inked.columns] & (amount > 0)


def _left(inked: _Inked, ink: Ink, amount: Floats, pen: Floats) -> GreyImage:
    """What is left of each pixel in grey without an ink and its blurred colour."""
    around = np.asarray(cv2.dilate(inked.drawn(amount), np.ones((3, 3), np.uint8)))[inked.rows, inked.columns]
    halo = HALO * around * np.clip(1 - pen / HALO_BELOW, 0, 1)
    bare = inked.density - amount[:, None] * ink.density - halo[:, None]
    return np.asarray(WHITE * np.exp(-np.maximum(bare, 0)) @ GREY_OF, dtype=np.float32).astype(np.uint8)


def _least(amount: Floats) -> float:
    """From how much of it on a pixel of paper the ink is there."""
    there = amount[amount > FAINTEST]
    return max(INK_ABOVE * float(np.percentile(there, 75)), FAINTEST) if len(there) else FAINTEST


def _off_print(ink: Mask, printed: Mask) -> Mask:
    """The ink without the coloured edges of print; strokes that cross a rule are led across."""
    off, tall = (ink & ~printed).astype(np.uint8), np.ones((BRIDGE_PX, 1), np.uint8)
    led, beside = cv2.morphologyEx(off, cv2.MORPH_CLOSE, tall), cv2.dilate(off, tall)
    return np.asarray((led > 0) | (ink & (beside > 0)), dtype=np.bool_)


# -- at a glance -------------------------------------------------------------------------------------------------------


def _glance(page: Page, placement: Placement, template: Template) -> Iterator[BoxMm]:
    """Where on the side a stamp in an ink of its own may be: by a few of the page's pixels, as every page in colour is
    looked at."""
    density, places, px_per_mm = _inked(page, placement, template)
    free = ~_on_print(places, _near_print(_Blank(template, placement.side, GLANCE_PX_PER_MM, PRINT_REACH_MM)))
    density, places = density[free], places[free]
    inks = inks_of(density, px_per_mm**2)
    if len(inks) < 2:
        return
    where = [places[ink.among(density)] for ink in inks]
    for ink, own in zip(inks, where, strict=True):
        others = [there for other, there in zip(inks, where, strict=True) if _another(ink, own, other, there)]
        if ink.hue_deg is not None and others:
            yield from _together(own, px_per_mm)


def _another(ink: Ink, places: Points, other: Ink, others: Points) -> bool:
    """Whether two inks are not one pen's: the dark middle and the edges of its strokes lie beside each other."""
    if ink is other:
        return False
    return not (_beside(others, places) and (other.hue_deg is None or _beside(places, others)))


def _inked(page: Page, placement: Placement, template: Template) -> tuple[Floats, Points, float]:
    """Densities (N × 3) of a few of the page's pixels that are not paper, where they lie on the side (N × 2 mm), and
    how many there are to a millimetre."""
    height, width = page.image.shape[:2]
    left, top = np.clip(np.floor(placement.corners_px.min(axis=0)).astype(int), 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(placement.corners_px.max(axis=0)).astype(int), 1, (width, height))
    edges = placement.corners_px - np.roll(placement.corners_px, 1, axis=0)
    px_per_mm = float(np.hypot(*edges.T).sum()) / (2 * (template.width_mm + template.height_mm))
    step = max(round(px_per_mm / GLANCE_PX_PER_MM), 1)
    few = page.image[top:bottom:step, left:right:step]
    paper = np.maximum(np.percentile(few[::4, ::4].reshape(-1, 3), 90, axis=0), 1.0)
    dark = few[..., 0] < paper[0] * np.exp(-FAINTEST)
    for colour in (1, 2):
        dark |= few[..., colour] < paper[colour] * np.exp(-FAINTEST)
    rows, columns = np.nonzero(dark)
    density = -np.log(np.clip(few[rows, columns] / paper.astype(np.float32), 4 / 255, 1))
    places = placement.page_to_side.map(np.stack([columns * step + left, rows * step + top], axis=1))
    return density, places, px_per_mm / step


def _on_print(places_mm: Points, printed: Mask) -> Mask:
    """Which places are on or near print, or beyond the side's edge; `printed` has `GLANCE_PX_PER_MM`."""
    columns, rows = np.floor(places_mm * GLANCE_PX_PER_MM).astype(np.intp).T
    inside = (columns >= 0) & (columns < printed.shape[1]) & (rows >= 0) & (rows < printed.shape[0])
    result = np.ones(len(places_mm), dtype=np.bool_)
    result[inside] = printed[rows[inside], columns[inside]]
    return result


def _beside(places: Points, others: Points) -> bool:
    """Whether most of the places lie beside one of the others."""
    size = np.ceil(np.maximum(places.max(axis=0), others.max(axis=0)) / SAME_MM).astype(int) + 1
    squares = np.zeros(size, dtype=np.uint8)
    squares[tuple(np.maximum(others / SAME_MM, 0).astype(int).T)] = 1
    near = cv2.dilate(squares, np.ones((3, 3), np.uint8))
    return float(near[tuple(np.maximum(places / SAME_MM, 0).astype(int).T)].mean()) > SAME_SHARE


def _together(places: Points, px_per_mm: float) -> Iterator[BoxMm]:
    """The boxes around places that lie together, if a stamp may be so large, and if much of the ink is there."""
    at = np.maximum(places / SQUARE_MM, 0).astype(int)
    counts = np.zeros(at.max(axis=0) + 1, dtype=np.int32)
    np.add.at(counts, tuple(at.T), 1)
    _, parts, stats, _ = cv2.connectedComponentsWithStats((counts > px_per_mm**2).astype(np.uint8), connectivity=8)
    for number in range(1, len(stats)):
        y, x, down, across, _ = (int(value) for value in stats[number])
        box = BoxMm(x * SQUARE_MM, y * SQUARE_MM, across * SQUARE_MM, down * SQUARE_MM)
        fits = max(box.width, box.height) >= LEAST_MM and box.width <= LARGEST_MM[0] and box.height <= LARGEST_MM[1]
        if fits and int(counts[parts == number].sum()) >= LEAST_SHARE * len(places):
            yield box


@dataclass(frozen=True)
class _Blank:
    """A blank side at a size, and how far around its print something counts as print; a template is the same as
    itself alone."""

    template: Template
    side: str
    px_per_mm: float
    reach_mm: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Blank) and self.template is other.template and self._which == other._which

    def __hash__(self) -> int:
        return hash((id(self.template), self._which))

    @property
    def _which(self) -> tuple[str, float, float]:
        return self.side, self.px_per_mm, self.reach_mm


@lru_cache(maxsize=16)
def _near_print(blank: _Blank) -> Mask:
    size = [round(mm * blank.px_per_mm) for mm in (blank.template.width_mm, blank.template.height_mm)]
    reference = blank.template.side(blank.side).reference
    printed = (reference < 255 - PRINTED_ABOVE).astype(np.uint8) * 255
    small = cv2.resize(printed, (size[0], size[1]), interpolation=cv2.INTER_AREA)
    return grown(small > 0, max(round(blank.reach_mm * blank.px_per_mm), 1))
