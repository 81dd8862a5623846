"""Corrections in a workbook: out with pictures, edited as people edit, and checked row by row when it comes back."""

import stat
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image

from scan_ingest.domain.card import CardState
from scan_ingest.domain.cells import as_meant, as_written
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import InputError
from scan_ingest.exchange import ImportReport, export_cards, import_corrections
from scan_ingest.exchange.workbook import column_of
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import TEXTS

HEADER = [
    *("card_id", "version", "state", "pages", "held_back", "picture"),
    *("nominee", "nominator", "action", "impact"),
    *("decision", "reason", "note", "identity"),
]
Edit = Callable[[Worksheet], None]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cards.xlsx"


def sheet_of(file: Path) -> Worksheet:
    sheet = openpyxl.load_workbook(file).active
    assert isinstance(sheet, Worksheet)
    return sheet


def edited(workspace: Workspace, file: Path, edit: Edit, reviewer: str = "ann") -> ImportReport:
    """The queue goes out, somebody works on the sheet, it comes back."""
    export_cards(workspace, file)
    return again(workspace, file, edit, reviewer)


def again(workspace: Workspace, file: Path, edit: Edit, reviewer: str = "ann") -> ImportReport:
    workbook = openpyxl.load_workbook(file)
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    edit(sheet)
    workbook.save(file)
    return import_corrections(workspace, file, reviewer)


def put(sheet: Worksheet, row: int, **cells: object) -> None:
    for name, value in cells.items():
        sheet.cell(row, HEADER.index(name) + 1).value = value  # type: ignore[assignment]  # not a merged cell


def test_each_card_is_a_row_with_its_picture_and_only_what_is_to_be_typed_is_open(
    workspace: Workspace, file: Path
) -> None:
    assert export_cards(workspace, file) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sheet = sheet_of(file)
    assert [cell.value for cell in sheet[1]] == HEADER
    cards = list(workspace.cards())
    assert [sheet.cell(row, 1).value for row in (2, 3, 4)] == [card.id for card in cards]
    assert [sheet.cell(2, 7 + number).value for number in range(4)] == list(TEXTS.values())
    open_cells = [name for name, cell in zip(HEADER, sheet[2], strict=True) if not cell.protection.locked]
    assert open_cells == HEADER[6:]
    assert sheet.protection.sheet
    assert [cell.number_format for cell in sheet[2][6:]] == ["@"] * 8
    lists = {str(validation.sqref): validation.formula1 for validation in sheet.data_validations.dataValidation}
    assert lists["K2:K4"] == '"accept,reject,set-aside"'
    assert lists["H2 H3 H4"] == '"patient,carer"'
    assert lists["L2:L4"].startswith('"not a nomination,illegible,')
    with zipfile.ZipFile(file) as parts:
        pictures = [name for name in parts.namelist() if name.startswith("xl/media/")]
        assert len(pictures) == 3
        with Image.open(BytesIO(parts.read(pictures[0]))) as picture:
            assert picture.height > 200
    assert {image.anchor._from.row for image in sheet._images} == {1, 2, 3}


def test_rows_are_taken_as_they_were_decided_and_others_passed_over(workspace: Workspace, file: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, 2, decision="accept", action="Sat with my father\nall night", impact=None)
        put(sheet, 3, decision=" Reject ", reason="illegible", note="ask the ward")

    assert edited(workspace, file, edit) == ImportReport(2, ())
    first, second, third = workspace.cards()
    assert first.texts == {**TEXTS, "action": "Sat with my father\nall night", "impact": ""}
    assert (second.state, second.reason, second.note) == (CardState.REJECTED, "illegible", "ask the ward")
    assert (third.state, third.reviewed_by) == (CardState.WAITING, "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (7, "7"),
        (7.0, "7"),
        (0.5, "0.5"),
        (12345678901234, "12345678901234"),
        (True, "TRUE"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 14, 5), "2026-03-02 14:05:00"),
        ("'tis", "'tis"),
        ("  two spaces  ", "  two spaces  "),
        ("tab\there\r\nand there", "tab\there\nand there"),
        ("_x0041_ and _x000A_", "A and \n"),  # as Excel writes what it cannot write
    ],
)
def test_whatever_excel_makes_of_what_is_typed_comes_in_as_text(
    workspace: Workspace, file: Path, typed: object, kept: str
) -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, 2, decision="accept", action=typed)
        is_date = isinstance(typed, date)
        sheet.cell(2, HEADER.index("action") + 1).number_format = "yyyy-mm-dd hh:mm" if is_date else "General"

    assert edited(workspace, file, edit).bad == ()
    assert workspace.accepted_cards()[0].texts["action"] == kept


def formula(sheet: Worksheet) -> None:
    put(sheet, 2, action="=1+1")
    assert sheet.cell(2, HEADER.index("action") + 1).data_type == "f"


