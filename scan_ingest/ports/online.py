"""What `import-online` asks of the nominations store."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from scan_ingest.domain.merging import Entry, Standing
from scan_ingest.ports.merge import MergingTransaction


class OnlineStore(Protocol):
    """The part of the nominations store that the website's nominations are carried into."""

    def importing(self) -> AbstractContextManager[MergingTransaction]:
        """One transaction, committed at the end, taken back where anything is raised; the audit tells of an import."""
        ...

    def standing(self, ids: Collection[str]) -> Standing:
        """As a transaction's, for a dry run: it keeps nobody waiting."""
        ...

    def find_duplicates(self) -> int:
        """As `merge` asks for it: see `ports/merge.py`."""
        ...

    def would_find_duplicates(self, coming: Sequence[Entry], leaving: Collection[str] = ()) -> int: ...
