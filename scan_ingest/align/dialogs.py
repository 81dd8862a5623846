"""The screens that open over a page: a choice, a question, the registered side."""

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from scan_ingest.terminal.overview import Overview

BOLD, QUIET = Style(bold=True), Style(dim=True)
MOST_AT_ONCE = 9  # that a number of one digit tells apart


class Choice(ModalScreen[int | None]):
    """One of a list, by arrows or by its number; None where nobody wants any.

    The number chooses at once where all have one digit. Of more than nine it is gone to, and Enter chooses.
    """

    DEFAULT_CSS = """
    Choice { background: transparent; align: center middle; }
    Choice > Vertical {
        width: 72; max-width: 95%; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    Choice OptionList, Choice OptionList:focus {
        height: auto; max-height: 14; background: ansi_default; border: none; padding: 0; color: ansi_default;
    }
    Choice OptionList > .option-list--option-highlighted { background: ansi_blue; color: ansi_white; }
    Choice Static { background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False, priority=True)]

    def __init__(self, question: str, options: Sequence[Text]) -> None:
        super().__init__()
        self._question, self._options = question, options
        self._typed = 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(f"{self._question}\n", BOLD))
            yield OptionList(*(Text.assemble((f"{n} ", BOLD), text) for n, text in enumerate(self._options, start=1)))
            how = "its number goes to it, Enter chooses" if self._many else "Enter or its number chooses"
            yield Static(Text(f"\n{how} · Esc back", QUIET))

    @property
    def _many(self) -> bool:
        return len(self._options) > MOST_AT_ONCE

    def on_key(self, event: events.Key) -> None:
        if not event.character or not event.character.isdecimal():
            return
        event.stop()
        if not self._many:
            if 1 <= int(event.character) <= len(self._options):
                self.dismiss(int(event.character) - 1)
            return
        at = self.query_one(OptionList)
        begun = self._typed if at.highlighted == self._typed - 1 else 0  # arrows begin a new number
        number = begun * 10 + int(event.character)
        self._typed = number if number <= len(self._options) else int(event.character)
        if self._typed:
            at.highlighted = self._typed - 1

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_back(self) -> None:
        self.dismiss(None)


class Question(ModalScreen[str | None]):
    """A line of text; None where it is left."""

    DEFAULT_CSS = """
    Question { background: transparent; align: center middle; }
    Question > Vertical {
        width: 72; max-width: 95%; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    Question Static { background: ansi_default; }
    Question Input, Question Input:focus, Question Input:ansi {
        border: none; height: 1; padding: 0; margin: 1 0; background: ansi_default; color: ansi_default;
        border-left: outer ansi_blue;
    }
    Question Input > .input--cursor, Question Input:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False, priority=True)]

    def __init__(self, question: str, value: str, below: str) -> None:
        super().__init__()
        self._question, self._value, self._below = question, value, below

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(self._question, BOLD))
            yield Input(self._value, select_on_focus=False)
            yield Static(Text(self._below, QUIET))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_back(self) -> None:
        self.dismiss(None)


class Told(ModalScreen[bool]):
    """Something to read before going on: Enter goes on (True), Esc goes back."""

    DEFAULT_CSS = """
    Told { background: transparent; align: center middle; }
    Told > Static {
        width: 72; max-width: 95%; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer(False)", show=False, priority=True),
        Binding("enter", "answer(True)", show=False, priority=True),
    ]

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield Static(self._text)

    def action_answer(self, go_on: bool) -> None:
        self.dismiss(go_on)


class Result(Overview):
    """The registered side as it would be read; `chosen` says what becomes of it."""

    FURTHER_KEYS = (("a", "accept"), ("+", "and one more"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,f2", "choose('accept')", show=False),
        Binding("plus,equals_sign", "choose('another')", show=False),
    ]
    chosen = ""

    def action_choose(self, what: str) -> None:
        self.chosen = what
        self.dismiss(False)
