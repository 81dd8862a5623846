"""The terminal program around a screen: in the terminal's own colours, and left in order when the line drops."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast

from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from scan_ingest.terminal.hangup import on_hangup
from scan_ingest.terminal.output import LastingDriver, Line


class TerminalApp(App[None]):
    """Shows one screen. It closes nothing: whoever runs the app does, whatever becomes of it.

    `leave` ends the app in order; it is called in its loop when the line drops or somebody ends the program. `at_last`
    is called in a thread when that did not help, and should keep what is kept nowhere yet (see `on_hangup`).
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, screen: Screen[None], title: str, leave: Callable[[], None], at_last: Callable[[], None] = lambda: None
    ) -> None:
        self._line = Line(self._line_dropped)
        # The terminal's own colours and background, light or dark; NO_COLOR is Textual's to honour.
        driver = cast(type[Driver], partial(LastingDriver, line=self._line))  # Textual calls it and no more
        super().__init__(driver_class=driver, ansi_color=True)
        self._shown, self._shown_title = screen, title
        self._leave, self._at_last = leave, at_last
        self._ends = False
        self._running_loop: asyncio.AbstractEventLoop | None = None
        self.theme = "ansi-dark"

    def on_mount(self) -> None:
        self.title = self._shown_title
        self.push_screen(self._shown)
        self._running_loop = asyncio.get_running_loop()
        if self._ends:
            self._line_dropped()

    def run_until_left(self) -> None:
        with on_hangup(self._end, self._at_last):
            self.run()

    def _end(self) -> None:
        """In a signal's handler: the loop may wait for the terminal just now."""
        self._line.hurry()
        self._line_dropped()

    def _line_dropped(self) -> None:
        self._ends = True
        if self._running_loop is not None and not self._running_loop.is_closed():
            self._running_loop.call_soon_threadsafe(self._leave)
