"""Carrying all rows of a store into an empty one: from another database, or from a backup. All of them or nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DataError

from scan_ingest.errors import StoreError
from scan_ingest.sql.access import refuse_partial_view
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.engines import reading, writing
from scan_ingest.sql.failures import store_errors
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.portable import TableDigest, go_on_from, last_numbers, lines_of, write_lines
from scan_ingest.sql.versions import bring_to, one_at_a_time, standing, tables_at

Counts = Mapping[str, int]
"""Rows by table."""


def copy_store(source: Engine, target: Engine, kind: StoreKind) -> Counts:
    """Copies every row of a store into another database, where there is no such store or an empty one.

    One transaction at either end, some hundred rows in memory; each table is read out of the new store again and
    compared by count and digest before anything is kept. Raises `StoreError`.
    """
    with reading(source) as old:
        refuse_partial_view(old, kind, place_of(source.url))
        version = standing(old, kind).version
        assert version is not None  # an open store has one
        with writing(target) as new:
            make_empty(new, kind, version, place_of(target.url))

            def carry(table: sa.Table) -> tuple[TableDigest, int | None]:
                passed = TableDigest()
                fill(new, table, passed.passing(_read(source, lines_of(old, table))), place_of(target.url))
                with store_errors(source.url):
                    return passed, last_numbers(old, table)

            return carry_tables(new, kind, version, carry)


def _read(source: Engine, lines: Iterator[str]) -> Iterator[str]:
    """What goes wrong with reading is told of the old store, not of the one that is written."""
    with store_errors(source.url):
        yield from lines


def carry_tables(
    connection: Connection,
    kind: StoreKind,
    version: str,
    carry: Callable[[sa.Table], tuple[TableDigest, int | None]],
) -> Counts:
    """Fills the tables one by one: `carry` writes a table's rows and tells what passed by, and the last number given.

    Raises `StoreError` where a table does not read back as what was written.
    """
    counts: dict[str, int] = {}
    for table in tables_at(kind, version).sorted_tables:
        written, last = carry(table)
        go_on_from(connection, table, last)
        if not TableDigest().all_of(lines_of(connection, table)).agrees_with(written):
            raise StoreError(
                f"{place_of(connection.engine.url)}: table {table.name} does not read back as it was written; "
                "nothing was kept"
            )
        counts[table.name] = written.rows
    return counts


def make_empty(connection: Connection, kind: StoreKind, version: str, place: str) -> None:
    """Makes the store's tables at that version; those of an empty store of another version go.

    Raises `StoreError` where the store there holds anything.
    """
    one_at_a_time(connection)
    found = standing(connection, kind)
    if found.is_newer:
        raise StoreError(f"{place}: there is a {kind.what} here that is newer than this program")
    if found.version is not None:
        tables = tables_at(kind, found.version)
        for table in tables.sorted_tables:
            if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                raise StoreError(
                    f"{place}: there is a {kind.what} here already, with something in it; name an empty place"
                )
        if found.version == version:
            return
        tables.drop_all(connection)
        connection.execute(sa.schema.DropTable(sa.Table(kind.version_table, sa.MetaData())))
    bring_to(connection, kind, version)


def fill(connection: Connection, table: sa.Table, lines: Iterable[str], place: str) -> None:
    """Inserts the rows. Raises `StoreError` where the database takes one of them not, without repeating it."""
    try:
        write_lines(connection, table, lines)
    except (DataError, UnicodeEncodeError) as exc:
        # PostgreSQL keeps no NUL, which a store of other hands may hold; psycopg says so before it asks the server.
        reason = str(exc.orig).splitlines()[0] if isinstance(exc, DataError) else "half a character"
        raise StoreError(f"{place}: a row of table {table.name} cannot be kept here: {reason}") from exc
