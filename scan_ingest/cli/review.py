"""`scan-ingest review`: the review screen."""

import os
import sys
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from scan_ingest.cli.parts import current_settings, login_name, open_the_workspace
from scan_ingest.cli.redaction import edited_folder, known_staff, spare_drafts
from scan_ingest.cli.redaction import redact as redact_card
from scan_ingest.errors import UsageError
from scan_ingest.ports.review import Order, Wanted


def review(
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who reviews.", show_default="the login name")
    ] = None,
    batch: Annotated[str | None, typer.Option(metavar="BATCH", help="Only cards of this batch, such as b0001.")] = None,
    ward: Annotated[str | None, typer.Option(metavar="WARD", help="Only cards from this ward's boxes.")] = None,
    template: Annotated[str | None, typer.Option(metavar="ID", help="Only cards of this template.")] = None,
    field: Annotated[str | None, typer.Option(metavar="NAME", help="Only cards with a doubt in this field.")] = None,
    order: Annotated[
        Order,
        typer.Option(
            help="Which cards come first: of the oldest or newest box, the most doubtful or (doubt-last) the easy "
            "ones, or by ward or template."
        ),
    ] = Order.OLDEST,
    card: Annotated[
        str | None, typer.Option(metavar="CARD", help="Only this card, whatever was decided on it, merged ones too.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", metavar="", help="Prompts only, no pictures: for screen readers, dumb terminals and pipes."
        ),
    ] = False,
    editor: Annotated[
        bool,
        typer.Option("--editor", metavar="", help="Each card as a text file in your own editor ($VISUAL, $EDITOR)."),
    ] = False,
) -> None:
    """Correct what was read, one card at a time, and accept it, reject it or set it aside.

    F1 or Esc h shows every key. What is typed is kept, whatever happens, and offered again.
    """

    from scan_ingest.review.editor import editor_command, review_in_editor
    from scan_ingest.review.plain import review_in_prompts
    from scan_ingest.review.session import Session
    from scan_ingest.terminal.hangup import leaving_on_hangup

    settings = current_settings()
    if plain and editor:
        raise UsageError("--plain or --editor: one of them")
    on_screen = not (plain or editor)
    command = editor_command(os.environ, on_windows=sys.platform == "win32") if editor else []
    if on_screen and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the review screen needs a terminal; review --plain works without one")
    if on_screen and os.environ.get("TERM") == "dumb":
        raise UsageError("the review screen needs a terminal that can move its cursor; review --plain does not")
    name = reviewer.strip() if reviewer else login_name()
    if not name:
        raise UsageError("--reviewer: say who reviews")
    with open_the_workspace(settings) as workspace:
        wanted = Wanted(batch, ward, template, field, order)
        lease = timedelta(minutes=settings.review.lease_minutes)
        session = Session(
            workspace,
            name,
            lease=lease,
            wanted=wanted,
            card_id=card,
            spare=spare_drafts(workspace),
            staff=known_staff(settings),
            redact=partial(redact_card, workspace, settings),
        )
        session.start()
        if plain:
            with leaving_on_hangup(session.copy_draft) as prompts:
                review_in_prompts(session, prompts.ask, prompts.say)
            return
        if editor:
            with leaving_on_hangup(session.copy_draft) as prompts:
                review_in_editor(session, edited_folder(workspace), command, prompts.say)
            return
        # The terminal is asked what pictures it shows before the screen starts, and never for --help.
        from scan_ingest.review.app import review_on_screen
        from scan_ingest.terminal.canvas import ask_terminal

        review_on_screen(session, ask_terminal(os.environ, on_windows=sys.platform == "win32"))
