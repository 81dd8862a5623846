"""The program in a real terminal: tmux, on a socket of its own."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "scan_ingest")
SECONDS = 90  # a busy machine; nothing waits so long where all is well


class Terminal:
    """A window of tmux with a program in it."""

    def __init__(self, socket: str, name: str) -> None:
        self._socket, self._name = socket, name

    def press(self, *keys: str) -> None:
        """Names of tmux: `Tab`, `F2`, `Escape`, or what is to be typed."""
        tmux(self._socket, "send-keys", "-t", self._name, *keys)

    def screen(self) -> str:
        return tmux(self._socket, "capture-pane", "-p", "-t", self._name)

    def has_ended(self) -> None:
        """Waits until the program has left and its window is gone; fails where it never is."""
        end = time.monotonic() + SECONDS
        ask = ["tmux", "-L", self._socket, "has-session", "-t", self._name]
        while subprocess.run(ask, capture_output=True, check=False).returncode == 0:
            assert time.monotonic() < end
            time.sleep(0.05)

    def until(self, wanted: str | Callable[[str], bool]) -> str:
        """The screen once it shows that; fails where it never does."""
        shows = wanted if callable(wanted) else lambda screen: wanted in screen
        end = time.monotonic() + SECONDS
        while not shows(screen := self.screen()):
            assert time.monotonic() < end, screen
            time.sleep(0.05)
        return screen


@contextmanager
def terminals(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], size: tuple[int, int] = (80, 24)
) -> Iterator[dict[str, Terminal]]:
    """A window for each command; all are gone at the end."""
    socket = f"scan-ingest-{uuid.uuid4().hex[:8]}"
    variables = [f"{name}={value}" for name, value in {**environment, "PYTHONPATH": str(ROOT)}.items()]
    try:
        for name, command in commands.items():
            given = ["-x", str(size[0]), "-y", str(size[1]), "-s", name, "env", *variables, *command]
            tmux(socket, "-f", os.devnull, "new-session", "-d", *given)
        yield {name: Terminal(socket, name) for name in commands}
    finally:
        subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True, check=False)


def tmux(socket: str, *arguments: str) -> str:
    done = subprocess.run(["tmux", "-L", socket, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
