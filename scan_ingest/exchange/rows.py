"""Corrections in a workbook: its rows, read without trusting the file, as the documents that lines of JSON are."""

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from scan_ingest.domain.card import CardState
from scan_ingest.domain.cells import NOT_IN_XML, as_meant
from scan_ingest.domain.sheets import bytes_held, has_an_endless_row
from scan_ingest.domain.text import as_kept, forbidden_characters
from scan_ingest.errors import InputError
from scan_ingest.exchange.port import ExchangeDesk
from scan_ingest.exchange.problems import BadLineError, Document, shown
from scan_ingest.exchange.workbook import AFTER, BEFORE, HELD_BACK, SHEET, column_of
from scan_ingest.ports.review import QueuedCard

UNPACKED_BYTES = 400_000_000  # of everything in the file but its pictures; a thousand cards take some 5 MB
COLUMNS, ROWS = 500, 100_000
BROKEN = (
    *(OSError, zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, AttributeError),
    *(IndexError, SyntaxError, EOFError, NotImplementedError, RuntimeError, zlib.error),
)
"""What reading a damaged workbook ends with (a broken part of XML is a `SyntaxError`)."""

STATES = {
    "accept": (CardState.ACCEPTED, CardState.MERGED),
    "reject": (CardState.REJECTED,),
    "set-aside": (CardState.SET_ASIDE,),
}
"""What a card is after each decision."""

Cells = Sequence[ReadOnlyCell | EmptyCell]


@dataclass(frozen=True)
class Row:
    """A row as it came back: `number` as the spreadsheet counts, the names of all columns, and the cells that are not
    empty by the name of theirs."""

    number: int
    columns: Sequence[str]
    cells: Mapping[str, ReadOnlyCell]


def rows_of(file: Path) -> Iterator[Row]:
    """The rows below the header that are not empty. Raises `InputError` where the file is no such workbook."""
    try:
        with zipfile.ZipFile(file) as parts:
            size = sum(part.file_size for part in parts.infolist() if not part.filename.startswith("xl/media/"))
            endless = size <= UNPACKED_BYTES and has_an_endless_row(parts)
            if size <= UNPACKED_BYTES and not endless:
                size = max(size, bytes_held(parts))
        if size > UNPACKED_BYTES:
            raise InputError(f"{file}: it unpacks to {size // 10**6} MB, more than a workbook of cards can be")
        if endless:
            raise InputError(f"{file}: it has a row that is longer than any table's")
        workbook = load_workbook(file, read_only=True, keep_links=False)
    except BROKEN as exc:
        raise _broken(file, exc) from exc
    try:
        sheet = workbook[SHEET] if SHEET in workbook.sheetnames else workbook.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be anything
        names: list[str] | None = None
        for number, cells in enumerate(sheet.iter_rows(max_row=ROWS, max_col=COLUMNS), start=1):
            if names is None:
                names = _header(file, cells)
                continue
            found = {name: cell for name, cell in zip(names, cells, strict=False) if cell.value is not None}
            if found:
                yield Row(number, names, found)
        if names is None:
            raise InputError(f"{file}: the workbook is empty")
    except BROKEN as exc:
        raise _broken(file, exc) from exc
    finally:
        workbook.close()


def _broken(file: Path, exc: Exception) -> InputError:
    if isinstance(exc, OSError) and exc.strerror:
        return InputError(f"{file}: cannot be read ({exc.strerror or exc})")
    return InputError(f"{file}: no Excel workbook, or a damaged one; save it as .xlsx")


def _header(file: Path, cells: Cells) -> list[str]:
    names = [as_meant(str(cell.value)).strip() if cell.value is not None else "" for cell in cells]
    names = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    for wanted in ("card_id", "decision"):
        if wanted not in names:
            raise InputError(f"{file}: no column {wanted} in the first row; `queue export FILE.xlsx` writes one")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{file}: two columns are called {shown(twice)}")
    return names


def documents_of(desk: ExchangeDesk, file: Path, reviewer: str) -> Iterator[tuple[int, Document]]:
    """Every row that is not empty, with its number as the spreadsheet has it."""
    came: dict[str, int] = {}
    for row in rows_of(file):
        card_id = str(row.cells["card_id"].value).strip().lower() if "card_id" in row.cells else ""
        yield row.number, partial(_document_once, desk, row, reviewer, came.get(card_id))
        if card_id:
            came.setdefault(card_id, row.number)


