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
from tests.identified import letter, put_telling_box
from tests.online.deliveries import submission, write_csv, write_mapping
from tests.workspace.test_letters import attach

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
    "import-online d.csv --mapping mapping.toml --dry-run",
    "import-online d.csv --mapping mapping.toml",
    "import-online d.csv --mapping mapping.toml --json",
    "import-online late.csv --mapping mapping.toml",
    "duplicates show 0000000000",
    "duplicates same 0000000000",
    "hold add --nomination 0000 --reason inquiry",
    "identity redact",
    "identity page box.pdf#1 --clean",
    "identity page box.pdf#1 --area 1,2,3",
    "rescans list",
    "erase --nomination 00000000-0000-0000-0000-000000000000 --dry-run",
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
    deliver(tmp_path)
    return tmp_path


def deliver(folder: Path) -> None:
    """What a website delivers: a good row and every kind of bad one, with marked words where they are bad."""
    write_mapping(folder)
    rows = [
        submission(1, Who=NOMINEE, What_they_did=f"{ACTION} sat with me"),
        submission(2, Sent=f"{IMPACT} o'clock"),
        submission(3, Trust=REASON),
        submission(4, What_they_did=f"{ACTION}\x07"),
        submission(5, What_they_did="", What_it_meant=""),
        submission(6, What_they_did=ACTION * 10_000),
        submission(f"{NOMINEE}", Who=f"{NOMINEE}" * 200),
    ]
    write_csv(folder / "d.csv", rows)
    (folder / "late.csv").write_bytes((folder / "d.csv").read_bytes()[:-40] + b'\xff\xfe,"' + IMPACT.encode())


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


def test_a_redaction_says_and_leaves_nothing_of_what_it_takes_out_of_card_and_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for folder in ("temporary", "scans"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_telling_box(workspace, tmp_path / "scans", pages=1, letters=[letter("Zanthia Quorley\nis at home again")])
        (card,) = workspace.cards()
        attach(workspace, card.id)
    open_central(None, tmp_path / "data", create=True).close()
    commands = (f"identity redact {card.id}", "identity list", "identity page box.pdf#2 --black", "audit list", "purge")
    said = "".join(map(run, commands)) + "".join(capfd.readouterr()) + caplog.text
    kept = [path for folder in ("data", "temporary") for path in (tmp_path / folder).rglob("*") if path.is_file()]
    for word in ("zanthia", "quorley"):
        assert word not in said.lower()
        # Rows that were, pages that SQLite freed, its log, and whatever a tool wrote meanwhile.
        assert not [path for path in kept if word.encode() in path.read_bytes().lower()]
