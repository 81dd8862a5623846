"""What placing by hand asks of the workspace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import Batch, Collation, Original, StackPage
from scan_ingest.domain.crop import ReadSide
from scan_ingest.domain.page import Outcome, PageRef, Placement
from scan_ingest.domain.review import CardPage
from scan_ingest.ports.cards import NewCard
from scan_ingest.ports.ingest import Settlement


@dataclass(frozen=True, eq=False)
class StandingSide:
    """A side on a page, with the id of its card where it has one."""

    place: int
    placement: Placement
    card_id: str | None


@dataclass(frozen=True, eq=False)
class PageAtHand:
    """A page that a person looks at: what became of it, and `decision`, the number of what a person said of it last."""

    key: int
    batch: Batch
    file: Original
    ref: PageRef
    outcome: Outcome
    reason: str
    picture_sha256: str
    sides: tuple[StandingSide, ...]
    next_place: int
    decision: int | None = None
    call: Call | None = None
    person: str = ""


@dataclass(frozen=True)
class NearCard:
    """A card of the same batch that a page may belong to; `before` is whether it lies before the page."""

    id: str
    pages: tuple[CardPage, ...]
    before: bool


@dataclass(frozen=True, eq=False)
class PageDecision:
    """What a person says of a page, and all that follows from it on that page; `at` is UTC and aware.

    `sides` are those placed by hand, `new_cards` what they complete, `withdraws` the places of sides that no longer
    stand. `card_id` is the card that an attached page belongs to.
    """

    page: PageAtHand
    call: Call
    person: str
    at: datetime
    outcome: Outcome
    reason: str
    sides: tuple[ReadSide, ...] = ()
    new_cards: tuple[NewCard, ...] = ()
    withdraws: frozenset[int] = frozenset()
    card_id: str | None = None


Settle = Callable[[Sequence[StackPage], Collation], Settlement]
"""What a whole stack says of its two-sided cards."""


class AlignDesk(Protocol):
    """The part of the workspace that placing by hand works with."""

    def pages_to_align(self, batch_id: str | None = None) -> tuple[int, ...]:
        """The keys of the unmatched and unreadable pages of finished batches that nobody has settled, oldest box
        first."""
        ...

    def find_page(self, name: str, batch_id: str | None = None) -> int:
        """The key of a page by its name (`box.pdf#3`), settled or not. Raises `InputError` where there is none, or more
        than one."""
        ...

    def page_at_hand(self, key: int) -> PageAtHand: ...

    def cards_near(self, key: int) -> tuple[NearCard, ...]:
        """The cards of the page's batch without those on the page itself, the nearest first, those before it first
        of all."""
        ...

    def decide_page(self, decision: PageDecision, settle: Settle) -> PageAtHand:
        """Writes the decision and what the stack says then, in one transaction; the page as it stands after it.

        Raises `PageRefusedError` where the page changed since `decision.page` was fetched, or a side that is withdrawn
        belongs to a card that was reviewed or is being reviewed."""
        ...

    def undo_page(self, page: PageAtHand, person: str, at: datetime, settle: Settle) -> PageAtHand:
        """Takes back what was said of the page last; the page as it stands after it. Raises `PageRefusedError` as
        `decide_page` does, and where nothing was said."""
        ...
