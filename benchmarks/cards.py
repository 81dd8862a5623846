"""Whole cards filled with real handwriting: the lines of one writer as ink on the rules of the cards that ship.

    python benchmarks/cards.py --lines lines.tsv --pages pages.tsv [--every 1]

Every writer fills in an A5 card (boxes with solid rules) and the back of an A6 card (dotted lines), as small as the
rules ask; the cards are scanned at 200 dpi, askew, with noise, and read as `ingest` reads them. Decoded with weights
that were fitted on the text which the writer did not copy. With `--every n` every nth writer.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks.decoding import weights_for
from benchmarks.pages import timed_stages
from benchmarks.ruled import baseline
from benchmarks.written import Written, sets_asked_for
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, character_errors, word_errors
from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.domain.template import Template
from scan_ingest.pipeline.walk import Reader, read_page
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.ppocr import pp_ocrv6, seeing
from scan_ingest.templates import shipped_templates
from tests.drawing.cards import baselines_mm
from tests.drawing.scanner import Laid, Scan, scan

One, Other = TypeVar("One"), TypeVar("Other")

ANSWERS = ("action", "impact")
SIDES = (("nomination-a5", "front"), ("nomination-a6", "back"))
MARGIN_MM = 3.0  # left free at both ends of a rule
NARROWED = 0.8  # of a writer's own distance between lines: closer rules make people write smaller
SCAN = Scan(dpi=200, noise=4.0, jpeg=75)


@dataclass(frozen=True, eq=False)
class Filled:
    """A scanned card of one writer, and what its answers say."""

    page: Page
    template_id: str
    texts: dict[str, str]
    source: str


@dataclass(frozen=True)
class Errors:
    characters: ErrorCount = NO_ERRORS
    words: ErrorCount = NO_ERRORS

    def with_text(self, true: str, read: str) -> "Errors":
        return Errors(self.characters + character_errors(true, read), self.words + word_errors(true, read))


def main() -> None:
    lines, pages, every = sets_asked_for(__doc__, 1, "writer")
    report(lines, pages[::every])


def report(lines: Sequence[Written], pages: Sequence[Written]) -> None:
    """Reads the cards of the writers of `pages` and prints how well, and what each step took.

    A card that is not placed is not read: it is `unreadable`, counted and no part of the rates.
    """
    reader = replace(make_reader(shipped_templates()), second_opinion=None)  # it changes doubts, not texts
    spent: dict[str, float] = defaultdict(float)
    see = clocked(seeing(), spent, "recognising")
    primaries = {
        source: pp_ocrv6(clocked(make_decoder(weights=weights_for(source)), spent, "decoding"), see=see)
        for source in {page.source for page in pages}
    }
    ask_tesseract = clocked(RECOGNISERS["tesseract"](), spent, "tesseract")
    heard: dict[str, str] = {}
    tesseracts: dict[str, Errors] = defaultdict(Errors)
    raw: dict[str, Errors] = defaultdict(Errors)
    decoded: dict[str, Errors] = defaultdict(Errors)
    count = unplaced = 0
    with timed_stages(spent, time.thread_time):
        for card in filled(lines, pages, reader):
            count += 1
            heard.clear()
            primary = with_another(primaries[card.source], ask_tesseract, heard)
            read = answers(card, replace(reader, primary=primary))
            if not read:
                unplaced += 1
                continue
            for name, true in card.texts.items():
                raw[card.template_id] = raw[card.template_id].with_text(true, read.get(name, ("", ""))[0])
                decoded[card.template_id] = decoded[card.template_id].with_text(true, read.get(name, ("", ""))[1])
                tesseracts[card.template_id] = tesseracts[card.template_id].with_text(true, heard.get(name, ""))
    print(f"\n{count} cards filled with lines of {len(pages)} writers, read as `ingest` does; {unplaced} not placed\n")
    print(f"{'answers of':16}{'raw CER':>9}{'WER':>8}{'decoded CER':>13}{'WER':>8}{'Tesseract CER':>15}{'WER':>8}")
    for name in raw:
        _row(name, raw[name], decoded[name], tesseracts[name])
    _row("all", *(_sum(errors.values()) for errors in (raw, decoded, tesseracts)))
    print("\nshare of the bare recogniser's time on the same cards (Tesseract's left out):")
    parts = {"cleaning": spent["clean"], "cutting": spent["field_crops"], "decoding": spent["decoding"]}
    beside = {
        "registering": spent["register"] + spent["without_stamps"],
        "doubting": spent["read_text"] - spent["recognising"] - spent["decoding"] - spent["tesseract"],
    }
    for name, seconds in {**parts, "together": sum(parts.values()), **beside}.items():
        print(f"  {name:12}{seconds / spent['recognising']:6.2f}   {1000 * seconds / count:6.1f} ms a side")


def clocked(step: Callable[[One], Other], spent: dict[str, float], name: str) -> Callable[[One], Other]:
    """The step, its seconds added to `spent[name]`."""

    def timed(one: One) -> Other:
        start = time.thread_time()
        result = step(one)
        spent[name] += time.thread_time() - start
        return result

    return timed


def with_another(primary: Recogniser, other: Recogniser, heard: dict[str, str]) -> Recogniser:
    """The recogniser; what the other reads of the same fields goes into `heard`."""

    def recognise(crop: FieldCrop) -> tuple[Line, ...]:
        heard[crop.field.name] = " ".join(line.text for line in other(crop))
        return primary(crop)

    return recognise


def answers(card: Filled, reader: Reader) -> dict[str, tuple[str, str]]:
    """Field → raw and decoded text; nothing where the card was not placed."""
    return {
        reading.field: (" ".join(line.raw for line in reading.lines), " ".join(line.text for line in reading.lines))
        for side in read_page(card.page, reader).sides
        if side.placement.template_id == card.template_id
        for reading in side.readings
    }


def filled(lines: Sequence[Written], pages: Sequence[Written], reader: Reader) -> Iterator[Filled]:
    """Both cards of every writer, scanned."""
    for seed, (theirs, pitch_mm) in enumerate(of_each(lines, pages)):
        for template_id, side in SIDES:
            yield _filled(reader.templates[template_id], side, theirs, pitch_mm, seed)


def _filled(template: Template, side_name: str, theirs: Sequence[Written], pitch_mm: float, seed: int) -> Filled:
    rng = np.random.default_rng(seed)
    picture, texts = filled_in(template, side_name, ANSWERS, theirs, pitch_mm, rng)
    laid = Laid(picture, template.width_mm, template.height_mm, float(rng.uniform(-2, 2)))
    scanned = scan(laid, SCAN, seed)
    page = Page(PageRef("0" * 64, 1, "cards"), scanned.page, SCAN.dpi)
    return Filled(page, template.id, texts, theirs[0].source)


def filled_in(
    template: Template,
    side_name: str,
    names: Sequence[str],
    theirs: Sequence[Written],
    pitch_mm: float,
    rng: np.random.Generator,
) -> tuple[GreyImage, dict[str, str]]:
    """The side with one writer's lines, usually `pitch_mm` apart, on the rules of the fields of those names; and what
    each then says."""
    side = template.side(side_name)
    sheet = side.reference.astype(np.float32)
    left = list(theirs)
    texts: dict[str, str] = {}
    for field in side.fields:
        if field.name not in names:
            continue
        rules = baselines_mm(side, field, template.width_mm)
        own, left = left[: len(rules)], left[len(rules) :]
        if not own:
            continue
        room_mm = field.box_mm.width - 2 * MARGIN_MM
        widest_mm = max(line.picture.shape[1] for line in own) / SIDE_PX_PER_MM
        rule_pitch = float(np.median(np.diff(rules)))
        size = min(1.0, room_mm / widest_mm, rule_pitch / (NARROWED * pitch_mm))
        for line, rule in zip(own, rules, strict=False):
            x = field.box_mm.x + MARGIN_MM + float(rng.uniform(-0.8, 0.8))
            put(sheet, line.picture, (x, rule + float(rng.uniform(-0.6, 0.2))), size, template.width_mm)
        texts[field.name] = " ".join(line.text for line in own)
    return np.asarray(np.clip(np.rint(sheet), 0, 255), dtype=np.uint8), texts


def of_each(lines: Sequence[Written], pages: Sequence[Written]) -> Iterator[tuple[list[Written], float]]:
    """The lines of each page's writer, and how far apart they write them, in millimetres."""
    for page in pages:
        theirs = [line for line in lines if line.writer == page.writer]
        yield theirs, page.picture.shape[0] / len(theirs) / SIDE_PX_PER_MM


