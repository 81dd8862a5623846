"""The help page of every screen: all its keys and what they do."""

from collections.abc import Iterable

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

KEY, QUIET = Style(bold=True), Style(dim=True)
SCROLLING = ("up", "down", "pageup", "pagedown", "home", "end")


class Help(ModalScreen[None]):
    """Keys and their meanings, in blocks with an empty line between them."""

    DEFAULT_CSS = """
    Help { background: ansi_default; }
    Help VerticalScroll { padding: 0 1 0 2; background: ansi_default; scrollbar-size-vertical: 1; }
    Help Static { padding: 0 1 0 0; }
    """

    def __init__(self, *blocks: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._blocks = blocks

    def compose(self) -> ComposeResult:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column()
        table.add_row(Text("Keys", KEY), Text("arrows and PgDn move here, any other key goes back", QUIET))
        for block in self._blocks:
            table.add_row("", "")
            for keys, meaning in block:
                table.add_row(Text(keys, KEY), meaning)
        with VerticalScroll():
            yield Static(table)

    def on_key(self, event: events.Key) -> None:
        if event.key not in SCROLLING:
            event.stop()
            self.dismiss(None)
