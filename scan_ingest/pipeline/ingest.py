"""The loop over a batch: files → pages → workspace, one transaction a page. The only writer of the pipeline.

Pages are decoded one at a time, read by worker processes, and recorded in the order of the files; at most a few pages
are in memory. Once all are recorded, fronts are paired with backs from what the workspace holds. Killed at any point,
the same call continues, and the outcome does not depend on where that was.
"""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scan_ingest.domain.batch import Batch, BoxLabel, Collation, IngestReport
from scan_ingest.domain.crop import PageResult
from scan_ingest.domain.page import FailedPage, Outcome, Page
from scan_ingest.domain.template import Template
from scan_ingest.errors import StoreError
from scan_ingest.pipeline.pairing import paired_cards, settle_page, settle_stack
from scan_ingest.pipeline.pictures import page_picture
from scan_ingest.ports.ingest import IngestDesk, PageRecord, Seen, Settlement
from scan_ingest.ports.pages import Limits, PageSource


class PagePool(Protocol):
    """Reads pages somewhere else: worker processes here, a cluster, or a plain call in a test."""

    @property
    def window(self) -> int:
        """How many pages may be under way at once, at least 1."""
        ...

    def submit(self, page: Page) -> Future[PageResult]:
        """A page that crashed or hung its worker comes back as a `failed` result, never as an exception."""
        ...


class Listener(Protocol):
    """Who is told how far the batch is."""

    def opened(self, batch: Batch, *, continued: bool) -> None: ...

    def recorded(self, page: PageRecord) -> None: ...


@dataclass(frozen=True, eq=False)
class _Underway:
    """A page between its decoding and its record, in the order of the batch."""

    file_position: int
    page: Page | FailedPage
    picture_sha256: str | None = None
    face: str | None = None  # the picture it is recognised by; None where that is of one tone
    reading: Future[PageResult] | None = None  # None where it was seen before, here or in an earlier batch


def ingest(
    files: Sequence[Path],
    label: BoxLabel,
    *,
    desk: IngestDesk,
    source: PageSource,
    pool: PagePool,
    templates: Mapping[str, Template],
    limits: Limits,
    expected_cards: int | None = None,
    any_date: bool = False,
    collation: Collation | None = None,
    listener: Listener | None = None,
) -> IngestReport:
    """Reads `files` into the workspace and queues the cards.

    `any_date`: an unfinished batch is continued whatever its date (none was given). `collation`: the order the sides
    were scanned in; None is what an unfinished batch began with, else duplex.
    Raises `UsageError` where the batch that would be continued began with another collation.
    """
    started = time.monotonic()
    originals = [desk.keep_original(path) for path in files]
    batch, continued = desk.open_batch(label, originals, expected_cards, any_date=any_date, collation=collation)
    if listener:
        listener.opened(batch, continued=continued)
    recorder = _Recorder(batch, desk, pool, templates, listener)
    try:
        _record_all(_pages(batch, desk, source, limits), recorder)
        settlement = settle_stack(desk.stack(batch.id), batch.collation, templates)
        desk.finish(batch.id, settlement)
    except StoreError as exc:
        raise StoreError(f"{exc}; the pages recorded until then stay, the same command goes on from there") from exc
    return IngestReport(
        batch,
        desk.outcomes(batch.id),
        desk.count_cards(batch.id),
        time.monotonic() - started,
        batch.expected_cards,
        desk.count_cards_seen_before(batch.id),
        len(settlement.new_cards),
    )


def pair_again(
    batch_id: str, collation: Collation, *, desk: IngestDesk, templates: Mapping[str, Template]
) -> Settlement:
    """Pairs the fronts and backs of a finished batch as another collation says; nothing is read again.

    Raises `StoreError` where the batch is not finished, or two-sided cards of it are paired already.
    """
    stack = desk.stack(batch_id)
    paired = paired_cards(stack, templates)
    if paired:
        raise StoreError(
            f"batch {batch_id}: {paired} two-sided card{'s' if paired > 1 else ''} of it "
            f"{'are' if paired > 1 else 'is'} paired already; take it back with `batch discard {batch_id}`, then "
            f"ingest its files with --collate {collation}"
        )
    settlement = settle_stack(stack, collation, templates)
    desk.collate(batch_id, collation, settlement)
    return settlement


