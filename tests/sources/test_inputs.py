from pathlib import Path

import pytest

from scan_ingest.errors import ExitCode, InputError
from scan_ingest.sources.inputs import find_files


def scans(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"scan")


def found(*arguments: Path, under: Path) -> list[str]:
    return [file.relative_to(under).as_posix() for file in find_files(arguments)]


def test_page_two_comes_before_page_ten_whatever_the_case(tmp_path: Path) -> None:
    scans(tmp_path, "page10.jpg", "Page2.jpg", "page1.jpg", "PAGE03.jpg")
    assert found(tmp_path, under=tmp_path) == ["page1.jpg", "Page2.jpg", "PAGE03.jpg", "page10.jpg"]


def test_a_folder_s_own_files_come_first_then_its_folders_in_natural_order(tmp_path: Path) -> None:
    scans(tmp_path, "box10/a.pdf", "box9/b.pdf", "box9/sub/c.pdf", "z.pdf")
    assert found(tmp_path, under=tmp_path) == ["z.pdf", "box9/b.pdf", "box9/sub/c.pdf", "box10/a.pdf"]


def test_files_keep_the_order_they_were_named_in(tmp_path: Path) -> None:
    scans(tmp_path, "b.pdf", "a.pdf")
    assert found(tmp_path / "b.pdf", tmp_path / "a.pdf", under=tmp_path) == ["b.pdf", "a.pdf"]


def test_what_windows_and_macos_leave_behind_is_passed_over_but_strangers_are_kept(tmp_path: Path) -> None:
    scans(tmp_path, "Thumbs.db", "thumbs.DB", "Desktop.ini", ".DS_Store", "._a.pdf", ".git/x.pdf", "a.pdf", "list.docx")
    assert found(tmp_path, under=tmp_path) == ["a.pdf", "list.docx"]


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    scans(tmp_path, "a.pdf", "b.pdf")
    assert found(tmp_path / "b.pdf", tmp_path, tmp_path / "a.pdf", under=tmp_path) == ["b.pdf", "a.pdf"]


def test_links_that_go_round_in_a_circle_are_followed_once(tmp_path: Path) -> None:
    scans(tmp_path, "box/a.pdf")
    (tmp_path / "box" / "again").symlink_to(tmp_path / "box", target_is_directory=True)
    (tmp_path / "box" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert found(tmp_path / "box", under=tmp_path) == ["box/a.pdf"]


def test_a_link_that_leads_nowhere_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nothing.pdf")
    assert found(tmp_path, under=tmp_path) == ["gone.pdf"]


def test_an_argument_that_does_not_exist_is_named_and_is_an_input_error(tmp_path: Path) -> None:
    scans(tmp_path, "a.pdf")
    with pytest.raises(InputError, match=r"box7\.pdf: no such file") as caught:
        find_files([tmp_path / "a.pdf", tmp_path / "box7.pdf"])
    assert caught.value.exit_code is ExitCode.INPUT


def test_a_folder_without_a_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file to read"):
        find_files([tmp_path])
