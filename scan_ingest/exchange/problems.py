"""What can be wrong with a correction from outside: told by its number, changing nothing."""

import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class BadLine:
    """A line, or a row of a workbook, that changed nothing; `number` counts from 1, `why` holds no text of the card."""

    number: int
    why: str
    what: str = "line"

    def __str__(self) -> str:
        return f"{self.what} {self.number}: {self.why}"


class BadLineError(Exception):
    """The message is why."""


Document = Callable[[], dict[str, Any] | None]
"""Reads what a line says: raises `BadLineError` where it says nothing that can be understood; None is nothing to do."""


def shown(name: str) -> str:
    """A name from outside, harmless to draw: `"feild"`."""
    return ascii(name[:40]).replace("'", '"') if name.isprintable() else ascii(name[:40])


def did_you_mean(wrong: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(wrong, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
