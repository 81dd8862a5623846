"""`scan-ingest subject`: all that is held about a person, for that person to read."""

import sys
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, open_those_there
from scan_ingest.domain.audit import Act, AuditFilter
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import CardRefusedError, InputError

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.config import Settings
    from scan_ingest.leaving import Person
    from scan_ingest.leaving.held import Held
    from scan_ingest.ports.review import QueuedCard
    from scan_ingest.workspace import Workspace

Name = Annotated[str, typer.Option(metavar="NAME", help="First name and surname; capitals and titles do not count.")]
Cards = Annotated[
    list[str] | None, typer.Option("--card", metavar="CARD", help="A card of theirs, too; may be repeated.")
]
Nominations = Annotated[
    list[str] | None,
    typer.Option("--nomination", metavar="ID", help="A nomination of theirs, too; may be repeated."),
]


def subject(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; named .html, .txt or .json.", dir_okay=False)],
    name: Name,
    account: Annotated[str, typer.Option(metavar="NAME", help="Their account here, if they review or scan.")] = "",
    card: Cards = None,
    nomination: Nominations = None,
) -> None:
    """Write all that is held about a person to a file that this person can read.

    Nominations, cards with every version of their texts, the staff list, what they did under their account, and which
    files may hold copies. What only may be theirs (a part of the name, a spelling near it) is listed on standard error,
    by its number: add it with --card or --nomination.
    """
    from scan_ingest.leaving import Person
    from scan_ingest.leaving.held import document_of
    from scan_ingest.leaving.subject import writer_for
    from scan_ingest.sql import private_file

    write = writer_for(file)  # a wrong suffix is told before a missing store
    settings = current_settings()
    person = Person(name)
    with open_those_there(settings) as (workspace, central):
        held = everything_held(
            person, settings, workspace, central, account, frozenset(card or ()), frozenset(nomination or ())
        )
        document = document_of(name, held, datetime.now(UTC).date())
        empty = private_file(file)
        # Before anything is in it: nothing lies outside the stores that they do not know of.
        if workspace is not None:
            for batch_id in sorted({found.card.batch_id for found in held.cards}):
                workspace.note_copy(CopyKind.SUBJECT, file, batch_id=batch_id)
        if central is not None:
            told = Counter(found.nomination.organisation for found in held.nominations)
            central.tell(Act.SUBJECT, told)
            for organisation in told:
                central.note_copy(CopyKind.SUBJECT, file, organisation)
        try:
            empty.write_text(write(document), encoding="utf-8")
        except OSError as exc:
            raise InputError(f"{file}: cannot be written: {exc.strerror or exc}") from exc
    tell_unsure(held)
    print(f"{document.items} things held, in {for_a_terminal(str(file))}; it holds personal data")


def everything_held(
    person: "Person | None",
    settings: "Settings",
    workspace: "Workspace | None",
    central: "Central | None",
    account: str,
    cards: frozenset[str],
    nominations: frozenset[str],
) -> "Held":
    """What both stores and the staff list hold about the person; without one, the cards and nominations named."""
    from scan_ingest.domain.nomination import nomination_id
    from scan_ingest.leaving import is_the_name
    from scan_ingest.leaving.held import Held, in_cards, in_nominations, in_remarks, other_scans
    from scan_ingest.staff import load_staff

    nominations |= {nomination_id(card) for card in cards}
    found_cards = []
    if workspace is not None:
        if nominations:
            cards |= {card.id for card in workspace.cards() if nomination_id(card.id) in nominations}
        found_cards = list(in_cards(person, workspace.cards(), workspace.trail, cards))
        found_cards += other_scans(found_cards, workspace.scans_of, partial(_card_of, workspace), workspace.trail)
    found = [] if central is None else list(in_nominations(person, central.nominations(), nominations))
    stores = [store for store in (workspace, central) if store is not None]
    staff = load_staff(settings.staff) if settings.staff else ()
    return Held(
        nominations=found,
        cards=found_cards,
        staff=[one for one in staff if person and is_the_name(person, one.name)],
        acts=[row for store in stores for row in store.audit(AuditFilter(person=account))] if account else (),
        remarks=in_remarks(person, [remark for store in stores for remark in store.remarks()]) if person else (),
        copies=[copy for store in stores for copy in store.copies()] if found or found_cards else (),
    )


def _card_of(workspace: "Workspace", card_id: str) -> "QueuedCard | None":
    try:
        return workspace.card(card_id)
    except CardRefusedError:
        return None  # taken back with its box, or purged: nothing of it is held


def tell_unsure(held: "Held") -> None:
    """Names, on standard error, what may be theirs."""
    for found in held.nominations:
        if not found.mention.sure:
            print(f"perhaps: --nomination {found.nomination.id}", file=sys.stderr)
    for held_card in held.cards:
        if not held_card.mention.sure:
            print(f"perhaps: --card {held_card.card.id}", file=sys.stderr)
