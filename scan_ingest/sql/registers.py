"""Two registers that each store keeps beside its data: legal holds, and the files that were written out of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, MetaData, Row, Table

from scan_ingest.domain.keeping import Copy, CopyKind, Hold, HoldOn
from scan_ingest.domain.withheld import without_words
from scan_ingest.errors import InputError
from scan_ingest.ports.leaving import Remark
from scan_ingest.sql.engines import UtcTime
from scan_ingest.sql.whose import chains_of


@dataclass(frozen=True)
class Holds:
    """The legal holds of a store; ended ones stay in the table."""

    table: Table

    def add(self, connection: Connection, on: HoldOn, what: str, reason: str, person: str) -> int:
        """The number of the new hold."""
        made = connection.execute(
            self.table.insert().values(what_kind=on, what=what, reason=reason, person=person, at=datetime.now(UTC))
        )
        assert made.inserted_primary_key is not None  # an INSERT of one row has one
        return int(made.inserted_primary_key[0])

    def end(self, connection: Connection, number: int, person: str) -> Hold:
        """Ends a hold. Raises `InputError` where none of that number stands."""
        columns = self.table.c
        changed = connection.execute(
            self.table.update()
            .where(columns.number == number, columns.ended_at.is_(None))
            .values(ended_by=person, ended_at=datetime.now(UTC))
        )
        if not changed.rowcount:
            raise InputError(f"no hold {number} stands here; `hold list` shows those that do")
        return _hold(connection.execute(self.table.select().where(columns.number == number)).one())

    def standing(self, connection: Connection, *, ended: bool = False) -> tuple[Hold, ...]:
        """The holds that stand, oldest first; ended ones too, if asked."""
        query = self.table.select().order_by(self.table.c.number)
        if not ended:
            query = query.where(self.table.c.ended_at.is_(None))
        return tuple(map(_hold, connection.execute(query)))

    def remarks(self, connection: Connection) -> list[Remark]:
        """Why each was put, those that were ended too."""
        found = connection.execute(self.table.select().order_by(self.table.c.number))
        return [
            Remark(f"why hold {row.number} was put on {row.what_kind} {row.what}", row.reason, can_go=True)
            for row in found
        ]

    def take_out(self, connection: Connection, name: Sequence[str]) -> int:
        """Takes a name (its plain words) out of the reasons; how many had it."""
        changed = 0
        for row in connection.execute(self.table.select()).all():
            left = without_words(row.reason, name)
            if left != row.reason:
                connection.execute(self.table.update().where(self.table.c.number == row.number).values(reason=left))
                changed += 1
        return changed

    def on(self, connection: Connection, on: HoldOn) -> frozenset[str]:
        """What of that kind is on hold."""
        columns = self.table.c
        query = sa.select(columns.what).where(columns.what_kind == on, columns.ended_at.is_(None))
        return frozenset(connection.execute(query).scalars())


@dataclass(frozen=True)
class Copies:
    """The files with card data that were written out of a store."""

    table: Table

    def note(
        self, connection: Connection, kind: CopyKind, file: str, person: str, organisation: str = "", batch_id: str = ""
    ) -> None:
        for each in chains_of(connection, self.table, organisation):
            connection.execute(
                self.table.insert().values(
                    kind=kind,
                    file=file,
                    at=datetime.now(UTC),
                    person=person,
                    organisation=each,
                    batch_id=batch_id,
                )
            )

    def remarks(self, connection: Connection) -> list[Remark]:
        """What each file is called."""
        return [
            Remark(f"a file that was written out, {copy.kind}", copy.file, can_go=False)
            for copy in self.all(connection)
        ]

    def all(self, connection: Connection, kinds: Collection[CopyKind] = tuple(CopyKind)) -> tuple[Copy, ...]:
        """Oldest first."""
        query = self.table.select().where(self.table.c.kind.in_(kinds)).order_by(self.table.c.number)
        return tuple(
            Copy(CopyKind(row.kind), row.file, row.at, row.person, row.organisation, row.batch_id)
            for row in connection.execute(query)
        )


def holds(metadata: MetaData, prefix: str) -> Holds:
    """The table of legal holds in a store's metadata; `prefix` keeps two stores apart that share one database."""
    table = Table(
        f"{prefix}_holds",
        metadata,
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("what_kind", sa.String(16), nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("ended_by", sa.Text, nullable=False, server_default=""),
        sa.Column("ended_at", UtcTime),
    )
    return Holds(table)


def copies(metadata: MetaData, prefix: str) -> Copies:
    """The table of files written out of a store, in its metadata."""
    table = Table(
        f"{prefix}_copies",
        metadata,
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Text, nullable=False),
    )
    return Copies(table)


def _hold(row: Row[*tuple[object, ...]]) -> Hold:
    return Hold(
        row.number,
        HoldOn(row.what_kind),
        row.what,
        row.reason,
        row.person,
        row.at,
        row.ended_by,
        row.ended_at,
    )
