"""The pandas room: nominations out of the store as CSV, Excel, Parquet or JSON lines.

The columns are the contract's, then any other fields in alphabetical order. Everything is text: dates ISO 8601, times
UTC with Z. Excel, Parquet and JSON lines come back without loss; a CSV is made safe for spreadsheets instead.
"""

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path

import pandas as pd

from scan_ingest.domain.nomination import Nomination
from scan_ingest.errors import InputError, UsageError

COLUMNS = (
    *("nomination_id", "channel", "organisation", "box", "ward", "nominee", "role", "nominator"),
    *("action", "impact", "collected_on", "reviewed_by", "reviewed_at", "source"),
)
# The last four are what = + - @ look like from an East Asian keyboard; spreadsheets there run them too.
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
EXCEL_CELL = 32_767  # UTF-16 units; Excel cuts what is longer
EXCEL_ROWS = 1_048_576  # with the header
NOT_IN_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})  # no characters, and a workbook is XML
# JSON allows them in a string, but many readers of lines take them for line ends.
LINE_ENDS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"})
WIDTHS = {"action": 60, "impact": 60, "nomination_id": 12}  # of a column in Excel, in characters
USUAL_WIDTH = 18


def export_nominations(nominations: Iterable[Nomination], file: Path) -> int:
    """Writes the nominations and returns how many: readable by the owner alone, complete or not at all.

    Raises `UsageError` for a suffix that is not one of the four, `InputError` where the file cannot be written or its
    format cannot hold a text.
    """
    write = writer_for(file)
    frame = frame_of(nominations)
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=f".part{file.suffix}")  # 0600
        os.close(handle)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc.strerror}") from exc
    part = Path(name)
    try:
        write(frame, part)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(file)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc.strerror}; is it open in another program?") from exc
    finally:
        part.unlink(missing_ok=True)
    return len(frame)


def writer_for(file: Path) -> Callable[[pd.DataFrame, Path], None]:
    """What writes a file of that suffix. Raises `UsageError` for a suffix that is not one of the four."""
    if file.suffix.lower() not in WRITERS:
        raise UsageError(f"{file}: nominations are exported to files named {', '.join(WRITERS)}")
    return WRITERS[file.suffix.lower()]


def frame_of(nominations: Iterable[Nomination]) -> pd.DataFrame:
    """A row a nomination, in the order of boxes and pages; all columns text, missing where a nomination has no such
    field or no such date."""
    rows = [_row(nomination) for nomination in sorted(nominations, key=_order)]
    others = sorted({name for row in rows for name in row} - set(COLUMNS))
    return pd.DataFrame(rows, columns=[*COLUMNS, *others], dtype=pd.StringDtype(na_value=pd.NA))


def _order(nomination: Nomination) -> tuple[str, str, str, list[tuple[int, str]]]:
    """Box by box, and page 9 before page 10."""
    parts = re.split(r"(\d+)", nomination.source)
    natural = [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
    return str(nomination.collected_on or ""), nomination.organisation, nomination.box, natural


def _row(nomination: Nomination) -> dict[str, str | None]:
    at = nomination.reviewed_at
    row = {
        "nomination_id": nomination.id,
        "channel": nomination.channel.value,
        "organisation": nomination.organisation,
        "box": nomination.box,
        "ward": nomination.ward,
        "nominee": nomination.nominee,
        "role": nomination.role,
        "nominator": nomination.nominator,
        "action": nomination.action,
        "impact": nomination.impact,
        "collected_on": nomination.collected_on.isoformat() if nomination.collected_on else None,
        "reviewed_by": nomination.reviewed_by,
        "reviewed_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None,
        "source": nomination.source,
    }
    # A template may have a field called "source" or "box": it stands beside the column, not in its place.
    return row | {f"field_{name}" if name in COLUMNS else name: text for name, text in nomination.extra.items()}


# -- formats -----------------------------------------------------------------------------------------------------------


def _write_csv(frame: pd.DataFrame, file: Path) -> None:
    safe = frame.fillna("").map(_not_a_formula)
    safe.columns = [_not_a_formula(name) for name in frame.columns]
    # Quoted throughout, so that a semicolon in an answer starts no cell where semicolons part cells.
    safe.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\r\n", quoting=csv.QUOTE_ALL)


def _not_a_formula(text: str) -> str:
    return f"'{text}" if FORMULA.match(text) else text


def _write_excel(frame: pd.DataFrame, file: Path) -> None:
    _check_excel_holds(frame)
    frame = frame.fillna("").map(lambda text: text.translate(NOT_IN_XML))
    with pd.ExcelWriter(file, engine="openpyxl") as writer:
        frame.to_excel(writer, sheet_name="nominations", index=False)
        sheet = writer.sheets["nominations"]
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.data_type = "s"  # never a formula, never an error value, whatever the text looks like
                    if FORMULA.match(cell.value):
                        cell.quotePrefix = True  # nor when somebody edits the cell
        sheet.freeze_panes = "A2"
        for position, name in enumerate(frame.columns):
            letters = sheet.cell(1, position + 1).column_letter
            sheet.column_dimensions[letters].width = WIDTHS.get(name, USUAL_WIDTH)


def _check_excel_holds(frame: pd.DataFrame) -> None:
    instead = "export to .csv, .parquet or .jsonl instead"
    if len(frame) >= EXCEL_ROWS:
        raise InputError(f"an Excel sheet has {EXCEL_ROWS} rows, there are {len(frame)} nominations; {instead}")
    for name in frame.columns:
        for nomination_id, text in zip(frame["nomination_id"], frame[name].fillna(""), strict=True):
            if len(text.encode("utf-16-le")) // 2 > EXCEL_CELL:
                raise InputError(
                    f"{name} of nomination {nomination_id} is longer than the {EXCEL_CELL} characters that an Excel "
                    f"cell holds; {instead}"
                )


def _write_parquet(frame: pd.DataFrame, file: Path) -> None:
    frame.to_parquet(file, engine="pyarrow", index=False)


def _write_json_lines(frame: pd.DataFrame, file: Path) -> None:
    lines = frame.to_json(orient="records", lines=True, force_ascii=False) if len(frame) else ""
    file.write_text(lines.translate(LINE_ENDS), encoding="utf-8", newline="\n")


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_excel,
    ".parquet": _write_parquet,
    ".jsonl": _write_json_lines,
}
