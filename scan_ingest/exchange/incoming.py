"""`queue import`: corrections made elsewhere, line by line; a bad line changes nothing, the others are taken."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.text import as_kept, forbidden_characters
from scan_ingest.errors import CardRefusedError, InputError, StoreError, UsageError
from scan_ingest.exchange.port import ExchangeDesk, Redaction
from scan_ingest.exchange.problems import BadLine, BadLineError, Document, did_you_mean, shown
from scan_ingest.ports.cards import FieldNote

KEYS = ("card_id", "decision", "reason", "note", "fields", "identity")
LONGEST_LINE = 16_000_000  # bytes; it is held in memory
EXPORTED_KEYS = ("batch_id", "state", "template", "pages")
"""Of an exported line; passed over where somebody worked on the export itself."""


@dataclass(frozen=True)
class ImportReport:
    """How many lines were taken and which were bad. `broke_off` is why the import ended before its last line, and at
    which; "" where it did not."""

    taken: int
    bad: tuple[BadLine, ...]
    broke_off: str = ""


def import_corrections(
    desk: ExchangeDesk, file: Path, reviewer: str, redaction: Redaction | None = None
) -> ImportReport:
    """Decides on every card of the file as its line says, one transaction a line; then redacts the fields that it says.
    A file that ends in .xlsx is a workbook with a row a card; a row on which nothing was decided is passed over.

    A store that does not go on ends the import; what was taken until then stays, and the report says how far it came.
    Raises `InputError` where the file cannot be read, `UsageError` for an empty reviewer.
    """
    reviewer = reviewer.strip()
    if not reviewer or forbidden_characters(reviewer) or "\n" in reviewer:
        raise UsageError("a correction has a reviewer; say who with --reviewer NAME")
    taken: dict[str, int] = {}
    bad = []
    is_workbook = file.suffix.lower() == ".xlsx"
    what = "row" if is_workbook else "line"
    for number, document in _rows(desk, file, reviewer) if is_workbook else _lines(file):
        try:
            found = document()
            if found is None:
                continue
            review = _review(desk, found, reviewer)
            if review.card_id in taken:
                raise BadLineError(f"card {review.card_id} came in {what} {taken[review.card_id]} already")
            _take(desk, review, redaction)
        except (BadLineError, CardRefusedError) as exc:
            bad.append(BadLine(number, str(exc), what))
        except StoreError as exc:
            return ImportReport(len(taken), tuple(bad), f"{what} {number} and those after it were not taken: {exc}")
        else:
            taken[review.card_id] = number
    return ImportReport(len(taken), tuple(bad))


def _take(desk: ExchangeDesk, review: Review, redaction: Redaction | None) -> None:
    """Decides, then redacts. Raises `BadLineError`, `CardRefusedError` or `StoreError`, and nothing was changed where
    that does not say so."""
    to_redact = [name for name, answer in review.identity.items() if answer.kind is IdentityAnswer.REDACT]
    others = {name: answer for name, answer in review.identity.items() if name not in to_redact}
    if not to_redact:
        desk.decide(review, reopen=True)
        return
    if redaction is None:
        raise BadLineError("nothing can be redacted here; scan-ingest identity redact does it")
    redaction.refuse(review.card_id, review.reviewer)
    desk.decide(replace(review, identity=others), reopen=True)
    try:
        redaction.redact(review.card_id, to_redact, review.reviewer)
    except StoreError as exc:  # somebody was quicker than this line
        again = f"scan-ingest identity redact {review.card_id}"
        raise type(exc)(f"decided on, but nothing was taken out of it, {again} does it: {exc}") from exc


def _rows(desk: ExchangeDesk, file: Path, reviewer: str) -> Iterator[tuple[int, Document]]:
    from scan_ingest.exchange.rows import documents_of  # lines of JSON should not wait for openpyxl

    return documents_of(desk, file, reviewer)


def _lines(file: Path) -> Iterator[tuple[int, Document]]:
    """Lines that are not empty, with their numbers from 1."""
    try:
        with file.open("rb") as source:
            for number, line in enumerate(_whole_lines(source), start=1):
                text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if text.strip():
                    yield number, partial(_document, text)
    except OSError as exc:
        raise InputError(f"{file}: cannot be read ({exc.strerror or exc})") from exc


def _whole_lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines, no more than `LONGEST_LINE` and one bytes of each."""
    while line := source.readline(LONGEST_LINE + 1):
        yield line
        while not line.endswith(b"\n") and len(line) > LONGEST_LINE:
            line = source.readline(LONGEST_LINE + 1)


