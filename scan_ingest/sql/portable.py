"""The rows of a table in a form that is the same whatever database they lie in, and their digest.

A row is a line of JSON: the values in the order of the columns; times in ISO 8601 and UTC, bytes in base64. The rows of
a table come in the order of its key, text by code points, so that equal tables have equal digests.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scan_ingest.sql.engines import UtcTime

ROWS_AT_A_TIME = 500  # in memory
CHARACTERS_AT_A_TIME = 16 << 20  # of them that are written at once: rows of long texts go in smaller lots
WHOLE_NUMBERS = range(-(2**63), 2**63)  # that a database keeps


class NoRowError(ValueError):
    """A line that is no row of its table. Says nothing of what is in it."""


PLAIN: tuple[tuple[type[sa.types.TypeEngine[Any]], tuple[type, ...]], ...] = (
    (sa.Boolean, (bool,)),
    (sa.Integer, (int,)),
    (sa.Float, (float, int)),
    (sa.String, (str,)),
)
"""Types of columns whose values JSON has itself, and what Python makes of those."""


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


@dataclass
class TableDigest:
    """Counts and digests the lines that pass by."""

    rows: int = 0
    _sha256: _Hash = field(default_factory=hashlib.sha256, repr=False)

    def passing(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            self.rows += 1
            self._sha256.update(line.encode() + b"\n")
            yield line

    def all_of(self, lines: Iterable[str]) -> "TableDigest":
        for _ in self.passing(lines):
            pass
        return self

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def agrees_with(self, other: "TableDigest") -> bool:
        return (self.rows, self.sha256) == (other.rows, other.sha256)


def lines_of(connection: Connection, table: sa.Table) -> Iterator[str]:
    """Every row of the table, a line each, some hundred in memory at a time."""
    order = [_by_code_points(connection, column) for column in table.primary_key.columns]
    query = sa.select(table).order_by(*order)
    for row in connection.execute(query, execution_options={"yield_per": ROWS_AT_A_TIME}):
        values = [_plain(value) for value in row]
        yield json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def write_lines(connection: Connection, table: sa.Table, lines: Iterable[str]) -> None:
    """Inserts the rows, some hundred at a time. Raises `NoRowError`."""
    some: list[dict[str, Any]] = []
    characters = 0
    for line in lines:
        some.append(_row(table, line))
        characters += len(line)
        if len(some) == ROWS_AT_A_TIME or characters > CHARACTERS_AT_A_TIME:
            connection.execute(table.insert(), some)
            some, characters = [], 0
    if some:
        connection.execute(table.insert(), some)


def last_numbers(connection: Connection, table: sa.Table) -> int | None:
    """The last number that the table gave to a row by itself; None where it gives none, or has given none."""
    column = numbered_by(table)
    if column is None:
        return None
    highest = connection.execute(sa.select(sa.func.max(column))).scalar()
    given: int | None = None
    if connection.dialect.name == "postgresql":
        question = sa.text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:table, :column) AS regclass))")
        given = connection.execute(question, {"table": table.name, "column": column.name}).scalar()
    elif sa.inspect(connection).has_table("sqlite_sequence"):
        question = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        given = connection.execute(question, {"table": table.name}).scalar()
    numbers = [number for number in (highest, given) if number is not None]
    return max(numbers, default=None)


def go_on_from(connection: Connection, table: sa.Table, last: int | None) -> None:
    """Sees to it that the next row gets a number after `last`."""
    column = numbered_by(table)
    if column is None or last is None:
        return
    if connection.dialect.name == "postgresql":
        statement = sa.text("SELECT setval(CAST(pg_get_serial_sequence(:table, :column) AS regclass), :last)")
        connection.execute(statement, {"table": table.name, "column": column.name, "last": last})
    elif sa.inspect(connection).has_table("sqlite_sequence"):
        # Only tables made with AUTOINCREMENT have a row there, once they had one of their own.
        statement = sa.text("UPDATE sqlite_sequence SET seq = :last WHERE name = :table AND seq < :last")
        connection.execute(statement, {"table": table.name, "last": last})


def numbered_by(table: sa.Table) -> sa.Column[Any] | None:
    """The key that the database fills in by itself, where there is such a one."""
    keys: Sequence[sa.Column[Any]] = list(table.primary_key.columns)
    if len(keys) == 1 and isinstance(keys[0].type, sa.Integer) and not keys[0].foreign_keys:
        return keys[0]
    return None


def _by_code_points(connection: Connection, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    if connection.dialect.name == "postgresql" and isinstance(column.type, sa.String):
        return sa.collate(column, "C")
    return column


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def _row(table: sa.Table, line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
        return {column.name: _native(column, value) for column, value in zip(table.columns, values, strict=True)}
    except (TypeError, ValueError, RecursionError) as exc:
        raise NoRowError(f"a line is no row of table {table.name}") from exc


def _native(column: sa.Column[Any], value: Any) -> Any:
    """Raises `TypeError` or `ValueError` for what the column does not hold."""
    kind = column.type
    if isinstance(kind, sa.JSON):
        return sa.null() if value is None else value  # None would be kept as JSON's null
    if value is None:
        return None
    if isinstance(kind, UtcTime):
        return datetime.fromisoformat(value).astimezone(UTC)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    plain = next(native for of, native in PLAIN if isinstance(kind, of))
    if type(value) not in plain or (type(value) is int and value not in WHOLE_NUMBERS):
        raise TypeError
    return value
