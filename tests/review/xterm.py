"""A program in xterm under Xvfb, and what is to be seen of it: the frame buffer of a screen that nobody looks at."""

import os
import pty
import select
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.review.tmux import ROOT, SECONDS

SCREEN = "900x600x24"
HEADER = struct.Struct(">25I")  # of an XWD file
SIXEL = ("-ti", "vt340", "-xrm", "*decTerminalID: vt340", "-xrm", "*numColorRegisters: 256")
QUIET_SECONDS = 2.0
MORE_THAN_A_CURSOR = 2000  # lit pixels: the terminal shows a cursor before the program draws anything


def screen_of(command: Sequence[str], folder: Path, *, keys: bytes, sixel: bool) -> NDArray[np.uint8]:
    """H × W × 3: the screen after the program has started and taken those keys in."""
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-fbdir", str(folder), "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            assert server.stdout is not None
            display = f":{server.stdout.readline().decode().strip()}"
            return _drawn(command, folder, keys, display, SIXEL if sixel else ())
        finally:
            server.terminate()


def _drawn(
    command: Sequence[str], folder: Path, keys: bytes, display: str, options: Sequence[str]
) -> NDArray[np.uint8]:
    # xterm runs this module, which runs the program in a terminal of its own and passes everything through: so there is
    # a place to press keys without a keyboard.
    fifo = folder / f"keys-{len(options)}"
    os.mkfifo(fifo)
    relay = [sys.executable, "-m", "tests.review.xterm", str(fifo), *command]
    variables = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    looks = ["-bg", "black", "-fg", "grey", "-fa", "DejaVu Sans Mono", "-fs", "11", "-geometry", "80x24+0+0"]
    with subprocess.Popen(["xterm", *looks, *options, "-e", *relay], env=variables, cwd=ROOT) as terminal:
        try:
            with fifo.open("wb", buffering=0) as pressed:  # waits until the relay listens
                _settled(folder)
                pressed.write(keys)
                return _settled(folder)
        finally:
            terminal.terminate()


def _settled(folder: Path) -> NDArray[np.uint8]:
    """The screen once the program has drawn on it and it has not changed for a while."""
    until = time.monotonic() + SECONDS
    last, since = _frame(folder), time.monotonic()
    while time.monotonic() < until:
        time.sleep(0.25)
        now = _frame(folder)
        if not np.array_equal(now, last):
            last, since = now, time.monotonic()
        elif (now > 60).any(axis=2).sum() > MORE_THAN_A_CURSOR and time.monotonic() - since > QUIET_SECONDS:
            return now
    raise AssertionError("nothing settled on the screen")


def _frame(folder: Path) -> NDArray[np.uint8]:
    data = (folder / "Xvfb_screen0").read_bytes()
    head = HEADER.unpack_from(data)
    size, width, height, row, colours = head[0], head[4], head[5], head[12], head[19]
    pixels = np.frombuffer(data, np.uint8, row * height, size + 12 * colours)
    return np.asarray(pixels.reshape(height, row)[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1])


def relay(fifo: str, command: Sequence[str]) -> None:
    """Runs the command in a pseudo-terminal between the terminal around it and the keys that come through the pipe."""
    import fcntl
    import termios
    import tty

    process, inner = pty.fork()
    if process == 0:
        os.execvp(command[0], list(command))
    window: Any = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
    fcntl.ioctl(inner, termios.TIOCSWINSZ, window)
    tty.setraw(0)
    keys = os.open(fifo, os.O_RDONLY)
    listening = [0, inner, keys]
    while True:
        ready, _, _ = select.select(listening, [], [])
        for source in ready:
            data = os.read(source, 1 << 16)
            if not data and source == keys:
                listening.remove(keys)
            elif not data:
                return
            else:
                _write(1 if source == inner else inner, data)


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


if __name__ == "__main__":
    try:
        relay(sys.argv[1], sys.argv[2:])
    except OSError:
        sys.exit(0)  # the program has ended
