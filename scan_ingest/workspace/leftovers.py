"""Files that no row needs any more: written down with the change that made them so, then removed.

Pictures and originals are kept once by content, so a file goes only when nothing else names it.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from scan_ingest.sql import reading, writing
from scan_ingest.workspace.tables import batch_files, leftover_files, pages, sides

NAMED_BY = (pages.c.picture, sides.c.picture, batch_files.c.original)


def leave(connection: Connection, places: Iterable[str | None]) -> None:
    """Writes down files (under the workspace folder) that a change in this transaction left without use, perhaps."""
    new = {place for place in places if place}
    known = set(connection.execute(sa.select(leftover_files.c.place)).scalars())
    if new - known:
        connection.execute(leftover_files.insert(), [{"place": place} for place in sorted(new - known)])


def sweep(engine: Engine, folder: Path) -> int:
    """Removes the files that were written down and that nothing names; how many went.

    Not beside an ingest (see `ingest_lock`), which may just be taking up a file of the same content.
    """
    with reading(engine) as connection:
        places = list(connection.execute(sa.select(leftover_files.c.place)).scalars())
    gone = 0
    for place in places:
        with writing(engine) as connection:
            if not _is_named(connection, place):
                # A file that another program holds open (Windows) stays for the next sweep, with its row.
                (folder / place).unlink(missing_ok=True)
                with suppress(OSError):
                    (folder / place).parent.rmdir()  # where it was the last one
                gone += 1
            connection.execute(leftover_files.delete().where(leftover_files.c.place == place))
    return gone


def _is_named(connection: Connection, place: str) -> bool:
    return any(
        connection.execute(sa.select(sa.literal(1)).where(column == place).limit(1)).first() for column in NAMED_BY
    )
