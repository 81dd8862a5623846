"""The workspace as the rest of the program sees it: each method is one transaction."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from scan_ingest.domain.batch import Batch, BoxLabel, OpenSide, Original
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.ports import PageRecord, Seen
from scan_ingest.sql import address, file_address, open_store, private_folder, reading, writing
from scan_ingest.workspace import locks, pictures, recording

FOLDER = "workspace"
FILE = "workspace.db"
VERSION_TABLE = "workspace_version"  # so that workspace and nominations can live in one database


def open_workspace(url: str | None, data: Path, *, create: bool) -> "Workspace":
    """The workspace in the data folder; `url` is its database, None for SQLite in that folder.

    Only with `create` is a missing one made. Raises `StoreError` where there is none (naming the place), or it is
    locked, damaged, out of reach or newer than the program.
    """
    folder = (data / FOLDER).absolute()
    if create and not folder.exists():
        private_folder(folder)
    engine = open_store(
        address(url) if url else file_address(data / FOLDER / FILE),
        what="workspace",
        migrations="scan_ingest.workspace.migrations",
        version_table=VERSION_TABLE,
        create=create,
    )
    return Workspace(engine, folder)


class Workspace:
    """An `IngestDesk`, a `ReviewDesk` and a `MergeDesk`; see there."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self.folder = folder

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- ingest --------------------------------------------------------------------------------------------------------

    def ingest_lock(self) -> AbstractContextManager[None]:
        """Held by an ingest while it works; ends with its process. Raises `StoreError` that says who has it."""
        return locks.ingest_lock(self.folder, self._engine)

    def keep_original(self, path: Path) -> Original:
        return pictures.keep_original(self.folder, path)

    def open_batch(
        self, label: BoxLabel, files: Sequence[Original], expected_cards: int | None, *, any_date: bool
    ) -> tuple[Batch, bool]:
        with writing(self._engine) as connection:
            return recording.open_batch(connection, self.folder, label, files, expected_cards, any_date=any_date)

    def recorded_pages(self, batch_id: str) -> frozenset[tuple[int, int]]:
        with reading(self._engine) as connection:
            return recording.recorded_pages(connection, recording.batch_number(connection, batch_id))

    def seen(self, ref: PageRef, picture_sha256: str | None) -> Seen | None:
        with reading(self._engine) as connection:
            return recording.seen(connection, ref, picture_sha256)

    def open_sides(self, batch_id: str) -> tuple[OpenSide, ...]:
        with reading(self._engine) as connection:
            return recording.open_sides(connection, recording.batch_number(connection, batch_id))

    def record(self, batch_id: str, page: PageRecord) -> int:
        # Pictures first: a row never names a picture that is not there; a picture without a row harms nobody.
        picture = None if page.picture is None else pictures.keep_picture(self.folder, page.picture)
        side_pictures = {side.place: pictures.keep_picture(self.folder, side.picture) for side in page.sides}
        with writing(self._engine) as connection:
            number = recording.batch_number(connection, batch_id)
            return recording.record(connection, number, page, picture, side_pictures)

    def finish(self, batch_id: str) -> None:
        with writing(self._engine) as connection:
            recording.finish(connection, recording.batch_number(connection, batch_id))

    def outcomes(self, batch_id: str) -> Mapping[Outcome, int]:
        with reading(self._engine) as connection:
            return recording.outcomes(connection, recording.batch_number(connection, batch_id))

    def count_cards(self, batch_id: str) -> int:
        with reading(self._engine) as connection:
            return recording.count_cards(connection, recording.batch_number(connection, batch_id))
