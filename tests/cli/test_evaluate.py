"""`evaluate` as somebody types it."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from scan_ingest.cli import evaluate, parts
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import ExitCode, RunError
from scan_ingest.workspace import open_workspace
from tests.drawing.box import put_box

WRITTEN = {"action": "Sat with my mother", "nominee": "Jo Ash-Bell"}

app = typer.Typer()
app.command("evaluate")(evaluate.evaluate)
app.command("other")(lambda: None)  # so that the command keeps its name


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A box of seven cards, nobody has looked at any."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, 7)
    return tmp_path


@pytest.fixture
def reviewed(office: Path) -> Path:
    """Six of its cards accepted, on three days, with two fields corrected."""
    with open_workspace(None, office / "data", create=False) as workspace:
        for number in range(6):
            card = workspace.claim_next("ann", timedelta(minutes=5))
            assert card is not None
            at = datetime(2026, 3, 4 + number // 2, 9, tzinfo=UTC)
            workspace.decide(Review(card.id, Decision.ACCEPT, "ann", at, texts=WRITTEN))
    return office


def run(command: str) -> Result:
    parts.use_options(data=Path("data"), templates=None, workspace=None, central=None)
    return CliRunner().invoke(app, shlex.split(command))


def document(command: str) -> dict[str, Any]:
    done = run(command)
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("office")
def test_where_nothing_was_accepted_a_line_says_so() -> None:
    done = run("evaluate --picture e.svg")
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 1
    assert "no card was accepted" in done.stdout
    assert not Path("e.svg").exists()
    assert document("evaluate --json")["cards"] == 0


def test_one_card_is_told_of_without_intervals(office: Path) -> None:
    with open_workspace(None, office / "data", create=False) as workspace:
        card = workspace.claim_next("ann", timedelta(minutes=5))
        assert card is not None
        at = datetime(2026, 3, 4, 9, tzinfo=UTC)
        workspace.decide(Review(card.id, Decision.ACCEPT, "ann", at, texts=WRITTEN))
    shown = run("evaluate --picture e.svg").stdout
    assert shown.startswith("1 accepted card, ")
    assert "too few" in shown
    assert Path("e.svg").exists()
    total = document("evaluate --json")["total"]
    assert {figures["cards"] for figures in total.values()} <= {0, 1}
    assert all(figures["interval"] is None for figures in total.values())


@pytest.mark.usefixtures("reviewed")
def test_the_tables_fit_eighty_columns() -> None:
    shown = run("evaluate").stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    for expected in ("6 accepted cards", "2026-03-04 to 2026-03-06", "nominator (ticks)", "Ash", "nomination-a5"):
        assert expected in shown


@pytest.mark.usefixtures("reviewed")
def test_the_document_has_the_same_numbers() -> None:
    found = document("evaluate --json")
    action = found["by"]["field"]["action"]
    assert (action["wer"]["count"], action["wer"]["of"], action["wer"]["rate"]) == (6, 24, 0.25)
    assert action["raw_cer"]["count"] > action["cer"]["count"]  # the raw reading has no capital
    assert action["wrong_words_unflagged"]["rate"] == 0
    assert found["by"]["field"]["nominator"]["choices_right"]["rate"] == 1
    assert list(found["by"]["day"]) == ["2026-03-04", "2026-03-05", "2026-03-06"]
    assert [bin_["words"] for bin_ in found["calibration"]["bins"]] == [0, 0, 0, 0, 0, 0, 0, 48, 0, 0]


@pytest.mark.usefixtures("reviewed")
def test_no_word_of_a_card_and_no_reviewer_is_shown() -> None:
    run("evaluate --picture e.svg")
    shown = run("evaluate").stdout + run("evaluate --json").stdout + Path("e.svg").read_text(encoding="utf-8")
    assert not any(word in shown for word in ("mother", "father", "Bell", "slept", "ann\n", '"ann"'))


@pytest.mark.usefixtures("reviewed")
def test_one_batch_can_be_looked_at() -> None:
    assert document("evaluate --json --batch b0001")["cards"] == 6
    assert isinstance(run("evaluate --batch b0002").exception, RunError)


@pytest.mark.usefixtures("reviewed")
def test_the_picture_is_whole_in_itself() -> None:
    assert run("evaluate --picture e.svg").exit_code == 0
    svg = Path("e.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg ")
    assert "href" not in svg
    assert svg.count("http") == 1  # the name of the format
    assert run("evaluate --picture e.PNG --json").exit_code == 0
    with Image.open("e.PNG") as picture:
        assert picture.size == (1920, 880)
        assert len(picture.getcolors(maxcolors=1 << 20) or ()) > 10  # something is drawn


@pytest.mark.usefixtures("reviewed")
def test_a_picture_of_another_kind_is_refused_before_anything_is_done() -> None:
    error = run("evaluate --picture e.gif").exception
    assert isinstance(error, RunError)
    assert (error.exit_code, ".svg" in str(error)) == (ExitCode.USAGE, True)
    nowhere = run("evaluate --picture nowhere/e.svg").exception
    assert isinstance(nowhere, RunError)
    assert nowhere.exit_code == ExitCode.INPUT