BAD_ROWS: list[tuple[Edit, str]] = [
    (lambda sheet: put(sheet, 2, decision="acept"), 'row 2: unknown decision; did you mean "accept"?'),
    (lambda sheet: put(sheet, 2, decision=None, action="typed"), "row 2: something was typed and nothing decided"),
    (lambda sheet: put(sheet, 2, decision=None, note="typed"), "row 2: something was typed and nothing decided"),
    (lambda sheet: put(sheet, 2, decision="reject"), "row 2: a rejection has a reason"),
    (formula, 'row 2: field "action" is a formula'),
    (lambda sheet: put(sheet, 2, action="#REF!"), 'row 2: field "action" holds an error'),
    (lambda sheet: put(sheet, 2, nominator="nurse"), 'row 2: field "nominator" has the options patient, carer'),
    (lambda sheet: put(sheet, 2, action="bell_x0007_"), 'row 2: field "action" holds the control character U+0007'),
    (lambda sheet: put(sheet, 2, action="half_xD800_"), 'row 2: field "action" holds the control character U+D800'),
    (lambda sheet: put(sheet, 2, card_id="0" * 20), "row 2: no card"),
    (lambda sheet: put(sheet, 2, card_id=None), "row 2: card_id is empty"),
    (lambda sheet: put(sheet, 2, card_id=sheet.cell(3, 1).value), "row 3: its card came in row 2 already"),
    (
        lambda sheet: setattr(sheet.cell(1, HEADER.index("action") + 1), "value", "acton"),
        'row 2: the card has no field "acton"',
    ),
]


@pytest.mark.parametrize(("edit", "why"), BAD_ROWS)
def test_a_bad_row_is_told_by_its_number_and_the_others_are_taken(
    workspace: Workspace, file: Path, edit: Edit, why: str
) -> None:
    def all_accepted(sheet: Worksheet) -> None:
        for row in (2, 3, 4):
            put(sheet, row, decision="accept")
        edit(sheet)

    report = edited(workspace, file, all_accepted)
    assert str(report.bad[0]).startswith(why)
    assert report.taken == 3 - len(report.bad)
    assert len(workspace.accepted_cards()) == report.taken


def test_a_card_that_somebody_decided_on_meanwhile_is_not_overwritten_and_ones_own_row_is_taken_once(
    workspace: Workspace, file: Path
) -> None:
    mine, theirs, _ = workspace.cards()
    export_cards(workspace, file)
    workspace.decide(Review(theirs.id, Decision.ACCEPT, "ben", datetime.now(UTC), texts={"impact": "by ben"}))

    def edit(sheet: Worksheet) -> None:
        for row in (2, 3):
            put(sheet, row, decision="accept", impact="by ann")

    for taken in (1, 0):  # imported twice, after the bad row was looked at, say
        report = again(workspace, file, edit)
        assert (report.taken, [bad.number for bad in report.bad]) == (taken, [3])
        assert "since the workbook was written" in report.bad[0].why
    assert len(workspace.history(mine.id)) == len(workspace.history(theirs.id)) == 1


def test_rows_may_be_sorted_columns_taken_out_and_lines_left_empty(workspace: Workspace, file: Path) -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, 4, decision="accept", action="last")
        sheet.delete_cols(HEADER.index("impact") + 1)
        sheet.insert_rows(2, 3)

    assert edited(workspace, file, edit) == ImportReport(1, ())
    assert workspace.accepted_cards()[0].texts == {**TEXTS, "action": "last"}


def test_a_merged_card_comes_back_and_is_merged_again(workspace: Workspace, file: Path) -> None:
    first = next(iter(workspace.cards()))
    workspace.decide(Review(first.id, Decision.ACCEPT, "ann", datetime.now(UTC)))
    tell_merged(workspace)
    report = edited(workspace, file, lambda sheet: put(sheet, 2, decision="accept", impact="corrected"))
    assert report.taken == 1
    (card,) = workspace.accepted_cards()
    assert (card.texts["impact"], card.merged_before) == ("corrected", True)


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.sampled_from(
    [
        "=cmd|' /C calc'!A0",
        "'",
        "''a",
        "+1",
        "@SUM(A1)",
        "_x0041_",
        "_x005F_x0041_",
        "\ufffe",
        "\n",
        " \t ",
        "#N/A",
        "1e5",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(text=any_text)
def test_any_text_comes_back_as_it_went_and_is_never_a_formula(workspace: Workspace, file: Path, text: str) -> None:
    card = next(iter(workspace.cards()))
    workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), texts={"action": text}), reopen=True)
    report = edited(workspace, file, lambda sheet: put(sheet, 2, decision="accept"), reviewer="ben")
    assert report == ImportReport(1, ())
    assert workspace.card(card.id).texts["action"] == as_kept(text)
    cell = sheet_of(file).cell(2, HEADER.index("action") + 1)
    assert cell.data_type in ("s", "n", "e") or not text  # never "f"


