"""Looking at what is there, and putting it right."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime

from scan_ingest.domain.audit import Act
from scan_ingest.domain.batch import Batch, BatchSummary, PageRow
from scan_ingest.domain.card import CardState
from scan_ingest.domain.rescan import Rescan, RescanAnswer
from scan_ingest.ports.review import QueuedCard
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import audit, leases, listing, opening, pictures, queued, rescans, rows
from scan_ingest.workspace.desk.opened import CARDS_AT_ONCE, Opened


class OfBatches(Opened):
    """Batches, pages and cards as they stand."""

    def batches(self) -> tuple[BatchSummary, ...]:
        with reading(self._engine) as connection:
            return listing.summaries(connection, self.folder)

    def batch(self, batch_id: str) -> BatchSummary:
        """That batch. Raises `InputError` where there is none."""
        with reading(self._engine) as connection:
            name = rows.batch_id(opening.batch_number(connection, batch_id))
            return next(one for one in listing.summaries(connection, self.folder) if one.batch.id == name)

    def pages(self, batch_id: str) -> tuple[PageRow, ...]:
        """Every page of the batch, file by file."""
        with reading(self._engine) as connection:
            return listing.page_rows(connection, opening.batch_number(connection, batch_id))

    def page_picture(self, row: PageRow) -> bytes | None:
        """The page as it is kept (JPEG); None where nothing was. Raises `StoreError` where it is gone."""
        return None if row.picture is None else pictures.read_picture(self.folder, row.picture)

    def rescans(self, *, answered: bool = False) -> tuple[Rescan, ...]:
        """The cards that seem to have been scanned before and wait for a person; those settled too, if asked."""
        with reading(self._engine) as connection:
            return rescans.found(connection, answered=answered)

    def answer_rescan(self, later_id: str, earlier_id: str, given: RescanAnswer, person: str) -> None:
        """Settles it. Raises `CardRefusedError` where nobody proposed it, or somebody else holds the card that is to be
        rejected."""
        with writing(self._engine) as connection:
            later = rescans.answer(connection, later_id, earlier_id, given, person, datetime.now(UTC))
            audit.of_card(connection, later, Act.RESCAN, person, answer=str(given))

    def amend_batch(
        self,
        batch_id: str,
        *,
        organisation: str | None = None,
        ward: str | None = None,
        collected: date | None = None,
    ) -> Batch:
        """Puts the box's label right; what is None stays. Cards that were merged wait to be merged again.

        Raises `UsageError` for an empty name, `StoreError` where there is no such batch or it was discarded.
        """
        with writing(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            before = audit.organisation_of(connection, number)
            batch = listing.amend(connection, self.folder, number, organisation, ward, collected)
            # A batch that changes hands is told of in the chains of both.
            for each in sorted({before, batch.label.organisation}):
                audit.of_organisation(connection, each, Act.AMEND, self._person, batch.id)
            return batch

    def discard_batch(self, batch_id: str, reason: str) -> str:
        """Takes the batch back: its cards leave the queue, its pages can be ingested again. Its id as we spell it.

        Raises `UsageError` without a reason, `StoreError` where a card of it was merged or is being reviewed, or an
        ingest is at work.
        """
        with (
            self.ingest_lock(self.batch(batch_id).batch.label.organisation),
            writing(self._engine) as connection,
        ):
            number = opening.batch_number(connection, batch_id)
            listing.discard(connection, number, reason)
            audit.of_batch(connection, number, Act.DISCARD, self._person)
            return rows.batch_id(number)

    def card(self, card_id: str) -> QueuedCard:
        """That card. Raises `CardRefusedError` where there is none."""
        with reading(self._engine) as connection:
            (card,) = queued.queued_cards(connection, [int(leases.find_card(connection, card_id).number)])
            return card

    def cards(self, states: Collection[CardState] = (), batch_id: str | None = None) -> Iterator[QueuedCard]:
        """The cards in those states (all, if none is named), oldest box first, some hundred in memory at a time."""
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            numbers = queued.numbers_of(connection, states, batch)
        for start in range(0, len(numbers), CARDS_AT_ONCE):
            with reading(self._engine) as connection:
                some = queued.queued_cards(connection, numbers[start : start + CARDS_AT_ONCE])
            yield from some
