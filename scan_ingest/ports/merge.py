"""What `merge` asks of the workspace and of the nominations store."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from scan_ingest.domain.merging import Entry, MergePlan, Standing
from scan_ingest.domain.review import AcceptedCard, MergedCard


class MergeDesk(Protocol):
    """The part of the workspace that `merge` works with."""

    def batches_to_merge(self) -> tuple[str, ...]:
        """The ids of the batches that have accepted cards, oldest box first."""
        ...

    def merge_marks(self, batch_id: str) -> Mapping[str, str]:
        """The accepted cards of that batch by id, merged ones too (the store may be another one or an older copy, merge
        compares), each with the mark it was merged with; empty where anything about it changed since. Cards that were
        reopened, rejected or set aside since are left out, those of discarded batches and those whose second look is
        not settled too."""
        ...

    def accepted_cards(self, card_ids: Collection[str] | None = None) -> tuple[AcceptedCard, ...]:
        """Those of these cards that are accepted (see `merge_marks`); all where none are named. Oldest box first, a
        batch's cards together and in the order of their pages."""
        ...

    def held_cards(self) -> tuple[str, ...]:
        """The ids of the accepted cards that stay behind, by batch: until their second look is settled, or somebody has
        said whether they are another scan of a card that words were taken out of."""
        ...

    def rejected_cards(self) -> tuple[str, ...]:
        """The ids of every card that is rejected, by batch: whatever the store has of them is withdrawn."""
        ...

    def mark_merged(self, cards: Collection[MergedCard]) -> None:
        """These cards are in the nominations store as they were handed out. One that was decided on or amended since
        stays to be merged again, and is remembered as merged before."""
        ...

    def mark_withdrawn(self, card_ids: Collection[str]) -> None:
        """The nominations store has nothing of these cards any longer; one that was accepted since stays as it is."""
        ...


class MergingTransaction(Protocol):
    """The nominations store while one batch is carried into it: all of it is kept, or nothing."""

    def standing(self, ids: Collection[str]) -> Standing:
        """What the store has under the nominations' ids."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """Those of the ids that the store has a nomination of."""
        ...

    def apply(self, plan: MergePlan, at: datetime) -> MergePlan:
        """Writes the plan; `at` is UTC and aware. Several plans of one transaction are one row of the audit.

        Returns the plan as it was carried out: what came into the store since it was made is compared with that, and
        what is another organisation's there is held, by nomination id.
        """
        ...


class NominationsDesk(Protocol):
    """The part of the nominations store that `merge` works with."""

    def merging(self) -> AbstractContextManager[MergingTransaction]:
        """One transaction, committed at the end, taken back where anything is raised."""
        ...

    def standing(self, ids: Collection[str]) -> Standing:
        """As a transaction's, without keeping anybody waiting."""
        ...

    def known(self, ids: Collection[str]) -> frozenset[str]:
        """As a transaction's, without keeping anybody waiting."""
        ...

    def find_duplicates(self) -> int:
        """Compares what is new or changed since the last time with all there is, and proposes what may be one; how many
        pairs were not proposed before. Killed, the next call goes on."""
        ...

    def would_find_duplicates(self, coming: Sequence[Entry], leaving: Collection[str] = ()) -> int:
        """How many `find_duplicates` would propose if these entries were in and those ids gone. Writes nothing."""
        ...
