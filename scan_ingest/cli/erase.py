"""`scan-ingest erase`: one person's data, wherever it lies."""

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import account_name, current_settings, open_those_there
from scan_ingest.cli.redaction import drop_gone, finish_redactions, left_to_do, redact, redrawing, refuse_edited
from scan_ingest.cli.subject import Cards, Nominations, everything_held, tell_unsure
from scan_ingest.domain.keeping import Copy
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from scan_ingest.central import Central
    from scan_ingest.config import Settings
    from scan_ingest.leaving import Person
    from scan_ingest.leaving.held import Held
    from scan_ingest.ports.leaving import Remark
    from scan_ingest.workspace import Workspace


@dataclass(frozen=True)
class Leaving:
    """What an erasure would do: cards and nominations that go whole, and those that only name the person, whose name
    is taken out of them: cards `named_on` (by id, with every way in which the name is spelled there), nominations
    `named_in`, and `remarks` where it can go."""

    cards: Sequence[str]
    nominations: Sequence[str]
    named_on: Mapping[str, Sequence[str]] = field(repr=False)
    named_in: Sequence[str]
    copies: Sequence[Copy]
    remarks: "Sequence[Remark]" = ()

    @property
    def is_empty(self) -> bool:
        changeable = any(remark.can_go for remark in self.remarks)
        return not (self.cards or self.nominations or self.named_on or self.named_in or changeable)


