"""What the workspace and the nominations store share: addresses, engines, private files, migrations, errors.

Both open their database with `open_store`, work in `reading(engine)` and `writing(engine)`, and see `StoreError` where
the database is absent, locked, refused, gone or of another version. No message holds a password or a stored value.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Dialect, Engine
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from scan_ingest.errors import StoreError

log = logging.getLogger(__name__)

WAIT_SECONDS = 30  # for another writer; SQLite's own 5 s died under 8 processes
CONNECT_SECONDS = 10  # for a server that does not answer
INSUFFICIENT_PRIVILEGE = "42501"  # PostgreSQL's SQLSTATE
# 9p is left out: containers and sandboxes show local disks as 9p.
NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "ceph", "glusterfs", "lustre", "davfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.davfs2"}
)
ONE_UPGRADE_AT_A_TIME = 0x5CA11  # any number, as long as every process takes the same advisory lock


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


# -- addresses ---------------------------------------------------------------------------------------------------------


def address(url: str) -> URL:
    """The address as SQLAlchemy takes it; `postgresql://` and `postgres://` get psycopg 3's driver.

    Raises `StoreError` for an address that cannot be understood, without repeating it: it may hold a password.
    """
    scheme, _, rest = url.partition("://")
    if rest.partition("?")[0].count("@") > 1:
        raise StoreError(f"the {scheme} address has more than one @; in a user name or password it is written %40")
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "a store's address cannot be understood; it looks like sqlite:///folder/store.db or "
            "postgresql://user@host:5432/database"
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and (
        parsed.database in (None, "", ":memory:") or str(parsed.database).startswith("file:")
    ):
        raise StoreError("a SQLite store is a file: write sqlite:///folder/store.db")
    return parsed


def file_address(path: Path) -> URL:
    """The address of a SQLite file."""
    return URL.create("sqlite", database=str(path))


def place_of(url: URL) -> str:
    """Where a store is, for people: a file's path, or server and database. Never the user, password or options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or 'localhost'}{port}/{url.database or ''}"


# -- private files -----------------------------------------------------------------------------------------------------


def private_folder(path: Path) -> Path:
    """Makes a folder of the program's own that only its owner can enter (on Windows: as its parent says).

    Raises `StoreError` where it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as exc:
        raise StoreError(f"{path}: the folder cannot be made: {exc.strerror}") from exc
    return path


def private_file(path: Path) -> Path:
    """Makes an empty file that only its owner can read, if there is none. Raises `StoreError` where it cannot."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)
    except OSError as exc:
        raise StoreError(f"{path}: the file cannot be made: {exc.strerror}") from exc
    return path


def on_network_share(path: Path) -> bool:
    """Whether the file lies on a drive of another machine, where SQLite's locks cannot be relied on."""
    path = path.resolve()
    if sys.platform == "win32":
        import ctypes

        remote = 4  # DRIVE_REMOTE
        return path.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == remote
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return False
    kind = ""
    longest = -1
    for line in mounts.read_text(errors="replace").splitlines():
        _, folder, file_system, *_ = line.split(" ")
        folder = folder.replace("\\040", " ")
        if len(folder) > longest and path.is_relative_to(folder):
            kind, longest = file_system, len(folder)
    return kind in NETWORK_FILE_SYSTEMS


# -- engines -----------------------------------------------------------------------------------------------------------


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
    cursor.execute("PRAGMA synchronous = FULL")  # WAL's usual NORMAL may forget the last commits when the power goes
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads: it sees one state throughout and keeps no writer waiting."""
    with store_errors(engine.url), engine.connect() as connection:
        connection = connection.execution_options(reads_only=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: committed at the end, taken back where anything is raised."""
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
        raise _store_error(url, exc) from exc
    except ProgrammingError as exc:
        if getattr(exc.orig, "sqlstate", None) == INSUFFICIENT_PRIVILEGE:
            raise _store_error(url, exc) from exc
        raise
    except DatabaseError as exc:
        if type(exc) is DatabaseError:  # SQLite's "file is not a database", "disk image is malformed"
            raise _store_error(url, exc) from exc
        raise


