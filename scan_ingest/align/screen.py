"""The screen for placing by hand: the page with the card's outline over it, keys that move its corners."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar

import cv2
import numpy as np
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from scan_ingest.align import captions
from scan_ingest.align.corners import STEPS_PX, spelled, typed
from scan_ingest.align.dialogs import Choice, Question, Result, Told
from scan_ingest.align.drawing import OutlinedPicture, in_colour
from scan_ingest.align.keys import COMMANDS, HELP
from scan_ingest.align.papers import Papers
from scan_ingest.align.session import OpenPage, Session
from scan_ingest.align.view import view_of
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import SkipError, StoreError, ToolMissingError
from scan_ingest.stages.placing.by_hand import Agreement
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.drawing import PixelPicture
from scan_ingest.terminal.help import Help
from scan_ingest.terminal.overview import Shown
from scan_ingest.terminal.picture import DOTS_IN, Manner
from scan_ingest.terminal.viewer import Viewer

LINES_AROUND = 3  # header; side, keys
MOST_REASON_LINES, MOST_NOTICE_LINES = 3, 2
JUDGED_AFTER = 0.3  # seconds without a key, so that holding an arrow down moves smoothly
ASKED_AGAIN_AFTER = 3.0  # seconds, of a store that went away


class AlignScreen(Screen[None]):
    """Draws the session and turns keys into its steps. Reading and looking for cards happen in a thread."""

    DEFAULT_CSS = """
    AlignScreen { background: ansi_default; color: ansi_default; }
    AlignScreen > Static { height: 1; padding: 0 1; background: ansi_default; }
    AlignScreen > #picture { height: 1fr; background: ansi_default; }
    AlignScreen > #over { height: 1fr; padding: 2 3; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(command.keys, f"do('{command.action}')", show=False, priority=True) for command in COMMANDS),
        *(Binding(f"{n}", f"which({n})", show=False) for n in range(5)),
        *(
            Binding(f"{shift}{key}", f"move({x * times}, {y * times})", show=False, priority=True)
            for shift, times in (("", 1), ("shift+", 10))
            for key, x, y in (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))
        ),
    ]

    def __init__(self, session: Session, papers: Papers, canvas: Canvas, viewer: Viewer) -> None:
        super().__init__()
        self.session, self._papers, self._canvas, self._viewer = session, papers, canvas, viewer
        self._manner = canvas.manners[0]
        self._step = 2
        self._close = False
        self.busy = ""  # what is being waited for
        self._agreement: Agreement | None = None
        self._judging: Timer | None = None
        self._steps: dict[str, Callable[[], Awaitable[None] | None]] = {
            "corner": lambda: self._change(lambda page: page.next_corner()),
            "step": partial(self._set_step, 1),
            "step_down": partial(self._set_step, -1),
            "template": self._template,
            "turn": lambda: self._change(lambda page: page.turned()),
            "fit": self._fit,
            "numbers": self._numbers,
            "mark": self._mark,
            "close": self._look_closer,
            "manner": self._other_manner,
            "result": self._result,
            "blank": lambda: self._settle(self.session.call_blank),
            "foreign": lambda: self._settle(self.session.call_foreign),
            "nothing_more": lambda: self._settle(self.session.nothing_more),
            "attach": self._belongs_to,
            "undo": self._undo,
            "next": lambda: self._go(1),
            "previous": lambda: self._go(-1),
            "help": self._help,
            "quit": self._quit,
        }

    def compose(self) -> ComposeResult:
        yield Static(id="header")
        yield Static(id="reason")
        with Container(id="picture"):
            yield OutlinedPicture()
            if self._canvas.image_widget is not None:
                yield PixelPicture(self._canvas.image_widget)
        yield Static(id="over")
        yield Static(id="side")
        yield Static(id="notice")
        yield Static(id="keys")

    async def on_mount(self) -> None:
        await self._load()

    def on_resize(self) -> None:
        self._show()

    # -- keys ----------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are the page's only while it is in front and nothing is waited for; leaving always works."""
        if action not in ("do", "which", "move"):
            return True
        return self.app.screen is self and (not self.busy or parameters in (("quit",), ("help",)))

    async def action_do(self, step: str) -> None:
        done = self._steps[step]()
        if done is not None:
            await done
        self._show()

    def action_which(self, corner: int) -> None:
        self._change(lambda page: page.at_corner(corner - 1 if corner else None))
        self._show()

    def action_move(self, across: int, down: int) -> None:
        step = STEPS_PX[self._step]
        self._change(lambda page: page.moved(across * step, down * step))
        self._show()

    def _change(self, step: Callable[[OpenPage], OpenPage]) -> None:
        if self.session.open is not None:
            self.session.change(step(self.session.open))
            self._judge_soon()

    def _set_step(self, by: int) -> None:
        self._step = min(max(self._step + by, 0), len(STEPS_PX) - 1)

    def _look_closer(self) -> None:
        self._close = not self._close

    def _other_manner(self) -> None:
        manners = self._canvas.manners
        self._manner = manners[(manners.index(self._manner) + 1) % len(manners)]

    def _fit(self) -> None:
        if self.session.open is not None:
            self.session.fit()
            self._judge()

    async def _quit(self) -> None:
        self.app.exit()

    async def _help(self) -> None:
        await self.app.push_screen(Help(*HELP))

    # -- which page ----------------------------------------------------------------------------------------------------

    async def _go(self, by: int) -> None:
        if self.session.go(by):
            await self._load()

    async def _undo(self) -> None:
        if self.session.undo() is not None:
            await self._load()

    async def _settle(self, call: Callable[[], bool]) -> None:
        if self.session.at_hand is not None and call():
            await self._load()

    async def _load(self) -> None:
        """Opens the session's page: decoded and looked over in a thread."""
        key = self.session.key
        self._agreement = None
        if key is None:
            self._show()
            return
        self._wait_for("opening the page …")

        async def opened() -> None:
            try:
                self.session.show(await asyncio.to_thread(self.session.load, key))
            except (SkipError, StoreError) as exc:
                self.session.cannot_show(key, str(exc))
                if self.session.at_hand is None:  # the store is away
                    self.set_timer(ASKED_AGAIN_AFTER, self._load_if_none)
            self.busy = ""
            self._judge()
            self._show()

        self.run_worker(opened(), exclusive=True, group="opening")

    async def _load_if_none(self) -> None:
        if self.session.at_hand is None and not self.busy and self.session.key is not None:
            await self._load()

    def _wait_for(self, what: str) -> None:
        self.busy = what
        self._show()

    # -- dialogs -------------------------------------------------------------------------------------------------------

    async def _template(self) -> None:
        if (page := self.session.open) is None:
            return
        sides = self.session.sides
        seen = {id(one.side): one.seen for one in page.loaded.suggestions}
        options = [captions.side(side, seen.get(id(side)), now=side is page.side) for side in sides]

        def chosen(number: int | None) -> None:
            if number is not None:
                self.session.choose(sides[number])
                self._judge()
            self._show()

        await self.app.push_screen(Choice("Which card, and which side of it?", options), chosen)

    async def _numbers(self) -> None:
        if (page := self.session.open) is None:
            return

        def answered(text: str | None) -> None:
            if text is not None:
                self._corners_from(lambda: self.session.set_corners(typed(text)))

        below = "x,y of the card's own top left, then clockwise as printed; Enter sets them, Esc goes back"
        await self.app.push_screen(
            Question("Corners in pixels of the page as scanned", spelled(page.corners), below), answered
        )

    async def _mark(self) -> None:
        if (page := self.session.open) is None:
            return
        path = self._papers.write_page(page)

        def marked(read: bool | None) -> None:
            if read:
                self._corners_from(lambda: self.session.set_corners(self._papers.read_marks(page)))

        await self.app.push_screen(Told(captions.how_to_mark(str(path))), marked)

    def _corners_from(self, step: Callable[[], None]) -> None:
        try:
            step()
        except SkipError as exc:
            self.session.notice, self.session.refused = str(exc), True
        self._judge()
        self._show()

    async def _belongs_to(self) -> None:
        if self.session.at_hand is None:
            return
        near = self.session.cards_near()
        if not near:
            return

        async def chosen(number: int | None) -> None:
            if number is not None:
                await self._settle(lambda: self.session.attach(near[number]))
            self._show()

        await self.app.push_screen(
            Choice("Which card does this page belong to?", [captions.card(c) for c in near]), chosen
        )

    async def _result(self) -> None:
        if (page := self.session.open) is None or (picture := self.session.result()) is None:
            return
        self._judge()
        title = for_a_terminal(f"{page.side.label} as it would be read · {captions.agreed(self._agreement)}")
        fields = self.session.tools.templates[page.side.template_id].side(page.side.name).fields
        boxes = [field.box_mm.as_tuple() for field in fields]
        result = Result([Shown(title, _with_boxes(picture, boxes))], self._canvas, self._manner, large=False, at=0)

        async def looked(open_it: bool | None) -> None:
            if open_it:
                try:
                    self._viewer.show(picture)
                except ToolMissingError as exc:
                    self.session.notice, self.session.refused = str(exc), True
            elif result.chosen == "another":
                self.session.another()
                self._judge()
            elif result.chosen == "accept":
                self._accept(page)
            self._show()

        await self.app.push_screen(result, looked)

    def _accept(self, page: OpenPage) -> None:
        self._wait_for("reading the card; this takes a few seconds …")

        async def read() -> None:
            sides = await asyncio.to_thread(self.session.read, page)
            self.busy = ""
            await self._settle(lambda: self.session.accept(page, sides))
            self._show()

        self.run_worker(read(), exclusive=True, group="reading")  # which ends by opening the next page

    # -- drawing -------------------------------------------------------------------------------------------------------

    def _judge_soon(self) -> None:
        self._agreement = None
        if self._judging is not None:
            self._judging.stop()
        self._judging = self.set_timer(JUDGED_AFTER, self._judge_now)

    def _judge_now(self) -> None:
        self._judge()
        self._show()

    def _judge(self) -> None:
        self._agreement = self.session.agreement()

    def _show(self) -> None:
        session, width = self.session, self.size.width
        page, picture, over = session.open, self.query_one("#picture"), self.query_one("#over", Static)
        picture.display, over.display = page is not None, page is None
        self.query_one("#header", Static).update(captions.header(session))
        lines = self._wrapped("#reason", captions.reason(session), MOST_REASON_LINES)
        lines += self._wrapped("#notice", captions.notice(session, self.busy), MOST_NOTICE_LINES)
        self.query_one("#keys", Static).update(captions.keys(width))
        side = Text("") if page is None else captions.standing(page, STEPS_PX[self._step], self._agreement)
        self.query_one("#side", Static).update(side)
        if page is None:
            over.update(
                Text(self.busy, Style(italic=True)) if session.key is not None else captions.nothing_left(session)
            )
        else:
            self._draw(page, max(3, self.size.height - LINES_AROUND - lines))

    def _wrapped(self, where: str, text: Text, most: int) -> int:
        """How many lines of the window the text takes there."""
        needed = len(text.wrap(self.app.console, max(8, self.size.width - 2)))  # its padding
        lines = min(max(needed, 1), most)
        place = self.query_one(where, Static)
        place.styles.height = lines
        place.update(text)
        return lines

    def _draw(self, page: OpenPage, lines: int) -> None:
        columns = max(8, self.size.width)
        in_pixels = self._manner is Manner.PIXELS and self._canvas.pixels is not None
        cell = (
            self._canvas.pixels
            if in_pixels and self._canvas.pixels
            else DOTS_IN.get(self._manner, DOTS_IN[Manner.BRAILLE])
        )
        view = view_of(page, columns, lines, cell, close=self._close)
        characters = self.query_one(OutlinedPicture)
        characters.display = not in_pixels
        for pixels in self.query(PixelPicture):
            pixels.display = in_pixels
            if in_pixels:
                pixels.put(in_colour(view, page.which), cell)
        if not in_pixels:
            characters.show(view, page.which, self._manner, greys=self._canvas.greys)


def _with_boxes(picture: GreyImage, boxes: list[tuple[float, float, float, float]]) -> GreyImage:
    """The registered side with the outlines of its fields."""
    drawn = picture.copy()
    for x, y, width, height in boxes:
        corners = np.array([(x, y), (x + width, y + height)]) * SIDE_PX_PER_MM
        (left, top), (right, bottom) = corners.round().astype(int).tolist()
        cv2.rectangle(drawn, (left, top), (right, bottom), (60,), 3)
    return drawn
