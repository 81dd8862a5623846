"""Excel workbooks, a row at a time. Formulas are not worked out: a cell holds what was typed into it."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from scan_ingest.domain.sheets import bytes_held, has_an_endless_row
from scan_ingest.errors import InputError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

ZIP = b"PK\x03\x04"
MAX_UNPACKED = 2_000_000_000  # bytes; 200,000 rows of long answers are a quarter of it
MAX_TEXTS = 600_000_000  # bytes of the texts that cells share, and of all else that is held in memory
TOO_MUCH = "unpacks to more than a workbook can be; deliver it in parts, or as CSV"
BROKEN = (
    *(zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, TypeError, EOFError, IndexError),
    *(AttributeError, NotImplementedError, RuntimeError),  # no sheet with cells, packed by other means, with a password
)
"""What openpyxl lets through of a workbook that is damaged, or is none."""


def is_workbook(start: bytes) -> bool:
    """Whether a file that begins like this is one (or another zip file)."""
    return start.startswith(ZIP)


def workbook_rows(file: Path, sheet: str | None) -> Iterator[tuple[int, Sequence[str | datetime | None]]]:
    """Each row of the sheet (the first, if none is named) with its number from 1; a cell with an error is None.

    Raises `InputError` where it is no workbook, has no such sheet, or cannot be read to its end.
    """
    _refuse_bombs(file)
    with _opened(file) as workbook:
        names = [each.title for each in workbook.worksheets]
        if sheet is not None and sheet not in names:
            raise InputError(f'{file}: no sheet "{sheet}"; it has {", ".join(names)}')
        if not names:
            raise InputError(f"{file}: the workbook has no sheet with cells")
        chosen = workbook[sheet or names[0]]
        chosen.reset_dimensions()  # what a workbook says of its size need not be true
        rows = chosen.iter_rows()
        number = 0
        while True:
            number += 1
            try:
                with _quietly():
                    row = next(rows, None)
            except BROKEN:
                raise InputError(f"{file}: damaged in row {number} or after it; is the file whole?") from None
            if row is None:
                return
            yield number, [_cell(cell) for cell in row]


@contextmanager
def _opened(file: Path) -> Iterator["Workbook"]:
    from openpyxl import load_workbook  # pandas and numpy come with it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with _quietly():
            workbook = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except (*BROKEN, InvalidFileException, OSError):
        raise InputError(f"{file}: not an Excel workbook that can be read; save it again, or as CSV UTF-8") from None
    try:
        yield workbook
    finally:
        workbook.close()


@contextmanager
def _quietly() -> Iterator[None]:
    """openpyxl warns of what it does not know, such as drop-down lists; nothing here needs them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _refuse_bombs(file: Path) -> None:
    """Raises `InputError` for a file that would unpack to far more than a table is."""
    try:
        with zipfile.ZipFile(file) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, OSError):
        raise InputError(f"{file}: not an Excel workbook that can be read; is the file whole?") from None
    if size > MAX_UNPACKED:
        raise InputError(f"{file}: {TOO_MUCH}")


def refuse_endless(file: Path) -> None:
    """Raises `InputError` where no memory would hold a row of a sheet, or what is read beside the sheets."""
    _refuse_bombs(file)
    try:
        with zipfile.ZipFile(file) as parts:
            endless = has_an_endless_row(parts)
            held = 0 if endless else bytes_held(parts)
    except (*BROKEN, OSError):
        return  # what is wrong with it is told where it is read
    if endless:
        raise InputError(f"{file}: has a row that is longer than any table's; deliver it as CSV")
    if held > MAX_TEXTS:
        raise InputError(f"{file}: {TOO_MUCH}")


def _cell(cell: Any) -> str | datetime | None:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return value.isoformat() if isinstance(value, time) else str(value)
