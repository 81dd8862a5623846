"""`scan-ingest evaluate`: how well the cards were read."""

import json
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, open_the_workspace
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import InputError, UsageError

if TYPE_CHECKING:
    from scan_ingest.evaluation import Evaluation, Figures, Ratio

NAME_WIDTH = 22  # characters of 80
ROWS = 12  # wards of a group that the table shows; the document has all


def evaluate(
    batch: Annotated[str | None, typer.Option("--batch", metavar="BATCH", help="Only this batch, as b0001.")] = None,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.svg|.png", help="Draw the calibration and the error by day of review."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Tell how well the cards were read, by the texts that reviewers accepted.

    Errors of characters and words, as the recogniser saw them (raw) and as decoded; whether the confidences can be
    believed; how much reviewers had to change; and how many wrong words nothing pointed at. Intervals hold the true
    rate 95 times in 100. No text of any card is shown.
    """
    from scan_ingest.evaluation import evaluate as evaluate_cards  # `--help` should not wait for Pillow

    if picture is not None and picture.suffix.lower() not in (".svg", ".png"):
        raise UsageError(f"{picture}: the picture is an SVG or a PNG; name a file that ends in .svg or .png")
    with open_the_workspace(current_settings()) as workspace:
        found = evaluate_cards(workspace.reviewed_cards(batch))
    if as_json:
        print(json.dumps(as_document(found), ensure_ascii=False))
    elif found.cards:
        print_tables(found)
    else:
        print("Nothing to evaluate yet: no card was accepted. scan-ingest review is where that happens.")
    if picture is not None and found.cards:
        draw(found, picture)
        if not as_json:
            print(f"\nDrawn in {for_a_terminal(str(picture))}")


def draw(found: "Evaluation", file: Path) -> None:
    """Writes the picture. Raises `InputError` where that cannot be done."""
    from scan_ingest.evaluation.drawing import as_png, as_svg
    from scan_ingest.evaluation.picture import HEIGHT, WIDTH, shapes

    drawn = (as_svg if file.suffix.lower() == ".svg" else as_png)(shapes(found), WIDTH, HEIGHT)
    try:
        file.write_bytes(drawn)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written ({exc.strerror or exc})") from exc


# -- a document --------------------------------------------------------------------------------------------------------


def as_document(found: "Evaluation") -> dict[str, object]:
    """The evaluation as JSON: rates 0 to 1, each with its interval where there are cards enough, else null."""
    return {
        "cards": found.cards,
        "cards_unchanged": found.unchanged_cards,
        "characters": found.characters,
        "words": found.words,
        "first_day": found.first_day.isoformat() if found.first_day else None,
        "last_day": found.last_day.isoformat() if found.last_day else None,
        "total": _figures(found.total),
        "by": {
            by.name.lower(): {name: _figures(figures) for name, figures in sorted(groups.items())}
            for by, groups in found.groups.items()
        },
        "calibration": {
            "expected_calibration_error": _rounded(found.calibration_error),
            "bins": [
                {
                    "from": bin_.low,
                    "to": bin_.high,
                    "words": bin_.words,
                    "confidence": _rounded(bin_.said),
                    "right": _rounded(bin_.observed),
                }
                for bin_ in found.bins
            ],
        },
    }


def _figures(figures: "Figures") -> dict[str, object]:
    return {
        measure.value: {
            "rate": _rounded(ratio.value),
            "interval": [round(end, 5) for end in interval] if (interval := ratio.interval()) else None,
            "count": _count(ratio.top),
            "of": _count(ratio.bottom),
            "cards": ratio.cards,
        }
        for measure, ratio in figures.items()
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)


def _count(value: float) -> int:
    return round(value)


# -- tables ------------------------------------------------------------------------------------------------------------


def print_tables(found: "Evaluation") -> None:
    """For a person, in 80 columns."""
    console = Console(highlight=False, markup=False)
    days = found.first_day if found.first_day == found.last_day else f"{found.first_day} to {found.last_day}"
    cards = f"{found.cards} accepted card{'s' * (found.cards != 1)}"
    print(f"{cards}, {found.words:,} words in text fields, reviewed {days}\n")
    console.print(_summary(found))
    console.print()
    console.print(_groups(found))
    console.print()
    if found.calibration_error is not None:
        print(f"Are words as often right as they claim? Expected calibration error {found.calibration_error:.3f}\n")
        console.print(_believed(found))


def _summary(found: "Evaluation") -> Table:
    from scan_ingest.evaluation import Measure

    table = Table("", "", "95 times in 100", box=None, pad_edge=False, header_style="dim")
    for name, measure, unit in (
        ("wrong characters, as the recogniser saw them", Measure.RAW_CER, 1),
        ("wrong characters, as decoded", Measure.CER, 1),
        ("wrong words, as the recogniser saw them", Measure.RAW_WER, 1),
        ("wrong words, as decoded", Measure.WER, 1),
        ("words that nobody read", Measure.MISSED, 1),
        ("choices and codes read right", Measure.TICKS, 1),
        ("words marked as doubtful", Measure.FLAGGED, 1),
        ("wrong words that nothing pointed at", Measure.UNPOINTED, 1),
        ("text fields left as they were read", Measure.UNCHANGED, 1),
        ("characters changed by reviewers per 100", Measure.EFFORT, 100),
    ):
        if (ratio := found.total.get(measure)) is not None and ratio.value is not None:
            value = f"{ratio.value:.1%}" if unit == 1 else f"{ratio.value * unit:.1f}"
            table.add_row(name, value, _interval(ratio, 100))
    table.add_row("cards accepted without a change", f"{found.unchanged_cards} of {found.cards}", "")
    table.columns[1].justify = "right"
    return table


def _groups(found: "Evaluation") -> Table:
    from scan_ingest.evaluation import Measure
    from scan_ingest.evaluation.evaluate import By

    characters = ("wrong\nchars\nraw", "\n\ndecoded", "\n\n95 in 100")
    words = ("wrong\nwords\nraw", "\n\ndecoded", "\nwords\nmarked", "wrong,\nnot\nmarked")
    names = ("\n\nper cent", "\n\ncards", *characters, *words)
    table = Table(*names, box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.columns[0].overflow = "fold"
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    measures = (Measure.RAW_WER, Measure.WER, Measure.FLAGGED, Measure.UNPOINTED)
    for by in (By.FIELD, By.TEMPLATE, By.WARD, By.ORGANISATION, By.RECOGNISER, By.MADE_BY):
        groups = sorted(found.groups[by].items(), key=lambda entry: -max(r.cards for r in entry[1].values()))
        table.add_row(by.name.lower().replace("_", " "), style="bold")
        for name, figures in groups[:ROWS]:
            cards = max(ratio.cards for ratio in figures.values())
            decoded = figures.get(Measure.CER)
            if decoded is None:  # a choice or a code: its boxes stand in the column of words
                ticks = figures[Measure.TICKS]
                wrong = f"{100 * (1 - (ticks.value or 0.0)):.1f}"
                table.add_row(_indented(f"{name} (ticks)"), str(cards), "", "", "", "", wrong, "", "")
                continue
            table.add_row(
                _indented(name),
                str(cards),
                _percent(figures, Measure.RAW_CER),
                _percent(figures, Measure.CER),
                _interval(decoded, 100),
                *(_percent(figures, measure) for measure in measures),
            )
        if len(groups) > ROWS:
            table.add_row(f"  and {len(groups) - ROWS} more (--json)")
    return table


def _indented(name: str) -> str:
    """The name of a row under its heading, what does not fit in further lines that are indented more."""
    return fill(for_a_terminal(name), NAME_WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _believed(found: "Evaluation") -> Table:
    from scan_ingest.evaluation import wilson

    names = ("confidence", "words", "claimed", "right", "95 in 100", "")
    table = Table(*names, box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:5]:
        column.justify = "right"
    for bin_ in found.bins:
        if bin_.observed is not None:
            low, high = wilson(bin_.right, bin_.words)
            reach = f"{low:.0%}–{high:.0%}"
            bar = "█" * round(20 * bin_.observed)
            steps = f"{bin_.low:.1f}–{bin_.high:.1f}"
            table.add_row(steps, str(bin_.words), f"{bin_.said:.0%}", f"{bin_.observed:.0%}", reach, bar)
    return table


def _percent(figures: "Figures", measure: object) -> str:
    ratio = figures.get(measure)  # type: ignore[call-overload]
    return f"{100 * ratio.value:.1f}" if ratio is not None and ratio.value is not None else ""


def _interval(ratio: "Ratio", scale: int) -> str:
    interval = ratio.interval()
    return f"{interval[0] * scale:.1f}–{interval[1] * scale:.1f}" if interval else "too few"
