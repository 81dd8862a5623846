"""A delivered table, row by row: a CSV file or an Excel workbook, with the columns that the mapping asks for.

Rows are numbered as a spreadsheet numbers them, the header's being `header_row` and empty ones counted. A file is read
as a stream, as often as it is asked for; nothing in it is run or worked out.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scan_ingest.errors import InputError, UsageError
from scan_ingest.online.mapping import Mapping, key_of
from scan_ingest.online.text_file import header_of, text_rows
from scan_ingest.online.workbook import is_workbook, refuse_endless, workbook_rows

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # also what Excel makes of a workbook with a password

Cell = str | datetime
"""A cell's text ("" where there is none), or the time that an Excel cell holds."""


@dataclass(frozen=True)
class BadRow:
    """A row that was not taken; `why` holds nothing that the row says."""

    number: int
    why: str

    def __str__(self) -> str:
        return f"row {self.number}: {self.why}"


@dataclass(frozen=True)
class Row:
    """A row's cells by the columns that the mapping asks for, spelled as the mapping spells them."""

    number: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Table:
    """A file whose header is known. `passed_over` are the columns that nobody asked for."""

    file: Path
    passed_over: tuple[str, ...]
    _at: dict[str, int]
    _width: int
    _header_row: int
    _read: Callable[[], Iterator[tuple[int, Sequence[Cell | None] | str]]]

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row below the header that is not empty. Raises `InputError` where the file cannot be read on."""
        for number, cells in self._read():
            if number <= self._header_row:
                continue
            if isinstance(cells, str):
                yield BadRow(number, cells)
            elif any(cell for cell in cells):
                yield self._row(number, cells)

    def _row(self, number: int, cells: Sequence[Cell | None]) -> Row | BadRow:
        if len(cells) < self._width or any(cells[self._width :]):
            return BadRow(number, f"has {len(cells)} cells, the header has {self._width}")
        for column, at in self._at.items():
            if cells[at] is None:
                return BadRow(number, f'column "{column}" holds an error of the spreadsheet')
        return Row(number, {column: cells[at] or "" for column, at in self._at.items()})


def open_table(file: Path, mapping: Mapping) -> Table:
    """The table in that file, its header looked at.

    Raises `UsageError` for a suffix that no table has, `InputError` where the file cannot be read or lacks a column.
    """
    if file.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{file}: nominations of the website come in files named .csv or .xlsx")
    try:
        with file.open("rb") as opened:
            start = opened.read(8)
    except OSError as exc:
        raise InputError(f"{file}: cannot be read ({exc.strerror or exc})") from exc
    if start.startswith(OLD_WORKBOOK):
        raise InputError(f"{file}: an old workbook, or one with a password; save it as .xlsx or CSV without one")
    if is_workbook(start):
        return _workbook(file, mapping)
    text = header_of(file, mapping)
    return _table(file, mapping, text.header, lambda: text_rows(file, text))


def _workbook(file: Path, mapping: Mapping) -> Table:
    refuse_endless(file)

    def read() -> Iterator[tuple[int, Sequence[Cell | None]]]:
        return workbook_rows(file, mapping.sheet)

    header: Sequence[Cell | None] = ()
    for number, cells in read():
        if number == mapping.header_row:
            header = cells
            break
    names = [cell if isinstance(cell, str) else "" for cell in header]
    width = max((at for at, name in enumerate(names, 1) if name.strip()), default=0)

    def padded() -> Iterator[tuple[int, Sequence[Cell | None]]]:
        for number, cells in read():
            yield number, [*cells, *[""] * (width - len(cells))]  # a workbook leaves empty cells out

    return _table(file, mapping, names[:width], padded)


def _table(
    file: Path,
    mapping: Mapping,
    header: Sequence[str],
    read: Callable[[], Iterator[tuple[int, Sequence[Cell | None] | str]]],
) -> Table:
    names = [key_of(name) for name in header]
    if not any(names):
        raise InputError(
            f"{file}: row {mapping.header_row} names no columns; header_row in the mapping says where they are"
        )
    for column in mapping.columns:
        if key_of(column) not in names:
            near = difflib.get_close_matches(key_of(column), names, n=1)
            spelled = header[names.index(near[0])].strip() if near else ""
            hint = f'; did you mean "{spelled}"?' if near else f"; it has {_listed(header)}"
            raise InputError(f'{file}: no column "{column}"{hint}')
        if names.count(key_of(column)) > 1:
            raise InputError(f'{file}: two columns are called "{column}"; rename one')
    at = {column: names.index(key_of(column)) for column in mapping.columns}
    passed_over = tuple(name.strip() for place, name in enumerate(header) if place not in at.values() and name.strip())
    return Table(file, passed_over, at, len(header), mapping.header_row, read)


def _listed(header: Sequence[str]) -> str:
    names = [f'"{" ".join(name.split())[:40]}"' for name in header if name.strip()]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
