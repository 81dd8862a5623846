"""What was deleted leaves no bytes behind in the store's own files."""

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scan_ingest.sql.failures import store_errors


def scrub(engine: Engine) -> bool:
    """Whether it is so; not where somebody reads meanwhile, until it is called again.

    Called after a deletion that must leave nothing: purge, redaction, erasure.

    SQLite overwrites what it frees (see `make_engine`); its write-ahead log, which still has it, is emptied into the
    file and cut to nothing, as soon as no reader needs it. On PostgreSQL the rows that are no longer seen are vacuumed
    where this role may; what its log and its backups keep is the site's.
    """
    with store_errors(engine.url), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            raw = connection.connection.cursor()
            connection.rollback()  # a checkpoint needs no transaction, and none of our own around it
            (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            raw.close()
            return not busy
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("VACUUM"))
        return True
