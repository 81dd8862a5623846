"""A line that drops, and somebody who ends the program: it leaves in order, and it leaves for certain."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from types import FrameType

# A dropped line; somebody who ends the program; on Windows a console that is closed.
ENDING_SIGNALS = ("SIGHUP", "SIGTERM", "SIGBREAK")
LONGEST_LEAVE = 10.0  # seconds; a quiet machine needs one


class HungUpError(EOFError):
    """The line dropped, or somebody ended the program: there is no more input, and nobody to be told."""


@contextmanager
def on_hangup(told: Callable[[], None], at_last: Callable[[], None]) -> Iterator["_Watch"]:
    """While it lasts the first of the `ENDING_SIGNALS` calls `told` in the main thread, between any two of its steps;
    those that follow are passed over.

    Should the process still be there `LONGEST_LEAVE` seconds later (a store that hangs, output that nobody reads),
    `at_last` is called in a thread of its own and the process ends at once. What is said after the signal is said to
    nobody: a terminal that is gone, or does not read, must not hold up the end.
    """
    watch = _Watch(at_last)

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        if watch.begin():
            told()

    numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, hung_up) for number in numbers}
    try:
        yield watch
    finally:
        if watch.has_begun:  # it goes on watching until the process has ended
            _say_nothing_more()
        else:
            watch.call_off()
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def leaving_on_hangup(at_last: Callable[[], None]) -> Iterator["Prompts"]:
    """While it lasts those signals raise `HungUpError`, and so do the prompts; see `on_hangup`."""

    def leave() -> None:
        raise HungUpError

    with on_hangup(leave, at_last) as watch:
        yield Prompts(watch)


class Prompts:
    """`input` and `print` that raise `HungUpError` where the terminal is gone: the signal may be still on its way, and
    is passed over then."""

    def __init__(self, watch: "_Watch") -> None:
        self._watch = watch

    def ask(self, prompt: str) -> str:
        try:
            return input(prompt)
        except OSError as exc:
            self._watch.begin()
            raise HungUpError from exc

    def say(self, text: str) -> None:
        try:
            print(text, flush=True)
        except OSError as exc:
            self._watch.begin()
            raise HungUpError from exc


class _Watch:
    """A thread that ends the process some seconds after it was told to begin. It is there beforehand: in the moment
    of a signal the main thread may hold what starting one needs."""

    def __init__(self, at_last: Callable[[], None]) -> None:
        self._at_last = at_last
        self.has_begun = False
        self._told = Event()
        Thread(target=self._run, daemon=True, name="ends-at-last").start()

    def begin(self) -> bool:
        """Whether it had not begun before."""
        if self.has_begun:
            return False
        self.has_begun = True
        self._told.set()
        return True

    def call_off(self) -> None:
        self._told.set()

    def _run(self) -> None:
        self._told.wait()
        if not self.has_begun:
            return
        Event().wait(LONGEST_LEAVE)
        try:
            self._at_last()
        finally:
            os._exit(0)  # as the end in order would


def _say_nothing_more() -> None:
    """What is still to be written goes nowhere, also what Python itself flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
