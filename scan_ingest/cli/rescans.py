"""`scan-ingest rescans`: cards that seem to have been scanned before, shown side by side and settled by a person."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scan_ingest.cli.parts import current_settings, login_name, open_the_workspace
from scan_ingest.cli.redaction import redact_new_scans
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.rescan import Rescan, RescanAnswer, ScannedCard
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import CardRefusedError, ToolMissingError, UsageError

if TYPE_CHECKING:
    from scan_ingest.config import Settings
    from scan_ingest.domain.geometry import GreyImage
    from scan_ingest.terminal.viewer import Viewer
    from scan_ingest.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Cards that seem to have been scanned before.")

PICTURE_LINES = 12
ANSWERS = """\
k  keep: two cards, both stay
r  replace: one card; this scan stands, the earlier one is rejected
i  ignore: one card; the earlier scan stands, this one is rejected
o  open: both beside each other in the picture viewer
Enter leaves it for later, q leaves"""

Reviewer = Annotated[
    str | None, typer.Option("--reviewer", metavar="NAME", help="Who settles it.", show_default="the login name")
]


@app.command("list")
def list_rescans(
    answered: Annotated[bool, typer.Option("--all", metavar="", help="Those that were settled, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")] = False,
) -> None:
    """Every card that seems to have been scanned before, and what was made of it."""
    with open_the_workspace(current_settings()) as workspace:
        found = workspace.rescans(answered=answered)
    if as_json:
        for rescan in found:
            print(json.dumps(rescan_line(rescan), ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("card", "seems to be"):
        table.add_column(name, no_wrap=True, min_width=20)
    for name in ("pages", "before", "settled"):
        table.add_column(name, overflow="fold")
    for rescan in found:
        settled = f"{rescan.answer}, {rescan.answered_by}" if rescan.answer else ""
        cells = (rescan.later.id, rescan.earlier.id, _sheets(rescan.later), _sheets(rescan.earlier), settled)
        table.add_row(*map(for_a_terminal, cells))
    if found:
        Console(highlight=False, markup=False).print(table)
    waiting = sum(rescan.answer is None for rescan in found)
    print(f"{waiting} to settle{': scan-ingest rescans look' if waiting else ''}")


def rescan_line(rescan: Rescan) -> dict[str, object]:
    """A proposal as a line of JSON, without the cards' texts."""
    return {
        "card_id": rescan.later.id,
        "batch_id": rescan.later.batch_id,
        "earlier_card_id": rescan.earlier.id,
        "earlier_batch_id": rescan.earlier.batch_id,
        "alike": round(rescan.alike, 4),
        "texts_alike": round(rescan.texts_alike, 4),
        "answer": rescan.answer,
        "answered_by": rescan.answered_by,
    }


@app.command()
def look(reviewer: Reviewer = None) -> None:
    """Look at each pair side by side and settle it: keep both, replace the earlier scan, or ignore this one."""
    person = _person(reviewer)
    console = Console(highlight=False, markup=False)
    settings = current_settings()
    with open_the_workspace(settings) as workspace, closing(_viewer()) as viewer:
        found = workspace.rescans()
        if not found:
            print("No card seems to have been scanned before.")
            return
        for number, rescan in enumerate(found, start=1):
            console.rule(f"{number} of {len(found)}")
            _show(console, workspace, rescan)
            try:
                given = _ask(partial(_open, viewer, workspace, rescan))
            except EOFError:
                break
            if given:
                try:
                    workspace.answer_rescan(rescan.later.id, rescan.earlier.id, given, person)
                except CardRefusedError as exc:  # the others can still be settled
                    print(f"Not settled: {exc}")
                    continue
                _redact_too(workspace, settings, person)
                print(_said(rescan, given))
        print(f"{len(workspace.rescans())} left")


@app.command()
def settle(
    card: Annotated[str, typer.Argument(metavar="CARD", help="The later card.")],
    given: Annotated[RescanAnswer, typer.Argument(metavar="keep|replace|ignore", help="What it is.")],
    earlier: Annotated[
        str | None, typer.Option("--earlier", metavar="CARD", help="Which earlier card, where there are several.")
    ] = None,
    reviewer: Reviewer = None,
) -> None:
    """Settle one pair without looking at it here."""
    person = _person(reviewer)
    settings = current_settings()
    with open_the_workspace(settings) as workspace:
        fitting = [rescan for rescan in workspace.rescans(answered=True) if rescan.later.id == card]
        fitting = [rescan for rescan in fitting if earlier in (None, rescan.earlier.id)]
        if len(fitting) != 1:
            ids = ", ".join(rescan.earlier.id for rescan in fitting)
            raise UsageError(
                f"card {card} seems to be several earlier ones: say --earlier with one of {ids}"
                if fitting
                else f"card {card} does not seem to have been scanned before; scan-ingest rescans list shows which do"
            )
        workspace.answer_rescan(card, fitting[0].earlier.id, given, person)
        _redact_too(workspace, settings, person)
    print(_said(fitting[0], given))


