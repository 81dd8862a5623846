"""Every act is one row in the chain of the organisation that it concerns, and a row, a gap or an end that was touched
shows, in each store."""

import json
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.errors import ExitCode
from scan_ingest.workspace import open_workspace
from tests.identified import accept_all, put_telling_box
from tests.online.deliveries import submission, write_csv, write_mapping

FALL = "Sat with my mother after her fall and found her glasses in the laundry."
Row = tuple[str, str, str]
"""Store, act, organisation."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two accepted cards, one of which tells who a patient is, and two submissions of the website that may be one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans").mkdir()
    write_mapping(tmp_path)
    said = {"Who": "Ngozi Bell", "What_they_did": FALL}
    write_csv(tmp_path / "d.csv", [submission(1, **said), submission(2, **said)])
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_telling_box(workspace, tmp_path / "scans")
        accept_all(workspace)
    open_central(None, tmp_path / "data", create=True).close()
    return tmp_path


def run(*command: str) -> str:
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, (command, done.output, done.exception)
    return done.stdout


def rows() -> list[Row]:
    lines = [json.loads(line) for line in run("audit", "list", "--json").splitlines()]
    return [(line["store"], line["act"], line["organisation"]) for line in lines]


def told_of(*command: str) -> list[Row]:
    """What the command adds to the audit."""
    before = rows()
    run(*command)
    left = rows()
    for row in before:
        left.remove(row)
    return sorted(left)


def test_each_act_is_one_row_where_it_belongs(site: Path) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        telling = next(card.id for card in workspace.cards() if "Zanthia" in card.texts["action"])
    ours, theirs = "Northgate", "Northgate Trust"
    assert told_of("merge") == [("central", "merge", ours)]
    assert told_of("identity", "keep", telling, "--reason", "is staff") == [("workspace", "identity", ours)]
    redacted = told_of("identity", "redact", telling, "--words", "Zanthia Quorley")
    assert redacted == [("workspace", "redact", ours)]
    assert told_of("merge") == [("central", "merge", ours)]
    online = told_of("import-online", "d.csv", "--mapping", "mapping.toml")
    assert online == [("central", "import-online", theirs)]
    with open_central(None, site / "data", create=False) as central:
        (pair,) = [one for one in central.possible_duplicates() if one.first.organisation == theirs]
    assert told_of("duplicates", "same", pair.id) == [("central", "duplicate", theirs)]
    assert told_of("hold", "add", "--batch", "b0001", "--reason", "x") == [("workspace", "hold", ours)]
    assert told_of("hold", "end", "workspace", "1") == [("workspace", "hold", ours)]
    held = told_of("hold", "add", "--nomination", pair.first.id, "--reason", "x")
    assert held == [("central", "hold", theirs)]
    assert told_of("hold", "end", "central", "1") == [("central", "hold", theirs)]
    assert told_of("export", "out.csv", "--organisation", ours) == [("central", "export", ours)]
    assert told_of("queue", "export", "cards.jsonl", "--batch", "b0001") == [("workspace", "queue-export", ours)]
    assert told_of("sheet", "b0001", "sheet.html") == [("workspace", "sheet", ours)]
    assert told_of("subject", "jo.txt", "--name", "Ngozi Bell") == [("central", "subject", theirs)]
    assert told_of("store", "backup", "all.backup") == [("central", "backup", "")]
    assert told_of("store", "copy", "--to", "sqlite:///copied.db") == [("central", "copy", "")]
    assert "copied.db" in run("copies")
    assert told_of("erase", "--nomination", pair.first.id, "--yes") == [("central", "erase", theirs)]
    (site / "scan_ingest.toml").write_text("[keep]\npictures_days = 0\nworkspace_days = 0\nnominations_days = 0\n")
    assert told_of("purge") == [
        ("central", "certificate", ours),
        ("central", "certificate", theirs),
        ("central", "purge", ours),
        ("central", "purge", theirs),
        ("workspace", "certificate", ours),
        ("workspace", "purge", ours),  # of pictures,
        ("workspace", "purge", ours),  # and of what was read and typed
    ]
    for nothing in (
        ["purge"],
        ["merge"],
        ["identity", "list"],
        ["paper"],
        ["import-online", "d.csv", "--mapping", "mapping.toml"],
    ):
        assert told_of(*nothing) == []
    assert "as they were written" in run("audit", "verify")


def test_a_restored_store_says_that_it_was_restored(site: Path) -> None:
    run("merge")
    run("store", "backup", "all.backup")
    (site / "data" / "central").rename(site / "kept")
    assert told_of_restore() == [("central", "restore", "")]
    assert "as they were written" in run("audit", "verify")


def told_of_restore() -> list[Row]:
    run("store", "restore", "all.backup")
    return [row for row in rows() if row[1] == "restore"]


TOUCHED = {
    "changed": ("UPDATE {0}_audit SET detail = '{{}}' WHERE number = 2", "changed after it was written"),
    "renamed": ("UPDATE {0}_audit SET act = 'export' WHERE number = 1", "changed after it was written"),
    "taken out": ("DELETE FROM {0}_audit WHERE number = 2", "rows are missing"),
    "cut off": ("DELETE FROM {0}_audit WHERE number >= 2", "the end is cut off"),
    "moved": ("UPDATE {0}_audit SET organisation = 'Elsewhere' WHERE number >= 2", "rows are missing"),
    "emptied": ("DELETE FROM {0}_audit", "the end is cut off"),
}


@pytest.mark.parametrize("store", ["workspace", "central"])
@pytest.mark.parametrize("how", TOUCHED)
def test_what_was_touched_shows_in_each_store(site: Path, store: str, how: str) -> None:
    run("merge")
    with open_central(None, site / "data", create=False) as central:
        (nomination,) = central.nominations()
    for _ in range(2):
        run("hold", "add", "--nomination", nomination.id, "--reason", "x")
    statement, why = TOUCHED[how]
    connection = sqlite3.connect(site / "data" / store / f"{store}.db")
    with connection:
        connection.execute(statement.format(store))
    connection.close()
    done = CliRunner().invoke(app, ["audit", "verify"])
    assert done.exit_code == ExitCode.STORE
    assert any(line.startswith(store) and why in line for line in done.stdout.splitlines())
