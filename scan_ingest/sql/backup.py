"""A backup: one file, the same whatever database it was made from, so that it can be restored into another.

A ZIP file with `tables/NAME.jsonl` (a line a row, see `portable.py`), `files/…` as they lie in the store's folder, and
`manifest.json`: format, kind of store, version, when, and the count, digest and last number of each table.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path, PurePosixPath

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import Connection, Engine

from scan_ingest import __version__
from scan_ingest.errors import InputError, StoreError
from scan_ingest.sql.access import refuse_partial_view
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.carrying import Counts, carry_tables, fill, make_empty
from scan_ingest.sql.engines import reading, writing
from scan_ingest.sql.files import private_file, private_folder, whole_or_not_at_all
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.portable import TableDigest, last_numbers, lines_of
from scan_ingest.sql.versions import bring_to, standing, tables_at

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20
LONGEST_MANIFEST = 16 << 20  # bytes; the lists of missing files are the only long thing in it


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True)

    rows: int = Field(ge=0)
    sha256: str
    last_number: int | None


class Manifest(BaseModel):
    """What a backup says of itself. `missing` are files that rows name and that were not there, or not whole."""

    model_config = ConfigDict(frozen=True)

    format: int
    store: str
    version: str
    program: str
    made_at: datetime
    tables: dict[str, _Table]
    with_files: bool
    files: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """A file that rows name: its place under the store's folder, with `/`, and the SHA-256 that it is called by."""

    place: str

    @property
    def sha256(self) -> str:
        return PurePosixPath(self.place).name.partition(".")[0]

    def is_whole(self, folder: Path) -> bool:
        """Whether it is there and what its name says."""
        digest = hashlib.sha256()
        try:
            with (folder / self.place).open("rb") as source:
                while block := source.read(BLOCK):
                    digest.update(block)
        except OSError:
            return False
        return digest.hexdigest() == self.sha256


def kept_files(connection: Connection, kind: StoreKind, version: str) -> Iterator[Kept]:
    """Every file that the store's rows name, each once."""
    tables = tables_at(kind, version).tables
    known = [tables[table].columns[column] for table, column in kind.kept_files if column in tables[table].columns]
    if not known:
        return
    there = (sa.select(column.label("place")).where(column.is_not(None), column != "") for column in known)
    named = sa.union(*there).subquery()
    query = sa.select(named.c.place).order_by(named.c.place)
    for row in connection.execute(query, execution_options={"yield_per": 1000}):
        yield Kept(row.place)


def write_backup(
    engine: Engine, kind: StoreKind, folder: Path, file: Path, *, with_files: bool, force: bool
) -> Manifest:
    """Writes the store, as it stands at one moment, into `file` (0600); `folder` is where its files lie.

    The file is read back and compared before it gets its name. Raises `InputError` where there is one already and
    `force` is false, `StoreError` where the store cannot be read whole.
    """
    if file.exists() and not force:
        raise InputError(f"{file}: is there already; --force overwrites it")
    if file.is_dir():
        raise InputError(f"{file}: is a folder; name a file")
    with whole_or_not_at_all(file) as part:
        with reading(engine) as connection, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            refuse_partial_view(connection, kind, place_of(engine.url))
            version = standing(connection, kind).version
            assert version is not None  # the caller has opened it
            tables = {
                table.name: _write_table(connection, archive, table) for table in tables_at(kind, version).sorted_tables
            }
            files, missing = _write_files(connection, archive, kind, version, folder) if with_files else (0, ())
            manifest = Manifest(
                format=FORMAT,
                store=kind.name,
                version=version,
                program=__version__,
                made_at=datetime.now(UTC),
                tables=tables,
                with_files=with_files,
                files=files,
                missing=missing,
            )
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        with _opened(part) as archive:
            _read_through(archive, _manifest(archive, part), part)
    return manifest


def restore_backup(engine: Engine, kind: StoreKind, folder: Path, file: Path) -> tuple[Manifest, Counts]:
    """Restores the backup into a database where there is no such store or an empty one, and its files into `folder`.

    A backup of an older version is upgraded on the way. All rows or none. Raises `InputError` where the file is no
    whole backup of this kind of store, `StoreError` where the store there holds anything or the program is too old.
    """
    with _opened(file) as archive:
        manifest = _manifest(archive, file)
        if manifest.store != kind.name:
            raise InputError(f"{file}: a backup of a {manifest.store}; `--which {manifest.store}` restores it")
        with writing(engine) as connection:
            if manifest.version not in standing(connection, kind).known:
                raise StoreError(f"{file}: of a {kind.what} newer than this program; install the newer scan-ingest")
            make_empty(connection, kind, manifest.version, place_of(engine.url))
            _restore_files(archive, folder, file)

            def carry(table: sa.Table) -> tuple[TableDigest, int | None]:
                said, passed = manifest.tables[table.name], TableDigest()
                with _lines(archive, table.name, file) as lines:
                    fill(connection, table, passed.passing(lines), place_of(engine.url))
                if (passed.rows, passed.sha256) != (said.rows, said.sha256):
                    raise InputError(f"{file}: table {table.name} is not what the backup says it is; nothing was kept")
                return passed, said.last_number

            counts = carry_tables(connection, kind, manifest.version, carry)
            bring_to(connection, kind)
    return manifest, counts


