"""What on cards may tell who a patient is."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import Answer, CardFindings, IdentitySettlement
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import identities, leases, opening, queued
from scan_ingest.workspace.desk.opened import CARDS_AT_ONCE, Opened


class OfIdentities(Opened):
    """Findings, and what a person made of them."""

    def identities(
        self, staff: Collection[str] = (), *, card_id: str | None = None, batch_id: str | None = None
    ) -> Iterator[CardFindings]:
        """What was found on cards as they stand, rejected ones left out; `staff` are names that may stand."""
        states = [state for state in CardState if state is not CardState.REJECTED]
        with reading(self._engine) as connection:
            batch = None if batch_id is None else opening.batch_number(connection, batch_id)
            if card_id is None:
                numbers = queued.numbers_of(connection, states, batch)
            else:
                numbers = [int(leases.find_card(connection, card_id).number)]
        for start in range(0, len(numbers), CARDS_AT_ONCE):
            with reading(self._engine) as connection:
                some = queued.queued_cards(connection, numbers[start : start + CARDS_AT_ONCE])
                found = identities.found_on(connection, some, staff)
            yield from found

    def settlements(self, card_id: str) -> tuple[IdentitySettlement, ...]:
        """Every answer that was given to what was found on the card, oldest first."""
        with reading(self._engine) as connection:
            number = int(leases.find_card(connection, card_id).number)
            return tuple(identities.settlements(connection, [number])[number])

    def settle_identity(
        self, card_id: str, answers: Mapping[str, Answer], person: str, texts: Mapping[str, str] | None = None
    ) -> None:
        """Keeps what a person says to the findings of these fields; on `texts`, else on those that stand.

        Raises `CardRefusedError` where there is no such card or field.
        """
        with writing(self._engine) as connection:
            standing = queued.current_texts(connection, leases.find_card(connection, card_id))
            identities.settle(connection, card_id, standing | dict(texts or {}), answers, person, datetime.now(UTC))
