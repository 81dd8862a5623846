"""A certificate of what was let go of, for whoever answers for it. Nothing that stood on a card is in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from scan_ingest.domain.audit import AuditRow, Head
from scan_ingest.domain.keeping import BatchAtRest, KeepRules, Kept

WORKSPACE, CENTRAL = "workspace", "central"
"""What the stores are called."""

UP_TO = "up_to"
"""In the audit's row of a certificate: the number of the last row that it accounts for, in the same chain."""


@dataclass(frozen=True)
class Gone:
    """What purges let go of, where and by which rules: `acts` are the audit's rows of them, by store; `batches` those
    that they name; `heads` the ends of the audits right after the last."""

    at: datetime
    person: str
    version: str
    rules: KeepRules
    acts: Mapping[str, Sequence[AuditRow]]
    batches: Sequence[BatchAtRest]
    heads: Sequence[tuple[str, Head]]


def not_certified(purges: Iterable[AuditRow], certificates: Iterable[AuditRow]) -> tuple[AuditRow, ...]:
    """The purges of a store that no certificate accounts for yet: of this run, and of earlier ones that were killed."""
    last: dict[str, int] = {}
    for row in certificates:
        last[row.organisation] = max(last.get(row.organisation, 0), int(row.detail[UP_TO]))
    return tuple(row for row in purges if row.number > last.get(row.organisation, 0))


def last_of_each(acts: Iterable[AuditRow]) -> dict[str, int]:
    """The number of the last of these rows in each organisation's chain."""
    last: dict[str, int] = {}
    for row in acts:
        last[row.organisation] = max(last.get(row.organisation, 0), row.number)
    return last


def as_text(gone: Gone) -> str:
    """The certificate, to be printed or filed."""
    by_id = {batch.batch_id: batch for batch in gone.batches}
    lines = [
        "Certificate of deletion",
        "=======================",
        "",
        f"Written on   {_moment(gone.at)}",
        f"By           {gone.person or '(an account without a name)'}, with scan-ingest {gone.version}",
        "",
        "By these rules",
        *(f"  {kept.value:<12} {_after(gone.rules.of(kept))}" for kept in Kept),
        "",
        "From the workspace",
        *([_batch_line(row, by_id.get(row.subject)) for row in gone.acts.get(WORKSPACE, ())] or ["  nothing"]),
        "",
        "From the nominations store",
        *([_nominations_line(row) for row in gone.acts.get(CENTRAL, ())] or ["  nothing"]),
        "",
        "The audit says so; its chains ended then with",
        *(
            f"  {where}, {head.organisation or 'all organisations'}: row {head.number}, {head.hash}"
            for where, head in gone.heads
        ),
        "",
        "Not covered: files written out of the stores earlier (`scan-ingest copies` lists them), backups, and",
        "what a database server keeps in its own log.",
    ]
    return "\n".join(lines) + "\n"


def _after(days: int | None) -> str:
    return "kept for ever" if days is None else f"after {days} days"


def _batch_line(row: AuditRow, batch: BatchAtRest | None) -> str:
    label = "" if batch is None else f", {batch.label.ward}, box of {batch.label.collected.isoformat()}"
    number = "" if batch is None else f" ({batch.pages} pages, {batch.cards} cards)"
    return f"  {row.subject}  {row.organisation}{label}: {row.detail['what']}{number}; {_when(row)}"


def _nominations_line(row: AuditRow) -> str:
    return f"  {row.organisation}: {row.detail['nominations']} nominations; {_when(row)}"


def _when(row: AuditRow) -> str:
    return f"{_moment(row.at)}, {row.person or 'an account without a name'}"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
