"""The four formats, written frame by frame."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from scan_ingest.domain.cells import EXCEL_CELL, FORMULA, NOT_IN_XML, fits_a_cell
from scan_ingest.errors import InputError, UsageError
from scan_ingest.export.rows import Row

ROWS_IN_A_FRAME = 2_000
INSTEAD = "export to .csv, .parquet or .jsonl instead"
EXCEL_ROWS = 1_048_576  # with the header
# JSON allows them in a string, but many readers of lines take them for line ends.
LINE_ENDS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})
WIDTHS = {"action": 60, "impact": 60, "nomination_id": 12}  # of a column in Excel, in characters
USUAL_WIDTH = 18


def writer_for(file: Path) -> "Writer":
    """What writes a file of that suffix. Raises `UsageError` for a suffix that is not one of the four."""
    if file.suffix.lower() not in WRITERS:
        raise UsageError(f"{file}: nominations are exported to files named {', '.join(WRITERS)}")
    return WRITERS[file.suffix.lower()]


def frames_of(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The rows, some thousand in a frame; all columns text, missing where a nomination has no such field or date."""
    rest = iter(rows)
    while some := list(islice(rest, ROWS_IN_A_FRAME)):
        yield _frame(some, columns)


def _frame(rows: Sequence[Row], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns), dtype=pd.StringDtype(na_value=pd.NA))


def _write_csv(frames: Iterator[pd.DataFrame], columns: Sequence[str], file: Path) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened, quoting=csv.QUOTE_ALL).writerow([not_a_formula(name) for name in columns])
        for frame in frames:
            safe = frame.fillna("").map(not_a_formula)
            # Quoted throughout, so that a semicolon in an answer starts no cell where semicolons part cells.
            safe.to_csv(opened, index=False, header=False, lineterminator="\r\n", quoting=csv.QUOTE_ALL)


def not_a_formula(text: str) -> str:
    """The text as a spreadsheet shows it and does not run it."""
    return f"'{text}" if FORMULA.match(text) else text


def _write_excel(frames: Iterator[pd.DataFrame], columns: Sequence[str], file: Path) -> None:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)  # a row goes to the disk as it comes
    sheet = workbook.create_sheet("nominations")
    sheet.freeze_panes = "A2"
    for position, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = WIDTHS.get(name, USUAL_WIDTH)
    try:
        sheet.append([_text_cell(sheet, name) for name in columns])
        for frame in frames:
            _check_excel_holds(frame)
            for row in frame.fillna("").itertuples(index=False, name=None):
                sheet.append([_text_cell(sheet, text) if text else None for text in row])
    except BaseException:
        sheet.close()  # or openpyxl complains when it is forgotten half-written
        raise
    workbook.save(file)


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text.translate(NOT_IN_XML))
    cell.data_type = "s"  # never a formula, never an error value, whatever the text looks like
    if FORMULA.match(text):
        cell.quotePrefix = True  # nor when somebody edits the cell
    return cell


def check_rows(file: Path, number: int) -> None:
    """Raises `InputError` where the format cannot hold so many nominations."""
    if file.suffix.lower() == ".xlsx" and number >= EXCEL_ROWS:
        raise InputError(f"an Excel sheet has {EXCEL_ROWS} rows, there are {number} nominations; {INSTEAD}")


def _check_excel_holds(frame: pd.DataFrame) -> None:
    for name in frame.columns:
        for nomination_id, text in zip(frame["nomination_id"], frame[name].fillna(""), strict=True):
            if not fits_a_cell(text):
                raise InputError(
                    f"{name} of nomination {nomination_id} is longer than the {EXCEL_CELL} characters that an Excel "
                    f"cell holds; {INSTEAD}"
                )


def _write_parquet(frames: Iterator[pd.DataFrame], columns: Sequence[str], file: Path) -> None:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    schema = pa.Table.from_pandas(_frame([], columns), preserve_index=False).schema
    with ParquetWriter(file, schema) as writer:
        for frame in frames:
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


# `columns` is what every writer is handed; lines of JSON name their own.
def _write_json_lines(frames: Iterator[pd.DataFrame], columns: Sequence[str], file: Path) -> None:  # noqa: ARG001
    with file.open("w", encoding="utf-8", newline="\n") as opened:
        for frame in frames:
            lines = frame.to_json(orient="records", lines=True, force_ascii=False)
            opened.write(lines.translate(LINE_ENDS))


Writer = Callable[[Iterator[pd.DataFrame], Sequence[str], Path], None]
"""Writes frames, one after the other, to a file."""

WRITERS: dict[str, Writer] = {
    ".csv": _write_csv,
    ".xlsx": _write_excel,
    ".parquet": _write_parquet,
    ".jsonl": _write_json_lines,
}
