"""What stands around the line that is corrected: header, prompt, remarks, the whole card's texts, notice and keys."""

from contextlib import suppress

from rich.text import Text
from textual.screen import Screen

from scan_ingest.errors import StoreError
from scan_ingest.review import captions
from scan_ingest.review.captions import Caption
from scan_ingest.review.keys import FOOTER, WIDE_FOOTER
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.remarks import remarks_of
from scan_ingest.review.session import Session
from scan_ingest.review.sitting import Progress

TALL = 40  # lines of the window from which the whole card's texts are shown below
WIDE = 130  # columns from which the long footer fits


class AroundTheLine:
    """The captions of the review's own screen `on`, which puts them in their places. `progress` is as it was counted
    for the card that lies open; None before that."""

    def __init__(self, on: Screen[None], session: Session) -> None:
        self._on, self._session = on, session
        self.header, self.prompt = Caption(id="header"), Caption(id="prompt")
        self.remarks, self.card = Caption(id="remarks"), Caption(id="card")
        self.notice, self.keys = Caption(id="notice"), Caption(id="keys")
        self.progress: Progress | None = None
        self._counted_for = ""

    def show_header_and_keys(self) -> None:
        card, width = self._session.card, self._on.size.width
        card_id = card.queued.id if card else ""
        if self.progress is None or self._counted_for != card_id:
            # Of a store that is busy for a moment the numbers come with the next key.
            with suppress(StoreError):
                self.progress, self._counted_for = self._session.progress(), card_id
        self.header.say(captions.header(card, self.progress, width))
        self.keys.say(captions.keys(WIDE_FOOTER if width >= WIDE else FOOTER))

    def show_no_card(self) -> None:
        self.prompt.say(Text(""))
        self.card.display = self.remarks.display = False

    def show(self, card: OpenCard, width: int, *, is_beside: bool) -> int:
        """In so many columns; how many lines of the window are taken below the line. The whole card's texts are not
        shown where its picture `is_beside` the line."""
        self.prompt.say(captions.prompt(card, width))
        return self._show_remarks(card) + self._show_card(card, is_beside=is_beside)

    def show_notice(self, *, is_cut_short: bool) -> None:
        self.notice.say(captions.notice(self._session, is_cut_short=is_cut_short))

    def _show_remarks(self, card: OpenCard) -> int:
        found = remarks_of(card)
        self.remarks.display = bool(found)
        self.remarks.say(captions.remarks(found))
        return len(found)

    def _show_card(self, card: OpenCard, *, is_beside: bool) -> int:
        """In a tall window every field with its text, a line each."""
        height = self._on.size.height
        self.card.display = height >= TALL and len(card.fields) < height // 3 and not is_beside
        if not self.card.display:
            return 0
        self.card.say(captions.whole_card(card), key=(card.queued.id, card.texts, card.field))
        return len(card.fields) + 2
