"""A picture by itself: the whole field, or a whole side, fitted to the window or as large as it is legible."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.screen import Screen
from textual.widgets import Static

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.drawing import CharacterPicture, PixelPicture
from scan_ingest.terminal.picture import DOTS_IN, LEGIBLE_DOTS, Cell, Manner, PictureRow, at_scale, fitted, stretched

TYPICAL_CHARACTER_MM = 3.0


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture with its title; `crop` is as scanned."""

    title: str
    crop: GreyImage


class Overview(Screen[bool]):
    """Shows pictures one at a time; gives whether the one shown last is wanted in the system's viewer."""

    DEFAULT_CSS = """
    Overview { background: ansi_default; color: ansi_default; }
    Overview ScrollableContainer { height: 1fr; background: ansi_default; }
    Overview CharacterPicture { width: auto; }
    Overview Static { height: 1; padding: 0 1; background: ansi_default; }
    """
    FURTHER_KEYS: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What else there is to press, for screens made of this one: key and name."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f8,f9,enter", "back", show=False),
        Binding("tab", "turn", show=False, priority=True),
        Binding("z,space", "zoom", show=False),
        Binding("o,ctrl+o", "open", show=False),
    ]

    def __init__(self, pictures: Sequence[Shown], canvas: Canvas, manner: Manner, *, large: bool, at: int) -> None:
        super().__init__()
        self._pictures, self._canvas, self._manner, self._large = pictures, canvas, manner, large
        self.at = at

    def compose(self) -> ComposeResult:
        yield Static(id="title")
        with ScrollableContainer():
            if self._manner is Manner.PIXELS and self._canvas.image_widget is not None:
                yield PixelPicture(self._canvas.image_widget)
            else:
                yield CharacterPicture()
        yield Static(id="keys")

    def on_mount(self) -> None:
        self.query_one(ScrollableContainer).focus()

    def on_resize(self) -> None:
        self._draw()

    def action_zoom(self) -> None:
        self._large = not self._large
        self._draw()

    def action_turn(self) -> None:
        self.at = (self.at + 1) % len(self._pictures)
        self._draw()

    def action_back(self) -> None:
        self.dismiss(False)

    def action_open(self) -> None:
        self.dismiss(True)

    def _draw(self) -> None:
        shown = self._pictures[self.at]
        # Real pixels show it as it is; dots need paper that is white all over.
        crop = shown.crop if self._manner is Manner.PIXELS else stretched(shown.crop)
        columns, lines = max(8, self.size.width - 2), max(3, self.size.height - 3)
        cell = self._canvas.pixels if self._manner is Manner.PIXELS else DOTS_IN[self._manner]
        cell = cell or Cell(1, 2)
        scale = LEGIBLE_DOTS / (TYPICAL_CHARACTER_MM * SIDE_PX_PER_MM)
        row: PictureRow = fitted(crop, columns, lines, cell)
        if self._large and row.dots.shape[1] < crop.shape[1] * scale:
            row = at_scale(crop, scale, cell)
        for picture in self.query(CharacterPicture):
            picture.show([row], [[]], self._manner, greys=self._canvas.greys)
            picture.styles.width = row.dots.shape[1] // cell.across
        for pixels in self.query(PixelPicture):
            pixels.show([row], [[]], cell)
        self.query_one("#title", Static).update(Text(shown.title, Style(bold=True)))
        keys = Text()
        for key, name in (
            *self.FURTHER_KEYS,
            ("Esc", "back"),
            ("z", "smaller" if self._large else "larger"),
            ("arrows", "move"),
            *((("Tab", "other side"),) if len(self._pictures) > 1 else ()),
            ("o", "in a viewer"),
        ):
            keys.append(f"{key} ", Style(bold=True)).append(f"{name}   ", Style(dim=True))
        self.query_one("#keys", Static).update(keys)
