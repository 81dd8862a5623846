"""Asks what becomes of what may tell who a patient is, and waits while it is taken out."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from scan_ingest.domain.identity import Answer, FieldFindings, IdentityAnswer
from scan_ingest.errors import StoreError
from scan_ingest.review.identities import pieces_of

KEY, QUIET = Style(bold=True), Style(dim=True)
WAYS = (
    ("k", IdentityAnswer.KEEP, "keep it: no patient's, or it may be told; say why"),
    ("c", IdentityAnswer.CONSENT, "keep it: the patient agreed; say how that is known"),
    ("r", IdentityAnswer.REDACT, "take it out: of texts, history and pictures, for good"),
)
TAKING_OUT = """\
Taking it out of texts, history, pictures and letters …

This takes some seconds, more where letters belong to the card. No key
does anything until it is done; whoever leaves now waits for it."""
SURE = "It cannot be brought back. r again takes it out; Esc leaves it."


class IdentityDialog(ModalScreen[Answer | None]):
    """Gives the answer, or None where it is left for later."""

    DEFAULT_CSS = """
    IdentityDialog { background: transparent; align: center middle; }
    IdentityDialog > Vertical {
        width: 72; max-width: 100%; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    IdentityDialog Static { height: auto; }
    IdentityDialog Input, IdentityDialog Input:focus, IdentityDialog Input:ansi {
        border: none; height: 1; padding: 0; margin: 1 0 0 0; background: ansi_default; color: ansi_default;
        border-left: outer ansi_blue; display: none;
    }
    IdentityDialog Input > .input--cursor, IdentityDialog Input:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """
    AUTO_FOCUS: ClassVar[str | None] = ""  # keys choose a way until words are asked for
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", show=False, priority=True)]

    def __init__(self, found: tuple[FieldFindings, ...]) -> None:
        super().__init__()
        self._found = found
        self._chosen: IdentityAnswer | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            text = Text("This may tell who a patient is\n\n", KEY)
            for name, piece, why in pieces_of(self._found):
                text.append(f"{name}: ", QUIET).append(f"{piece}  ", Style(bold=False)).append(f"{why}\n", QUIET)
            text.append("\n")
            for key, _, meaning in WAYS:
                text.append(key, KEY).append(f"  {meaning}\n", Style(bold=False))
            text.append("\nEsc  leave it for later: the card stays out of the nominations store", QUIET)
            yield Static(text)
            yield Static(id="sure")
            yield Input(placeholder="the reason, then Enter")

    def on_key(self, event: events.Key) -> None:
        chosen = next((answer for key, answer, _ in WAYS if key == event.key), None)
        if self.focused is not None or chosen is None:
            return
        event.stop()
        if chosen is IdentityAnswer.REDACT:
            if self._chosen is chosen:
                self.dismiss(Answer(chosen))
            self.query_one("#sure", Static).update(Text(SURE, KEY))
        else:
            words = self.query_one(Input)
            words.display = True
            words.focus()
        self._chosen = chosen

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip() and self._chosen is not None:
            self.dismiss(Answer(self._chosen, event.value.strip()))

    def action_back(self) -> None:
        self.dismiss(None)


class TakingOut(ModalScreen[Callable[[], tuple[str, ...]]]):
    """Lies over the card while `take_out` runs in a thread; gives what says how that ended: a call that returns what it
    returned, or raises its `StoreError`."""

    DEFAULT_CSS = """
    TakingOut { background: transparent; align: center middle; }
    TakingOut > Static {
        width: 76; max-width: 100%; height: auto; background: ansi_default; border: round ansi_blue; padding: 0 2;
    }
    """

    def __init__(self, take_out: Callable[[], tuple[str, ...]]) -> None:
        super().__init__()
        self._take_out = take_out

    def compose(self) -> ComposeResult:
        yield Static(Text(TAKING_OUT))

    def on_mount(self) -> None:
        self.run_worker(self._in_a_thread, thread=True)

    def _in_a_thread(self) -> Callable[[], tuple[str, ...]]:
        try:
            fields = self._take_out()
        except StoreError as exc:
            return partial(_raise, exc)
        return lambda: fields

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.SUCCESS:
            self.dismiss(event.worker.result)

    def on_key(self, event: events.Key) -> None:
        event.stop()


def _raise(error: StoreError) -> tuple[str, ...]:
    raise error
