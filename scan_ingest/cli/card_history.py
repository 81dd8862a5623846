"""`scan-ingest queue show`: a card, what was read on it, and everything that was decided on it."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scan_ingest.domain.card import CardState, Reading
from scan_ingest.domain.review import PastDecision
from scan_ingest.domain.text import for_a_terminal

if TYPE_CHECKING:
    from scan_ingest.ports.cards import FieldNote
    from scan_ingest.ports.review import QueuedCard

COLUMNS = 100  # a line of text is no wider


def print_history(
    card: "QueuedCard", notes: Sequence["FieldNote"], history: Sequence[PastDecision], columns: int
) -> None:
    for line in history_lines(card, notes, history, min(columns, COLUMNS)):
        print(line)


def history_lines(
    card: "QueuedCard", notes: Sequence["FieldNote"], history: Sequence[PastDecision], columns: int
) -> Iterator[str]:
    """For people, drawn harmless, no line longer than `columns` where words allow."""
    label = card.label
    yield for_a_terminal(f"card {card.id}: {card.state}, {card.template_id}, {card.batch_id}")
    pages = ", ".join(dict.fromkeys(str(page.ref) for page in card.pages))
    yield for_a_terminal(f"{label.organisation}, {label.ward}, {label.collected}: {pages}")
    if card.state is CardState.LEASED and card.leased_until is not None:
        yield for_a_terminal(f"{card.leased_by} has it until {_local(card.leased_until)}")
    if card.second_look is not None:
        yield f"second look: {card.second_look}"
    yield ""
    yield "As it was read"
    width = max((len(note.name) for note in notes), default=0)
    for note in notes:
        reading = card.readings.get(note.name)
        if reading is None:
            continue
        yield from _text(note.name, reading.text, width, columns)
        yield from _wrapped(f"[{_read(reading)}]", " " * (width + 4), columns)
    for past in history:
        yield ""
        yield for_a_terminal(f"{_local(past.at)}  {past.reviewer}: {past.decision}{_why(past)}")
        yield from _said(past, notes, width, columns)


def _said(past: PastDecision, notes: Sequence["FieldNote"], width: int, columns: int) -> Iterator[str]:
    """The texts that a decision left, and what had stood on the screen where it was something else."""
    names = [note.name for note in notes if note.name in past.texts]
    if past.decision == "undo":
        return
    if past.shown is None and past.decision != "taken over":
        yield "  from a file; the texts then:"
    elif past.shown is not None and past.shown.brought_back:
        yield "  began with a draft of their own"
    before = None if past.shown is None else past.shown.texts
    kept = [name for name in names if before is not None and before.get(name, "") == past.texts[name]]
    for name in names:
        if name not in kept:
            if before is not None and before.get(name):
                yield from _text(name, before[name], width, columns, sign="-")
            yield from _text(name, past.texts[name], width, columns, sign=" " if before is None else "+")
    if kept:
        yield from _wrapped(f"as on the screen: {', '.join(kept)}", "  ", columns)


def _text(name: str, text: str, width: int, columns: int, sign: str = " ") -> Iterator[str]:
    drawn = " ¶ ".join(map(for_a_terminal, text.split("\n"))) or "(empty)"
    first = f"{sign} {for_a_terminal(name):<{width}}  "
    return _wrapped(drawn, " " * (width + 4), columns, first)


def _wrapped(text: str, indent: str, columns: int, first: str | None = None) -> Iterator[str]:
    begin = indent if first is None else first
    width = max(columns, len(indent) + 20)
    yield from textwrap.wrap(text, width, initial_indent=begin, subsequent_indent=indent, break_on_hyphens=False)


def _read(reading: Reading) -> str:
    said = [reading.recogniser, f"{100 * reading.confidence:.0f} %", *map(str, reading.doubt)]
    said += [f"or {each.text} ({100 * each.probability:.0f} %)" for each in reading.suggestions]
    return ", ".join(map(for_a_terminal, said))


def _why(past: PastDecision) -> str:
    return (f", {past.reason}" if past.reason else "") + (f"; note: {past.note}" if past.note else "")


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def history_document(card: "QueuedCard", head: Mapping[str, object], history: Sequence[PastDecision]) -> str:
    """The same as one document of JSON; `head` is what every line about a card begins with."""
    return json.dumps(
        {
            **head,
            "organisation": card.label.organisation,
            "ward": card.label.ward,
            "collected": card.label.collected.isoformat(),
            "leased_by": card.leased_by,
            "leased_until": _utc(card.leased_until),
            "second_look": card.second_look,
            "fields": dict(card.texts),
            "readings": {name: _reading(reading) for name, reading in card.readings.items()},
            "history": [_past(past) for past in history],
        },
        ensure_ascii=False,
    )


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "text": reading.text,
        "raw": [line.raw for line in reading.lines],
        "recogniser": reading.recogniser,
        "made_by": reading.made_by,
        "confidence": reading.confidence,
        "doubt": [doubt.value for doubt in reading.doubt],
        "second_opinion": reading.second_opinion,
        "suggestions": [{"text": each.text, "probability": each.probability} for each in reading.suggestions],
    }


def _past(past: PastDecision) -> dict[str, Any]:
    shown = past.shown and {
        "fields": dict(past.shown.texts),
        "recognisers": dict(past.shown.recognisers),
        "draft": past.shown.brought_back,
        "look": past.shown.look.value,
    }
    return {
        "decision": past.decision,
        "reviewer": past.reviewer,
        "at": _utc(past.at),
        "reason": past.reason,
        "note": past.note,
        "fields": dict(past.texts),
        "shown": shown,
    }


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
