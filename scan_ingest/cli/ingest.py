"""`scan-ingest ingest`: scans → workspace."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from scan_ingest.cli.parts import (
    current_settings,
    open_the_central,
    open_the_workspace,
    refuse_unproven,
    templates_folder,
)
from scan_ingest.config import Settings, check_ward
from scan_ingest.domain.batch import Batch, BoxLabel, Collation, IngestReport
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from scan_ingest.ports.ingest import PageRecord
    from scan_ingest.workspace import Workspace


def ingest(
    scans: Annotated[list[Path], typer.Argument(metavar="FILE|FOLDER…", help="PDF, TIFF, JPEG or PNG scans.")],
    ward: Annotated[str, typer.Option(help="Where the box hung.")],
    organisation: Annotated[str | None, typer.Option(help="Whose box it is; may stand in scan_ingest.toml.")] = None,
    collected: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DATE", help="When it was emptied, as 2026-03-02; today if not given."
        ),
    ] = None,
    expect: Annotated[int | None, typer.Option(min=0, metavar="N", help="How many cards were counted by hand.")] = None,
    template: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Try this template only; may be repeated."),
    ] = None,
    collate: Annotated[
        Collation | None,
        typer.Option(
            help="The order in which two-sided cards were scanned: each front then its back (duplex, if not given), "
            "each back then its front, or all fronts, then all backs.",
        ),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Worker processes; as many as cores if not given.")
    ] = None,
    new_ward: Annotated[
        bool, typer.Option("--new-ward", metavar="", help="Take a ward that is not in the list.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Read scans into the workspace and queue the cards for review.

    Killed or interrupted, the same call continues. Run again, it adds nothing. Exit code 10 says that something needs a
    person: a page that was not placed or not decoded, or a count that does not add up.
    """
    settings = current_settings()
    owner = organisation or settings.organisation
    if not owner:
        raise UsageError("ingest needs --organisation O, or the key organisation in scan_ingest.toml")
    try:
        label = BoxLabel(owner, check_ward(settings, ward, new_ward=new_ward), _day(collected))
    except ValueError as exc:
        raise UsageError(f"the box label is incomplete: {exc}") from exc
    try:
        report = run_ingest(
            settings, scans, label, expect, template or [], jobs, any_date=collected is None, collation=collate
        )
    except KeyboardInterrupt:
        print("interrupted; the same command continues", file=sys.stderr)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if as_json:
        print(json.dumps(as_document(report)))
    else:
        print_outcomes(report)
    if left := for_a_person(report):
        print(*left, sep="\n", file=sys.stderr if as_json else sys.stdout)
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)
    if report.cards and not as_json:
        print("Next: scan-ingest review")


def _day(collected: datetime | None) -> date:
    return collected.date() if collected else date.today()


def as_document(report: IngestReport) -> dict[str, object]:
    """The report as the contract's JSON."""
    return {
        "batch_id": report.batch.id,
        "pages": report.pages,
        "outcomes": {outcome.value: number for outcome, number in report.outcomes.items()},
        "cards": report.cards,
        "seconds": round(report.seconds, 2),
    }