def erase(
    name: Annotated[
        str, typer.Option(metavar="NAME", help="First name and surname; what is surely theirs is found by it.")
    ] = "",
    card: Cards = None,
    nomination: Nominations = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", metavar="", help="Say what would go; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", metavar="", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Erase one person's data: nominations of them with their cards, pictures, drafts and history, for good.

    Cards and nominations of others that name them stay, the website's too, with the name taken out; a later delivery
    does not bring it back. What only may be theirs is listed on standard error and left alone; add it with --card or
    --nomination. Files written out earlier are listed: nobody can reach them from here. Killed in between, the same
    command finishes.
    """
    from scan_ingest.leaving import Person

    if not (name or card or nomination):
        raise UsageError("say who: --name, --card or --nomination")
    settings = current_settings()
    person = Person(name) if name else None
    with open_those_there(settings) as (workspace, central):
        if workspace is not None and not dry_run:
            workspace.sweep()  # what an earlier run could not finish
            drop_gone(workspace)
            finish_redactions(workspace, settings)
        held = everything_held(
            person, settings, workspace, central, "", frozenset(card or ()), frozenset(nomination or ())
        )
        leaving = _leaving(person, held)
        tell_unsure(held)
        if not dry_run and not leaving.is_empty:
            if not yes:
                _ask(leaving)
            _erase(leaving, person, settings, workspace, central)
        touched = {*leaving.cards, *leaving.named_on}
        left = () if dry_run or workspace is None else left_to_do(workspace, touched)
    _tell(leaving, left, dry_run=dry_run, as_json=as_json)
    if left:
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)


def _leaving(person: "Person | None", held: "Held") -> Leaving:
    from scan_ingest.domain.nomination import nomination_id
    from scan_ingest.leaving import Part
    from scan_ingest.leaving.held import spellings_on

    sure = [found for found in held.nominations if found.mention.sure]
    cards = [found for found in held.cards if found.mention.sure]
    theirs = [found.card.id for found in cards if found.mention.part is Part.NOMINEE]
    naming = [found for found in cards if found.mention.part is Part.MENTIONED]
    named_on = {found.card.id: spellings_on(person, found) for found in naming} if person else {}
    whole = {found.nomination.id for found in sure if found.mention.part is Part.NOMINEE}
    whole |= {nomination_id(card) for card in theirs} & {found.nomination.id for found in held.nominations}
    named_in = {found.nomination.id for found in sure} - whole
    return Leaving(theirs, sorted(whole), named_on, sorted(named_in), _copies(held), held.remarks)


def _copies(held: "Held") -> list[Copy]:
    """The files that may hold what goes: written since the first of it came, of its organisations."""
    labels = [(found.nomination.organisation, found.nomination.collected_on) for found in held.nominations]
    labels += [(found.card.label.organisation, found.card.label.collected) for found in held.cards]
    first = {
        organisation: min(day or date.min for one, day in labels if one == organisation)
        for organisation in {organisation for organisation, _ in labels}
    }
    found = {
        (copy.kind, copy.file, copy.person): copy  # of a file that both stores remember, once
        for copy in held.copies
        if any(copy.may_hold(name, "", datetime.combine(day, time(), UTC)) for name, day in first.items())
    }
    return list(found.values())


def _ask(leaving: Leaving) -> None:
    """Raises `UsageError` where nobody can be asked, ends where they say no."""
    if not sys.stdin.isatty():
        raise UsageError("erase cannot be undone: look with --dry-run, then say --yes")
    question = (
        f"Erase {_so_many(leaving.nominations, 'nomination')} and {_so_many(leaving.cards, 'card')}, and take the name "
        f"out of {_so_many(leaving.named_on, 'other card')} and {_so_many(leaving.named_in, 'other nomination')}? This "
        "cannot be undone"
    )
    typer.confirm(question, abort=True, err=True)


def _erase(
    leaving: Leaving,
    person: "Person | None",
    settings: "Settings",
    workspace: "Workspace | None",
    central: "Central | None",
) -> None:
    """The store first, whose ids then stay away: killed after it, the cards are still found the next time."""
    if workspace is not None:
        for card in (*leaving.cards, *leaving.named_on):
            for scan in (card, *(workspace.scans_of(card) if card in leaving.named_on else ())):
                workspace.refuse_erasing(scan)
            refuse_edited(workspace, card)
    if central is not None:
        central.erase(leaving.nominations, leaving.named_in, () if person is None else person.words)
        central.scrub()
    if workspace is None:
        return
    by = account_name()
    for card in leaving.cards:
        workspace.erase(card, by, redrawing(settings))
    drop_gone(workspace)
    if person is None:
        return
    workspace.take_out_of_remarks(person.words)
    for card, spelled in leaving.named_on.items():
        redact(workspace, settings, card, partial(_the_name, person), by, words=spelled)


def _the_name(person: "Person", texts: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, list[tuple[int, int]]]:
    """Where the person's name stands in a card's answers."""
    from scan_ingest.leaving.mentions import spans_of

    found = {name: list(spans_of(person, text)) for name, text in texts.items() if kinds.get(name) == "text"}
    return {name: spans for name, spans in found.items() if spans}


def _so_many(things: Collection[str], name: str) -> str:
    return f"1 {name}" if len(things) == 1 else f"{len(things)} {name}s"


def _tell(leaving: Leaving, left: Sequence[str], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        copies = [{"kind": str(one.kind), "file": one.file, "at": one.at.isoformat()} for one in leaving.copies]
        document = {
            "dry_run": dry_run,
            "cards": list(leaving.cards),
            "nominations": list(leaving.nominations),
            "name_taken_out_of": list(leaving.named_on),
            "name_taken_out_of_nominations": list(leaving.named_in),
            "copies": copies,
            "called_by_the_name": [one.what for one in leaving.remarks if not one.can_go],
            "left_to_do": list(left),
        }
        print(json.dumps(document, ensure_ascii=False))
        return
    would = "would be " if dry_run else ""
    print(f"{_so_many(leaving.nominations, 'nomination')} and {_so_many(leaving.cards, 'card')} {would}erased")
    if leaving.named_on:
        print(f"The name {'would be' if dry_run else 'was'} taken out of cards {', '.join(leaving.named_on)}")
    if leaving.named_in:
        was = "would be" if dry_run else "was"
        print(f"The name {was} taken out of nominations {', '.join(leaving.named_in)}")
    for copy in leaving.copies:
        print(for_a_terminal(f"May still hold a copy: {copy.file} ({copy.kind}, {copy.at:%Y-%m-%d}, by {copy.person})"))
    for one in leaving.remarks:
        if not one.can_go:
            print(for_a_terminal(f"Still names them: {one.what} is called {one.text}"))
    for what in left:
        print(f"Not done yet: {what}")
