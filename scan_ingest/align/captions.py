"""The words around the page. Everything that comes from a scan's name or a person is drawn harmless."""

from rich.style import Style
from rich.table import Table
from rich.text import Text

from scan_ingest.align.corners import NAMES
from scan_ingest.align.keys import COMMANDS, FOOTER, WIDE_FOOTER
from scan_ingest.align.session import OpenPage, Session
from scan_ingest.domain.source import source_of
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.ports.align import NearCard
from scan_ingest.stages.placing.by_hand import Agreement
from scan_ingest.stages.placing.prepared import PreparedSide
from scan_ingest.stages.placing.printing import FAR_MM

BOLD, QUIET = Style(bold=True), Style(dim=True)
TROUBLE = Style(color="red", bold=True)
WIDE = 130  # columns from which the long footer fits


def header(session: Session) -> Table:
    """Which page of how many, and where it is from."""
    left = Text("placing by hand  ")
    right = Text("")
    if session.key is not None:
        left = Text(f"page {session.position + 1} of {len(session.keys)} · {len(session.settled)} settled  ")
    if session.at_hand is not None:
        hand = session.at_hand
        label = f"{hand.batch.label.ward} · {hand.batch.id} · {hand.ref}"
        right = Text(for_a_terminal(label))
    table = Table.grid(expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(no_wrap=True, justify="right", overflow="ellipsis")
    table.add_row(left, right, style=QUIET)
    return table


def reason(session: Session) -> Text:
    """What became of the page so far, and why; it may take several lines."""
    text = Text(overflow="fold")
    if session.at_hand is not None:
        text.append(session.at_hand.outcome, BOLD).append(for_a_terminal(f": {session.at_hand.reason}"))
    return text


def standing(page: OpenPage, step: int, agreement: Agreement | None) -> Text:
    """Which side is being placed, which corner moves, and how the print agrees."""
    text = Text(no_wrap=True, overflow="ellipsis").append(page.side.label, BOLD)
    why = page.why_not
    text.append(" · ").append(why, TROUBLE) if why else text.append(f" · {agreed(agreement)}")
    # What a narrow terminal cuts off comes last.
    if page.which is None:
        text.append(" · all corners")
    else:
        x, y = page.corners[page.which]
        text.append(f" · {page.which + 1} {NAMES[page.which]} {x:.0f},{y:.0f}")
    return text.append(f" · step {step}")


def agreed(agreement: Agreement | None) -> str:
    if agreement is None:
        return "…"
    if agreement.residual_mm >= FAR_MM:
        return f"{agreement.seen:.0%} of print agrees"
    return f"{agreement.seen:.0%} of print agrees, to {agreement.residual_mm:.1f} mm"


def notice(session: Session, busy: str) -> Text:
    """What was done or refused last, or is being waited for; it may take two lines."""
    text = Text(overflow="fold")
    if busy:
        return text.append(busy, Style(italic=True))
    return text.append(for_a_terminal(session.notice), TROUBLE if session.refused else Style(italic=True))


def keys(width: int) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    shown = WIDE_FOOTER if width >= WIDE else FOOTER
    for command in (one for action in shown for one in COMMANDS if one.action == action):
        text.append(f"{command.shown} ", BOLD).append(f"{command.name}  ", QUIET)
    text.rstrip()
    return text


def side(side: PreparedSide, seen: float | None, *, now: bool) -> Text:
    """A side in the list of templates."""
    text = Text(for_a_terminal(side.label), BOLD if now else Style())
    if seen is not None:
        text.append(f"   {seen:.0%} of its print seems to be on the page", QUIET)
    return text


def card(near: NearCard) -> Text:
    """A card in the list of those a page may belong to."""
    where = "before this page" if near.before else "after this page"
    return Text(for_a_terminal(source_of(near.pages))).append(f"   {where}", QUIET)


def how_to_mark(path: str) -> Text:
    return Text.assemble(
        ("Mark the corners in an image editor\n\n", BOLD),
        "Open this picture, put a dot of any bright colour on each of the four corners of the card, and save it:\n\n",
        (for_a_terminal(path), BOLD),
        "\n\nThe scan itself is not touched, and the picture is removed at the end.\n\n",
        ("Enter  read the dots back     Esc  not now", QUIET),
    )


def nothing_left(session: Session) -> Text:
    text = Text("No page left to place.\n\n", BOLD)
    text.append(f"{len(session.settled)} settled in this sitting")
    return text.append("\n\nu takes back the last one · PgUp goes back to the page before · q leaves", QUIET)
