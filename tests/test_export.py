"""Nominations out of the store, in four formats."""

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scan_ingest.domain.cells import FORMULA
from scan_ingest.domain.nomination import Channel, Nomination
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import ExitCode, InputError, UsageError
from scan_ingest.export import COLUMNS, export_nominations, write_dictionary

CONTRACT = [
    *("nomination_id", "channel", "organisation", "box", "ward", "nominee", "role", "nominator"),
    *("action", "impact", "collected_on", "reviewed_by", "reviewed_at", "source"),
]
SUFFIXES = [".csv", ".xlsx", ".parquet", ".jsonl"]
# What spreadsheets, XML, JSON and pandas each treat in a way of their own.
TRAPS = [
    *("=1+1", "+44 1632 960000", "-kind", "@sam", "\t=1", " =1+1", "\n=1", "＝1", "=", "'=1", "=cmd|' /C calc'!A0"),
    *("NA", "null", "None", "nan", "1", "01", "1e5", "TRUE", "2026-11-02", "#N/A", "#REF!", "  two spaces  ", "\n"),
    *('say "hi", twice', "a;b\tc,d", "line\nline\n\npara", "<b>&amp;</b>", "\\u0041 \\/ /", "_x000D_", "{=1}"),
    *("Ŵ é ß 👩‍⚕️ 𝒳", "\u2028\u2029", "\ufeffbom", "‮sdrawkcab‬", "\u200b", "e\u0301", "\ufffd"),
]


def nomination(number: int = 1, **values: Any) -> Nomination:
    usual: dict[str, Any] = {
        "id": f"id-{number}",
        "channel": Channel.PAPER,
        "organisation": "Northgate Trust",
        "box": "Rose Ward",
        "ward": "Ward 4",
        "nominee": "Ada",
        "role": "nurse",
        "nominator": "patient",
        "action": "Sat with me.",
        "impact": "I slept.",
        "collected_on": date(2026, 11, 2),
        "reviewed_by": "sam",
        "reviewed_at": datetime(2026, 11, 5, 9, 30, tzinfo=UTC),
        "source": f"box7.pdf#{number}",
        "extra": {"date": "2 Nov"},
    }
    return Nomination(**(usual | values))


def read_csv(file: Path) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    text = file.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_excel(file: Path) -> list[dict[str, str]]:
    frame = pd.read_excel(file, dtype=str, keep_default_na=False, na_values=[])
    return [{str(name): text for name, text in row.items()} for row in frame.to_dict("records")]


def read_parquet(file: Path) -> list[dict[str, str]]:
    frame = pd.read_parquet(file)
    return [{str(name): text for name, text in row.items()} for row in frame.astype(object).to_dict("records")]


def read_json_lines(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


READERS: dict[str, Callable[[Path], list[dict[str, str]]]] = {
    ".csv": read_csv,
    ".xlsx": read_excel,
    ".parquet": read_parquet,
    ".jsonl": read_json_lines,
}


def there_and_back(suffix: str, *nominations: Nomination) -> list[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"nominations{suffix}")
        assert export_nominations(nominations, file).number == len(nominations)
        assert list(Path(folder).iterdir()) == [file]
        return READERS[suffix](file)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_columns_are_the_contracts_then_the_others(suffix: str) -> None:
    (row,) = there_and_back(suffix, nomination(extra={"zeal": "much", "bay": "2", "date": "2 Nov"}))

    assert list(row) == [*CONTRACT, "bay", "date", "zeal"]
    assert list(row.values()) == [
        *("id-1", "paper", "Northgate Trust", "Rose Ward", "Ward 4", "Ada", "nurse", "patient"),
        *("Sat with me.", "I slept.", "2026-11-02", "sam", "2026-11-05T09:30:00Z", "box7.pdf#1", "2", "2 Nov", "much"),
    ]


texts = st.text(max_size=40).map(as_kept) | st.sampled_from(TRAPS)


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".jsonl"])
@settings(max_examples=20)
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=6))
@example([(trap, trap, trap) for trap in TRAPS])
def test_every_text_comes_back_without_loss(suffix: str, said: list[tuple[str, str, str]]) -> None:
    if suffix == ".xlsx":  # a workbook is XML, which has no such characters; see the test below
        said = [(a, b, c) for a, b, c in said if not set("\ufffe\uffff") & set(a + b + c)]
    nominations = [
        nomination(number, nominee=nominee, action=action, extra={"bay": bay})
        for number, (nominee, action, bay) in enumerate(said, 1)
    ]

    rows = there_and_back(suffix, *nominations)

    assert [(row["nominee"], row["action"], row["bay"]) for row in rows] == said


