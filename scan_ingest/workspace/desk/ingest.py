"""What `ingest` writes: batches, pages, the cards on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scan_ingest.domain.audit import Act
from scan_ingest.domain.batch import Batch, BoxLabel, Collation, OpenSide, Original, StackPage
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.ports.ingest import NOTHING_TO_SETTLE, PageRecord, Seen, Settlement
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import audit, listing, opening, pictures, recording, rescans
from scan_ingest.workspace.desk.opened import Opened


class AtIngest(Opened):
    """An `IngestDesk`; see there."""

    def keep_original(self, path: Path) -> Original:
        kept = pictures.keep_original(self.folder, path)
        with reading(self._engine) as connection:
            stand_in = None if kept.path is None else opening.stand_in(connection, self.folder, kept)
        if stand_in is None or kept.path is None:
            return kept
        kept.path.unlink(missing_ok=True)  # words were taken out of it: it does not come back with another scan
        return replace(kept, path=stand_in)

    def open_batch(
        self,
        label: BoxLabel,
        files: Sequence[Original],
        expected_cards: int | None,
        *,
        any_date: bool,
        collation: Collation | None = None,
    ) -> tuple[Batch, bool]:
        with writing(self._engine) as connection:
            batch, continued = opening.open_batch(
                connection, self.folder, label, files, expected_cards, any_date=any_date, collation=collation
            )
            number = opening.batch_number(connection, batch.id)
            audit.of_batch(connection, number, Act.INGEST_BEGUN, self._person, files=len(batch.files))
            return batch, continued

    def recorded_pages(self, batch_id: str) -> frozenset[tuple[int, int]]:
        with reading(self._engine) as connection:
            return recording.recorded_pages(connection, opening.batch_number(connection, batch_id))

    def seen(self, ref: PageRef, picture_sha256: str | None) -> Seen | None:
        with reading(self._engine) as connection:
            return recording.seen(connection, ref, picture_sha256)

    def open_sides(self, batch_id: str) -> tuple[OpenSide, ...]:
        with reading(self._engine) as connection:
            return recording.open_sides(connection, opening.batch_number(connection, batch_id))

    def record(self, batch_id: str, page: PageRecord) -> int:
        # Pictures first: a row never names a picture that is not there; a picture without a row harms nobody.
        picture = None if page.picture is None else pictures.keep_picture(self.folder, page.picture)
        side_pictures = {side.place: pictures.keep_picture(self.folder, side.picture) for side in page.sides}
        try:
            with writing(self._engine) as connection:
                number = opening.batch_number(connection, batch_id)
                return recording.record(connection, number, page, picture, side_pictures)
        except recording.CardElsewhereError as elsewhere:
            again = PageRecord(
                page.file_position, page.ref, Outcome.DUPLICATE, str(elsewhere), page.dpi, page.picture_sha256
            )
            return self.record(batch_id, again)

    def stack(self, batch_id: str) -> tuple[StackPage, ...]:
        with reading(self._engine) as connection:
            return recording.stack(connection, opening.batch_number(connection, batch_id))

    def finish(self, batch_id: str, settlement: Settlement = NOTHING_TO_SETTLE) -> None:
        with writing(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            recording.settle(connection, number, settlement)
            recording.finish(connection, number)
            rescans.propose_batch(connection, number)
            found = {outcome.value: count for outcome, count in recording.outcomes(connection, number).items()}
            cards = recording.count_cards(connection, number)
            audit.of_batch(connection, number, Act.INGEST, self._person, cards=cards, **found)

    def collate(self, batch_id: str, collation: Collation, settlement: Settlement) -> None:
        with writing(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            recording.collate(connection, number, collation)
            recording.settle(connection, number, settlement)
            rescans.propose_batch(connection, number)
            audit.of_batch(connection, number, Act.COLLATE, self._person, collation=str(collation))

    def outcomes(self, batch_id: str) -> Mapping[Outcome, int]:
        with reading(self._engine) as connection:
            return recording.outcomes(connection, opening.batch_number(connection, batch_id))

    def count_cards(self, batch_id: str) -> int:
        with reading(self._engine) as connection:
            return recording.count_cards(connection, opening.batch_number(connection, batch_id))

    def count_cards_seen_before(self, batch_id: str) -> int:
        with reading(self._engine) as connection:
            number = opening.batch_number(connection, batch_id)
            return listing.cards_seen_before(connection, number).get(number, 0)
