"""A store is backed up into one file and restored, into either kind of database, with nothing lost or altered."""

import hashlib
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from scan_ingest.central.kind import KIND as CENTRAL
from scan_ingest.errors import InputError, StoreError
from scan_ingest.sql import address
from scan_ingest.sql.backup import MANIFEST, kind_of, restore_backup, write_backup
from scan_ingest.sql.opening import empty_place
from scan_ingest.workspace import open_workspace
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.drawing.box import put_box
from tests.sql.stores import contents_at, nominations_at, older_workspace, reached


@pytest.fixture
def backup(store_url: str, tmp_path: Path) -> Path:
    """A backup of three nominations, on each kind of database."""
    nominations_at(store_url, tmp_path)
    return written(store_url, tmp_path / "backup.zip")


def written(url: str, file: Path, *, force: bool = False) -> Path:
    with reached(url, CENTRAL) as engine:
        write_backup(engine, CENTRAL, file.parent, file, with_files=True, force=force)
    return file


def restored(url: str, file: Path) -> None:
    with empty_place(address(url), CENTRAL) as engine:
        restore_backup(engine, CENTRAL, file.parent, file)


def test_a_restored_store_is_the_one_that_was_backed_up(store_url: str, other_url: str, tmp_path: Path) -> None:
    before = nominations_at(store_url, tmp_path)
    file = written(store_url, tmp_path / "backup.zip")

    restored(other_url, file)

    assert contents_at(other_url, tmp_path) == before
    assert (kind_of(file), stat.S_IMODE(file.stat().st_mode)) == ("central", 0o600)


def test_a_backup_overwrites_nothing_unless_told_to(backup: Path, store_url: str) -> None:
    before = backup.read_bytes()
    with pytest.raises(InputError, match="is there already; --force overwrites it"):
        written(store_url, backup)
    assert backup.read_bytes() == before
    written(store_url, backup, force=True)
    assert [path.name for path in backup.parent.glob(".backup*")] == []


def test_a_backup_is_not_restored_over_anything(backup: Path, store_url: str, tmp_path: Path) -> None:
    before = contents_at(store_url, tmp_path)
    with pytest.raises(StoreError, match="with something in it"):
        restored(store_url, backup)
    assert contents_at(store_url, tmp_path) == before


