"""`scan-ingest stats`: how many nominations there are, of whom, from where and when."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, open_the_central
from scan_ingest.cli.wanted import FirstDay, LastDay, OfChannel, Organisations, Wards, tell_unknown, wanted
from scan_ingest.domain.selection import Counts
from scan_ingest.domain.text import for_a_terminal

UNKNOWN = "(not said)"


def stats(
    organisation: Organisations = None,
    ward: Wards = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    channel: OfChannel = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Count nominations by organisation, ward, month, channel and kind of nominator.

    Two that a person called the same are counted once, as the one that came first.
    """
    asked = wanted(organisation, ward, first_day, last_day, channel)
    with open_the_central(current_settings()) as central:
        tell_unknown(central, asked)
        with central.selection(asked) as selection:
            counts = selection.counts()
    if as_json:
        print(json.dumps(asdict(counts), ensure_ascii=False))
        return
    console = Console(highlight=False, markup=False)
    for title, numbers in _tables(counts):
        table = Table(box=None, pad_edge=False)
        table.add_column(title, overflow="fold", min_width=30)
        table.add_column("nominations", justify="right", no_wrap=True)
        table.add_column("share", justify="right", no_wrap=True, min_width=5)
        for name, number in numbers.items():
            table.add_row(for_a_terminal(name) or UNKNOWN, f"{number:,}", f"{number / counts.nominations:.0%}")
        console.print(table)
        console.print()
    print(f"{counts.nominations:,} nominations", end="")
    print(f", and {counts.counted_with_another:,} counted with another" if counts.counted_with_another else "")


def _tables(counts: Counts) -> Iterator[tuple[str, Mapping[str, int]]]:
    """What is counted, each with its title; nothing where there are no nominations."""
    if not counts.nominations:
        return
    yield "organisation", counts.organisation
    for organisation, wards in counts.ward.items():
        yield (f"ward, {for_a_terminal(organisation)}" if len(counts.ward) > 1 else "ward"), wards
    yield "month", counts.month
    yield "channel", counts.channel
    yield "nominator", counts.nominator
