"""A certificate of what was let go of, for whoever answers for it. Nothing that stood on a card is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scan_ingest.domain.audit import Head
from scan_ingest.domain.keeping import BatchAtRest, KeepRules, Kept


@dataclass(frozen=True)
class Gone:
    """What a purge let go of, where and by which rules; `heads` are the ends of the audits right after it."""

    at: datetime
    person: str
    version: str
    rules: KeepRules
    batches: Sequence[tuple[BatchAtRest, frozenset[Kept]]]
    nominations: Sequence[tuple[str, int]]
    heads: Sequence[tuple[str, Head]]


def as_text(gone: Gone) -> str:
    """The certificate, to be printed or filed."""
    lines = [
        "Certificate of deletion",
        "=======================",
        "",
        f"Deleted on   {gone.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"By           {gone.person or '(an account without a name)'}, with scan-ingest {gone.version}",
        "",
        "By these rules",
        *(f"  {kept.value:<12} {_after(gone.rules.of(kept))}" for kept in Kept),
        "",
        "From the workspace",
        *([_batch_line(batch, kinds) for batch, kinds in gone.batches] or ["  nothing"]),
        "",
        "From the nominations store",
        *([f"  {name}: {number} nominations" for name, number in gone.nominations] or ["  nothing"]),
        "",
        "The audit says so; its chains ended then with",
        *(f"  {where}, {head.organisation}: row {head.number}, {head.hash}" for where, head in gone.heads),
        "",
        "Not covered: files written out of the stores earlier (`scan-ingest copies` lists them), backups, and",
        "what a database server keeps in its own log.",
    ]
    return "\n".join(lines) + "\n"


def _after(days: int | None) -> str:
    return "kept for ever" if days is None else f"after {days} days"


def _batch_line(batch: BatchAtRest, kinds: frozenset[Kept]) -> str:
    label = batch.label
    what = " and ".join(kept.value for kept in Kept if kept in kinds)
    return (
        f"  {batch.batch_id}  {label.organisation}, {label.ward}, box of {label.collected.isoformat()}: {what} "
        f"({batch.pages} pages, {batch.cards} cards)"
    )
