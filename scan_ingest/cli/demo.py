"""`scan-ingest demo`: the sample batch through the whole pipeline, in a folder of its own."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scan_ingest.cli.ingest import print_outcomes, run_ingest
from scan_ingest.cli.parts import current_settings, open_the_central, open_the_workspace
from scan_ingest.config import Settings
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, character_errors
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import InputError, StoreError
from scan_ingest.ports.review import QueuedCard

MARKER = "made by scan-ingest demo"  # a folder without this file is somebody's own and is never emptied
LEFT_TO_TRY = 5  # cards left in the queue, so that there is something to review
REVIEWER = "truth"
LEASE = timedelta(minutes=15)
ANSWERS = ("action", "impact")


def demo(
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Worker processes; as many as cores if not given.")
    ] = None,
) -> None:
    """Run the sample batch through the whole pipeline, in data/demo; each run starts afresh.

    The true texts that come with the sample play the reviewer for all cards but five, which are left for you.
    """
    from scan_ingest.templates import shipped_templates  # `--help` should not wait for OpenCV

    folder = current_settings().data / "demo"
    settings = current_settings().model_copy(
        update={"data": folder, "templates": shipped_templates(), "workspace": None, "central": None, "wards": ()}
    )
    start_afresh(folder)
    sample = sample_folder()
    scans = sorted(path for path in sample.iterdir() if path.suffix.lower() not in (".json", ".jsonl", ".md"))
    print(f"Reading the {len(scans)} files of the sample batch in {sample} …")
    label = BoxLabel("Sample Hospitals", "Ward 7", date(2026, 3, 2))
    report = run_ingest(settings, scans, label, None, [], jobs)
    print_outcomes(report)
    truth = load_truth(sample / "truth.jsonl")
    accepted, errors = review_by_truth(settings, truth)
    merged = carry_over(settings, folder / "nominations.csv")
    print_end(folder, errors, len(truth), accepted, merged)


def sample_folder() -> Path:
    """The sample batch that comes with the package (in a checkout: `data/sample`)."""
    packaged = Path(str(resources.files("scan_ingest"))) / "shipped" / "sample"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "data" / "sample"


def start_afresh(folder: Path) -> None:
    """Empties the demo's folder. Raises `StoreError` where it is not the demo's own."""
    if folder.exists():
        if not (folder / MARKER).is_file() and any(folder.iterdir()):
            raise StoreError(f"{folder}: not made by the demo, so it is left alone; name another place with --data")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    (folder / MARKER).touch(mode=0o600)


@dataclass(frozen=True)
class TrueCard:
    """A card of the sample as it was written: by the first of its pages, as `file#page`."""

    first_page: str
    fields: Mapping[str, str]


def load_truth(file: Path) -> tuple[TrueCard, ...]:
    """`truth.jsonl`, a line a card. Raises `InputError` where it is absent."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as exc:
        raise InputError(f"{file}: the sample's true texts cannot be read ({exc.strerror or exc})") from exc
    cards = [json.loads(line) for line in lines if line]
    return tuple(TrueCard(f"{c['pages'][0]['file']}#{c['pages'][0]['page']}", c["fields"]) for c in cards)


@dataclass(frozen=True)
class SampleErrors:
    answers: ErrorCount = NO_ERRORS
    short_fields: ErrorCount = NO_ERRORS
    choices_right: int = 0
    choices: int = 0
    cards: int = 0

    def with_card(self, card: QueuedCard, kinds: Mapping[str, str], truth: Mapping[str, str]) -> "SampleErrors":
        """The count with one more card."""
        answers, short, right, choices = self.answers, self.short_fields, self.choices_right, self.choices
        for name, kind in kinds.items():
            true, read = truth.get(name, ""), card.readings[name].text if name in card.readings else ""
            if kind == "choice":
                right, choices = right + (true == read), choices + 1
            elif name in ANSWERS:
                answers += character_errors(true, read)
            else:
                short += character_errors(true, read)
        return SampleErrors(answers, short, right, choices, self.cards + 1)


def review_by_truth(settings: Settings, truth: Sequence[TrueCard]) -> tuple[int, SampleErrors]:
    """Accepts all cards but the last few with their true texts; returns how many, and the errors of all readings."""
    true = {card.first_page: card.fields for card in truth}
    errors, accepted = SampleErrors(), 0
    left: list[str] = []
    with open_the_workspace(settings) as desk:
        while card := desk.claim_next(REVIEWER, LEASE, skip=left):
            texts = true.get(str(card.pages[0].ref))
            notes = desk.field_notes(card.id)
            if texts is not None:
                errors = errors.with_card(card, {note.name: note.kind for note in notes}, texts)
            if texts is None or accepted >= len(true) - LEFT_TO_TRY:
                desk.give_back(card.id, REVIEWER)
                left.append(card.id)
                continue
            whole = {note.name: texts.get(note.name, "") for note in notes}
            desk.decide(Review(card.id, Decision.ACCEPT, REVIEWER, datetime.now(UTC), texts=whole))
            accepted += 1
    return accepted, errors


def carry_over(settings: Settings, file: Path) -> int:
    """Merges what was accepted and exports it; returns the number of nominations."""
    from scan_ingest.export import export_nominations  # pandas is slow to import
    from scan_ingest.merge import merge

    with open_the_workspace(settings) as workspace, open_the_central(settings) as central:
        merge(workspace, central)
        return export_nominations(central.nominations(), file).number


def print_end(folder: Path, errors: SampleErrors, cards: int, accepted: int, merged: int) -> None:
    """What happened, and the next commands to type."""
    table = Table("the sample batch", "", box=None, pad_edge=False)
    table.add_row("cards found, of those in the box", f"{errors.cards} of {cards}")
    table.add_row("character errors in the two answers", f"{errors.answers.rate:.1%}")
    table.add_row("character errors in short fields", f"{errors.short_fields.rate:.1%}")
    table.add_row("ticks read right", f"{errors.choices_right} of {errors.choices}")
    table.add_row("accepted by the true texts", str(accepted))
    table.add_row("left for you to review", str(errors.cards - accepted))
    table.add_row("nominations in the store", str(merged))
    console = Console(highlight=False)
    console.print()
    console.print(table)
    console.print(f"\nExported to {folder / 'nominations.csv'}. Next, try:\n", markup=False)
    for command, what in (
        ("batches", "what was ingested"),
        ("pages b0001", "every page with its outcome and why"),
        ("review", "correct the cards that are left"),
        ("merge", "carry them into the nominations store"),
        (f"export {folder / 'nominations.xlsx'}", "and out of it again"),
    ):
        console.print(f"  scan-ingest --data {folder} {command:44} # {what}", markup=False, soft_wrap=True)
