"""`scan-ingest doctor`: is all there that the program needs, and if not, what to install."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.checks import (
    MARKS,
    check_data_folder,
    check_model,
    check_opencv,
    check_poppler,
    check_store,
    check_templates,
    check_terminal,
    check_tesseract,
)
from scan_ingest.cli.parts import current_settings, open_the_central, open_the_workspace, templates_folder
from scan_ingest.config import Settings
from scan_ingest.domain.finding import Finding, State
from scan_ingest.errors import ExitCode


def doctor(
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Say what is missing, and how to get it; exit code 5 for a tool, 3 for a template, 6 for a store."""
    findings = tuple(_look(current_settings(), is_terminal=not as_json and sys.stdout.isatty() and sys.stdin.isatty()))
    if as_json:
        print(json.dumps(as_document(findings), ensure_ascii=False))
    else:
        _print(findings)
    raise typer.Exit(verdict(findings))


def verdict(findings: tuple[Finding, ...]) -> ExitCode:
    """The exit code of the first thing that is wrong."""
    return next((finding.exit_code for finding in findings if finding.state is State.WRONG), ExitCode.DONE)


def as_document(findings: tuple[Finding, ...]) -> dict[str, object]:
    return {
        "ok": verdict(findings) is ExitCode.DONE,
        "checks": [
            {"check": finding.what, "state": finding.state.value, "says": finding.says, "remedy": finding.remedy}
            for finding in findings
        ],
    }


def _look(settings: Settings, *, is_terminal: bool) -> Iterator[Finding]:
    yield check_tesseract()
    yield check_poppler()
    yield check_opencv()
    yield check_model()
    yield check_templates(lambda: templates_folder(settings))
    # Imported here: `--help` should not wait for SQLAlchemy.
    from scan_ingest.central.kind import KIND as CENTRAL
    from scan_ingest.workspace.kind import KIND as WORKSPACE

    here, there = settings.data / WORKSPACE.folder, settings.data / CENTRAL.folder
    yield check_data_folder(settings.data, (here, there))
    yield check_store(
        "workspace",
        None if settings.workspace else here / WORKSPACE.file,
        lambda: open_the_workspace(settings),
    )
    yield check_store(
        "nominations store",
        None if settings.central else there / CENTRAL.file,
        lambda: open_the_central(settings),
    )
    yield check_terminal(os.environ, is_terminal=is_terminal)


def _print(findings: tuple[Finding, ...]) -> None:
    table = Table("", "check", "found", box=None, pad_edge=False)
    for finding in findings:
        says = f"{finding.says}\n→ {finding.remedy}" if finding.remedy else finding.says
        table.add_row(MARKS[finding.state], finding.what, says)
    Console(highlight=False, markup=False).print(table)
    wrong = sum(finding.state is State.WRONG for finding in findings)
    print("All is there." if not wrong else f"{wrong} of {len(findings)} checks found something wrong.")
