"""A row of the website's table as a nomination, or why it is none."""

import re
from datetime import date, datetime

from scan_ingest.domain.merging import Entry
from scan_ingest.domain.nomination import Channel, Nomination, submission_id
from scan_ingest.domain.text import as_kept, forbidden_characters
from scan_ingest.online.mapping import MEANINGS, Mapping, Source, Submitted, key_of
from scan_ingest.online.table import BadRow, Cell, Row

LONGEST = 100_000  # characters of a field; a form that takes more is used for something else
LONGEST_SHORT = 1_000  # of a name, a ward, a number
ANSWERS = ("action", "impact")
YEARS = range(2000, 2100)
EXCEL_DAY = re.compile(r"[3-7]\d{4}(\.\d+)?")  # of those years


class _BadRowError(Exception):
    """The message is why; it holds nothing that the row says."""


def entry_of(row: Row, mapping: Mapping) -> Entry | BadRow:
    """The row's nomination and where it came from: the form, the submission, and a column for each field."""
    try:
        return _entry(row, mapping)
    except _BadRowError as exc:
        return BadRow(row.number, str(exc))


def _entry(row: Row, mapping: Mapping) -> Entry:
    submission = _short("submission", mapping.submission, row)
    organisation = _short("organisation", mapping.organisation, row, strict=True)
    at = _time(mapping.submitted, row) if mapping.submitted else None
    texts = {
        name: (_text if name in ANSWERS or name not in MEANINGS else _short)(name, source, row)
        for name, source in mapping.fields.items()
    }
    if not any(texts.get(name, "").strip() for name in ANSWERS):
        raise _BadRowError("has no answer; a nomination says what somebody did")
    nomination = Nomination(
        id=submission_id(mapping.form, submission),
        channel=Channel.ONLINE,
        organisation=organisation,
        box="",
        **{name: texts.get(name, "") for name in MEANINGS},
        collected_on=at.date() if at else None,
        reviewed_by="",
        reviewed_at=None,
        source=f"{mapping.form}#{submission}",
        extra={name: text for name, text in texts.items() if name not in MEANINGS},
    )
    return Entry(nomination, _provenance(mapping, submission, at))


def _provenance(mapping: Mapping, submission: str, at: datetime | None) -> dict[str, object]:
    """The same at every delivery of the same submission: nothing of the file, or it would be an update each time."""
    columns = {"organisation": list(mapping.organisation.columns)}
    if mapping.submitted:
        columns["collected_on"] = [mapping.submitted.column]
    return {
        "form": mapping.form,
        "submission": submission,
        "submitted_at": at.isoformat() if at else None,
        "columns": columns | {name: list(source.columns) for name, source in mapping.fields.items()},
    }


def _short(name: str, source: Source, row: Row, *, strict: bool = False) -> str:
    """A name, a ward, a number: on one line, translated."""
    text = " ".join(_joined(source, row).split())
    if len(text) > LONGEST_SHORT:
        raise _BadRowError(f"{_columns(source)} is longer than {LONGEST_SHORT} characters")
    if text and source.translate:
        text = _translated(text, source, strict=strict)
    return _there(name, source, text)


def _text(name: str, source: Source, row: Row) -> str:
    """An answer or another field, as it was written."""
    text = _joined(source, row)
    if text.strip() and source.translate:
        text = _translated(text, source, strict=False)
    return _there(name, source, text)


def _there(name: str, source: Source, text: str) -> str:
    if source.required and not text.strip():
        raise _BadRowError(f"no {name}: {_columns(source)} is empty")
    return text


def _translated(text: str, source: Source, *, strict: bool) -> str:
    found = source.translate.get(key_of(text), source.others)
    if found is None and strict:
        raise _BadRowError(f"{_columns(source)} holds a value that the mapping does not translate")
    return text if found is None else found


def _joined(source: Source, row: Row) -> str:
    if source.constant is not None:
        return source.constant
    texts = [_cleared(column, row.cells[column]) for column in source.columns]
    return texts[0] if len(texts) == 1 else source.join.join(text.strip() for text in texts if text.strip())


def _cleared(column: str, cell: Cell) -> str:
    """The cell's text as the store keeps text. Raises where it holds what no text may."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if len(cell) > LONGEST:
        raise _BadRowError(f'column "{column}" is longer than {LONGEST} characters')
    if found := forbidden_characters(cell):
        if 0xD800 <= ord(found[0]) <= 0xDFFF:
            raise _BadRowError(f'column "{column}" holds bytes that are no text in the file\'s encoding')
        raise _BadRowError(f'column "{column}" holds the control character U+{ord(found[0]):04X}')
    return as_kept(cell)


def _time(submitted: Submitted, row: Row) -> datetime | None:
    cell = row.cells[submitted.column]
    if isinstance(cell, str):
        text = " ".join(_cleared(submitted.column, cell).split())
        if not text:
            if submitted.required:
                raise _BadRowError(f'no date: column "{submitted.column}" is empty')
            return None
        cell = _parsed(text, submitted)
    if cell.year not in YEARS:
        raise _BadRowError(f'column "{submitted.column}" holds a date before {YEARS[0]} or after {YEARS[-1]}')
    return cell


def _parsed(text: str, submitted: Submitted) -> datetime:
    for format_ in submitted.formats:
        try:
            return datetime.strptime(text, format_)
        except ValueError:
            continue
    if not submitted.formats:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    if EXCEL_DAY.fullmatch(text):  # which of its two calendars, four years apart, it does not say
        raise _BadRowError(f'column "{submitted.column}" holds a day as Excel counts; show the column as dates there')
    shown = date(2026, 12, 31)
    as_in = " or ".join(shown.strftime(each) for each in submitted.formats) or "2026-12-31 or 2026-12-31T17:05"
    raise _BadRowError(f'column "{submitted.column}" holds no date of the form {as_in}')


def _columns(source: Source) -> str:
    named = ", ".join(f'"{column}"' for column in source.columns)
    return f"column {named}" if len(source.columns) == 1 else f"columns {named}"
