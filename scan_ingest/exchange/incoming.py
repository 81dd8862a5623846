"""`queue import`: corrections made elsewhere, line by line; a bad line changes nothing, the others are taken."""

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.text import as_kept, forbidden_characters
from scan_ingest.errors import CardRefusedError, InputError, UsageError
from scan_ingest.exchange.port import ExchangeDesk, RedactFields
from scan_ingest.ports.cards import FieldNote

KEYS = ("card_id", "decision", "reason", "note", "fields", "identity")
EXPORTED_KEYS = ("batch_id", "state", "template", "pages")
"""Of an exported line; passed over where somebody worked on the export itself."""


@dataclass(frozen=True)
class BadLine:
    """A line that changed nothing; `number` counts from 1, `why` holds no text of the card."""

    number: int
    why: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.why}"


@dataclass(frozen=True)
class ImportReport:
    taken: int
    bad: tuple[BadLine, ...]


class _BadLineError(Exception):
    """The message is why."""


def import_corrections(
    desk: ExchangeDesk, file: Path, reviewer: str, redact: RedactFields | None = None
) -> ImportReport:
    """Decides on every card of the file as its line says, one transaction a line; then redacts the fields that it says.

    Raises `InputError` where the file cannot be read, `UsageError` for an empty reviewer; lines taken until then stay.
    """
    reviewer = reviewer.strip()
    if not reviewer or forbidden_characters(reviewer) or "\n" in reviewer:
        raise UsageError("a correction has a reviewer; say who with --reviewer NAME")
    taken: dict[str, int] = {}
    bad = []
    for number, line in _lines(file):
        try:
            review = _review(desk, line, reviewer)
            if review.card_id in taken:
                raise _BadLineError(f"card {review.card_id} came in line {taken[review.card_id]} already")
            to_redact = [name for name, answer in review.identity.items() if answer.kind is IdentityAnswer.REDACT]
            if to_redact and redact is None:
                raise _BadLineError("nothing can be redacted here; scan-ingest identity redact does it")
            others = {name: answer for name, answer in review.identity.items() if name not in to_redact}
            desk.decide(replace(review, identity=others), reopen=True)
            if to_redact and redact is not None:
                redact(review.card_id, to_redact, reviewer)
        except (_BadLineError, CardRefusedError) as exc:
            bad.append(BadLine(number, str(exc)))
        else:
            taken[review.card_id] = number
    return ImportReport(len(taken), tuple(bad))


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not empty, with their numbers from 1."""
    try:
        with file.open("rb") as source:
            for number, line in enumerate(source, start=1):
                text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if text.strip():
                    yield number, text
    except OSError as exc:
        raise InputError(f"{file}: cannot be read ({exc.strerror or exc})") from exc


def _review(desk: ExchangeDesk, line: bytes, reviewer: str) -> Review:
    """Raises `_BadLineError`, or `CardRefusedError` where there is no such card."""
    document = _document(line)
    for key in document:
        if key not in (*KEYS, *EXPORTED_KEYS):
            raise _BadLineError(f"unknown key {_shown(key)}{_did_you_mean(key, KEYS)}")
    card_id = document.get("card_id")
    if not isinstance(card_id, str) or not card_id.strip():
        raise _BadLineError("card_id is missing" if card_id is None else "card_id is not a text")
    card_id = card_id.strip().lower()
    decision = _decision(document.get("decision"))
    reason, note = (_words(document, key) for key in ("reason", "note"))
    if decision is Decision.REJECT and not reason.strip():
        raise _BadLineError("a rejection has a reason; add the key reason")
    if forbidden_characters(card_id):
        raise _BadLineError("card_id holds control characters")
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
        raise _BadLineError('identity is not an object such as {"action": "keep: REASON"}')
    answers = {}
    for name, said in value.items():
        if name not in notes:
            raise _BadLineError(f"identity: the card has no field {_shown(name)}{_did_you_mean(name, notes)}")
        if not isinstance(said, str):
            raise _BadLineError(f'identity of field "{name}" is not a text')
        _refuse_forbidden(f'identity of field "{name}"', said)
        try:
            answers[name] = Answer.from_text(as_kept(said))
        except ValueError as exc:
            raise _BadLineError(f'identity of field "{name}": {exc}') from None
    return answers


def _words(document: Mapping[str, Any], key: str) -> str:
    """What a person wrote beside the fields; "" where nothing is."""
    words = document.get(key)
    if words is None:
        return ""
    if not isinstance(words, str):
        raise _BadLineError(f"{key} is not a text")
    _refuse_forbidden(key, words)
    return words


def _document(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line.decode("utf-8"), object_pairs_hook=_without_repeats)
    except UnicodeDecodeError:
        raise _BadLineError("not UTF-8") from None
    except json.JSONDecodeError as exc:
        raise _BadLineError(f"not JSON: {exc.msg} (column {exc.colno})") from None
    except (ValueError, RecursionError):  # a number of a million digits, a million brackets
        raise _BadLineError("not JSON that can be read") from None
    if not isinstance(document, dict):
        raise _BadLineError('not a JSON object; a line is {"card_id": …, "decision": …, "fields": {…}}')
    return document


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _BadLineError(f"{_shown(name)} is there twice")
    return dict(pairs)


def _decision(value: object) -> Decision:
    known = [decision.value for decision in Decision]
    if isinstance(value, str) and value in known:
        return Decision(value)
    if value is None:
        raise _BadLineError(f"decision is missing; it is one of {', '.join(known)}")
    hint = _did_you_mean(value, known) if isinstance(value, str) else ""
    raise _BadLineError(f"unknown decision{hint or '; it is one of ' + ', '.join(known)}")


def _texts(value: object, notes: Mapping[str, FieldNote]) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _BadLineError("fields is not an object of names and texts")
    texts = {}
    for name, text in value.items():
        if name not in notes:
            raise _BadLineError(f"the card has no field {_shown(name)}{_did_you_mean(name, notes)}")
        if not isinstance(text, str):
            raise _BadLineError(f'field "{name}" is not a text')
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
            raise _BadLineError(f'field "{note.name}" has the options {options} (several are joined by |)')
    if len(set(values)) < len(values):
        raise _BadLineError(f'field "{note.name}" has an option twice')


def _refuse_forbidden(what: str, text: str) -> None:
    if found := forbidden_characters(text):
        raise _BadLineError(f"{what} holds the control character U+{ord(found[0]):04X}")


def _shown(name: str) -> str:
    """A name from outside, harmless to draw: `"feild"`."""
    return ascii(name[:40]).replace("'", '"') if name.isprintable() else ascii(name[:40])


def _did_you_mean(wrong: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(wrong, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
