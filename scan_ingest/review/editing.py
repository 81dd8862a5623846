"""The widgets that text is typed into and boxes are ticked in."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.widgets.input import Selection

from scan_ingest.domain.text import for_a_terminal

UNSEEN = Style(color="yellow", bold=True, underline=True)
SEEN = Style(color="yellow", underline=True)

Marks = Callable[[], Sequence[tuple[int, int, bool]]]
"""The doubtful words of a text: start, end, and whether somebody looked at it."""


@dataclass
class Edited(Message):
    """Something was typed, or the cursor moved."""

    widget: Widget


async def _own_binding(editor: Input | TextArea, event: events.Key) -> bool:
    """Runs the editor's own binding for a key at once; whether there is one.

    Textual runs bindings after the key has bubbled up to the app. Of keys that come all at once, as over a slow line,
    a Backspace would then delete a letter that was typed after it.
    """
    for binding in editor._bindings.key_to_bindings.get(event.key, ()):
        event.stop()
        event.prevent_default()
        await editor.run_action(binding.action)
        return True
    return False


class _Doubts(Highlighter):
    """Draws a text: harmless, its doubtful words marked."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def __call__(self, text: str | Text) -> Text:
        plain = text if isinstance(text, str) else text.plain
        drawn = Text(for_a_terminal(plain), no_wrap=True, overflow="ignore", end="")
        self.highlight(drawn)
        return drawn

    def highlight(self, text: Text) -> None:
        for start, end, seen in self._marks():
            text.stylize(SEEN if seen else UNSEEN, start, end)


class LineInput(Input):
    """One written line."""

    DEFAULT_CSS = """
    LineInput, LineInput:focus, LineInput:ansi {
        border: none; height: 1; padding: 0 0 0 2; background: ansi_default; color: ansi_default;
        text-style: dim;
    }
    LineInput:focus, LineInput:ansi:focus {
        text-style: none; border: none; border-left: outer ansi_blue; padding: 0 0 0 1; background-tint: transparent;
    }
    LineInput > .input--cursor, LineInput:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    LineInput > .input--selection, LineInput:ansi > .input--selection {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """

    def __init__(self, text: str, number: int, marks: Marks) -> None:
        super().__init__(text, highlighter=_Doubts(marks), select_on_focus=False)
        self.number = number
        self.cursor_blink = False

    def watch_selection(self, _selection: Selection) -> None:
        self.post_message(Edited(self))

    async def _on_key(self, event: events.Key) -> None:
        if not await _own_binding(self, event):
            await super()._on_key(event)
            event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        """Lines that are pasted become one; Textual's own keeps only the first."""
        pasted = re.sub(r"\s*[\r\n]+\s*", " ", event.text).strip("\r\n")
        if self.selection.is_empty:
            self.insert_text_at_cursor(pasted)
        else:
            self.replace(pasted, *sorted(self.selection))
        event.stop()
        event.prevent_default()


class FieldText(TextArea):
    """A whole field as one text, with paragraphs."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+j", "new_paragraph", show=False)]
    DEFAULT_CSS = """
    FieldText, FieldText:focus, FieldText:ansi {
        border: none; padding: 0 0 0 1; background: ansi_default; color: ansi_default;
        border-left: outer ansi_blue; height: auto; min-height: 3;
    }
    FieldText > .text-area--cursor, FieldText:ansi > .text-area--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    FieldText > .text-area--cursor-line, FieldText:ansi > .text-area--cursor-line { background: ansi_default; }
    """

    def __init__(self, text: str, marks: Marks) -> None:
        super().__init__(text, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self.number = 0
        self.cursor_blink = False
        self._marks = marks

    @property
    def value(self) -> str:
        return self.text

    @property
    def cursor_position(self) -> int:
        """The cursor as a position in the whole text."""
        row, column = self.cursor_location
        return sum(len(self.document.get_line(number)) + 1 for number in range(row)) + column

    @cursor_position.setter
    def cursor_position(self, position: int) -> None:
        before = self.text[:position]
        row = before.count("\n")
        self.move_cursor((row, len(before) - (before.rfind("\n") + 1)))

    def get_line(self, line_index: int) -> Text:
        line = self.document.get_line(line_index)
        start = sum(len(self.document.get_line(number)) + 1 for number in range(line_index))
        drawn = Text(for_a_terminal(line), end="", no_wrap=True)
        for left, right, seen in self._marks():
            if start <= left < start + len(line) + 1:
                drawn.stylize(SEEN if seen else UNSEEN, left - start, right - start)
        return drawn

    async def _on_key(self, event: events.Key) -> None:
        if not await _own_binding(self, event):
            await super()._on_key(event)
            event.prevent_default()

    def action_new_paragraph(self) -> None:
        self.insert("\n")

    def on_text_area_changed(self) -> None:
        self.post_message(Edited(self))

    def on_text_area_selection_changed(self) -> None:
        self.post_message(Edited(self))


class Ticks(Widget, can_focus=True):
    """The boxes of a choice; number keys tick them."""

    DEFAULT_CSS = """
    Ticks { height: auto; padding: 0 0 0 1; border-left: outer ansi_blue; background: ansi_default; }
    """

    def __init__(
        self, options: Sequence[str], chosen: Sequence[str], doubtful: bool, tick: Callable[[int], None]
    ) -> None:
        super().__init__()
        self.number = 0
        self._tick = tick
        self._options, self._chosen, self._doubtful = tuple(options), tuple(chosen), doubtful

    def show(self, chosen: Sequence[str], doubtful: bool) -> None:
        self._chosen, self._doubtful = tuple(chosen), doubtful
        self.refresh(layout=True)

    def render(self) -> Text:
        """A line for each box, and one for what was read that no box stands for."""
        drawn = Text()
        for number, option in enumerate(self._options, start=1):
            ticked = option in self._chosen
            key = str(number % 10) if number <= 10 else " "
            style = UNSEEN if ticked and self._doubtful else Style(bold=ticked)
            drawn.append(f"{key}  ", Style(dim=True))
            drawn.append("[x] " if ticked else "[ ] ", style)
            drawn.append(f"{for_a_terminal(option)}\n", style)
        for other in self._chosen:
            if other not in self._options:
                drawn.append(f"   [x] {for_a_terminal(other)} (no box of this card)\n", UNSEEN)
        if self._doubtful:
            drawn.append("   not sure: please look", SEEN)
        drawn.rstrip()
        return drawn

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in "0123456789":
            event.stop()
            self._tick((int(event.character) - 1) % 10)

    def on_click(self, event: events.Click) -> None:
        self._tick(event.y)
