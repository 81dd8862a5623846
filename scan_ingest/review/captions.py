"""The words around the picture: header, prompt, notice, keys. Everything that comes from a card is drawn harmless."""

from collections.abc import Sequence
from datetime import timedelta

from rich.cells import cell_len
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from scan_ingest.domain.text import for_a_terminal
from scan_ingest.review.attached import said_of
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.remarks import Remark
from scan_ingest.review.session import Session
from scan_ingest.review.sitting import Progress

BOLD, QUIET, PLAIN = Style(bold=True), Style(dim=True), Style()
TROUBLE = Style(color="red", bold=True)
MARGIN = 1  # columns
GAP = 2 * MARGIN + 3  # between the two ends of the header, and the margins beside them


class Caption(Static):
    """Words that keep their place. They are drawn again only where they changed, and the window is laid out again only
    where they take more or fewer lines: a key must not wait for what is as it was."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._said: object = None
        self._lines = 1

    def say(self, words: Text | Table, key: object = None) -> None:
        """`key` says what the words come from, where they cannot be compared themselves."""
        what = words if key is None else key
        if what == self._said:
            return
        lines = words.plain.count("\n") + 1 if isinstance(words, Text) else self._lines
        self.update(words, layout=lines != self._lines)
        self._said, self._lines = what, lines


def header(card: OpenCard | None, progress: Progress | None, columns: int) -> Text:
    """Which card of how many, how fast, and where it is from; what the card says of itself gives way."""
    if card is None:
        return Text("review", QUIET)
    left = Text("")
    if progress is not None:
        left = Text(f"card {progress.number} · {progress.left} left · {progress.done} done")
        if progress.pace:
            left.append(f" · {spoken(progress.pace)} a card")
    places = where_from(card).split(" · ")
    while len(places) > 1 and left.cell_len + cell_len(" · ".join(places)) + GAP > columns:
        del places[0]
    return _ends(left, Text(for_a_terminal(" · ".join(places))), columns, QUIET)


def where_from(card: OpenCard) -> str:
    """Whose box, where it hung, and the pages."""
    pages = ", ".join(dict.fromkeys(str(page.ref) for page in card.queued.pages))
    return f"{card.queued.label.organisation} · {card.queued.label.ward} · {pages}"


def spoken(duration: timedelta) -> str:
    """`48 s`, `2 min 5 s`, `1 h 4 min`."""
    seconds = round(duration.total_seconds())
    if seconds < 100:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min {seconds % 60} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def prompt(card: OpenCard, columns: int) -> Text:
    """What the field asks, and which field and line it is."""
    field = card.current
    where = f"field {card.field + 1} of {len(card.fields)}"
    if len(field.lines) > 1:
        where += f" · line {card.line + 1} of {len(field.lines)}"
    elif field.as_one and field.reading and len(field.reading.lines) > 1:
        where += " · as one text"
    return _ends(Text(for_a_terminal(field.note.prompt or field.note.name), BOLD), Text(where, QUIET), columns, PLAIN)


def suggestions(card: OpenCard) -> Text:
    """What else the word under the cursor may be, each with its key; they can be clicked on."""
    text = Text(no_wrap=True, overflow="ellipsis")
    found = card.suggestions
    if found and not card.offers:
        text.append("Esc ", BOLD)
    for number, one in enumerate(found, start=1):
        text.append(f"{number} ", BOLD + _does(f"suggestion_{number}"))
        text.append(for_a_terminal(one.text), _does(f"suggestion_{number}"))
        text.append(f" ({one.source})   " if one.source else "   ", QUIET)
    return text


def remarks(found: Sequence[Remark]) -> Text:
    """A line each."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for number, remark in enumerate(found):
        text.append("\n" if number else "")
        text.append(for_a_terminal(remark.text), BOLD if remark.is_urgent else Style(italic=True))
        for key, name in remark.keys:
            text.append(f"   {key} ", BOLD).append(name, QUIET)
    return text


