"""Opening a workspace: where it lies, who may read it, and what stands in the way."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from scan_ingest.errors import ExitCode, StoreError
from scan_ingest.sql import address
from scan_ingest.workspace import Workspace, open_workspace
from scan_ingest.workspace.kind import KIND
from scan_ingest.workspace.tables import metadata
from tests.drawing.box import put_box


def modes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): oct(stat.S_IMODE(path.stat().st_mode))[2:] for path in folder.rglob("*")
    }


def test_files_are_the_owners_only(data: Path, scans: Path) -> None:
    before = os.umask(0)
    try:
        with open_workspace(None, data, create=True) as workspace, workspace.ingest_lock():
            put_box(workspace, scans, 1)
            found = modes(data)
    finally:
        os.umask(before)
    assert {"workspace/workspace.db", "workspace/workspace.db-wal", "workspace/ingest.holder"} <= set(found)
    folders = {name for name in found if (data / name).is_dir()}
    assert {name: mode for name, mode in found.items() if mode != ("700" if name in folders else "600")} == {}


def test_a_wrong_folder_never_looks_like_an_empty_queue(data: Path) -> None:
    with pytest.raises(StoreError, match=r"data/workspace/workspace\.db: no workspace here") as caught:
        open_workspace(None, data, create=False)
    assert caught.value.exit_code == ExitCode.STORE
    assert not data.exists()


def test_an_empty_postgresql_database_is_no_workspace(postgres_url: str, data: Path) -> None:
    with pytest.raises(StoreError, match="no workspace here"):
        open_workspace(postgres_url, data, create=False)


def test_what_was_written_is_there_again(url: str | None, data: Path, scans: Path) -> None:
    with open_workspace(url, data, create=True) as workspace:
        batch = put_box(workspace, scans, 2)
    with open_workspace(url, data, create=False) as workspace:
        assert workspace.batches()[0].batch == batch.__class__(**{**vars(batch), "state": "finished"})
        assert workspace.count_cards(batch.id) == 2


def test_a_file_that_is_no_database_is_named_and_left_alone(data: Path) -> None:
    file = data / "workspace" / "workspace.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"holiday photographs, no database at all" * 40)
    with pytest.raises(StoreError, match=r"workspace\.db: file is not a database"):
        open_workspace(None, data, create=False)
    assert file.read_bytes().startswith(b"holiday")


def test_a_workspace_of_a_newer_program_is_refused(url: str | None, data: Path) -> None:
    open_workspace(url, data, create=True).close()
    engine = sa.create_engine(address(url) if url else f"sqlite:///{data / 'workspace' / 'workspace.db'}")
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {KIND.version_table} SET version_num = 'w9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer than this program"):
        open_workspace(url, data, create=True)


def test_the_versions_make_the_tables_that_the_program_expects(workspace: Workspace) -> None:
    with workspace._engine.connect() as connection:
        theirs = MigrationContext.configure(connection, opts={"version_table": KIND.version_table})
        assert compare_metadata(theirs, metadata) == []


def test_a_workspace_that_lies_in_the_way_of_its_folder_is_named(data: Path) -> None:
    data.mkdir()
    (data / "workspace").write_text("a file, not a folder")
    with pytest.raises(StoreError, match="workspace"):
        open_workspace(None, data, create=True)


def test_a_server_that_does_not_answer_is_named_without_its_password(data: Path) -> None:
    with pytest.raises(StoreError, match=r"postgresql://127\.0\.0\.1:9/cards") as caught:
        open_workspace("postgresql://ann:s3cret@127.0.0.1:9/cards", data, create=True)
    assert "s3cret" not in str(caught.value)


def test_a_database_that_somebody_else_keeps_locked_is_named(data: Path, scans: Path) -> None:
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, scans, 1)
        other = sqlite3.connect(data / "workspace" / "workspace.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with workspace._engine.connect() as connection:  # a patience shorter than half a minute, for this test
            connection.connection.execute("PRAGMA busy_timeout = 50")
            connection.commit()
        with pytest.raises(StoreError, match=r"workspace\.db: database is locked"):
            workspace.finish("b0001")
        other.close()


# Limits the size of any file of the process, as a full disk would.
FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from scan_ingest.errors import StoreError
from scan_ingest.workspace import open_workspace
data, scan = map(Path, sys.argv[1:])
with open_workspace(None, data, create=True) as workspace:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        workspace.keep_original(scan)
    except StoreError as error:
        print(error)
"""


def test_a_full_disk_is_said_so_and_leaves_nothing_half_copied(data: Path, scans: Path) -> None:
    (scans / "big.pdf").write_bytes(b"scan" * 500_000)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FULL_DISK, data, scans / "big.pdf"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "originals: cannot be written to: File too large" in done.stdout
    assert [path for path in (data / "workspace" / "originals").rglob("*") if path.is_file()] == []
