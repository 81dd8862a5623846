"""`scan-ingest duplicates`: nominations that may be one person's, shown with the evidence and settled by a person."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, login_name, open_the_central
from scan_ingest.domain.duplicates import Answer, Evidence, PossibleDuplicate
from scan_ingest.domain.nomination import Nomination
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Nominations that may be one person's: a card and the website's form.")

PairId = Annotated[str, typer.Argument(metavar="ID", help="A pair, as the list names it; its beginning is enough.")]
Reviewer = Annotated[
    str | None, typer.Option("--reviewer", metavar="NAME", help="Who settles it.", show_default="the login name")
]
AsJson = Annotated[bool, typer.Option("--json", metavar="", help="JSON lines on standard output.")]
SHOWN = ("channel", "organisation", "box", "ward", "nominee", "role", "nominator", "action", "impact", "collected_on")
LAST = ("source", "id")


@app.command("list")
def list_pairs(
    answered: Annotated[bool, typer.Option("--all", metavar="", help="Those that were settled, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """The pairs that wait for an answer, the likeliest first."""
    with open_the_central(current_settings()) as central:
        found = central.possible_duplicates(answered=answered)
        if as_json:
            for pair in found:
                print(json.dumps(pair_line(pair), ensure_ascii=False))
            return
        table = Table(box=None, pad_edge=False)
        table.add_column("pair", no_wrap=True, min_width=10)
        table.add_column("score", no_wrap=True, justify="right", min_width=5)
        for name in ("nominees", "came from", "settled"):
            table.add_column(name, overflow="fold")
        waiting = 0
        for pair in found:
            waiting += pair.answer is None
            table.add_row(*map(for_a_terminal, (pair.id, f"{pair.proposal.score:.2f}")), *_cells(pair))
    if table.row_count:
        Console(highlight=False, markup=False).print(table)
    print(f"{waiting} to settle{': scan-ingest duplicates show ID' if waiting else ''}")


def _cells(pair: PossibleDuplicate) -> tuple[str, ...]:
    names = dict.fromkeys(nomination.nominee or "(nobody named)" for nomination in (pair.first, pair.second))
    sources = [f"{nomination.channel} {nomination.source}" for nomination in (pair.first, pair.second)]
    settled = f"{pair.answer}, {pair.answered_by}" if pair.answer else ""
    return tuple("\n".join(map(for_a_terminal, lines)) for lines in (names, sources, [settled]))


def pair_line(pair: PossibleDuplicate) -> dict[str, object]:
    """A pair as a line of JSON, without the nominations' texts."""
    at = pair.answered_at
    return {
        "id": pair.id,
        "score": pair.proposal.score,
        "nominations": [pair.first.id, pair.second.id],
        "channels": [pair.first.channel.value, pair.second.channel.value],
        "sources": [pair.first.source, pair.second.source],
        "organisation": pair.first.organisation,
        "evidence": pair.proposal.evidence.to_json(),
        "answer": pair.answer.value if pair.answer else None,
        "answered_by": pair.answered_by or None,
        "answered_at": at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None,
    }


@app.command()
def show(pair_id: PairId, as_json: AsJson = False) -> None:
    """Both nominations beside each other, and what they have in common."""
    with open_the_central(current_settings()) as central:
        pair = central.possible_duplicate(pair_id)
    if as_json:
        texts = {"texts": [_texts(pair.first), _texts(pair.second)]}
        print(json.dumps(pair_line(pair) | texts, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    table.add_column("", no_wrap=True)
    for _ in range(2):
        table.add_column("", ratio=1, overflow="fold")
    both = _texts(pair.first), _texts(pair.second)
    others = sorted({*both[0], *both[1]} - {*SHOWN, *LAST})
    for name in (*SHOWN, *others, *LAST):
        cells = [nomination.get(name, "") for nomination in both]
        if any(cells):
            table.add_row(for_a_terminal(name.replace("_", " ")), *map(_lines, cells))
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print(f"\nPair {pair.id}: {pair.proposal.score:.0%} likely to be one person's")
    for line in said(pair.proposal.evidence):
        console.print(f"  {line}")
    if pair.answer:
        console.print(f"{pair.answer}, said {pair.answered_by} on {pair.answered_at:%Y-%m-%d %H:%M} UTC")
    else:
        console.print(f"scan-ingest duplicates same {pair.id}, or different {pair.id}")


def _texts(nomination: Nomination) -> dict[str, str]:
    told = {name: str(value) for name in SHOWN if (value := getattr(nomination, name))}
    return {**nomination.extra, **told, "source": nomination.source, "id": nomination.id}


def _lines(text: str) -> str:
    """The text with its line feeds, harmless to draw."""
    return "\n".join(map(for_a_terminal, text.split("\n")))


def said(evidence: Evidence) -> list[str]:
    """The evidence in words."""
    named = {"nominee": evidence.nominee, "ward": evidence.ward}
    lines = [
        f"{name}: {'one of them names none' if alike is None else f'{alike:.0%} alike'}"
        for name, alike in named.items()
    ]
    lines.append(f"of what the shorter one tells the other tells {evidence.told:.0%}")
    lines.append(f"{evidence.wording:.0%} of it in the same words in a row")
    if evidence.days is not None:
        lines.append(f"{evidence.days} day{'' if evidence.days == 1 else 's'} apart")
    lines.append(f"{'the same channel' if evidence.same_channel else 'paper and online'}, ")
    lines[-1] += f"{'the same' if evidence.same_nominator else 'another'} kind of nominator"
    return lines


@app.command()
def same(pair_id: PairId, reviewer: Reviewer = None) -> None:
    """One person's: both stay in the store, and are counted once."""
    _answer(pair_id, Answer.SAME, reviewer)


@app.command()
def different(pair_id: PairId, reviewer: Reviewer = None) -> None:
    """Two people's, or two things: they are not proposed again."""
    _answer(pair_id, Answer.DIFFERENT, reviewer)


@app.command()
def undo(pair_id: PairId, reviewer: Reviewer = None) -> None:
    """Take back what was said of a pair: it waits for an answer again."""
    _answer(pair_id, None, reviewer)


def _answer(pair_id: str, given: Answer | None, reviewer: str | None) -> None:
    person = reviewer.strip() if reviewer else login_name()
    if not person:
        raise UsageError("--reviewer: say who settles it")
    with open_the_central(current_settings()) as central:
        pair = central.answer_duplicate(pair_id, given, person)
    print(f"{pair.id}: {given or 'waits for an answer again'}")
