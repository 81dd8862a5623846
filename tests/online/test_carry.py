"""The website's nominations on their way into the store, on each kind of database."""

import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from scan_ingest.central import Central, open_central
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.domain.nomination import Channel
from scan_ingest.errors import ExitCode, InputError, UsageError
from scan_ingest.online import OnlineReport, import_nominations, load_mapping
from tests.accepted import contents
from tests.online.deliveries import HEADER, as_csv, submission, write_csv, write_mapping, write_workbook


@pytest.fixture
def central(store_url: str, tmp_path: Path) -> Iterator[Central]:
    with open_central(store_url, tmp_path, create=True) as central:
        yield central


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Central]:
    """For what has nothing to do with the kind of database."""
    with open_central(None, tmp_path / "data", create=True) as central:
        yield central


def carried(file: Path, central: Central, mapping: str | None = None, *, dry_run: bool = False) -> OnlineReport:
    meant = write_mapping(file.parent, mapping) if mapping else write_mapping(file.parent)
    return import_nominations(file, load_mapping(meant), central, dry_run=dry_run)


def whys(report: OnlineReport) -> dict[int, str]:
    return {bad.number: bad.why for bad in report.bad}


def test_a_submission_becomes_a_nomination(central: Central, tmp_path: Path) -> None:
    said = "She came back,\nafter her shift; “twice”.\t=1+1"
    file = write_csv(tmp_path / "d.csv", [submission(17, What_they_did=said, Who="  Zoë   Bell ")])

    assert carried(file, central).counts == MergeCounts(inserted=1)

    (nomination,) = central.nominations()
    assert (nomination.channel, nomination.organisation, nomination.box) == (Channel.ONLINE, "Northgate Trust", "")
    assert (nomination.nominee, nomination.ward, nomination.nominator) == ("Zoë Bell", "Rose Ward", "patient")
    assert nomination.action == said
    assert (nomination.collected_on, nomination.source) == (date(2026, 11, 2), "thanks#17")
    assert nomination.extra == {"may_publish": "Yes"}
    came = central.provenance(nomination.id)
    assert (came["form"], came["submission"], came["submitted_at"]) == ("thanks", "17", "2026-11-02T14:30:00")
    assert came["columns"]["nominee"] == ["Who"]


def test_three_deliveries_are_one_row_each(central: Central, tmp_path: Path) -> None:
    rows = [submission(number) for number in range(1, 4)]
    first = carried(write_csv(tmp_path / "monday.csv", rows), central)
    before = contents(central)
    again = [carried(write_csv(tmp_path / f"{day}.csv", rows), central) for day in ("tuesday", "wednesday")]

    assert first.counts.inserted == 3
    assert [report.counts for report in again] == [MergeCounts(unchanged=3)] * 2
    assert contents(central) == before


def test_the_same_submissions_as_a_workbook_are_the_same(central: Central, tmp_path: Path) -> None:
    rows = [submission(number) for number in range(1, 4)]
    carried(write_csv(tmp_path / "d.csv", rows), central)
    dated = [row | {"Sent": datetime(2026, 11, 2, 14, 30)} for row in rows]

    assert carried(write_workbook(tmp_path / "d.xlsx", dated), central).counts == MergeCounts(unchanged=3)


def test_an_edited_submission_updates(central: Central, tmp_path: Path) -> None:
    carried(write_csv(tmp_path / "d.csv", [submission(1), submission(2)]), central)
    edited = write_csv(tmp_path / "d.csv", [submission(1, Ward="Elm Ward", Trust="sgt"), submission(2)])

    assert carried(edited, central).counts == MergeCounts(updated=1, unchanged=1)
    assert {nomination.organisation for nomination in central.nominations()} == {"Northgate Trust", "Southgate Trust"}


def test_of_a_submission_that_comes_twice_in_a_file_the_last_row_counts(central: Central, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "d.csv", [submission(1), submission(2), submission(1, Ward="Elm Ward")])

    report = carried(file, central)

    assert (report.counts, report.superseded) == (MergeCounts(inserted=2), 1)
    assert carried(file, central).counts == MergeCounts(unchanged=2)
    assert sorted(nomination.ward for nomination in central.nominations()) == ["Elm Ward", "Rose Ward"]


