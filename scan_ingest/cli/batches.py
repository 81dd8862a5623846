"""`scan-ingest batches`, `pages` and `batch`: what was ingested, and putting it right."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, open_the_workspace, templates_folder
from scan_ingest.config import Settings, check_ward
from scan_ingest.domain.batch import BatchState, BatchSummary, BoxLabel, Collation, PageRow
from scan_ingest.domain.page import Placement
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

if TYPE_CHECKING:
    from scan_ingest.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Putting a wrong box label or a wrong file right.")

BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="A batch, such as b0001.")]
MOST_NAMES = 4  # of files, in the table

AsJson = Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")]


def batches(as_json: AsJson = False) -> None:
    """What was ingested, and what still needs a person."""
    with open_the_workspace(current_settings()) as workspace:
        summaries = workspace.batches()
    if as_json:
        for summary in summaries:
            print(json.dumps(batch_line(summary), ensure_ascii=False))
        return
    if not summaries:
        print("No batch yet: scan-ingest ingest FILE --organisation O --ward W")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("batch", no_wrap=True, min_width=5)
    table.add_column("box", overflow="fold")
    for name in ("pages", "cards"):
        table.add_column(name, justify="right", no_wrap=True, min_width=5)
    table.add_column("still to do", overflow="fold")
    for summary in summaries:
        batch = summary.batch
        todo = "; ".join(summary.needs_a_person)
        if batch.state is BatchState.DISCARDED:
            todo = f"discarded: {batch.discard_reason}"
        if summary.rejected:
            todo += f"{'; ' if todo else ''}rejected: {_counted(summary.rejected)}"
        box = f"{_box(batch.label)}\n{_few([file.name for file in batch.files])}"
        table.add_row(
            batch.id,
            "\n".join(map(for_a_terminal, box.split("\n"))),
            str(sum(summary.outcomes.values())),
            str(sum(summary.cards.values())),
            for_a_terminal(todo) or "nothing",
        )
    Console(highlight=False, markup=False).print(table)


def _counted(rejected: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in rejected.items())


def _few(names: Sequence[str]) -> str:
    """The names of a batch's files; of many the first and the last: a folder of pictures has one for every page."""
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{names[0]} … {names[-1]} ({len(names)} files)"


def _box(label: BoxLabel) -> str:
    return f"{label.ward}, {label.organisation}, {label.collected}"


def batch_line(summary: BatchSummary) -> dict[str, object]:
    """A batch as a line of JSON."""
    batch = summary.batch
    return {
        "batch_id": batch.id,
        "organisation": batch.label.organisation,
        "ward": batch.label.ward,
        "collected": batch.label.collected.isoformat(),
        "state": batch.state.value,
        "created_at": batch.created_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "files": [file.name for file in batch.files],
        "pages": sum(summary.outcomes.values()),
        "outcomes": {outcome.value: number for outcome, number in summary.outcomes.items()},
        "expected_cards": batch.expected_cards,
        "cards_seen_before": summary.cards_seen_before,
        "collation": batch.collation.value,
        "cards": {state.value: number for state, number in summary.cards.items()},
        "rejected": dict(summary.rejected),
        "needs_a_person": list(summary.needs_a_person),
        "discard_reason": batch.discard_reason,
    }


def pages(batch: BatchId, as_json: AsJson = False) -> None:
    """Every page of a batch with its outcome and why."""
    with open_the_workspace(current_settings()) as workspace:
        rows = workspace.pages(batch)
    if as_json:
        for row in rows:
            print(json.dumps(page_line(row), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("page", overflow="fold", max_width=34)  # a long name gives way to the reason
    table.add_column("outcome", no_wrap=True, min_width=10)
    table.add_column("why", overflow="fold")
    table.add_column(
        "card", no_wrap=True, min_width=20 if any(card for row in rows for _, card in row.placements) else 4
    )
    for row in rows:
        cards = "\n".join(dict.fromkeys(card for _, card in row.placements if card))
        table.add_row(for_a_terminal(str(row.ref)), row.outcome.value, for_a_terminal(row.reason), cards)
    if rows:
        Console(highlight=False, markup=False).print(table)
    print(f"{len(rows)} pages")


def page_line(row: PageRow) -> dict[str, object]:
    """A page as the contract's line of JSON."""
    placements = [_placement(placement, card) for placement, card in row.placements]
    first = placements[0] if placements else dict.fromkeys(PLACEMENT_KEYS)
    return {
        "file": row.ref.file_name,
        "page": row.ref.number,
        "outcome": row.outcome.value,
        "reason": row.reason,
        "dpi": row.dpi,
        **first,
        "placements": placements,
    }


PLACEMENT_KEYS = ("template", "side", "card_id", "residual_mm", "corners_px")


def _placement(placement: Placement, card_id: str | None) -> dict[str, object]:
    return {
        "template": placement.template_id,
        "side": placement.side,
        "card_id": card_id,
        "residual_mm": round(placement.residual_mm, 4),
        "corners_px": [[round(float(x), 2), round(float(y), 2)] for x, y in placement.corners_px],
    }


@app.command()
def amend(
    batch: BatchId,
    organisation: Annotated[str | None, typer.Option(help="Whose box it was.")] = None,
    ward: Annotated[str | None, typer.Option(help="Where the box hung.")] = None,
    collected: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="When it was emptied.")
    ] = None,
    new_ward: Annotated[bool, typer.Option("--new-ward", help="Take a ward that is not in the list.")] = False,
    collate: Annotated[
        Collation | None, typer.Option(help="Pair fronts and backs once more, as scanned in this order.")
    ] = None,
) -> None:
    """Put a wrong box label right; nominations that were merged already are updated by the next merge.

    With --collate, fronts and backs of which none was paired yet are paired in another order; nothing is read again.
    """
    if organisation is None and ward is None and collected is None and collate is None:
        raise UsageError("batch amend needs --organisation, --ward, --collected or --collate")
    settings = current_settings()
    if ward is not None:
        ward = check_ward(settings, ward, new_ward=new_ward)
    with open_the_workspace(settings) as workspace:
        if collate is not None:
            print(_paired_again(settings, workspace, batch, collate))
        amended = workspace.amend_batch(
            batch, organisation=organisation, ward=ward, collected=collected.date() if collected else None
        )
    print(f"{amended.id}: {for_a_terminal(_box(amended.label))}")


def _paired_again(settings: Settings, workspace: "Workspace", batch: str, collation: Collation) -> str:
    from scan_ingest.pipeline.ingest import pair_again
    from scan_ingest.templates import load_templates

    templates = {template.id: template for template in load_templates(templates_folder(settings))}
    with workspace.ingest_lock(workspace.batch(batch).batch.label.organisation):
        settlement = pair_again(batch, collation, desk=workspace, templates=templates)
    alone = sum(outcome.needs_a_person for outcome, _ in settlement.amended.values())
    return f"{len(settlement.new_cards)} two-sided cards paired; {alone} sides still need a person"


@app.command()
def discard(
    batch: BatchId, reason: Annotated[str, typer.Option(metavar="R", help="Why, for whoever looks later.")]
) -> None:
    """Take a batch back that was not merged yet; its files can be ingested again."""
    with open_the_workspace(current_settings()) as workspace:
        discarded = workspace.discard_batch(batch, reason)
    print(f"{discarded}: discarded")
