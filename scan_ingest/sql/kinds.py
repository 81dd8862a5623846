"""What the two stores differ in, for all that is done to both alike."""

from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True)
class StoreKind:
    """A kind of store.

    `name` is what people type (`--which central`), `what` what they read ("nominations store"); `migrations` is the
    package with `env.py` (one line: `run_migrations()`) and `versions/`; `tables` are those of this program's version;
    `folder` and `file` are where it lies in the data folder when nobody says otherwise. `kept_files` are the columns
    that name files under that folder, each called by the SHA-256 of its contents. Rows of the tables `owned` say in the
    column `organisation` whose they are; those of the other tables belong to what they refer to.
    """

    name: str
    what: str
    migrations: str
    version_table: str
    tables: sa.MetaData
    folder: str
    file: str
    owned: tuple[str, ...]
    kept_files: tuple[tuple[str, str], ...] = ()
