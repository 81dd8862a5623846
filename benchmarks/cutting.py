"""What cutting and cleaning cost: paragraphs against their lines, harder ones too, and lines over print.

    python benchmarks/cutting.py --lines lines.tsv --pages pages.tsv [--every 1]

The sets are those of `reading.py`. Every row is read by the same recogniser, as it sees it and decoded; behind each
rate the difference to the same lines read singly on clean paper. With `--every n` paragraphs of every nth writer, and
every nth line over print.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks.conditions import PARAGRAPHS, SIZES, stacked
from benchmarks.ruled import PAPERS, written_on
from benchmarks.written import Written, one_line, paragraph, written
from scan_ingest.domain.accuracy import NO_ERRORS, character_errors
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.ppocr import seeing

Rates = tuple[float, float]
"""CER in percent, as the recogniser sees it and decoded."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, required=True, help="a set of written lines")
    parser.add_argument("--pages", type=Path, required=True, help="a set of written paragraphs by the same people")
    parser.add_argument("--every", type=int, default=1, help="take every nth writer and line")
    arguments = parser.parse_args()
    one_thread()
    recogniser = RECOGNISERS["pp-ocrv6"]()
    lines, pages = list(written(arguments.lines)), list(written(arguments.pages))[:: arguments.every]
    singly = paragraphs(lines, pages, recogniser)
    conditions(lines, pages, recogniser, singly)
    ruled(lines[:: arguments.every], recogniser)
    speed(pages)


def paragraphs(lines: Sequence[Written], pages: Sequence[Written], recogniser: Recogniser) -> Rates:
    """Prints the rates of paragraphs beside those of their lines, which it returns."""
    theirs = of_writers(lines, pages)
    print(f"\nCER of {len(pages)} paragraphs cut by the pipeline, and what it costs over their {len(theirs)} lines\n")
    singly = row("lines, singly", rates(recogniser, theirs, one_line))
    row("paragraphs", rates(recogniser, pages), singly)
    return singly


def conditions(
    lines: Sequence[Written], pages: Sequence[Written], recogniser: Recogniser, singly: Rates | None = None
) -> None:
    """Prints the rates of paragraphs made harder."""
    theirs = of_writers(lines, pages)
    print(f"\nCER of {len(pages)} paragraphs made harder, and what that costs over the same lines singly\n")
    singly = singly or row("lines, singly", rates(recogniser, theirs, one_line))
    for name, change in PARAGRAPHS.items():
        row(name, rates(recogniser, changed(pages, change)), singly)
    for name, change in SIZES.items():
        alone = row(f"{name}, lines", rates(recogniser, changed(theirs, change), one_line))
        row(name, rates(recogniser, changed(pages, change)), alone)
    for spacing in (1.0, 0.8):
        row(f"lines at {spacing:.0%} spacing", rates(recogniser, stacked(theirs, pages, spacing)), singly)


def ruled(lines: Sequence[Written], recogniser: Recogniser) -> None:
    """Prints the rates of lines with print under them."""
    print(f"\nCER of {len(lines)} lines printed under, scanned askew and cleaned\n")
    plain: Rates | None = None  # the first row's
    for name, paper in PAPERS.items():
        texts = ((line.text, one_line(*written_on(line.picture, paper, seed))) for seed, line in enumerate(lines))
        here = row(name, rates_of(recogniser, texts), plain)
        plain = plain or here


def speed(pages: Sequence[Written]) -> None:
    """Prints what cleaning, cutting and decoding paragraphs take beside recognising their lines."""
    see, decode, clock = seeing(), make_decoder(), time.thread_time
    cutting = recognising = decoding = 0.0
    for page in pages:
        start = clock()
        crop = paragraph(page.picture)
        cut = clock()
        frames = [see(line) for line in crop.lines]
        seen = clock()
        for one in frames:
            decode(one)
        cutting, recognising, decoding = cutting + cut - start, recognising + seen - cut, decoding + clock() - seen
    print(f"\nshare of the bare recogniser's time on the same {len(pages)} paragraphs\n")
    for name, seconds in (("clean and cut", cutting), ("decode", decoding), ("together", cutting + decoding)):
        print(f"{name:26}{seconds / recognising:8.2f}")


def rates(recogniser: Recogniser, items: Iterable[Written], cut: Callable[[GreyImage], FieldCrop] = paragraph) -> Rates:
    return rates_of(recogniser, ((item.text, cut(item.picture)) for item in items))


def rates_of(recogniser: Recogniser, texts: Iterable[tuple[str, FieldCrop]]) -> Rates:
    raw = decoded = NO_ERRORS
    for true, crop in texts:
        found = recogniser(crop)
        raw += character_errors(true, " ".join(line.raw for line in found))
        decoded += character_errors(true, " ".join(line.text for line in found))
    return 100 * raw.rate, 100 * decoded.rate


def row(name: str, found: Rates, against: Rates | None = None) -> Rates:
    pairs = zip(found, against or (None, None), strict=True)
    shown = (f"{rate:8.2f}" + (" " * 8 if other is None else f"{rate - other:+8.2f}") for rate, other in pairs)
    print(f"{name:26}{''.join(shown)}", flush=True)
    return found


def of_writers(lines: Sequence[Written], pages: Sequence[Written]) -> list[Written]:
    writers = {page.writer for page in pages}
    return [line for line in lines if line.writer in writers]


def changed(items: Iterable[Written], change: Callable[[GreyImage], GreyImage]) -> Iterator[Written]:
    for item in items:
        yield Written(change(item.picture), item.writer, item.text, item.source)


if __name__ == "__main__":
    main()
