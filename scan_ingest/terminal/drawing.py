"""Widgets that draw a picture: in characters, or as pixels where the terminal can."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Container
from textual.strip import Strip
from textual.widget import Widget

from scan_ingest.terminal.picture import (
    DOTS_IN,
    Cell,
    Manner,
    PictureRow,
    as_braille,
    as_grey_pairs,
    as_half_blocks,
    ink,
)

PLAIN = Style()
# Magenta is told from the writing on dark and on light ground. The word under the cursor is bold and has a line below.
LOOKED_AT = Style(bold=True)
DOUBTFUL = Style(color="magenta")
BELOW = Style(underline=True)
TINTS = {"looked at": (0.80, 0.95, 1.0), "doubtful": (1.0, 0.95, 0.72)}  # of the paper, in red, green, blue


@dataclass(frozen=True)
class Mark:
    """A part of the crop that is marked, in its pixels from the left."""

    left_px: float
    right_px: float
    looked_at: bool


Marks = Sequence[Mark]


class CharacterPicture(Widget):
    """Rows of a picture in braille or half blocks; as high as its rows."""

    DEFAULT_CSS = "CharacterPicture { width: 1fr; height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []
        self._lines = 0
        self._seen: tuple[object, ...] = ()
        self._kept: Sequence[PictureRow] = ()

    def show(self, rows: Sequence[PictureRow], marks: Sequence[Marks], manner: Manner, *, greys: bool) -> None:
        """`marks` are each row's."""
        seen = (tuple(map(id, rows)), tuple(map(tuple, marks)), manner, greys)
        if seen == self._seen:
            return
        self._seen, self._kept = seen, rows  # kept, so that no other row gets its id
        cell = DOTS_IN[manner]
        self._strips = [
            Strip(segments)
            for row, marked in zip(rows, marks, strict=True)
            for segments in _drawn(row, [_columns(row, mark, cell.across) for mark in marked], manner, greys)
        ]
        if len(self._strips) != self._lines:  # setting it lays the window out again
            self._lines = len(self._strips)
            self.styles.height = self._lines
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if y >= len(self._strips):
            return Strip.blank(self.size.width)
        return self._strips[y].adjust_cell_length(self.size.width)


class PixelPicture(Container):
    """Rows of a picture through textual-image."""

    DEFAULT_CSS = "PixelPicture { width: 1fr; height: auto; } PixelPicture > * { width: auto; height: auto; }"

    def __init__(self, image_widget: type[Widget]) -> None:
        super().__init__()
        self._image = image_widget()

    def compose(self) -> ComposeResult:
        yield self._image

    def show(self, rows: Sequence[PictureRow], marks: Sequence[Marks], cell: Cell) -> None:
        """`marks` are each row's, `cell` the pixels of a character."""
        width = max(row.dots.shape[1] for row in rows)
        height = sum(row.dots.shape[0] for row in rows)
        canvas = np.full((height, width, 3), 255, dtype=np.uint8)
        top = 0
        for row, marked in zip(rows, marks, strict=True):
            down, across = row.dots.shape
            part = np.repeat(row.dots[:, :, None], 3, axis=2).astype(np.float32)
            for mark in marked:
                if columns := row.columns_of(mark.left_px, mark.right_px, 1):
                    part[:, columns[0] : columns[1]] *= _tint(mark)
            canvas[top : top + down, :across] = part.astype(np.uint8)
            top += down
        self.put(canvas, cell)

    def put(self, canvas: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], cell: Cell) -> None:
        """Any picture in red, green and blue (H × W × 3), whole characters of `cell` pixels."""
        height, width = canvas.shape[:2]
        self._image.styles.width, self._image.styles.height = width // cell.across, height // cell.down
        self.styles.height = height // cell.down
        self._image.image = PILImage.fromarray(canvas)  # type: ignore[attr-defined]


def _tint(mark: Mark) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.asarray(TINTS["looked at" if mark.looked_at else "doubtful"], dtype=np.float32)


Columns = tuple[int, int, Mark]


def _columns(row: PictureRow, mark: Mark, across: int) -> Columns | None:
    found = row.columns_of(mark.left_px, mark.right_px, across)
    return None if found is None else (*found, mark)


def _drawn(
    row: PictureRow, marked: Sequence[Columns | None], manner: Manner, greys: bool
) -> Sequence[Sequence[Segment]]:
    places = [place for place in marked if place is not None]
    if manner is Manner.HALF_BLOCKS and greys:
        return [_grey_segments(pairs, places) for pairs in as_grey_pairs(row.dots)]
    lines = as_braille(ink(row.dots)) if manner is Manner.BRAILLE else as_half_blocks(ink(row.dots))
    return [_styled_segments(line, places, is_last=line is lines[-1]) for line in lines]


def _styled_segments(line: str, places: Sequence[Columns], *, is_last: bool) -> Sequence[Segment]:
    if not places:
        return [Segment(line, PLAIN)]
    # 1 for doubtful, 2 for looked at; each run of one kind is a segment.
    kinds = np.zeros(len(line), dtype=np.uint8)
    for left, right, mark in places:
        kinds[left:right] |= 2 if mark.looked_at else 1
    styles = [PLAIN, DOUBTFUL, LOOKED_AT, DOUBTFUL + LOOKED_AT]
    return [
        Segment(line[start:end], styles[kind] + (BELOW if is_last and kind & 2 else PLAIN))
        for start, end, kind in _runs(kinds)
    ]


def _grey_segments(pairs: NDArray[np.uint8], places: Sequence[Columns]) -> Sequence[Segment]:
    """`pairs` are the (upper, lower) greys of a row's characters."""
    tints = np.zeros(len(pairs), dtype=np.uint32)
    for left, right, mark in sorted(places, key=lambda place: place[2].looked_at):
        tints[left:right] = 2 if mark.looked_at else 1
    codes = pairs[:, 0] * np.uint32(256) + pairs[:, 1] + tints * np.uint32(65536)
    names = ("", "doubtful", "looked at")
    return [
        Segment(
            ("▀" if top != bottom else " ") * (end - start),
            _grey_style(top, bottom, names[tint]),
        )
        for start, end, code in _runs(codes)
        for top, bottom, tint in [(code // 256 % 256, code % 256, code // 65536)]
    ]


def _runs(values: NDArray[Any]) -> Iterator[tuple[int, int, int]]:
    """Each run of one value: where it starts, where it ends, the value."""
    edges = [0, *(np.flatnonzero(np.diff(values.astype(np.int64))) + 1).tolist(), len(values)]
    for start, end in pairwise(edges):
        yield start, end, int(values[start])


@lru_cache(maxsize=1024)
def _grey_style(top: int, bottom: int, tint: str) -> Style:
    red, green, blue = TINTS.get(tint, (1.0, 1.0, 1.0))

    def colour(grey: int) -> Color:
        return Color.from_rgb(grey * red, grey * green, grey * blue)

    return Style(color=colour(top), bgcolor=colour(bottom))
