"""The staff list: a table of names, roles and wards as an office's spreadsheet program saves it.

What is in it is never told: a message about a bad file names the file and the line.
"""

import csv
import io
import string
from collections.abc import Iterator, Sequence
from pathlib import Path

from scan_ingest.domain.lists import Colleague
from scan_ingest.domain.text import as_read, forbidden_characters
from scan_ingest.errors import ConfigurationError

NAME, ROLE, WARD = "name", "role", "ward"
COLUMNS = (NAME, ROLE, WARD)
MAX_BYTES = 20_000_000
MAX_ROWS = 50_000
"""Matching looks at every name for every card; a trust has 5,000 to 20,000 people."""
MAX_CELL = 200  # characters; a longer name or role is a file gone wrong
EMPTY_CELLS = ',;"' + string.whitespace
UTF_8_MARK, UTF_16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def load_staff(file: Path) -> tuple[Colleague, ...]:
    """The people of a CSV file, in its order, each row once.

    The first row names the columns, in any case and order: `name`, and `role` and `ward` where there are any; others
    are passed over. Cells are parted by commas, semicolons or tabs, whichever the first row has; the bytes are UTF-8
    (with a mark or without), UTF-16 with its mark, or else Windows-1252: what Excel writes. Raises `ConfigurationError`
    naming the file and the line.
    """
    rows = _rows(file, _text(file))
    columns = _columns(file, next(rows, (1, [])))
    found: dict[Colleague, None] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue  # a spreadsheet writes a row of separators where a row was emptied
        found[_colleague(file, line, cells, columns)] = None
        if len(found) > MAX_ROWS:
            raise ConfigurationError(f"{file}, line {line}: more than {MAX_ROWS} people; list those of this site only")
    if not found:
        raise ConfigurationError(f"{file}: nobody is listed; a row is name, role, ward")
    return tuple(found)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ConfigurationError(f"{file}: larger than {MAX_BYTES // 1_000_000} MB; a staff list is a short table")
        data = file.read_bytes()
    except OSError as exc:
        raise ConfigurationError(f"{file}: the staff list cannot be read ({exc.strerror or exc})") from exc
    if data[:4] == b"PK\x03\x04":
        raise ConfigurationError(f"{file}: a workbook, not a CSV file; save it as CSV UTF-8")
    if data[:2] in UTF_16_MARKS:
        return _decoded(file, data, "utf-16")
    try:
        return data.removeprefix(UTF_8_MARK).decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(file, data, "cp1252")


def _decoded(file: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        # The error itself carries the file's bytes: it is not passed on.
        raise ConfigurationError(f"{file}, line {line}: not a text file; save it as CSV UTF-8") from None


def _rows(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line it ends on, from 1."""
    lines = io.StringIO(text, newline="")
    before = 0
    first = lines.readline()
    if first.lower().startswith("sep="):  # Excel's own note to itself
        before, first = 1, lines.readline()
    while first and not first.strip(EMPTY_CELLS):  # a spreadsheet whose first rows were emptied
        before, first = before + 1, lines.readline()
    if not first:
        raise ConfigurationError(f"{file}, line {before or 1}: no column names; the first row is name,role,ward")
    delimiter = max(",;\t", key=first.count)
    lines.seek(0)
    for _ in range(before):
        lines.readline()
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:  # its text may quote the row
            line = before + reader.line_num
            raise ConfigurationError(
                f'{file}, line {line}: a " that does not belong; a quote in a cell is ""'
            ) from None
        if row is None:
            return
        yield before + reader.line_num, row


def _columns(file: Path, header: tuple[int, Sequence[str]]) -> dict[str, int]:
    """Where the known columns are, from 0."""
    line, cells = header
    names = [" ".join(cell.split()).casefold() for cell in cells]
    for column in COLUMNS:
        if names.count(column) > 1:
            raise ConfigurationError(f'{file}, line {line}: two columns are called "{column}"; rename one')
    if NAME not in names:
        raise ConfigurationError(f'{file}, line {line}: no column "{NAME}"; the first row is name,role,ward')
    return {column: names.index(column) for column in COLUMNS if column in names}


def _colleague(file: Path, line: int, cells: Sequence[str], columns: dict[str, int]) -> Colleague:
    values = {}
    for column, at in columns.items():
        value = cells[at] if at < len(cells) else ""
        if forbidden_characters(value):
            raise ConfigurationError(f'{file}, line {line}: control characters in the column "{column}"; remove them')
        value = " ".join(as_read(value).split())
        if len(value) > MAX_CELL:
            raise ConfigurationError(
                f'{file}, line {line}: the column "{column}" has more than {MAX_CELL} characters; '
                "is there a quote too many or too few?"
            )
        values[column] = value
    if not values[NAME]:
        raise ConfigurationError(f"{file}, line {line}: no name; every row has one")
    return Colleague(values[NAME], values.get(ROLE, ""), values.get(WARD, ""))
