"""purge, paper, copies and hold as somebody types them."""

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.domain.keeping import CopyKind, Kept
from scan_ingest.domain.nomination import Channel
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import InputError, StoreError, UsageError
from scan_ingest.merge import merge
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import TEXTS, put_box
from tests.online.deliveries import submission, write_csv, write_mapping

LEASE = timedelta(minutes=15)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site's folder: a box of two cards, one of them reviewed and merged."""
    monkeypatch.chdir(tmp_path)
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, 2)
        accept_next(workspace)
        with open_central(None, tmp_path / "data", create=True) as central:
            merge(workspace, central)
    keep(tmp_path, pictures_days=0, workspace_days=0, nominations_days=0)
    return tmp_path


def accept_next(workspace: Workspace) -> None:
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", card.texts))


def finish(site: Path) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        accept_next(workspace)
        with open_central(None, site / "data", create=False) as central:
            merge(workspace, central)


def keep(site: Path, **days: int) -> None:
    rules = "".join(f"{name} = {number}\n" for name, number in days.items())
    (site / "scan_ingest.toml").write_text(f"[keep]\n{rules}", encoding="utf-8")


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_paper_says_what_each_box_waits_for(site: Path) -> None:
    assert "keep: 1 to review" in typed("paper").stdout
    finish(site)
    assert "may be destroyed" in typed("paper").stdout
    (line,) = typed("paper", "--json").stdout.splitlines()
    assert json.loads(line)["may_be_destroyed"] is True


def test_a_dry_run_says_what_would_go_and_changes_nothing(site: Path) -> None:
    finish(site)
    before = sorted(path for path in (site / "data").rglob("*.jpg"))
    shown = typed("purge", "--dry-run")
    assert shown.exit_code == 0
    assert "b0001  Northgate, Ash: pictures and workspace" in shown.stdout
    assert "Northgate: 2 nominations" in shown.stdout
    assert sorted(path for path in (site / "data").rglob("*.jpg")) == before
    assert not (site / "data" / "certificates").exists()


def test_what_goes_is_certified_without_a_word_of_it(site: Path) -> None:
    finish(site)
    told = json.loads(typed("purge", "--json").stdout)
    assert told["batches"] == [{"batch_id": "b0001", "what": ["pictures", "workspace"]}]
    assert told["nominations"] == {"Northgate": 2}
    certificate = Path(told["certificate"])
    assert certificate.stat().st_mode & 0o77 == 0
    text = certificate.read_text(encoding="utf-8")
    assert "b0001  Northgate, Ash, box of 2026-03-02: pictures (2 pages, 2 cards)" in text
    assert "b0001  Northgate, Ash, box of 2026-03-02: workspace (2 pages, 2 cards)" in text
    assert "Northgate: 2 nominations" in text
    assert not [word for word in TEXTS.values() if word in text and word != "carer"]
    for path in (site / "data").rglob("*"):
        assert not path.is_file() or TEXTS["action"].encode() not in path.read_bytes(), path
    # The next run has nothing to do, and a merge brings nothing back.
    assert json.loads(typed("purge", "--json").stdout)["certificate"] is None
    assert json.loads(typed("merge", "--json").stdout)["inserted"] == 0
    assert typed("audit", "verify").exit_code == 0


def test_purges_that_no_certificate_tells_of_are_not_called_broken_off(site: Path) -> None:
    finish(site)
    with open_workspace(None, site / "data", create=False) as workspace:
        workspace.purge("b0001", frozenset(Kept))
    with open_central(None, site / "data", create=False) as central:
        central.purge(date(2100, 1, 1))
    shown = typed("purge").stdout
    assert "What went earlier was not accounted for in the audit until now. Certificate: " in shown
    assert "Nothing is old enough" in typed("purge").stdout


@pytest.mark.usefixtures("site")
def test_a_box_on_which_something_waits_keeps_everything_but_its_old_nominations() -> None:
    told = json.loads(typed("purge", "--json").stdout)
    assert told["batches"] == []
    assert told["nominations"] == {"Northgate": 1}


