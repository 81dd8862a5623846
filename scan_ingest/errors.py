"""What can go wrong, and the exit code that the shell sees.

`SkipError` spoils one thing (a file, a page, a card): it is recorded with its reason and the run goes on.
`RunError` stops the run: it is caught once, in `cli`, printed as one line, and becomes the exit code.
Anything else is a bug and keeps its traceback.

A message says what, where, and what would be right. It never holds answer text or a person's name.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the shell sees; the README has the same table."""

    DONE = 0
    BUG = 1
    USAGE = 2
    CONFIGURATION = 3
    INPUT = 4
    TOOL_MISSING = 5
    STORE = 6
    NEEDS_A_PERSON = 10
    INTERRUPTED = 130


class SkipError(Exception):
    """One file, page or card cannot be used; the message is the reason shown to people."""


class RunError(Exception):
    """The run cannot go on; the message is the one line printed to standard error."""

    exit_code = ExitCode.BUG


class UsageError(RunError):
    """The command line asks for something that makes no sense."""

    exit_code = ExitCode.USAGE


class ConfigurationError(RunError):
    """A settings file or a template is wrong."""

    exit_code = ExitCode.CONFIGURATION


class InputError(RunError):
    """What was handed in cannot be used at all."""

    exit_code = ExitCode.INPUT


class ToolMissingError(RunError):
    """A program or a model that the work needs is not installed."""

    exit_code = ExitCode.TOOL_MISSING


class StoreError(RunError):
    """A workspace or nominations store is absent, locked, refused, or of another version."""

    exit_code = ExitCode.STORE


class StoreMissingError(StoreError):
    """There is no store at `place`."""

    def __init__(self, place: str, what: str, question: str) -> None:
        super().__init__(f"{place}: no {what} here; `ingest` makes one. {question}")
        self.place = place


class PageRefusedError(StoreError):
    """That one page cannot be settled: somebody else did meanwhile, or what came of it was reviewed."""


class CardRefusedError(StoreError):
    """That one card cannot be taken, decided on or undone: there is none, or somebody else has it."""


class CardGoneError(CardRefusedError):
    """What was on that card, or words of it, was taken away for good. What was typed on it before is kept nowhere: it
    may say the same. `in_short` fits a line of a screen."""

    def __init__(self, message: str, in_short: str) -> None:
        super().__init__(message)
        self.in_short = in_short
