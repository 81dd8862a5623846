"""Where cards are found on hard pages: kinds of damage × placed, refused, wrong; residuals, corners, seconds a page.

    python benchmarks/placing.py [--pages 2000] [--jobs 2] [--seed 1] [--first 0] [--kind WORDS] [--reasons] [--speed]

The pages are drawn (`tests/drawing/hard_pages.py`) from the two cards that ship and four others, so it is known where
everything lies. *placed*: every card on the page, and nothing else, no corner off by more than 1 mm. *refused*:
something on it was not placed, or nothing at all. *wrong*: a side that is not there, or a corner further off; of the
kinds that must be refused, any card that is not wholly to be seen. *unseen*, of the refused: a card was missed without
a word, and the page passes for a card by the others on it. `--speed` prints instead what placing costs beside
reading the same cards, and with 2, 8 and 32 sides to choose from. Residuals and corners are in millimetres.
"""

import argparse
import collections
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.template import Template
from scan_ingest.pipeline import walk
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import PreparedTemplates, prepare
from scan_ingest.templates import load_templates, shipped_templates
from tests.drawing.designs import designs, invented
from tests.drawing.hard_pages import KINDS, REFUSED, hard_page
from tests.drawing.judged import Judged, as_page, judge

# -- the table ---------------------------------------------------------------------------------------------------------


@cache
def known() -> tuple[Template, ...]:
    return (*load_templates(shipped_templates()), *designs().values())


@cache
def ready() -> PreparedTemplates:
    return prepare(known())


def try_page(seed: int, number: int) -> tuple[Judged, float]:
    """What became of the page, and the processor seconds it took."""
    one_thread()
    page, prepared = hard_page(known(), seed, number), ready()
    began = time.thread_time()
    placing = place(as_page(page), prepared)
    seconds = time.thread_time() - began
    return judge(page, placing), seconds


def try_pages(seed: int, numbers: Sequence[int], jobs: int) -> Iterable[tuple[Judged, float]]:
    one_thread()  # what the workers inherit
    if jobs == 1:
        yield from (try_page(seed, number) for number in numbers)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(try_page, [seed] * len(numbers), numbers, chunksize=4)


def table(timed: Sequence[tuple[Judged, float]]) -> str:
    by_kind: Mapping[str, list[tuple[Judged, float]]] = collections.defaultdict(list)
    for one, seconds in timed:
        by_kind[one.kind].append((one, seconds))
    heads = f"{'pages':>6} {'placed':>7} {'refused':>8} {'unseen':>7} {'wrong':>6} {'residual':>9} {'worst':>6}"
    heads += f" {'corner':>7} {'s/page':>7}"
    lines = [f"{'damage':28} {heads}"]
    good = [pair for pair in timed if pair[0].kind not in REFUSED]
    lines += [row(kind, by_kind[kind]) for kind in KINDS if kind in by_kind]
    lines.append(row("all that must be placed", good))
    lines.append(row("all that must be refused", [pair for pair in timed if pair[0].kind in REFUSED]))
    return "\n".join(lines)


def row(name: str, timed: Sequence[tuple[Judged, float]]) -> str:
    judged = [one for one, _ in timed]
    became = collections.Counter(one.became for one in judged)
    residuals = [value for one in judged if one.became == "placed" for value in one.residuals_mm]
    corners = [value for one in judged for value in one.corners_mm]
    seconds = statistics.mean(seconds for _, seconds in timed) if timed else 0.0
    return (
        f"{name:28} {len(judged):6} {became['placed']:7} {became['refused']:8} "
        f"{sum(one.unseen for one in judged):7} {became['wrong']:6} "
        f"{statistics.median(residuals) if residuals else 0:9.2f} {max(residuals, default=0):6.2f} "
        f"{max(corners, default=0):7.2f} {seconds:7.2f}"
    )


# -- speed -------------------------------------------------------------------------------------------------------------


def speed(seed: int, pages: int) -> None:
    """Placing beside reading the same cards in turn, and with more and more sides to choose from; processor time."""
    one_thread()
    reader = make_reader(shipped_templates())
    shipped = tuple(reader.templates.values())
    plain = [number for number in range(len(KINDS) * pages) if list(KINDS)[number % len(KINDS)].startswith("tinted")]
    drawn = [as_page(hard_page(shipped, seed, number)) for number in plain[:pages]]
    everything = (*shipped, *designs().values(), *(invented(number) for number in range(25)))
    sides = [(template, side.name) for template in everything for side in template.sides]
    choices = {count: prepare(tuple(dict.fromkeys(template for template, _ in sides[:count]))) for count in (2, 8, 32)}
    four = prepare((*shipped, next(iter(designs().values()))))
    walk.read_page(drawn[0], reader)  # the first call loads libraries
    spent: dict[str, float] = collections.defaultdict(float)

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        own, others = time.process_time(), _of_others()
        yield
        spent[what] += time.process_time() - own
        spent[f"{what}, others"] += _of_others() - others

    for page in drawn:
        for count, prepared in choices.items():
            with timed(f"{count} sides"):
                place(page, prepared)
        with timed("placing"):
            placing = place(page, four)
        with timed("reading"):
            for number, placement in enumerate(placing.placements, 1):
                walk.read_side(page, placement, number, reader, walk.Watch())
    print(f"{len(drawn)} pages, processor seconds a page; what reading asks of another program, Tesseract, by itself")
    for what, seconds in spent.items():
        if seconds:
            print(f"{what:16} {seconds / len(drawn):6.3f}")
    alone = spent["placing"] / spent["reading"]
    whole = spent["placing"] / (spent["reading"] + spent["reading, others"])
    print(f"placing / reading, four sides: {whole:.2f} (goal: at most 0.33); {alone:.2f} of it without Tesseract")


def _of_others() -> float:
    """The processor seconds of the programs that this process started and that have ended."""
    now = os.times()
    return now.children_user + now.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first page")
    parser.add_argument("--kind", default="", help="only kinds with these words in their name")
    parser.add_argument("--reasons", action="store_true", help="tell of every page that did not come out as it must")
    parser.add_argument("--speed", action="store_true")
    arguments = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        one_thread()  # numpy settles its threads when it is imported: begin again, as a worker does
        os.execv(sys.executable, [sys.executable, *sys.argv])
    if arguments.speed:
        speed(arguments.seed, min(arguments.pages, 12))
        return
    kinds = list(KINDS)
    numbers = [
        number
        for number in range(arguments.first, arguments.first + arguments.pages)
        if arguments.kind in kinds[number % len(kinds)]
    ]
    timed = []
    for one, seconds in try_pages(arguments.seed, numbers, arguments.jobs):
        timed.append((one, seconds))
        expected = "refused" if one.kind in REFUSED else "placed"
        if arguments.reasons and (one.became != expected or one.kind in REFUSED):
            how = " (unmatched)" if one.unmatched else " (unseen)" if one.unseen else ""
            print(f"#{one.number} {one.kind}: {one.became}{how}: {one.why}", flush=True)
    print(table(timed))


if __name__ == "__main__":
    main()
