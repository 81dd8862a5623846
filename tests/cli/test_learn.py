"""`learn` as somebody types it, and ingest by what was learned."""

import json
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from scan_ingest.cli import learn, parts
from scan_ingest.cli.ingest import run_ingest
from scan_ingest.cli.reader import make_reader
from scan_ingest.config import Settings
from scan_ingest.domain.accuracy import character_errors
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.learned import Learned
from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import ExitCode, RunError, StoreError
from scan_ingest.learning import shelf
from scan_ingest.pipeline.walk import read_page
from scan_ingest.templates import shipped_templates
from scan_ingest.workspace import open_workspace
from tests.drawing import hands
from tests.drawing.box import put_box
from tests.drawing.hands import FONTS, Hand
from tests.drawing.placed import seen

KEPT = Path("data/learned.json")

app = typer.Typer()
app.command("learn")(learn.learn)
app.command("other")(lambda: None)  # so that the command keeps its name


def an_office(folder: Path, cards: int, impact: str = "He woke") -> None:
    """So many accepted cards on which every word claims 0.75 and all are right but one in nine."""
    with open_workspace(None, folder / "data", create=True) as workspace:
        put_box(workspace, folder, cards)
        for _ in range(cards):
            card = workspace.claim_next("ann", timedelta(minutes=5))
            assert card is not None
            at = datetime(2026, 3, 4, 9, tzinfo=UTC)
            texts = {"impact": impact}
            workspace.decide(Review(card.id, Decision.ACCEPT, "ann", at, texts=texts))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    an_office(tmp_path, 32)
    return tmp_path


def run(command: str) -> Result:
    parts.use_options(data=Path("data"), templates=None, workspace=None, central=None)
    return CliRunner().invoke(app, shlex.split(command))


def document(command: str) -> dict[str, Any]:
    done = run(command)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_too_few_cards_teach_nothing_and_a_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    an_office(tmp_path, 3)
    done = run("learn")
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)
    assert "it takes 30" in done.stdout
    assert document("learn --json") == {"cards": 3, "needed": 30, "changed": False}
    assert not KEPT.exists()


@pytest.mark.usefixtures("office")
def test_what_helps_is_kept_and_shown_in_eighty_columns() -> None:
    shown = run("learn").stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "32 accepted cards" in shown
    assert "expected calibration error" in shown
    assert KEPT.exists()
    kept = shelf.in_force(Path("data"))
    assert kept is not None
    assert kept.calibration is not None
    assert kept.calibration(0.75) == pytest.approx(8 / 9, abs=0.03)


@pytest.mark.usefixtures("office")
def test_learning_again_from_the_same_cards_changes_nothing() -> None:
    assert document("learn --json")["changed"]
    before = KEPT.read_bytes()
    assert not document("learn --json")["changed"]
    assert "says the same" in " ".join(run("learn").stdout.split())
    assert KEPT.read_bytes() == before


@pytest.mark.usefixtures("office")
def test_a_dry_run_shows_the_figures_and_keeps_nothing() -> None:
    found = document("learn --dry-run --json")
    (error, _) = found["parts"]["calibration"]["figures"]
    assert error["after"] < error["before"]
    assert not found["changed"]
    assert not KEPT.exists()


@pytest.mark.usefixtures("office")
def test_cards_that_an_earlier_edition_read_are_told_of_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scan_ingest.cli.edition.__version__", "9.9.9")
    shown = run("learn").stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "Calibration waits: 32 of these 32 cards were read by another edition" in " ".join(shown.split())
    assert "learn again once 30 of them are accepted; 0 are so far" in " ".join(shown.split())
    assert document("learn --json")["outdated_cards"] == 32


@pytest.mark.usefixtures("office")
def test_what_was_learned_can_be_undone() -> None:
    run("learn")
    assert "as shipped" in run("learn --undo").stdout
    assert not KEPT.exists()
    assert document("learn --show --json") == {"in_force": None}
    assert isinstance(run("learn --undo").exception, StoreError)


@pytest.mark.usefixtures("office")
def test_show_tells_numbers_and_words_only_where_asked() -> None:
    shelf.keep(Path("data"), Learned(datetime(2026, 3, 4, tzinfo=UTC), 40, {"cannula": 12}))
    assert "cannula" not in run("learn --show").stdout + run("learn --show --json").stdout
    assert "cannula" in run("learn --show --words").stdout
    assert "2026-03-04 from 40 accepted cards" in run("learn --show").stdout


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("command", ["learn --undo --show", "learn --words", "learn --dry-run --export-lines x"])
def test_options_that_make_no_sense_together_are_refused(command: str) -> None:
    error = run(command).exception
    assert isinstance(error, RunError)
    assert error.exit_code == ExitCode.USAGE


@pytest.mark.usefixtures("office")
def test_exported_lines_say_that_they_are_card_data() -> None:
    shown = run("learn --export-lines lines").stdout
    assert "keep them as safe as the cards" in shown
    error = run("learn --export-lines lines").exception
    assert isinstance(error, RunError)
    assert error.exit_code == ExitCode.INPUT


def test_cards_that_may_tell_who_a_patient_is_are_neither_exported_nor_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    an_office(tmp_path, 3, impact="Her NHS number is 943 476 5919")
    assert document("learn --export-lines lines --json")["cards_held_back"] == 3
    assert (tmp_path / "lines" / "rec_gt.txt").read_text() == ""
    assert "3 cards that may tell who a patient is" in run("learn --export-lines others").stdout
    assert document("learn --json")["cards"] == 0


def test_ingest_reads_by_what_was_learned(tmp_path: Path) -> None:
    lower, names = Calibration(((0.1, 0.2), (0.9, 0.7))), Lists((Colleague("Jane Hill"), Colleague("Ben Oak")))
    learned = Learned(datetime(2026, 3, 4, tzinfo=UTC), 40, lists=names, calibration=lower)
    reader = make_reader(shipped_templates(), ("nomination-a5",), learned)
    (side,) = read_page(seen({"nominee": "Jane Hill", "role": "Porter"}).page, reader).sides
    readings = {reading.field: reading for reading in side.readings}
    assert [suggestion.text for suggestion in readings["nominee"].suggestions] == ["Jane Hill"]
    (line,) = readings["role"].lines
    assert all(word.confidence == lower(word.as_shipped or 0) for word in line.words)
    shelf.keep(tmp_path, learned)
    (tmp_path / "learned.json").write_text("{}")
    (tmp_path / "box.pdf").write_bytes(b"%PDF")
    settings = Settings(data=tmp_path, templates=shipped_templates())
    label = BoxLabel("Northgate", "Ash", date(2026, 3, 2))
    with pytest.raises(StoreError, match=r"learned\.json"):  # so it is looked at, and never passed over in silence
        run_ingest(settings, [tmp_path / "box.pdf"], label, None, [], 1)


def test_ingest_knows_the_words_that_were_learned() -> None:
    learned = Learned(datetime(2026, 3, 4, tzinfo=UTC), 40, {"vasovagal": 2000, "nebuliser": 2000})
    told = "a vasovagal snurfle with the nebuliser"
    page = seen({"action": told}, hand=Hand(FONTS["kristi"], hands.BLACK)).page
    wrong = []
    for known in (None, learned):
        (side,) = read_page(page, make_reader(shipped_templates(), ("nomination-a5",), known)).sides
        wrong += [character_errors(told, reading.text).edits for reading in side.readings if reading.field == "action"]
    assert wrong[1] < wrong[0]
