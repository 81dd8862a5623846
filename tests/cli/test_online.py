"""`import-online`, `duplicates`, `stats` and the filters of `export`, as a person at the shell runs them."""

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from scan_ingest.cli.app import app
from scan_ingest.errors import ConfigurationError, InputError, RunError, UsageError
from tests.accepted import REPOSITORY
from tests.online.deliveries import submission, write_csv, write_mapping

EXAMPLE = REPOSITORY / "docs" / "online-example.csv"
ONCE = {"Who": "Ngozi Bell", "What they did": "Sat with my mother after her fall and found her glasses in the laundry."}
AGAIN = {
    "Who": "Sister Ngozi",
    "What they did": "Mum had a fall; she stayed and found the glasses down in the laundry.",
}


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, nothing set, a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA", "WORKSPACE", "CENTRAL", "TEMPLATES"):
        monkeypatch.delenv(f"SCAN_INGEST_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def said(*command: str) -> Result:
    result = CliRunner().invoke(app, list(command))
    if isinstance(result.exception, RunError):
        raise result.exception
    assert result.exit_code == 0, result.output
    assert all(len(line) <= 80 for line in result.stdout.splitlines() if not line.startswith(("{", "Columns")))
    return result


def deliver(*rows: dict[str, object]) -> dict[str, object]:
    write_mapping(Path())
    result = said("import-online", str(write_csv(Path("d.csv"), rows)), "--mapping", "mapping.toml", "--json")
    document: dict[str, object] = json.loads(result.stdout)
    return document


@pytest.fixture
def pair() -> str:
    """Two submissions that may be one person's among three; the id of the pair."""
    counts = deliver(submission(1, **_(ONCE)), submission(2, **_(AGAIN)), submission(3, Ward="Elm Ward"))
    assert (counts["inserted"], counts["possible_duplicates"]) == (3, 1)
    (line,) = said("duplicates", "list", "--json").stdout.splitlines()
    return str(json.loads(line)["id"])


def _(texts: dict[str, str]) -> dict[str, object]:
    return {name.replace(" ", "_"): text for name, text in texts.items()}


def test_the_example_of_the_documents_goes_in_and_makes_the_store() -> None:
    mapping = str(EXAMPLE.with_suffix(".toml"))
    planned = said("import-online", str(EXAMPLE), "--mapping", mapping, "--dry-run")
    assert "inserted                    3" in planned.stdout
    assert not Path("data").exists()

    first = said("import-online", str(EXAMPLE), "--mapping", mapping)
    assert 'Columns that the mapping does not ask for: "Browser"' in first.stdout
    document = json.loads(said("import-online", str(EXAMPLE), "--mapping", mapping, "--json").stdout)
    assert document == {
        **{"inserted": 0, "updated": 0, "unchanged": 3, "possible_duplicates": 0, "held": 0},
        **{"bad": [], "superseded": 0, "passed_over": ["Browser"]},
    }


def test_bad_rows_are_told_one_by_one_and_the_command_is_done() -> None:
    write_mapping(Path())
    write_csv(Path("d.csv"), [submission(1), submission(""), *(submission(n, Sent="never") for n in range(30))])

    result = said("import-online", "d.csv", "--mapping", "mapping.toml")

    lines = result.stderr.splitlines()
    assert lines[0] == 'd.csv: row 3: no submission: column "Number" is empty'
    assert (len(lines), lines[-1]) == (21, "and 11 more rows; --json names all")
    assert "rows not taken             31" in result.stdout


@pytest.mark.parametrize(
    ("file", "mapping", "kind"),
    [
        ("d.csv", "no.toml", ConfigurationError),
        ("no.csv", "mapping.toml", InputError),
        ("d", "mapping.toml", UsageError),
    ],
)
def test_what_is_wrong_makes_no_store(file: str, mapping: str, kind: type[RunError]) -> None:
    write_mapping(Path())
    write_csv(Path("d.csv"), [submission(1)])

    with pytest.raises(kind) as wrong:
        said("import-online", file, "--mapping", mapping)

    assert "\n" not in str(wrong.value)


def test_a_pair_is_shown_settled_and_taken_back(pair: str) -> None:
    listed = said("duplicates", "list").stdout
    assert pair in listed
    assert "1 to settle" in listed
    shown = said("duplicates", "show", pair[:5]).stdout
    assert "of what the shorter one tells the other tells" in shown
    assert "laundry" in shown

    assert said("duplicates", "same", pair, "--reviewer", "sam").stdout == f"{pair}: same\n"
    assert "0 to settle" in said("duplicates", "list").stdout
    (line,) = said("duplicates", "list", "--all", "--json").stdout.splitlines()
    assert (json.loads(line)["answer"], json.loads(line)["answered_by"]) == ("same", "sam")
    assert said("duplicates", "undo", pair).stdout == f"{pair}: waits for an answer again\n"
    assert said("duplicates", "different", pair).stdout == f"{pair}: different\n"
    with pytest.raises(InputError, match="no pair"):
        said("duplicates", "same", "zzz")


def test_stats_count_by_each_thing_and_a_settled_pair_once(pair: str) -> None:
    said("duplicates", "same", pair)

    counts = json.loads(said("stats", "--json").stdout)

    assert (counts["nominations"], counts["counted_with_another"]) == (2, 1)
    assert counts["ward"] == {"Northgate Trust": {"Rose Ward": 1, "Elm Ward": 1}}
    assert (counts["month"], counts["channel"], counts["nominator"]) == (
        {"2026-11": 2},
        {"online": 2},
        {"patient": 2},
    )
    assert "2 nominations, and 1 counted with another" in said("stats").stdout
    assert json.loads(said("stats", "--json", "--ward", "elm ward").stdout)["nominations"] == 1


def test_an_export_takes_what_is_asked_for_and_a_dictionary_lies_beside_it(pair: str) -> None:
    said("duplicates", "same", pair)

    said("export", "all.xlsx")
    said("export", "elm.jsonl", "--ward", "elm ward", "--from", "2026-11-02", "--to", "2026-11-02")
    nobody = said("export", "none.jsonl", "--channel", "paper", "--ward", "Em Ward")

    sheet = openpyxl.load_workbook("all.xlsx").worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    assert header[14] == "same_as"
    assert len([row for row in rows if row[14]]) == 1
    assert len(Path("elm.jsonl").read_text().splitlines()) == 1
    assert "0 nominations from" in nobody.stdout
    assert 'no nomination has the ward "Em Ward"; the nearest is "Elm Ward"' in nobody.stderr
    assert Path("all.xlsx.dictionary.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(UsageError, match="--to is before --from"):
        said("stats", "--from", "2026-02-01", "--to", "2026-01-01")
