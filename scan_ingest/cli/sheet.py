"""`scan-ingest sheet`: the contact sheet of a batch."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scan_ingest.cli.batches import BatchId
from scan_ingest.cli.parts import current_settings, open_the_workspace, templates_folder
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.text import for_a_terminal


def sheet(
    batch: BatchId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; named .html or .pdf.", dir_okay=False)],
    force: Annotated[bool, typer.Option("--force", metavar="", help="Write over a file that is there.")] = False,
) -> None:
    """Write a contact sheet: every page small, with what was found on it and what became of it.

    The pages that need a person come first. One file that needs nothing else, to look at or to print. It holds card
    data: keep it as safe as the cards.
    """
    from scan_ingest.sheet import contact_sheet, writer_for  # `--help` should not wait for OpenCV
    from scan_ingest.sheet.pages import Heading
    from scan_ingest.templates import load_templates

    writer_for(file)  # a wrong suffix is told before a missing workspace
    settings = current_settings()
    with open_the_workspace(settings) as workspace:
        summary = workspace.batch(batch)
        templates = {template.id: template for template in load_templates(templates_folder(settings))}
        heading = Heading(
            summary.batch,
            summary.outcomes,
            sum(summary.cards.values()),
            summary.cards_seen_before,
            summary.needs_a_person,
        )
        noted = partial(workspace.note_copy, CopyKind.SHEET, file, batch_id=summary.batch.id)
        size = contact_sheet(heading, workspace, templates, file, force=force, going_out=noted)
    said = f"{heading.pages} pages of batch {summary.batch.id} in {file} ({size / 1e6:.1f} MB); it holds card data"
    print(for_a_terminal(said))
