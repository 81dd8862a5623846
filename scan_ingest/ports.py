"""What the pipeline and the review ask of the outside, in their own words."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import Batch, BoxLabel, Collation, OpenSide, Original, StackPage
from scan_ingest.domain.card import CardState, Line, Reading
from scan_ingest.domain.crop import FieldCrop, ReadSide
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.merging import Entry, MergePlan, Standing
from scan_ingest.domain.page import FailedPage, Outcome, Page, PageRef, Placement
from scan_ingest.domain.review import AcceptedCard, Review, ReviewedCard
from scan_ingest.domain.review import CardPage as CardPage

# -- files → pages -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """What an untrusted file may cost."""

    pages_per_file: int = 2000
    pixels_per_page: int = 140_000_000  # A4 at 1200 dpi
    seconds_per_page: float = 120.0


class PageSource(Protocol):
    """Yields a file's pages one at a time, in order, numbered from 1, holding at most a few in memory.

    A page that cannot be decoded is yielded as `FailedPage` and the next follows; a file that cannot be opened is one
    `FailedPage`, number 1. Pages numbered in `skip` are not decoded and not yielded. Nothing is raised for a bad file.
    `file_sha256` and `file_name` are what the refs carry; `path` may have another name.
    """

    def __call__(
        self, path: Path, file_name: str, file_sha256: str, limits: Limits, skip: Collection[int]
    ) -> Iterator[Page | FailedPage]: ...


# -- crop → reading ----------------------------------------------------------------------------------------------------


class Recogniser(Protocol):
    """Reads the lines of a text field; box and word boxes in millimetres on the side.

    Raises `SkipError` where the engine fails or takes too long; the field's reading then says so.
    """

    def __call__(self, crop: FieldCrop) -> tuple[Line, ...]: ...


# -- ingest → workspace ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A page that was ingested before."""

    batch_id: str
    ref: PageRef
    outcome: Outcome


@dataclass(frozen=True)
class FieldNote:
    """What the review needs to know of a field, kept with the card so that it outlives the template folder."""

    name: str
    side: str
    kind: str
    prompt: str
    required: bool
    box_mm: BoxMm
    options: tuple[str, ...] = ()
    max_choices: int = 1


@dataclass(frozen=True)
class NewCard:
    """A card that is complete: its sides as (key of the page, place on it), front first.

    A page key of None is the page being recorded in the same call.
    """

    id: str
    template_id: str
    sides: tuple[tuple[int | None, int], ...]
    fields: tuple[FieldNote, ...]


@dataclass(frozen=True, eq=False)
class PageRecord:
    """Everything about one page that one transaction writes."""

    file_position: int  # from 0, in the batch
    ref: PageRef
    outcome: Outcome
    reason: str
    dpi: float | None = None
    picture_sha256: str | None = None  # None where nothing could be decoded
    picture: bytes | None = None  # JPEG of the page, kept once by content; None for a duplicate or failed page
    sides: tuple[ReadSide, ...] = ()
    new_cards: tuple[NewCard, ...] = ()
    amended: Mapping[int, tuple[Outcome, str]] | None = None
    """Earlier pages (by key) whose outcome this page settles."""


@dataclass(frozen=True)
class Settlement:
    """What the whole stack says of its two-sided cards: those that are complete, and pages (by key) that changed."""

    new_cards: tuple[NewCard, ...] = ()
    amended: Mapping[int, tuple[Outcome, str]] = field(default_factory=dict)


NOTHING_TO_SETTLE = Settlement()


class IngestDesk(Protocol):
    """The part of the workspace that `ingest` writes to. Times are UTC and aware."""

    def keep_original(self, path: Path) -> Original:
        """Copies the file by content to its place (temporary name, then rename). A file that cannot be read is no error
        here: its `Original` has no path and says why."""
        ...

    def open_batch(
        self,
        label: BoxLabel,
        files: Sequence[Original],
        expected_cards: int | None,
        *,
        any_date: bool,
        collation: Collation | None = None,
    ) -> tuple[Batch, bool]:
        """The unfinished batch with this organisation, ward and date (any date, if asked) that shares a file with
        `files`, the files it lacks added to it; else a new one. And whether it is continued.

        A `collation` of None is what the batch has, `DUPLEX` for a new one. Raises `UsageError` where the batch to be
        continued has another."""
        ...

    def recorded_pages(self, batch_id: str) -> frozenset[tuple[int, int]]:
        """(file position, page number) of every page already recorded."""
        ...

    def seen(self, ref: PageRef, picture_sha256: str | None) -> Seen | None:
        """The first time this page was recorded in a batch that is not discarded, by (file, number) or by picture;
        failed pages and duplicates do not count."""
        ...

    def open_sides(self, batch_id: str) -> tuple[OpenSide, ...]:
        """The sides without a card of the last page that was recorded, in reading order."""
        ...

    def record(self, batch_id: str, page: PageRecord) -> int:
        """Writes one page in one transaction; returns its key. A page recorded already (same file position and
        number) is left as it is."""
        ...

    def stack(self, batch_id: str) -> tuple[StackPage, ...]:
        """Every page that was recorded, in the order of the files."""
        ...

    def finish(self, batch_id: str, settlement: Settlement = NOTHING_TO_SETTLE) -> None:
        """Writes the settlement and ends the batch, in one transaction."""
        ...

    def collate(self, batch_id: str, collation: Collation, settlement: Settlement) -> None:
        """Writes the settlement of a batch that is finished, and the collation it came from. Raises `StoreError` where
        it is not finished."""
        ...

    def outcomes(self, batch_id: str) -> Mapping[Outcome, int]: ...

    def count_cards(self, batch_id: str) -> int: ...

    def count_cards_seen_before(self, batch_id: str) -> int:
        """The cards of other batches whose pages lie in this one as duplicates."""
        ...


