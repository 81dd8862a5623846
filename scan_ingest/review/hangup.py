"""A line that drops while somebody reviews without the review screen, which has a way of its own (see `app`)."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class HungUpError(EOFError):
    """The line dropped, or somebody ended the program: there is no more input, and nobody to be told."""


@contextmanager
def leaving_on_hangup() -> Iterator[None]:
    """While it lasts SIGHUP and SIGTERM raise `HungUpError`, where the system knows them."""

    def hung_up(_signal: int, _frame: FrameType | None) -> None:
        raise HungUpError

    numbers = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]
    before = {number: signal.signal(number, hung_up) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