def changed(backup: Path, member: str, old: bytes, new: bytes) -> None:
    """Writes the backup again with something else in one member."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members[member]
    members[member] = members[member].replace(old, new)
    with zipfile.ZipFile(backup, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("member", "old", "new", "said"),
    [
        ("tables/nominations.jsonl", b"I slept 3 hours", b"I slept 9 hours", "nominations is not what the backup says"),
        (MANIFEST, b'"version":"', b'"version":"9', "newer than this program"),
        (MANIFEST, b'"format":1', b'"format":2', "made by a newer program"),
        (MANIFEST, b'"store":"central"', b'"store":"workspace"', "a backup of a workspace"),
        (MANIFEST, b"{", b"[", "no backup of scan-ingest, or a damaged one"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused_and_nothing_kept(
    member: str, old: bytes, new: bytes, said: str, tmp_path: Path, backup: Path
) -> None:
    if member == MANIFEST:  # it is indented for people
        with zipfile.ZipFile(backup) as archive:
            plain = json.dumps(json.loads(archive.read(MANIFEST)), separators=(",", ":")).encode()
            changed(backup, MANIFEST, archive.read(MANIFEST), plain)
    changed(backup, member, old, new)

    with pytest.raises((InputError, StoreError), match=said):
        restored(f"sqlite:///{tmp_path}/fresh/new.db", backup)

    assert not list((tmp_path / "fresh").glob("*"))


def test_a_backup_cut_short_is_refused(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-400])
    with pytest.raises(InputError, match="no backup of scan-ingest, or a damaged one"):
        restored(f"sqlite:///{tmp_path}/new.db", backup)


def test_a_workspace_is_restored_with_its_pictures_and_goes_on_counting(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, scans, 2)
        cards = list(workspace.cards())
    file = tmp_path / "backup.zip"
    with reached(f"sqlite:///{tmp_path}/data/workspace/workspace.db", WORKSPACE) as engine:
        done = write_backup(engine, WORKSPACE, tmp_path / "data" / "workspace", file, with_files=True, force=False)
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "data" / "workspace").mkdir(parents=True, mode=0o700)

    with empty_place(address(f"sqlite:///{tmp_path}/data/workspace/workspace.db"), WORKSPACE) as engine:
        restore_backup(engine, WORKSPACE, tmp_path / "data" / "workspace", file)

    assert (done.missing, done.files > 2) == ((), True)
    with open_workspace(None, tmp_path / "data", create=False) as workspace:
        assert list(workspace.cards()) == cards
        assert workspace.side_picture(cards[0].id, "front")
        assert put_box(workspace, scans, 1, name="again.pdf").id == "b0002"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").rglob("*.jpg")} == {0o600}


def test_a_picture_that_is_gone_is_told_by_the_backup(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, scans, 1)
    folder = tmp_path / "data" / "workspace"
    gone = next((folder / "pictures").rglob("*.jpg"))
    gone.unlink()
    with reached(f"sqlite:///{folder}/workspace.db", WORKSPACE) as engine:
        done = write_backup(engine, WORKSPACE, folder, tmp_path / "backup.zip", with_files=True, force=False)
    assert done.missing == (gone.relative_to(folder).as_posix(),)


@pytest.fixture
def of_workspace(tmp_path: Path) -> Path:
    """A backup of a workspace of one card, with its files."""
    (tmp_path / "scans").mkdir()
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path / "scans", 1)
    folder = tmp_path / "data" / "workspace"
    with reached(f"sqlite:///{folder}/workspace.db", WORKSPACE) as engine:
        write_backup(engine, WORKSPACE, folder, tmp_path / "backup.zip", with_files=True, force=False)
    return tmp_path / "backup.zip"


def made_up(backup: Path, change: Callable[[dict[str, bytes]], None], packed: int = zipfile.ZIP_STORED) -> None:
    """Writes the backup again as somebody does who makes one up: the manifest agrees with what was changed."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    manifest = json.loads(members.pop(MANIFEST))
    manifest["files"] = sum(name.startswith("files/") for name in members)
    for table, said in manifest["tables"].items():
        lines = members[f"tables/{table}.jsonl"]
        said |= {"rows": lines.count(b"\n"), "sha256": hashlib.sha256(lines).hexdigest()}
    with zipfile.ZipFile(backup, "w", packed) as archive:
        for name, content in {**members, MANIFEST: json.dumps(manifest).encode()}.items():
            archive.writestr(name, content)


