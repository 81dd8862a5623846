"""`scan-ingest import-online`: the website's nominations → nominations store."""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_the_central
from scan_ingest.config import Settings
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import StoreMissingError

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.online import OnlineReport

TOLD_SINGLY = 20  # bad rows; a wrong mapping spoils every one


def import_online(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the website delivers; named .csv or .xlsx.")],
    mapping: Annotated[
        Path, typer.Option(metavar="MAPPING.toml", help="Which column is which field; see docs/online.md.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Say what an import would do, write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Carry the website's nominations into the nominations store.

    A submission has one nomination however often it is delivered; one that was edited updates it. A row that cannot be
    taken is named with its number and why, and the others go in.
    """
    from scan_ingest.online import import_nominations, load_mapping

    settings = current_settings()
    meant = load_mapping(mapping)
    with _store(settings, dry_run=dry_run) as (central, place):
        report = import_nominations(file, meant, central, dry_run=dry_run)
    for bad in report.bad[:TOLD_SINGLY]:
        print(f"{for_a_terminal(file.name)}: {for_a_terminal(str(bad))}", file=sys.stderr)
    if len(report.bad) > TOLD_SINGLY:
        print(f"and {len(report.bad) - TOLD_SINGLY} more rows; --json names all", file=sys.stderr)
    if as_json:
        print(json.dumps(report_document(report), ensure_ascii=False))
        return
    _print(report, f"{'Would go' if dry_run else 'Nominations'} into {place}:")


def report_document(report: "OnlineReport") -> dict[str, object]:
    """A merge's document, with what became of the rows."""
    return {
        **report.counts.told(),
        "bad": [{"row": bad.number, "why": bad.why} for bad in report.bad],
        "superseded": report.superseded,
        "passed_over": list(report.passed_over),
    }


def _print(report: "OnlineReport", title: str) -> None:
    print(title)
    told = {**report.counts.told(), "rows not taken": len(report.bad)}
    if report.superseded:
        told["rows that came again"] = report.superseded
    for name, number in told.items():
        print(f"  {name.replace('_', ' '):<22} {number:>6}")
    if report.passed_over:
        columns = ", ".join(f'"{for_a_terminal(" ".join(name.split())[:40])}"' for name in report.passed_over)
        print(f"Columns that the mapping does not ask for: {columns}")
    if report.counts.possible_duplicates:
        print("Possible duplicates wait for a person: scan-ingest duplicates list")


@contextlib.contextmanager
def _store(settings: Settings, *, dry_run: bool) -> Iterator[tuple["Central", str]]:
    """The nominations store and where it is. A dry run makes none: it is held against an empty one that goes again."""
    try:
        with open_the_central(settings, create=not dry_run) as central:
            yield central, central.place
            return
    except StoreMissingError as missing:
        place = f"a new store ({missing.place} is not there yet)"
    from scan_ingest.central import open_central

    with tempfile.TemporaryDirectory() as folder, open_central(None, Path(folder), create=True) as empty:
        yield empty, place
