"""`scan-ingest queue`: the review queue, and corrections made elsewhere."""

import json
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from scan_ingest.cli.card_history import history_document, print_history
from scan_ingest.cli.parts import current_settings, open_the_workspace
from scan_ingest.cli.redaction import ImportedRedaction, known_staff
from scan_ingest.domain.card import CardState
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.rejection import has_reason
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, StoreError
from scan_ingest.ports.review import QueuedCard

app = typer.Typer(no_args_is_help=True, help="The review queue, and corrections made elsewhere.")

States = Annotated[
    list[CardState] | None,
    typer.Option("--state", help="Only cards in this state; may be repeated.", show_default="every state"),
]
OfBatch = Annotated[str | None, typer.Option("--batch", metavar="BATCH", help="Only this batch, such as b0001.")]
WithReason = Annotated[
    str | None,
    typer.Option("--reason", metavar="WHY", help='Only cards with this reason, or these words of it: "illegible".'),
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")]


@app.command("list")
def list_cards(state: States = None, batch: OfBatch = None, reason: WithReason = None, as_json: AsJson = False) -> None:
    """Every card, where it stands, and who has it."""
    with open_the_workspace(current_settings()) as workspace:
        found = (
            card for card in workspace.cards(state or (), batch) if reason is None or has_reason(card.reason, reason)
        )
        if as_json:
            for card in found:
                print(json.dumps(list_line(card), ensure_ascii=False))
            return
        # A card's id is there to be copied, so it is never cut; names and reasons give way.
        whole = [
            Column(name, no_wrap=True, min_width=width) for name, width in (("card", 20), ("batch", 5), ("state", 9))
        ]
        yielding = [Column(name, overflow="fold") for name in ("by", "pages", "why")]
        table = Table(*whole, *yielding, box=None, pad_edge=False)
        for card in found:
            by = card.leased_by or card.reviewed_by
            sheets = ", ".join(dict.fromkeys(str(page.ref) for page in card.pages))
            cells = (card.id, card.batch_id, card.state.value, by, sheets, why_so(card))
            table.add_row(*(for_a_terminal(cell) for cell in cells))
    if table.row_count:
        Console(highlight=False, markup=False).print(table)
    print(f"{table.row_count} cards")


def list_line(card: QueuedCard) -> dict[str, object]:
    """A card as a line of JSON: where it stands, without its texts."""
    from scan_ingest.exchange.outgoing import card_head  # `--help` should not wait for Pillow

    return {
        **card_head(card),
        "reason": card.reason,
        "note": card.note,
        "leased_by": card.leased_by,
        "leased_until": _utc(card.leased_until),
        "reviewed_by": card.reviewed_by,
        "reviewed_at": _utc(card.reviewed_at),
        "second_look": card.second_look,
    }


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def why_so(card: QueuedCard) -> str:
    """Why a card stands where it does, or what is still to do about it."""
    if card.state is CardState.LEASED and card.leased_until is not None:
        return f"until {card.leased_until.astimezone():%H:%M}"
    if card.state in (CardState.REJECTED, CardState.SET_ASIDE):
        return card.reason
    if card.second_look is not None and card.second_look.is_open:
        return f"second look: {card.second_look}"
    return doubts(card)


def doubts(card: QueuedCard) -> str:
    """How many fields of a card that nobody reviewed are in doubt."""
    doubted = 0 if card.reviewed_at else sum(bool(reading.doubt) for reading in card.readings.values())
    return f"{doubted} in doubt" if doubted else ""


@app.command("show")
def show_card(
    card: Annotated[str, typer.Argument(metavar="CARD", help="A card, as `queue list` names it.")],
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """A card: what was read on it, and every decision with the texts then on the screen and those that were left."""
    from scan_ingest.exchange.outgoing import card_head

    with open_the_workspace(current_settings()) as workspace:
        found = workspace.card(card)
        history = workspace.history(card)
        notes = workspace.field_notes(card)
    if as_json:
        print(history_document(found, card_head(found), history))
    else:
        print_history(found, notes, history, Console().width)


@app.command("export")
def export_queue(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl|.xlsx", help="A line per card, crops in FILE_pictures; or a workbook.")
    ],
    state: States = None,
    batch: OfBatch = None,
) -> None:
    """Write cards with their readings and crops to a file, to be corrected elsewhere."""
    from scan_ingest.exchange import export_cards

    settings = current_settings()
    with open_the_workspace(settings) as workspace:
        exported = export_cards(
            workspace,
            file,
            states=state or (),
            batch_id=batch,
            staff=known_staff(settings),
            going_out=partial(workspace.note_copy, CopyKind.QUEUE, file, batch_id=batch),
        )
    print(f"{exported} cards in {for_a_terminal(str(file))}")


@app.command("import")
def import_queue(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl|.xlsx", help="A line, or a row, per card with its decision.")
    ],
    reviewer: Annotated[str, typer.Option(metavar="NAME", help="Who made the corrections.")],
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Take in corrections made elsewhere; a bad line changes nothing, and the exit code is then 10."""
    from scan_ingest.exchange import import_corrections

    settings = current_settings()
    with open_the_workspace(settings) as workspace:
        report = import_corrections(workspace, file, reviewer, ImportedRedaction(workspace, settings))
    for line in report.bad:
        print(f"{for_a_terminal(file.name)}: {line}", file=sys.stderr)
    if as_json:
        print(json.dumps({"taken": report.taken, "bad": [{"line": bad.number, "why": bad.why} for bad in report.bad]}))
    else:
        what = "rows" if file.suffix.lower() == ".xlsx" else "lines"
        print(f"{report.taken} {what} taken, {len(report.bad)} bad")
    if report.broke_off:
        raise StoreError(f"{file}: {report.broke_off}")
    if report.bad:
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)


@app.command()
def release(
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this reviewer's cards.", show_default="everybody's")
    ] = None,
) -> None:
    """Give cards that reviewers still hold back to the queue, after a lost connection, say."""
    with open_the_workspace(current_settings()) as workspace:
        ended = workspace.release(reviewer)
    print(f"{ended} cards given back")
