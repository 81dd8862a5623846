"""What the exchange asks of the workspace."""

from collections.abc import Callable, Collection, Iterator
from typing import Protocol

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import CardFindings
from scan_ingest.domain.review import Review
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import QueuedCard

RedactFields = Callable[[str, Collection[str], str], None]
"""Takes what tells who a patient is out of these fields of a card, for that person. Raises `CardRefusedError`."""


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

    def refuse_erasing(self, card_id: str) -> None:
        """Raises `CardRefusedError` where a legal hold stands on the card: nothing is taken out of it."""
        ...

    def decide(self, review: Review, *, reopen: bool = False) -> None:
        """With `reopen`, in any state. Raises `CardRefusedError` where somebody else holds the card."""
        ...