def refused_as(said: str, backup: Path, folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    place = address(f"sqlite:///{folder}/workspace.db")
    with pytest.raises(InputError, match=said), empty_place(place, WORKSPACE) as engine:
        restore_backup(engine, WORKSPACE, folder, backup)
    assert not (folder / "workspace.db").exists()


@pytest.mark.parametrize("place", ["nominations.sqlite", "drafts/a.draft", "originals/../nominations.sqlite"])
def test_only_kept_files_are_restored_and_nothing_else_is_touched(
    place: str, of_workspace: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    theirs = folder / PurePosixPath(place).name
    folder.mkdir(mode=0o700)
    theirs.write_text("another store")
    made_up(of_workspace, lambda members: members.update({f"files/{place}": b"of other hands"}))
    refused_as("a file that no store keeps", of_workspace, folder)
    assert theirs.read_text() == "another store"
    assert [path.name for path in folder.iterdir() if path.is_file()] == [theirs.name]


def test_a_file_that_is_not_what_its_name_says_takes_no_place(of_workspace: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"the scan").hexdigest()
    kept = tmp_path / "new" / "originals" / digest[:2] / f"{digest}.pdf"
    kept.parent.mkdir(parents=True, mode=0o700)
    kept.write_bytes(b"half the sc")  # of a damaged disk, but better than nothing
    place = f"files/originals/{digest[:2]}/{digest}.pdf"
    made_up(of_workspace, lambda members: members.update({place: b"another scan"}))
    refused_as("is not what its name says", of_workspace, tmp_path / "new")
    assert kept.read_bytes() == b"half the sc"


def test_files_that_are_missing_from_a_backup_are_told(of_workspace: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(of_workspace) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if not name.startswith("files/pictures")}
    with zipfile.ZipFile(of_workspace, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    refused_as("it says that it holds", of_workspace, tmp_path / "new")


@pytest.mark.parametrize(
    "row", [b"[1]", b"{}", b"[[[", b'["x", 1, 2, 3, 4, 5, 6, 7]', b"[" * 5000, b"9" * 5000, b"\xff", b'[1, "\\ud800"]']
)
def test_rows_that_are_none_are_refused(row: bytes, of_workspace: Path, tmp_path: Path) -> None:
    made_up(of_workspace, lambda members: members.update({"tables/reviews.jsonl": row + b"\n"}))
    refused_as("table reviews holds what is no row of it", of_workspace, tmp_path / "new")


def test_a_row_that_names_a_file_elsewhere_is_refused(of_workspace: Path, tmp_path: Path) -> None:
    def as_written(row: list[object]) -> bytes:
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()

    def elsewhere(members: dict[str, bytes]) -> None:
        pages = [json.loads(line) for line in members["tables/pages.jsonl"].splitlines()]
        named = [["../../id_rsa" if str(one).startswith("pictures/") else one for one in page] for page in pages]
        members["tables/pages.jsonl"] = b"".join(as_written(page) + b"\n" for page in named)

    made_up(of_workspace, elsewhere)
    refused_as("names a file outside", of_workspace, tmp_path / "new")


def test_a_row_is_held_in_memory_up_to_a_length_only(
    of_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scan_ingest.sql.backup.LONGEST_LINE", 100_000)
    made_up(of_workspace, lambda members: members.update({"tables/reviews.jsonl": b" " * 100_001 + b"\n"}))
    refused_as("table reviews has a row of more than", of_workspace, tmp_path / "new")


@pytest.mark.parametrize("packed", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_what_unpacks_to_a_million_times_its_size_is_no_backup(packed: int, of_workspace: Path, tmp_path: Path) -> None:
    made_up(of_workspace, lambda _: None, packed)
    refused_as("no backup of scan-ingest, or a damaged one", of_workspace, tmp_path / "new")


def test_entries_that_lie_in_each_other_are_no_backup(of_workspace: Path, tmp_path: Path) -> None:
    """Each entry of the directory would be unpacked again."""
    with zipfile.ZipFile(of_workspace, "a") as archive:
        last = max(archive.infolist(), key=lambda entry: entry.compress_size)
        archive.filelist += [last] * 3
        archive._didModify = True  # type: ignore[attr-defined]  # so that the directory is written anew
    refused_as("no backup of scan-ingest, or a damaged one", of_workspace, tmp_path / "new")


def test_a_backup_of_an_older_store_is_restored_as_this_programs(store_url: str, tmp_path: Path) -> None:
    older_workspace(store_url)
    with reached(store_url, WORKSPACE) as engine:
        write_backup(engine, WORKSPACE, tmp_path, tmp_path / "old.zip", with_files=True, force=False)

    with empty_place(address(f"sqlite:///{tmp_path}/new.db"), WORKSPACE) as engine:
        restore_backup(engine, WORKSPACE, tmp_path, tmp_path / "old.zip")

    with open_workspace(f"sqlite:///{tmp_path}/new.db", tmp_path, create=False) as workspace:
        assert [summary.batch.label.ward for summary in workspace.batches()] == ["Ash"]
