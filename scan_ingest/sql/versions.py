"""Which version a store is of, and how it is brought to another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import sqlalchemy as sa
from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

from scan_ingest.sql.engines import UtcTime
from scan_ingest.sql.kinds import StoreKind

ONE_UPGRADE_AT_A_TIME = 0x5CA11  # any number, as long as every process takes the same advisory lock
HEAD = "head"


@dataclass(frozen=True)
class Standing:
    """The version a store is of (None: there is no such store) beside the program's."""

    version: str | None
    newest: str
    known: frozenset[str]

    @property
    def is_newer(self) -> bool:
        return self.version is not None and self.version not in self.known

    @property
    def is_current(self) -> bool:
        return self.version == self.newest

    @property
    def is_older(self) -> bool:
        return self.version is not None and not self.is_newer and not self.is_current


def standing(connection: Connection, kind: StoreKind) -> Standing:
    """What version of such a store the database holds."""
    found = MigrationContext.configure(connection, opts={"version_table": kind.version_table}).get_current_heads()
    with _scripts(kind) as (_, scripts):
        known = frozenset(script.revision for script in scripts.walk_revisions())
        newest = scripts.get_current_head()
    assert newest is not None  # a test sees to it that each kind has one newest version
    return Standing("+".join(sorted(found)) or None, newest, known)


def bring_to(connection: Connection, kind: StoreKind, version: str = HEAD) -> None:
    """Makes or upgrades the store's tables, in the transaction that the connection is in."""
    with _scripts(kind) as (config, _):
        config.attributes.update(connection=connection, version_table=kind.version_table)
        command.upgrade(config, version)


def one_at_a_time(connection: Connection) -> None:
    """Waits until no other program makes or upgrades a store in this database. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_UPGRADE_AT_A_TIME)))


@lru_cache
def tables_at(kind: StoreKind, version: str) -> sa.MetaData:
    """The tables that such a store has at that version, in types that every database knows.

    They are made in memory by the migrations themselves, so that an older store can be read out by a newer program.
    """
    engine = sa.create_engine("sqlite://")
    tables = sa.MetaData()
    with engine.connect() as connection:
        bring_to(connection, kind, version)
        tables.reflect(connection, only=lambda name, _: name != kind.version_table)
    engine.dispose()
    for table in tables.tables.values():
        for column in table.columns:
            column.type = _portable(column.type)
    return tables


def _portable(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, sa.JSON):
        return sa.JSON().with_variant(JSONB(), "postgresql")
    if isinstance(kind, sa.DateTime):
        return UtcTime()
    return kind.as_generic()


@contextmanager
def _scripts(kind: StoreKind) -> Iterator[tuple[Config, ScriptDirectory]]:
    config = Config()
    config.set_main_option("path_separator", "os")
    with resources.as_file(resources.files(kind.migrations)) as folder:
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        yield config, ScriptDirectory.from_config(config)


def run_migrations() -> None:
    """The whole of a migrations package's `env.py`: runs them on the connection that `bring_to` handed over."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=attributes["version_table"],
        render_as_batch=True,  # SQLite cannot alter a column in place
    )
    with context.begin_transaction():
        context.run_migrations()
