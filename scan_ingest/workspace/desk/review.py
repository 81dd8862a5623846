"""What the review asks: claims, drafts, decisions."""

from collections.abc import Collection
from datetime import timedelta

from scan_ingest.domain.page import PageRef
from scan_ingest.domain.review import PastDecision, Review
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import ANY_CARD, Draft, QueueCount, QueuedCard, Theirs, Wanted
from scan_ingest.sql import reading, writing
from scan_ingest.workspace import leases, pictures, queued, reviewing
from scan_ingest.workspace.desk.opened import Opened


class AtReview(Opened):
    """A `ReviewDesk`; see there."""

    def claim_next(
        self, reviewer: str, lease: timedelta, *, wanted: Wanted = ANY_CARD, skip: Collection[str] = ()
    ) -> QueuedCard | None:
        with writing(self._engine) as connection:
            number = leases.claim_next(connection, reviewer, lease, asked=wanted, skip=skip)
            return None if number is None else queued.claimed_card(connection, number)

    def claim(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        with writing(self._engine) as connection:
            return queued.claimed_card(connection, leases.claim(connection, card_id, reviewer, lease))

    def renew(self, card_id: str, reviewer: str, lease: timedelta) -> bool:
        with writing(self._engine) as connection:
            return leases.renew(connection, card_id, reviewer, lease)

    def give_back(self, card_id: str, reviewer: str) -> None:
        with writing(self._engine) as connection:
            leases.give_back(connection, card_id, reviewer)

    def save_draft(self, card_id: str, reviewer: str, draft: Draft) -> None:
        with writing(self._engine) as connection:
            reviewing.save_draft(connection, card_id, reviewer, draft)

    def draft(self, card_id: str, reviewer: str) -> Draft | None:
        with reading(self._engine) as connection:
            return reviewing.draft(connection, card_id, reviewer)

    def theirs(self, card_id: str, reviewer: str) -> Theirs | None:
        with reading(self._engine) as connection:
            return reviewing.theirs(connection, card_id, reviewer)

    def decide(self, review: Review, *, reopen: bool = False) -> None:
        """With `reopen`, in any state and without a lease; see `ReviewDesk.decide`."""
        with writing(self._engine) as connection:
            reviewing.decide(connection, review, reopen=reopen, second_look_percent=self._second_look_percent)

    def undo(self, card_id: str, reviewer: str, lease: timedelta) -> QueuedCard:
        with writing(self._engine) as connection:
            return queued.claimed_card(connection, reviewing.undo(connection, card_id, reviewer, lease))

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]:
        with reading(self._engine) as connection:
            return queued.field_notes(connection, card_id)

    def side_picture(self, card_id: str, side: str) -> bytes:
        with reading(self._engine) as connection:
            relative = queued.side_picture(connection, card_id, side)
        return pictures.read_picture(self.folder, relative)

    def attached_picture(self, card_id: str, ref: PageRef) -> bytes:
        with reading(self._engine) as connection:
            relative = queued.attached_picture(connection, card_id, ref)
        return pictures.read_picture(self.folder, relative)

    def count(self, reviewer: str, wanted: Wanted = ANY_CARD) -> QueueCount:
        with reading(self._engine) as connection:
            return leases.count(connection, reviewer, wanted)

    def history(self, card_id: str) -> tuple[PastDecision, ...]:
        """Every decision on the card and every undo, oldest first."""
        with reading(self._engine) as connection:
            return reviewing.history(connection, card_id)

    def release(self, reviewer: str | None) -> int:
        """Ends every lease, or those of one reviewer; how many were still running."""
        with writing(self._engine) as connection:
            return leases.release(connection, reviewer, self._person)
