"""Is a store whole, of the right version, and its owner's alone?"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from scan_ingest.domain.finding import Finding, State
from scan_ingest.errors import ExitCode, StoreError
from scan_ingest.sql.access import refuse_without_access
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.backup import kept_files
from scan_ingest.sql.engines import reading
from scan_ingest.sql.files import BESIDE, on_network_share, who_may_look
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.opening import reach
from scan_ingest.sql.versions import Standing, standing, tables_at

SHOWN = 3  # of many wrong things of one sort
RESTORE = "restore a backup with `scan-ingest store restore`"

CheckRows = Callable[[Connection], Iterator[str]]
"""What a store knows of its own rows, in words: those that are not what they should be."""


def check_store(url: URL, kind: StoreKind, folder: Path, own_rows: CheckRows | None) -> Iterator[Finding]:
    """Every check of a store, in the order they are made; it stops where the next would make no sense."""
    yield from _privacy(url, folder)
    try:
        engine = reach(url, kind, create=False)
        with reading(engine) as connection:
            found = standing(connection, kind)
            yield _version(found, url, kind)
            if found.version is None or found.is_newer:
                return
            refuse_without_access(connection, kind, place_of(url))
            yield from _integrity(connection, kind, found.version)
            if found.is_current and own_rows is not None:
                yield _listed("rows", "are what their digests say", list(own_rows(connection)), RESTORE)
            if kind.kept_files:
                yield _files(connection, kind, found.version, folder)
        engine.dispose()
    except StoreError as exc:
        yield _wrong("store", str(exc), "see --workspace, --central and --data, and whether the server runs")


def _privacy(url: URL, folder: Path) -> Iterator[Finding]:
    looked_at = [folder] if folder.is_dir() else []
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        if file.absolute().parent != folder.absolute():
            looked_at += [path for end in BESIDE if (path := file.with_name(file.name + end)).exists()]
        if on_network_share(file):
            says = f"{file} lies on a network share, where SQLite's locks do not hold"
            yield Finding("disk", State.NOTE, says, "keep it on a disk of this machine, or use postgresql://")
    if os.name == "nt":
        says = "not looked at on Windows: keep the data folder where your account alone has rights, as in your profile"
        yield Finding("privacy", State.NOTE, says)
    elif looked_at:
        names = " ".join(map(str, looked_at))
        others = [f"others can look into {path}" for place in looked_at for path in who_may_look(place)]
        yield _listed("privacy", f"{names}: the owner's alone", others, f"chmod -R u=rwX,go= {names}")


def _version(found: Standing, url: URL, kind: StoreKind) -> Finding:
    if found.version is None:
        return _wrong("version", f"{place_of(url)}: no {kind.what} here", "`ingest` makes one; is the place right?")
    if found.is_newer:
        return _wrong("version", f"{found.version}, newer than this program", "install the newer scan-ingest")
    if found.is_older:
        remedy = f"scan-ingest store upgrade --which {kind.name}"
        return _wrong("version", f"{found.version}, older than this program's {found.newest}", remedy)
    return Finding("version", State.FINE, f"{found.version}, this program's, at {place_of(url)}")


def _integrity(connection: Connection, kind: StoreKind, version: str) -> Iterator[Finding]:
    there = set(sa.inspect(connection).get_table_names())
    absent = [f"table {name} is missing" for name in tables_at(kind, version).tables if name not in there]
    yield _listed("tables", "are all there", absent, RESTORE)
    if absent:
        return
    if connection.dialect.name == "sqlite":
        said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)") if row[0] != "ok"]
        yield _listed("integrity", "SQLite finds the file whole", said, RESTORE)
        broken = [
            f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there"
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
        ]
        yield _listed("references", "lead to rows that are there", broken, RESTORE)
        return
    counts = [
        (name, connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        for name, table in tables_at(kind, version).tables.items()
    ]
    yield Finding("integrity", State.FINE, f"{sum(count for _, count in counts)} rows can be read; the server checks")


def _files(connection: Connection, kind: StoreKind, version: str, folder: Path) -> Finding:
    number, wrong = 0, []
    for kept in kept_files(connection, kind, version):
        number += 1
        if not kept.is_whole(folder):
            state = "is not what its name says" if (folder / kept.place).exists() else "is not there"
            wrong.append(f"{folder / kept.place} {state}")
    return _listed("pictures", f"and originals: {number} files are there and whole", wrong, RESTORE)


def _listed(check: str, fine: str, wrong: list[str], remedy: str) -> Finding:
    if not wrong:
        return Finding(check, State.FINE, fine, exit_code=ExitCode.STORE)
    more = f", and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return _wrong(check, "; ".join(wrong[:SHOWN]) + more, remedy)


def _wrong(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.WRONG, says, remedy, ExitCode.STORE)
