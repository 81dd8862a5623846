"""Connections, transactions, and what goes wrong with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from scan_ingest.errors import InputError, StoreError
from scan_ingest.sql.addresses import place_of

WAIT_SECONDS = 30  # for another writer; SQLite's own 5 s died under 8 processes
CONNECT_SECONDS = 10  # for a server that does not answer
INSUFFICIENT_PRIVILEGE = "42501"  # PostgreSQL's SQLSTATE


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
    elif url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        arguments["connect_timeout"] = CONNECT_SECONDS
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


@contextmanager
def store_errors(url: URL) -> Iterator[None]:
    """Turns what a database can suffer (absent, locked, full, gone, forbidden, damaged) into `StoreError`.

    Everything else a driver raises (a broken constraint, a wrong statement) is a bug and stays one.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as exc:
        raise as_store_error(url, exc.orig) from exc
    except ProgrammingError as exc:
        if getattr(exc.orig, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
            raise as_store_error(url, exc.orig) from exc
        raise
    except UnicodeEncodeError as exc:
        raise InputError("a name or text holds bytes that are no characters; nothing of it was kept") from exc
    except DataError as exc:
        if "NUL" not in str(exc.orig):
            raise
        raise InputError("a name or text holds the character NUL, which no store keeps; nothing was kept") from exc
    except DatabaseError as exc:
        if type(exc) is DatabaseError:  # SQLite's "file is not a database", "disk image is malformed"
            raise as_store_error(url, exc.orig) from exc
        raise


def as_store_error(url: URL, said: BaseException | None) -> StoreError:
    """What the driver said, in one line without addresses or values."""
    # The first line only: PostgreSQL's DETAIL lines repeat values.
    lines = str(said).splitlines()
    reason = lines[0].strip() if lines else type(said).__name__
    if "row-level security" in reason:
        reason = "this login may not write rows of that organisation (see docs/roles.md)"
    elif getattr(said, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
        reason = f"this login may not do that: {reason} (see docs/roles.md)"
    if url.password and str(url.password) in reason:
        reason = "it cannot be reached"
    return StoreError(f"{place_of(url)}: {reason}")
