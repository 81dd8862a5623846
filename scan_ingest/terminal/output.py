"""What a screen writes to the terminal, in a thread of its own that a terminal can neither kill nor hold fast.

Textual's own thread ends with an error when the terminal is gone, and waits for ever for one that does not read. In
both cases the thirty writes that may wait are soon there, and the next one stops the whole program in the middle of a
key or of its end. Here what cannot be written any more is dropped.
"""

import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Full, Queue
from threading import Thread
from typing import Any

from textual.app import App

if sys.platform == "win32":
    from textual.drivers.windows_driver import WindowsDriver as PlatformDriver
else:
    from textual.drivers.linux_driver import LinuxDriver as PlatformDriver

MOST_WAITING = 30  # writes; more are no use to anybody, the screen has changed since
LAST_WORDS_SECONDS = 1.0  # a terminal that reads has got the last frame and its own screen back by then
POLL_SECONDS = 0.05


@dataclass
class Line:
    """The line to the terminal. `dropped` is called, in any thread, when it turns out to be gone."""

    dropped: Callable[[], None]
    is_gone: bool = False
    ends_at: float = math.inf  # by the monotonic clock; nothing is waited for afterwards

    def hurry(self) -> None:
        """The program ends: the terminal gets a moment to read what is left. A signal's handler may call it."""
        self.ends_at = min(self.ends_at, time.monotonic() + LAST_WORDS_SECONDS)

    @property
    def is_over(self) -> bool:
        return self.is_gone or time.monotonic() >= self.ends_at


class Output:
    """Writes in the order given. `put` may raise `OSError` where the terminal is gone."""

    def __init__(self, put: Callable[[str], None], line: Line) -> None:
        self._put, self._line = put, line
        self._waiting: Queue[str | None] = Queue(MOST_WAITING)
        self._thread = Thread(target=self._run, daemon=True, name="terminal-output")
        self._thread.start()

    def write(self, text: str) -> None:
        """Waits while the terminal is behind; drops the text where nobody reads it any more."""
        self._queue(text)

    def close(self) -> None:
        """Waits until all is written, or the line is over."""
        self._queue(None)
        while self._thread.is_alive() and not self._line.is_over:
            self._thread.join(POLL_SECONDS)

    def _queue(self, text: str | None) -> None:
        while not self._line.is_over and self._thread.is_alive():
            try:
                self._waiting.put(text, timeout=POLL_SECONDS)
            except Full:
                continue
            return

    def _run(self) -> None:
        try:
            while (text := self._waiting.get()) is not None:
                self._put(text)
        except OSError:
            self._line.is_gone = True
            self._line.dropped()


class LastingDriver(PlatformDriver):
    """Textual's driver of this system, its output through `Output`."""

    def __init__(self, app: App[None], *, line: Line, **how: Any) -> None:
        super().__init__(app, **how)
        self._line = line
        self._output: Output | None = None

    def start_application_mode(self) -> None:
        self._output = Output(_put_on_windows if sys.platform == "win32" else _put, self._line)
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def write(self, data: str) -> None:
        if self._output is not None:
            self._output.write(data)

    def close(self) -> None:
        if self._output is not None:
            self._output.close()
        super().close()


def _put(text: str) -> None:
    """Past Python's own buffer, whose lock a write that never returns would hold until the end and beyond."""
    terminal = sys.__stderr__
    assert terminal is not None  # a terminal was asked for at the start
    data = memoryview(text.encode(terminal.encoding, "backslashreplace"))
    while data:
        try:
            data = data[os.write(terminal.fileno(), data) :]
        except BlockingIOError:
            time.sleep(POLL_SECONDS)  # somebody else told this terminal not to wait


def _put_on_windows(text: str) -> None:
    """Through Python's own stream, which speaks to the console in its own characters."""
    terminal = sys.__stdout__
    assert terminal is not None
    terminal.write(text)
    terminal.flush()
