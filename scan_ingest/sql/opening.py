"""Opening a store: made where it may be, of this program's version or refused."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock, Timeout
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from scan_ingest.errors import StoreError
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.engines import WAIT_SECONDS, as_store_error, make_engine, store_errors
from scan_ingest.sql.files import on_network_share, private_file, private_folder

log = logging.getLogger(__name__)

ONE_UPGRADE_AT_A_TIME = 0x5CA11  # any number, as long as every process takes the same advisory lock


def open_store(url: URL, *, what: str, migrations: str, version_table: str, create: bool) -> Engine:
    """The engine of a store that is there and of this program's version.

    `what` names the store for people ("nominations store"); `migrations` is the package with `env.py` (one line:
    `run_migrations()`) and `versions/`. With `create` a missing store is made (a SQLite file 0600, its missing folder
    0700); an older one is upgraded either way. Raises `StoreError` where there is none, it is newer than the program,
    or it cannot be reached.
    """
    engine = make_engine(url)
    try:
        if url.get_backend_name() == "sqlite":
            _make_file(engine, Path(str(url.database)), what, create=create)
        upgrade(engine, what=what, migrations=migrations, version_table=version_table, create=create)
    except BaseException:
        engine.dispose()  # nobody else has it yet
        raise
    return engine


def _make_file(engine: Engine, path: Path, what: str, *, create: bool) -> None:
    """Sees to it that the SQLite file is there, private, and in WAL mode."""
    if path.is_dir():
        raise StoreError(f"{path}: a {what} is a file, this is a folder")
    if not create:
        if not path.exists():
            raise StoreError(f"{path}: no {what} here; `ingest` makes one. Is --data the right folder?")
        return
    if not path.parent.exists():
        private_folder(path.parent)
    # Several processes that switch a new file to WAL at once can fail, so it is done one at a time.
    try:
        with FileLock(path.with_name(path.name + ".lock"), timeout=WAIT_SECONDS, mode=0o600):
            private_file(path)
            _use_wal(engine, path, what)
    except Timeout:
        raise StoreError(f"{path}: another program is making the {what}; try again") from None
    except OSError as exc:
        raise StoreError(f"{path}: cannot be made: {exc.strerror}") from exc


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
        raise as_store_error(engine.url, exc) from exc
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
