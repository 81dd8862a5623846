"""Looking for words in everything that a workspace keeps: every byte under its folder, every row of its database."""

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from scan_ingest.sql import address, make_engine


def every_row(url: str) -> Iterator[str]:
    engine = make_engine(address(url))
    metadata = sa.MetaData()
    with engine.connect() as connection:
        metadata.reflect(connection)
        for table in metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                yield repr(tuple(row))
    engine.dispose()


def left_of(words: tuple[str, ...], data: Path, url: str | None) -> list[str]:
    """Where any of the words still is, in whatever case."""
    wanted = [word.lower() for word in words]
    found = [
        str(file.relative_to(data))
        for file in sorted(data.rglob("*"))
        if file.is_file() and any(word.encode() in file.read_bytes().lower() for word in wanted)
    ]
    url = url or f"sqlite:///{(data / 'workspace' / 'workspace.db').as_posix()}"
    return found + [row[:40] for row in every_row(url) if any(word in row.lower() for word in wanted)]