# -- writing -----------------------------------------------------------------------------------------------------------


def _write_table(connection: Connection, archive: zipfile.ZipFile, table: sa.Table) -> _Table:
    passed = TableDigest()
    with archive.open(_member(table.name), "w", force_zip64=True) as member:
        for line in passed.passing(lines_of(connection, table)):
            member.write(line.encode() + b"\n")
    return _Table(rows=passed.rows, sha256=passed.sha256, last_number=last_numbers(connection, table))


def _write_files(
    connection: Connection, archive: zipfile.ZipFile, kind: StoreKind, version: str, folder: Path
) -> tuple[int, tuple[str, ...]]:
    """Pictures are compressed already, so they are stored as they are. Those that are not whole are told of."""
    written, missing = 0, []
    for kept in kept_files(connection, kind, version):
        if kept.is_whole(folder):
            archive.write(folder / kept.place, f"files/{kept.place}", zipfile.ZIP_STORED)
            written += 1
        else:
            missing.append(kept.place)
    return written, tuple(missing)


def kind_of(file: Path) -> str:
    """The name of the kind of store that the backup is of. Raises `InputError` where it is none."""
    with _opened(file) as archive:
        return _manifest(archive, file).store


# -- reading -----------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    """Raises `InputError` where the file is no ZIP file, or turns out to be damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
        raise InputError(f"{file}: no backup of scan-ingest, or a damaged one") from exc
    except OSError as exc:
        raise InputError(f"{file}: cannot be read: {exc.strerror or exc}") from exc


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        entry = archive.getinfo(MANIFEST)
        if entry.file_size > LONGEST_MANIFEST:
            raise InputError(f"{file}: no backup of scan-ingest, or a damaged one")
        manifest = Manifest.model_validate_json(archive.read(entry))
    except (KeyError, ValidationError) as exc:
        raise InputError(f"{file}: no backup of scan-ingest, or a damaged one") from exc
    if manifest.format > FORMAT:
        raise StoreError(f"{file}: made by a newer program than this one; install the newer scan-ingest")
    return manifest


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


@contextmanager
def _lines(archive: zipfile.ZipFile, table: str, file: Path) -> Iterator[Iterator[str]]:
    try:
        member = archive.open(_member(table))
    except KeyError:
        raise InputError(f"{file}: a damaged backup: table {table} is missing") from None
    with TextIOWrapper(member, encoding="utf-8", newline="\n") as text:
        yield (line.removesuffix("\n") for line in text)


def _read_through(archive: zipfile.ZipFile, manifest: Manifest, file: Path) -> None:
    """Raises `InputError` where what was written does not read back."""
    for name, said in manifest.tables.items():
        with _lines(archive, name, file) as lines:
            found = TableDigest().all_of(lines)
        if (found.rows, found.sha256) != (said.rows, said.sha256):
            raise InputError(f"{file}: table {name} does not read back as it was written; is the disk damaged?")
    damaged = archive.testzip()
    if damaged is not None:
        raise InputError(f"{file}: {damaged} does not read back as it was written; is the disk damaged?")


def _restore_files(archive: zipfile.ZipFile, folder: Path, file: Path) -> None:
    """Files first: a row never names one that is not there; a file without a row harms nobody."""
    for entry in archive.infolist():
        place = entry.filename.removeprefix("files/")
        if place == entry.filename or entry.is_dir():
            continue
        target = folder / place
        if not target.resolve().is_relative_to(folder.resolve()):
            raise InputError(f"{file}: no backup of scan-ingest: it names a file outside its folder")
        if Kept(place).is_whole(folder):
            continue
        private_folder(target.parent)
        with (
            whole_or_not_at_all(target) as part,
            archive.open(entry) as source,
            private_file(part).open("wb") as written,
        ):
            while block := source.read(BLOCK):
                written.write(block)
        if not Kept(place).is_whole(folder):
            target.unlink()
            raise InputError(f"{file}: a damaged backup: {place} is not what its name says")
