"""What cutting and cleaning cost: paragraphs against their lines, harder ones too, and lines over print.

    python benchmarks/cutting.py --lines lines.tsv --pages pages.tsv [--every 1]

The sets are those of `reading.py`. Every row is read by PP-OCRv6, as it sees it and decoded with weights that were
fitted on the text which the writer did not copy, and by Tesseract; behind each rate the difference to the same lines
read singly on clean paper. With `--every n` paragraphs of every nth writer, and every nth line over print.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks.conditions import PARAGRAPHS, SIZES, stacked
from benchmarks.decoding import weights_for
from benchmarks.ruled import PAPERS, Paper, written_on
from benchmarks.written import Written, one_line, paragraph, sets_asked_for
from scan_ingest.domain.accuracy import character_errors
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.ppocr import pp_ocrv6, seeing

DRAWS = 2  # of each line over print: askew another way, with other noise
COLUMNS = ("raw", "decoded", "Tesseract")

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Readers:
    """PP-OCRv6 for each text that was copied, with weights of the other, and Tesseract."""

    primaries: Mapping[str, Recogniser]
    second: Recogniser

    @classmethod
    def of(cls, items: Iterable[Written]) -> "Readers":
        see = seeing()
        sources = {item.source for item in items}
        primaries = {source: pp_ocrv6(make_decoder(weights=weights_for(source)), see=see) for source in sources}
        return cls(primaries, RECOGNISERS["tesseract"]())

    def read(self, source: str, crop: FieldCrop) -> tuple[str, str, str]:
        """The field as in `COLUMNS`."""
        found, other = self.primaries[source](crop), self.second(crop)
        texts = ((line.raw for line in found), (line.text for line in found), (line.text for line in other))
        raw, decoded, tesseract = (" ".join(parts) for parts in texts)
        return raw, decoded, tesseract


@dataclass(frozen=True, eq=False)
class Errors:
    """Edits of N texts (N × `COLUMNS`), and the texts' lengths (N)."""

    edits: Numbers
    lengths: Numbers

    @property
    def rates(self) -> Numbers:
        """CER in percent."""
        return 100 * self.edits.sum(axis=0) / self.lengths.sum()

    def and_again(self, other: "Errors") -> "Errors":
        """Of the same texts read once more."""
        return Errors(self.edits + other.edits, self.lengths + other.lengths)

    def above(self, other: "Errors") -> tuple[Numbers, Numbers | None]:
        """By how many points more than others' rates; and the standard error of that, where each text was read both
        times."""
        more = self.rates - other.rates
        if not np.array_equal(self.lengths, other.lengths):
            return more, None
        beyond = self.edits - other.edits - more / 100 * self.lengths[:, None]
        return more, 100 * np.sqrt((beyond**2).sum(axis=0)) / self.lengths.sum()


def main() -> None:
    lines, pages, every = sets_asked_for(__doc__, 1, "writer and line")
    pages = pages[::every]
    readers = Readers.of(lines)
    singly = paragraphs(lines, pages, readers)
    conditions(lines, pages, readers, singly)
    ruled(lines[::every], readers)
    speed(pages)


def paragraphs(lines: Sequence[Written], pages: Sequence[Written], readers: Readers) -> Errors:
    """Prints the rates of paragraphs beside those of their lines, which it returns."""
    theirs = of_writers(lines, pages)
    head(f"CER of {len(pages)} paragraphs cut by the pipeline, and what it costs over their {len(theirs)} lines")
    singly = row("lines, singly", errors(readers, theirs, one_line))
    row("paragraphs", errors(readers, pages), singly)
    return singly


def conditions(
    lines: Sequence[Written], pages: Sequence[Written], readers: Readers, singly: Errors | None = None
) -> None:
    """Prints the rates of paragraphs made harder."""
    theirs = of_writers(lines, pages)
    head(f"CER of {len(pages)} paragraphs made harder, and what that costs over the same lines singly")
    singly = singly or row("lines, singly", errors(readers, theirs, one_line))
    for name, change in PARAGRAPHS.items():
        row(name, errors(readers, changed(pages, change)), singly)
    for name, change in SIZES.items():
        alone = row(f"{name}, lines", errors(readers, changed(theirs, change), one_line))
        row(name, errors(readers, changed(pages, change)), alone)
    for spacing in (1.0, 0.8):
        row(f"lines at {spacing:.0%} spacing", errors(readers, stacked(theirs, pages, spacing)), singly)


def ruled(lines: Sequence[Written], readers: Readers) -> None:
    """Prints the rates of lines with print under them."""
    head(f"CER of {len(lines)} lines printed under, scanned askew and cleaned, {DRAWS} times each; ± standard error")
    plain: Errors | None = None  # the first row's
    for name, paper in PAPERS.items():
        here = over_print(lines, paper, readers, 0)
        for draw in range(1, DRAWS):
            here = here.and_again(over_print(lines, paper, readers, draw))
        row(name, here, plain)
        plain = plain or here


def over_print(lines: Sequence[Written], paper: Paper, readers: Readers, draw: int) -> Errors:
    """The errors of lines on that paper; another `draw` lies and is scanned another way."""
    begin = draw * len(lines)
    printed = ((line, one_line(*written_on(line.picture, paper, seed))) for seed, line in enumerate(lines, begin))
    return errors_of(readers, printed)


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


def errors(readers: Readers, items: Iterable[Written], cut: Callable[[GreyImage], FieldCrop] = paragraph) -> Errors:
    return errors_of(readers, ((item, cut(item.picture)) for item in items))


def errors_of(readers: Readers, crops: Iterable[tuple[Written, FieldCrop]]) -> Errors:
    edits: list[list[int]] = []
    lengths: list[int] = []
    for item, crop in crops:
        edits.append([character_errors(item.text, text).edits for text in readers.read(item.source, crop)])
        lengths.append(len(item.text))
    return Errors(np.array(edits, dtype=np.float64), np.array(lengths, dtype=np.float64))


def head(title: str) -> None:
    print(f"\n{title}\n")
    print(f"{'':26}" + "".join(f"{name:>9}{'':13}" for name in COLUMNS).rstrip())


def row(name: str, found: Errors, against: Errors | None = None) -> Errors:
    more, give = (None, None) if against is None else found.above(against)
    shown = ""
    for column, rate in enumerate(found.rates):
        beyond = "" if more is None else f"{more[column]:+.2f}" + ("" if give is None else f" ±{give[column]:.2f}")
        shown += f"{rate:9.2f} {beyond:12}"
    print(f"{name:26}{shown}".rstrip(), flush=True)
    return found


def of_writers(lines: Sequence[Written], pages: Sequence[Written]) -> list[Written]:
    writers = {page.writer for page in pages}
    return [line for line in lines if line.writer in writers]


def changed(items: Iterable[Written], change: Callable[[GreyImage], GreyImage]) -> Iterator[Written]:
    for item in items:
        yield Written(change(item.picture), item.writer, item.text, item.source)


if __name__ == "__main__":
    main()
