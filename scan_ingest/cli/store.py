"""`scan-ingest store`: the two stores looked after: checked, upgraded, backed up, restored, copied."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.checks import MARKS
from scan_ingest.cli.parts import (
    account_name,
    current_settings,
    open_the_central,
    open_the_workspace,
    without_password,
)
from scan_ingest.domain.audit import Act
from scan_ingest.domain.finding import Finding, State
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, StoreError, UsageError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

    from scan_ingest.config import Settings
    from scan_ingest.sql import StoreKind

app = typer.Typer(no_args_is_help=True, help="Check, upgrade, back up, restore or copy the stores.")


class One(StrEnum):
    """A store."""

    CENTRAL = "central"
    WORKSPACE = "workspace"


class Some(StrEnum):
    """A store, or both."""

    BOTH = "both"
    CENTRAL = "central"
    WORKSPACE = "workspace"


WHICH = Annotated[One, typer.Option("--which", help="The nominations store (central), or this site's workspace.")]
WHICH_OF_BOTH = Annotated[Some, typer.Option("--which", help="One of the two stores only.")]
AS_JSON = Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")]


@app.command()
def check(which: WHICH_OF_BOTH = Some.BOTH, as_json: AS_JSON = False) -> None:
    """Say whether the stores are there, of this program's version, whole, and their owner's alone.

    Reads everything: rows, digests, pictures. Exit code 6 where something is wrong.
    """
    from scan_ingest.central.store import rows_that_changed
    from scan_ingest.sql import place_of
    from scan_ingest.sql.checking import check_store

    settings = current_settings()
    found: list[tuple[str, Finding]] = []
    for kind in _kinds_there(settings, which):
        own = rows_that_changed if kind.name == One.CENTRAL else None
        found += [
            (kind.what, finding)
            for finding in check_store(_address(settings, kind), kind, settings.data / kind.folder, own)
        ]
    if not found:
        places = " nor ".join(place_of(_address(settings, kind)) for kind in _kinds(which))
        raise StoreError(f"no store at {places}; `ingest` makes them. Is --data the right folder?")
    ok = all(finding.state is not State.WRONG for _, finding in found)
    if as_json:
        checks = [
            {"store": what, "check": one.what, "state": one.state.value, "says": one.says, "remedy": one.remedy}
            for what, one in found
        ]
        print(json.dumps({"ok": ok, "checks": checks}, ensure_ascii=False))
    else:
        _print_findings(found)
    raise typer.Exit(ExitCode.DONE if ok else ExitCode.STORE)


@app.command()
def upgrade(which: WHICH_OF_BOTH = Some.BOTH) -> None:
    """Bring stores that an older program made to this program's version.

    Their rows are backed up first, into the folder backups in the data folder; pictures are not touched.
    """
    from scan_ingest.sql.upgrading import upgrade_store

    settings = current_settings()
    kinds = _kinds_there(settings, which) or _kinds(which)
    for kind in kinds:
        done = upgrade_store(_address(settings, kind), kind, settings.data / kind.folder, settings.data / "backups")
        if done.backup is None:
            print(f"The {kind.what} is of this program's version, {done.version}; nothing to do")
        else:
            print(f"The {kind.what} went from version {done.version_before} to {done.version}; backup: {done.backup}")


@app.command()
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
    kind = _kind(which)
    with _opened(settings, kind) as engine:
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


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `store backup` wrote.", show_default=False)],
) -> None:
    """Restore a backup to where its store is set to be: where there is none, or an empty one.

    The file knows which store it is of. Everything is compared with the backup's digests before it is kept.
    """
    from scan_ingest.sql import place_of
    from scan_ingest.sql.backup import kind_of, restore_backup
    from scan_ingest.sql.files import private_folder
    from scan_ingest.sql.opening import empty_place

    settings = current_settings()
    kind = _kind(One(kind_of(file)))
    where = _address(settings, kind)
    folder = settings.data / kind.folder
    if not folder.exists() and (where.get_backend_name() == "sqlite" or kind.kept_files):
        private_folder(folder)
    with empty_place(where, kind) as engine:
        manifest, counts = restore_backup(engine, kind, folder, file)
    made = manifest.made_at.astimezone().strftime("%d %B %Y %H:%M")
    print(f"{sum(counts.values())} rows of the {kind.what} as it was on {made}, in {place_of(where)}")
    if manifest.files:
        print(f"{manifest.files} pictures and originals in {folder}")


@app.command()
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

    target = address(str(without_password(to, "--to")))
    settings = current_settings()
    kind = _kind(which)
    if target == _address(settings, kind):
        raise UsageError("--to: that is the store itself")
    with _opened(settings, kind) as source, empty_place(target, kind) as new:
        counts = copy_store(source, new, kind)
    for table, number in counts.items():
        print(f"  {table:<24} {number:>8}")
    print(f"{sum(counts.values())} rows of the {kind.what} copied to {place_of(target)}, counts and digests agree")
    print(f'To go on with it, write into scan_ingest.toml: {kind.name} = "{to}"')


@app.command()
def show(
    nomination: Annotated[str, typer.Argument(metavar="NOMINATION", help="Its id, or how it begins.")],
    as_json: AS_JSON = False,
) -> None:
    """Show a nomination of the store, and where each of its fields came from: card, page, recogniser, who and when."""
    from scan_ingest.domain.provenance import as_document, in_words

    with open_the_central(current_settings()) as central:
        found, came = central.one(nomination)
    document = as_document(found, came)
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
        return
    table = Table("field", "text", "from", box=None, pad_edge=False)
    for name, field in document["fields"].items():
        table.add_row(for_a_terminal(name), for_a_terminal(field["text"] or ""), for_a_terminal(in_words(field)))
    Console(highlight=False, markup=False).print(f"{found.id}  {found.channel.value}  {for_a_terminal(found.source)}")
    Console(highlight=False, markup=False).print(table)


@app.command()
def roles(
    which: WHICH_OF_BOTH = Some.BOTH,
    organisations: Annotated[
        list[str] | None,
        typer.Option("--organisation", metavar="O", help="One that has no rows yet; may be given several times."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", metavar="", help="Print the SQL and change nothing.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Make or renew the roles of shared stores (PostgreSQL): what each may do, and whose rows each sees.

    Run it as the owner of the stores after every upgrade, and when an organisation joins. Logins are made by the
    database's administrator and granted these roles: see docs/roles.md.
    """
    from scan_ingest.sql.roles import make_roles

    settings = current_settings()
    shared = [kind for kind in _kinds_there(settings, which) if _address(settings, kind).get_backend_name() != "sqlite"]
    if not shared:
        raise UsageError("roles are for stores on PostgreSQL; a SQLite store belongs to whoever owns its file")
    more = [*(organisations or []), *([settings.organisation] if settings.organisation else [])]
    made = {}
    for kind in shared:
        with _reached(settings, kind) as engine:
            made[kind.name] = make_roles(engine, kind, more, account_name(), dry_run=dry_run)
    if as_json:
        each = {
            name: {
                "roles": [{"role": role.name, "does": role.what} for role in done.roles],
                "sql": done.sql if dry_run else [],
            }
            for name, done in made.items()
        }
        print(json.dumps(each, ensure_ascii=False))
    elif dry_run:
        for done in made.values():
            print("BEGIN;", *(f"{statement};" for statement in done.sql), "COMMIT;", sep="\n")
    else:
        table = Table("role", "", box=None, pad_edge=False)
        for role in dict.fromkeys(role for done in made.values() for role in done.roles):
            table.add_row(role.name, role.what)
        Console(highlight=False, markup=False, soft_wrap=True).print(table)


