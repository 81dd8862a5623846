"""What the two stores differ in, for all that is done to both alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL

from scan_ingest.sql.addresses import address, file_address
from scan_ingest.sql.ledger import Ledger


@dataclass(frozen=True)
class RightsOn:
    """What the roles of a shared store may do with a table besides looking at it: `INSERT`, `UPDATE` (or the columns
    of it: `UPDATE (state)`), `DELETE`. A reviewer may do what a reader may, an administrator what a reviewer may;
    `administrator` is all three where it is None."""

    reader: tuple[str, ...] = ()
    reviewer: tuple[str, ...] = ()
    administrator: tuple[str, ...] | None = None


APPEND_ONLY = RightsOn(reviewer=("INSERT",), administrator=("UPDATE", "DELETE"))
"""Rows that no reviewer changes; an administrator takes words out of them, or them away, as the law may ask."""


@dataclass(frozen=True)
class StoreKind:
    """A kind of store.

    `name` is what people type (`--which central`), `what` what they read ("nominations store"); `migrations` is the
    package with `env.py` (one line: `run_migrations()`) and `versions/`; `tables` are those of this program's version,
    `ledger` its audit; `folder` and `file` are where it lies in the data folder when nobody says otherwise.
    `kept_files` are the columns that name files under that folder, each called by the SHA-256 of its contents.

    Whose a row is, on a shared store: rows of the tables `owned` say it in the column `organisation`; `rules` (SQL with
    a place for `{organisation}`) tell it for tables where that is not so simple; those of every other table belong to
    what they refer to. `rights` are what each role may do with each table.
    """

    name: str
    what: str
    migrations: str
    version_table: str
    tables: sa.MetaData
    ledger: Ledger
    folder: str
    file: str
    owned: tuple[str, ...]
    rights: Mapping[str, RightsOn]
    rules: Mapping[str, str] = field(default_factory=dict)
    kept_files: tuple[tuple[str, str], ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    def own_rule(self, table: str) -> str | None:
        """Which rows of the table are an organisation's, in SQL; None where they belong to what they refer to."""
        return self.rules.get(table) or ("organisation = {organisation}" if table in self.owned else None)


def store_address(url: str | None, data: Path, kind: StoreKind) -> URL:
    """Where the store is: at `url`, by default in its folder in the data folder. Raises `StoreError` as `address`."""
    return address(url) if url else file_address(data / kind.folder / kind.file)
