"""The conversation of placing by hand: which page lies open, where its card is drawn, what becomes of it. No terminal.

What takes seconds (decoding a page and looking for cards on it, reading a side) is in `load` and `read`, which change
nothing and may run in a thread; everything else is quick.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scan_ingest.align import corners as at
from scan_ingest.domain.aligning import Call
from scan_ingest.domain.crop import ReadSide
from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.domain.page import Outcome, Page, Placement
from scan_ingest.domain.source import source_of
from scan_ingest.domain.template import Template
from scan_ingest.errors import StoreError
from scan_ingest.ports.align import AlignDesk, NearCard, PageAtHand, PageDecision, Settle
from scan_ingest.stages.cleaning.register import register
from scan_ingest.stages.placing.by_hand import (
    Agreement,
    Suggestion,
    agreement,
    covered,
    fitted_to_print,
    homography_of,
    placed_by_hand,
    suggestions,
    why_no_card,
)
from scan_ingest.stages.placing.features import grey
from scan_ingest.stages.placing.prepared import PreparedSide, PreparedTemplates
from scan_ingest.stages.placing.sheet import Sheet


@dataclass(frozen=True, eq=False)
class Tools:
    """What the session needs besides the desk: templates, and the ways to decode a page, read it, and settle it."""

    templates: Mapping[str, Template]
    prepared: PreparedTemplates
    decoded: Callable[[PageAtHand], Page]
    """The page from its original. Raises `SkipError` where that cannot be read any more."""
    read: Callable[[Page, Sequence[Placement], int], tuple[ReadSide, ...]]
    placed: Callable[[PageAtHand, Sequence[ReadSide], str, datetime], PageDecision]
    settle: Settle


@dataclass(frozen=True, eq=False)
class Loaded:
    """A page with its picture, and where the program would look for cards on it."""

    at_hand: PageAtHand
    page: Page
    grey: GreyImage
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, eq=False)
class OpenPage:
    """The page that lies open: the side that is being placed, its corners, and how the page is turned.

    `which` is the corner that moves, None all four. `others` are sides placed on this page before this one.
    """

    loaded: Loaded
    side: PreparedSide
    corners: Points
    turn: int
    which: int | None = None
    others: tuple[Placement, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        return self.loaded.grey.shape

    def moved(self, across: float, down: float) -> "OpenPage":
        return replace(self, corners=at.moved(self.corners, self.which, across, down, self.turn))

    def next_corner(self) -> "OpenPage":
        """The first corner, the next, and after the last all of them."""
        return replace(self, which=0 if self.which is None else None if self.which == 3 else self.which + 1)

    def at_corner(self, which: int | None) -> "OpenPage":
        return replace(self, which=which)

    def turned(self) -> "OpenPage":
        return replace(self, corners=at.turned(self.corners), turn=(self.turn + 1) % 4)

    def with_corners(self, corners: Points) -> "OpenPage":
        return replace(self, corners=corners)

    @property
    def why_not(self) -> str | None:
        """Why these corners cannot be a card's, in words."""
        return why_no_card(self.corners, self.shape)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Session:
    """Walks the pages in `keys`. Two people may do so at once: who comes second is told when they accept."""

    def __init__(
        self, desk: AlignDesk, tools: Tools, person: str, keys: Sequence[int], clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.desk, self.tools, self.person = desk, tools, person
        self.keys = tuple(keys)
        self.position = 0
        self.open: OpenPage | None = None
        self.at_hand: PageAtHand | None = None  # also where the page itself cannot be shown
        self.notice = ""
        self.refused = False
        self.settled: list[int] = []  # keys, in the order they were settled in this sitting
        self._clock = clock

    # -- which page lies open ------------------------------------------------------------------------------------------

    @property
    def key(self) -> int | None:
        """The page to be opened; None behind the last one."""
        return self.keys[self.position] if self.position < len(self.keys) else None

    def load(self, key: int) -> Loaded:
        """Slow. Raises `SkipError` where the original cannot be read, `StoreError`."""
        at_hand = self.desk.page_at_hand(key)
        page = self.tools.decoded(at_hand)
        return Loaded(at_hand, page, grey(page.image), suggestions(page, self.tools.prepared))

    def show(self, loaded: Loaded) -> None:
        """Opens the page, the outline where a person put it before, else where a card seems to lie."""
        self.at_hand = loaded.at_hand
        self.open = self._first_guess(loaded, ())
        hand = loaded.at_hand
        if hand.call is not None and not self.notice:
            self.notice = f"{hand.call} by {hand.person}; u takes that back"

    def cannot_show(self, key: int, why: str) -> None:
        """Only what is known of the page lies open; nothing, where the store cannot even tell that."""
        self.open, self.at_hand = None, None
        self._refuse(why)
        with contextlib.suppress(StoreError):  # why is told already
            self.at_hand = self.desk.page_at_hand(key)

    def go(self, by: int) -> bool:
        """To the next page or the one before; False where there is none. The page behind the last is the end."""
        to = self.position + by
        if not 0 <= to <= len(self.keys):
            self._refuse("this is the first page")
            return False
        self.position, self.open, self.at_hand = to, None, None
        self.notice, self.refused = "", False
        return True

    # -- where the card lies -------------------------------------------------------------------------------------------

    @property
    def sides(self) -> tuple[PreparedSide, ...]:
        """Every side of every template, those first that seem to lie on the open page."""
        found = [suggestion.side for suggestion in self.open.loaded.suggestions] if self.open else []
        return tuple(dict.fromkeys([*found, *self.tools.prepared.sides]))

    def change(self, page: OpenPage) -> None:
        self.open, self.notice, self.refused = page, "", False

    def choose(self, side: PreparedSide) -> None:
        """Another side: where it seems to lie, else with the outline as it is."""
        assert self.open is not None
        found = next((one for one in self._free(self.open.loaded, self.open.others) if one.side is side), None)
        if found is not None:
            self.change(replace(self.open, side=side, corners=found.corners, turn=at.quarter_turns(found.corners)))
        elif side.size_mm == self.open.side.size_mm:
            self.change(replace(self.open, side=side))
        else:
            begin = at.start(self.open.shape, side.size_mm, self.open.loaded.page.dpi, self.open.turn)
            self.change(replace(self.open, side=side, corners=begin))

    def set_corners(self, corners: Points) -> None:
        """Corners typed or marked. Refused where they are no card's."""
        assert self.open is not None
        why = why_no_card(corners, self.open.shape)
        if why is not None:
            self._refuse(why)
        else:
            self.change(self.open.with_corners(corners))

    def fit(self) -> None:
        """Moves the corners so that the print lies where it should, if enough of it is found."""
        assert self.open is not None
        if self.open.why_not is not None:
            self._refuse(self.open.why_not)
            return
        corners = fitted_to_print(Sheet(self.open.loaded.grey), self.open.side, self.open.corners)
        if corners is None:  # the page was also looked over as a whole
            seen = [one.corners for one in self.open.loaded.suggestions if one.side is self.open.side]
            corners = next((one for one in seen if covered(one, [self.open.corners])), None)
        if corners is None or why_no_card(corners, self.open.shape) is not None:
            self._refuse("too little print lies within 4 mm of its place; the corners stay")
            return
        self.change(self.open.with_corners(corners))
        self.notice = "fitted to the print"

    def agreement(self) -> Agreement | None:
        """How well the print agrees with the outline; None where there is no outline of a card."""
        if self.open is None or self.open.why_not is not None:
            return None
        page = self.open
        side_to_page = homography_of(page.corners, *page.side.size_mm).inverse()
        return agreement(Sheet(page.loaded.grey), page.side, side_to_page)

    def result(self) -> GreyImage | None:
        """The registered side as it would be read; None, and why is told, where the corners are no card's."""
        assert self.open is not None
        if self.open.why_not is not None:
            self._refuse(self.open.why_not)
            return None
        template = self.tools.templates[self.open.side.template_id]
        return register(self.open.loaded.page, self._placement(self.open), template)

    def another(self) -> None:
        """Keeps this side and goes on to another card on the same page."""
        assert self.open is not None
        others = (*self.open.others, self._placement(self.open))
        self.open = self._first_guess(self.open.loaded, others)
        self.notice = f"{len(others)} placed on this page; nothing is written before you accept"

    # -- what becomes of the page --------------------------------------------------------------------------------------

    def read(self, page: OpenPage) -> tuple[ReadSide, ...]:
        """The sides that were placed, read. Slow; changes nothing."""
        placements = (*page.others, self._placement(page))
        return self.tools.read(page.loaded.page, placements, page.loaded.at_hand.next_place)

    def accept(self, page: OpenPage, sides: Sequence[ReadSide]) -> bool:
        """Writes the page as placed."""
        return self._decide(self.tools.placed(page.loaded.at_hand, sides, self.person, self._clock()))

    def nothing_more(self) -> bool:
        """Says that the cards found on the page are all there is on it."""
        assert self.at_hand is not None
        if not any(side.card_id for side in self.at_hand.sides):
            self._refuse("no card was found on this page; call it blank or foreign, or place its card")
            return False
        return self._decide(self.tools.placed(self.at_hand, (), self.person, self._clock()))

    def call_blank(self) -> bool:
        return self._call(Call.BLANK, Outcome.BLANK, f"called blank by {self.person}")

    def call_foreign(self) -> bool:
        return self._call(Call.FOREIGN, Outcome.UNMATCHED, f"a foreign sheet, says {self.person}")

    def cards_near(self) -> tuple[NearCard, ...]:
        """The cards that the page may belong to; none, and why is told, where there are none to be had."""
        assert self.at_hand is not None
        try:
            near = self.desk.cards_near(self.at_hand.key)
        except StoreError as exc:
            self._refuse(str(exc))
            return ()
        if not near:
            self._refuse("there is no other card in this batch")
        return near

    def attach(self, card: NearCard) -> bool:
        """The page belongs to that card."""
        reason = f"belongs to the card on {source_of(card.pages)}, says {self.person}"
        return self._call(Call.ATTACHED, Outcome.UNMATCHED, reason, card.id)

    def undo(self) -> int | None:
        """Takes back what was last said of the open page, else of the page settled last in this sitting; its key."""
        key = self.at_hand.key if self.at_hand and self.at_hand.decision is not None else None
        if key is None:
            if not self.settled:
                self._refuse("nothing to take back in this sitting; align --page NAME opens any page")
                return None
            key = self.settled[-1]
        try:
            self.desk.undo_page(self.desk.page_at_hand(key), self.person, self._clock(), self.tools.settle)
        except StoreError as exc:
            self._refuse(str(exc))
            return None
        if key in self.settled:
            self.settled.remove(key)
        if key in self.keys:
            self.position = self.keys.index(key)
        self.open, self.at_hand = None, None
        self.notice, self.refused = "what was said of this page is taken back", False
        return key

    # ------------------------------------------------------------------------------------------------------------------

    def _call(self, call: Call, outcome: Outcome, reason: str, card_id: str | None = None) -> bool:
        assert self.at_hand is not None
        every = frozenset(side.place for side in self.at_hand.sides)
        decision = PageDecision(self.at_hand, call, self.person, self._clock(), outcome, reason, withdraws=every)
        return self._decide(replace(decision, card_id=card_id))

    def _decide(self, decision: PageDecision) -> bool:
        try:
            after = self.desk.decide_page(decision, self.tools.settle)
        except StoreError as exc:
            self._refuse(str(exc))
            return False
        self.settled.append(after.key)
        self.go(1)
        self.notice = f"{after.ref}: {after.outcome}" + (f", {after.reason}" if after.reason else "")
        return True

    def _placement(self, page: OpenPage) -> Placement:
        return placed_by_hand(Sheet(page.loaded.grey), page.side, page.corners)

    def _first_guess(self, loaded: Loaded, others: tuple[Placement, ...]) -> OpenPage:
        hand = loaded.at_hand
        if hand.call is Call.PLACED and hand.sides and not others:
            before = hand.sides[-1].placement
            name = f"{before.template_id} {before.side}"
            side = next((one for one in self.tools.prepared.sides if one.label == name), None)
            if side is not None:
                return OpenPage(loaded, side, before.corners_px, at.quarter_turns(before.corners_px))
        free = self._free(loaded, others)
        if free:
            return OpenPage(loaded, free[0].side, free[0].corners, at.quarter_turns(free[0].corners), None, others)
        side = self.tools.prepared.sides[0]
        return OpenPage(loaded, side, at.start(loaded.grey.shape, side.size_mm, loaded.page.dpi, 0), 0, None, others)

    def _free(self, loaded: Loaded, others: Sequence[Placement]) -> list[Suggestion]:
        """The suggestions that lie on no card that was placed already."""
        taken = [side.placement.corners_px for side in loaded.at_hand.sides if side.card_id]
        taken += [other.corners_px for other in others]
        return [one for one in loaded.suggestions if not covered(one.corners, taken)]

    def _refuse(self, why: str) -> None:
        self.notice, self.refused = why, True