def test_a_dry_run_says_the_same_and_writes_nothing(central: Central, tmp_path: Path) -> None:
    carried(write_csv(tmp_path / "d.csv", [submission(1), submission(2)]), central)
    before = contents(central)
    file = write_csv(tmp_path / "d.csv", [submission(1), submission(2, Ward="Elm"), submission(3), submission("")])

    said = carried(file, central, dry_run=True)

    assert contents(central) == before
    assert carried(file, central) == said


def test_bad_rows_are_named_and_the_others_go_in(sqlite: Central, tmp_path: Path) -> None:
    rows = [
        submission(1),
        submission(""),
        submission(3, Sent="31/02/2026 10:00"),
        submission(4, Sent=""),
        submission(5, Trust="XYZ"),
        submission(6, What_they_did="", What_it_meant=" "),
        submission(7, What_they_did="nul \x00 byte"),
        submission(8, What_they_did="x" * 1_000_001),
        submission(9, Who="long " * 400),
        submission(10),
    ]

    report = carried(write_csv(tmp_path / "d.csv", rows), sqlite)

    assert report.counts == MergeCounts(inserted=2)
    assert whys(report) == {
        3: 'no submission: column "Number" is empty',
        4: 'column "Sent" holds no date of the form 31/12/2026 00:00',
        5: 'no date: column "Sent" is empty',
        6: 'column "Trust" holds a value that the mapping does not translate',
        7: "has no answer; a nomination says what somebody did",
        8: 'column "What they did" holds the control character U+0000',
        9: 'column "What they did" is longer than 100000 characters',
        10: 'column "Who" is longer than 1000 characters',
    }


def test_marks_that_turn_the_writing_round_are_kept_as_text(sqlite: Central, tmp_path: Path) -> None:
    """They are drawn harmlessly wherever text is drawn."""
    said = "‮backwards‬ ﷺ עברית"

    carried(write_csv(tmp_path / "d.csv", [submission(1, What_they_did=said)]), sqlite)

    assert [nomination.action for nomination in sqlite.nominations()] == [said]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found_out(encoding: str, delimiter: str, sqlite: Central, tmp_path: Path) -> None:
    rows = [submission(1, Who="Renée Müller", What_they_did='Said "hé", and;|more\r\nthan\tthat.')]

    report = carried(write_csv(tmp_path / "d.csv", rows, encoding, delimiter), sqlite)

    assert report.bad == ()
    (nomination,) = sqlite.nominations()
    assert (nomination.nominee, nomination.action) == ("Renée Müller", 'Said "hé", and;|more\nthan\tthat.')


def test_a_damaged_row_does_not_make_the_whole_file_another_encoding(sqlite: Central, tmp_path: Path) -> None:
    rows = [submission(number, Who="Renée") for number in range(1, 4)]
    damaged = as_csv(rows).encode().replace("Renée".encode(), b"Ren\xed\xa0\x80e", 1)  # half a character
    file = tmp_path / "d.csv"
    file.write_bytes(damaged)

    report = carried(file, sqlite)

    assert whys(report) == {2: 'column "Who" holds bytes that are no text in the file\'s encoding'}
    assert {nomination.nominee for nomination in sqlite.nominations()} == {"Renée"}


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(sqlite: Central, tmp_path: Path) -> None:
    text = as_csv([submission(1, What_they_did="two\nlines"), submission(2), submission("")])
    lines = text.split("\r\n")
    file = tmp_path / "d.csv"
    file.write_text("sep=,\r\n" + "\r\n".join([lines[0], "", *lines[1:]]), encoding="utf-8", newline="")

    assert list(whys(carried(file, sqlite))) == [5]  # the header, an empty row, two good ones


