"""What a terminal is asked, and when its answers come."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LATE_SECONDS = 0.4  # later than the question is waited for, as over a slow line
ANSWERS = {b"\x1b[c": b"\x1b[?64;1;2;6;9;15;22c", b"\x1b[5n": b"\x1b[0n"}
# What is asked by the program, and then what is still to be read of the answers.
ASKING = """
import os, select, sys, termios, time, tty
from scan_ingest.terminal.canvas import ask_terminal
print(ask_terminal(os.environ).manners[0].value, flush=True)
tty.setcbreak(0)
time.sleep(1.5)
left = os.read(0, 1000) if select.select([0], [], [], 0)[0] else b""
os.write(1, b"LEFT %r\\n" % left)
"""


@contextmanager
def asked(program: str, lines: int = 24, columns: int = 80) -> Iterator[tuple[int, int]]:
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(ROOT)
        os.execvpe(sys.executable, [sys.executable, "-c", program], {**os.environ, "TERM": "xterm-256color"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, columns * 10, lines * 20))
    try:
        yield terminal, process
    finally:
        os.close(terminal)
        os.waitpid(process, 0)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the program has ended
        return b""


def test_an_answer_that_comes_late_is_not_typed_into_anything() -> None:
    said, waiting = b"", list[tuple[float, bytes]]()
    until = time.monotonic() + 90
    with asked(ASKING) as (terminal, _):
        while b"LEFT" not in said:
            assert time.monotonic() < until, said
            if select.select([terminal], [], [], 0.02)[0]:
                heard = _read(terminal)
                assert heard, said
                said += heard
                for question, answer in ANSWERS.items():
                    waiting += [(time.monotonic() + LATE_SECONDS, answer)] * heard.count(question)
            while waiting and waiting[0][0] < time.monotonic():
                os.write(terminal, waiting.pop(0)[1])
    assert b"LEFT b''" in said
    assert b"braille" in said


def test_a_terminal_that_does_not_know_its_size_is_drawn_on_in_characters() -> None:
    said = b""
    with asked(ASKING, lines=0, columns=0) as (terminal, _):
        while heard := _read(terminal):
            said += heard
    assert b"braille" in said
    assert b"Traceback" not in said