def _store_error(url: URL, exc: DBAPIError) -> StoreError:
    # The first line only: PostgreSQL's DETAIL lines repeat values.
    lines = str(exc.orig).splitlines()
    reason = lines[0].strip() if lines else type(exc.orig).__name__
    if url.password and str(url.password) in reason:
        reason = "it cannot be reached"
    return StoreError(f"{place_of(url)}: {reason}")


# -- opening and migrating ---------------------------------------------------------------------------------------------


def open_store(url: URL, *, what: str, migrations: str, version_table: str, create: bool) -> Engine:
    """The engine of a store that is there and of this program's version.

    `what` names the store for people ("nominations store"); `migrations` is the package with `env.py` (one line:
    `run_migrations()`) and `versions/`. With `create` a missing store is made (a SQLite file 0600, its missing folder
    0700); an older one is upgraded either way. Raises `StoreError` where there is none, it is newer than the program,
    or it cannot be reached.
    """
    engine = make_engine(url)
    if url.get_backend_name() != "sqlite":
        upgrade(engine, what=what, migrations=migrations, version_table=version_table, create=create)
        return engine
    path = Path(str(url.database))
    if path.is_dir():
        raise StoreError(f"{path}: a {what} is a file, this is a folder")
    if not create:
        if not path.exists():
            raise StoreError(f"{path}: no {what} here; `ingest` makes one. Is --data the right folder?")
        upgrade(engine, what=what, migrations=migrations, version_table=version_table, create=False)
        return engine
    if not path.parent.exists():
        private_folder(path.parent)
    # Several processes that switch a new file to WAL at once can fail, so it is done one at a time.
    try:
        with FileLock(path.with_name(path.name + ".lock"), timeout=WAIT_SECONDS, mode=0o600):
            private_file(path)
            _use_wal(engine, path, what)
            upgrade(engine, what=what, migrations=migrations, version_table=version_table, create=True)
    except Timeout:
        raise StoreError(f"{path}: another program is making the {what}; try again") from None
    except OSError as exc:
        raise StoreError(f"{path}: cannot be made: {exc.strerror}") from exc
    return engine


def _use_wal(engine: Engine, path: Path, what: str) -> None:
    if on_network_share(path):
        log.warning(
            "%s: the %s lies on a network share, where SQLite cannot lock reliably; "
            "keep it on a disk of this machine, or use a postgresql:// address",
            path,
            what,
        )
        return  # WAL needs memory that all its programs share
    with store_errors(engine.url):
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
            cursor.close()
        finally:
            connection.close()


def upgrade(engine: Engine, *, what: str, migrations: str, version_table: str, create: bool) -> None:
    """Brings the store to this program's version, in one transaction.

    Raises `StoreError` where there is none and `create` is false, or it is newer than the program.
    """
    place = place_of(engine.url)
    config = Config()
    config.set_main_option("path_separator", "os")
    with resources.as_file(resources.files(migrations)) as folder, store_errors(engine.url):
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        known = {script.revision for script in scripts.walk_revisions()}
        newest = set(scripts.get_heads())

        def is_current(connection: Connection) -> bool:
            standing = MigrationContext.configure(connection, opts={"version_table": version_table})
            found = set(standing.get_current_heads())
            if not found and not create:
                raise StoreError(f"{place}: no {what} here; `ingest` makes one. Is the address right?")
            if not found <= known:
                raise StoreError(f"{place}: this {what} is newer than this program; install the newer scan-ingest")
            return found == newest

        with _connected(engine) as connection:
            connection = connection.execution_options(reads_only=True)
            with connection.begin():
                if is_current(connection):
                    return
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_UPGRADE_AT_A_TIME)))
            if not is_current(connection):
                config.attributes.update(connection=connection, version_table=version_table)
                command.upgrade(config, "head")


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    """A connection; whatever the driver says while making it is about the store, not a bug."""
    try:
        connection = engine.connect()
    except DBAPIError as exc:
        raise _store_error(engine.url, exc) from exc
    with connection:
        yield connection


def run_migrations() -> None:
    """The whole of a migrations package's `env.py`: runs them on the connection that `upgrade` handed over."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=attributes["version_table"],
        render_as_batch=True,  # SQLite cannot alter a column in place
    )
    with context.begin_transaction():
        context.run_migrations()