def whole_card(card: OpenCard, *, wrapped: bool = False) -> Table:
    """Every field with its text, the current one set off; a line each, unless long ones are to be wrapped."""
    table = Table.grid(expand=True, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=not wrapped, overflow="fold" if wrapped else "ellipsis", ratio=1)
    for number, field in enumerate(card.fields):
        text = for_a_terminal(field.text.replace("\n", " ¶ "))
        table.add_row(Text(for_a_terminal(field.note.name)), Text(text), style=BOLD if number == card.field else QUIET)
    return table


def notice(session: Session, *, is_cut_short: bool) -> Text:
    """What there is to say: trouble first, then what just happened, else what is still to look at."""
    if session.lost:
        text = Text("somebody else has this card now; what you typed is kept. Esc n goes on to the next", TROUBLE)
    elif session.draft_unsaved:
        kept = "a copy is kept" if session.draft_copy else "leave this window open"
        text = Text(f"not saved yet, {kept}: {for_a_terminal(session.draft_unsaved)}", TROUBLE)
    elif session.notice:
        text = Text(for_a_terminal(session.notice), TROUBLE if session.refused else Style(italic=True))
    elif session.card is not None and session.card.unvisited:
        number = len(session.card.unvisited)
        text = Text(f"{number} doubtful {'place' if number == 1 else 'places'} to look at", QUIET)
    else:
        text = Text("")
    if session.card is not None and session.card.queued.attached and not (session.lost or session.draft_unsaved):
        text = Text(f"{said_of(session.card)} (Esc t)", BOLD).append(" · " if text else "").append_text(text)
    if is_cut_short:
        between = " · " if text else ""
        text.append(f"{between}the line goes on (End)", QUIET)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def keys(steps: Sequence[tuple[str, str, str]]) -> Text:
    """Key, name and step of each; they can be clicked on."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for key, name, step in steps:
        text.append(f"{key} ", BOLD + _does(step)).append(f"{name}  ", QUIET + _does(step))
    return text


def _does(step: str) -> Style:
    """Makes a text do a step of the screen's when it is clicked on."""
    return Style.from_meta({"@click": f"screen.do('{step}')"}) if step else PLAIN


def no_card(progress: Progress | None, cannot_ask: str) -> Text:
    """What stands there with no card open: nothing is left, or the workspace cannot be asked, and why."""
    if cannot_ask:
        text = Text("It is not known whether another card waits.\n\n", BOLD).append(for_a_terminal(cannot_ask), PLAIN)
        return text.append("\n\nEnter asks again · Esc q leaves", QUIET)
    text = Text("Nothing left to review.\n\n", BOLD)
    if progress is not None:
        counts = [f"{progress.done} done in this sitting"]
        if progress.pace:
            counts[0] += f", {spoken(progress.pace)} a card"
        if progress.held_by_others:
            counts.append(for_a_terminal(with_others(progress)))
        if progress.set_aside:
            counts.append(f"{progress.set_aside} set aside for somebody else")
        if progress.left:
            counts.append(f"{progress.left} left for later")
        if progress.second_looks:
            counts.append(f"{progress.second_looks} of them second looks")
        text.append(" · ".join(counts), PLAIN)
    ways = "\n\nEsc u takes back your last decision · Esc p goes back to the card before · Esc q leaves"
    return text.append(ways, QUIET)


def with_others(progress: Progress) -> str:
    """How many cards lie before others, and before whom."""
    said = f"{progress.held_by_others} with other reviewers"
    who = ", ".join(f"{name} {number}" for name, number in progress.holders.items())
    return f"{said} ({who})" if who else said


def _ends(left: Text, right: Text, columns: int, style: Style) -> Text:
    """Two texts at the ends of a line of that many columns, margins included; the left one gives way."""
    room = max(1, columns - 2 * MARGIN - right.cell_len - 2)
    left = left.copy()
    left.truncate(room, overflow="ellipsis", pad=True)
    return Text.assemble(left, "  ", right, style=style, no_wrap=True, overflow="ellipsis")


def sentence(words: str) -> str:
    """The words with a capital to begin with, unless they begin with an address."""
    return words if "://" in words.split(" ")[0] else f"{words[:1].upper()}{words[1:]}"
