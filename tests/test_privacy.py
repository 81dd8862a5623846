"""No word from a card where none belongs: marked words are seeded, then everything that was written is searched."""

import json
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import RunError
from scan_ingest.workspace import open_workspace
from tests.drawing.box import put_box

MARKS = ("Zyxquark", "Quibblethorn", "Vexlowmere", "Drumbleswick")
NOMINEE, ACTION, IMPACT, REASON = MARKS
TEXTS = {
    "nominee": f"Jo {NOMINEE}",
    "nominator": "carer",
    "action": f"{ACTION} sat with my father",
    "impact": f"He told {IMPACT}",
}
QUIET = (
    "batches",
    "pages b0001",
    "queue list",
    "paper",
    "merge --dry-run",
    "merge",
    "merge --json",
    "audit list",
    "audit list --json",
    "audit heads",
    "audit verify --json",
    "hold add --batch b0001 --reason inquiry",
    "hold list",
    "purge --dry-run",
    "copies",
    "store check",
    "queue import corrections.jsonl --reviewer ben",
    "queue import none.jsonl --reviewer ben",
    "export nowhere/out.csv",
    "export out.docx",
    "review --plain --card 00000000000000000000",
    "--central postgresql://nobody@127.0.0.1:1/none merge",
)
"""Commands that show or carry cards without showing what is on them, and some that fail."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site with marked words on every card, read, accepted and rejected; and corrections full of mistakes."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    with open_workspace(None, tmp_path / "data", create=True, person="clerk") as workspace:
        put_box(workspace, tmp_path, 3, texts=TEXTS)
        for decision in (Decision.ACCEPT, Decision.REJECT):
            card = workspace.claim_next("ann", timedelta(minutes=5))
            assert card is not None
            reason = f"abusive to {REASON}" if decision is Decision.REJECT else ""
            workspace.decide(Review(card.id, decision, "ann", datetime.now(UTC), reason, card.texts))
    open_central(None, tmp_path / "data", create=True).close()
    bad = [
        {"card_id": card.id, "decision": "accept", "fields": {"action": f"{ACTION}\u0000"}},
        {"card_id": card.id, "decision": f"{IMPACT}"},
        {"card_id": card.id, "decision": "accept", "fields": {"nominator": NOMINEE}},
    ]
    lines = [json.dumps(line) for line in bad] + [f"{ACTION} is no JSON"]
    (tmp_path / "corrections.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def run(command: str) -> str:
    """What the command prints, on both streams, with the line that it ends in where it fails."""
    done = CliRunner().invoke(app, command.split())
    assert done.exception is None or isinstance(done.exception, RunError | SystemExit), repr(done.exception)
    return f"{done.output}{done.stderr}{done.exception or ''}"


def test_marked_words_are_in_no_output_error_log_audit_or_temporary_file(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for command in QUIET:
        printed = run(command)
        # A rejection's reason is shown to whoever works the queue; it is no answer.
        shown = [mark for mark in MARKS if mark in printed and not (command == "queue list" and mark == REASON)]
        assert not shown, command
    assert not [mark for mark in MARKS if mark in caplog.text]
    left = [path for path in (site / "temporary").rglob("*") if path.is_file()]
    assert not [path for path in left if any(mark.encode() in path.read_bytes() for mark in MARKS)]
    for name in ("workspace", "central"):
        connection = sqlite3.connect(site / "data" / name / f"{name}.db")
        rows = repr(connection.execute(f"SELECT * FROM {name}_audit").fetchall())
        connection.close()
        assert not [mark for mark in MARKS if mark in rows]
    # The search would find them: they are in the stores themselves.
    kept = b"".join(path.read_bytes() for path in (site / "data" / "central").iterdir())
    assert NOMINEE.encode() in kept


def test_a_file_that_the_program_makes_is_its_owners_alone(site: Path) -> None:
    for command in (
        "merge",
        "export out.csv",
        "queue export cards.jsonl",
        "store backup all.backup",
        "export out.xlsx",
    ):
        run(command)
    made = [site / name for name in ("out.csv", "cards.jsonl", "all.backup", "out.xlsx")]
    for folder in ("data", "cards.jsonl_pictures"):
        made += (site / folder).rglob("*")
    open_ones = [path for path in made if path.stat().st_mode & 0o77 and path != site / "data"]
    assert open_ones == []
