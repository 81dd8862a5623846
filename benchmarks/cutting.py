"""What cutting and cleaning cost: paragraphs against their lines, harder ones too, and lines over print.

    python benchmarks/cutting.py --lines lines.tsv --pages pages.tsv [--every 1]

The sets are those of `reading.py`. Every row is read by the same recogniser, without decoding; the last column is the
difference to the same lines read singly on clean paper. At the end the time of cleaning and cutting, as a share of the
recogniser's on the same lines. With `--every n` paragraphs of every nth writer, and every nth line over print.
"""

import argparse
import csv
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks.conditions import PARAGRAPHS, SIZES, Written, stacked
from benchmarks.ruled import PAPERS, written_on
from scan_ingest.domain.accuracy import NO_ERRORS, character_errors
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.pipeline.pool import one_thread
from scan_ingest.recognisers.ppocr import pp_ocrv6
from scan_ingest.stages import lines
from scan_ingest.stages.ink import clean

Cut = Callable[[GreyImage], FieldCrop]


class Clock:
    """Seconds spent on cleaning and cutting, and on recognising."""

    def __init__(self) -> None:
        self.cutting = self.recognising = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, required=True, help="a set of written lines")
    parser.add_argument("--pages", type=Path, required=True, help="a set of written paragraphs by the same people")
    parser.add_argument("--every", type=int, default=1, help="take every nth writer and line")
    arguments = parser.parse_args()
    one_thread()
    recogniser, clock = pp_ocrv6(), Clock()
    all_lines = list(written(arguments.lines))
    pages = list(written(arguments.pages))[:: arguments.every]
    writers = {page.writer for page in pages}
    theirs = [line for line in all_lines if line.writer in writers]

    def rate(items: Iterable[Written], cut: Cut = paragraph) -> float:
        errors = NO_ERRORS
        for item in items:
            start = time.perf_counter()
            crop = cut(item.picture)
            between = time.perf_counter()
            read = " ".join(line.text for line in recogniser(crop))
            clock.cutting += between - start
            clock.recognising += time.perf_counter() - between
            errors += character_errors(item.text, read)
        return 100 * errors.rate

    print(f"\nCER of {len(pages)} paragraphs, and what it costs over their {len(theirs)} lines\n")
    singly = row("lines, singly", rate(theirs, one_line))
    row("paragraphs", rate(pages), singly)
    for name, change in PARAGRAPHS.items():
        row(name, rate(changed(pages, change)), singly)
    for name, change in SIZES.items():
        row(name, rate(changed(pages, change)), row(f"{name}, lines", rate(changed(theirs, change), one_line)))
    for spacing in (1.0, 0.8):
        row(f"lines at {spacing:.0%} spacing", rate(stacked(theirs, pages, spacing)), singly)
    print(f"\ncleaning and cutting take {clock.cutting / clock.recognising:.2f} of the recogniser's time")
    over_print = all_lines[:: arguments.every]
    print(f"\nCER of {len(over_print)} lines printed under, scanned askew and cleaned\n")
    plain: float | None = None  # the first row's
    for name, paper in PAPERS.items():
        errors = NO_ERRORS
        for seed, line in enumerate(over_print):
            picture, reference = written_on(line.picture, paper, seed)
            read = " ".join(found.text for found in recogniser(one_line(picture, reference)))
            errors += character_errors(line.text, read)
        rate_here = row(name, 100 * errors.rate, plain)
        plain = rate_here if plain is None else plain


def row(name: str, rate: float, against: float | None = None) -> float:
    print(f"{name:26}{rate:8.2f}" + ("" if against is None else f"{rate - against:+8.2f}"), flush=True)
    return rate


def written(file: Path) -> Iterator[Written]:
    """A set: picture path, writer, text. Ends the program where a picture is missing."""
    with file.open(encoding="utf-8", newline="") as rows:
        for path, writer, text in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            picture = cv2.imread(str(file.parent / path), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                raise SystemExit(f"{file}: {path} is not there or is no picture")
            yield Written(np.asarray(picture, dtype=np.uint8), writer, text)


def changed(items: Iterable[Written], change: Callable[[GreyImage], GreyImage]) -> Iterator[Written]:
    for item in items:
        yield Written(change(item.picture), item.writer, item.text)


def paragraph(picture: GreyImage, reference: GreyImage | None = None) -> FieldCrop:
    """A whole field, cleaned of the blank side's print and cut into lines."""
    height, width = picture.shape
    box = BoxMm(0, 0, width / SIDE_PX_PER_MM, height / SIDE_PX_PER_MM)
    side = clean(picture, np.full_like(picture, 255) if reference is None else reference)
    field = Field("action", "front", FieldKind.TEXT, box)
    return FieldCrop(field, picture, side.clean, side.ink, box, lines.cut(side.clean, side.ink, box))


def one_line(picture: GreyImage, reference: GreyImage | None = None) -> FieldCrop:
    """A picture that is known to hold one line: trimmed, not cut."""
    crop = paragraph(picture, reference)
    whole = lines.trimmed(crop.clean, crop.ink, crop.box_mm)
    return FieldCrop(crop.field, picture, crop.clean, crop.ink, crop.box_mm, (whole,) if whole else ())


if __name__ == "__main__":
    main()