# -- which store, and where --------------------------------------------------------------------------------------------


def _kind(which: One) -> "StoreKind":
    from scan_ingest.central.kind import KIND as CENTRAL  # `--help` should not wait for SQLAlchemy
    from scan_ingest.workspace.kind import KIND as WORKSPACE

    return {One.CENTRAL: CENTRAL, One.WORKSPACE: WORKSPACE}[which]


def _kinds(which: Some) -> "tuple[StoreKind, ...]":
    return tuple(_kind(one) for one in One if which in (Some.BOTH, one.value))


def _note_backup(settings: "Settings", kind: "StoreKind", file: Path) -> None:
    """The store remembers that it was written to that file: purge and erase cannot reach it there."""
    if kind.name == One.WORKSPACE:
        with open_the_workspace(settings) as workspace:
            workspace.note_copy(CopyKind.BACKUP, file)
    else:
        with open_the_central(settings) as central:
            central.tell(Act.BACKUP, {"": central.count()})
            central.note_copy(CopyKind.BACKUP, file)


def _kinds_there(settings: "Settings", which: Some) -> "tuple[StoreKind, ...]":
    """The stores asked for, without those nobody named an address for and that were never made."""
    if which is not Some.BOTH:
        return _kinds(which)
    named = {One.CENTRAL.value: settings.central, One.WORKSPACE.value: settings.workspace}
    return tuple(
        kind for kind in _kinds(which) if named[kind.name] or (settings.data / kind.folder / kind.file).exists()
    )


def _address(settings: "Settings", kind: "StoreKind") -> "URL":
    from scan_ingest.sql import store_address

    return store_address({"central": settings.central, "workspace": settings.workspace}[kind.name], settings.data, kind)


@contextmanager
def _opened(settings: "Settings", kind: "StoreKind") -> "Iterator[Engine]":
    """A store that is there and of this program's version."""
    from scan_ingest.sql import open_store

    engine = open_store(_address(settings, kind), kind, create=False)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _reached(settings: "Settings", kind: "StoreKind") -> "Iterator[Engine]":
    """A store that is there, of this program's version, whoever may see what of it."""
    from scan_ingest.sql.opening import reach_current

    engine = reach_current(_address(settings, kind), kind)
    try:
        yield engine
    finally:
        engine.dispose()


def _print_findings(found: list[tuple[str, Finding]]) -> None:
    table = Table("", "store", "check", "found", box=None, pad_edge=False)
    before = ""
    for what, finding in found:
        says = f"{finding.says}\n→ {finding.remedy}" if finding.remedy else finding.says
        table.add_row(MARKS[finding.state], "" if what == before else what, finding.what, says)
        before = what
    Console(highlight=False, markup=False).print(table)
    wrong = sum(finding.state is State.WRONG for _, finding in found)
    print("All is well." if not wrong else f"{wrong} of {len(found)} checks found something wrong.")
