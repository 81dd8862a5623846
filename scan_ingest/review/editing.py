"""The widgets that text is typed into and boxes are ticked in."""

import re
from collections.abc import Callable, Mapping, Sequence
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

# Magenta is told from the text on dark and on light ground; the line below it is there without colours too.
UNSEEN = Style(color="magenta", bold=True, underline=True)
SEEN = Style(color="magenta", underline=True)

Marks = Callable[[], Sequence[tuple[int, int, bool]]]
"""The doubtful words of a text: start, end, and whether somebody looked at it."""


Take = Callable[[int], tuple[str, int] | None]
"""Takes the suggestion of that number; the text and the cursor then, None where nothing is offered."""

WORD_KEYS = ("alt+left", "alt+right", "alt+backspace", "alt+delete")
"""A word to the left, to the right; the word before the cursor, the word after it deleted."""


@dataclass
class Pointed(Message):
    """A word was clicked on."""

    widget: Widget


@dataclass
class Edited(Message):
    """Something was typed, or the cursor moved."""

    widget: Widget


async def run_key(editor: "LineInput | FieldText", key: str) -> bool:
    """Runs the editor's own binding for a key; whether there is one."""
    own = editor._bindings.key_to_bindings.get(key, ())
    action = editor.WORDS.get(key) or next((binding.action for binding in own), None)
    if action is not None:
        await editor.run_action(action)
    return action is not None


async def _is_dealt_with(editor: "LineInput | FieldText", event: events.Key) -> bool:
    """A suggestion that is taken, or the editor's own binding, at once; whether it was one of them.

    Textual runs bindings after the key has bubbled up to the app. Of keys that come all at once, as over a slow line,
    a Backspace would then delete a letter that was typed after it.
    """
    figure = event.character in tuple("123456789")
    taken = editor.take(int(event.character or 0)) if figure else None
    if taken is not None:
        editor.put(*taken)
    elif not await run_key(editor, event.key):
        return False
    event.stop()
    event.prevent_default()
    return True


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

    WORDS: ClassVar[Mapping[str, str]] = dict(
        zip(WORD_KEYS, ("cursor_left_word", "cursor_right_word", "delete_left_word", "delete_right_word"), strict=True)
    )

    def __init__(self, text: str, number: int, marks: Marks, take: Take) -> None:
        super().__init__(text, highlighter=_Doubts(marks), select_on_focus=False)
        self.number = number
        self.take = take
        self.cursor_blink = False

    def put(self, text: str, cursor: int) -> None:
        """That text, the cursor there."""
        if self.value != text:
            self.value = text
        if self.cursor_position != cursor:
            self.cursor_position = cursor

    @property
    def selected(self) -> tuple[int, int]:
        """From where to where is selected; both are the cursor where nothing is."""
        start, end = sorted(self.selection)
        return start, end

    def on_click(self) -> None:
        self.post_message(Pointed(self))

    def watch_selection(self, _selection: Selection) -> None:
        self.post_message(Edited(self))

    async def _on_key(self, event: events.Key) -> None:
        if not await _is_dealt_with(self, event):
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

    WORDS: ClassVar[Mapping[str, str]] = dict(
        zip(WORD_KEYS, ("cursor_word_left", "cursor_word_right", "delete_word_left", "delete_word_right"), strict=True)
    )

    def __init__(self, text: str, marks: Marks, take: Take) -> None:
        super().__init__(text, soft_wrap=True, show_line_numbers=False, highlight_cursor_line=False)
        self.number = 0
        self.take = take
        self.cursor_blink = False
        self._marks = marks

    @property
    def value(self) -> str:
        return self.text

    @property
    def cursor_position(self) -> int:
        """The cursor as a position in the whole text."""
        return self._position(self.cursor_location)

    @cursor_position.setter
    def cursor_position(self, position: int) -> None:
        before = self.text[:position]
        row = before.count("\n")
        self.move_cursor((row, len(before) - (before.rfind("\n") + 1)))

    def _position(self, location: tuple[int, int]) -> int:
        row, column = location
        return sum(len(self.document.get_line(number)) + 1 for number in range(row)) + column

    def put(self, text: str, cursor: int) -> None:
        """That text, the cursor there."""
        if self.text != text:
            self.load_text(text)
        if self.cursor_position != cursor:
            self.cursor_position = cursor

    @property
    def selected(self) -> tuple[int, int]:
        """From where to where is selected; both are the cursor where nothing is."""
        start, end = sorted(map(self._position, self.selection))
        return start, end

    def on_click(self) -> None:
        self.post_message(Pointed(self))

    def get_line(self, line_index: int) -> Text:
        line = self.document.get_line(line_index)
        start = sum(len(self.document.get_line(number)) + 1 for number in range(line_index))
        drawn = Text(for_a_terminal(line), end="", no_wrap=True)
        for left, right, seen in self._marks():
            if start <= left < start + len(line) + 1:
                drawn.stylize(SEEN if seen else UNSEEN, left - start, right - start)
        return drawn

    async def _on_key(self, event: events.Key) -> None:
        if not await _is_dealt_with(self, event):
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
