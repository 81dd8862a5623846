"""`scan-ingest export`: nominations out of the store."""

from pathlib import Path
from typing import Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_the_central


def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to; named .csv, .xlsx, .parquet or .jsonl.", dir_okay=False)
    ],
) -> None:
    """Write the nominations of the store to a CSV, Excel, Parquet or JSON lines file."""
    from scan_ingest.export import export_nominations, writer_for

    writer_for(file)  # a wrong suffix is told before a missing store
    with open_the_central(current_settings()) as central:
        number = export_nominations(central.nominations(), file)
        print(f"{number} nominations from {central.place} in {file}")
