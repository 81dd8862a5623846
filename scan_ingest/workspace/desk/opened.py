"""An open workspace: its database and its folder."""

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from scan_ingest.sql import scrub
from scan_ingest.workspace import leftovers, locks

CARDS_AT_ONCE = 200  # with all they hold about 2 MB


class Opened:
    """The database and the folder. Each method of the parts that are built on it is one transaction."""

    def __init__(self, engine: Engine, folder: Path, person: str = "", *, second_look_percent: float = 0.0) -> None:
        self._engine = engine
        self.folder = folder
        self._person = person
        self._second_look_percent = second_look_percent

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _remove_leftovers(self) -> int:
        """With the ingest lock held: removes files that nothing names, and makes the database forget what it let go of,
        whether all could be removed or not; how many went. Raises `StoreError` as `leftovers.sweep` does."""
        try:
            return leftovers.sweep(self._engine, self.folder)
        finally:
            scrub(self._engine)

    def ingest_lock(self, organisation: str = "") -> AbstractContextManager[None]:
        """Held by an ingest of that organisation while it works; ends with its process. Raises `StoreError` that says
        who has it."""
        return locks.ingest_lock(self.folder, self._engine, organisation)
