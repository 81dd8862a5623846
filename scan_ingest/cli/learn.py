"""`scan-ingest learn`: what the accepted reviews teach, kept where it helps."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.parts import current_settings, open_the_workspace, templates_folder
from scan_ingest.config import Settings
from scan_ingest.domain.audit import Act
from scan_ingest.domain.keeping import CopyKind
from scan_ingest.domain.learned import Learned
from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import UsageError

if TYPE_CHECKING:
    from scan_ingest.learning.lessons import Lesson
    from scan_ingest.workspace import Workspace

MORE = "`learn --undo` goes back; `learn --show` says what is in force."


def learn(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Show what would be kept; keep nothing.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", metavar="", help="Go back to the version before.")] = False,
    show: Annotated[bool, typer.Option("--show", metavar="", help="What is in force, in numbers.")] = False,
    words: Annotated[
        bool, typer.Option("--words", metavar="", help="With --show: the words and names too, which come from cards.")
    ] = False,
    export_lines: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write line pictures with their corrected text, to train a recogniser."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="One JSON document on standard output.")] = False,
) -> None:
    """Learn from this site's accepted reviews, and keep only what helps.

    How far confidences can be believed, names, roles and wards that come again, and words that ordinary English lacks:
    each is learned from four fifths of the cards and tried on the others, five times over, and kept where the error
    there falls. What is kept lies in learned.json in the data folder; ingest reads by it from then on.
    """
    settings = current_settings()
    if sum((undo, show, dry_run, export_lines is not None)) > 1:
        raise UsageError("--undo, --show, --dry-run and --export-lines are one at a time")
    if words and not show:
        raise UsageError("--words goes with --show")
    if export_lines is not None:
        write_lines(settings, export_lines, as_json=as_json)
    elif undo:
        take_back(settings, as_json=as_json)
    elif show:
        show_what_is_in_force(settings, with_words=words, as_json=as_json)
    else:
        learn_now(settings, dry_run=dry_run, as_json=as_json)


# -- learning ----------------------------------------------------------------------------------------------------------


def learn_now(settings: Settings, *, dry_run: bool, as_json: bool) -> None:
    """Learns, shows the figures, and keeps what helps unless it is a dry run."""
    from scan_ingest.cli.edition import edition
    from scan_ingest.cli.reader import site_lists
    from scan_ingest.cli.reading_again import reading_again
    from scan_ingest.learning import shelf  # `--help` should not wait for numpy
    from scan_ingest.learning.learn import learn as learn_from
    from scan_ingest.learning.lessons import FEWEST_CARDS, lessons

    known = shelf.in_force(settings.data)
    with open_the_workspace(settings) as workspace:
        held = held_back(workspace, settings)
        taught = lessons((card for card in workspace.reviewed_cards() if card.id not in held), edition())
        if len(taught) < FEWEST_CARDS:
            return tell_too_few(len(taught), FEWEST_CARDS, as_json=as_json)
        with reading_again(workspace, templates_folder(settings)) as language:
            learned = learn_from(taught, site_lists(settings), language, datetime.now(UTC))
        is_new = not learned.says_the_same(known) if known else not learned.is_empty
        if is_new and not dry_run:
            shelf.keep(settings.data, learned)
            workspace.tell(Act.LEARN, {"": learned.cards})
    if as_json:
        outdated = sum(lesson.outdated for lesson in taught)
        changed = is_new and not dry_run
        print(json.dumps({**as_document(learned), "outdated_cards": outdated, "changed": changed}, ensure_ascii=False))
        return None
    print(f"{learned.cards} accepted cards. Every figure is of cards that were not learned from.\n")
    print_figures(learned)
    if waiting := told_of_editions(taught):
        print(f"\n{waiting}")
    if dry_run:
        print("\nA dry run: nothing was kept.")
    elif is_new:
        print(f"\nKept in {for_a_terminal(str(settings.data / shelf.FILE))}. ingest reads by it from now on.")
        print(MORE)
    else:
        print("\nNothing changes: what is in force says the same." if known else "\nNothing helps, so nothing is kept.")
    return None


def tell_too_few(cards: int, needed: int, *, as_json: bool) -> None:
    """Chance would decide; nothing is changed."""
    if as_json:
        print(json.dumps({"cards": cards, "needed": needed, "changed": False}))
    else:
        few = f"{cards} accepted card{'s are' if cards != 1 else ' is'}"
        print(f"{few} too few to learn from; it takes {needed}. Nothing was changed.")


def told_of_editions(taught: Sequence["Lesson"]) -> str:
    """What to do where calibration has too few cards because another edition read them; "" where it has enough."""
    from scan_ingest.learning.lessons import FEWEST_CARDS

    outdated = sum(lesson.outdated for lesson in taught)
    read = sum(bool(lesson.words) for lesson in taught)
    if not outdated or read >= FEWEST_CARDS:
        return ""
    return (
        f"Calibration waits: {outdated} of these {len(taught)} cards were read by another edition of the\n"
        "program (evaluate shows which, under `made by`), which says nothing of how far\n"
        "this one can be believed. There is nothing to repair: ingest and review new\n"
        f"cards as ever, and learn again once {FEWEST_CARDS} of them are accepted; {read} are so far.\n"
        "Names, roles, wards and words are learned from all cards."
    )


def print_figures(learned: Learned) -> None:
    """What each part does on cards it was not learned from, and whether it is kept."""
    table = Table("", "before", "after", "cards", box=None, pad_edge=False, header_style="dim")
    for column in table.columns[1:]:
        column.justify = "right"
    for part, proofs in learned.proofs.items():
        table.add_row(f"{part}: {verdict(learned, part)}", style="bold")
        for proof in proofs:
            shown = (
                f"{value:.3f}" if part == "calibration" else f"{value:.1%}" for value in (proof.before, proof.after)
            )
            table.add_row(f"  {proof.measure}", *shown, str(proof.cards))
    Console(highlight=False, markup=False).print(table)


def verdict(learned: Learned, part: str) -> str:
    """Whether that part was kept, in words."""
    counts = counted(learned)
    if not learned.proofs[part]:
        return "too little to learn from"
    if not counts[part]:
        return "left out: it does not help"
    return {
        "calibration": "kept",
        "lists": f"kept: {counts['lists']} entries",
        "vocabulary": f"kept: {counts['vocabulary']} words",
    }[part]


def counted(learned: Learned) -> dict[str, int]:
    """How much of each part is in it."""
    lists = learned.lists
    return {
        "calibration": len(learned.calibration.knots) if learned.calibration else 0,
        "lists": len(lists.staff) + len(lists.wards) + len(lists.roles),
        "vocabulary": len(learned.vocabulary),
    }


def as_document(learned: Learned) -> dict[str, object]:
    """What was learned, in numbers only."""
    counts = counted(learned)
    return {
        "made_at": learned.made_at.isoformat().replace("+00:00", "Z"),
        "cards": learned.cards,
        "parts": {
            part: {
                "kept": bool(counts[part]),
                "entries": counts[part],
                "figures": [asdict(proof) for proof in proofs],
            }
            for part, proofs in learned.proofs.items()
        },
    }


# -- what is in force --------------------------------------------------------------------------------------------------


def take_back(settings: Settings, *, as_json: bool) -> None:
    """Goes back one version."""
    from scan_ingest.learning import shelf

    now = shelf.go_back(settings.data)
    if as_json:
        print(json.dumps({"in_force": as_document(now) if now else None}))
    elif now:
        print(f"Back to what was learned on {now.made_at:%Y-%m-%d} from {now.cards} cards.")
    else:
        print("Nothing learned is in force any more: cards are read as shipped.")


def show_what_is_in_force(settings: Settings, *, with_words: bool, as_json: bool) -> None:
    """Counts, date and figures; words and names only where asked for."""
    from scan_ingest.learning import shelf

    known = shelf.in_force(settings.data)
    if as_json:
        print(json.dumps({"in_force": as_document(known) if known else None, **spelled(known, with_words)}))
        return
    if known is None:
        print("Nothing learned is in force: cards are read as shipped. scan-ingest learn changes that.")
        return
    print(f"Learned on {known.made_at:%Y-%m-%d} from {known.cards} accepted cards.\n")
    print_figures(known)
    for kind, entries in spelled(known, with_words).items():
        print(f"\n{kind}: {for_a_terminal(', '.join(entries)) or 'none'}")


def spelled(learned: Learned | None, with_words: bool) -> dict[str, list[str]]:
    """The words and entries themselves, where they are wanted."""
    if learned is None or not with_words:
        return {}
    return {
        "words": sorted(learned.vocabulary),
        "nominees": [person.name for person in learned.lists.staff],
        "roles": list(learned.lists.roles),
        "wards": list(learned.lists.wards),
    }


def held_back(workspace: "Workspace", settings: Settings) -> frozenset[str]:
    """The cards that may tell who a patient is, as long as nobody has said that they may: nothing of them goes out of
    the workspace, neither as lines nor as words that were learned."""
    from scan_ingest.cli.redaction import known_staff

    return frozenset(card.card_id for card in workspace.identities(known_staff(settings)) if card.holds)


# -- lines to train on -------------------------------------------------------------------------------------------------


def write_lines(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Line pictures with their corrected text."""
    from scan_ingest.learning.export import export_lines
    from scan_ingest.templates import load_templates

    templates = {template.id: template for template in load_templates(templates_folder(settings), ())}
    with open_the_workspace(settings) as workspace:
        held = held_back(workspace, settings)
        cards = (card for card in workspace.reviewed_cards() if card.id not in held)
        count = export_lines(cards, workspace, templates, folder)
        workspace.note_copy(CopyKind.LINES, folder)
    if as_json:
        print(json.dumps({**asdict(count), "cards_held_back": len(held)}))
        return
    print(
        f"{count.written} lines in {for_a_terminal(str(folder))}: rec_gt.txt for PaddleOCR, .gt.txt files for kraken."
    )
    print(
        f"Left out: {count.uncertain} whose part of the corrected text is uncertain, {count.not_found} not found again."
    )
    if held:
        cards_held = f"{len(held)} card{'s' * (len(held) > 1)}"
        print(f"Left out as well: {cards_held} that may tell who a patient is (scan-ingest identity list).")
    print("These are pictures and words from cards: keep them as safe as the cards, and delete them after training.")
