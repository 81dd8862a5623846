"""Connections, transactions, and what goes wrong with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, NoSuchModuleError

from scan_ingest.errors import StoreError
from scan_ingest.sql.failures import as_store_error, store_errors

WAIT_SECONDS = 30  # for another writer; SQLite's own 5 s died under 8 processes
# A server that does not answer, at the start or in the middle: without them a pulled cable is noticed after a quarter
# of an hour.
PATIENCE = {
    "connect_timeout": 10,  # s
    "tcp_user_timeout": 60_000,  # ms
    "keepalives_idle": 30,  # s
    "keepalives_interval": 10,  # s
}


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware time in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in a store are aware")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: URL) -> Engine:
    """An engine for the address; connects to nothing yet.

    SQLite: transactions begin with BEGIN IMMEDIATE (those of `reading` with BEGIN), so that a writer waits at the start
    and never fails half-way; foreign keys are checked; a commit is on the disk when it returns.
    """
    sqlite = url.get_backend_name() == "sqlite"
    arguments: dict[str, Any] = {}
    if sqlite:
        arguments["timeout"] = WAIT_SECONDS
    elif url.get_backend_name() == "postgresql":
        arguments |= {option: value for option, value in PATIENCE.items() if option not in url.query}
    try:
        # Parameters are answers and names; they must not travel in error texts.
        engine = sa.create_engine(url, connect_args=arguments, hide_parameters=True, pool_pre_ping=not sqlite)
    except NoSuchModuleError:
        raise StoreError(f"{url.drivername}: no such kind of store; sqlite:/// and postgresql:// are known") from None
    except ModuleNotFoundError as exc:
        raise StoreError(f"{url.drivername}: the driver {exc.name} is not installed") from exc
    if sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, not the driver
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten; see `scrub`
    cursor.execute("PRAGMA synchronous = FULL")  # WAL's usual NORMAL may forget the last commits when the power goes
    cursor.close()


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """A connection for looking at whatever is there; what the driver says while making it is about the store."""
    with store_errors(engine.url):
        try:
            connection = engine.connect()
        except DBAPIError as exc:  # a wrong option in the address, say
            raise as_store_error(engine.url, exc.orig) from exc
        with connection:
            yield connection.execution_options(reads_only=True)


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: it sees one state throughout and keeps no writer waiting."""
    with store_errors(engine.url), engine.connect() as connection:
        connection = connection.execution_options(reads_only=True)
        if connection.dialect.name == "postgresql":
            # What each statement would see by itself could differ from one to the next.
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: committed at the end, taken back where anything is raised.

    Every transaction that writes to a store begins here.
    """
    with store_errors(engine.url), engine.begin() as connection:
        yield connection
