"""The screens that open over a card: the menu behind Esc, the reasons for a rejection."""

from collections.abc import Callable
from typing import ClassVar

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from scan_ingest.domain.rejection import OTHER, REASONS
from scan_ingest.review.editing import WORD_KEYS
from scan_ingest.review.keys import COMMANDS

KEY = Style(bold=True)
QUIET = Style(dim=True)


class Menu(ModalScreen[str | None]):
    """The commands by letter; gives the action that was chosen, or None."""

    DEFAULT_CSS = """
    Menu { background: transparent; align: left bottom; }
    Menu > Static { width: 100%; height: auto; background: ansi_default; padding: 0 1; border-top: solid ansi_blue; }
    """

    def compose(self) -> ComposeResult:
        across = max(1, (self.app.size.width - 2) // 19)
        table = Table.grid(padding=(0, 3, 0, 0))
        cells = [Text.assemble((command.letter, KEY), "  ", (command.name, Style())) for command in COMMANDS]
        down = -(-len(cells) // across)
        for _ in range(across):
            table.add_column(no_wrap=True)
        for row in range(down):
            table.add_row(*cells[row::down])
        yield Static(table)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        pressed = event.key.removeprefix("alt+")
        if f"alt+{pressed}" in WORD_KEYS:
            self.dismiss(f"alt+{pressed}")
        elif pressed in tuple("123456789"):
            self.dismiss(f"suggestion_{pressed}")
        else:
            self.dismiss(next((command.action for command in COMMANDS if command.letter == pressed), None))

    def on_click(self) -> None:
        self.dismiss(None)


class NoteLine(ModalScreen[None]):
    """A line for a note about the card; `typed` is given it with every key, so that it is as safe as any typing."""

    DEFAULT_CSS = """
    NoteLine { background: transparent; align: left bottom; }
    NoteLine > Vertical { height: auto; background: ansi_default; border-top: solid ansi_blue; padding: 0 1; }
    NoteLine Static { background: ansi_default; }
    NoteLine Input, NoteLine Input:focus, NoteLine Input:ansi {
        border: none; height: 1; padding: 0; background: ansi_default; color: ansi_default;
        border-left: outer ansi_blue;
    }
    NoteLine Input > .input--cursor, NoteLine Input:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False, priority=True)]

    def __init__(self, note: str, typed: Callable[[str], None]) -> None:
        super().__init__()
        self._note, self._typed = note, typed

    def compose(self) -> ComposeResult:
        with Vertical():
            hint = "   for whoever looks at it next · Enter: done"
            yield Static(Text.assemble(("A note about this card", KEY), (hint, QUIET)))
            yield Input(self._note, select_on_focus=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._typed(event.value)

    def on_input_submitted(self) -> None:
        self.dismiss(None)

    def action_back(self) -> None:
        self.dismiss(None)


class Rejection(ModalScreen[str | None]):
    """Asks why; gives the reason, or None where the card is not rejected after all."""

    DEFAULT_CSS = """
    Rejection { background: transparent; align: center middle; }
    Rejection > Vertical {
        width: 56; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    Rejection Input, Rejection Input:focus, Rejection Input:ansi {
        border: none; height: 1; padding: 0; margin: 1 0 0 0; background: ansi_default; color: ansi_default;
        border-left: outer ansi_blue; display: none;
    }
    Rejection Input > .input--cursor, Rejection Input:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """
    AUTO_FOCUS: ClassVar[str | None] = ""  # keys go to the list until the fifth is chosen
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False, priority=True)]

    def compose(self) -> ComposeResult:
        with Vertical():
            text = Text.assemble(("Why is this card rejected?\n\n", KEY))
            for number, reason in enumerate((*REASONS, f"{OTHER}: in your words"), start=1):
                text.append(f"{number}", KEY).append(f"  {reason}\n")
            text.append("\nEsc  back to the card", QUIET)
            yield Static(text)
            yield Input(placeholder="the reason, then Enter")

    def on_key(self, event: events.Key) -> None:
        if self.focused is not None or not event.character or not event.character.isdigit():
            return
        number = int(event.character)
        event.stop()
        if 1 <= number <= len(REASONS):
            self.dismiss(REASONS[number - 1])
        elif number == len(REASONS) + 1:
            words = self.query_one(Input)
            words.display = True
            words.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.dismiss(f"{OTHER}: {event.value.strip()}")

    def action_back(self) -> None:
        self.dismiss(None)
