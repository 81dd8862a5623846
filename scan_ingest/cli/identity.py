"""`scan-ingest identity`: what on cards may tell who a patient is, and what becomes of it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.findings import line_of, print_findings, tell_of_the_websites, those_told
from scan_ingest.cli.parts import current_settings, login_name, open_the_central, open_the_workspace
from scan_ingest.cli.redaction import (
    choosing,
    finish_redactions,
    known_staff,
    left_to_do,
    redact,
    redact_new_scans,
    redrawing,
    refuse_edited,
)
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.letter import EVERYTHING, Area, PageAnswer
from scan_ingest.domain.text import for_a_terminal, forbidden_characters
from scan_ingest.errors import ExitCode, InputError, UsageError

if TYPE_CHECKING:
    from scan_ingest.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="What on cards may tell who a patient is: look, keep, redact.")

Card = Annotated[str, typer.Argument(metavar="CARD", help="The card's id, as identity list shows it.")]
Fields = Annotated[
    list[str] | None,
    typer.Option("--field", metavar="FIELD", help="Only this field; can be given again.", show_default="all that hold"),
]
Reason = Annotated[str, typer.Option("--reason", metavar="WORDS", help="Why; it is kept with the card.")]
Reviewer = Annotated[
    str | None, typer.Option("--reviewer", metavar="NAME", help="Who settles it.", show_default="the login name")
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")]


@app.command("list")
def list_identities(
    batch: Annotated[str | None, typer.Option(metavar="BATCH", help="Only cards of this batch, such as b0001.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", metavar="", help="What is only pointed out and what was settled, too.")
    ] = False,
    online: Annotated[
        bool, typer.Option("--online", metavar="", help="Of the website's nominations, which nobody reviews.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")] = False,
) -> None:
    """Every field that keeps its card out of the nominations store, and why.

    The website's nominations are in the store already: with --online those are told that a card would be held back for.
    They are put right on the website and delivered again, or erased.
    """
    settings = current_settings()
    if online:
        if batch is not None:
            raise UsageError("--online or --batch: the website's nominations come in no batch")
        with open_the_central(settings) as central:
            tell_of_the_websites(central, known_staff(settings), everything=everything, as_json=as_json)
        return
    with open_the_workspace(settings) as workspace:
        found = list(those_told(workspace.identities(known_staff(settings), batch_id=batch), everything=everything))
        left = left_to_do(workspace)
    if as_json:
        for card, field in found:
            print(json.dumps(line_of(card, field), ensure_ascii=False))
        return
    print_findings("card", [(card.card_id, field) for card, field in found])
    holding = len({card.card_id for card, field in found if field.holds})
    ways = ": scan-ingest identity keep, redact or consent, or review" if holding else ""
    print(f"{holding} {'card' if holding == 1 else 'cards'} held back{ways}")
    for what in left:
        print(f"Not done yet: {what}")


@app.command()
def keep(card: Card, reason: Reason, field: Fields = None, reviewer: Reviewer = None, as_json: AsJson = False) -> None:
    """Let it stand: it is no patient's identity, or may be told. It goes for the text as it is now."""
    _settle(card, Answer(IdentityAnswer.KEEP, _reason(reason)), field or [], reviewer, as_json=as_json)


@app.command()
def consent(
    card: Card, reason: Reason, field: Fields = None, reviewer: Reviewer = None, as_json: AsJson = False
) -> None:
    """Let it stand because the patient agreed; the reason says how that is known."""
    _settle(card, Answer(IdentityAnswer.CONSENT, _reason(reason)), field or [], reviewer, as_json=as_json)


@app.command("redact")
def redact_card(
    card: Annotated[
        str | None, typer.Argument(metavar="CARD", help="The card's id.", show_default="only finish what is left")
    ] = None,
    field: Fields = None,
    words: Annotated[
        list[str] | None,
        typer.Option("--words", metavar="WORDS", help="These words, instead of what was found; can be given again."),
    ] = None,
    reviewer: Reviewer = None,
    as_json: AsJson = False,
) -> None:
    """Take it out of everything that is kept: texts, readings, drafts, history, pictures, scans, the nomination.

    [redacted] stands in its place, and black in the pictures; where a reviewer typed [redacted] already, what was read
    and written there goes too. It cannot be undone. Run again, it finishes what was left.
    """
    settings = current_settings()
    person = _person(reviewer)
    with open_the_workspace(settings) as workspace:
        workspace.sweep()  # what an earlier run could not finish
        finish_redactions(workspace, settings)
        refused = redact_new_scans(workspace, settings, person)
        done: tuple[str, ...] = ()
        if card is not None:
            refuse_edited(workspace, card.strip().lower())
            for name in field or ():
                _refuse_unknown_field(workspace, card, name)
            done = redact(workspace, settings, card, choosing(field or (), known_staff(settings), words or ()), person)
        of = None if card is None else {card.strip().lower(), *workspace.scans_of(card.strip().lower())}
        left = (*refused, *left_to_do(workspace, of))
        unread = [str(page.ref) for page in workspace.unread_pages() if of is None or page.card_id in of]
    if as_json:
        told = {"card_id": card, "fields": list(done), "pages_not_looked_at": unread, "left_to_do": list(left)}
        print(json.dumps(told, ensure_ascii=False))
    else:
        if card is not None:
            print(f"{card}: redacted in {', '.join(done)}" if done else f"{card}: there is nothing to take out")
        for what in left:
            print(f"Not done yet: {what}")
    if left:
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)


