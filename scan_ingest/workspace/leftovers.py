"""Files that no row needs any more: written down with the change that made them so, then removed.

Pictures and originals are kept once by content, so a file goes only when nothing else names it.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from scan_ingest.errors import StoreError
from scan_ingest.sql import reading, writing
from scan_ingest.workspace.tables import batch_files, leftover_files, pages, sides

NAMED_BY = (pages.c.picture, sides.c.picture, batch_files.c.original)

REMOVING = 0x5EE9  # any number, as long as every process takes the same advisory lock


def leave(connection: Connection, places: Iterable[str | None]) -> None:
    """Writes down files (under the workspace folder) that a change in this transaction left without use, perhaps."""
    new = {place for place in places if place}
    known = set(connection.execute(sa.select(leftover_files.c.place)).scalars())
    if new - known:
        connection.execute(leftover_files.insert(), [{"place": place} for place in sorted(new - known)])


def keep_all(connection: Connection) -> None:
    """To the end of this transaction no file is removed: one that it takes up may be written down. What ingests has no
    need of it (see `sweep`)."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(REMOVING, 0)))


def sweep(engine: Engine, folder: Path) -> int:
    """Removes the files that were written down and that nothing names; how many went.

    Not beside an ingest (see `ingest_lock`), which may just be taking up a file of the same content. Raises
    `StoreError` that names those that could not be removed, once all others are: another program has them open, say.
    """
    with reading(engine) as connection:
        places = list(connection.execute(sa.select(leftover_files.c.place)).scalars())
    gone, stay = 0, []
    for place in places:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(REMOVING, 0)))
            if not _is_named(connection, place):
                try:
                    (folder / place).unlink(missing_ok=True)
                except OSError as exc:  # it stays for the next sweep, with its row
                    stay.append(f"{folder / place} ({exc.strerror or exc})")
                    continue
                with suppress(OSError):
                    (folder / place).parent.rmdir()  # where it was the last one
                gone += 1
            connection.execute(leftover_files.delete().where(leftover_files.c.place == place))
    if stay:
        more = f" and {len(stay) - 1} more" if len(stay) > 1 else ""
        raise StoreError(
            f"{stay[0]}{more}: cannot be removed, though nothing needs it any more; close what has it open, then "
            "`purge` removes it"
        )
    return gone


def _is_named(connection: Connection, place: str) -> bool:
    return any(
        connection.execute(sa.select(sa.literal(1)).where(column == place).limit(1)).first() for column in NAMED_BY
    )
