"""What comes after the review: second looks, evaluation, the merge."""

from collections.abc import Collection, Iterator, Mapping

from scan_ingest.domain.review import AcceptedCard, MergedCard, ReviewedCard
from scan_ingest.domain.second_look import SecondLook
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import merging, opening, reviewed, second_looks
from scan_ingest.workspace.desk.opened import CARDS_AT_ONCE, Opened


class Reviewed(Opened):
    """A `ReviewedDesk` and a `MergeDesk`; see there."""

    def looked_at_twice(self) -> tuple[SecondLook, ...]:
        """Every card that was keyed by a second person, oldest box first."""
        with reading(self._engine) as connection:
            return second_looks.looked_at(connection)

    def held_cards(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return merging.held_cards(connection)

    def reviewed_cards(self, batch_id: str | None = None) -> Iterator[ReviewedCard]:
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            numbers = reviewed.accepted_numbers(connection, batch)
        for start in range(0, len(numbers), CARDS_AT_ONCE):
            with reading(self._engine) as connection:
                some = reviewed.reviewed_cards(connection, numbers[start : start + CARDS_AT_ONCE])
            yield from some

    def batches_to_merge(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return merging.batches_to_merge(connection)

    def merge_marks(self, batch_id: str) -> Mapping[str, str]:
        with reading(self._engine) as connection:
            return merging.merge_marks(connection, opening.batch_number(connection, batch_id))

    def accepted_cards(self, card_ids: Collection[str] | None = None) -> tuple[AcceptedCard, ...]:
        with reading(self._engine) as connection:
            return merging.accepted_cards(connection, card_ids)

    def rejected_cards(self) -> tuple[str, ...]:
        with reading(self._engine) as connection:
            return merging.rejected_cards(connection)

    def mark_withdrawn(self, card_ids: Collection[str]) -> None:
        with writing(self._engine) as connection:
            merging.mark_withdrawn(connection, card_ids)

    def mark_merged(self, cards: Collection[MergedCard]) -> None:
        with writing(self._engine) as connection:
            merging.mark_merged(connection, cards)