def _review(desk: ExchangeDesk, document: Mapping[str, Any], reviewer: str) -> Review:
    """Raises `BadLineError`, or `CardRefusedError` where there is no such card."""
    for key in document:
        if key not in (*KEYS, *EXPORTED_KEYS):
            raise BadLineError(f"unknown key {shown(key)}{did_you_mean(key, KEYS)}")
    card_id = document.get("card_id")
    if not isinstance(card_id, str) or not card_id.strip():
        raise BadLineError("card_id is missing" if card_id is None else "card_id is not a text")
    card_id = card_id.strip().lower()
    decision = _decision(document.get("decision"))
    reason, note = (_words(document, key) for key in ("reason", "note"))
    if decision is Decision.REJECT and not reason.strip():
        raise BadLineError("a rejection has a reason; say which in reason")
    if forbidden_characters(card_id):
        raise BadLineError("card_id holds control characters")
    notes = {note.name: note for note in desk.field_notes(card_id)}
    texts = _texts(document.get("fields"), notes)
    identity = _identity(document.get("identity"), notes)
    return Review(
        card_id, decision, reviewer, datetime.now(UTC), as_kept(reason), texts, as_kept(note), identity=identity
    )


def _identity(value: object, notes: Mapping[str, FieldNote]) -> dict[str, Answer]:
    """What the line says to patients' identities, by field."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadLineError('identity is not an object such as {"action": "keep: REASON"}')
    answers = {}
    for name, said in value.items():
        if name not in notes:
            raise BadLineError(f"identity: the card has no field {shown(name)}{did_you_mean(name, notes)}")
        if not isinstance(said, str):
            raise BadLineError(f'identity of field "{name}" is not a text')
        _refuse_forbidden(f'identity of field "{name}"', said)
        try:
            answers[name] = Answer.from_text(as_kept(said))
        except ValueError as exc:
            raise BadLineError(f'identity of field "{name}": {exc}') from None
    return answers


def _words(document: Mapping[str, Any], key: str) -> str:
    """What a person wrote beside the fields; "" where nothing is."""
    words = document.get(key)
    if words is None:
        return ""
    if not isinstance(words, str):
        raise BadLineError(f"{key} is not a text")
    _refuse_forbidden(key, words)
    return words


def _document(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise BadLineError(f"longer than {LONGEST_LINE // 10**6} MB; a line is one card's corrections")
    try:
        document = json.loads(line.decode("utf-8"), object_pairs_hook=_without_repeats)
    except UnicodeDecodeError:
        raise BadLineError("not UTF-8") from None
    except json.JSONDecodeError as exc:
        raise BadLineError(f"not JSON: {exc.msg} (column {exc.colno})") from None
    except (ValueError, RecursionError):  # a number of a million digits, a million brackets
        raise BadLineError("not JSON that can be read") from None
    if not isinstance(document, dict):
        raise BadLineError('not a JSON object; a line is {"card_id": …, "decision": …, "fields": {…}}')
    return document


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise BadLineError(f"{shown(name)} is there twice")
        document[name] = value
    return document


def _decision(value: object) -> Decision:
    known = [decision.value for decision in Decision]
    if isinstance(value, str) and value in known:
        return Decision(value)
    if value is None:
        raise BadLineError(f"decision is missing; it is one of {', '.join(known)}")
    hint = did_you_mean(value, known) if isinstance(value, str) else ""
    raise BadLineError(f"unknown decision{hint or '; it is one of ' + ', '.join(known)}")


def _texts(value: object, notes: Mapping[str, FieldNote]) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadLineError("fields is not an object of names and texts")
    texts = {}
    for name, text in value.items():
        if name not in notes:
            raise BadLineError(f"the card has no field {shown(name)}{did_you_mean(name, notes)}")
        if not isinstance(text, str):
            raise BadLineError(f'field "{name}" is not a text')
        _refuse_forbidden(f'field "{name}"', text)
        texts[name] = as_kept(text)
        if notes[name].kind == "choice":
            _check_choice(notes[name], texts[name])
    return texts


def _check_choice(note: FieldNote, text: str) -> None:
    """More values than `max_choices` are taken: the paper may show them."""
    values = text.split("|") if text else []
    for value in values:
        if value not in note.options:
            options = ", ".join(note.options)
            raise BadLineError(f'field "{note.name}" has the options {options} (several are joined by |)')
    if len(set(values)) < len(values):
        raise BadLineError(f'field "{note.name}" has an option twice')


def _refuse_forbidden(what: str, text: str) -> None:
    if found := forbidden_characters(text):
        raise BadLineError(f"{what} holds the control character U+{ord(found[0]):04X}")
