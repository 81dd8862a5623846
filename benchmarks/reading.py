"""Character and word error rates of the recognisers and of the whole pipeline.

    python benchmarks/reading.py [--lines lines.tsv] [--pages pages.tsv] [--every 1] [--no-sample]

A set is a tab-separated file of picture path (from the file's folder), writer, true text: `--lines` one written line
each, `--pages` whole paragraphs, which the pipeline cuts into lines. The sample batch is read as `ingest` reads it.
Strict counts every character; loose ignores case, punctuation and the width of spaces.
"""

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.accuracy import ErrorCount, character_errors, word_errors
from scan_ingest.domain.card import Line, Reading
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.page import Page
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.pipeline.pool import one_thread
from scan_ingest.pipeline.walk import Reader, read_page
from scan_ingest.ports import Limits, Recogniser
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.sources import pages_of
from scan_ingest.stages import lines
from scan_ingest.stages.ink import clean
from scan_ingest.stages.opinion import read_text
from scan_ingest.templates import shipped_templates

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
ANSWERS = ("action", "impact")
NOTHING = ErrorCount()


@dataclass(frozen=True)
class Score:
    """Errors of many texts, and how long reading them took."""

    strict: ErrorCount = NOTHING
    strict_words: ErrorCount = NOTHING
    loose: ErrorCount = NOTHING
    loose_words: ErrorCount = NOTHING
    texts: int = 0
    seconds: float = 0.0

    def with_text(self, true: str, read: str, seconds: float = 0.0) -> "Score":
        plain_true, plain_read = plain(true), plain(read)
        return Score(
            self.strict + character_errors(true, read),
            self.strict_words + word_errors(true, read),
            self.loose + character_errors(plain_true, plain_read),
            self.loose_words + word_errors(plain_true, plain_read),
            self.texts + 1,
            self.seconds + seconds,
        )


def plain(text: str) -> str:
    """Without case and punctuation."""
    return " ".join("".join(c for c in text.casefold() if c.isalnum() or c.isspace()).split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, help="a set of written lines")
    parser.add_argument("--pages", type=Path, help="a set of written paragraphs")
    parser.add_argument("--every", type=int, default=1, help="take every nth entry of a set")
    parser.add_argument("--no-sample", action="store_true", help="leave the sample batch out")
    arguments = parser.parse_args()
    one_thread()
    recognisers = {name: make() for name, make in RECOGNISERS.items()}
    if arguments.lines:
        entries = list(_entries(arguments.lines))[:: arguments.every]
        _table(f"{len(entries)} written lines", of_set(entries, recognisers, _as_one_line))
    if arguments.pages:
        entries = list(_entries(arguments.pages))[:: arguments.every]
        _table(f"{len(entries)} written paragraphs, cut into lines by the pipeline", of_set(entries, recognisers, _cut))
    if not arguments.no_sample:
        _table("the sample batch", of_sample(make_reader(shipped_templates())))


# -- sets ----------------------------------------------------------------------------------------------------------

Entry = tuple[GreyImage, str]


def _entries(file: Path) -> Iterator[Entry]:
    with file.open(encoding="utf-8", newline="") as rows:
        for path, _, text in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            picture = cv2.imread(str(file.parent / path), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                raise SystemExit(f"{file}: {path} is not there or is no picture")
            yield np.asarray(picture, dtype=np.uint8), text


def of_set(
    entries: Sequence[Entry], recognisers: dict[str, Recogniser], as_crop: Callable[[GreyImage], FieldCrop]
) -> dict[str, Score]:
    """The scores of each recogniser, and of both weighed as the pipeline does."""
    scores: dict[str, Score] = defaultdict(Score)
    primary, second = recognisers["pp-ocrv6"], recognisers["tesseract"]
    readers: dict[str, Callable[[FieldCrop], Sequence[Line]]] = {
        **recognisers,
        "pipeline": lambda crop: read_text(crop, primary, second).lines,
    }
    for picture, text in entries:
        start = time.perf_counter()
        crop = as_crop(picture)
        cutting = time.perf_counter() - start
        for name, read in readers.items():
            start = time.perf_counter()
            found = " ".join(line.text for line in read(crop))
            scores[name] = scores[name].with_text(text, found, cutting + time.perf_counter() - start)
    return scores


def _cut(picture: GreyImage) -> FieldCrop:
    """A paragraph on plain paper as the pipeline would take it from a card: cleaned and cut."""
    height, width = picture.shape
    box = BoxMm(0, 0, width / SIDE_PX_PER_MM, height / SIDE_PX_PER_MM)
    side = clean(picture, np.full_like(picture, 255))
    field = Field("action", "front", FieldKind.TEXT, box)
    return FieldCrop(field, picture, side.clean, side.ink, box, lines.cut(side.clean, side.ink, box))


def _as_one_line(picture: GreyImage) -> FieldCrop:
    """A picture that is known to hold one line: trimmed, not cut."""
    crop = _cut(picture)
    whole = lines.trimmed(crop.clean, crop.ink, crop.box_mm)
    return FieldCrop(crop.field, picture, crop.clean, crop.ink, crop.box_mm, (whole,) if whole else ())


# -- the sample batch ----------------------------------------------------------------------------------------------


def of_sample(reader: Reader) -> dict[str, Score]:
    """Answers, short fields, ticks and codes, read through the whole pipeline."""
    truths = [json.loads(row) for row in (SAMPLE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    scores: dict[str, Score] = defaultdict(Score)
    pages = {
        (file.name, page.ref.number): page
        for file in sorted({SAMPLE / page["file"] for truth in truths for page in truth["pages"]})
        for page in pages_of(file, file.name, "0" * 64, Limits(), ())
        if isinstance(page, Page)
    }
    for truth in truths:
        template = reader.templates[truth["template"]]
        start = time.perf_counter()
        readings = _readings([pages[page["file"], page["page"]] for page in truth["pages"]], template.id, reader)
        taken = time.perf_counter() - start
        scores["whole cards"] = scores["whole cards"].with_text("", "", taken)
        for name, text in truth["fields"].items():
            read = readings[name].text.replace("\n", " ") if name in readings else ""
            kind = template.field(name).kind
            group = "answers" if name in ANSWERS else "short fields" if kind is FieldKind.TEXT else f"{kind}s"
            scores[group] = scores[group].with_text(text, read)
            if read != text:
                print(f"  {truth['pages'][0]['file']}#{truth['pages'][0]['page']} {name}: {read!r} for {text!r}")
    return scores


def _readings(pages: Sequence[Page], template_id: str, reader: Reader) -> dict[str, Reading]:
    """The readings of a card; nothing for a side that was not placed. A page with several cards gives its first."""
    found: dict[str, Reading] = {}
    for page in pages:
        for side in read_page(page, reader).sides:
            if side.placement.template_id == template_id:
                for reading in side.readings:
                    found.setdefault(reading.field, reading)
    return found


def _table(title: str, scores: dict[str, Score]) -> None:
    print(f"\n{title}\n")
    print(f"{'':16}{'texts':>7}{'CER':>8}{'WER':>8}{'CER loose':>11}{'WER loose':>11}{'s/text':>9}")
    for name, score in scores.items():
        rates = (score.strict.rate, score.strict_words.rate, score.loose.rate, score.loose_words.rate)
        shown = "".join(f"{100 * rate:{width}.2f}" for rate, width in zip(rates, (8, 8, 11, 11), strict=True))
        print(f"{name:16}{score.texts:7}{shown} {score.seconds / max(score.texts, 1):8.3f}")
    print(flush=True)


if __name__ == "__main__":
    main()
