"""The review screen: one card at a time, the picture of a line of handwriting above its text."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from scan_ingest.domain.marks import Mark
from scan_ingest.errors import StoreError
from scan_ingest.review import captions
from scan_ingest.review.around import AroundTheLine
from scan_ingest.review.beside import BesideCard
from scan_ingest.review.editing import WORD_KEYS, Edited, FieldText, LineInput, Pointed, Ticks, run_key
from scan_ingest.review.field_view import FieldView, WordPointed
from scan_ingest.review.keys import COMMANDS
from scan_ingest.review.over_the_card import OverTheCard
from scan_ingest.review.pieces import Pieces
from scan_ingest.review.session import Session
from scan_ingest.review.suggestions import MOST
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.picture import Manner
from scan_ingest.terminal.viewer import Viewer

DRAFT_SECONDS = 0.5  # what is typed is safe within a second
RENEW_SECONDS = 60.0  # or a third of the lease, where that is shorter
LINES_AROUND = 7  # header, blank, prompt, blank; the suggestions below the line; notice, footer
BESIDE = (160, 32)  # columns and lines from which the whole card is shown beside the line
BESIDE_MARGIN = 4  # its border, padding and a column of air
BESIDE_SHARE = 3  # one part of so many of the window's width


class ReviewScreen(Screen[None]):
    """Draws the session and turns keys into its steps. It holds no state of the review itself."""

    DEFAULT_CSS = """
    ReviewScreen { background: ansi_default; color: ansi_default; }
    ReviewScreen Static {
        height: 1; padding: 0 1; background: ansi_default;
        link-color: ansi_default; link-style: none; link-background: ansi_default;
        link-color-hover: ansi_default; link-style-hover: underline; link-background-hover: ansi_default;
    }
    ReviewScreen #header, ReviewScreen #notice, ReviewScreen #keys { text-wrap: nowrap; text-overflow: ellipsis; }
    ReviewScreen #work { width: 1fr; }
    ReviewScreen #prompt { height: 3; padding: 1 1; }
    ReviewScreen #remarks { height: auto; display: none; }
    ReviewScreen #card { height: auto; padding: 1 1 1 1; display: none; }
    ReviewScreen #no-card { height: 1fr; padding: 2 3; display: none; }
    ReviewScreen BesideCard { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # Priority, so that a key waits until the ones typed before it have reached their editor (see `action_do`).
        *(
            Binding(keys, f"do('{step}')", show=False, priority=True)
            for keys, step in (
                ("enter", "go_on"),
                ("down", "next_line"),
                ("up", "line_before"),
                ("pagedown", "next_field"),
                ("pageup", "field_before"),
                ("escape", "menu"),
                *((f"alt+{number}", f"suggestion_{number}") for number in range(1, MOST + 1)),
                # Esc and a letter in one breath arrive as Alt and the letter.
                *((",".join((*command.direct, f"alt+{command.letter}")), command.action) for command in COMMANDS),
            )
        )
    ]

    def __init__(self, session: Session, canvas: Canvas, viewer: Viewer) -> None:
        super().__init__()
        self.session, self._canvas, self._viewer = session, canvas, viewer
        self._pieces = Pieces(session.desk.side_picture)
        self._view = FieldView(canvas, self._pieces, self._tick, self._take_offered)
        self._beside = BesideCard(canvas, self._pieces)
        self._no_card = Static(id="no-card")
        self._over = OverTheCard(
            self, session, self._pieces, canvas, viewer, manner=self._manner, answered=self._show, do=self.action_do
        )
        self._around = AroundTheLine(self, session)
        self._quitting = False
        self._writer: Worker[bool] | None = None
        self._renewer: Worker[Mapping[str, str]] | None = None
        self._stale = False
        self._drawn = asyncio.Event()
        self._drawn.set()
        self._steps: dict[str, Callable[[], Awaitable[None] | None]] = {
            "go_on": self.session.go_on,
            "next_doubt": lambda: self.session.step(lambda card: card.next_doubt()),
            "doubt_before": lambda: self.session.step(lambda card: card.next_doubt(backwards=True)),
            "next_line": self._line_down,
            "line_before": self._line_up,
            "next_field": lambda: self.session.step(lambda card: card.next_field()),
            "field_before": lambda: self.session.step(lambda card: card.field_before()),
            "accept": self.session.accept,
            "set_aside": self.session.set_aside,
            "pass_over": self.session.pass_over,
            "previous": self.session.previous,
            "undo": self.session.undo,
            **{f"suggestion_{number}": partial(self._take, number) for number in range(1, MOST + 1)},
            **{key: partial(self._edit, key) for key in WORD_KEYS},
            "illegible": lambda: self._mark(Mark.ILLEGIBLE),
            "crossed_out": lambda: self._mark(Mark.CROSSED_OUT),
            "redact": lambda: self._mark(Mark.REDACTED),
            "as_one": lambda: self.session.step(lambda card: card.in_one()),
            "other_manner": self._other_manner,
            "forget": self.session.forget_draft,
            "quit": self._quit,
            **self._over.steps,
        }

    def compose(self) -> ComposeResult:
        yield self._around.header
        with Horizontal():
            with Vertical(id="work"):
                yield self._around.prompt
                yield self._view
                yield self._no_card
                yield self._around.remarks
                yield self._around.card
            yield self._beside
        yield self._around.notice
        yield self._around.keys

    async def on_mount(self) -> None:
        self.set_interval(DRAFT_SECONDS, self._keep_draft)
        self.set_interval(min(RENEW_SECONDS, self.session.lease.total_seconds() / 3), self._renew)
        await self._show()

    async def on_resize(self) -> None:
        await self._show()

    # -- keys ----------------------------------------------------------------------------------------------------------

    async def action_do(self, step: str) -> None:
        """One step of the session, after every key before it has been taken in."""
        await self._settled()
        self._take_in()
        done = self._steps[step]()
        if done is not None:
            await done
        if self._quitting:
            return
        if self.app.screen is self:
            await self._show()
            await self._drawn.wait()

    async def _settled(self) -> None:
        """Waits until the editor has worked off its keys: a fast typist's Tab must not overtake the last letter."""
        focused = self.focused
        if focused is None or not focused.is_running:
            return
        worked_off = asyncio.Event()
        if focused.call_later(worked_off.set):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(worked_off.wait(), 0.5)

    def _take_in(self) -> None:
        """What stands in the focused editor, and where its cursor is, into the session."""
        card = self.session.card
        editor = next((editor for editor in self._view.editors if editor.has_focus), None)
        if card is None or editor is None or isinstance(editor, Ticks) or self._view.shows != card.place:
            return
        if editor.number != card.line:  # another line was clicked on
            card = card.at(card.field, editor.number, editor.cursor_position)
        if (card.current_line.text, card.column, card.line) == (editor.value, editor.cursor_position, self._line()):
            return
        self.session.change(card.typed(editor.value, editor.cursor_position))

    def _line(self) -> int:
        return self.session.card.line if self.session.card else 0

    async def on_edited(self, _event: Edited) -> None:
        before = self.session.card
        self._take_in()
        if self.session.card is not before and self.app.screen is self:
            await self._show()

    async def on_descendant_focus(self) -> None:
        await self.on_edited(Edited(self))

    def _tick(self, option: int) -> None:
        if self.session.card is not None:
            self.session.change(self.session.card.toggled(option))
            self.call_later(self._show)

    def _take_offered(self, number: int) -> tuple[str, int] | None:
        """A figure typed where suggestions are offered; what the editor holds then. None: the figure is text."""
        self._take_in()
        card = self.session.card
        if card is None or not card.offers or number > len(card.suggestions):
            return None
        self._take(number)
        self.call_later(self._show)
        taken = self.session.card
        assert taken is not None  # taking a suggestion leaves the card where it is
        return taken.current_line.text, taken.column

    def _take(self, number: int) -> None:
        self.session.step(lambda card: card.took(number))

    def _mark(self, mark: Mark) -> None:
        if isinstance(self.focused, LineInput | FieldText):
            start, end = self.focused.selected
            self.session.step(lambda card: card.marked(mark, start, end))
        else:
            self.session.refuse("a mark stands in a text; this field has none")

    async def _edit(self, key: str) -> None:
        if isinstance(self.focused, LineInput | FieldText):
            await run_key(self.focused, key)
            self._take_in()

    async def on_pointed(self, _event: Pointed) -> None:
        self._take_in()
        self.session.step(lambda card: card.jump(card.field, card.line, card.column))
        await self._show()

    async def on_word_pointed(self, event: WordPointed) -> None:
        self._take_in()
        self.session.step(lambda card: card.at_word(event.line, event.word))
        await self._show()

    def _line_down(self) -> None:
        if isinstance(self.focused, FieldText) and not self.focused.cursor_at_last_line:
            self.focused.action_cursor_down()
        else:
            self.session.step(lambda card: card.next_line())

    def _line_up(self) -> None:
        if isinstance(self.focused, FieldText) and not self.focused.cursor_at_first_line:
            self.focused.action_cursor_up()
        else:
            self.session.step(lambda card: card.line_before())

    # -- what else keys do ---------------------------------------------------------------------------------------------

    def _manner(self) -> Manner:
        return self._view.manner or self._canvas.manners[0]

    def _other_manner(self) -> None:
        manners = self._canvas.manners
        now = self._view.drawn_in
        self._view.manner = manners[(manners.index(now) + 1) % len(manners)] if now in manners else manners[0]

    async def _quit(self) -> None:
        self._quitting = True
        self.app.exit()

    # -- timers --------------------------------------------------------------------------------------------------------

    def _keep_draft(self) -> None:
        """Hands what was typed to a thread: a store that hangs holds up no key."""
        self._take_in()
        if self._writer is not None and not self._writer.is_finished:
            self.session.draft_is_slow()
            self._show_notice()
        elif self.session.hand_over_draft():
            self._writer = self.run_worker(self.session.write_draft, thread=True)
        if self._viewer.failed():
            self.session.refuse("the system's viewer could not open the picture")
            self._show_notice()

    def leave_at_once(self) -> None:
        """Writes what was typed, gives the cards back and ends: the line was dropped, or somebody ended the program."""
        if self._quitting:
            return
        self._take_in()
        self._quitting = True
        try:
            self.session.close()
        finally:
            self.app.exit()

    def _renew(self) -> None:
        if self._renewer is None or self._renewer.is_finished:
            self._renewer = self.run_worker(self.session.renew_leases, thread=True)

    async def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.SUCCESS:
            return
        if event.worker is self._writer:
            await self._noted(self.session.draft_written)
        elif self._renewer is not None and event.worker is self._renewer:
            self._take_in()
            await self._noted(partial(self.session.renewed, self._renewer.result or {}))

    async def _noted(self, take_note: Callable[[], object]) -> None:
        """The card may be another one then, or opened anew."""
        opened = self.session.card
        take_note()
        if self.session.card is opened:
            self._show_notice()
        elif self.app.screen is self:
            await self._show()

    # -- drawing -------------------------------------------------------------------------------------------------------

    async def _show(self) -> None:
        """Draws the session as it stands. Where a drawing is under way, that one is done once more at its end."""
        self._stale = True
        if not self._drawn.is_set():
            return
        self._drawn.clear()
        try:
            while self._stale:
                self._stale = False
                await self._draw()
        finally:
            self._drawn.set()
        await self._over.ask_whose()

    async def _draw(self) -> None:
        card = self.session.card
        self._view.display = card is not None
        self._no_card.display = card is None
        self._beside.display = card is not None and self.size.width >= BESIDE[0] and self.size.height >= BESIDE[1]
        self._around.show_header_and_keys()
        if card is None:
            self._around.show_no_card()
            self.set_focus(None)
            self._no_card.update(captions.no_card(self._around.progress, self.session.cannot_ask))
            self._show_notice()
            return
        beside = self.size.width // BESIDE_SHARE if self._beside.display else 0
        if beside and self._beside.size.width != beside:
            self._beside.styles.width = beside
        below = self._around.show(card, self.size.width - beside, is_beside=self._beside.display)
        lines = self.size.height - LINES_AROUND
        try:
            await self._view.show(card, self.size.width - beside, lines - below)
            if beside:
                self._beside.show(card, self._manner(), beside - BESIDE_MARGIN, lines)
        except StoreError as exc:
            self.session.refuse(str(exc))
        self._show_notice()

    def _show_notice(self) -> None:
        self._around.show_notice(is_cut_short=self._view.display and self._view.is_cut_short)