def _document_once(desk: ExchangeDesk, row: Row, reviewer: str, came_in: int | None) -> dict[str, Any] | None:
    if came_in is not None:
        raise BadLineError(f"its card came in row {came_in} already")
    return document_of(desk, row, reviewer)


def document_of(desk: ExchangeDesk, row: Row, reviewer: str) -> dict[str, Any] | None:
    """The row as a line of JSON would have it; None where nothing was decided and nothing typed, or this reviewer's
    decision was taken before as it is. Raises `BadLineError`, or `CardRefusedError` where there is no such card.

    A cell that was emptied is an empty text; a column that was taken out leaves the field as it is.
    """
    card_id = _text("card_id", row.cells.get("card_id"))
    if not card_id.strip():
        raise BadLineError("card_id is empty")
    if forbidden_characters(card_id):
        raise BadLineError("card_id holds control characters")
    card = desk.card(card_id)
    fields = {column_of(note.name): note.name for note in desk.field_notes(card_id)}
    for name, cell in row.cells.items():
        if name not in (*fields, *BEFORE, *AFTER) and _text("a cell", cell).strip():
            raise BadLineError(f"the card has no field {shown(name)}")
    texts: dict[str, str] = {}
    for column in row.columns:
        if column in fields:
            name = fields[column]
            text = _text(f'field "{name}"', row.cells.get(column))
            texts[name] = _as_it_stands(text, card.texts.get(name, ""))
    said = {name: _text(name, row.cells.get(name)) for name in AFTER}
    said["decision"] = said["decision"].strip().lower()
    identity = _identity(said.pop("identity"), row, fields)
    changed = any(text != card.texts.get(name, "") for name, text in texts.items())
    if not said["decision"]:
        if changed or identity or said["reason"].strip() or said["note"].strip():
            raise BadLineError("something was typed and nothing decided; choose accept, reject or set-aside")
        return None
    if not _is_still(card, row):
        if not changed and card.reviewed_by == reviewer and card.state in STATES.get(said["decision"], ()):
            return None
        raise BadLineError("somebody decided on the card since the workbook was written; export it again")
    return {"card_id": card_id, **said, "fields": texts, "identity": identity}


def _identity(said: str, row: Row, fields: Mapping[str, str]) -> dict[str, str]:
    """What the cell says to patients' identities, by field; `fields` are the card's, by column.

    A line goes for the field it begins with, else for every field that held the card back when the workbook was
    written. Raises `BadLineError`.
    """
    held = [line.partition(":")[0].strip() for line in _text(HELD_BACK, row.cells.get(HELD_BACK)).splitlines()]
    answers: dict[str, str] = {}
    for line in filter(None, map(str.strip, said.splitlines())):
        first, _, rest = line.partition(":")
        named = fields.get(first.strip())
        if named is None and not held:
            raise BadLineError('identity: nothing held the card back; name the field, such as "action: keep: REASON"')
        answers |= {named: rest.strip()} if named is not None else dict.fromkeys(held, line)
    return answers


def _as_it_stands(text: str, standing: str) -> str:
    """The text that stands where the cell holds it as well as a cell can."""
    return standing if as_kept(text) == standing.translate(NOT_IN_XML) else text


def _text(what: str, cell: ReadOnlyCell | None) -> str:
    """What somebody typed, as text: numbers as they are written, dates as ISO 8601 has them.

    Raises `BadLineError` for a formula or an error value.
    """
    value = None if cell is None else cell.value
    if value is None:
        return ""
    kind = getattr(cell, "data_type", "s")
    if kind == "f":
        raise BadLineError(f"{what} is a formula; type an apostrophe before it to make it a text")
    if kind == "e":
        raise BadLineError(f"{what} holds an error of the spreadsheet")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return as_meant(str(value))


def _is_still(card: QueuedCard, row: Row) -> bool:
    """Whether nobody decided on the card since the workbook was written."""
    written = _text("version", row.cells.get("version"))
    return not written or written == str(card.review or 0)
