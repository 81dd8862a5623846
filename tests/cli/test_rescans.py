"""`rescans` as somebody types it."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from scan_ingest.cli import parts, rescans
from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import PageRef
from scan_ingest.errors import UsageError
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import LABEL, TEXTS, a_card_page, some_writing

WRITTEN = some_writing(5)

app = typer.Typer()
app.add_typer(rescans.app, name="rescans")


def scanned(workspace: Workspace, folder: Path, name: str, nominee: str) -> None:
    (folder / name).write_bytes(name.encode())
    original = workspace.keep_original(folder / name)
    batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    page = a_card_page(PageRef(original.sha256, 1, name), TEXTS | {"nominee": nominee})
    workspace.record(batch.id, replace(page, sides=(replace(page.sides[0], likeness=WRITTEN),)))
    workspace.finish(batch.id)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office where a card of Monday was scanned again on Friday, and its nominee read in another way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        scanned(workspace, tmp_path, "monday.pdf", "Jo Ash")
        scanned(workspace, tmp_path, "friday.pdf", "Jo Asn")
    return tmp_path


def run(command: str, typed: str = "") -> Result:
    parts.use_options(data=Path("data"), templates=None, workspace=None, central=None)
    return CliRunner().invoke(app, shlex.split(command), input=typed, catch_exceptions=True)


def states(here: Path) -> dict[str, CardState]:
    """By the file that the card came in."""
    with open_workspace(None, here / "data", create=False) as workspace:
        return {card.pages[0].ref.file_name: card.state for card in workspace.cards()}


@pytest.mark.usefixtures("here")
def test_both_scans_are_listed_with_what_is_to_be_typed_next() -> None:
    said = run("rescans list").stdout
    assert "friday.pdf#1" in said
    assert "monday.pdf#1" in said
    assert said.splitlines()[-1] == "1 to settle: scan-ingest rescans look"


@pytest.mark.usefixtures("here")
def test_json_tells_the_pair_and_no_text_of_the_card() -> None:
    (line,) = [json.loads(line) for line in run("rescans list --json").stdout.splitlines()]
    assert (line["alike"], line["answer"]) == (1.0, None)
    assert "Jo" not in json.dumps(line)


def test_a_person_sees_what_differs_and_answers(here: Path) -> None:
    said = run("rescans look --reviewer Ann", "what\nr\n").stdout
    assert "≠ Jo Asn" in said
    assert "≠ Jo Ash" in said
    assert "writing 100.0% alike" in said
    assert said.splitlines()[-1] == "0 left"
    assert states(here) == {"monday.pdf": CardState.REJECTED, "friday.pdf": CardState.WAITING}


@pytest.mark.parametrize("typed", ["\n", "q\n", ""])
def test_leaving_it_for_later_changes_nothing(here: Path, typed: str) -> None:
    assert run("rescans look --reviewer Ann", typed).stdout.endswith("1 left\n")
    assert set(states(here).values()) == {CardState.WAITING}


def test_settled_by_its_id(here: Path) -> None:
    card = json.loads(run("rescans list --json").stdout)["card_id"]
    assert run(f"rescans settle {card} ignore --reviewer Ann").exit_code == 0
    assert states(here) == {"monday.pdf": CardState.WAITING, "friday.pdf": CardState.REJECTED}
    assert run("rescans list").stdout == "0 to settle\n"
    assert "ignore, Ann" in run("rescans list --all").stdout


@pytest.mark.usefixtures("here")
def test_a_card_that_was_scanned_once_cannot_be_settled() -> None:
    error = run("rescans settle 00000000000000000000 keep --reviewer Ann").exception
    assert isinstance(error, UsageError)
    assert "scan-ingest rescans list" in str(error)
