"""One `ingest` at a time; the lock ends with its process, however that ends."""

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from scan_ingest.errors import StoreError
from scan_ingest.sql import store_errors

WAIT_SECONDS = 2.0  # for one that is just ending
LEFT_BEHIND = 60.0  # seconds after which an unfinished file is nobody's any more
ONE_INGEST_AT_A_TIME = 0x16E57  # any number, as long as every process takes the same advisory lock


@contextmanager
def ingest_lock(folder: Path, engine: Engine, organisation: str) -> Iterator[None]:
    """Holds the workspace for one ingest. Raises `StoreError` that says who has it.

    A lock file in the workspace's folder; on PostgreSQL, which several machines can share, advisory locks too: there
    ingests of two organisations do not exclude each other, but whoever removes files (`organisation` is "") excludes
    them all, as all keep their files in one place.
    """
    holder = folder / "ingest.holder"  # beside the lock: on Windows nobody can read a locked file
    lock = FileLock(folder / "ingest.lock", timeout=WAIT_SECONDS, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        who = ""
        with suppress(OSError):
            who = f" ({holder.read_text(encoding='utf-8').strip()})"
        raise StoreError(f"{folder}: another ingest is at work in this workspace{who}; wait until it is done") from None
    except OSError as exc:
        raise StoreError(f"{folder}: the workspace cannot be locked: {exc.strerror or exc}") from exc
    try:
        started = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}, since {started}\n", encoding="utf-8")
        holder.chmod(0o600)
        _sweep(folder)
        with _advisory_lock(engine, organisation):
            yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _sweep(folder: Path) -> None:
    """Removes what a killed ingest left half written; `align`, which takes no lock, may be writing a file just now."""
    for name in ("originals", "pictures"):
        for left in (folder / name).glob(".new-*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                    left.unlink()


@contextmanager
def _advisory_lock(engine: Engine, organisation: str) -> Iterator[None]:
    if engine.dialect.name != "postgresql":
        yield
        return
    with store_errors(engine.url):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    # Everybody holds the lock of all, shared by ingests; an ingest holds its organisation's for itself too.
    everybody = sa.func.pg_try_advisory_lock_shared if organisation else sa.func.pg_try_advisory_lock
    locks = [everybody(ONE_INGEST_AT_A_TIME, 0)]
    if organisation:
        key = int.from_bytes(hashlib.sha256(organisation.encode()).digest()[:4], signed=True)
        locks.append(sa.func.pg_try_advisory_lock(ONE_INGEST_AT_A_TIME, key))
    try:
        with store_errors(engine.url):
            taken = all(connection.execute(sa.select(lock)).scalar() for lock in locks)
        if not taken:
            raise StoreError("another ingest is at work in this workspace, on another machine; wait until it is done")
        yield
    finally:
        # The server notices some moments later that a connection is gone, so it is told.
        with suppress(DBAPIError):
            connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
        # The connection holds the lock; given back to the pool it would keep it.
        connection.invalidate()
        connection.close()