def _pages(
    batch: Batch, desk: IngestDesk, source: PageSource, limits: Limits
) -> Iterator[tuple[int, Page | FailedPage]]:
    """The batch's pages that are not recorded yet, in order."""
    done = desk.recorded_pages(batch.id)
    for position, original in enumerate(batch.files):
        numbers = {number for file_position, number in done if file_position == position}
        if original.path is None:
            if 1 not in numbers:
                yield position, original.unopened()
            continue
        for page in source(original.path, original.name, original.sha256, limits, numbers):
            yield position, page


def _record_all(pages: Iterator[tuple[int, Page | FailedPage]], recorder: "_Recorder") -> None:
    """As many pages under way as the pool takes, recorded in their order."""
    desk, pool = recorder.desk, recorder.pool
    queue: deque[_Underway] = deque()
    for position, page in pages:
        queue.append(_begin(position, page, desk, pool, queue))
        while len(queue) >= pool.window:
            recorder.record(queue.popleft())
    while queue:
        recorder.record(queue.popleft())


def _begin(
    position: int, page: Page | FailedPage, desk: IngestDesk, pool: PagePool, queue: Sequence[_Underway]
) -> _Underway:
    if isinstance(page, FailedPage):
        return _Underway(position, page)
    picture = page.picture_sha256
    face = None if page.is_one_tone else picture
    twin_underway = face is not None and any(other.face == face for other in queue)
    seen_before = twin_underway or desk.seen(page.ref, face)
    return _Underway(position, page, picture, face, None if seen_before else pool.submit(page))


@dataclass(frozen=True, eq=False)
class _Recorder:
    batch: Batch
    desk: IngestDesk
    pool: PagePool
    templates: Mapping[str, Template]
    listener: Listener | None

    def record(self, item: _Underway) -> None:
        """Writes the page in one transaction."""
        record = self._record_of(item)
        self.desk.record(self.batch.id, record)
        if self.listener:
            self.listener.recorded(record)

    def _record_of(self, item: _Underway) -> PageRecord:
        page = item.page
        if isinstance(page, FailedPage):
            return PageRecord(item.file_position, page.ref, Outcome.FAILED, page.reason)
        assert item.picture_sha256 is not None
        # The pages before this one are recorded by now, so this also finds a twin that was under way beside it.
        seen = self.desk.seen(page.ref, item.face)
        may_be_a_back = seen is not None and self._may_be_an_empty_back(page, seen)
        result: PageResult | None = None
        if item.reading is not None:
            result = item.reading.result()
        elif not seen or may_be_a_back:
            result = self.pool.submit(page).result()
        if seen and not (may_be_a_back and result and self._is_an_empty_back(result)):
            reason = f"ingested before: {seen.ref} in batch {seen.batch_id}"
            return PageRecord(item.file_position, page.ref, Outcome.DUPLICATE, reason, page.dpi, item.picture_sha256)
        assert result is not None
        settled = settle_page(result, item.picture_sha256, self.templates)
        return PageRecord(
            item.file_position,
            page.ref,
            settled.outcome,
            settled.reason,
            page.dpi,
            item.picture_sha256,
            page_picture(page),
            result.sides,
            settled.new_cards,
        )

    def _may_be_an_empty_back(self, page: Page, seen: Seen) -> bool:
        """Backs that nobody wrote on can be alike to the pixel (a scanner that whitens the paper)."""
        same_page = (seen.ref.file_sha256, seen.ref.number) == (page.ref.file_sha256, page.ref.number)
        return not same_page and self._a_back_may_come(seen)

    def _is_an_empty_back(self, result: PageResult) -> bool:
        return len(result.sides) == 1 and result.sides[0].placement.side == "back" and not result.sides[0].written

    def _a_back_may_come(self, seen: Seen) -> bool:
        """In duplex order right after a front that is new here, whichever box had such a back before. Where backs come
        first or stacks apart anywhere, for pairing counts them; but not those of another batch, which may come again.
        """
        if self.batch.collation is not Collation.DUPLEX:
            return seen.batch_id == self.batch.id
        return [side.side for side in self.desk.open_sides(self.batch.id)] == ["front"]
