"""The widget that draws a page with outlines over it: in characters, or as pixels where the terminal can."""

from functools import lru_cache

import cv2
import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from scan_ingest.align.view import View
from scan_ingest.domain.geometry import Mask
from scan_ingest.terminal.picture import DOTS_IN, Manner, as_braille, as_grey_pairs, as_half_blocks, ink

OUTLINE = Style(color="bright_red", bold=True)
OTHERS = Style(color="green")
CORNER = Style(color="bright_white", bgcolor="red", bold=True)
MOVING = Style(color="black", bgcolor="bright_yellow", bold=True)
RED, GREEN = (226, 26, 26), (20, 140, 40)  # where pictures are real pixels


class OutlinedPicture(Widget):
    """A page in braille or half blocks, with the outline in red, cards already placed in green, corners numbered."""

    DEFAULT_CSS = "OutlinedPicture { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []

    def show(self, view: View, which: int | None, manner: Manner, *, greys: bool) -> None:
        """`which` is the corner that moves, None all four."""
        cell = DOTS_IN[manner]
        own, others = _cells(view.outline, cell.across, cell.down), _cells(view.others, cell.across, cell.down)
        if manner is Manner.HALF_BLOCKS and greys:
            rows = _in_greys(view)
        else:
            drawn = as_braille(ink(view.dots)) if manner is Manner.BRAILLE else as_half_blocks(ink(view.dots))
            rows = [[Segment(character, Style()) for character in line] for line in drawn]
            lines = (as_braille if manner is Manner.BRAILLE else as_half_blocks)(view.outline | view.others)
            for y, x in np.argwhere(own | others):
                rows[y][x] = Segment(lines[y][x], OUTLINE if own[y, x] else OTHERS)
        for number, (x, y) in enumerate(view.corners):
            column, row = int(x // cell.across), int(y // cell.down)
            if 0 <= row < len(rows) and 0 <= column < len(rows[row]):
                style = MOVING if which is None or which == number else CORNER
                rows[row][column] = Segment(str(number + 1), style)
        self._strips = [Strip(Segment.simplify(row)) for row in rows]
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if y >= len(self._strips):
            return Strip.blank(self.size.width)
        return self._strips[y].adjust_cell_length(self.size.width)


def in_colour(view: View, which: int | None) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The page with its outlines in red, green and blue, for terminals that show real pixels."""
    canvas = np.repeat(view.dots[:, :, None], 3, axis=2)
    for mask, colour in ((view.others, GREEN), (view.outline, RED)):
        thick = cv2.dilate(mask.astype(np.uint8), np.ones((2, 2), np.uint8)) > 0
        canvas[thick] = colour
    for number, (x, y) in enumerate(view.corners):
        place = int(x) + 4, int(y) - 4 if y > 20 else int(y) + 16
        thickness = 2 if which is None or which == number else 1
        cv2.putText(canvas, str(number + 1), place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, RED, thickness, cv2.LINE_AA)
    return np.asarray(canvas, dtype=np.uint8)


def _in_greys(view: View) -> list[list[Segment]]:
    """Half blocks, each half in its grey or in the outline's colour."""
    rows = []
    for y, pairs in enumerate(as_grey_pairs(view.dots).tolist()):
        own, others = view.outline[2 * y : 2 * y + 2], view.others[2 * y : 2 * y + 2]
        halves = [
            tuple(RED if own[half, x] else GREEN if others[half, x] else (grey,) * 3 for half, grey in enumerate(pair))
            for x, pair in enumerate(pairs)
        ]
        rows.append([Segment("▀", _two(top, bottom)) for top, bottom in halves])
    return rows


def _cells(mask: Mask, across: int, down: int) -> Mask:
    height, width = mask.shape
    return np.asarray(mask.reshape(height // down, down, width // across, across).any(axis=(1, 3)), dtype=np.bool_)


@lru_cache(maxsize=1024)
def _two(top: tuple[int, ...], bottom: tuple[int, ...]) -> Style:
    return Style(color=Color.from_rgb(*top[:3]), bgcolor=Color.from_rgb(*bottom[:3]))