@settings(max_examples=30)
@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
@example([(trap, trap) for trap in TRAPS])
def test_no_cell_of_a_csv_is_a_formula_and_nothing_else_changes(said: list[tuple[str, str]]) -> None:
    nominations = [nomination(number, nominee=one, impact=other) for number, (one, other) in enumerate(said, 1)]

    rows = there_and_back(".csv", *nominations)

    for row, (one, other) in zip(rows, said, strict=True):
        for cell, text in ((row["nominee"], one), (row["impact"], other)):
            assert cell == (f"'{text}" if FORMULA.match(text) else text)
            assert cell.lstrip()[:1] not in {"=", "+", "-", "@"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe_in_csv(start: str) -> None:
    (row,) = there_and_back(".csv", nomination(action=f"{start}1+1", extra={f"{start}field": f"{start}SUM(A1)"}))

    assert row["action"] == f"'{start}1+1"
    assert row[f"'{start}field"] == f"'{start}SUM(A1)"


def test_a_csv_is_utf8_with_a_bom_and_crlf(tmp_path: Path) -> None:
    export_nominations([nomination(action="Ŵyn sat\nwith me")], tmp_path / "n.csv")

    whole = (tmp_path / "n.csv").read_bytes()

    assert whole.startswith(b"\xef\xbb\xbf")
    assert whole.count(b"\r\n") == 2  # the header's and the row's; the answer's own is a line feed
    assert whole.endswith(b"\r\n")
    assert "Ŵyn sat\nwith me".encode() in whole


def test_a_workbook_holds_texts_and_no_formulas(tmp_path: Path) -> None:
    export_nominations([nomination(action="=1+1", impact="#N/A", extra={"=field": "+1"})], tmp_path / "n.xlsx")

    (sheet,) = openpyxl.load_workbook(tmp_path / "n.xlsx").worksheets

    assert sheet.title == "nominations"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert sheet.cell(1, 15).value == "=field"
    assert [sheet.cell(2, column).value for column in (9, 10, 15)] == ["=1+1", "#N/A", "+1"]
    assert all(sheet.cell(2, column).quotePrefix for column in (9, 15))


def test_a_workbook_stays_readable_whatever_was_written() -> None:
    (row,) = there_and_back(".xlsx", nomination(action="not \ufffe a \uffff character"))

    assert row["action"] == "not \ufffd a \ufffd character"


def as_long_as_a_cell(more: int = 0) -> Nomination:
    """An answer of 32,767 UTF-16 units: an emoji counts as two."""
    return nomination(action="é" * (32_765 + more) + "👩")


def test_a_text_that_fills_an_excel_cell_is_kept_whole() -> None:
    (row,) = there_and_back(".xlsx", as_long_as_a_cell())

    assert row["action"] == as_long_as_a_cell().action


def test_a_text_too_long_for_excel_is_refused_not_cut(tmp_path: Path) -> None:
    (tmp_path / "n.xlsx").write_text("the last export")

    with pytest.raises(InputError, match=r"^action of nomination id-1 is longer than the 32767") as said:
        export_nominations([as_long_as_a_cell(more=1)], tmp_path / "n.xlsx")

    assert ".jsonl" in str(said.value)
    assert "éé" not in str(said.value)
    assert [file.name for file in tmp_path.iterdir()] == ["n.xlsx"]
    assert (tmp_path / "n.xlsx").read_text() == "the last export"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_a_megabyte_in_one_field_is_no_trouble_elsewhere(suffix: str) -> None:
    (row,) = there_and_back(suffix, nomination(action="kind " * 200_000))

    assert len(row["action"]) == 1_000_000


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_field_called_like_a_column_stands_beside_it(suffix: str) -> None:
    (row,) = there_and_back(suffix, nomination(extra={"source": "a friend", "box": "blue"}))

    assert (row["source"], row["field_source"]) == ("box7.pdf#1", "a friend")
    assert (row["box"], row["field_box"]) == ("Rose Ward", "blue")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_a_nomination_does_not_have_is_missing(suffix: str) -> None:
    first, second = there_and_back(
        suffix, nomination(1), nomination(2, collected_on=date(2026, 11, 3), extra={}, reviewed_at=None)
    )

    assert first["date"] == "2 Nov"
    missing = {".csv": "", ".xlsx": "", ".parquet": None, ".jsonl": None}[suffix]
    assert [value if isinstance(value, str) else None for value in (second["date"], second["reviewed_at"])] == [
        missing,
        missing,
    ]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_an_empty_store_exports_headers(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"n{suffix}"
    assert export_nominations([], file).number == 0

    readers: dict[str, Any] = {".csv": pd.read_csv, ".xlsx": pd.read_excel, ".parquet": pd.read_parquet}

    assert list(readers[suffix](file).columns) == CONTRACT == list(COLUMNS)


def test_an_empty_store_exports_no_json_lines(tmp_path: Path) -> None:
    assert export_nominations([], tmp_path / "n.jsonl").number == 0
    assert (tmp_path / "n.jsonl").read_bytes() == b""


def test_boxes_come_by_date_and_pages_by_number() -> None:
    early = nomination(1, collected_on=date(2026, 10, 1), source="z.pdf#1")
    pages = [nomination(number, source=f"box7.pdf#{number}") for number in (10, 9, 1)]

    rows = there_and_back(".jsonl", *pages, early)

    assert [row["source"] for row in rows] == ["z.pdf#1", "box7.pdf#1", "box7.pdf#9", "box7.pdf#10"]


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".CSV"])
def test_an_export_is_its_owners_alone(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"n{suffix}"
    file.write_text("somebody's older export")
    file.chmod(0o644)

    export_nominations([nomination()], file)

    bits = 0o777 if os.name == "posix" else 0  # Windows keeps no such modes
    assert file.stat().st_mode & bits == 0o600 & bits


@pytest.mark.parametrize("name", ["n.xls", "n.json", "n", "n.csv.gz", ".csv"])
def test_another_suffix_is_wrong_usage_that_names_the_four(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv, \.xlsx, \.parquet, \.jsonl") as said:
        export_nominations([nomination()], tmp_path / name)

    assert said.value.exit_code is ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.*n\.csv: cannot be written: No such file or directory"):
        export_nominations([nomination()], tmp_path / "nowhere" / "n.csv")


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "n.csv").mkdir()

    with pytest.raises(InputError, match="cannot be written"):
        export_nominations([nomination()], tmp_path / "n.csv")

    assert [file.name for file in tmp_path.iterdir()] == ["n.csv"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_more_than_a_frame_holds_comes_whole_and_in_order(suffix: str) -> None:
    many = [nomination(number, extra={"bay": "9"} if number == 4_400 else {}) for number in range(1, 4_501)]

    rows = there_and_back(suffix, *many)

    assert [row["nomination_id"] for row in rows] == [f"id-{number}" for number in range(1, 4_501)]
    assert [row["nomination_id"] for row in rows if row["bay"] == "9"] == ["id-4400"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_one_that_is_counted_with_another_names_it(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"n{suffix}"

    export_nominations([nomination(1), nomination(2, extra={"same_as": "x"})], file, {"id-2": "id-1"})

    first, second = READERS[suffix](file)
    assert list(first)[14:] == ["same_as", "date", "field_same_as"]
    assert (second["same_as"], second["field_same_as"]) == ("id-1", "x")
    assert not isinstance(first["same_as"], str) or first["same_as"] == ""


def test_a_dictionary_says_what_the_columns_are_and_runs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "n.xlsx"
    exported = export_nominations([nomination(1, role=""), nomination(2, extra={"=field": "1"})], file)

    beside = write_dictionary(exported, file)

    assert beside.name == "n.xlsx.dictionary.csv"
    rows = read_csv(beside)
    assert [row["column"] for row in rows] == [*CONTRACT, "'=field", "date"]
    assert {row["column"]: (row["rows filled"], row["rows"]) for row in rows} | {
        "role": ("1", "2"),
        "date": ("1", "2"),
    } == {row["column"]: (row["rows filled"], row["rows"]) for row in rows}
    assert all(row["format"] and row["meaning"] for row in rows)
