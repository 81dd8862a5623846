"""A store of an older program is upgraded when somebody says so, and never before it is backed up."""

from pathlib import Path

import pytest

from scan_ingest.errors import StoreError
from scan_ingest.sql import address
from scan_ingest.sql.backup import restore_backup
from scan_ingest.sql.opening import empty_place
from scan_ingest.sql.upgrading import upgrade_store
from scan_ingest.sql.versions import standing
from scan_ingest.workspace import open_workspace
from scan_ingest.workspace.kind import KIND
from tests.sql.stores import older_workspace, reached


def version_at(url: str) -> str | None:
    with reached(url, KIND) as engine, engine.connect() as connection:
        return standing(connection, KIND).version


@pytest.mark.parametrize("create", [True, False])
def test_an_older_store_is_refused_with_what_to_type(create: bool, store_url: str, tmp_path: Path) -> None:
    older_workspace(store_url)
    with pytest.raises(StoreError, match="older program; `scan-ingest store upgrade --which workspace`"):
        open_workspace(store_url, tmp_path, create=create)
    assert version_at(store_url) == "w0001"


def test_an_upgrade_backs_up_first_and_loses_nothing(store_url: str, tmp_path: Path) -> None:
    older_workspace(store_url)

    done = upgrade_store(address(store_url), KIND, tmp_path, tmp_path / "backups")

    assert (done.version_before, done.version) == ("w0001", version_at(store_url))
    with open_workspace(store_url, tmp_path, create=False) as workspace:
        assert [summary.batch.label.ward for summary in workspace.batches()] == ["Ash"]
    assert done.backup is not None
    with empty_place(address(f"sqlite:///{tmp_path}/back.db"), KIND) as engine:
        manifest, counts = restore_backup(engine, KIND, tmp_path, done.backup)
    assert (manifest.version, counts["batches"]) == ("w0001", 1)


def test_a_store_of_this_version_is_left_alone(store_url: str, tmp_path: Path) -> None:
    open_workspace(store_url, tmp_path, create=True).close()
    assert upgrade_store(address(store_url), KIND, tmp_path, tmp_path / "backups").backup is None
    assert not (tmp_path / "backups").exists()


def test_an_upgrade_that_cannot_be_backed_up_is_not_made(store_url: str, tmp_path: Path) -> None:
    older_workspace(store_url)
    (tmp_path / "backups").write_text("a file in the way")
    with pytest.raises(StoreError, match="backups"):
        upgrade_store(address(store_url), KIND, tmp_path, tmp_path / "backups")
    assert version_at(store_url) == "w0001"