@app.command("page")
def page_of_a_card(
    page: Annotated[str, typer.Argument(metavar="PAGE", help="Such as box7.pdf#4.")],
    batch: Annotated[
        str | None, typer.Option(metavar="BATCH", help="Its batch, where several have such a page.")
    ] = None,
    clean: Annotated[bool, typer.Option("--clean", metavar="", help="What was taken out is not on it.")] = False,
    black: Annotated[bool, typer.Option("--black", metavar="", help="Make all of it black.")] = False,
    area: Annotated[
        list[str] | None,
        typer.Option(
            "--area",
            metavar="L,T,W,H",
            help="Make this part black: left, top, width, height in hundredths of the page; can be given again.",
        ),
    ] = None,
    reviewer: Reviewer = None,
) -> None:
    """Say of a page that belongs to a card (a letter) whether it shows what was taken out of the card, or black it out.

    What can be read on such pages is made black with the redaction; whether that is all, only somebody who looks can
    say. The page, its picture and the scan are drawn anew. It cannot be undone.
    """
    areas = [_area(text) for text in area or ()]
    if clean + black + bool(areas) != 1:
        raise UsageError("say one of --clean, --black, --area")
    answer = PageAnswer.CLEAN if clean else PageAnswer.BLACK if black else PageAnswer.PART
    person = _person(reviewer)
    settings = current_settings()
    with open_the_workspace(settings) as workspace:
        workspace.sweep()  # what an earlier run could not finish
        key = workspace.find_page(page, batch)
        workspace.answer_page(key, answer, [EVERYTHING] if black else areas, person, redrawing(settings))
    said = {PageAnswer.CLEAN: "clean, as you say", PageAnswer.BLACK: "all black", PageAnswer.PART: "black in part"}
    print(for_a_terminal(f"{page}: {said[answer]}"))


def _area(text: str) -> Area:
    try:
        return Area.from_text(text)
    except ValueError as exc:
        raise UsageError(f"--area {text}: {exc}") from None


def _settle(card_id: str, answer: Answer, fields: list[str], reviewer: str | None, *, as_json: bool) -> None:
    """On the fields named, or on all that hold."""
    settings = current_settings()
    person = _person(reviewer)
    with open_the_workspace(settings) as workspace:
        for name in fields:
            _refuse_unknown_field(workspace, card_id, name)
        found = [
            field for card in workspace.identities(known_staff(settings), card_id=card_id) for field in card.fields
        ]
        chosen = {field.field: field.text for field in found if field.field in fields or (field.holds and not fields)}
        if fields and not chosen:
            raise InputError(f"card {card_id}: nothing was found in {', '.join(fields)}; there is nothing to settle")
        workspace.settle_identity(card_id, dict.fromkeys(chosen, answer), person, chosen)
    if as_json:
        print(json.dumps({"card_id": card_id, "answer": answer.kind.value, "fields": list(chosen)}))
        return
    done = f"{answer.kind} in {', '.join(chosen)}" if chosen else "nothing on it holds, so there is nothing to settle"
    print(f"{card_id}: {done}")


def _refuse_unknown_field(workspace: "Workspace", card_id: str, name: str) -> None:
    known = [note.name for note in workspace.field_notes(card_id)]
    if name not in known:
        raise UsageError(f"--field {name}: card {card_id} has no such field; it has {', '.join(known)}")


def _reason(reason: str) -> str:
    if not reason.strip() or forbidden_characters(reason):
        raise UsageError("--reason: say why in words")
    return reason.strip()


def _person(reviewer: str | None) -> str:
    name = reviewer.strip() if reviewer else login_name()
    if not name:
        raise UsageError("--reviewer: say who settles it")
    return name
