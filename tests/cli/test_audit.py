"""`scan-ingest audit` as somebody types it."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scan_ingest.cli.app import app
from scan_ingest.errors import ExitCode, InputError, UsageError
from scan_ingest.workspace import open_workspace
from tests.drawing.box import put_box


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    with open_workspace(None, data, create=True, person="clerk") as workspace:
        put_box(workspace, tmp_path, 2)
    return data


def typed(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--data", str(data), "audit", *words])


def test_the_list_tells_who_did_what_on_which_batch(data: Path) -> None:
    shown = typed(data, "list")
    assert shown.exit_code == 0
    assert "clerk" in shown.stdout
    assert "2 rows" in shown.stdout
    rows = [json.loads(line) for line in typed(data, "list", "--json", "--act", "ingest").stdout.splitlines()]
    assert [(row["store"], row["act"], row["subject"], row["detail"]["cards"]) for row in rows] == [
        ("workspace", "ingest", "b0001", 2)
    ]
    assert "0 rows" in typed(data, "list", "--until", "2020-01-01").stdout


def test_a_row_changed_behind_the_programs_back_is_found(data: Path) -> None:
    assert typed(data, "verify").exit_code == 0
    connection = sqlite3.connect(data / "workspace" / "workspace.db")
    with connection:
        connection.execute("UPDATE workspace_audit SET person = 'nobody' WHERE number = 1")
    connection.close()
    shown = typed(data, "verify", "--json")
    assert shown.exit_code == ExitCode.STORE
    assert json.loads(shown.stdout)["faults"] == [
        {
            "store": "workspace",
            "organisation": "Northgate",
            "number": 1,
            "why": "it was changed after it was written",
        }
    ]


def test_an_end_cut_off_with_its_head_is_found_by_the_heads_kept_elsewhere(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "heads.jsonl"
    kept.write_text(typed(data, "heads", "--json").stdout, encoding="utf-8")
    assert typed(data, "verify", "--heads", str(kept)).exit_code == 0
    connection = sqlite3.connect(data / "workspace" / "workspace.db")
    with connection:
        connection.execute("DELETE FROM workspace_audit WHERE number = 2")
        connection.execute(
            "UPDATE workspace_audit_heads SET number = 1, hash = (SELECT hash FROM workspace_audit WHERE number = 1)"
        )
    connection.close()
    assert typed(data, "verify").exit_code == 0
    shown = typed(data, "verify", "--heads", str(kept))
    assert shown.exit_code == ExitCode.STORE
    assert "the end is cut off: there was a row 2" in shown.stdout


def test_a_wrong_day_and_a_wrong_file_are_told(data: Path, tmp_path: Path) -> None:
    assert isinstance(typed(data, "list", "--since", "yesterday").exception, UsageError)
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"store": "central"}\n', encoding="utf-8")
    refused = typed(data, "verify", "--heads", str(wrong)).exception
    assert isinstance(refused, InputError)
    assert "line 1" in str(refused)
