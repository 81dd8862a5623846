"""`scan-ingest quality`: how good accepted texts are, by the cards that were looked at twice."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, open_the_workspace
from scan_ingest.domain.card import CardState
from scan_ingest.domain.text import for_a_terminal

if TYPE_CHECKING:
    from scan_ingest.domain.ratio import Ratio
    from scan_ingest.quality import Quality, Share

NOTHING_YET = (
    "No card was keyed by a second person yet. `second_look_percent` under [review] in scan_ingest.toml says how many "
    "in a hundred are; the review offers them to whoever did not accept them."
)


def quality(
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """How much is wrong in accepted texts, estimated from the cards that a second person keyed without seeing any text.

    Agreement and error between the two by field, and what is left in accepted texts, with intervals of 95 %. Errors
    that both made alike are not seen.
    """
    from scan_ingest.quality import quality as figures_of

    with open_the_workspace(current_settings()) as workspace:
        figures = figures_of(workspace.looked_at_twice())
        waiting = len(workspace.held_cards()) - figures.open
        in_states = [summary.cards for summary in workspace.batches()]
    accepted = sum(cards[CardState.ACCEPTED] + cards[CardState.MERGED] for cards in in_states)
    if as_json:
        print(json.dumps(as_document(figures, accepted, waiting)))
    else:
        print_quality(figures, accepted, waiting)


def as_document(figures: "Quality", accepted: int, waiting: int) -> dict[str, Any]:
    """The figures as JSON: rates are shares of 1, intervals [from, to]."""
    return {
        "accepted": accepted,
        "keyed_twice": figures.cards,
        "waiting": waiting,
        "open": figures.open,
        "rejected": figures.rejected,
        "cards_alike": _share(figures.alike),
        "fields": {
            name: {
                "alike": _share(field.alike),
                "cer": None if field.characters is None else _ratio(field.characters),
                "wer": None if field.words is None else _ratio(field.words),
            }
            for name, field in figures.fields.items()
        },
        "left": {
            "cer": _ratio(figures.characters_left),
            "wer": _ratio(figures.words_left),
            "cards": _share(figures.cards_left),
        },
    }


def _share(share: "Share") -> dict[str, Any]:
    return {"part": share.part, "of": share.of, "share": share.value, "interval": share.interval()}


def _ratio(ratio: "Ratio") -> dict[str, Any]:
    from scan_ingest.quality import interval_of

    return {"rate": ratio.value, "interval": interval_of(ratio), "cards": ratio.cards}


def print_quality(figures: "Quality", accepted: int, waiting: int) -> None:
    from scan_ingest.quality import interval_of

    print(f"{accepted} cards accepted, {figures.cards} keyed by a second person, {waiting} wait for one")
    if not figures.cards:
        print(NOTHING_YET)
        return
    print(
        f"{figures.alike.part} typed alike, {figures.cards - figures.alike.part} otherwise: "
        f"{figures.open} wait for a third person, {figures.rejected} rejected after all\n"
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("between the two, by field", overflow="fold")
    for name in ("alike", "characters differ", "words differ"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, field in figures.fields.items():
        rates = [_percent(ratio.value) if ratio else "" for ratio in (field.characters, field.words)]
        table.add_row(for_a_terminal(name), f"{field.alike.part} of {field.alike.of}", *rates)
    Console(highlight=False, markup=False).print(table)
    print("\nLeft in accepted texts, 95 % interval:")
    for what, value, interval in (
        ("wrong characters", figures.characters_left.value, interval_of(figures.characters_left)),
        ("wrong words", figures.words_left.value, interval_of(figures.words_left)),
        ("cards with anything wrong", figures.cards_left.value, figures.cards_left.interval()),
    ):
        print(f"  {what:<26}{_percent(value):>7}   {_from_to(interval)}")


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _from_to(interval: tuple[float, float] | None) -> str:
    return "too few cards for an interval" if interval is None else " to ".join(map(_percent, interval))
