"""How long a key takes to the screen: from its byte into a pseudo-terminal to the last byte that comes out for it."""

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

QUIET_SECONDS = 0.3  # nothing is drawn for so long: what the key does is done
START_SECONDS = 120
FIRST_SCREEN = b"all keys"  # stands in the last line of the review
KEYS = (
    ("a letter", b"x"),
    ("Backspace", b"\x7f"),
    ("an arrow", b"\x1b[C"),
    ("Tab, next doubt", b"\t"),
    ("Enter, next line", b"\r"),
    ("PgDn, next field", b"\x1b[6~"),
    ("a letter", b"e"),
    ("Backspace", b"\x7f"),
    ("Tab, next doubt", b"\t"),
    ("PgDn, next field", b"\x1b[6~"),
    ("F2, next card", b"\x1bOQ"),
)
BARE = """
from textual.app import App
from textual.widgets import Input, Static
class Bare(App):
    def compose(self):
        yield Input("She stayed after her shift")
        yield Static("all keys")
    def on_mount(self):
        self.query_one(Input).cursor_blink = False
Bare().run()
"""


@dataclass(frozen=True)
class Timed:
    """A key that was pressed: milliseconds to the last byte drawn, and of processor time (None where not told)."""

    name: str
    wall_ms: float
    busy_ms: float | None


def timed_keys(
    command: Sequence[str],
    size: tuple[int, int],
    rounds: int,
    environment: Mapping[str, str],
    keys: Sequence[tuple[str, bytes]] = KEYS,
) -> list[Timed]:
    """Those keys, so many times over; one that draws nothing is left out."""
    found = []
    with _terminal(command, size, environment) as (terminal, process):
        _first_screen(terminal)
        for name, key in list(keys) * rounds:
            busy, start = _busy_ms(process), time.perf_counter()
            os.write(terminal, key)
            last = _last_byte(terminal, QUIET_SECONDS)
            if last is not None:
                after = _busy_ms(process)
                spent = after - busy if busy is not None and after is not None else None
                found.append(Timed(name, 1000 * (last - start), spent))
    return found


def report(found: Sequence[Timed], size: tuple[int, int]) -> None:
    """A line a key, p50 and p95, beside a letter in a bare line editor of the same library."""
    bare = timed_keys((sys.executable, "-c", BARE), size, 20, {}, keys=[("a letter", b"x")])
    by_name: dict[str, list[Timed]] = defaultdict(list)
    for one in found:
        by_name[one.name].append(one)
    print(f"{'':24}{'keys':>6}{'p50 ms':>9}{'p95 ms':>9}{'processor p50':>15}{'p95':>7}")
    every = [one for one in found if not one.name.startswith("F2")]
    for name, ones in (*by_name.items(), ("every key but F2", every), ("bare editor, a letter", bare)):
        busy = [one.busy_ms for one in ones if one.busy_ms is not None]
        told = f"{statistics.median(busy):15.0f}{_p95(busy):7.0f}" if busy else ""
        walls = [one.wall_ms for one in ones]
        print(f"{name:24}{len(ones):6}{statistics.median(walls):9.0f}{_p95(walls):9.0f}{told}", flush=True)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


@contextmanager
def _terminal(
    command: Sequence[str], size: tuple[int, int], environment: Mapping[str, str]
) -> Iterator[tuple[int, int]]:
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(
            command[0],
            list(command),
            {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment},
        )
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    try:
        yield terminal, process
    finally:
        os.kill(process, signal.SIGTERM)
        _last_byte(terminal, 1.0)
        os.waitpid(process, 0)
        os.close(terminal)


def _first_screen(terminal: int) -> None:
    until, seen = time.monotonic() + START_SECONDS, b""
    while FIRST_SCREEN not in seen:
        if not select.select([terminal], [], [], max(0.0, until - time.monotonic()))[0]:
            raise SystemExit("the program drew no screen")
        seen += os.read(terminal, 1 << 16)
    _last_byte(terminal, 1.5)


def _last_byte(terminal: int, quiet: float) -> float | None:
    """When the last byte came, once nothing came for so long."""
    last = None
    while select.select([terminal], [], [], quiet)[0]:
        try:
            if not os.read(terminal, 1 << 20):
                return last
        except OSError:  # the program has ended
            return last
        last = time.perf_counter()
    return last


def _busy_ms(process: int) -> float | None:
    """Processor time of all its threads; Linux tells."""
    tasks = Path(f"/proc/{process}/task")
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6
    except OSError:
        return None
