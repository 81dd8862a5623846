"""Opening a store: made where it may be, of this program's version or refused."""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy.engine import URL, Connection, Engine

from scan_ingest.errors import StoreError, StoreMissingError
from scan_ingest.sql.access import refuse_without_access
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.engines import WAIT_SECONDS, connected, make_engine, writing
from scan_ingest.sql.failures import as_store_error
from scan_ingest.sql.files import BESIDE, on_network_share, private_file, private_folder, refuse_shared
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.versions import Standing, bring_to, one_at_a_time, standing

log = logging.getLogger(__name__)

OLDEST_POSTGRESQL = 15
SQLITE = b"SQLite format 3\0"  # what every database file begins with


def open_store(url: URL, kind: StoreKind, *, create: bool) -> Engine:
    """The engine of a store that is there and of this program's version.

    With `create` a missing store is made (a SQLite file 0600, its missing folder 0700). Raises `StoreError` where there
    is none, it is of another version, others may change it, it cannot be reached, or this login may see none of it.
    """
    engine = reach(url, kind, create=create)
    try:
        with connected(engine) as connection, connection.begin():
            found = _standing_here(connection, url, kind, create=create)
            if found.is_current:
                refuse_without_access(connection, kind, place_of(url))
        if found.version is None:
            _make_tables(engine, kind)
    except BaseException:
        engine.dispose()  # nobody else has it yet
        raise
    return engine


def reach_current(url: URL, kind: StoreKind) -> Engine:
    """As `open_store`, for whoever sets up what each login may see: it does not ask what this one may."""
    engine = reach(url, kind, create=False)
    try:
        with connected(engine) as connection, connection.begin():
            _standing_here(connection, url, kind, create=False)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _standing_here(connection: Connection, url: URL, kind: StoreKind, *, create: bool) -> Standing:
    """Raises `StoreError` where the store is not of this program's version, or absent and may not be made."""
    found = standing(connection, kind)
    if found.version is None and not create:
        right = "Is --data the right folder?" if url.get_backend_name() == "sqlite" else "Is the address right?"
        raise StoreMissingError(place_of(url), kind.what, right)
    refuse_other_version(found, url, kind)
    return found


def reach(url: URL, kind: StoreKind, *, create: bool) -> Engine:
    """The engine of a database that can be worked with, whatever it holds; a SQLite file is made with `create`.

    Raises `StoreError` where there is none, others may change it, or it is too old.
    """
    engine = make_engine(url)
    try:
        if url.get_backend_name() == "sqlite":
            _see_to_file(engine, Path(str(url.database)), kind.what, create=create)
        else:
            _refuse_old_server(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextlib.contextmanager
def empty_place(url: URL, kind: StoreKind) -> Iterator[Engine]:
    """A database for a store to be filled; a SQLite file that was made for it is gone where anything is raised."""
    file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    was_there = file is None or file.exists()
    engine = reach(url, kind, create=True)
    try:
        yield engine
    except BaseException:
        engine.dispose()
        if file is not None and not was_there:
            for end in (*BESIDE, ".lock"):
                file.with_name(file.name + end).unlink(missing_ok=True)
        raise
    engine.dispose()


def refuse_other_version(found: Standing, url: URL, kind: StoreKind) -> None:
    """Raises `StoreError` where the store is newer than the program or older."""
    if found.is_newer:
        raise StoreError(f"{place_of(url)}: this {kind.what} is newer than this program; install the newer scan-ingest")
    if found.is_older:
        raise StoreError(
            f"{place_of(url)}: this {kind.what} was made by an older program; "
            f"`scan-ingest store upgrade --which {kind.name}` backs it up and upgrades it"
        )


def _make_tables(engine: Engine, kind: StoreKind) -> None:
    with writing(engine) as connection:
        one_at_a_time(connection)
        if standing(connection, kind).version is None:  # else another program was faster
            bring_to(connection, kind)


def _refuse_old_server(engine: Engine) -> None:
    with connected(engine):
        version = engine.dialect.server_version_info  # known once connected
    if version and int(version[0]) < OLDEST_POSTGRESQL:
        raise StoreError(
            f"{place_of(engine.url)}: PostgreSQL {version[0]} is too old; a store needs {OLDEST_POSTGRESQL} or later"
        )


def _see_to_file(engine: Engine, path: Path, what: str, *, create: bool) -> None:
    """Sees to it that the SQLite file is there, nobody else's, and in WAL mode."""
    if path.is_dir():
        raise StoreError(f"{path}: a {what} is a file, this is a folder")
    if not create and not path.exists():
        raise StoreMissingError(str(path), what, "Is --data the right folder?")
    shared = on_network_share(path)
    if shared:
        log.warning(
            "%s: the %s lies on a network share, where SQLite cannot lock reliably; "
            "keep it on a disk of this machine, or use a postgresql:// address",
            path,
            what,
        )
    if path.exists():
        refuse_shared(path, what)
        _refuse_no_database(path, what)
    if not create:
        return
    if not path.parent.exists():
        private_folder(path.parent)
    # Several processes that switch a new file to WAL at once can fail, so it is done one at a time.
    try:
        with FileLock(path.with_name(path.name + ".lock"), timeout=WAIT_SECONDS, mode=0o600):
            private_file(path)
            refuse_shared(path, what)
            if not shared:  # WAL needs memory that all its programs share
                _use_wal(engine)
    except Timeout:
        raise StoreError(f"{path}: another program is making the {what}; try again") from None
    except OSError as exc:
        raise StoreError(f"{path}: cannot be made: {exc.strerror or exc}") from exc


def _refuse_no_database(path: Path, what: str) -> None:
    """Raises `StoreError` for a file that holds something else: its rights and its neighbours stay as they are."""
    try:
        with path.open("rb") as file:
            start = file.read(len(SQLITE))
    except OSError as exc:
        raise StoreError(f"{path}: cannot be read: {exc.strerror or exc}") from exc
    if start and start != SQLITE:  # an empty file is a database without tables
        raise StoreError(f"{path}: file is not a database, so it is no {what}")


def _use_wal(engine: Engine) -> None:
    try:
        with contextlib.closing(engine.raw_connection()) as connection:
            cursor = connection.cursor()
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                cursor.execute("PRAGMA journal_mode = WAL")
            cursor.close()
    except sqlite3.Error as exc:
        raise as_store_error(engine.url, exc) from exc
