"""The review: keys a card, errors missed, and how long a key takes to the screen.

    python benchmarks/review.py [--lines lines.tsv --pages pages.tsv --every 8] [--postgresql] [--quick]

A reviewer who knows the truth works the real screen through its keys, on the sample batch and, with `--lines` and
`--pages`, on A5 cards filled with the lines of every nth writer: once reading every line, once looking only at
flagged words. Then the program runs in a pseudo-terminal of its own: a key's time goes from its byte to the last byte
of what it draws, beside a bare line editor made with the same library; processor time says the same on a busy machine.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))  # the sample and PostgreSQL's helper lie beside

from benchmarks.cards import filled
from benchmarks.latency import Timed, report, timed_keys
from benchmarks.reviewer import Reviewer, Tally, Truth
from benchmarks.written import written
from scan_ingest.cli.reader import make_reader
from scan_ingest.ports.review import QueuedCard
from scan_ingest.review.app import ReviewApp
from scan_ingest.review.session import Session
from scan_ingest.templates import shipped_templates
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.picture import Manner
from scan_ingest.terminal.viewer import Viewer
from scan_ingest.workspace import open_workspace
from tests.postgres import running_postgres

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
SIZES = ((80, 24), (200, 50))
CANVAS = Canvas((Manner.BRAILLE, Manner.HALF_BLOCKS))
PROGRAM = (sys.executable, "-m", "scan_ingest")

TruthOf = Callable[[QueuedCard], Truth]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, help="a set of written lines")
    parser.add_argument("--pages", type=Path, help="a set of written paragraphs by the same people")
    parser.add_argument("--every", type=int, default=8, help="take every nth writer")
    parser.add_argument("--postgresql", action="store_true", help="time keys over PostgreSQL too")
    parser.add_argument("--quick", action="store_true", help="time keys on fewer cards, count none")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not arguments.quick:
            _report_counts(arguments, Path(folder))
        rounds = 3 if arguments.quick else 8
        _report_times("SQLite", ingested(SAMPLE, Path(folder) / "sqlite"), rounds)
        if arguments.postgresql:
            with running_postgres() as server, server.fresh_database() as url:
                address = {"SCAN_INGEST_WORKSPACE": url}
                data = ingested(SAMPLE, Path(folder) / "postgresql", address)
                _report_times("PostgreSQL", data, rounds, address)


# -- counting keys -----------------------------------------------------------------------------------------------------


def _report_counts(arguments: argparse.Namespace, folder: Path) -> None:
    print(
        f"{'':24}{'cards':>6}{'keys/card':>11}{'typed':>8}{'share':>7}{'flagged':>9}{'wrong':>7}{'missed':>8}{'taken':>7}"
    )
    _count("sample batch", SAMPLE, _sample_truth(), folder)
    if arguments.lines and arguments.pages:
        truths = _fill_cards(arguments, folder / "cards")
        _count("real hands", folder / "cards", truths, folder)


def _count(name: str, scans: Path, truths: Mapping[tuple[str, int], Truth], folder: Path) -> None:
    read = ingested(scans, folder / name)
    for everywhere, way in ((True, "every line"), (False, "flagged only")):
        data = shutil.copytree(read, folder / f"{name} {way}")
        tally = asyncio.run(_reviewed(data, lambda card: truths[_first_page(card)], everywhere=everywhere))
        share = tally.missed / max(tally.wrong, 1)
        keys, typed = tally.keys / tally.cards, tally.from_scratch / tally.cards
        print(
            f"{f'{name}, {way}':24}{tally.cards:6}{keys:11.0f}{typed:8.0f}{keys / typed:7.2f}"
            f"{tally.flagged / tally.words:9.1%}{tally.wrong:7}{share:8.1%}{tally.taken:7}",
            flush=True,
        )


async def _reviewed(data: Path, truth_of: TruthOf, *, everywhere: bool) -> Tally:
    with open_workspace(None, data, create=False) as workspace:
        session = Session(workspace, "simulated", lease=timedelta(hours=1))
        session.start()
        app = ReviewApp(session, CANVAS, Viewer({}, "linux"))
        async with app.run_test(size=SIZES[0]) as pilot:
            await pilot.pause()
            tally = await Reviewer(pilot, session, truth_of, everywhere=everywhere).work()
        session.close()
    return tally


def _first_page(card: QueuedCard) -> tuple[str, int]:
    ref = card.pages[0].ref
    return ref.file_name, ref.number


def _sample_truth() -> dict[tuple[str, int], Truth]:
    lines = (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    cards = [json.loads(line) for line in lines]
    return {(card["pages"][0]["file"], card["pages"][0]["page"]): card["fields"] for card in cards}


def _fill_cards(arguments: argparse.Namespace, folder: Path) -> dict[tuple[str, int], Truth]:
    """An A5 card of every nth writer as a picture in the folder; what each says."""
    folder.mkdir()
    truths: dict[tuple[str, int], Truth] = {}
    reader = make_reader(shipped_templates())
    pages = list(written(arguments.pages))[:: arguments.every]
    for number, card in enumerate(filled(list(written(arguments.lines)), pages, reader)):
        if card.template_id == "nomination-a5":  # the A6 card's back alone is no card
            name = f"card{number:03d}.png"
            Image.fromarray(card.page.image).save(folder / name, dpi=(card.page.dpi or 200,) * 2)
            truths[name, 1] = card.texts
    return truths


# -- timing keys -------------------------------------------------------------------------------------------------------


def _report_times(store: str, data: Path, rounds: int, environment: Mapping[str, str] | None = None) -> None:
    for size in SIZES:
        command = (*PROGRAM, "--data", str(data), "review", "--reviewer", f"timed at {size[0]}")
        found: list[Timed] = timed_keys(command, size, rounds, {**(environment or {}), "PYTHONPATH": str(ROOT)})
        print(f"\n{store}, {size[0]} × {size[1]}")
        report(found, size)


def ingested(scans: Path, data: Path, environment: Mapping[str, str] | None = None) -> Path:
    """A data folder with those scans in it."""
    files = sorted(path for path in scans.iterdir() if path.suffix not in (".json", ".jsonl"))
    command = [*PROGRAM, "--data", str(data), "ingest", *map(str, files), "--organisation", "O", "--ward", "W"]
    variables = {**os.environ, **(environment or {}), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 10):  # 10: some pages need a person, as they should
        raise SystemExit(done.stderr)
    return data


if __name__ == "__main__":
    main()
