"""`queue`, `batches`, `pages` and `batch` as somebody types them."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from scan_ingest.cli import batches, parts, quality, queue
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.domain.review import Decision, Review, Shown
from scan_ingest.errors import ExitCode, RunError, StoreError, UsageError
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.workspace import open_workspace
from tests.drawing.box import LABEL, put_box, this_edition

NASTY = "box\x1b[31m\u202e7\n.pdf"  # colours, turned writing, a second line

app = typer.Typer()
app.command()(batches.batches)
app.command()(batches.pages)
app.command()(quality.quality)
app.add_typer(batches.app, name="batch")
app.add_typer(queue.app, name="queue")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with two boxes: one of three cards, and one file that cannot be opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, 3)
        label = BoxLabel("Northgate \x07", "Elm", LABEL.collected)
        other, _ = workspace.open_batch(label, [workspace.keep_original(tmp_path / NASTY)], None, any_date=False)
        ref = PageRef(other.files[0].sha256, 1, other.files[0].name)
        workspace.record(other.id, PageRecord(0, ref, Outcome.FAILED, "no such file"))
        workspace.finish(other.id)
    return tmp_path


def run(command: str, data: str = "data") -> Result:
    parts.use_options(data=Path(data), templates=None, workspace=None, central=None)
    return CliRunner().invoke(app, shlex.split(command), catch_exceptions=True)


def lines(command: str) -> list[dict[str, Any]]:
    done = run(command)
    assert done.exit_code == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(command: str, data: str = "data") -> RunError:
    error = run(command, data).exception
    assert isinstance(error, RunError)
    return error


def accept_first(here: Path) -> str:
    with open_workspace(None, here / "data", create=False) as workspace:
        card = workspace.claim_next("ann", timedelta(minutes=5))
        assert card is not None
        workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC)))
    return card.id


@pytest.mark.usefixtures("here")
def test_batches_show_what_is_still_to_do() -> None:
    shown = run("batches").stdout
    assert "3 to review" in shown
    assert "1 failed" in shown
    first, second = lines("batches --json")
    assert (first["batch_id"], first["pages"], first["outcomes"]["card"], first["cards"]["waiting"]) == (
        "b0001",
        3,
        3,
        3,
    )
    assert (first["organisation"], first["ward"], first["collected"]) == ("Northgate", "Ash", "2026-03-02")
    assert second["needs_a_person"] == ["1 failed"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", ["batches", "pages b0001", "pages b0002", "queue list"])
def test_tables_fit_eighty_columns_and_draw_no_control_characters(command: str) -> None:
    shown = run(command).stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert not any(character in shown for character in "\x1b\x07\u202e")


@pytest.mark.usefixtures("here")
def test_pages_as_json_are_the_contracts() -> None:
    first, *rest = lines("pages B0001 --json")
    assert len(rest) == 2
    keys = "file page outcome reason dpi template side card_id residual_mm corners_px placements"
    assert list(first) == keys.split()
    corners = [[1.5, 2.0], [1600.0, 3.0], [1601.0, 1200.0], [2.0, 1199.5]]
    placement = {"template": "nomination-a5", "side": "front", "card_id": first["card_id"], "residual_mm": 0.12}
    assert first["placements"] == [{**placement, "corners_px": corners}]
    assert {key: first[key] for key in ("file", "page", "outcome", "dpi")} == {
        "file": "box.pdf",
        "page": 1,
        "outcome": "card",
        "dpi": 200.0,
    }
    (failed,) = lines("pages b0002 --json")
    assert (failed["file"], failed["outcome"], failed["reason"]) == (NASTY, "failed", "no such file")
    assert (failed["template"], failed["card_id"], failed["corners_px"], failed["placements"]) == (None, None, None, [])


def test_the_queue_lists_cards_by_state_and_batch(here: Path) -> None:
    card = accept_first(here)
    assert [line["state"] for line in lines("queue list --json")] == ["accepted", "waiting", "waiting"]
    (line,) = lines("queue list --json --state accepted")
    assert (line["card_id"], line["reviewed_by"], line["pages"]) == (card, "ann", [{"file": "box.pdf", "page": 1}])
    assert line["reviewed_at"].endswith("Z")
    assert lines("queue list --json --batch b0002") == []
    assert "0 cards" in run("queue list --state merged").stdout


def reject(here: Path, *reasons: str) -> list[str]:
    """The next cards, rejected for those reasons."""
    rejected = []
    with open_workspace(None, here / "data", create=False) as workspace:
        for reason in reasons:
            card = workspace.claim_next("ann", timedelta(minutes=5))
            assert card is not None
            workspace.decide(Review(card.id, Decision.REJECT, "ann", datetime.now(UTC), reason, {}, "ask the ward"))
            rejected.append(card.id)
    return rejected


def test_rejected_cards_are_counted_found_and_taken_out_by_their_reason(here: Path) -> None:
    concern, list_of_shopping = reject(here, "a concern to pass on", "other: a shopping list")
    (line,) = lines("queue list --json --reason 'A concern to pass on'")
    assert (line["card_id"], line["reason"], line["note"]) == (concern, "a concern to pass on", "ask the ward")
    assert [line["card_id"] for line in lines("queue list --json --reason shopping")] == [list_of_shopping]
    assert [line["card_id"] for line in lines("queue list --json --reason other")] == [list_of_shopping]
    assert "0 cards" in run("queue list --reason illegible").stdout
    batch = lines("batches --json")[0]
    assert batch["rejected"] == {"a concern to pass on": 1, "other": 1}
    assert "1 concern to pass on" in batch["needs_a_person"]
    assert "rejected: 1 a concern to pass on, 1 other" in " ".join(run("batches").stdout.split())
    assert "2 cards" in run("queue export out.jsonl --state rejected").stdout
    exported = [json.loads(line) for line in (here / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["reason"], line["note"]) for line in exported] == [
        ("a concern to pass on", "ask the ward"),
        ("other: a shopping list", "ask the ward"),
    ]


def test_cards_go_out_and_corrections_come_in(here: Path) -> None:
    assert "3 cards" in run("queue export out.jsonl").stdout
    exported = [json.loads(line) for line in (here / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    good, bad = (
        {"card_id": line["card_id"], "decision": decision}
        for line, decision in zip(exported, ("accept", "perhaps"), strict=False)
    )
    (here / "in.jsonl").write_text("\n".join(map(json.dumps, (good, bad))))
    done = run("queue import in.jsonl --reviewer Ann")
    assert done.exit_code == ExitCode.NEEDS_A_PERSON
    assert done.stdout == "1 lines taken, 1 bad\n"
    assert done.stderr.startswith("in.jsonl: line 2: unknown decision")
    (here / "in.jsonl").write_text(json.dumps(good))
    done = run("queue import in.jsonl --reviewer Ann --json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"taken": 1, "bad": []})


def test_release_gives_cards_back(here: Path) -> None:
    with open_workspace(None, here / "data", create=False) as workspace:
        workspace.claim_next("ann", timedelta(minutes=5))
    assert run("queue release --reviewer ben").stdout == "0 cards given back\n"
    assert run("queue release").stdout == "1 cards given back\n"


@pytest.mark.usefixtures("here")
def test_a_label_is_put_right() -> None:
    assert run("batch amend b0001 --ward Elm --collected 2026-03-09").stdout == "b0001: Elm, Northgate, 2026-03-09\n"
    assert lines("batches --json")[0]["ward"] == "Elm"
    assert isinstance(refused("batch amend b0001"), UsageError)
    assert run("batch amend b0001 --collected 9.3.2026").exit_code == ExitCode.USAGE


def test_a_ward_that_is_not_in_the_list_is_refused(here: Path) -> None:
    (here / "scan_ingest.toml").write_text('wards = ["Ash", "Elm"]')
    error = refused("batch amend b0001 --ward Elmm")
    assert isinstance(error, UsageError)
    assert 'the nearest is "Elm"' in str(error)
    assert run("batch amend b0001 --ward Elmm --new-ward").exit_code == 0


@pytest.mark.usefixtures("here")
def test_a_batch_is_taken_back() -> None:
    assert run("batch discard b0001").exit_code == ExitCode.USAGE
    assert run("batch discard B0001 --reason 'wrong box'").stdout == "b0001: discarded\n"
    assert lines("queue list --json") == []
    assert "discarded: wrong box" in " ".join(run("batches").stdout.split())
    assert isinstance(refused("batch discard b0001 --reason again"), StoreError)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("command", ["batches", "pages b0001", "queue list", "queue release", "queue export x.jsonl"])
def test_a_wrong_data_folder_is_named(command: str) -> None:
    error = refused(command, data="elsewhere")
    assert "workspace.db" in str(error)
    assert error.exit_code == ExitCode.STORE
    assert not Path("elsewhere").exists()
    assert not Path("x.jsonl").exists()


def test_who_holds_a_card_and_until_when_is_in_the_list(here: Path) -> None:
    with open_workspace(None, here / "data", create=False) as workspace:
        workspace.claim_next("ann", timedelta(minutes=5))
    assert "ann" in run("queue list --state leased").stdout
    assert "until " in run("queue list --state leased").stdout
    (line,) = lines("queue list --json --state leased")
    assert (line["leased_by"], line["leased_until"][-1]) == ("ann", "Z")


def test_a_cards_history_tells_what_was_read_what_was_on_the_screen_and_what_became_of_it(here: Path) -> None:
    with open_workspace(None, here / "data", create=False) as workspace:
        card = workspace.claim_next("ann", timedelta(minutes=5))
        assert card is not None
        shown = Shown(card.texts, {"action": "pp-ocrv6"})
        texts = {**card.texts, "action": "Sat with my \u202e father\nall night", "impact": ""}
        at = datetime.now(UTC)
        workspace.decide(Review(card.id, Decision.SET_ASIDE, "ann", at, "hard", texts, "who?", shown))
        workspace.decide(Review(card.id, Decision.ACCEPT, "ben", at, "", {"impact": "He slept"}), reopen=True)
        workspace.undo(card.id, "ben", timedelta(minutes=5))
    told = run(f"queue show {card.id.upper()}").stdout
    assert "\u202e" not in told
    assert max(map(len, told.splitlines())) <= 80
    for part in (
        f"card {card.id}: leased, nomination-a5, b0001",
        "ben has it until",
        "  action     Sat with my father",
        "[pp-ocrv6, 75 %, unsure, or Jo Ashe (50 %)]",
        "ann: set-aside, hard; note: who?",
        "- action     Sat with my father",
        "+ action     Sat with my · father ¶ all night",
        "- impact     He slept",
        "+ impact     (empty)",
        "as on the screen: nominee, nominator",
        "ben: accept",
        "from a file; the texts then:",
        "ben: undo",
    ):
        assert part in told, part
    document = json.loads(run(f"queue show {card.id} --json").stdout)
    assert document["readings"]["action"] == {
        "text": "Sat with my father",
        "raw": ["sat with my father"],
        "recogniser": "pp-ocrv6",
        "made_by": this_edition(),
        "confidence": 0.75,
        "doubt": ["unsure"],
        "second_opinion": "Sat wlth",
        "suggestions": [],
    }
    set_aside, accepted, undone = document["history"]
    assert set_aside["shown"]["fields"]["action"] == "Sat with my father"
    assert set_aside["shown"]["recognisers"] == {"action": "pp-ocrv6"}
    assert set_aside["fields"]["action"] == "Sat with my \u202e father\nall night"
    assert (accepted["shown"], accepted["fields"]["impact"], undone["decision"]) == (None, "He slept", "undo")
    assert isinstance(refused("queue show nix"), StoreError)


def test_quality_tells_what_second_looks_found(here: Path) -> None:
    (here / "scan_ingest.toml").write_text("[review]\nsecond_look_percent = 100\n")
    assert "0 keyed by a second person" in run("quality").stdout
    for reviewer in ("ann", "ben"):
        with open_workspace(None, here / "data", create=False, second_look_percent=100) as workspace:
            while card := workspace.claim_next(reviewer, timedelta(minutes=5)):
                texts = {"nominee": "Jo Ash", "nominator": "carer", "action": f"Sat by {reviewer[0]}", "impact": ""}
                workspace.decide(
                    Review(card.id, Decision.ACCEPT, reviewer, datetime.now(UTC), "", texts, look=card.look)
                )
    said = run("quality").stdout
    assert "3 cards accepted, 3 keyed by a second person, 0 wait for one" in said
    assert "0 typed alike, 3 otherwise: 3 wait for a third person, 0 rejected after all" in said
    assert max(map(len, said.splitlines())) <= 80
    document = json.loads(run("quality --json").stdout)
    assert document["fields"]["action"]["alike"] == {
        "part": 0,
        "of": 3,
        "share": 0.0,
        "interval": pytest.approx([0, 0.56], abs=0.01),
    }
    assert document["left"]["cards"]["part"] == 3
    assert document["left"]["cer"]["rate"] == pytest.approx(3 / 42)
    assert [line["second_look"] for line in lines("queue list --json")] == ["differs"] * 3
    assert "3 to look at again" in run("batches").stdout
