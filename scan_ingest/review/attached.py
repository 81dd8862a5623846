"""Pages that belong to a card beside its own sides: shown, and what is typed from them added to a field."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import cv2
import numpy as np
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.review.open_card import OpenCard
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.overview import Overview, Shown
from scan_ingest.terminal.picture import Manner, decoded

LONGEST_PX = 2400  # of a page that is shown: letters of a few millimetres keep their strokes


class AttachedPages(Overview):
    """The pages one at a time; `add` is given what was typed from one, and the number of the field it belongs in."""

    FURTHER_KEYS = (("t", "type what it says"), ("r", "turn"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "type_from", show=False),
        Binding("r", "quarter", show=False),
    ]

    def __init__(
        self, pages: Sequence[Shown], canvas: Canvas, manner: Manner, card: OpenCard, add: Callable[[int, str], None]
    ) -> None:
        super().__init__(list(pages), canvas, manner, large=False, at=0)
        self._card, self._add = card, add

    def action_quarter(self) -> None:
        pictures = list(self._pictures)
        shown = pictures[self.at]
        pictures[self.at] = Shown(shown.title, np.ascontiguousarray(np.rot90(shown.crop, -1)))
        self._pictures = pictures
        self._draw()

    def action_type_from(self) -> None:
        def typed(answer: tuple[int, str] | None) -> None:
            if answer is not None:
                self._add(*answer)

        self.app.push_screen(FromPage(self._card), typed)


class FromPage(ModalScreen[tuple[int, str] | None]):
    """A line to type into, below the picture of the page; gives the number of the field and the text."""

    DEFAULT_CSS = """
    FromPage { background: transparent; align: left bottom; }
    FromPage > Vertical { height: auto; background: ansi_default; border-top: solid ansi_blue; padding: 0 1; }
    FromPage Static { background: ansi_default; }
    FromPage Input, FromPage Input:focus, FromPage Input:ansi {
        border: none; height: 1; padding: 0; background: ansi_default; color: ansi_default;
        border-left: outer ansi_blue;
    }
    FromPage Input > .input--cursor, FromPage Input:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False, priority=True),
        Binding("tab", "other_field", show=False, priority=True),
    ]

    def __init__(self, card: OpenCard) -> None:
        super().__init__()
        self._names = text_fields(card)
        self._chosen = next((n for n, (number, _) in enumerate(self._names) if number == card.field), 0)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="where")
            yield Input(placeholder="what the page says, then Enter")

    def on_mount(self) -> None:
        self._show()

    def action_other_field(self) -> None:
        self._chosen = (self._chosen + 1) % len(self._names)
        self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        self.dismiss((self._names[self._chosen][0], text) if text else None)

    def action_back(self) -> None:
        self.dismiss(None)

    def _show(self) -> None:
        text = Text("added to ").append(for_a_terminal(self._names[self._chosen][1]), Style(bold=True))
        text.append("   Tab another field · Enter adds it as a paragraph · Esc back", Style(dim=True))
        self.query_one("#where", Static).update(text)


def text_fields(card: OpenCard) -> list[tuple[int, str]]:
    """The fields that text can be added to: their number and name."""
    return [(n, field.note.name) for n, field in enumerate(card.fields) if field.note.kind == FieldKind.TEXT]


def pages_of(card: OpenCard, picture_of: Callable[[str, PageRef], bytes]) -> list[Shown]:
    """The pages that belong to the card; `picture_of` is the desk's. Raises `StoreError` where one is gone."""
    return [
        Shown(for_a_terminal(f"{ref} belongs to this card"), _small(picture_of(card.queued.id, ref)))
        for ref in card.queued.attached
    ]


def _small(jpeg: bytes) -> GreyImage:
    picture = decoded(jpeg)
    factor = LONGEST_PX / max(picture.shape)
    if factor >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def said_of(card: OpenCard) -> str:
    """How many pages belong to the card, in words; "" where none does."""
    number = len(card.queued.attached)
    if not number:
        return ""
    return "1 more page belongs to this card" if number == 1 else f"{number} more pages belong to this card"
