"""What a website delivers: tables of submissions, and the mapping that fits them."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

HEADER = ("Number", "Sent", "Trust", "Who", "Ward", "I am", "What they did", "What it meant", "Publish")
MAPPING = """
schema = 1
form = "thanks"
submission = "Number"
organisation = { column = "Trust", translate = { "NGT" = "Northgate Trust", "SGT" = "Southgate Trust" } }

[submitted]
column = "Sent"
format = "%d/%m/%Y %H:%M"

[fields]
nominee = "Who"
ward = "Ward"
action = "What they did"
impact = "What it meant"
may_publish = "Publish"
nominator = { column = "I am", translate = { "A patient" = "patient" }, others = "visitor" }
"""


def submission(number: object, **cells: object) -> dict[str, object]:
    """A row that is good; `cells` by the names of columns, spaces as underscores."""
    usual: dict[str, object] = {
        "Number": number,
        "Sent": "02/11/2026 14:30",
        "Trust": "NGT",
        "Who": f"{_invented(number, 1)} {_invented(number, 2)}",
        "Ward": "Rose Ward",
        "I am": "A patient",
        "What they did": f"Helped me with my {_invented(number, 3)} and the {_invented(number, 4)}.",
        "What it meant": f"No more {_invented(number, 5)}.",
        "Publish": "Yes",
    }
    return usual | {name.replace("_", " "): value for name, value in cells.items()}


def _invented(number: object, which: int) -> str:
    """A word that no other submission has."""
    digits = hashlib.sha256(f"{number} {which}".encode()).hexdigest()[:6]
    return "".join("bdklmnprstvwzchf"[int(digit, 16)] + "aeiou"[int(digit, 16) % 5] for digit in digits)


def as_csv(rows: Sequence[Mapping[str, object]], delimiter: str = ",", header: Sequence[str] = HEADER) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([[row[name] for name in header] for row in rows])
    return text.getvalue()


def write_csv(file: Path, rows: Sequence[Mapping[str, object]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    file.write_bytes(as_csv(rows, delimiter).encode(encoding))
    return file


def write_workbook(file: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(list(HEADER))
    for row in rows:
        sheet.append([row[name] for name in HEADER])
    workbook.save(file)
    return file


def write_mapping(folder: Path, text: str = MAPPING) -> Path:
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    return file
