"""`scan-ingest erase` as somebody types it: everything of one person, nothing of the others'."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.cli.redaction import spare_drafts
from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.keeping import CopyKind, HoldOn
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import StoreError, UsageError
from scan_ingest.merge import merge
from scan_ingest.ports.review import Draft
from scan_ingest.workspace import open_workspace
from tests.identified import TELLING, accept_all, put_telling_box
from tests.online.deliveries import submission, write_csv, write_mapping
from tests.searching import left_of

JO = TELLING | {"nominee": "Jo Zanderby", "action": "She sat with me all night", "impact": "I slept"}
TOM = TELLING | {"nominee": "Tom Lee", "action": "He and Jo Zanderby lifted me", "impact": "Tom was calm"}
NEARLY = TELLING | {"nominee": "Jo", "action": "Kind words", "impact": "Calm"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three merged cards: of her, of somebody else that names her, and of a Jo who may be anybody."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans").mkdir()
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        for number, texts in enumerate((JO, TOM, NEARLY)):
            put_telling_box(workspace, tmp_path / "scans", name=f"box{number}.pdf", texts=texts, pages=1)
        accept_all(workspace)
        with open_central(None, tmp_path / "data", create=True) as central:
            merge(workspace, central)
            central.note_copy(CopyKind.EXPORT, tmp_path / "sent.csv")
            central.note_copy(CopyKind.EXPORT, tmp_path / "other.csv", "Southgate")
    return tmp_path


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["erase", *words])


def told(*words: str) -> Any:
    shown = typed(*words, "--json")
    assert shown.exit_code == 0, shown.exception
    return json.loads(shown.stdout)


def nominees(site: Path) -> set[str]:
    with open_central(None, site / "data", create=False) as central:
        return {nomination.nominee for nomination in central.nominations()}


def test_a_dry_run_says_what_would_go_and_what_may_still_hold_a_copy(site: Path) -> None:
    plan = told("--name", "Jo Zanderby", "--dry-run")
    assert (len(plan["nominations"]), len(plan["cards"]), len(plan["name_taken_out_of"])) == (1, 1, 1)
    assert [Path(copy["file"]).name for copy in plan["copies"]] == ["sent.csv"]
    assert "Jo Zanderby" in nominees(site)


def test_everything_of_the_person_goes_and_the_others_stay(site: Path) -> None:
    data = site / "data"
    assert left_of(("zanderby",), data, None)
    shown = typed("--name", "jo zanderby", "--yes")
    assert shown.exit_code == 0, shown.exception
    assert "1 nomination and 1 card erased" in shown.stdout
    assert "sent.csv" in shown.stdout
    assert left_of(("zanderby",), data, None) == []
    assert left_of(("zanderby",), data, f"sqlite:///{(data / 'central' / 'central.db').as_posix()}") == []
    assert nominees(site) == {"Tom Lee", "Jo"}
    with open_central(None, data, create=False) as central:
        (tom,) = [one for one in central.nominations() if one.nominee == "Tom Lee"]
    assert tom.action == "He and [redacted] lifted me"
    assert tom.impact == "Tom was calm"
    # It does not come back, and asked again there is nothing left.
    assert CliRunner().invoke(app, ["merge"]).exit_code == 0
    assert nominees(site) == {"Tom Lee", "Jo"}
    assert told("--name", "Jo Zanderby", "--yes")["nominations"] == []


def test_what_may_be_theirs_is_named_and_goes_only_when_it_is_said(site: Path) -> None:
    shown = typed("--name", "Jo Zanderby", "--yes")
    (card,) = [line.split()[-1] for line in shown.stderr.splitlines() if line.startswith("perhaps: --card")]
    assert "Jo" in nominees(site)
    assert len(told("--card", card, "--yes")["nominations"]) == 1
    assert nominees(site) == {"Tom Lee"}


def test_a_hold_stands_in_the_way_before_anything_goes(site: Path) -> None:
    assert CliRunner().invoke(app, ["hold", "add", "--batch", "b0001", "--reason", "inquiry"]).exit_code == 0
    assert isinstance(typed("--name", "Jo Zanderby", "--yes").exception, StoreError)
    assert "Jo Zanderby" in nominees(site)


def test_nobody_is_erased_without_being_asked_for(site: Path) -> None:
    assert isinstance(typed("--name", "Jo Zanderby").exception, UsageError)
    assert isinstance(typed("--yes").exception, UsageError)
    assert "Jo Zanderby" in nominees(site)


def test_a_draft_that_the_workspace_could_not_take_goes_too(site: Path) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        (card,) = [card.id for card in workspace.cards() if card.texts["nominee"] == "Jo Zanderby"]
        kept = spare_drafts(workspace).keep(card, "ann", Draft(JO, ""))
    assert kept.exists()
    assert typed("--name", "Jo Zanderby", "--yes").exit_code == 0
    assert not kept.exists()


def test_the_websites_nominations_lose_the_name_and_a_nominee_goes_whole(site: Path) -> None:
    write_mapping(site)
    rows = [
        submission(1, Who="Tom Lee", What_they_did="He and Jo Zanderby lifted me."),
        submission(2, Who="Jo Zanderby"),
    ]
    online = ["import-online", str(write_csv(site / "d.csv", rows)), "--mapping", "mapping.toml", "--json"]
    assert CliRunner().invoke(app, online).exit_code == 0
    (site / "d.csv").rename(site.parent / "d.csv")
    plan = told("--name", "Jo Zanderby", "--dry-run")
    assert (len(plan["nominations"]), len(plan["name_taken_out_of_nominations"])) == (2, 2)  # of a card, and online
    shown = typed("--name", "Jo Zanderby", "--yes")
    assert "The name was taken out of nominations" in shown.stdout
    online[1] = str(site.parent / "d.csv")
    assert json.loads(CliRunner().invoke(app, online).stdout)["unchanged"] == 2
    assert (
        left_of(("zanderby",), site / "data", f"sqlite:///{(site / 'data' / 'central' / 'central.db').as_posix()}")
        == []
    )
    assert told("--name", "Jo Zanderby", "--dry-run")["name_taken_out_of_nominations"] == []


def test_a_name_in_remarks_and_drafts_alone_goes_as_well(site: Path) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        put_telling_box(workspace, site / "scans", name="new.pdf", texts=NEARLY | {"nominee": "Ada Obi"}, pages=1)
        (card,) = workspace.cards(states=[CardState.WAITING])
        kept = Answer(IdentityAnswer.KEEP, "Zanderby, Jo says it is her cat")
        workspace.settle_identity(card.id, {"action": kept}, "ann")
        workspace.save_draft(
            card.id, "ben", Draft(card.texts | {"impact": "Jo Zanderby calmed him"}, "ask Jo Zanderby")
        )
        workspace.decide(Review(card.id, Decision.SET_ASIDE, "ann", datetime.now(UTC), "Jo Zanderby asked"))
        hold = workspace.put_on_hold(HoldOn.BATCH, "b0001", "a complaint about Jo Zanderby")
        workspace.end_hold(hold)
        workspace.discard_batch(put_telling_box(workspace, site / "scans", name="x.pdf", pages=1).id, "for Jo Zanderby")
    with open_central(None, site / "data", create=False) as central:
        central.end_hold(central.put_on_hold(HoldOn.ORGANISATION, "Northgate", "Jo Zanderby asked"))
    done = told("--name", "Jo Zanderby", "--yes")
    assert card.id in done["name_taken_out_of"]
    assert left_of(("zanderby",), site / "data", None) == []
    assert (
        left_of(("zanderby",), site / "data", f"sqlite:///{(site / 'data' / 'central' / 'central.db').as_posix()}")
        == []
    )
    assert told("--name", "Jo Zanderby", "--yes")["name_taken_out_of"] == []


@pytest.mark.parametrize("typed_as", ["mary obrien", "Mary O'Brien", "O\u2019Brien, Mary"])
def test_a_name_goes_out_of_notes_and_earlier_texts_however_it_is_spelled_there(site: Path, typed_as: str) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        put_telling_box(workspace, site / "scans", name="new.pdf", texts=NEARLY | {"nominee": "Ada Obi"}, pages=1)
        (card,) = workspace.cards(states=[CardState.WAITING])
        before = card.texts | {"impact": "Calm, says O\u2019Brien,Mary of ward 4"}
        asked, about = "Ask Mary O'Brien, or mary  OBrien", "Mary\nO\u2019Brien's sister"
        workspace.decide(Review(card.id, Decision.SET_ASIDE, "ann", datetime.now(UTC), "see", before, asked))
        workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", card.texts, about))
    assert left_of(("brien",), site / "data", None)
    assert told("--name", typed_as, "--yes")["name_taken_out_of"] == [card.id]
    assert left_of(("brien",), site / "data", None) == []
    with open_workspace(None, site / "data", create=False) as workspace:
        assert [past.note for past in workspace.trail(card.id).decisions if past.note] == [
            "Ask [redacted], or [redacted]",
            "[redacted] sister",
        ]
    assert told("--name", typed_as, "--yes")["name_taken_out_of"] == []
