"""Workbooks that would fill the memory are known beforehand, wherever their sheets lie in the file."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from scan_ingest.domain.sheets import MAX_ELEMENTS, bytes_held, has_an_endless_row

CELLS = "<c/>" * (MAX_ELEMENTS + 1)
SHEET = "xl/worksheets/sheet1.xml"


def a_workbook(tmp_path: Path, changed: Mapping[str, tuple[str, str]], lies_at: str = SHEET) -> Path:
    """One with two rows; in each part named, the first text is the second. `lies_at` is where its sheet is."""
    made, file = tmp_path / "made.xlsx", tmp_path / "cards.xlsx"
    workbook = openpyxl.Workbook()
    for row in (("nominee", "action"), ("Jo Ash", "Sat with my father")):
        workbook.active.append(row)
    workbook.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name in parts.namelist():
            text = parts.read(name).decode()
            if name in changed:
                before, after = changed[name]
                assert before in text
                text = text.replace(before, after)
            if name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
                text = text.replace(f"/{SHEET}", f"/{lies_at}")
            written.writestr(lies_at if name == SHEET else name, text)
    return file


def is_refused(file: Path) -> bool:
    with zipfile.ZipFile(file) as parts:
        return has_an_endless_row(parts)


@pytest.mark.parametrize("lies_at", [SHEET, "xl/table.xml", "xl/media/picture.png", "elsewhere/rows.bin"])
def test_a_row_without_end_is_seen_wherever_the_sheet_lies(tmp_path: Path, lies_at: str) -> None:
    assert is_refused(a_workbook(tmp_path, {SHEET: ("</row></sheetData>", f"{CELLS}</row></sheetData>")}, lies_at))
    harmless = a_workbook(tmp_path, {}, lies_at)
    assert openpyxl.load_workbook(harmless, read_only=True).worksheets[0]["A1"].value == "nominee"
    assert not is_refused(harmless)


def test_what_follows_the_rows_belongs_to_none_of_them(tmp_path: Path) -> None:
    half = "<c/>" * (MAX_ELEMENTS // 2 + 10)
    after = f"{half}</row></sheetData><mergeCells>{half}</mergeCells>"
    assert not is_refused(a_workbook(tmp_path, {SHEET: ("</row></sheetData>", after)}))


def test_what_names_the_sheets_is_bounded_too(tmp_path: Path) -> None:
    links = '<Relationship Id="x" Type="t" Target="y"/>' * (MAX_ELEMENTS + 1)
    assert is_refused(
        a_workbook(tmp_path, {"xl/_rels/workbook.xml.rels": ("</Relationships>", f"{links}</Relationships>")})
    )


@pytest.mark.parametrize("called", ["xl/sharedStrings.xml", "elsewhere/words.xml", "xl/media/picture.png", SHEET])
def test_the_texts_that_cells_share_are_counted_whatever_their_part_is_called(tmp_path: Path, called: str) -> None:
    harmless = a_workbook(tmp_path, {})
    file = tmp_path / "crafted.xlsx"
    texts = b"<sst>" + b"<si><t>a</t></si>" * 100_000 + b"</sst>"
    with zipfile.ZipFile(harmless) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name in parts.namelist():
            content = parts.read(name)
            if name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
                said = f'<Override PartName="/{called}" ContentType="{kind}"/></Types>'
                content = content.replace(b"</Types>", said.encode())
            if name != called:
                written.writestr(name, content)
        written.writestr(called, texts)
    assert held(harmless) < len(texts) <= held(file)


def test_sheets_and_pictures_are_held_by_nobody(tmp_path: Path) -> None:
    long = "<row><c/></row>" * 100_000
    file = a_workbook(tmp_path, {SHEET: ("</sheetData>", f"{long}</sheetData>")}, "elsewhere/rows.xml")
    with zipfile.ZipFile(file, "a") as parts:
        parts.writestr("xl/media/image1.png", b"\0" * 1_000_000)
    assert held(file) < 100_000


def held(file: Path) -> int:
    with zipfile.ZipFile(file) as parts:
        assert not has_an_endless_row(parts)
        return bytes_held(parts)