@given(text=any_text)
def test_excels_escape_of_characters_is_told_from_text_that_looks_like_it(text: str) -> None:
    assert as_meant(as_written(text)) == text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def test_a_field_called_like_another_column_has_a_name_of_its_own() -> None:
    assert [column_of(name) for name in ("action", "reason", "card_id")] == ["action", "field_reason", "field_card_id"]


def zipped(**parts: bytes) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return target.getvalue()


def a_lie_about_its_size() -> bytes:
    """A small file that says of a part that it unpacks to a gigabyte."""
    content = bytearray(zipped(**{"xl/workbook.xml": b"<a/>"}))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10**9)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no Excel workbook"),
        (b"PK\x03\x04 cut short", "no Excel workbook"),
        (zipped(a=b"x"), "no Excel workbook"),
        (zipped(**{"[Content_Types].xml": b"<Types", "xl/workbook.xml": b"<"}), "no Excel workbook"),
        (a_lie_about_its_size(), "unpacks to 1000 MB"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_in_words(
    workspace: Workspace, file: Path, content: bytes, why: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(InputError, match=why):
        import_corrections(workspace, file, "ann")


def test_a_sheet_without_the_columns_that_are_needed_is_refused(workspace: Workspace, file: Path) -> None:
    with pytest.raises(InputError, match="no column decision in the first row"):
        edited(workspace, file, lambda sheet: setattr(sheet.cell(1, HEADER.index("decision") + 1), "value", "verdict"))
    with pytest.raises(InputError, match='two columns are called "action"'):
        edited(workspace, file, lambda sheet: setattr(sheet.cell(1, HEADER.index("note") + 1), "value", "action"))
    with pytest.raises(InputError, match=r"missing\.xlsx: cannot be read \(No such file"):
        import_corrections(workspace, file.with_name("missing.xlsx"), "ann")


def test_who_holds_a_card_keeps_it(workspace: Workspace, file: Path) -> None:
    workspace.claim(next(iter(workspace.cards())).id, "ben", timedelta(minutes=5))
    report = edited(workspace, file, lambda sheet: put(sheet, 2, decision="accept"))
    assert "another reviewer holds it" in report.bad[0].why


NHS_NUMBER = "Her NHS number is 943 476 5919."


def held_fields(workspace: Workspace) -> list[str]:
    return [field.field for card in workspace.identities() for field in card.fields if field.holds]


def with_identities(workspace: Workspace, file: Path) -> None:
    """The first card's answers hold it back; it goes out again."""
    export_cards(workspace, file)
    texts = {"action": NHS_NUMBER, "impact": NHS_NUMBER}
    assert again(workspace, file, lambda sheet: put(sheet, 2, decision="accept", **texts)).taken == 1
    assert held_fields(workspace) == ["action", "impact"]
    export_cards(workspace, file)


def test_what_holds_a_card_back_is_said_and_answered_in_its_row(workspace: Workspace, file: Path) -> None:
    with_identities(workspace, file)
    said = sheet_of(file).cell(2, HEADER.index("held_back") + 1).value
    assert said == "action: NHS number\nimpact: NHS number"
    report = again(workspace, file, lambda sheet: put(sheet, 2, decision="accept", identity="keep: a made-up example"))
    assert (report.taken, report.bad, held_fields(workspace)) == (1, (), [])


def test_a_line_of_the_cell_goes_for_the_field_it_names(workspace: Workspace, file: Path) -> None:
    with_identities(workspace, file)
    told = "impact: consent: she signed for it"
    assert again(workspace, file, lambda sheet: put(sheet, 2, decision="accept", identity=told)).taken == 1
    assert held_fields(workspace) == ["action"]


@pytest.mark.parametrize(
    ("row", "told", "why"),
    [
        (2, "keep", "has a reason"),
        (2, "yes", '"keep: REASON", "consent: REASON" or "redact"'),
        (3, "keep: it is mine", "name the field"),
        (3, "acton: keep: it is mine", "name the field"),
    ],
)
def test_an_answer_that_is_none_is_told_with_its_row_and_changes_nothing(
    workspace: Workspace, file: Path, row: int, told: str, why: str
) -> None:
    with_identities(workspace, file)
    report = again(workspace, file, lambda sheet: put(sheet, row, decision="accept", identity=told))
    assert (report.taken, [bad.number for bad in report.bad]) == (0, [row])
    assert why in report.bad[0].why
    assert held_fields(workspace) == ["action", "impact"]


def test_an_answer_without_a_decision_is_told(workspace: Workspace, file: Path) -> None:
    with_identities(workspace, file)
    (bad,) = again(workspace, file, lambda sheet: put(sheet, 2, identity="keep: a made-up example")).bad
    assert "nothing decided" in bad.why
