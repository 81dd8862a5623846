"""What `evaluate` and `learn` ask of the workspace."""

from collections.abc import Iterator
from typing import Protocol

from scan_ingest.domain.review import ReviewedCard


class ReviewedDesk(Protocol):
    """The part of the workspace that tells how well it was read."""

    def reviewed_cards(self, batch_id: str | None = None) -> Iterator[ReviewedCard]:
        """Every accepted card, merged ones too, oldest box first, some hundred in memory at a time and no pictures."""
        ...

    def side_picture(self, card_id: str, side: str) -> bytes:
        """The registered side as JPEG bytes, `SIDE_PX_PER_MM` pixels a millimetre. Raises `StoreError` where it is
        gone."""
        ...
