"""`scan-ingest audit`: what was done to card data, by whom and when; and whether that was left as it was written."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.console import Console
from rich.table import Column, Table

from scan_ingest.cli.parts import current_settings, open_the_central, open_the_workspace, open_those_there
from scan_ingest.domain.audit import Act, AuditFilter, AuditRow, Head, faults
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, InputError, UsageError

app = typer.Typer(no_args_is_help=True, help="What was done to card data, by whom and when, sealed row by row.")


class Place(StrEnum):
    """Whose audit: both stores have one."""

    WORKSPACE = "workspace"
    CENTRAL = "central"


class Audited(Protocol):
    """A store with an audit."""

    def audit(self, wanted: AuditFilter) -> Iterator[AuditRow]: ...

    def audit_ends(self) -> tuple[Head, ...]: ...


Which = Annotated[
    Place | None, typer.Option("--which", help="Only the audit of this store.", show_default="workspace and central")
]
Organisation = Annotated[str | None, typer.Option(metavar="O", help="Only the chain of this organisation.")]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")]


@app.command("list")
def list_rows(
    which: Which = None,
    organisation: Organisation = None,
    person: Annotated[str, typer.Option(metavar="NAME", help="Only what this person did.")] = "",
    act: Annotated[Act | None, typer.Option(help="Only acts of this kind.", show_default="every kind")] = None,
    subject: Annotated[str, typer.Option(metavar="TEXT", help="Only on this batch or card.")] = "",
    since: Annotated[str, typer.Option(metavar="DATE", help="From this day on, such as 2026-03-02 (UTC).")] = "",
    until: Annotated[str, typer.Option(metavar="DATE", help="Up to this day, the day itself included.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every act on card data: when, who, what, on which batch or card. No words from cards are in it."""
    wanted = AuditFilter(
        organisation=organisation,
        person=person,
        act=act.value if act else "",
        subject=subject,
        since=_start_of(since, "--since") if since else None,
        until=_start_of(until, "--until") + timedelta(days=1) if until else None,
    )
    table = Table(
        *(Column(name, no_wrap=True) for name in ("when (UTC)", "who", "act")),
        *(Column(name, overflow="fold") for name in ("on", "organisation", "detail")),
        box=None,
        pad_edge=False,
    )
    number = 0
    for place, store in _audited(which):
        for row in store.audit(wanted):
            number += 1
            if as_json:
                print(json.dumps({"store": place.value, **_line(row)}, ensure_ascii=False))
                continue
            detail = " ".join(f"{name} {value}" for name, value in row.detail.items() if value not in (0, ""))
            cells = (f"{row.at:%Y-%m-%d %H:%M}", row.person, row.act, row.subject, row.organisation, detail)
            table.add_row(*(for_a_terminal(cell) for cell in cells))
    if as_json:
        return
    if number:
        Console(highlight=False, markup=False).print(table)
    print(f"{number} row{'' if number == 1 else 's'}")


@app.command()
def heads(which: Which = None, organisation: Organisation = None, as_json: AsJson = False) -> None:
    """The end of every chain. Kept on paper or elsewhere, `audit verify --heads` shows later that none was cut off.

    `scan-ingest audit heads --json > heads-2026-03.jsonl` writes them to a file.
    """
    for place, store in _audited(which):
        for head in store.audit_ends():
            if organisation is not None and head.organisation != organisation:
                continue
            if as_json:
                print(json.dumps({"store": place.value, **vars(head)}, ensure_ascii=False))
            else:
                whose = for_a_terminal(head.organisation) or "(all organisations)"
                print(f"{place.value} {head.number} {head.hash} {whose}")


@app.command()
def verify(
    which: Which = None,
    kept: Annotated[
        Path | None,
        typer.Option("--heads", metavar="FILE", help="Ends written earlier by `audit heads --json`.", dir_okay=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Follow every chain from its first row: a row changed, missing or put in, an end cut off. Exit code 6 if so."""
    wanted = _kept_heads(kept) if kept else {}
    rows_seen = 0
    found = []
    for place, store in _audited(which):
        ends = store.audit_ends()
        rows_seen += sum(end.number for end in ends)
        found += [
            {"store": place.value, "organisation": fault.organisation, "number": fault.number, "why": fault.why}
            for fault in faults(store.audit(AuditFilter()), ends, wanted.get(place, ()))
        ]
    if as_json:
        print(json.dumps({"rows": rows_seen, "faults": found}, ensure_ascii=False))
    else:
        for fault in found:
            where = f"{fault['store']}, {fault['organisation'] or 'all organisations'}, row {fault['number']}"
            print(f"{for_a_terminal(where)}: {fault['why']}")
        print(f"{rows_seen} rows, {'as they were written' if not found else f'{len(found)} faults'}")
    if found:
        raise typer.Exit(ExitCode.STORE)


def _audited(which: Place | None) -> Iterator[tuple[Place, Audited]]:
    """The stores that are asked for; of both, those that are there."""
    settings = current_settings()
    if which is Place.WORKSPACE:
        with open_the_workspace(settings) as workspace:
            yield Place.WORKSPACE, workspace
        return
    if which is Place.CENTRAL:
        with open_the_central(settings) as central:
            yield Place.CENTRAL, central
        return
    with open_those_there(settings) as (workspace_there, central_there):
        if workspace_there is not None:
            yield Place.WORKSPACE, workspace_there
        if central_there is not None:
            yield Place.CENTRAL, central_there


def _line(row: AuditRow) -> dict[str, object]:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {**vars(row), "at": at, "detail": dict(row.detail)}


def _start_of(day: str, option: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise UsageError(f"{option}: {day!r} is no day; write it as 2026-03-02") from None


def _kept_heads(file: Path) -> dict[Place, list[Head]]:
    """The ends in a file of `audit heads --json`. Raises `InputError` naming the line that is none."""
    kept: dict[Place, list[Head]] = {place: [] for place in Place}
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"{file}: cannot be read as lines of `audit heads --json`: {exc}") from exc
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            head = Head(str(values["organisation"]), int(values["number"]), str(values["hash"]))
            kept[Place(values["store"])].append(head)
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{file}: line {number} is no line of `audit heads --json`") from None
    return kept
