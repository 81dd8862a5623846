"""`scan-ingest subject`: what is held about one person, and nothing of the others'."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.domain.audit import AuditFilter
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import UsageError
from scan_ingest.merge import merge
from scan_ingest.ports.review import Draft
from scan_ingest.workspace import open_workspace
from tests.drawing.box import TEXTS, put_box

LEASE = timedelta(minutes=15)
JO = TEXTS | {"nominee": "Sister Jo Ashworth", "action": "She sat with my father"}
TOM = TEXTS | {"nominee": "Tom Lee", "action": "He helped Jo Ashworth lift", "impact": "Tom was calm"}
NEARLY = TEXTS | {"nominee": "Jo", "action": "Kind words"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "staff.csv").write_text("name,role,ward\nJo Ashworth,Nurse,Oak\nTom Lee,Porter,Elm\n", encoding="utf-8")
    (tmp_path / "scan_ingest.toml").write_text('staff = "staff.csv"\n', encoding="utf-8")
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        for number, texts in enumerate((JO, TOM, NEARLY)):
            put_box(workspace, tmp_path, 1, name=f"box{number}.pdf", texts=texts)
        while card := workspace.claim_next("ann", LEASE):
            corrected = dict(card.texts)
            if corrected["nominee"] == JO["nominee"]:
                corrected["impact"] = "He slept at last"
            workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", corrected))
        with open_central(None, tmp_path / "data", create=True) as central:
            merge(workspace, central)
    return tmp_path


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["subject", *words])


def sections(file: Path) -> dict[str, list[dict[str, str]]]:
    document = json.loads(file.read_text(encoding="utf-8"))
    return {section["title"]: section["items"] for section in document["sections"]}


def test_a_nominee_gets_all_of_their_nomination_and_only_the_part_of_others_that_names_them(site: Path) -> None:
    file = site / "jo.json"
    shown = typed(str(file), "--name", "jo ashworth")
    assert shown.exit_code == 0
    assert file.stat().st_mode & 0o77 == 0
    told = sections(file)
    (mine,) = told["Nominations of you"]
    assert (mine["action"], mine["impact"], mine["nominator"]) == (JO["action"], "He slept at last", "carer")
    (named,) = told["Nominations of others that name you"]
    assert named["action"] == TOM["action"]
    assert "Tom was calm" not in file.read_text(encoding="utf-8")
    first = told["Cards at the scanning office"][0]
    assert first["impact, as first read"] == "He slept"
    assert [person["title"] for person in told["Staff list"]] == ["Jo Ashworth"]


def test_what_only_may_be_theirs_is_listed_for_whoever_asked_and_added_by_number(site: Path) -> None:
    file = site / "jo.json"
    shown = typed(str(file), "--name", "Jo Ashworth")
    perhaps = [line for line in shown.stderr.splitlines() if line.startswith("perhaps: --card")]
    assert len(perhaps) == 1
    assert "Kind words" not in file.read_text(encoding="utf-8")
    typed(str(file), "--name", "Jo Ashworth", "--card", perhaps[0].split()[-1])
    assert len(sections(file)["Nominations of you"]) == 2


def test_what_they_did_is_told_and_that_they_asked_is_in_the_audit(site: Path) -> None:
    file = site / "ann.json"
    typed(str(file), "--name", "Ann Reviewer", "--account", "ann")
    did = {item["title"]: item["times"] for item in sections(file)["What you did here"]}
    assert did == {"claim": "3", "accept": "3"}
    typed(str(site / "jo.html"), "--name", "Jo Ashworth")
    with open_central(None, site / "data", create=False) as central:
        (row,) = central.audit(AuditFilter(act="subject"))
    assert dict(row.detail) == {"nominations": 3}


def test_one_word_is_no_name_and_another_suffix_no_file(site: Path) -> None:
    assert isinstance(typed(str(site / "jo.json"), "--name", "Jo").exception, UsageError)
    assert isinstance(typed(str(site / "jo.docx"), "--name", "Jo Ashworth").exception, UsageError)
    assert not (site / "jo.json").exists()


def test_every_remark_draft_and_reading_that_names_them_is_told(site: Path) -> None:
    with open_workspace(None, site / "data", create=False) as workspace:
        other = put_box(workspace, site, 1, name="for Jo Ashworth.pdf", texts=TEXTS | {"nominee": "Ada Obi"})
        (card,) = workspace.cards(batch_id=other.id)
        kept = Answer(IdentityAnswer.KEEP, "Jo Ashworth says it is her cat")
        workspace.settle_identity(card.id, {"action": kept}, "ann")
        workspace.save_draft(
            card.id, "ben", Draft(card.texts | {"impact": "Jo Ashworth calmed him"}, "ask Jo Ashworth")
        )
        workspace.decide(Review(card.id, Decision.REJECT, "ann", datetime.now(UTC), "Jo Ashworth asked for it"))
        workspace.put_on_hold(HoldOn.BATCH, other.id, "a complaint about Jo Ashworth")
    file = site / "jo.json"
    assert typed(str(file), "--name", "Jo Ashworth").exit_code == 0
    told = sections(file)
    (on_card,) = [item for item in told["Cards at the scanning office"] if item["number"] == card.id]
    assert set(on_card.values()) >= {
        "Jo Ashworth says it is her cat",
        "Jo Ashworth calmed him",
        "ask Jo Ashworth",
        "Jo Ashworth asked for it",
    }
    remarks = {item["says"] for item in told["Remarks about boxes, and names of files"]}
    assert remarks == {"for Jo Ashworth.pdf", "a complaint about Jo Ashworth"}


def test_a_site_whose_boxes_were_purged_still_answers(site: Path) -> None:
    (site / "scan_ingest.toml").write_text("[keep]\nworkspace_days = 0\n", encoding="utf-8")
    assert CliRunner().invoke(app, ["purge"]).exit_code == 0
    file = site / "jo.json"
    shown = typed(str(file), "--name", "Jo Ashworth")
    assert shown.exit_code == 0, shown.exception
    told = sections(file)
    assert told["Cards at the scanning office"] == []
    assert len(told["Nominations of you"]) == 1
