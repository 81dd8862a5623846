"""Texts that no form sends by itself: NUL, halves of characters, writing turned round, a megabyte in one field.

They are cleaned or refused as the contract says: in corrections, merge, the website, a terminal, an export."""

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from scan_ingest.central import open_central
from scan_ingest.errors import ExitCode
from scan_ingest.workspace import open_workspace
from tests.cli.commands import run
from tests.drawing.box import TEXTS, put_box
from tests.online.deliveries import MAPPING, submission, write_csv, write_mapping, write_workbook

TURNED = "\u202egnidaer\u202c \u2066عברית\u2069 \u200f\u200e\ufeffend"
MEGABYTE = "long " * 200_000
EXCEL_CELL = 32_767
SUFFIXES = (".csv", ".xlsx", ".parquet", ".jsonl")


@pytest.fixture(autouse=True)
def site(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both stores at one address, the workspace with three cards; the person works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    central = store_url.replace("store.db", "central.db") if store_url.startswith("sqlite") else store_url
    monkeypatch.setenv("SCAN_INGEST_WORKSPACE", store_url)
    monkeypatch.setenv("SCAN_INGEST_CENTRAL", central)
    with open_workspace(store_url, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, 3)
    open_central(central, tmp_path / "data", create=True).close()


def cards() -> list[str]:
    assert run("queue", "export", "cards.jsonl").code == 0
    return [json.loads(line)["card_id"] for line in Path("cards.jsonl").read_text("utf-8").splitlines()]


def corrected(*texts: str) -> tuple[int, list[str]]:
    """Accepts a card with each of those texts as its action; the exit code and what was told."""
    lines = [
        json.dumps({"card_id": card, "decision": "accept", "fields": {"action": text}})
        for card, text in zip(cards(), texts, strict=False)
    ]
    Path("corrections.jsonl").write_text("\n".join(lines), "utf-8")
    done = run("queue", "import", "corrections.jsonl", "--reviewer", "ann")
    return done.code, done.err.splitlines()


def exported(suffix: str, column: str) -> list[str]:
    """That column of an export, read back by another program."""
    file = Path(f"out{suffix}")
    done = run("export", file)
    assert done.code == 0, done.err
    match suffix:
        case ".csv":
            return list(pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")[column])
        case ".xlsx":
            header, *rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
            return [str(row[header.index(column)]) for row in rows]
        case ".parquet":
            return list(pd.read_parquet(file)[column])
        case _:
            return [json.loads(line)[column] for line in file.read_text("utf-8").splitlines()]


def drawn(text: str) -> bool:
    """Whether a terminal draws it as it stands: nothing in it moves the cursor or turns the writing round."""
    return not [sign for sign in text if sign in "\x00\x1b\u202e\u202c\u2066\u2069\u200f\u200e\ufeff\u2028"]


def test_a_correction_keeps_what_is_text_and_is_refused_with_what_is_none() -> None:
    code, told = corrected(TURNED, "nul \x00 byte", "half \ud800 a character")

    assert code == ExitCode.NEEDS_A_PERSON
    assert [line for line in told if "line 2" in line and 'field "action" holds the control character U+0000' in line]
    assert [line for line in told if "line 3" in line and 'field "action" holds the control character U+D800' in line]
    assert json.loads(run("merge", "--json").out)["inserted"] == 1
    for suffix in SUFFIXES:
        assert exported(suffix, "action") == [TURNED]


def test_a_megabyte_in_one_field_is_kept_and_told_of_where_no_cell_holds_it() -> None:
    assert corrected(MEGABYTE, TEXTS["action"])[0] == ExitCode.DONE
    assert json.loads(run("merge", "--json").out)["inserted"] == 2
    for suffix in (".csv", ".parquet", ".jsonl"):
        assert exported(suffix, "action") == [MEGABYTE, TEXTS["action"]]
    done = run("export", "out.xlsx")
    assert done.code == ExitCode.INPUT
    assert f"longer than the {EXCEL_CELL} characters that an Excel cell holds; export to .csv" in done.err
    assert not Path("out.xlsx").exists()


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_websites_rows_are_cleaned_or_refused_one_by_one(suffix: str) -> None:
    write_mapping(Path())
    rows = [
        submission(1, What_they_did=TURNED, Who="\u202eEve\u202c"),
        submission(2, What_they_did=MEGABYTE[: EXCEL_CELL - 7]),
        *([submission(3, What_they_did=MEGABYTE), submission(4, Who="nul \x00")] if suffix == ".csv" else []),
        submission(5, What_they_did="one\r\ntwo\rcafe\u0301"),
    ]
    write = write_csv if suffix == ".csv" else write_workbook
    done = run("import-online", write(Path(f"d{suffix}"), rows), "--mapping", "mapping.toml", "--json")

    told = json.loads(done.out)
    assert (done.code, told["inserted"]) == (0, 3)
    assert [bad["row"] for bad in told["bad"]] == ([4, 5] if suffix == ".csv" else [])
    for out in SUFFIXES:
        assert set(exported(out, "action")) == {TURNED, MEGABYTE[: EXCEL_CELL - 7], "one\ntwo\ncafé"}


@pytest.mark.parametrize(
    "line",
    [
        'impact = { constant = "x\\u0000" }',
        'action = { constant = "\\u009b" }',
        'impact = { columns = ["Who", "Ward"], join = "\\u001b" }',
        'impact = { column = "Who", translate = { "a" = "\\u0007" } }',
        'impact = { column = "Who", translate = { "a" = "b" }, others = "\\u0000" }',
    ],
)
def test_a_mapping_puts_no_control_character_into_a_field(line: str) -> None:
    name = line.split(" ", 1)[0]
    mapping = "\n".join(line if each.startswith(f"{name} = ") else each for each in MAPPING.splitlines())
    write_mapping(Path(), mapping)
    write_csv(Path("d.csv"), [submission(1)])

    done = run("import-online", "d.csv", "--mapping", "mapping.toml")

    assert done.code == ExitCode.CONFIGURATION
    (told,) = done.err.splitlines()
    assert "holds the control character U+00" in told
    assert f"fields.{name}" in told


def test_a_name_that_turns_the_writing_round_does_so_in_no_terminal() -> None:
    write_mapping(Path())
    text = "Sat with my mother after her fall and found her glasses in the laundry."
    rows = [submission(number, Who="Eve \u202eBell", What_they_did=text, Ward="\u2066Elm\u2069") for number in (1, 2)]
    write_csv(Path("d.csv"), rows)
    assert json.loads(run("import-online", "d.csv", "--mapping", "mapping.toml", "--json").out)["inserted"] == 2
    pair = json.loads(run("duplicates", "list", "--json").out)["id"]

    for command in (("duplicates", "list"), ("duplicates", "show", pair), ("stats",), ("export", "\u202ex.csv")):
        done = run(*command)
        assert done.code == 0
        assert drawn(done.out + done.err), command
    assert "Eve ·Bell" in run("duplicates", "show", pair).out


@pytest.mark.parametrize("name", ["no\u202efile.csv", "no\x1b[2Jfile.csv"])
def test_the_name_of_a_file_is_told_without_moving_the_cursor(name: str) -> None:
    write_mapping(Path())
    done = run("import-online", name, "--mapping", "mapping.toml")
    assert done.code == ExitCode.INPUT
    assert drawn(done.err)
    assert "no·file" in done.err or "no·[2Jfile" in done.err
