"""`export --pseudonymise`: nothing in the file leads back to who was meant."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scan_ingest.central import open_central
from scan_ingest.cli.app import app
from scan_ingest.domain.audit import AuditFilter
from scan_ingest.domain.nomination import nomination_id
from scan_ingest.errors import UsageError
from tests.accepted import accepted, merged

ANSWER = "Zelda Quorley sat with me on Rose Ward, and Mrs Quibble in the next bed laughed with zelda."


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "keys").mkdir()
    cards = [accepted(number, nominee="Zelda Quorley", action=ANSWER, impact="I slept") for number in range(1, 8)]
    with open_central(None, tmp_path / "data", create=True) as central:
        merged(central, *cards)
    return tmp_path


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, ["export", *words])


def lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_the_file_has_no_name_number_source_or_day(site: Path) -> None:
    file = site / "research.jsonl"
    assert typed(str(file), "--pseudonymise", "--key", "keys/research.key").exit_code == 0
    text = file.read_text(encoding="utf-8")
    held = [nomination_id(accepted(number).card_id) for number in range(1, 8)]
    for telling in ("Zelda", "zelda", "Quorley", "Quibble", "box7", "2026-11-02", *held):
        assert telling not in text, telling
    rows = lines(file)
    assert len(rows) == 7
    assert len({row["nominee"] for row in rows}) == 1
    assert {row["collected_on"] for row in rows} == {"2026-11-01"}
    assert {row["impact"] for row in rows} == {"I slept"}


def test_the_same_key_joins_two_exports_and_another_does_not(site: Path) -> None:
    ids = []
    for name, key in (("a", "one"), ("b", "one"), ("c", "two")):
        file = site / f"{name}.jsonl"
        typed(str(file), "--pseudonymise", "--key", f"keys/{key}.key")
        ids.append({row["nomination_id"] for row in lines(file)})
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]


def test_the_key_lies_elsewhere(site: Path) -> None:
    assert isinstance(typed("out.csv", "--pseudonymise").exception, UsageError)
    assert isinstance(typed("out.csv", "--pseudonymise", "--key", "research.key").exception, UsageError)
    assert not (site / "out.csv").exists()


def test_an_export_is_in_the_audit_and_among_the_copies(site: Path) -> None:
    typed("all.csv")
    typed("research.csv", "--pseudonymise", "--key", "keys/research.key")
    with open_central(None, site / "data", create=False) as central:
        rows = [(row.subject, dict(row.detail)) for row in central.audit(AuditFilter(act="export"))]
        copies = [Path(copy.file).name for copy in central.copies()]
    assert rows == [("", {"nominations": 7}), ("pseudonymised", {"nominations": 7})]
    assert copies == ["all.csv"]
