"""`scan-ingest store`: the two stores looked after: checked, upgraded, backed up, restored, copied."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.checks import MARKS
from scan_ingest.cli.parts import account_name, current_settings, open_the_central
from scan_ingest.cli.store_copies import backup, copy, restore
from scan_ingest.cli.which_store import WHICH_OF_BOTH, One, Some, address_of, kinds_of, kinds_there, reached
from scan_ingest.domain.finding import Finding, State
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, StoreError, UsageError

app = typer.Typer(no_args_is_help=True, help="Check, upgrade, back up, restore or copy the stores.")
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
    for kind in kinds_there(settings, which):
        own = rows_that_changed if kind.name == One.CENTRAL else None
        found += [
            (kind.what, finding)
            for finding in check_store(address_of(settings, kind), kind, settings.data / kind.folder, own)
        ]
    if not found:
        places = " nor ".join(place_of(address_of(settings, kind)) for kind in kinds_of(which))
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
    kinds = kinds_there(settings, which) or kinds_of(which)
    for kind in kinds:
        done = upgrade_store(address_of(settings, kind), kind, settings.data / kind.folder, settings.data / "backups")
        if done.backup is None:
            print(f"The {kind.what} is of this program's version, {done.version}; nothing to do")
        else:
            print(f"The {kind.what} went from version {done.version_before} to {done.version}; backup: {done.backup}")


for command in (backup, restore, copy):
    app.command()(command)


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
    shared = [
        kind for kind in kinds_there(settings, which) if address_of(settings, kind).get_backend_name() != "sqlite"
    ]
    if not shared:
        raise UsageError("roles are for stores on PostgreSQL; a SQLite store belongs to whoever owns its file")
    more = [*(organisations or []), *([settings.organisation] if settings.organisation else [])]
    made = {}
    for kind in shared:
        with reached(settings, kind) as engine:
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
