"""The contents of one collection box, scanned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import FailedPage, Outcome, PageRef, Placement


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


@dataclass(frozen=True)
class IngestReport:
    """The end of an ingest; `outcomes` and `cards` are the whole batch's, earlier runs included."""

    batch: Batch
    outcomes: Mapping[Outcome, int]
    cards: int
    seconds: float
    expected_cards: int | None = None

    @property
    def pages(self) -> int:
        return sum(self.outcomes.values())

    @property
    def count_differs(self) -> bool:
        return self.expected_cards is not None and self.expected_cards != self.cards

    @property
    def pages_need_a_person(self) -> bool:
        return any(number and outcome.needs_a_person for outcome, number in self.outcomes.items())


@dataclass(frozen=True)
class OpenSide:
    """A side of a two-sided card that was placed and read and has no card yet.

    `page` is the page's key in the store.
    """

    page: int
    place: int
    template_id: str
    side: str
    picture_sha256: str
    written: bool
    page_reason: str = ""  # the reason that stands with the page now


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


@dataclass(frozen=True)
class BatchSummary:
    """A batch as the list of batches shows it: pages by outcome, cards by state, each with every one there is."""

    batch: Batch
    outcomes: Mapping[Outcome, int]
    cards: Mapping[CardState, int]

    @property
    def needs_a_person(self) -> tuple[str, ...]:
        """What somebody still has to do, in words; nothing for a discarded batch."""
        if self.batch.state is BatchState.DISCARDED:
            return ()
        todo = ["its ingest did not finish: run it again"] if self.batch.state is BatchState.UNFINISHED else []
        todo += [
            f"{number} {outcome}" for outcome, number in self.outcomes.items() if number and outcome.needs_a_person
        ]
        expected, found = self.batch.expected_cards, sum(self.cards.values())
        if expected is not None and expected != found:
            todo.append(f"{expected} cards expected, {found} found")
        open_states = (CardState.WAITING, CardState.LEASED, CardState.SET_ASIDE)
        if to_review := sum(self.cards[state] for state in open_states):
            todo.append(f"{to_review} to review")
        if to_merge := self.cards[CardState.ACCEPTED]:
            todo.append(f"{to_merge} to merge")
        return tuple(todo)
