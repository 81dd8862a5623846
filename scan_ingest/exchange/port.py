"""What the exchange asks of the workspace."""

from collections.abc import Collection, Iterator
from typing import Protocol

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import CardFindings
from scan_ingest.domain.review import Review
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import QueuedCard


class Redaction(Protocol):
    """Takes what tells who a patient is out of cards, for good."""

    def refuse(self, card_id: str, person: str) -> None:
        """Raises `CardRefusedError` where nothing may be taken out of the card now, `StoreError` while an ingest is
        at work."""
        ...

    def redact(self, card_id: str, fields: Collection[str], person: str) -> None:
        """Takes it out of these fields. Raises as `refuse` does: something may have changed meanwhile."""
        ...


class ExchangeDesk(Protocol):
    """The part of the workspace that cards are taken out of, and corrections put into."""

    def cards(self, states: Collection[CardState] = (), batch_id: str | None = None) -> Iterator[QueuedCard]:
        """The cards in those states (all, if none is named), oldest box first."""
        ...

    def card(self, card_id: str) -> QueuedCard:
        """Raises `CardRefusedError` where there is no such card."""
        ...

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]:
        """Raises `CardRefusedError` where there is no such card."""
        ...

    def side_picture(self, card_id: str, side: str) -> bytes:
        """The registered side as JPEG bytes, `SIDE_PX_PER_MM` pixels a millimetre."""
        ...

    def identities(
        self, staff: Collection[str] = (), *, card_id: str | None = None, batch_id: str | None = None
    ) -> Iterator[CardFindings]:
        """What may tell who a patient is on the cards as they stand; `staff` are names that may stand."""
        ...

    def decide(self, review: Review, *, reopen: bool = False) -> None:
        """With `reopen`, in any state. Raises `CardRefusedError` where somebody else holds the card."""
        ...
