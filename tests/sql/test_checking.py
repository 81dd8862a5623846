"""What `store check` finds, on stores to which something happened."""

import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from scan_ingest.central.kind import KIND as CENTRAL
from scan_ingest.central.store import rows_that_changed
from scan_ingest.domain.finding import State
from scan_ingest.errors import StoreError
from scan_ingest.sql import address
from scan_ingest.sql.checking import check_store
from scan_ingest.sql.files import refuse_shared
from scan_ingest.workspace import open_workspace
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.drawing.box import put_box
from tests.sql.stores import contents_at, nominations_at, older_workspace, reached


def wrong_in(url: str, folder: Path) -> dict[str, str]:
    """What is wrong in a nominations store, by check."""
    found = check_store(address(url), CENTRAL, folder, rows_that_changed)
    return {one.what: one.says for one in found if one.state is State.WRONG}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a nominations store, private as the program makes it."""
    (tmp_path / "central").mkdir(mode=0o700)
    return tmp_path / "central"


def test_a_sound_store_is_found_sound(store_url: str, tmp_path: Path) -> None:
    nominations_at(store_url, tmp_path)
    (tmp_path / "empty").mkdir(mode=0o700)
    assert wrong_in(store_url, tmp_path / "empty") == {}


def test_a_nomination_changed_behind_the_programs_back_is_found(store_url: str, tmp_path: Path) -> None:
    nominations_at(store_url, tmp_path)
    with reached(store_url, CENTRAL) as engine, engine.begin() as connection:
        connection.execute(sa.text("UPDATE nominations SET nominee = 'Somebody else' WHERE nominee = 'Nurse 3'"))
    found = wrong_in(store_url, tmp_path / "none")
    assert list(found) == ["rows"]
    assert "was changed by something else" in found["rows"]
    assert "Somebody" not in found["rows"]


def test_a_store_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "no nominations store here" in wrong_in(f"sqlite:///{tmp_path}/none.db", tmp_path / "none")["store"]


def test_an_older_store_is_told_with_its_versions(store_url: str, tmp_path: Path) -> None:
    older_workspace(store_url)
    found = {one.what: one for one in check_store(address(store_url), WORKSPACE, tmp_path / "none", None)}
    assert found["version"].says.startswith("w0001, older than this program's")
    assert found["version"].remedy == "scan-ingest store upgrade --which workspace"


def test_a_damaged_file_is_told(folder: Path) -> None:
    url = f"sqlite:///{folder}/central.db"
    nominations_at(url, folder, cards=400)
    with (folder / "central.db").open("r+b") as file:
        file.seek(40 * 4096)
        file.write(b"\xff" * 4096)
    assert set(wrong_in(url, folder)) & {"integrity", "store"}


def test_a_reference_that_leads_nowhere_is_told(folder: Path) -> None:
    url = f"sqlite:///{folder}/central.db"
    nominations_at(url, folder)
    other_hands = sqlite3.connect(folder / "central.db")
    with other_hands:
        other_hands.execute("DELETE FROM nominations WHERE nominee = 'Ada'")
    other_hands.close()
    assert "refers to a row of nominations that is not there" in wrong_in(url, folder)["references"]


def test_pictures_that_are_gone_or_not_theirs_are_told(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    with open_workspace(None, tmp_path, create=True) as workspace:
        put_box(workspace, tmp_path / "scans", 2)
    place = tmp_path / "workspace"
    gone, damaged = sorted((place / "pictures").rglob("*.jpg"))[:2]
    gone.unlink()
    damaged.write_bytes(b"not what it was")
    found = {
        one.what: one
        for one in check_store(address(f"sqlite:///{place}/workspace.db"), WORKSPACE, place, None)
        if one.state is State.WRONG
    }
    assert list(found) == ["pictures"]
    assert f"{gone} is not there" in found["pictures"].says
    assert f"{damaged} is not what its name says" in found["pictures"].says


def test_a_folder_that_others_can_look_into_is_told(folder: Path) -> None:
    url = f"sqlite:///{folder}/central.db"
    nominations_at(url, folder)
    folder.chmod(0o755)
    assert wrong_in(url, folder)["privacy"] == f"others can look into {folder}"


@pytest.mark.parametrize("beside", ["", "-wal", "-shm"])
def test_a_store_that_others_can_write_to_is_refused(beside: str, folder: Path) -> None:
    url = f"sqlite:///{folder}/central.db"
    nominations_at(url, folder)
    file = folder / f"central.db{beside}"
    file.touch()
    file.chmod(0o620)
    with pytest.raises(StoreError, match=f"{file}: others can write to it; `chmod 600 {file}`"):
        nominations_at(url, folder)


def test_a_store_in_a_folder_that_others_can_write_to_is_refused(folder: Path) -> None:
    url = f"sqlite:///{folder}/central.db"
    nominations_at(url, folder)
    folder.chmod(0o770)
    with pytest.raises(StoreError, match="others can write to the folder"):
        nominations_at(url, folder)


def test_a_store_that_somebody_else_owns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "theirs.db"
    if os.geteuid() == 0:
        file.touch(mode=0o600)
        os.chown(file, 1, 1)
    else:
        file = Path("/etc/hosts")  # root's on every system
    with pytest.raises(StoreError, match="belongs to somebody else"):
        refuse_shared(file, "nominations store")


def test_behind_a_link_it_is_asked_who_may_write_there(folder: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{folder}/central.db"
    nominations_at(url, folder)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    (folder / "central.db").rename(elsewhere / "moved.db")
    (folder / "central.db").symlink_to(elsewhere / "moved.db")
    assert contents_at(url, folder)

    elsewhere.chmod(0o770)  # the group could put a log beside the file, which SQLite would believe
    with pytest.raises(StoreError, match=f"{elsewhere}: others can write to the folder"):
        contents_at(url, folder)


def test_a_store_on_a_network_share_is_warned_about(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here every kind of disk is one of those that lie on another machine."""
    every_kind = {line.split()[2] for line in Path("/proc/mounts").read_text().splitlines()}
    monkeypatch.setattr("scan_ingest.sql.files.NETWORK_FILE_SYSTEMS", every_kind)

    url = f"sqlite:///{folder}/central.db"
    assert nominations_at(url, folder) == contents_at(url, folder)

    assert "lies on a network share, where SQLite cannot lock reliably" in caplog.text
    with sqlite3.connect(folder / "central.db") as connection:  # the other journal needs memory that programs share
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()