def _redact_too(workspace: "Workspace", settings: "Settings", person: str) -> None:
    for why in redact_new_scans(workspace, settings, person):
        print(f"Not done yet: {why}", file=sys.stderr)


def _person(reviewer: str | None) -> str:
    name = reviewer.strip() if reviewer else login_name()
    if not name:
        raise UsageError("--reviewer: say who settles it")
    return name


def _ask(open_pictures: Callable[[], None]) -> RescanAnswer | None:
    """The answer, None for later. Raises `EOFError` to leave."""
    letters = {answer.value[0]: answer for answer in RescanAnswer}
    print(ANSWERS)
    while (said := input("k, r, i, o> ").strip().lower()) not in letters:
        if not said:
            return None
        if said == "q":
            raise EOFError
        if said == "o":
            open_pictures()
    return letters[said]


def _viewer() -> "Viewer":
    from scan_ingest.terminal.viewer import Viewer

    return Viewer()


def _open(viewer: "Viewer", workspace: "Workspace", rescan: Rescan) -> None:
    """Both cards in one picture, the later one on the left."""
    import numpy as np

    rows = [np.hstack(pair) for pair in _sides(workspace, rescan).values()]
    try:
        viewer.show(np.vstack(rows))
    except ToolMissingError as exc:
        print(exc)


def _said(rescan: Rescan, given: RescanAnswer) -> str:
    if given is RescanAnswer.KEEP:
        return f"kept: {rescan.later.id} and {rescan.earlier.id} are two cards"
    rejected, stands = (
        (rescan.earlier, rescan.later) if given is RescanAnswer.REPLACE else (rescan.later, rescan.earlier)
    )
    return f"{rejected.id} is rejected, {stands.id} stands"


def _show(console: Console, workspace: "Workspace", rescan: Rescan) -> None:
    """The two cards: where they come from, and field by field how they are written and what was read."""
    pair = (rescan.later, rescan.earlier)
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for title in ("this card", "seems to be this one"):
        table.add_column(title, ratio=1, overflow="fold")
    for lines in zip(*map(_origin, pair), strict=True):
        table.add_row(*lines)
    console.print(table)
    sides = _sides(workspace, rescan)
    for note in workspace.field_notes(rescan.later.id):
        texts = [card.texts.get(note.name, "") for card in pair]
        if not any(texts):
            continue
        console.print(f"\n{note.name}", style="bold")
        for at, text in enumerate(texts):
            if note.kind == FieldKind.TEXT:
                console.print(_picture(sides[note.side][at], note.box_mm, console.width), no_wrap=True)
            console.print(("  " if len(set(texts)) == 1 else "≠ ") + for_a_terminal(text))
    console.print(f"\nwriting {rescan.alike:.1%} alike, text {rescan.texts_alike:.0%} alike")


def _sides(workspace: "Workspace", rescan: Rescan) -> dict[str, tuple["GreyImage", "GreyImage"]]:
    """Each side of the later card beside the same side of the earlier."""
    from scan_ingest.terminal.picture import decoded  # `--help` should not wait for OpenCV

    names = dict.fromkeys(note.side for note in workspace.field_notes(rescan.later.id))
    return {
        name: (
            decoded(workspace.side_picture(rescan.later.id, name)),
            decoded(workspace.side_picture(rescan.earlier.id, name)),
        )
        for name in names
    }


def _origin(card: ScannedCard) -> Sequence[str]:
    box = f"{card.label.ward}, {card.label.organisation}, {card.label.collected}"
    return tuple(map(for_a_terminal, (f"{card.id}, {card.state}", box, _sheets(card))))


def _sheets(card: ScannedCard) -> str:
    return ", ".join(dict.fromkeys(str(page.ref) for page in card.pages))


def _picture(side: "GreyImage", box: BoxMm, columns: int) -> Text:
    """The field in characters that every terminal shows."""
    from scan_ingest.terminal.canvas import canvas_of
    from scan_ingest.terminal.picture import (
        DOTS_IN,
        Manner,
        as_braille,
        as_half_blocks,
        cut,
        fitted,
        ink,
        stretched,
    )

    manner = canvas_of(os.environ, on_windows=sys.platform == "win32").manners[0]
    dots = ink(fitted(stretched(cut(side, box)), columns, PICTURE_LINES, DOTS_IN[manner]).dots)
    return Text("\n".join(as_braille(dots) if manner is Manner.BRAILLE else as_half_blocks(dots)))
