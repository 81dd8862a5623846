"""The workspace's audit: each act on a batch, page or card as one row of its organisation's chain."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import Connection

from scan_ingest.domain.audit import Act, AuditFilter, AuditRow, Head
from scan_ingest.sql import ledger
from scan_ingest.workspace import rows
from scan_ingest.workspace.tables import batches, cards, metadata, pages

LEDGER = ledger(metadata, "workspace")


def of_batch(connection: Connection, number: int, act: Act, person: str, **detail: str | int) -> None:
    """An act on a batch."""
    of_organisation(connection, organisation_of(connection, number), act, person, rows.batch_id(number), **detail)


def of_card(connection: Connection, card: int, act: Act, person: str, **detail: str | int) -> None:
    """An act on the card with that number."""
    row = connection.execute(sa.select(cards.c.id, cards.c.batch).where(cards.c.number == card)).one()
    _write(connection, row.batch, act, person, f"card {row.id}", detail)


def of_page(connection: Connection, page: int, act: Act, person: str, **detail: str | int) -> None:
    """An act on the page with that key; it is named by its place, as a file's name may hold a person's."""
    row = connection.execute(sa.select(pages).where(pages.c.number == page)).one()
    subject = f"file {row.file_position + 1} page {row.page_number}"
    _write(connection, row.batch, act, person, subject, detail)


def of_organisation(
    connection: Connection, organisation: str, act: Act, person: str, subject: str, **detail: str | int
) -> None:
    """An act on what belongs to an organisation ("" is all of them)."""
    LEDGER.write(connection, act, organisation=organisation, person=person, subject=subject, detail=detail)


def _write(
    connection: Connection, batch: int, act: Act, person: str, subject: str, detail: dict[str, str | int]
) -> None:
    subject = f"{rows.batch_id(batch)} {subject}"
    of_organisation(connection, organisation_of(connection, batch), act, person, subject, **detail)


def organisation_of(connection: Connection, batch: int) -> str:
    found = connection.execute(sa.select(batches.c.organisation).where(batches.c.number == batch))
    return str(found.scalar_one())


def read(connection: Connection, wanted: AuditFilter) -> Iterator[AuditRow]:
    return LEDGER.read(connection, wanted)


def ends(connection: Connection) -> tuple[Head, ...]:
    return LEDGER.ends(connection)
