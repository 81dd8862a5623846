import json
import os
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from scan_ingest.cli.checks import (
    TESSERACT,
    check_data_folder,
    check_model,
    check_opencv,
    check_poppler,
    check_store,
    check_templates,
    check_terminal,
    check_tesseract,
)
from scan_ingest.cli.doctor import as_document, verdict
from scan_ingest.domain.finding import Finding, State
from scan_ingest.errors import ExitCode, StoreError
from scan_ingest.templates import shipped_templates


def doctor(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `scan-ingest doctor` in that folder."""
    command = [sys.executable, "-m", "scan_ingest", "--data", str(folder / "data"), "doctor", *arguments]
    surroundings = {**os.environ, "COLUMNS": "200", **environment}
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=120, check=False
    )


def test_where_all_is_there_doctor_says_so(tmp_path: Path) -> None:
    done = doctor(tmp_path)
    assert done.returncode == ExitCode.DONE, done.stdout + done.stderr
    assert "All is there." in done.stdout
    assert not (tmp_path / "data").exists()


def test_json_is_one_document_and_nothing_else(tmp_path: Path) -> None:
    document = json.loads(doctor(tmp_path, "--json").stdout)
    assert document["ok"] is True
    assert [check["check"] for check in document["checks"]] == [
        "tesseract",
        "poppler",
        "opencv",
        "recognition model",
        "templates",
        "data folder",
        "workspace",
        "nominations store",
        "pictures",
    ]


def test_on_a_machine_with_nothing_installed_doctor_names_everything_and_exits_5(tmp_path: Path) -> None:
    """OpenCV's system library is missing, too: nothing that doctor needs may need OpenCV."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "cv2.py").write_text('raise ImportError("libGL.so.1: cannot open shared object file")')
    done = doctor(tmp_path, "--json", PATH=str(tmp_path), PYTHONPATH=str(tmp_path / "broken"))
    assert done.returncode == ExitCode.TOOL_MISSING, done.stderr
    wrong = {check["check"]: check for check in json.loads(done.stdout)["checks"] if check["state"] == "wrong"}
    assert set(wrong) == {"tesseract", "poppler", "opencv", "recognition model"}
    assert wrong["tesseract"]["remedy"] == TESSERACT.here()
    assert "libGL.so.1" in wrong["opencv"]["says"]


def test_a_store_that_cannot_be_reached_is_exit_code_6_and_no_password_is_shown(tmp_path: Path) -> None:
    address = "postgresql://clerk:s3cret@127.0.0.1:1/nominations"
    done = doctor(tmp_path, "--json", SCAN_INGEST_CENTRAL=address)
    assert done.returncode == ExitCode.STORE, done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_each_system_is_told_its_own_way_to_install() -> None:
    assert TESSERACT.here("linux").startswith("apt install")
    assert TESSERACT.here("darwin").startswith("brew install")
    assert TESSERACT.here("win32").startswith("winget install")


def test_the_tools_of_this_machine_are_found() -> None:
    for check in (check_tesseract, check_poppler, check_opencv, check_model):
        assert check().state is State.FINE, check()


def test_tesseract_without_english_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tesseract").write_text('#!/bin/sh\n[ "$1" = --version ] && echo tesseract 5.3.0 || echo osd\n')
    (tmp_path / "tesseract").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check_tesseract()
    assert (found.state, found.says) == (State.WRONG, "tesseract 5.3.0, without its English data")


def test_half_a_poppler_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pdftoppm").symlink_to(shutil.which("pdftoppm") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check_poppler().says == "pdfinfo, pdfimages not found on the PATH"


def test_a_template_that_is_wrong_is_exit_code_3(tmp_path: Path) -> None:
    assert check_templates(shipped_templates).state is State.FINE
    (tmp_path / "a5").mkdir()
    (tmp_path / "a5" / "template.toml").write_text("schema = 2")
    found = check_templates(lambda: tmp_path)
    assert (found.state, found.exit_code) == (State.WRONG, ExitCode.CONFIGURATION)


def test_a_data_folder_that_is_a_file_or_open_to_others_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert check_data_folder(tmp_path / "file", ()).exit_code is ExitCode.STORE
    assert check_data_folder(tmp_path / "file" / "data", ()).state is State.WRONG
    (tmp_path / "workspace").mkdir(mode=0o700)
    assert check_data_folder(tmp_path, (tmp_path / "workspace",)).state is State.FINE
    (tmp_path / "workspace").chmod(0o755)
    found = check_data_folder(tmp_path, (tmp_path / "workspace",))
    assert found.state is State.WRONG
    assert found.remedy == f"chmod 700 {tmp_path / 'workspace'}"


def test_a_store_before_the_first_batch_is_nothing_wrong(tmp_path: Path) -> None:
    def refused() -> AbstractContextManager[object]:
        raise StoreError("the store is newer than the program")

    absent = tmp_path / "workspace" / "workspace.db"
    assert check_store("workspace", absent, refused).state is State.NOTE
    assert check_store("workspace", None, refused).exit_code is ExitCode.STORE
    assert check_store("workspace", None, lambda: nullcontext("open")).state is State.FINE


def test_where_there_is_no_terminal_it_is_not_asked() -> None:
    assert check_terminal({}, is_terminal=False).state is State.NOTE


def test_the_first_thing_that_is_wrong_decides_the_exit_code() -> None:
    fine = Finding("a", State.FINE, "there")
    store = Finding("b", State.WRONG, "gone", exit_code=ExitCode.STORE)
    tool = Finding("c", State.WRONG, "gone")
    assert verdict((fine,)) is ExitCode.DONE
    assert verdict((fine, store, tool)) is ExitCode.STORE
    assert as_document((fine, tool))["ok"] is False
