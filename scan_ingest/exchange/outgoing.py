"""`queue export`: cards as JSON lines, with a picture of every field."""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from scan_ingest.domain.card import CardState, Line, Reading
from scan_ingest.errors import InputError, UsageError
from scan_ingest.exchange.crops import crops_of
from scan_ingest.exchange.port import ExchangeDesk
from scan_ingest.ports.cards import FieldNote
from scan_ingest.ports.review import QueuedCard
from scan_ingest.sql.files import private_file, whole_or_not_at_all


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
    if pictures.is_symlink():
        raise InputError(f"{pictures}: is a link; the pictures of cards go into a folder of its own")
    exported = 0
    with (
        whole_or_not_at_all(file) as part,
        TemporaryDirectory(dir=file.parent, prefix=".", suffix="_pictures") as unfinished,  # 0700
    ):
        going_out()
        with part.open("w", encoding="utf-8", newline="\n") as target:
            for card in desk.cards(states, batch_id):
                notes = desk.field_notes(card.id)
                crops = _write_crops(desk, card.id, notes, Path(unfinished))
                places = {field: f"{pictures.name}/{crop.name}" for field, crop in crops.items()}
                target.write(json.dumps(queue_line(card, notes, places), ensure_ascii=False) + "\n")
                exported += 1
        pictures.mkdir(mode=0o700, exist_ok=True)
        pictures.chmod(0o700)
        for crop in Path(unfinished).iterdir():
            crop.replace(pictures / crop.name)
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


def _write_crops(desk: ExchangeDesk, card_id: str, notes: Collection[FieldNote], folder: Path) -> dict[str, Path]:
    """Cuts every field from its side into a file, readable by its owner only; those by field."""
    crops = {}
    for note, picture in crops_of(desk, card_id, notes):
        crops[note.name] = private_file(folder / f"{card_id}_{note.name}.png")
        picture.save(crops[note.name], "PNG")
    return crops
