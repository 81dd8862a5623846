"""`scan-ingest hold`: what must be neither purged, erased nor redacted, and why."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_those_there
from scan_ingest.domain.keeping import Hold, HoldOn
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.workspace import Workspace

JsonLines = Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")]

app = typer.Typer(no_args_is_help=True, help="Legal holds: what must be neither purged, erased nor redacted.")


@app.command("add")
def add_hold(
    reason: Annotated[str, typer.Option(metavar="R", help="Why; name no patient here.")],
    organisation: Annotated[str | None, typer.Option(metavar="O", help="All of an organisation's.")] = None,
    batch: Annotated[str | None, typer.Option(metavar="BATCH", help="A batch, such as b0001.")] = None,
    card: Annotated[str | None, typer.Option(metavar="CARD", help="A card, and its nomination.")] = None,
    nomination: Annotated[
        str | None, typer.Option(metavar="ID", help="A nomination of a card, with that, or of the website.")
    ] = None,
) -> None:
    """Put a legal hold on an organisation, a batch, a card or a nomination."""
    given = {
        HoldOn.ORGANISATION: organisation,
        HoldOn.BATCH: batch,
        HoldOn.CARD: card,
        HoldOn.NOMINATION: nomination,
    }
    chosen = [(on, what.strip()) for on, what in given.items() if what and what.strip()]
    if len(chosen) != 1:
        raise UsageError("name one: --organisation, --batch, --card or --nomination")
    if not reason.strip():
        raise UsageError("--reason: a hold has a reason; say which")
    ((on, what),) = chosen
    with open_those_there(current_settings()) as (workspace, central):
        for name, number in _put(on, what, reason.strip(), workspace, central):
            print(f"Hold {name} {number} stands")


def _put(
    on: HoldOn, what: str, reason: str, workspace: "Workspace | None", central: "Central | None"
) -> list[tuple[str, int]]:
    """A hold in each store that it concerns: ("workspace", its number there)…"""
    from scan_ingest.domain.nomination import nomination_id

    made = []
    if on is HoldOn.NOMINATION:
        if central is None:
            raise UsageError("--nomination: there is no nominations store here")
        what = central.one(what)[0].id
    if on is HoldOn.NOMINATION and workspace is not None:
        # The card that it came from, so that a purge leaves that too.
        found = next((card.id for card in workspace.cards() if nomination_id(card.id) == what), None)
        if found is not None:
            made.append(("workspace", workspace.put_on_hold(HoldOn.CARD, found, reason)))
    elif workspace is not None:
        made.append(("workspace", workspace.put_on_hold(on, what, reason)))
    if central is not None and on is not HoldOn.BATCH:
        on_central = HoldOn.NOMINATION if on is HoldOn.CARD else on
        held = nomination_id(what.lower()) if on is HoldOn.CARD else what
        made.append(("central", central.put_on_hold(on_central, held, reason)))
    return made


@app.command("list")
def list_holds(
    ended: Annotated[bool, typer.Option("--ended", metavar="", help="Those that were ended, too.")] = False,
    as_json: JsonLines = False,
) -> None:
    """The legal holds that stand."""
    number = 0
    with open_those_there(current_settings()) as stores:
        for name, store in zip(("workspace", "central"), stores, strict=True):
            for each in store.holds(ended=ended) if store else ():
                number += 1
                print(json.dumps(_hold_line(name, each), ensure_ascii=False) if as_json else _hold_words(name, each))
    if not as_json:
        print(f"{number} hold{'' if number == 1 else 's'}")


@app.command("end")
def end_hold(
    which: Annotated[str, typer.Argument(metavar="workspace|central", help="The store that the hold is in.")],
    number: Annotated[int, typer.Argument(metavar="N", help="Its number, from `hold list`.")],
) -> None:
    """End a legal hold."""
    if which not in ("workspace", "central"):
        raise UsageError(f"{which}: a hold is in workspace or in central; `hold list` says which")
    with open_those_there(current_settings()) as (workspace, central):
        store = workspace if which == "workspace" else central
        if store is None:
            raise UsageError(f"there is no {which} here")
        store.end_hold(number)
    print(f"Hold {which} {number} ended")


def _hold_words(where: str, hold: Hold) -> str:
    end = f", ended {hold.ended_at:%Y-%m-%d} by {hold.ended_by}" if hold.ended_at else ""
    words = (
        f"{where} {hold.number}: {hold.on} {hold.what}, since {hold.at:%Y-%m-%d} by {hold.person}{end}: {hold.reason}"
    )
    return for_a_terminal(words)


def _hold_line(where: str, hold: Hold) -> dict[str, object]:
    at = {name: time.isoformat() if time else None for name, time in (("at", hold.at), ("ended_at", hold.ended_at))}
    return {"store": where, **vars(hold), **at}
