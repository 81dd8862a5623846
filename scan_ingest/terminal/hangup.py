"""A line that drops, and somebody who ends the program: it leaves in order, and it leaves for certain."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread, main_thread
from types import FrameType

# A dropped line; somebody who ends the program; on Windows a console that is closed.
ENDING_SIGNALS = ("SIGHUP", "SIGTERM", "SIGBREAK")
LONGEST_LEAVE = 10.0  # seconds; a quiet machine needs one
REMIND_AFTER = 0.2  # seconds; Python runs a handler within a few thousandths, unless it waits somewhere in C


class HungUpError(EOFError):
    """The line dropped, or somebody ended the program: there is no more input, and nobody to be told."""


class LeaveError(EOFError):
    """The person leaves a conversation in prompts."""


@contextmanager
def on_hangup(told: Callable[[], None], at_last: Callable[[], None]) -> Iterator["_Watch"]:
    """While it lasts the first of the `ENDING_SIGNALS` calls `told` in the main thread, between any two of its steps;
    those that follow are passed over.

    Should the process still be there `LONGEST_LEAVE` seconds later (a store that hangs, output that nobody reads),
    `at_last` is called in a thread of its own and the process ends at once. What is said after the signal is said to
    nobody: a terminal that is gone, or does not read, must not hold up the end.
    """
    numbers = [getattr(signal, name) for name in ENDING_SIGNALS if hasattr(signal, name)]
    watch = _Watch(at_last, numbers)

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        if watch.begin():
            told()

    before = {number: signal.signal(number, hung_up) for number in numbers}
    try:
        yield watch
    finally:
        if watch.has_begun:  # it goes on watching until the process has ended
            _say_nothing_more()
        else:
            watch.call_off()  # before the handlers go: it may be about to send the signal again
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


def converse(
    talk: Callable[[], None], say: Callable[[str], None], close: Callable[[], None], farewell: Callable[[], str]
) -> None:
    """Has a conversation in prompts: `talk`, until it returns, the person leaves (`LeaveError`) or input ends
    (`EOFError`); then `close`, whatever happened, and a last word. After `HungUpError` no more is said."""
    with suppress(HungUpError):
        try:
            talk()
        except HungUpError:
            raise
        except EOFError:
            say("")
        finally:
            close()
        say(farewell())


class _Watch:
    """A thread that ends the process some seconds after it was told to begin, or after one of the signals came. It is
    there beforehand: in the moment of a signal the main thread may hold what starting one needs.

    A signal breaks off what the main thread waits for in C, such as the terminal taking a prompt, and Python's handler
    may not run before the next wait is over, which is for ever where that is for an answer. So the system tells this
    thread too (`signal.set_wakeup_fd`), and it sends the signal again until the handler has run.
    """

    def __init__(self, at_last: Callable[[], None], signals: Collection[int]) -> None:
        self._at_last, self._signals = at_last, signals
        self.has_begun = False
        self._ends = Event()
        self._hears, self._tells = socket.socketpair()
        self._tells.setblocking(False)
        self._told_before = signal.set_wakeup_fd(self._tells.fileno(), warn_on_full_buffer=False)
        self._thread = Thread(target=self._run, daemon=True, name="ends-at-last")
        self._thread.start()

    def begin(self) -> bool:
        """Whether it had not begun before."""
        if self.has_begun:
            return False
        self.has_begun = True
        with suppress(BlockingIOError):  # it has plenty to read
            self._tells.send(b"\0")
        return True

    def call_off(self) -> None:
        self._ends.set()
        signal.set_wakeup_fd(self._told_before)
        self._tells.close()
        self._thread.join()
        self._hears.close()

    def _run(self) -> None:
        number = self._first_signal()
        end = time.monotonic() + LONGEST_LEAVE
        while not (self.has_begun or self._ends.wait(REMIND_AFTER)) and time.monotonic() < end:
            if number and not self.has_begun and sys.platform != "win32":  # no signal breaks off a wait on Windows
                signal.pthread_kill(main_thread().ident or 0, number)
        if self._ends.wait(end - time.monotonic()):
            return
        try:
            self._at_last()
        finally:
            os._exit(0)  # as the end in order would

    def _first_signal(self) -> int:
        """Waits for one of the signals and returns its number; 0 where it was told to begin, or called off."""
        while not self.has_begun and (told := self._hears.recv(1)):
            if told[0] in self._signals:
                return told[0]
        return 0


def _say_nothing_more() -> None:
    """What is still to be written goes nowhere, also what Python itself flushes at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
