"""What lies open over the card for a moment: the menu, questions, pictures. Each leaves its answer in the session."""

from collections.abc import Awaitable, Callable

from textual.screen import Screen

from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.second_look import differing
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import StoreError, ToolMissingError
from scan_ingest.ports.review import Theirs
from scan_ingest.review.attached import AttachedPages, pages_of
from scan_ingest.review.dialogs import Menu, NoteLine, Rejection
from scan_ingest.review.identity_dialog import IdentityDialog, TakingOut
from scan_ingest.review.keys import HELP
from scan_ingest.review.pieces import Pieces
from scan_ingest.review.session import Session, Whose
from scan_ingest.review.two_texts import BothTexts, WhoseText
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.help import Help
from scan_ingest.terminal.overview import Overview, Shown
from scan_ingest.terminal.picture import Manner
from scan_ingest.terminal.viewer import Viewer

Step = Callable[[], Awaitable[None]]


class OverTheCard:
    """Opens them over `below`, the review's own screen. `manner` is how that draws pictures now, `answered` draws the
    card as it is after an answer, `do` takes a step that the menu names."""

    def __init__(
        self,
        below: Screen[None],
        session: Session,
        pieces: Pieces,
        canvas: Canvas,
        viewer: Viewer,
        *,
        manner: Callable[[], Manner],
        answered: Callable[[], Awaitable[None]],
        do: Callable[[str], Awaitable[None]],
    ) -> None:
        self._below, self._session = below, session
        self._pieces, self._canvas, self._viewer = pieces, canvas, viewer
        self._manner, self._answered, self._do = manner, answered, do
        self._asked: Theirs | None = None
        self.steps: dict[str, Step] = {
            "menu": self._menu,
            "help": self._help,
            "reject": self._reject,
            "identity": self._identity,
            "note": self._note,
            "both_texts": self._both_texts,
            "whole_field": self._whole_field,
            "whole_card": self._whole_card,
            "attached": self._attached_pages,
            "open_picture": self._open_picture,
        }

    async def ask_whose(self) -> None:
        """Asks whose text stands, where somebody else worked on the card too and nothing else is asked just now; once,
        and again when a step was refused for want of an answer."""

        async def answered(whose: Whose | None) -> None:
            if whose is not None:
                self._session.settle(whose)
            await self._answered()

        theirs, card = self._session.asked, self._session.card
        asked_already = self._asked is theirs and not self._session.refused
        if theirs is None or card is None or self._below.app.screen is not self._below or asked_already:
            return
        self._asked = theirs
        await self._below.app.push_screen(WhoseText(theirs, len(differing(card.texts, theirs.texts))), answered)

    # -- questions -----------------------------------------------------------------------------------------------------

    async def _menu(self) -> None:
        async def chosen(step: str | None) -> None:
            if step is not None:
                await self._do(step)

        await self._below.app.push_screen(Menu(), chosen)

    async def _help(self) -> None:
        await self._below.app.push_screen(Help(*HELP))

    async def _reject(self) -> None:
        async def answered(reason: str | None) -> None:
            if reason is not None:
                self._session.reject(reason)
            await self._answered()

        if self._session.card is not None:
            await self._below.app.push_screen(Rejection(), answered)

    async def _identity(self) -> None:
        async def answered(answer: Answer | None) -> None:
            if answer is not None and answer.kind is IdentityAnswer.REDACT:
                await self._take_out()
            elif answer is not None:
                self._session.settle_identity(answer)
            await self._answered()

        card = self._session.card
        if card is not None and any(found.holds for found in card.identities):
            await self._below.app.push_screen(IdentityDialog(card.identities), answered)
        else:
            self._session.refuse("nothing on this card holds it back")

    async def _take_out(self) -> None:
        """Beside the screen: letters that belong to the card are read for it, and scans drawn anew."""

        async def done(fields: Callable[[], tuple[str, ...]] | None) -> None:
            if fields is not None:
                self._session.taken_out(fields)
            await self._answered()

        take_out = self._session.taking_out()
        if take_out is not None:
            await self._below.app.push_screen(TakingOut(take_out), done)

    async def _note(self) -> None:
        def typed(note: str) -> None:
            self._session.step(lambda card: card.noted(note))

        async def written(_done: None) -> None:
            await self._answered()

        if (card := self._session.card) is not None:
            await self._below.app.push_screen(NoteLine(card.note, typed), written)

    async def _both_texts(self) -> None:
        async def answered(takes: bool | None) -> None:
            if takes:
                self._session.step(lambda card: card.took_theirs())
            await self._answered()

        card = self._session.card
        if card is None or card.theirs is None or (text := card.their_text) is None:
            self._session.refuse("there is no other text of this field")
            return
        await self._below.app.push_screen(BothTexts(card.current.text, text, card.theirs.whose), answered)

    # -- pictures ------------------------------------------------------------------------------------------------------

    async def _whole_field(self) -> None:
        if (card := self._session.card) is not None:
            title = for_a_terminal(card.current.note.prompt or card.current.note.name)
            await self._look_at([Shown(title, self._pieces.field_crop(card))], large=True)

    async def _whole_card(self) -> None:
        if (card := self._session.card) is not None:
            sides = list(dict.fromkeys(field.note.side for field in card.fields))
            shown = [Shown(f"card {card.queued.id}, {side}", self._pieces.side(card, side)) for side in sides]
            await self._look_at(shown, large=False, at=sides.index(card.current.note.side))

    async def _look_at(self, shown: list[Shown], *, large: bool, at: int = 0) -> None:
        overview = Overview(shown, self._canvas, self._manner(), large=large, at=at)

        async def looked(open_it: bool | None) -> None:
            if open_it:
                self._open_in_viewer(shown[overview.at])
            await self._answered()

        await self._below.app.push_screen(overview, looked)

    async def _attached_pages(self) -> None:
        if (card := self._session.card) is None:
            return
        if not card.queued.attached:
            self._session.refuse("no other page belongs to this card")
            return
        try:
            pages = pages_of(card, self._session.desk.attached_picture)
        except StoreError as exc:
            self._session.refuse(str(exc))
            return

        def add(field: int, text: str) -> None:
            self._session.step(lambda card: card.at(field, 0, 0).with_more(text))

        async def looked(open_it: bool | None) -> None:
            if open_it:
                self._open_in_viewer(pages[screen.at])
            await self._answered()

        screen = AttachedPages(pages, self._canvas, self._manner(), card, add)
        await self._below.app.push_screen(screen, looked)

    async def _open_picture(self) -> None:
        if (card := self._session.card) is not None:
            self._open_in_viewer(Shown("", self._pieces.field_crop(card)))

    def _open_in_viewer(self, shown: Shown) -> None:
        try:
            self._viewer.show(shown.crop)
        except ToolMissingError as exc:
            self._session.refuse(str(exc))
        else:
            self._session.notice = "the picture was handed to the system's viewer"