def put(sheet: NDArray[np.float32], line: GreyImage, at_mm: tuple[float, float], size: float, width_mm: float) -> None:
    """The line as ink on the sheet, its baseline's left end at `at_mm`, `size` times as large; print shows through."""
    fine = sheet.shape[1] / width_mm
    scale = size * fine / SIDE_PX_PER_MM
    x, y = at_mm[0] * fine, at_mm[1] * fine - baseline(line) * scale
    matrix = np.array([[scale, 0, x], [0, scale, y]])
    ink = cv2.warpAffine(line, matrix, (sheet.shape[1], sheet.shape[0]), flags=cv2.INTER_CUBIC, borderValue=(255,))
    sheet *= np.asarray(ink, dtype=np.float32) / 255


def _sum(errors: Iterable[Errors]) -> Errors:
    total = Errors()
    for one in errors:
        total = Errors(total.characters + one.characters, total.words + one.words)
    return total


def _row(name: str, *read: Errors) -> None:
    rates = [100 * count.rate for errors in read for count in (errors.characters, errors.words)]
    shown = "".join(f"{rate:{width}.2f}" for rate, width in zip(rates, (9, 8, 13, 8, 15, 8), strict=True))
    print(f"{name:16}{shown}", flush=True)


if __name__ == "__main__":
    main()
