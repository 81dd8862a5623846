"""A backup: one file, the same whatever database it was made from, so that it can be restored into another.

A ZIP file with `tables/NAME.jsonl` (a line a row, see `portable.py`), `files/…` as they lie in the store's folder, and
`manifest.json`: format, kind of store, version, when, and the count, digest and last number of each table.
"""

import hashlib
import re
import shutil
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
from sqlalchemy.exc import IntegrityError

from scan_ingest import __version__
from scan_ingest.errors import InputError, StoreError
from scan_ingest.sql.access import refuse_partial_view
from scan_ingest.sql.addresses import place_of
from scan_ingest.sql.carrying import Counts, carry_tables, fill, make_empty
from scan_ingest.sql.engines import reading, writing
from scan_ingest.sql.files import private_folder, whole_or_not_at_all
from scan_ingest.sql.kinds import StoreKind
from scan_ingest.sql.portable import NoRowError, TableDigest, last_numbers, lines_of
from scan_ingest.sql.versions import bring_to, standing, tables_at

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files/"
BLOCK = 1 << 20
LONGEST_MANIFEST = 16 << 20  # bytes; the lists of missing files are the only long thing in it
LONGEST_LINE = 64 << 20  # characters; a row holds the texts of one card some times over
KEPT = re.compile(r"(?:originals|pictures)/([0-9a-f]{2})/\1[0-9a-f]{62}(?:\.[a-z0-9]{1,10})?")
"""A place that a kept file may have."""
WRITTEN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x41  # flags of an entry


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True)

    rows: int = Field(ge=0)
    sha256: str
    last_number: int | None = Field(lt=2**63)


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
        try:
            return digest_of(folder / self.place) == self.sha256
        except OSError:
            return False


def digest_of(file: Path) -> str:
    """The SHA-256 of its contents, in hexadecimal. Raises `OSError`."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


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
            _restore_files(archive, manifest, folder, file)

            def carry(table: sa.Table) -> tuple[TableDigest, int | None]:
                said, passed = _said_of(manifest, table.name, file), TableDigest()
                with _as_damage(file, table.name), _lines(archive, table.name, file) as lines:
                    fill(connection, table, passed.passing(lines), place_of(engine.url))
                if (passed.rows, passed.sha256) != (said.rows, said.sha256):
                    raise InputError(f"{file}: table {table.name} is not what the backup says it is; nothing was kept")
                return passed, said.last_number

            counts = carry_tables(connection, kind, manifest.version, carry)
            _refuse_other_places(connection, kind, manifest.version, file)
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
            archive.write(folder / kept.place, FILES + kept.place, zipfile.ZIP_STORED)
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
    """Raises `InputError` where the file is no ZIP file, or turns out to be damaged.

    What it unpacks to is bounded by its size: only what this program writes is read, DEFLATE at most, which makes no
    more than about a thousand bytes of one, and no entry lies in another.
    """
    damaged = f"{file}: no backup of scan-ingest, or a damaged one"
    try:
        with _zip_file(file, damaged) as archive:
            entries = archive.infolist()
            if not all(entry.compress_type in WRITTEN and not entry.flag_bits & ENCRYPTED for entry in entries):
                raise InputError(damaged)
            if sum(entry.compress_size for entry in entries) > file.stat().st_size:
                raise InputError(damaged)
            yield archive
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
        raise InputError(damaged) from exc
    except OSError as exc:
        raise InputError(f"{file}: cannot be read: {exc.strerror or exc}") from exc


def _zip_file(file: Path, damaged: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (NotImplementedError, UnicodeDecodeError) as exc:  # of a later ZIP; a name that is none
        raise InputError(damaged) from exc


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
        yield _bounded(text, table, file)


def _bounded(text: TextIOWrapper, table: str, file: Path) -> Iterator[str]:
    """The lines. Raises `InputError` where one is too long to be held in memory."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise InputError(f"{file}: table {table} has a row of more than {LONGEST_LINE >> 20} million characters")
        yield line.removesuffix("\n")


def _said_of(manifest: Manifest, table: str, file: Path) -> _Table:
    try:
        return manifest.tables[table]
    except KeyError:
        raise InputError(f"{file}: a damaged backup: it says nothing of table {table}") from None


@contextmanager
def _as_damage(file: Path, table: str) -> Iterator[None]:
    """Rows that the store does not take are the backup's fault."""
    try:
        yield
    except (NoRowError, IntegrityError, UnicodeDecodeError) as exc:
        wrong = f"table {table} holds what is no row of it; nothing was kept"
        raise InputError(f"{file}: a damaged backup: {wrong}") from exc


def _refuse_other_places(connection: Connection, kind: StoreKind, version: str, file: Path) -> None:
    """Rows name files to be shown and to be removed: none outside the folders of kept files."""
    for kept in kept_files(connection, kind, version):
        if not KEPT.fullmatch(kept.place):
            raise InputError(f"{file}: no backup of scan-ingest: a row names a file outside the store's folders")


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


def _restore_files(archive: zipfile.ZipFile, manifest: Manifest, folder: Path, file: Path) -> None:
    """Files first: a row never names one that is not there; a file without a row harms nobody."""
    entries = [entry for entry in archive.infolist() if entry.filename.startswith(FILES)]
    places = {entry.filename.removeprefix(FILES): entry for entry in entries}
    if not len(entries) == len(places) == manifest.files:
        raise InputError(f"{file}: a damaged backup: it says that it holds {manifest.files} files, and does not")
    for place, entry in places.items():
        if not KEPT.fullmatch(place) or entry.compress_type != zipfile.ZIP_STORED:
            raise InputError(f"{file}: no backup of scan-ingest: it holds a file that no store keeps")
        kept = Kept(place)
        if kept.is_whole(folder):
            continue
        private_folder((folder / place).parent)
        with whole_or_not_at_all(folder / place) as part:
            with archive.open(entry) as source, part.open("wb") as written:
                shutil.copyfileobj(source, written, BLOCK)
            if digest_of(part) != kept.sha256:
                raise InputError(f"{file}: a damaged backup: {place} is not what its name says")
