"""The audit of a store: rows that are only ever added to, each sealed by the one before it (see `domain/audit.py`).

Workspace and nominations store have a ledger each, in their own database and written in the transaction of the act
itself: what was done is written down, what was taken back is not.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Row, Table

from scan_ingest.domain.audit import BEFORE_THE_FIRST, Act, AuditFilter, AuditRow, Head
from scan_ingest.sql.engines import UtcTime
from scan_ingest.sql.whose import chains_of

ROWS_AT_ONCE = 1000  # held in memory while a ledger is read


@dataclass(frozen=True)
class Ledger:
    """The two tables of an audit: every row, and the end of each organisation's chain."""

    rows: Table
    heads: Table

    def write(
        self,
        connection: Connection,
        act: Act,
        *,
        organisation: str,
        person: str,
        subject: str = "",
        detail: Mapping[str, str | int] | None = None,
    ) -> None:
        """Adds a row to the organisation's chain, in the transaction of what it tells of.

        To be called last in a transaction, and for several organisations in their order: the chain's end stays locked
        until the commit.
        """
        for each in chains_of(connection, self.rows, organisation):
            self._add(connection, act, each, person, subject, detail or {})

    def _add(
        self,
        connection: Connection,
        act: Act,
        organisation: str,
        person: str,
        subject: str,
        detail: Mapping[str, str | int],
    ) -> None:
        head = self._locked_head(connection, organisation)
        now = datetime.now(UTC)
        row = AuditRow(organisation, head.number + 1, now, person, act, subject, detail, head.hash)
        row = replace(row, hash=row.seal)
        kept = vars(row) | {"detail": json.dumps(dict(row.detail), sort_keys=True)}
        connection.execute(self.rows.insert().values(kept))
        connection.execute(
            self.heads.update()
            .where(self.heads.c.organisation == organisation)
            .values(number=row.number, hash=row.hash)
        )

    def _locked_head(self, connection: Connection, organisation: str) -> Head:
        """The end of the chain, which no other transaction can move until this one ends; a new chain has its own."""
        query = self.heads.select().where(self.heads.c.organisation == organisation).with_for_update()
        found = connection.execute(query).first()
        if found is None:
            new = {"organisation": organisation, "number": 0, "hash": BEFORE_THE_FIRST}
            if connection.dialect.name == "postgresql":
                from sqlalchemy.dialects.postgresql import insert

                connection.execute(insert(self.heads).values(new).on_conflict_do_nothing())
            else:
                connection.execute(self.heads.insert().values(new))  # SQLite has one writer at a time
            found = connection.execute(query).one()
        return Head(found.organisation, found.number, found.hash)

    def read(self, connection: Connection, wanted: AuditFilter) -> Iterator[AuditRow]:
        """The rows by organisation and number, some hundred in memory at a time."""
        query = self.rows.select().order_by(self.rows.c.organisation, self.rows.c.number)
        for condition in self._conditions(wanted):
            query = query.where(condition)
        found = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)
        yield from map(_row, found)

    def _conditions(self, wanted: AuditFilter) -> Iterator[sa.ColumnElement[bool]]:
        columns = self.rows.c
        if wanted.organisation is not None:
            yield columns.organisation == wanted.organisation
        for column, value in ((columns.person, wanted.person), (columns.act, wanted.act)):
            if value:
                yield column == value
        if wanted.subject:
            yield columns.subject.contains(wanted.subject, autoescape=True)
        if wanted.since is not None:
            yield columns.at >= wanted.since
        if wanted.until is not None:
            yield columns.at < wanted.until

    def ends(self, connection: Connection) -> tuple[Head, ...]:
        """The end of every chain, by organisation."""
        found = connection.execute(self.heads.select().order_by(self.heads.c.organisation))
        return tuple(Head(row.organisation, row.number, row.hash) for row in found)


def ledger(metadata: MetaData, prefix: str) -> Ledger:
    """The tables of an audit in a store's metadata; `prefix` keeps two stores apart that share one database."""
    rows = Table(
        f"{prefix}_audit",
        metadata,
        sa.Column("organisation", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),  # JSON
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    heads = Table(
        f"{prefix}_audit_heads",
        metadata,
        sa.Column("organisation", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    return Ledger(rows, heads)


def _row(row: Row[*tuple[object, ...]]) -> AuditRow:
    return AuditRow(
        organisation=row.organisation,
        number=row.number,
        at=row.at,
        person=row.person,
        act=row.act,
        subject=row.subject,
        detail=json.loads(row.detail),
        previous=row.previous,
        hash=row.hash,
    )
