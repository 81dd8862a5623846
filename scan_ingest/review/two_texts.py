"""Two texts of one card: the screens that ask whose stands, and that show both of a field."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from scan_ingest.domain.text import for_a_terminal
from scan_ingest.ports.review import Theirs
from scan_ingest.review.session import Whose

KEY, QUIET, OTHERWISE = Style(bold=True), Style(dim=True), Style(bold=True, underline=True)

ANSWERS: tuple[tuple[Whose, str], ...] = (
    (Whose.MINE, "mine: what I typed replaces theirs"),
    (Whose.THEIRS, "theirs: what I typed is dropped"),
    (Whose.BOTH, "go through both: I see theirs beside mine, field by field"),
)


def question(theirs: Theirs, fields: int) -> str:
    """What is asked, in words."""
    places = "one field" if fields == 1 else f"{fields} fields"
    return f"You typed on this card, and so did {theirs.whose}. In {places} the texts differ. Whose is to stand?"


class WhoseText(ModalScreen[Whose | None]):
    """Asks whose text is to stand; gives the answer, or None where the question stays."""

    DEFAULT_CSS = """
    WhoseText { background: transparent; align: center middle; }
    WhoseText > Vertical {
        width: 68; max-width: 100%; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    WhoseText Static { height: auto; background: ansi_default; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False, priority=True)]

    def __init__(self, theirs: Theirs, fields: int) -> None:
        super().__init__()
        self._asked = question(theirs, fields)

    def compose(self) -> ComposeResult:
        text = Text(f"{self._asked}\n\n", KEY)
        for number, (_, meaning) in enumerate(ANSWERS, start=1):
            text.append(f"{number}", KEY).append(f"  {meaning}\n", Style(bold=False))
        text.append("\nEsc  ask me again when I decide", QUIET)
        with Vertical():
            yield Static(text)

    def on_key(self, event: events.Key) -> None:
        event.stop()
        if event.character and event.character.isdigit() and 1 <= int(event.character) <= len(ANSWERS):
            self.dismiss(ANSWERS[int(event.character) - 1][0])

    def action_back(self) -> None:
        self.dismiss(None)


class BothTexts(ModalScreen[bool]):
    """Both texts of a field in full, what differs set off; gives whether the other is taken."""

    DEFAULT_CSS = """
    BothTexts { background: transparent; align: left bottom; }
    BothTexts > VerticalScroll {
        height: auto; max-height: 60%; background: ansi_default; border-top: solid ansi_blue; padding: 0 1;
    }
    BothTexts Static { height: auto; background: ansi_default; }
    """

    def __init__(self, mine: str, theirs: str, whose: str) -> None:
        super().__init__()
        self._mine, self._theirs, self._whose = mine, theirs, whose

    def compose(self) -> ComposeResult:
        mine, theirs = self._mine.split(), self._theirs.split()
        text = Text("here      ", QUIET).append_text(set_off(mine, theirs))
        text.append("\n\nthe other ", QUIET).append_text(set_off(theirs, mine))
        text.append(f"   ({self._whose})", QUIET)
        text.append("\n\ny ", KEY).append("take the other    ", QUIET)
        text.append("any other key ", KEY).append("leave it as it is here", QUIET)
        with VerticalScroll():
            yield Static(text)

    def on_key(self, event: events.Key) -> None:
        if event.key not in ("up", "down", "pageup", "pagedown"):
            event.stop()
            self.dismiss(event.key in ("y", "alt+y"))


def set_off(words: Sequence[str], others: Sequence[str]) -> Text:
    """The words, drawn harmless, those that the others have not at their place set off."""
    text = Text()
    for kind, start, end, _, _ in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        for word in words[start:end]:
            text.append(" " if text else "").append(for_a_terminal(word), "" if kind == "equal" else OTHERWISE)
    return text if text else Text("(empty)", QUIET)
