"""Every command at a glance, and the options that come before them."""

from pathlib import Path
from typing import Annotated

import typer

from scan_ingest import __version__
from scan_ingest.cli import (
    align,
    audit,
    batches,
    demo,
    doctor,
    duplicates,
    erase,
    evaluate,
    export,
    hold,
    identity,
    ingest,
    keeping,
    learn,
    merge,
    online,
    quality,
    queue,
    rescans,
    review,
    sheet,
    stats,
    store,
    subject,
    template,
)
from scan_ingest.cli.parts import use_options, without_password

app = typer.Typer(
    name="scan-ingest",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",  # a paragraph of a docstring is one paragraph of help
    pretty_exceptions_enable=False,  # a bug keeps its plain traceback, and no local values with card text in it
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"scan-ingest {__version__}")
        raise typer.Exit


@app.callback()
def options(
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the stores and pictures; data if not given."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of card templates; templates if there is one, else those shipped."),
    ] = None,
    workspace: Annotated[
        str | None,
        typer.Option(metavar="URL", help="This site's workspace; SQLite in the data folder if not given."),
    ] = None,
    central: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The nominations store; SQLite in the data folder if not given."),
    ] = None,
    version: Annotated[  # noqa: ARG001 - answered by its callback
        bool,
        typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version and stop."),
    ] = False,
) -> None:
    """Turns scanned paper nomination cards into corrected nominations in one store.

    The day's work: ingest, review, merge, export. Every option here is also an environment variable SCAN_INGEST_… and a
    key in scan_ingest.toml.
    """
    use_options(
        data=data,
        templates=templates,
        workspace=without_password(workspace, "--workspace"),
        central=without_password(central, "--central"),
    )


DAY = "The day's work"
LOOK = "Looking and putting right"
KEEPING = "Keeping and letting go"
SETUP = "Setting up"

app.command(rich_help_panel=DAY)(ingest.ingest)
app.command(rich_help_panel=DAY)(align.align)
app.command(rich_help_panel=DAY)(review.review)
app.command(rich_help_panel=DAY)(merge.merge)
app.command(rich_help_panel=DAY)(online.import_online)
app.command(rich_help_panel=DAY)(export.export)
app.command(rich_help_panel=LOOK)(stats.stats)
app.command(rich_help_panel=LOOK)(evaluate.evaluate)
app.command(rich_help_panel=LOOK)(quality.quality)
app.command(rich_help_panel=LOOK)(learn.learn)
app.command(rich_help_panel=LOOK)(batches.batches)
app.command(rich_help_panel=LOOK)(batches.pages)
app.command(rich_help_panel=LOOK)(sheet.sheet)
app.add_typer(batches.app, name="batch", rich_help_panel=LOOK)
app.add_typer(queue.app, name="queue", rich_help_panel=LOOK)
app.add_typer(identity.app, name="identity", rich_help_panel=LOOK)
app.add_typer(rescans.app, name="rescans", rich_help_panel=LOOK)
app.add_typer(duplicates.app, name="duplicates", rich_help_panel=LOOK)
app.add_typer(audit.app, name="audit", rich_help_panel=LOOK)
app.command(rich_help_panel=KEEPING)(keeping.purge)
app.command(rich_help_panel=KEEPING)(keeping.paper)
app.command(rich_help_panel=KEEPING)(keeping.copies)
app.command(rich_help_panel=KEEPING)(subject.subject)
app.command(rich_help_panel=KEEPING)(erase.erase)
app.add_typer(hold.app, name="hold", rich_help_panel=KEEPING)
app.add_typer(template.app, name="template", rich_help_panel=SETUP)
app.add_typer(store.app, name="store", rich_help_panel=SETUP)
app.command(rich_help_panel=SETUP)(doctor.doctor)
app.command(rich_help_panel=SETUP)(demo.demo)
