"""`merge` and `export` on a real workspace, as a person at the shell runs them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.cli.export import export
from scan_ingest.cli.merge import merge
from scan_ingest.cli.parts import use_options
from scan_ingest.cli.store import show
from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import StoreError, UsageError
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import put_box


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site whose workspace is in the data folder here."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA", "WORKSPACE", "CENTRAL", "TEMPLATES"):
        monkeypatch.delenv(f"SCAN_INGEST_{name}", raising=False)
    use_options(data=None, templates=None, workspace=None, central=None)


def accept(workspace: Workspace, cards: int) -> None:
    for said in ("Ŵyn sang hymns", "=1+1", "Knitted socks")[:cards]:
        card = workspace.claim_next("ann", timedelta(minutes=15))
        assert card is not None
        texts = {**card.texts, "action": said, "impact": ""}
        workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", texts))


@pytest.fixture
def three_accepted(tmp_path: Path) -> None:
    """A box of four cards, three of them accepted."""
    with open_workspace(None, Path("data"), create=True) as workspace:
        put_box(workspace, tmp_path, 4)
        accept(workspace, 3)


def said_as_json(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    said: dict[str, int] = json.loads(capsys.readouterr().out)
    return said


@pytest.mark.usefixtures("three_accepted")
def test_accepted_cards_go_through_merge_and_export(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    open_central(store_url, Path("data"), create=True).close()
    use_options(data=None, templates=None, workspace=None, central=store_url)

    merge(dry_run=True, as_json=True)
    expected = {"inserted": 3, "updated": 0, "unchanged": 0, "possible_duplicates": 0, "held": 0}
    assert said_as_json(capsys) == expected
    merge(as_json=True)
    assert said_as_json(capsys) == expected
    merge(as_json=True)
    again = said_as_json(capsys)
    assert (again["inserted"], again["updated"], again["possible_duplicates"]) == (0, 0, 0)

    export(Path("nominations.jsonl"))
    assert capsys.readouterr().out.startswith("3 nominations from ")
    rows = [json.loads(line) for line in Path("nominations.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["source"] for row in rows] == ["box.pdf#1", "box.pdf#2", "box.pdf#3"]
    assert [row["action"] for row in rows] == ["Ŵyn sang hymns", "=1+1", "Knitted socks"]
    assert {(row["organisation"], row["box"], row["ward"]) for row in rows} == {("Northgate", "Ash", "Ash")}
    with open_workspace(None, Path("data"), create=False) as workspace:
        assert [card.state for card in workspace.cards()].count(CardState.MERGED) == 3


@pytest.mark.usefixtures("three_accepted")
def test_a_merged_card_that_is_rejected_goes_out_of_the_store_and_comes_back(
    store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    open_central(store_url, Path("data"), create=True).close()
    use_options(data=None, templates=None, workspace=None, central=store_url)
    merge(as_json=True)
    with open_workspace(None, Path("data"), create=False) as workspace:
        card = next(iter(workspace.cards()))
        rejection = Review(card.id, Decision.REJECT, "ben", datetime.now(UTC), "a concern to pass on")
        workspace.decide(rejection, reopen=True)
    capsys.readouterr()
    merge(as_json=True)
    assert said_as_json(capsys) == {
        "inserted": 0,
        "updated": 0,
        "unchanged": 2,
        "possible_duplicates": 0,
        "held": 0,
        "withdrawn": 1,
    }
    export(Path("nominations.jsonl"))
    assert capsys.readouterr().out.startswith("2 nominations from ")
    with open_workspace(None, Path("data"), create=False) as workspace:
        workspace.decide(Review(card.id, Decision.ACCEPT, "cem", datetime.now(UTC)), reopen=True)
    merge(as_json=True)
    assert said_as_json(capsys)["inserted"] == 1


@pytest.mark.usefixtures("three_accepted")
def test_merge_into_another_store_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_central(f"sqlite:///{tmp_path}/other.db", Path("data"), create=True).close()

    merge(into=f"sqlite:///{tmp_path}/other.db")

    said = capsys.readouterr().out
    assert str(tmp_path / "other.db") in said
    assert [line.split() for line in said.splitlines()[1:]] == [
        ["inserted", "3"],
        ["updated", "0"],
        ["unchanged", "0"],
        ["possible", "duplicates", "0"],
        ["held", "0"],
    ]


@pytest.mark.usefixtures("three_accepted")
def test_merge_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"central.central\.db: no nominations store here"):
        merge()

    assert not (tmp_path / "data" / "central").exists()


def test_export_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no nominations store here"):
        export(Path("n.csv"))

    assert list(tmp_path.iterdir()) == []


def test_a_wrong_suffix_is_told_before_a_missing_store() -> None:
    with pytest.raises(UsageError, match=r"n\.xls: nominations are exported to files named \.csv"):
        export(Path("n.xls"))


@pytest.mark.usefixtures("three_accepted")
def test_a_nomination_is_shown_with_where_each_field_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    with open_central(None, Path("data"), create=True):
        merge()
    export(Path("n.jsonl"))
    first = json.loads(Path("n.jsonl").read_text(encoding="utf-8").splitlines()[0])
    capsys.readouterr()

    show(first["nomination_id"][:10], as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["fields"]["action"]["text"] == first["action"]
    assert {key: shown["fields"]["action"][key] for key in ("origin", "recogniser", "by")} == {
        "origin": "typed",
        "recogniser": "pp-ocrv6",
        "by": "ann",
    }
    assert shown["fields"]["nominee"]["origin"] == "read"
    assert shown["fields"]["ward"]["origin"] == "box"

    show(first["nomination_id"])
    assert "box.pdf#1, read by pp-ocrv6, typed by ann" in " ".join(capsys.readouterr().out.split())
