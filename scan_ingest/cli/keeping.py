"""`scan-ingest purge`, `paper` and `copies`: how long card data is kept, and where else it lies."""

import json
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from scan_ingest.cli.parts import account_name, current_settings, open_the_workspace, open_those_there
from scan_ingest.cli.redaction import drop_gone
from scan_ingest.domain.audit import Act, AuditFilter
from scan_ingest.domain.keeping import BatchAtRest, HoldOn, KeepRules, Kept
from scan_ingest.domain.text import for_a_terminal

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.config import Settings
    from scan_ingest.workspace import Workspace

CERTIFICATES = "certificates"
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")]
JsonLines = Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")]


def purge(
    dry_run: Annotated[bool, typer.Option("--dry-run", metavar="", help="Say what would go; change nothing.")] = False,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the certificate goes.", show_default="certificates in the data folder"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let go of what was kept as long as [keep] in scan_ingest.toml says, and write a certificate of it.

    Only boxes on which nothing waits for anybody and no legal hold stands: pictures and scans first, then what was read
    and typed, then nominations. Pages stay known by their digests, nominations by ids that say nothing. Killed in
    between, the same command finishes.
    """
    settings = current_settings()
    rules = settings.keep_rules
    now = datetime.now(UTC)
    with open_those_there(settings) as (workspace, central):
        if workspace is not None and not dry_run:
            workspace.sweep()  # what an earlier run could not finish
            drop_gone(workspace)
        due = [] if workspace is None else [(batch, batch.due(rules, now)) for batch in workspace.at_rest()]
        due = [(batch, kinds) for batch, kinds in due if kinds]
        before = rules.oldest_nomination(now.date())
        keep = _held_here(workspace)
        nominations = central.older_than(before, keep) if central is not None and before is not None else {}
        file = None
        if not dry_run:
            for batch, kinds in due:
                assert workspace is not None  # the batches are its
                workspace.purge(batch.batch_id, kinds)
            if workspace is not None:
                drop_gone(workspace)
            if nominations and central is not None and before is not None:
                nominations = central.purge(before, keep)
            file = _certified(certificate, settings, workspace, central)
    _tell(rules, due, sorted(nominations.items()), file, dry_run=dry_run, as_json=as_json)


def _held_here(workspace: "Workspace | None") -> frozenset[str]:
    """The nominations of this site's cards that a hold on their batch keeps: the store knows no batches."""
    from scan_ingest.domain.nomination import nomination_id

    if workspace is None:
        return frozenset()
    held = [hold.what for hold in workspace.holds() if hold.on is HoldOn.BATCH]
    return frozenset(nomination_id(card.id) for batch in held for card in workspace.cards(batch_id=batch))


def _certified(
    chosen: Path | None, settings: "Settings", workspace: "Workspace | None", central: "Central | None"
) -> Path | None:
    """Writes a certificate of every purge that none accounts for yet, those of a run that was killed too; None where
    there is none."""
    from scan_ingest.leaving.certificate import CENTRAL, WORKSPACE, Gone, as_text, last_of_each, not_certified
    from scan_ingest.sql import private_file, private_folder

    stores = {name: store for name, store in ((WORKSPACE, workspace), (CENTRAL, central)) if store is not None}
    acts = {
        name: not_certified(store.audit(AuditFilter(act=Act.PURGE)), store.audit(AuditFilter(act=Act.CERTIFICATE)))
        for name, store in stores.items()
    }
    if not any(acts.values()):
        return None
    heads = [(name, head) for name, store in stores.items() for head in store.audit_ends()]
    batches = [] if workspace is None else workspace.at_rest()
    now = datetime.now(UTC)
    gone = Gone(now, account_name(), version("scan-ingest"), settings.keep_rules, acts, batches, heads)
    file = chosen or settings.data / CERTIFICATES / f"purge-{now:%Y%m%dT%H%M%S%fZ}.txt"
    if not file.parent.exists():
        private_folder(file.parent)
    private_file(file).write_text(as_text(gone), encoding="utf-8")
    for name, store in stores.items():
        store.certify(last_of_each(acts[name]))
    return file


def _tell(
    rules: KeepRules,
    due: list[tuple[BatchAtRest, frozenset[Kept]]],
    nominations: list[tuple[str, int]],
    certificate: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    if as_json:
        document = {
            "dry_run": dry_run,
            "batches": [{"batch_id": batch.batch_id, "what": sorted(kinds)} for batch, kinds in due],
            "nominations": dict(nominations),
            "certificate": str(certificate) if certificate else None,
        }
        print(json.dumps(document, ensure_ascii=False))
        return
    if all(rules.of(kept) is None for kept in Kept):
        print("Nothing goes: scan_ingest.toml has no [keep] with pictures_days, workspace_days or nominations_days")
        return
    for batch, kinds in due:
        what = " and ".join(kept.value for kept in Kept if kept in kinds)
        print(for_a_terminal(f"{batch.batch_id}  {batch.label.organisation}, {batch.label.ward}: {what}"))
    for organisation, number in nominations:
        print(for_a_terminal(f"{organisation}: {number} nominations"))
    if certificate is not None and not due and not nominations:
        print(f"What went earlier was not accounted for in the audit until now. Certificate: {certificate}")
    elif not due and not nominations:
        print("Nothing is old enough to go, or it still waits for somebody (see `scan-ingest paper`)")
    elif dry_run:
        print("Nothing was changed; without --dry-run this goes for good")
    else:
        print(f"Gone. Certificate: {certificate}")


def paper(as_json: JsonLines = False) -> None:
    """Which boxes' paper may be destroyed: reviewed, looked at twice where drawn for it, merged, and not on hold."""
    with open_the_workspace(current_settings()) as workspace:
        batches = workspace.at_rest()
    if as_json:
        for batch in batches:
            line = {
                "batch_id": batch.batch_id,
                "organisation": batch.label.organisation,
                "ward": batch.label.ward,
                "collected": batch.label.collected.isoformat(),
                "may_be_destroyed": not batch.paper_stays,
                "why_not": list(batch.paper_stays),
            }
            print(json.dumps(line, ensure_ascii=False))
        return
    table = Table(
        Column("batch", no_wrap=True, min_width=5),
        *(Column(name, overflow="fold") for name in ("box", "collected", "paper")),
        box=None,
        pad_edge=False,
    )
    for batch in batches:
        label = batch.label
        why = ", ".join(batch.paper_stays)
        cells = (
            batch.batch_id,
            f"{label.organisation}, {label.ward}",
            label.collected.isoformat(),
            f"keep: {why}" if why else "may be destroyed",
        )
        table.add_row(*map(for_a_terminal, cells))
    Console(highlight=False, markup=False).print(table)


def copies(as_json: JsonLines = False) -> None:
    """Every file with card data that was written out of the stores: purge, redact and erase cannot reach them."""
    with open_those_there(current_settings()) as stores:
        found = sorted((copy for store in stores if store for copy in store.copies()), key=lambda copy: copy.at)
    for copy in found:
        if as_json:
            print(json.dumps({**vars(copy), "at": copy.at.isoformat().replace("+00:00", "Z")}, ensure_ascii=False))
        else:
            of = copy.batch_id or copy.organisation or "everything"
            print(for_a_terminal(f"{copy.at:%Y-%m-%d %H:%M}  {copy.kind}  {copy.file}  ({of}, by {copy.person})"))
    if not as_json:
        print(f"{len(found)} file{'' if len(found) == 1 else 's'}")
