"""What `ingest` asks of the workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from scan_ingest.domain.batch import Batch, BoxLabel, Collation, OpenSide, Original, StackPage
from scan_ingest.domain.crop import ReadSide
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.ports.cards import NewCard


@dataclass(frozen=True)
class Seen:
    """A page that was ingested before."""

    batch_id: str
    ref: PageRef
    outcome: Outcome


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