def test_without_rules_nothing_goes(site: Path) -> None:
    finish(site)
    keep(site)
    shown = typed("purge")
    assert shown.exit_code == 0
    assert "Nothing goes" in shown.stdout


def test_a_hold_on_a_card_holds_its_nomination_and_its_box(site: Path) -> None:
    finish(site)
    with open_workspace(None, site / "data", create=False) as workspace:
        card = next(workspace.cards())
    assert typed("hold", "add", "--card", card.id, "--reason", "a complaint").exit_code == 0
    assert "2 holds" in typed("hold", "list").stdout
    told = json.loads(typed("purge", "--json").stdout)
    assert (told["batches"], told["nominations"]) == ([], {"Northgate": 1})
    assert "1 legal hold" in typed("paper").stdout
    for store in ("workspace", "central"):
        assert typed("hold", "end", store, "1").exit_code == 0
    assert "0 holds" in typed("hold", "list").stdout
    assert len(typed("hold", "list", "--ended", "--json").stdout.splitlines()) == 2


def test_a_hold_on_a_box_holds_what_the_store_has_of_it(site: Path) -> None:
    finish(site)
    assert typed("hold", "add", "--batch", "B0001", "--reason", "an inquiry").exit_code == 0
    told = json.loads(typed("purge", "--json").stdout)
    assert (told["batches"], told["nominations"]) == ([], {})


@pytest.mark.usefixtures("site")
def test_a_hold_names_one_thing_and_a_reason() -> None:
    assert isinstance(typed("hold", "add", "--reason", "x").exception, UsageError)
    assert isinstance(typed("hold", "add", "--batch", "b0001", "--reason", " ").exception, UsageError)
    assert isinstance(typed("hold", "end", "somewhere", "1").exception, UsageError)


def test_files_written_out_are_listed(site: Path) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        workspace.note_copy(CopyKind.QUEUE, site / "cards.jsonl", batch_id="b0001")
    shown = typed("copies").stdout
    assert "cards.jsonl" in shown
    assert "1 file" in shown


def test_a_wrong_folder_is_no_empty_store(tmp_path: Path) -> None:
    for command in ("purge", "copies"):
        assert isinstance(typed("--data", str(tmp_path / "nowhere"), command).exception, StoreError)


def test_the_websites_nominations_are_held_by_the_beginning_of_their_number(site: Path) -> None:
    write_mapping(site)
    write_csv(site / "d.csv", [submission(1), submission(2)])
    assert typed("import-online", "d.csv", "--mapping", "mapping.toml").exit_code == 0
    with open_central(None, site / "data", create=False) as central:
        first, _ = (one.id for one in central.nominations() if one.channel is Channel.ONLINE)
    assert isinstance(typed("hold", "add", "--nomination", "0000", "--reason", "x").exception, InputError)
    assert typed("hold", "add", "--nomination", first[:12], "--reason", "a complaint").exit_code == 0
    assert json.loads(typed("purge", "--json").stdout)["nominations"] == {"Northgate": 1, "Northgate Trust": 1}
    with open_central(None, site / "data", create=False) as central:
        assert [one.id for one in central.nominations()] == [first]
    assert isinstance(typed("erase", "--nomination", first, "--yes").exception, StoreError)


# A program that is killed when a file that it wrote is to take its place.
KILLED = """
import os, sys

def step(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(sys.argv[-1]):
        os.kill(os.getpid(), 9)

sys.addaudithook(step)
from scan_ingest.__main__ import main
main()
"""


@pytest.mark.parametrize(
    "command", [("queue", "export", "cards.jsonl"), ("queue", "export", "cards.xlsx"), ("sheet", "b0001", "cards.html")]
)
def test_of_a_file_that_was_being_written_by_a_program_that_was_killed_it_is_known(
    site: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "--data", str(site / "data"), *command[:-1], str(tmp_path / command[-1])],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr
    assert command[-1] in typed("copies").stdout
