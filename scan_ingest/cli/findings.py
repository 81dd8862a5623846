"""What on cards and in the website's nominations may tell who a patient is, as it is told: a table, lines of JSON."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from scan_ingest.domain.identity import CardFindings, FieldFindings
from scan_ingest.domain.nomination import Channel, Nomination
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.identity import find_in_fields

if TYPE_CHECKING:
    from scan_ingest.central import Central


def tell_of_the_websites(central: "Central", staff: Collection[str], *, everything: bool, as_json: bool) -> None:
    """Of the website's nominations what holds; with `everything` what is only pointed out, too."""
    found = [
        (nomination.id, field)
        for nomination in central.nominations()
        if nomination.channel is Channel.ONLINE
        for field in findings_of(nomination, staff)
        if field.holds or everything
    ]
    if as_json:
        for nomination_id, field in found:
            findings = _findings(field)
            document = {
                "nomination_id": nomination_id,
                "field": field.field,
                "holds": field.holds,
                "findings": findings,
            }
            print(json.dumps(document, ensure_ascii=False))
        return
    print_findings("nomination", found)
    number = len({nomination_id for nomination_id, field in found if field.holds})
    print(f"{number} of the website's nominations may tell who a patient is")


def findings_of(nomination: Nomination, staff: Collection[str]) -> list[FieldFindings]:
    """What in a nomination may tell who a patient is, field by field."""
    texts = nomination.texts
    return [FieldFindings(name, texts[name], found) for name, found in find_in_fields(texts, staff=staff).items()]


def print_findings(what: str, found: Sequence[tuple[str, FieldFindings]]) -> None:
    """A table of them, by the id of the card or nomination, which `what` calls it."""
    table = Table(
        Column(what, no_wrap=True, min_width=20),
        Column("field", no_wrap=True),
        Column("found", overflow="fold"),
        Column("why", overflow="fold"),
        Column("settled", overflow="fold"),
        box=None,
        pad_edge=False,
    )
    for name, field in found:
        for number, finding in enumerate(field.findings):
            where = (name, field.field) if number == 0 else ("", "")
            piece = f"{finding.kind}: {field.text[finding.start : finding.end]}"
            why = finding.why if finding.holds else f"{finding.why} (does not hold)"
            table.add_row(*map(for_a_terminal, (*where, piece.replace("\n", " "), why, _settled(field))))
    if found:
        Console(highlight=False, markup=False).print(table)


def line_of(card: CardFindings, field: FieldFindings) -> dict[str, object]:
    """A field's findings as a line of JSON."""
    given = field.settlement
    return {
        "card_id": card.card_id,
        "batch_id": card.batch_id,
        "state": card.state,
        "pages": list(card.pages),
        "field": field.field,
        "holds": field.holds,
        "findings": _findings(field),
        "answer": given.answer.kind.value if given else None,
        "reason": given.answer.reason if given else None,
        "settled_by": given.person if given else None,
    }


def _findings(field: FieldFindings) -> list[dict[str, object]]:
    return [
        {
            "kind": finding.kind.value,
            "start": finding.start,
            "end": finding.end,
            "text": field.text[finding.start : finding.end],
            "holds": finding.holds,
            "score": finding.score,
            "why": finding.why,
        }
        for finding in field.findings
    ]


def those_told(cards: Iterable[CardFindings], *, everything: bool) -> Iterator[tuple[CardFindings, FieldFindings]]:
    """The fields that hold their card back; with `everything` all with something in them."""
    for card in cards:
        for field in card.fields:
            if field.holds or everything:
                yield card, field


def _settled(field: FieldFindings) -> str:
    given = field.settlement
    return "" if given is None else f"{given.answer.kind}, {given.person}: {given.answer.reason}".rstrip(": ")