def run_ingest(
    settings: Settings,
    scans: list[Path],
    label: BoxLabel,
    expect: int | None,
    template_ids: list[str],
    jobs: int | None,
    *,
    any_date: bool = False,
    collation: Collation | None = None,
) -> IngestReport:
    """Builds the parts, runs the loop with a progress bar on standard error."""
    # Imported here: `--help` should not wait for OpenCV, nor the workers, who take seconds to get ready, for the rest.
    from scan_ingest.cli.reader import cores, make_reader, site_lists
    from scan_ingest.learning.shelf import in_force
    from scan_ingest.pipeline.pool import WorkerPool
    from scan_ingest.sources.inputs import find_files

    files = find_files(scans)
    folder, limits = templates_folder(settings), settings.page_limits
    reader = partial(make_reader, folder, tuple(template_ids), in_force(settings.data), site_lists(settings))
    with WorkerPool.started(jobs or cores(), reader, limits.seconds_per_page) as pool:
        from scan_ingest.pipeline.ingest import ingest as ingest_batch
        from scan_ingest.sources.open import count_pages, pages_of
        from scan_ingest.templates import load_templates

        templates = load_templates(folder, template_ids)
        refuse_unproven(templates, folder, settings.data)
        with (
            open_the_central(settings, create=True),  # so that merge and export never look into an empty place
            open_the_workspace(settings, create=True) as workspace,
            workspace.ingest_lock(label.organisation),
            _progress() as progress,
        ):
            bar = _Bar(progress, workspace, lambda path: count_pages(path, limits))
            report = ingest_batch(
                files,
                label,
                desk=workspace,
                source=pages_of,
                pool=pool,
                templates={template.id: template for template in templates},
                limits=limits,
                expected_cards=expect,
                any_date=any_date,
                collation=collation,
                listener=bar,
            )
    for recogniser, number in bar.failed.items():
        fields = f"{number} field{'s' * (number > 1)}"
        print(
            f"{recogniser} failed on {fields}; their readings say so, scan-ingest doctor may say why", file=sys.stderr
        )
    return report


@dataclass(frozen=True, eq=False)
class _Bar:
    """The progress bar as the loop's listener."""

    progress: Progress
    workspace: "Workspace"
    count_pages: Callable[[Path], int]
    failed: Counter[str] = field(default_factory=Counter)
    """By recogniser, the fields that it failed on."""

    def opened(self, batch: Batch, *, continued: bool) -> None:
        total = sum(self.count_pages(original.path) if original.path else 1 for original in batch.files)
        done = len(self.workspace.recorded_pages(batch.id))
        self.progress.add_task(f"batch {batch.id}", total=total, completed=done)
        if continued:
            self.progress.console.print(f"continuing batch {batch.id}: {done} of {total} pages are done")

    def recorded(self, page: "PageRecord") -> None:
        self.progress.advance(self.progress.task_ids[0])
        self.failed.update(
            reading.failed for side in page.sides for reading in side.readings if reading.failed is not None
        )
        if page.outcome is Outcome.FAILED:
            said = for_a_terminal(f"{page.ref}: {page.reason}")
            self.progress.console.print(said, markup=False, highlight=False, soft_wrap=True)


class _Rate(ProgressColumn):
    """Pages a minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed * 60:.0f} a minute" if task.speed else "", style="progress.data.speed")


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("pages"),
        _Rate(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )


def print_outcomes(report: IngestReport) -> None:
    """The end of an ingest, for a person."""
    label = report.batch.label
    box = for_a_terminal(f"{label.ward}, {label.organisation}, {label.collected}")
    lines = [f"Batch {report.batch.id}: {box}"]
    lines += [f"{number:5}  {EXPLAINED[outcome]}" for outcome in Outcome if (number := report.outcomes.get(outcome))]
    rate = report.pages / report.seconds * 60
    lines.append(f"{report.pages} pages, {report.cards} cards, {report.seconds:.0f} s ({rate:.0f} pages a minute)")
    print("\n".join(lines))


def for_a_person(report: IngestReport) -> list[str]:
    """What the ingest leaves to a person, a line each."""
    lines = []
    if report.count_differs:
        before = f", {report.cards_seen_before} of them ingested before" if report.cards_seen_before else ""
        lines.append(f"Counted by hand: {report.expected_cards} cards; found: {report.cards_found}{before}.")
    if report.cards_may_be_two:
        lines.append(
            "Two cards pulled through the scanner at once can look like one: compare fronts with backs in the review."
        )
    if report.pages_need_a_person:
        lines.append(
            f"Some pages need a person: scan-ingest pages {report.batch.id} says why, align places them by hand."
        )
    return lines


EXPLAINED = {
    Outcome.CARD: "card",
    Outcome.BLANK: "blank (paper without printing or ink)",
    Outcome.UNMATCHED: "unmatched (no known card)",
    Outcome.DUPLICATE: "duplicate (this very page was ingested before)",
    Outcome.UNREADABLE: "unreadable (a card that cannot be placed surely, or its other side is missing)",
    Outcome.FAILED: "failed (cannot be decoded)",
}
