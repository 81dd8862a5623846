"""Settling patients' identities as somebody types it."""

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.domain.card import CardState
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.domain.learned import Learned
from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.domain.merging import Entry, MergePlan
from scan_ingest.domain.nomination import Channel, Nomination
from scan_ingest.domain.rescan import RescanAnswer
from scan_ingest.errors import ExitCode, StoreError, UsageError
from scan_ingest.learning import shelf
from scan_ingest.review.edited import EditedCards, being_edited
from scan_ingest.workspace import open_workspace
from tests.drawing.box import LABEL
from tests.identified import LEASE, TELLING, WRITING, accept_all, put_telling_box
from tests.reviewed import REVIEWED
from tests.workspace.test_redacting import left_of


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an accepted card that names a patient, in the data folder here."""
    monkeypatch.chdir(tmp_path)
    scans = tmp_path / "scans"
    scans.mkdir()
    with open_workspace(None, Path("data"), create=True) as workspace:
        put_telling_box(workspace, scans)
        return accept_all(workspace)[0]


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done.stdout


def as_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def test_identities_are_listed_with_the_words_and_why(card: str) -> None:
    said = run("identity", "list")
    assert card in said
    assert "1 card held back" in said
    line = as_json("identity", "list")
    assert (line["card_id"], line["field"], line["holds"], line["answer"]) == (card, "action", True, None)
    (finding,) = line["findings"]
    assert (finding["kind"], finding["text"], finding["holds"]) == ("name", "Zanthia Quorley", True)


@pytest.mark.parametrize("way", ["keep", "consent"])
def test_a_settled_card_is_merged(card: str, way: str) -> None:
    open_central(None, Path("data"), create=True).close()
    assert as_json("merge")["held"] == 1
    settled = as_json("identity", way, card, "--reason", "it is her own name", "--reviewer", "sam")
    assert settled == {"card_id": card, "answer": way, "fields": ["action"]}
    assert (as_json("merge", "--dry-run")["inserted"], as_json("merge")["held"]) == (1, 0)
    assert run("identity", "list", "--json") == ""
    (line,) = [json.loads(line) for line in run("identity", "list", "--all", "--json").splitlines()]
    assert (line["answer"], line["reason"], line["settled_by"]) == (way, "it is her own name", "sam")


def test_redact_takes_the_words_out_of_stores_pictures_and_what_was_learned(card: str) -> None:
    data = Path("data")
    open_central(None, data, create=True).close()
    run("identity", "keep", card, "--reason", "thought to be staff")
    run("merge")
    learned = Learned(REVIEWED, 9, {"quorley": 3, "gentle": 4}, Lists((Colleague("Zanthia Quorley"), Colleague("Jo"))))
    shelf.keep(data, learned)
    shelf.keep(data, learned)
    central = f"sqlite:///{data / 'central' / 'central.db'}"
    assert left_of(("zanthia", "quorley"), data, central)

    done = as_json("identity", "redact", card, "--field", "action", "--reviewer", "sam")
    assert done == {"card_id": card, "fields": ["action"], "pages_not_looked_at": [], "left_to_do": []}
    assert left_of(("zanthia", "quorley"), data, None) == []
    assert left_of(("zanthia", "quorley"), data, central) == []
    kept = shelf.in_force(data)
    assert kept is not None
    assert (dict(kept.vocabulary), kept.lists.staff) == ({"gentle": 4}, (Colleague("Jo"),))
    with open_central(None, data, create=False) as store:
        assert "Sat with my mother [redacted] all night" in {row.action for row in store.nominations()}
    assert as_json("merge") == {"inserted": 0, "updated": 0, "unchanged": 2, "possible_duplicates": 0, "held": 0}
    assert "there is nothing to take out" in run("identity", "redact", card)


def test_words_that_were_not_found_can_be_named(card: str) -> None:
    assert as_json("identity", "redact", card, "--words", "at last")["fields"] == ["impact"]
    with open_workspace(None, Path("data"), create=False) as workspace:
        (texts,) = [one.texts for one in workspace.cards() if one.id == card]
    assert (texts["impact"], texts["action"]) == ("She slept [redacted]", TELLING["action"])


def test_a_mark_that_a_reviewer_typed_takes_what_was_written_there(card: str) -> None:
    line = {"card_id": card, "decision": "accept", "fields": {"action": "Sat with my mother [redacted] all night"}}
    Path("in.jsonl").write_text(json.dumps(line), encoding="utf-8")
    run("queue", "import", "in.jsonl", "--reviewer", "sam")
    assert left_of(("zanthia", "quorley"), Path("data"), None)
    assert as_json("identity", "redact", card)["fields"] == ["action"]
    assert left_of(("zanthia", "quorley"), Path("data"), None) == []


def import_line(card: str, identity: object) -> tuple[int, str]:
    line = {"card_id": card, "decision": "accept", "identity": identity}
    Path("in.jsonl").write_text(json.dumps(line), encoding="utf-8")
    done = CliRunner().invoke(app, ["queue", "import", "in.jsonl", "--reviewer", "sam"])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "identity",
    ["keep: x", {"action": "keep"}, {"action": "keep: "}, {"acton": "redact"}, {"action": 1}, {"action": "drop it"}],
)
def test_a_line_with_a_settlement_that_makes_no_sense_is_bad(card: str, identity: object) -> None:
    code, said = import_line(card, identity)
    assert code == ExitCode.NEEDS_A_PERSON
    assert "line 1: identity" in said
    with open_workspace(None, Path("data"), create=False) as workspace:
        assert len(workspace.history(card)) == 1


@pytest.mark.parametrize("said", ["keep: her own name", "consent: by letter", "redact"])
def test_a_line_settles_what_it_decides_on(card: str, said: str) -> None:
    open_central(None, Path("data"), create=True).close()
    assert import_line(card, {"action": said})[0] == 0
    assert as_json("merge")["held"] == 0
    assert bool(left_of(("zanthia",), Path("data"), None)) is (said != "redact")


def test_wrong_fields_and_empty_reasons_are_told(card: str) -> None:
    for arguments in (
        ["identity", "keep", card, "--reason", " "],
        ["identity", "redact", card, "--field", "acton"],
        ["identity", "keep", card, "--field", "acton", "--reason", "x"],
    ):
        done = CliRunner().invoke(app, arguments)
        assert isinstance(done.exception, UsageError | typer.Exit), arguments


def test_the_websites_nominations_are_told_of(card: str) -> None:  # noqa: ARG001 - the folder it makes
    told = Nomination(
        "0" * 36, Channel.ONLINE, "Northgate", "", "", "Jo Ash", "", "", "Sat with my mother Zanthia Quorley", "Slept",
        None, "", None, "web",
    )  # fmt: skip
    quiet = replace(told, id="1" * 36, action="Sat with my mother")
    with open_central(None, Path("data"), create=True) as store, store.importing() as transaction:
        transaction.apply(MergePlan(inserts=(Entry(told), Entry(quiet))), datetime.now(UTC))
    line = as_json("identity", "list", "--online")
    assert (line["nomination_id"], line["field"], line["findings"][0]["text"]) == (told.id, "action", "Zanthia Quorley")
    assert "1 of the website's nominations may tell who a patient is" in run("identity", "list", "--online")


@pytest.fixture
def two_scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The ids of a card that names a patient and of another scan of it, in the data folder here."""
    monkeypatch.chdir(tmp_path)
    with open_workspace(None, Path("data"), create=True) as workspace:
        for name in ("monday.pdf", "friday.tif"):
            put_telling_box(workspace, tmp_path, name=name, pages=1, likeness=WRITING)
        (rescan,) = workspace.rescans()
        workspace.answer_rescan(rescan.later.id, rescan.earlier.id, RescanAnswer.IGNORE, "ann")
    return rescan.earlier.id, rescan.later.id


