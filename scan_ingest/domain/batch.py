"""The contents of one collection box, scanned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import FailedPage, Outcome, PageRef, Placement
from scan_ingest.domain.rejection import CONCERN


@dataclass(frozen=True)
class BoxLabel:
    """Whose box it was, where it hung, and when it was emptied."""

    organisation: str
    ward: str
    collected: date

    def __post_init__(self) -> None:
        if not self.organisation.strip() or not self.ward.strip():
            raise ValueError("a box has an organisation and a ward")


@dataclass(frozen=True)
class Original:
    """A file as handed in, copied by content into the workspace.

    `path` is the copy; None where the file could not be read at all, and then `reason` says why.
    """

    name: str
    sha256: str
    path: Path | None
    reason: str = ""

    def unopened(self) -> FailedPage:
        """The one failed page that a file without a copy counts as."""
        return FailedPage(PageRef(self.sha256, 1, self.name), self.reason or "the file cannot be read")


class Collation(StrEnum):
    """In which order the sides of two-sided cards were scanned."""

    DUPLEX = "duplex"  # each front, then its back
    DUPLEX_FLIPPED = "duplex-flipped"  # each back, then its front: the stack was fed face down
    FRONTS_THEN_BACKS = "fronts-then-backs"  # all fronts, then all backs, in whichever order they show themselves to be
    FRONTS_THEN_BACKS_IN_ORDER = "fronts-then-backs-in-order"  # fronts 1 to n, backs 1 to n
    FRONTS_THEN_BACKS_REVERSED = "fronts-then-backs-reversed"  # fronts 1 to n, backs n to 1: turned over as a whole

    @property
    def by_stack(self) -> bool:
        """Whether a card's two sides lie a whole stack apart."""
        return self not in (Collation.DUPLEX, Collation.DUPLEX_FLIPPED)


class BatchState(StrEnum):
    UNFINISHED = "unfinished"
    FINISHED = "finished"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Batch:
    id: str
    label: BoxLabel
    state: BatchState
    created_at: datetime
    files: tuple[Original, ...]
    expected_cards: int | None = None
    discard_reason: str = ""
    collation: Collation = Collation.DUPLEX


@dataclass(frozen=True)
class IngestReport:
    """The end of an ingest; `outcomes` and `cards` are the whole batch's, earlier runs included.

    A box that was counted by hand may hold cards that were ingested before: `cards_seen_before` are those of other
    batches whose pages lie in this one as duplicates.
    """

    batch: Batch
    outcomes: Mapping[Outcome, int]
    cards: int
    seconds: float
    expected_cards: int | None = None
    cards_seen_before: int = 0
    two_sided_cards: int = 0

    @property
    def pages(self) -> int:
        return sum(self.outcomes.values())

    @property
    def count_differs(self) -> bool:
        return self.expected_cards is not None and self.expected_cards != self.cards_found

    @property
    def cards_may_be_two(self) -> bool:
        """Two cards that a scanner pulled in at once leave the front of one and the back of the other, in order: only
        the count shows it."""
        return bool(self.two_sided_cards) and self.cards_found < (self.expected_cards or 0)

    @property
    def cards_found(self) -> int:
        return self.cards + self.cards_seen_before

    @property
    def pages_need_a_person(self) -> bool:
        return any(number and outcome.needs_a_person for outcome, number in self.outcomes.items())


@dataclass(frozen=True)
class OpenSide:
    """A side that was placed and read; one of a two-sided card waits for the other.

    `page` is the page's key in the store.
    """

    page: int
    place: int
    template_id: str
    side: str
    picture_sha256: str
    written: bool
    page_reason: str = ""  # the reason that stands with the page now
    has_card: bool = False


@dataclass(frozen=True)
class StackPage:
    """A page of the batch as pairing looks at it, with every side that was placed on it."""

    key: int
    file_position: int
    ref: PageRef
    outcome: Outcome
    reason: str
    picture_sha256: str | None
    sides: tuple[OpenSide, ...] = ()
    settled: bool = False
    """Whether a person said what it is, and that it is no card's side."""


@dataclass(frozen=True, eq=False)
class PageRow:
    """A page as the workspace shows it."""

    batch_id: str
    ref: PageRef
    outcome: Outcome
    reason: str
    dpi: float | None
    placements: tuple[tuple[Placement, str | None], ...]
    """Each placement with the id of its card, where it has one."""
    picture: str | None = None
    """Where the workspace keeps the page's picture; a duplicate has that of the page it repeats."""
    settled: bool = False
    """Whether a person looked at it and said what it is."""

    @property
    def needs_a_person(self) -> bool:
        return self.outcome.needs_a_person and not self.settled


@dataclass(frozen=True)
class BatchSummary:
    """A batch as the list of batches shows it: pages by outcome, cards by state, each with every one there is."""

    batch: Batch
    outcomes: Mapping[Outcome, int]
    cards: Mapping[CardState, int]
    cards_seen_before: int = 0  # of other batches, whose pages lie in this one as duplicates
    settled: Mapping[Outcome, int] = field(default_factory=dict)
    """Of the pages of an outcome, how many a person looked at and left so."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Of its rejected cards, how many for each kind of reason; the order is that of `REASONS`, then `OTHER`."""
    rescans: int = 0  # of its cards, how many seem to have been scanned before and wait for an answer
    second_looks: int = 0  # of its accepted cards, how many wait for a second or third person and lie before nobody

    @property
    def needs_a_person(self) -> tuple[str, ...]:
        """What somebody still has to do, in words; nothing for a discarded batch."""
        if self.batch.state is BatchState.DISCARDED:
            return ()
        todo = ["its ingest did not finish: run it again"] if self.batch.state is BatchState.UNFINISHED else []
        left = {outcome: number - self.settled.get(outcome, 0) for outcome, number in self.outcomes.items()}
        todo += [f"{number} {outcome}" for outcome, number in left.items() if number and outcome.needs_a_person]
        expected, found = self.batch.expected_cards, sum(self.cards.values()) + self.cards_seen_before
        if expected is not None and expected != found:
            todo.append(f"{expected} cards expected, {found} found")
        if self.rescans:
            todo.append(
                f"{self.rescans} seem{'s' * (self.rescans == 1)} to be scanned twice (scan-ingest rescans look)"
            )
        open_states = (CardState.WAITING, CardState.LEASED, CardState.SET_ASIDE)
        if to_review := sum(self.cards[state] for state in open_states):
            todo.append(f"{to_review} to review")
        if self.second_looks:
            todo.append(f"{self.second_looks} to look at again")
        if concerns := self.rejected.get(CONCERN, 0):
            todo.append(f"{concerns} concern{'s' * (concerns > 1)} to pass on")
        if to_merge := self.cards[CardState.ACCEPTED] - self.second_looks:
            todo.append(f"{to_merge} to merge")
        return tuple(todo)
