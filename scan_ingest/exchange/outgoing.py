"""`queue export`: cards as JSON lines, with a picture of every field."""

import json
import os
from collections.abc import Callable, Collection
from pathlib import Path

from scan_ingest.domain.card import CardState, Line, Reading
from scan_ingest.errors import InputError, UsageError
from scan_ingest.exchange.crops import crops_of
from scan_ingest.exchange.port import ExchangeDesk
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import QueuedCard


def export_cards(
    desk: ExchangeDesk,
    file: Path,
    *,
    states: Collection[CardState] = (),
    batch_id: str | None = None,
    staff: Collection[str] = (),
    going_out: Callable[[], None] = lambda: None,
) -> int:
    """Writes a line per card to `file` and its crops to `<file without suffix>_pictures/`; how many cards. For a name
    that ends in .xlsx a workbook with the crops inside, and with what holds a card back; names of `staff` do not.

    All can be read by their owner only. The file appears when it is whole; `going_out` is called before the first byte
    of a card is written anywhere. Raises `UsageError` for another name, `InputError` where it cannot be written.
    """
    if file.suffix.lower() == ".xlsx":
        from scan_ingest.exchange.workbook import export_workbook  # lines of JSON should not wait for openpyxl

        return export_workbook(desk, file, states=states, batch_id=batch_id, staff=staff, going_out=going_out)
    if file.suffix.lower() != ".jsonl":
        raise UsageError(
            f"{file}: the queue is exported to a file that ends in .jsonl (JSON lines) or .xlsx (a workbook)"
        )
    pictures = file.with_name(f"{file.stem}_pictures")
    unfinished = file.with_name(f".{file.name}.new")
    exported = 0
    try:
        pictures.mkdir(mode=0o700, exist_ok=True)
        pictures.chmod(0o700)
        going_out()
        with os.fdopen(_private(unfinished), "w", encoding="utf-8", newline="\n") as target:
            for card in desk.cards(states, batch_id):
                notes = desk.field_notes(card.id)
                crops = _write_crops(desk, card.id, notes, pictures)
                target.write(json.dumps(queue_line(card, notes, crops), ensure_ascii=False) + "\n")
                exported += 1
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(file)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written ({exc.strerror or exc})") from exc
    finally:
        unfinished.unlink(missing_ok=True)
    return exported


def card_head(card: QueuedCard) -> dict[str, object]:
    """What every line of JSON about a card begins with."""
    sheets = dict.fromkeys((page.ref.file_name, page.ref.number) for page in card.pages)
    return {
        "card_id": card.id,
        "batch_id": card.batch_id,
        "state": card.state.value,
        "template": card.template_id,
        "pages": [{"file": name, "page": number} for name, number in sheets],
    }


def queue_line(card: QueuedCard, notes: Collection[FieldNote], crops: dict[str, str]) -> dict[str, object]:
    """The card as the contract's JSON; `crops` are the fields' pictures, relative to the file."""
    return {
        **card_head(card),
        "fields": {
            note.name: _field(card.texts.get(note.name, ""), card.readings.get(note.name), crops[note.name])
            for note in notes
        },
        "reason": card.reason,
        "note": card.note,
    }


def _field(text: str, reading: Reading | None, crop: str) -> dict[str, object]:
    return {
        "text": text,
        "confidence": reading.confidence if reading else 0.0,
        "doubt": [doubt.value for doubt in reading.doubt] if reading else [],
        "lines": [_line(line) for line in reading.lines] if reading else [],
        "suggestions": [
            {"text": suggestion.text, "probability": suggestion.probability} for suggestion in reading.suggestions
        ]
        if reading
        else [],
        "picture": crop,
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "text": line.text,
        "raw": line.raw,
        "confidence": line.confidence,
        "box_mm": list(line.box_mm.as_tuple()),
        "words": [
            {
                "text": word.text,
                "confidence": word.confidence,
                "doubt": [doubt.value for doubt in word.doubt],
                "box_mm": list(word.box_mm.as_tuple()),
            }
            for word in line.words
        ],
    }


def _write_crops(desk: ExchangeDesk, card_id: str, notes: Collection[FieldNote], pictures: Path) -> dict[str, str]:
    """Cuts every field from its side; the crops' places, relative to the exported file."""
    crops = {}
    for note, picture in crops_of(desk, card_id, notes):
        crop = pictures / f"{card_id}_{note.name}.png"
        with os.fdopen(_private(crop), "wb") as target:
            picture.save(target, "PNG")
        crops[note.name] = f"{pictures.name}/{crop.name}"
    return crops


def _private(path: Path) -> int:
    """A descriptor of an empty file that only its owner can read."""
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    path.chmod(0o600)  # it may have been there
    return descriptor
