"""`scan-ingest store backup|restore|copy`: whole stores written out, read back, carried to another database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import account_name, current_settings, open_the_central, open_the_workspace, without_password
from scan_ingest.cli.which_store import WHICH, One, address_of, kind_of, opened
from scan_ingest.domain.audit import Act
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.errors import StoreError, UsageError

if TYPE_CHECKING:
    from scan_ingest.config import Settings
    from scan_ingest.sql import StoreKind


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it holds card data.", show_default=False)],
    which: WHICH = One.CENTRAL,
    without_pictures: Annotated[
        bool, typer.Option("--without-pictures", metavar="", help="Of a workspace: its rows only.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", metavar="", help="Overwrite the file.")] = False,
) -> None:
    """Write a whole store into one file that only you can read.

    The store may be worked with meanwhile: the file has it as it was at one moment. A workspace's backup holds its
    originals and pictures. The file can be restored into SQLite and into PostgreSQL.
    """
    from scan_ingest.sql.backup import write_backup

    settings = current_settings()
    kind = kind_of(which)
    with opened(settings, kind) as engine:
        done = write_backup(
            engine, kind, settings.data / kind.folder, file, with_files=not without_pictures, force=force
        )
    _note_backup(settings, kind, file)
    rows = sum(table.rows for table in done.tables.values())
    pictures = f" and {done.files} pictures and originals" if done.files else ""
    print(f"{rows} rows{pictures} of the {kind.what} in {file}, read back and compared")
    if done.missing:
        raise StoreError(
            f"{len(done.missing)} pictures that the workspace names are not there or damaged and not in the backup; "
            f"`scan-ingest store check --which {kind.name}` names them"
        )


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `store backup` wrote.", show_default=False)],
) -> None:
    """Restore a backup to where its store is set to be: where there is none, or an empty one.

    The file knows which store it is of. Everything is compared with the backup's digests before it is kept.
    """
    from scan_ingest.sql import place_of
    from scan_ingest.sql.backup import kind_of as kind_in
    from scan_ingest.sql.backup import restore_backup
    from scan_ingest.sql.files import private_folder
    from scan_ingest.sql.opening import empty_place
    from scan_ingest.sql.telling import tell

    settings = current_settings()
    kind = kind_of(One(kind_in(file)))
    where = address_of(settings, kind)
    folder = settings.data / kind.folder
    if not folder.exists() and (where.get_backend_name() == "sqlite" or kind.kept_files):
        private_folder(folder)
    with empty_place(where, kind) as engine:
        manifest, counts = restore_backup(engine, kind, folder, file)
        tell(engine, kind, Act.RESTORE, account_name())
    made = manifest.made_at.astimezone().strftime("%d %B %Y %H:%M")
    print(f"{sum(counts.values())} rows of the {kind.what} as it was on {made}, in {place_of(where)}")
    if manifest.files:
        print(f"{manifest.files} pictures and originals in {folder}")


def copy(
    to: Annotated[
        str,
        typer.Option("--to", metavar="URL", help="Where to: no such store there, or an empty one.", show_default=False),
    ],
    which: WHICH = One.CENTRAL,
) -> None:
    """Copy a store into another database, SQLite or PostgreSQL: every row, compared by count and digest, or nothing.

    The old store stays as it is; name the new one in scan_ingest.toml to go on with it. A workspace's pictures stay in
    the data folder.
    """
    from scan_ingest.sql import address, place_of
    from scan_ingest.sql.carrying import copy_store
    from scan_ingest.sql.opening import empty_place
    from scan_ingest.sql.telling import tell

    target = address(str(without_password(to, "--to")))
    settings = current_settings()
    kind = kind_of(which)
    if target == address_of(settings, kind):
        raise UsageError("--to: that is the store itself")
    with opened(settings, kind) as source, empty_place(target, kind) as new:
        counts = copy_store(source, new, kind)
        tell(source, kind, Act.COPY, account_name(), copied_to=place_of(target))
    for table, number in counts.items():
        print(f"  {table:<24} {number:>8}")
    print(f"{sum(counts.values())} rows of the {kind.what} copied to {place_of(target)}, counts and digests agree")
    print(f'To go on with it, write into scan_ingest.toml: {kind.name} = "{to}"')


def _note_backup(settings: "Settings", kind: "StoreKind", file: Path) -> None:
    """The store remembers that it was written to that file: purge and erase cannot reach it there."""
    if kind.name == One.WORKSPACE:
        with open_the_workspace(settings) as workspace:
            workspace.note_copy(CopyKind.BACKUP, file)
    else:
        with open_the_central(settings) as central:
            central.tell(Act.BACKUP, {"": central.count()})
            central.note_copy(CopyKind.BACKUP, file)