@pytest.mark.parametrize("why", ["held", "on hold", "open in an editor"])
def test_a_line_that_cannot_be_redacted_now_decides_nothing(two_scans: tuple[str, str], why: str) -> None:
    card, other = two_scans
    with ExitStack() as stack, open_workspace(None, Path("data"), create=False) as workspace:
        if why == "held":
            workspace.claim(other, "ben", LEASE)
        elif why == "on hold":
            workspace.put_on_hold(HoldOn.CARD, other, "a complaint")
        else:
            stack.enter_context(being_edited(EditedCards(Path("data/workspace/editing")).of(card, "ben")))
        code, said = import_line(card, {"action": "redact"})
        assert (code, "0 lines taken, 1 bad" in said) == (ExitCode.NEEDS_A_PERSON, True)
        assert len(workspace.history(card)) == 0


def test_an_import_beside_an_ingest_says_how_far_it_came(card: str) -> None:
    with open_workspace(None, Path("data"), create=False) as workspace:
        second = next(one.id for one in workspace.cards() if one.id != card)
        decided = len(workspace.history(card))
        lines = [
            {"card_id": second, "decision": "reject", "reason": "illegible"},
            {"card_id": card, "decision": "accept", "identity": {"action": "redact"}},
        ]
        Path("in.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        with workspace.ingest_lock(LABEL.organisation):
            done = CliRunner().invoke(app, ["queue", "import", "in.jsonl", "--reviewer", "sam"])
        assert isinstance(done.exception, StoreError)
        assert "line 2 and those after it were not taken" in str(done.exception)
        assert "1 lines taken, 0 bad" in done.stdout
        assert len(workspace.history(card)) == decided
        assert next(one.state for one in workspace.cards() if one.id == second) is CardState.REJECTED