def test_a_row_of_another_width_is_bad(sqlite: Central, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text(as_csv([submission(1)]) + "2,02/11/2026 10:00,NGT\r\n" + "3" + "," * 20 + "x\r\n", encoding="utf-8")

    assert whys(carried(file, sqlite)) == {3: "has 3 cells, the header has 9", 4: "has 21 cells, the header has 9"}


def test_a_stray_quote_costs_its_row(sqlite: Central, tmp_path: Path) -> None:
    good, bad = as_csv([submission(1), submission(2)]), as_csv([submission(3, Who='"x')]).split("\r\n")[1]
    file = tmp_path / "d.csv"
    file.write_text(good + bad.replace('"""x"', '"x"y') + "\r\n", encoding="utf-8", newline="")

    report = carried(file, sqlite)

    assert report.counts == MergeCounts(inserted=2)
    assert whys(report) == {4: 'a " that does not belong; inside a cell it is written twice'}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (as_csv([submission(1)]) + '2,"cut sho', "row 3 opens a quote that is never closed"),
        (as_csv([submission(1)], header=HEADER[1:]), 'no column "Number"; it has "Sent", "Trust"'),
        (as_csv([]).replace("Ward", "Wards"), 'no column "Ward"; did you mean "Wards"?'),
        (as_csv([]).replace("Publish", "ward "), 'two columns are called "Ward"'),
        ("", "row 1 names no columns"),
        (b"PK\x03\x04 and then nothing", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook, or one with a password"),
        ('"Number,' + as_csv([submission(1)]), "row 1 opens a quote that is never closed"),
        (b"\0" * 100_000, 'no column "Number"'),
        (b"x" * 17_000_000, "a line of more than 16000000 characters"),
        (b"\xef\xbb\xbf", "row 1 names no columns"),
        (b"%PDF-1.7\n", 'no column "Number"'),
        ("Number".encode("utf-16") + b"\x00", "is the file whole?"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_store_alone(
    content: str | bytes, said: str, sqlite: Central, tmp_path: Path
) -> None:
    file = tmp_path / "d.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(InputError, match=r"d\.csv") as error:
        carried(file, sqlite)

    assert said in str(error.value)
    assert error.value.exit_code is ExitCode.INPUT
    assert sqlite.count() == 0


def test_a_file_of_another_kind_is_wrong_usage(sqlite: Central, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"named \.csv or \.xlsx"):
        carried(tmp_path / "d.pdf", sqlite)


def test_cells_of_a_workbook_come_as_they_were_typed(sqlite: Central, tmp_path: Path) -> None:
    """Dates and numbers as text; a text that Excel took for a formula is not worked out."""
    row: dict[str, Any] = submission(
        1001.0,
        Sent=datetime(2026, 11, 2, 14, 30),
        Ward=7,
        What_they_did="=) she smiled",
        What_it_meant=date(2026, 1, 9),
    )
    row |= {"Publish": True}

    report = carried(write_workbook(tmp_path / "d.xlsx", [row]), sqlite)

    assert report.bad == ()
    (nomination,) = sqlite.nominations()
    assert (nomination.source, nomination.ward, nomination.action) == ("thanks#1001", "7", "=) she smiled")
    assert (nomination.impact, nomination.extra) == ("2026-01-09", {"may_publish": "TRUE"})


def test_an_error_in_a_cell_spoils_its_row_and_another_sheet_can_be_named(sqlite: Central, tmp_path: Path) -> None:
    file = write_workbook(tmp_path / "d.xlsx", [submission(1), submission(2)])
    workbook = openpyxl.load_workbook(file)
    sheet = workbook.worksheets[0]
    sheet.title = "Responses"
    sheet["D2"].value, sheet["D2"].data_type = "#N/A", "e"
    workbook.create_sheet("Notes", 0)
    workbook.save(file)
    mapping = write_mapping(tmp_path).read_text() + '\n[file]\nsheet = "Responses"\n'

    assert whys(carried(file, sqlite, mapping)) == {2: 'column "Who" holds an error of the spreadsheet'}
    with pytest.raises(InputError, match='no sheet "Respones"; it has Notes, Responses'):
        carried(file, sqlite, mapping.replace("Responses", "Respones"))


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(
    sqlite: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_workbook(tmp_path / "d.xlsx", [submission(1)])
    monkeypatch.setattr("scan_ingest.online.workbook.MAX_UNPACKED", 1000)

    with pytest.raises(InputError, match="unpacks to more than a workbook can be"):
        carried(file, sqlite)


def changed(file: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """A workbook whose part of that name is another."""
    with zipfile.ZipFile(file) as there:
        parts = {name: there.read(name) for name in there.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, change(content) if name == part else content)
    return file


SHEET = "xl/worksheets/sheet1.xml"
DOCTYPE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
CELL = b'<c r="A1" t="inlineStr"><is><t>&a;</t></is></c>'


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        (
            SHEET,
            lambda xml: xml.replace(b"<sheetData>", b"<sheetData><row>" + b"<c/>" * 600_000 + b"</row>"),
            "has a row",
        ),
        (SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData><row><c>" + b" " * 70_000_000), "has a row"),
        (
            SHEET,
            lambda xml: DOCTYPE + xml.replace(b"<sheetData>", b"<sheetData><row>" + CELL + b"</row>"),
            "damaged in row",
        ),
        (SHEET, lambda xml: xml[:-200], "damaged in row"),
        ("xl/workbook.xml", lambda xml: xml[:100], "not an Excel workbook that can be read"),
        ("xl/styles.xml", lambda _: b"none", "not an Excel workbook that can be read"),
    ],
)
def test_a_workbook_that_is_made_to_harm_is_refused_in_words(
    part: str, change: Callable[[bytes], bytes], said: str, sqlite: Central, tmp_path: Path
) -> None:
    file = changed(write_workbook(tmp_path / "d.xlsx", [submission(1), submission(2)]), part, change)

    with pytest.raises(InputError, match=said):
        carried(file, sqlite)

    assert sqlite.count() == 0


@pytest.mark.parametrize(("flag", "value"), [(8, 1), (10, 99)], ids=["with a password", "packed by unknown means"])
def test_a_workbook_that_cannot_be_unpacked_is_refused_in_words(
    flag: int, value: int, sqlite: Central, tmp_path: Path
) -> None:
    file = write_workbook(tmp_path / "d.xlsx", [submission(1)])
    content = bytearray(file.read_bytes())
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:  # each part, as the list at the end has it
        content[at + flag] |= value
    file.write_bytes(content)

    with pytest.raises(InputError, match="not an Excel workbook that can be read"):
        carried(file, sqlite)


def test_merged_cells_formulas_and_days_as_numbers_are_what_the_sheet_shows_or_told(
    sqlite: Central, tmp_path: Path
) -> None:
    file = write_workbook(tmp_path / "d.xlsx", [submission(number) for number in range(1, 5)])
    workbook = openpyxl.load_workbook(file)
    sheet = workbook.worksheets[0]
    sheet.merge_cells("E2:E3")  # Excel keeps the first cell's text and empties the others
    sheet["D3"] = '=A3&" of Rose Ward"'
    sheet["B4"] = 46_000.5
    workbook.save(file)

    report = carried(file, sqlite)

    assert whys(report) == {4: 'column "Sent" holds a day as Excel counts; show the column as dates there'}
    assert [(one.ward, one.nominee) for one in sorted(sqlite.nominations(), key=lambda one: one.source)] == [
        ("Rose Ward", submission(1)["Who"]),
        ("", '=A3&" of Rose Ward"'),
        ("Rose Ward", submission(4)["Who"]),
    ]


def test_ten_thousand_columns_and_a_million_empty_cells_are_no_trouble(sqlite: Central, tmp_path: Path) -> None:
    text = as_csv([submission(1)]).split("\r\n")
    more = ",".join(f"column {number}" for number in range(10_000))
    file = tmp_path / "d.csv"
    file.write_text(f"{text[0]},{more}\r\n{text[1]}{',' * 10_000}\r\n{text[1]}{',' * 1_000_000}\r\n", encoding="utf-8")

    report = carried(file, sqlite)

    assert (report.counts, report.superseded, len(report.passed_over)) == (MergeCounts(inserted=1), 1, 10_000)


def test_no_reason_repeats_what_a_row_says(sqlite: Central, tmp_path: Path) -> None:
    words = "Hunter\x01"
    rows = [submission(1) | {name: f"{words}{name}"} for name in HEADER]

    report = carried(write_csv(tmp_path / "d.csv", rows), sqlite)

    assert len(report.bad) == len(HEADER)
    assert "Hunter" not in "".join(map(str, report.bad))


def test_more_rows_than_a_transaction_takes(central: Central, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "d.csv", [submission(number) for number in range(1203)])

    assert carried(file, central).counts.inserted == 1203
    assert carried(file, central).counts == MergeCounts(unchanged=1203)
