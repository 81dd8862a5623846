"""The staff list, as offices save it."""

from pathlib import Path

import pytest

from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.errors import ConfigurationError
from scan_ingest.staff import MAX_BYTES, MAX_CELL, MAX_ROWS, load_staff

ROWS = "name,role,ward\nSiân O'Neill,Staff Nurse,Oak Ward\nŁucja Nowak,Porter,\n"
PEOPLE = (Colleague("Siân O'Neill", "Staff Nurse", "Oak Ward"), Colleague("Łucja Nowak", "Porter"))


def staff_file(folder: Path, content: str | bytes) -> Path:
    file = folder / "staff.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_spreadsheets_are_known(tmp_path: Path, encoding: str) -> None:
    assert load_staff(staff_file(tmp_path, ROWS.encode(encoding))) == PEOPLE


def test_an_older_excel_writes_windows_1252(tmp_path: Path) -> None:
    people = load_staff(staff_file(tmp_path, "name;ward\r\nSiân O’Neill;Château 3\r\n".encode("cp1252")))
    assert people == (Colleague("Siân O’Neill", ward="Château 3"),)


@pytest.mark.parametrize(
    "content",
    [
        "Name;ROLE; Ward\nJo Ash;Porter;Oak\n",
        "sep=;\r\nname;role;ward\r\nJo Ash;Porter;Oak\r\n",
        "ward\tphone\tname\trole\nOak\t01632 960001\tJo Ash\tPorter\n",
        'name,role,ward\n"Jo  Ash",Porter,Oak\n,,\nJo Ash,Porter,Oak\n',
        "\n,,\n;;;\r\nname,role,ward\nJo Ash,Porter,Oak\n",
        "name,role,ward\nJo\u200b \u202eAsh,Porter,\ufeffOak\n",
    ],
)
def test_separators_columns_and_empty_rows_are_as_the_office_likes(tmp_path: Path, content: str) -> None:
    assert load_staff(staff_file(tmp_path, content)) == (Colleague("Jo Ash", "Porter", "Oak"),)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "staff.csv, line 1: no column names"),
        ("nurse,ward\nJo Ash,Oak\n", 'staff.csv, line 1: no column "name"'),
        ("name,Name\nJo,Ash\n", 'staff.csv, line 1: two columns are called "name"'),
        ("name,role\nJo Ash,Porter\n ,Nurse\n", "staff.csv, line 3: no name"),
        ('name,role\n"Jo" Ash,Porter\n', 'staff.csv, line 2: a " that does not belong'),
        ("name\nJo\x07 Ash\n", 'staff.csv, line 2: control characters in the column "name"'),
        ("name\n" + "Jo Ash " * MAX_CELL + "\n", "staff.csv, line 2: .* has more than"),
        ("name,role,ward\n", "staff.csv: nobody is listed"),
        (b"PK\x03\x04rest of a workbook", "staff.csv: a workbook"),
        (b"name\nJo\nAsh\x81\xff\n", "staff.csv, line 3: not a text file"),
        (b"\xff\xfen\x00a", "staff.csv, line 1: not a text file"),
        (b"n" * (MAX_BYTES + 1), "staff.csv: larger than 20 MB"),
        ("name\n" + "".join(f"Jo {n}\n" for n in range(MAX_ROWS + 1)), f"more than {MAX_ROWS} people"),
    ],
)
def test_a_bad_file_is_told_with_its_line_and_without_its_people(
    tmp_path: Path, content: str | bytes, why: str
) -> None:
    with pytest.raises(ConfigurationError, match=why) as refused:
        load_staff(staff_file(tmp_path, content))
    assert "Jo" not in str(refused.value)
    assert "Ash" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="staff list cannot be read"):
        load_staff(tmp_path / "staff.csv")


def test_people_do_not_show_in_what_programmers_print() -> None:
    assert "Jo Ash" not in repr(Lists(staff=(Colleague("Jo Ash", "Porter", "Oak"),)))
