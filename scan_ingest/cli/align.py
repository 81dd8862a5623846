"""`scan-ingest align`: placing by hand what could not be placed surely."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from scan_ingest.cli.parts import current_settings, login_name, open_the_workspace, templates_folder
from scan_ingest.config import Settings
from scan_ingest.errors import SkipError, UsageError

if TYPE_CHECKING:
    from scan_ingest.align.session import Tools
    from scan_ingest.domain.page import Page
    from scan_ingest.ports.align import PageAtHand


def align(
    batch: Annotated[str | None, typer.Argument(metavar="[BATCH]", help="Only pages of this batch.")] = None,
    page: Annotated[
        str | None,
        typer.Option("--page", metavar="NAME", help="Only this page, such as box.pdf#3, whatever became of it."),
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who decides.", show_default="the login name")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain", metavar="", help="Prompts and numbers only: for screen readers, dumb terminals and pipes."
        ),
    ] = False,
) -> None:
    """Settle the unmatched and unreadable pages by hand, one at a time.

    Choose the template, put the four corners where the card's are, see the result and accept; or say that the page is
    blank, a foreign sheet, or belongs to a card. F1 or ? shows every key. The scanned file is never changed, and
    everything can be taken back.
    """
    settings = current_settings()
    if not plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("align needs a terminal; align --plain works without one")
    if not plain and os.environ.get("TERM") == "dumb":
        raise UsageError("align needs a terminal that can move its cursor; align --plain does not")
    name = reviewer.strip() if reviewer else login_name()
    if not name:
        raise UsageError("--reviewer: say who decides")
    with open_the_workspace(settings) as workspace:
        keys = workspace.pages_to_align(batch) if page is None else (workspace.find_page(page, batch),)
        if not keys:
            print("No page needs placing by hand.")
            return
        print("getting ready to read …", file=sys.stderr)
        from scan_ingest.align.papers import Papers
        from scan_ingest.align.plain import align_in_prompts
        from scan_ingest.align.session import Session
        from scan_ingest.terminal.hangup import leaving_on_hangup

        session = Session(workspace, _tools(settings), name, keys)
        if plain:
            papers = Papers()
            with leaving_on_hangup(papers.close) as prompts:
                align_in_prompts(session, papers, prompts.ask, prompts.say)
            return
        from scan_ingest.align.app import align_on_screen
        from scan_ingest.terminal.canvas import ask_terminal

        align_on_screen(session, Papers(), ask_terminal(os.environ, on_windows=sys.platform == "win32"))


def _tools(settings: Settings) -> "Tools":
    from functools import partial

    from scan_ingest.align.session import Tools
    from scan_ingest.cli.reader import make_reader, site_lists
    from scan_ingest.learning.shelf import in_force
    from scan_ingest.pipeline.by_hand import placed, read_by_hand, settle_with
    from scan_ingest.pipeline.worker import one_thread

    one_thread()
    reader = make_reader(templates_folder(settings), (), in_force(settings.data), site_lists(settings))
    return Tools(
        reader.templates,
        reader.prepared,
        partial(_decoded, settings),
        partial(read_by_hand, reader),
        partial(placed, reader.templates),
        settle_with(reader.templates),
    )


def _decoded(settings: Settings, at_hand: "PageAtHand") -> "Page":
    """The page from the copy of its file. Raises `SkipError` where that is gone or does not hold it any more."""
    from scan_ingest.domain.page import FailedPage
    from scan_ingest.sources.open import pages_of

    limits, ref = settings.page_limits, at_hand.ref
    if at_hand.file.path is None:
        raise SkipError(f"{ref}: the file was never kept")
    others = frozenset(range(1, limits.pages_per_file + 1)) - {ref.number}
    for page in pages_of(at_hand.file.path, ref.file_name, ref.file_sha256, limits, others):
        if page.ref.number != ref.number:
            continue
        if isinstance(page, FailedPage):
            raise SkipError(f"{ref}: {page.reason}")
        return page
    raise SkipError(f"{ref}: the file does not hold this page")
