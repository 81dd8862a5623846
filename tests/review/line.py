"""A line to the program that can be cut, or that nobody reads at the other end: a pseudo-terminal without a window."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 60  # a busy machine; nothing waits so long where all is well
# Opened by the leader of a session, a terminal becomes its own.
ON_TERMINAL = (
    "import os, sys; terminal = os.open(sys.argv[1], os.O_RDWR);"
    "[os.dup2(terminal, n) for n in range(3)]; os.execv(sys.argv[2], sys.argv[2:])"
)


class Line:
    """The program at one end, this test at the other."""

    def __init__(self, program: subprocess.Popen[bytes], here: int, there: int) -> None:
        self.program, self._here, self._there = program, here, there
        self.read = b""

    def until(self, shown: str) -> None:
        """Reads until that was written; fails where it never is."""
        end = time.monotonic() + SECONDS
        while shown.encode() not in self.read:
            assert time.monotonic() < end, self.read[-200:]
            if select.select([self._here], [], [], 0.1)[0]:
                self.read += os.read(self._here, 65536)

    def type(self, keys: str) -> None:
        os.write(self._here, keys.encode())

    def hold(self) -> None:
        """From now on nothing that the program writes is taken, as by a terminal that hangs."""
        termios.tcflow(self._there, termios.TCOOFF)

    def drop(self) -> None:
        """The terminal is gone; whoever sits at it gets SIGHUP."""
        for end in (self._here, self._there):
            with suppress(OSError):
                os.close(end)

    def ended(self) -> int:
        """The exit code of the program; fails where it does not end."""
        return self.program.wait(SECONDS)


@contextmanager
def line_to(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Line]:
    """That command in a terminal of its own; it is ended at the end."""
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, 80))
    with subprocess.Popen(
        [sys.executable, "-c", ON_TERMINAL, os.ttyname(there), *command],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
    ) as program:
        line = Line(program, here, there)
        try:
            yield line
        finally:
            program.kill()
            line.drop()