# -- review → workspace ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class QueuedCard:
    """A card as the queue knows it: `readings` as read, `texts` as they stand (reviewed once reviewed)."""

    id: str
    batch_id: str
    label: BoxLabel
    template_id: str
    state: CardState
    pages: tuple[CardPage, ...]
    readings: Mapping[str, Reading]
    texts: Mapping[str, str]
    reason: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    leased_by: str = ""
    attached: tuple[PageRef, ...] = ()
    """Pages that a person said belong to it: written overleaf, letters, notes."""


@dataclass(frozen=True)
class QueueCount:
    waiting: int
    leased_by_others: int
    set_aside: int
    done: int


class ReviewDesk(Protocol):
    """The part of the workspace that the review works with.

    A card that was claimed comes with the state it has beneath the lease; to everybody else it is leased.
    """

    def claim_next(
        self, reviewer: str, lease: timedelta, *, batch_id: str | None = None, skip: Collection[str] = ()
    ) -> QueuedCard | None:
        """Leases the next waiting card, oldest box first, atomically: two callers never get the same one. A card this
        reviewer still holds comes first; one set aside by this reviewer is not offered to them again; an expired lease
        counts as waiting."""
        ...

    def claim(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        """Leases that very card, in any state. Raises `StoreError` where there is none or somebody else holds it."""
        ...

    def renew(self, card_id: str, reviewer: str, lease: timedelta) -> bool:
        """False where the lease was lost to somebody else."""
        ...

    def give_back(self, card_id: str, reviewer: str) -> None:
        """Ends the lease; the card is what it was before."""
        ...

    def save_draft(self, card_id: str, reviewer: str, texts: Mapping[str, str]) -> None: ...

    def draft(self, card_id: str, reviewer: str) -> Mapping[str, str] | None: ...

    def decide(self, review: Review) -> None:
        """Writes the decision, ends the lease, drops the draft. Raises `StoreError` where another holds the card."""
        ...

    def undo(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        """Takes back this reviewer's last decision on the card and leases it again, the texts kept as a draft."""
        ...

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]:
        """The card's fields in the order of its template."""
        ...

    def side_picture(self, card_id: str, side: str) -> bytes:
        """The registered side as JPEG bytes, `SIDE_PX_PER_MM` pixels a millimetre."""
        ...

    def attached_picture(self, card_id: str, ref: PageRef) -> bytes:
        """A page that belongs to the card, as it is kept (JPEG). Raises `StoreError` where it is gone."""
        ...

    def count(self, reviewer: str, batch_id: str | None = None) -> QueueCount: ...


# -- align → workspace -------------------------------------------------------------------------------------------------


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
    pages: tuple[PageRef, ...]
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


# -- evaluate, learn → workspace ---------------------------------------------------------------------------------------


class ReviewedDesk(Protocol):
    """The part of the workspace that tells how well it was read."""

    def reviewed_cards(self, batch_id: str | None = None) -> Iterator[ReviewedCard]:
        """Every accepted card, merged ones too, oldest box first, some hundred in memory at a time and no pictures."""
        ...

    def side_picture(self, card_id: str, side: str) -> bytes:
        """The registered side as JPEG bytes, `SIDE_PX_PER_MM` pixels a millimetre. Raises `StoreError` where it is
        gone."""
        ...


# -- merge → workspace -------------------------------------------------------------------------------------------------


class MergeDesk(Protocol):
    """The part of the workspace that `merge` works with."""

    def accepted_cards(self) -> tuple[AcceptedCard, ...]:
        """Every card that is accepted, merged ones too: the store may be another one or an older copy, merge compares.
        Oldest box first, a batch's cards together and in the order of their pages. Cards that were reopened, rejected
        or set aside since are left out, those of discarded batches too."""
        ...

    def mark_merged(self, cards: Collection[AcceptedCard]) -> None:
        """These cards are in the nominations store as they were handed out. One that was decided on or amended since
        stays to be merged again, and is remembered as merged before."""
        ...


# -- merge → nominations store -----------------------------------------------------------------------------------------


class MergingTransaction(Protocol):
    """The nominations store while one batch is carried into it: all of it is kept, or nothing."""

    def standing(self, entries: Sequence[Entry]) -> Standing:
        """What the store has under the entries' ids and likenesses, and what was proposed among those."""
        ...

    def apply(self, plan: MergePlan, at: datetime) -> None:
        """Writes the plan; `at` is UTC and aware."""
        ...


class NominationsDesk(Protocol):
    """The part of the nominations store that `merge` works with."""

    def merging(self) -> AbstractContextManager[MergingTransaction]:
        """One transaction, committed at the end, taken back where anything is raised."""
        ...

    def standing(self, entries: Sequence[Entry]) -> Standing:
        """As a transaction's, for a dry run: it keeps nobody waiting."""
        ...
