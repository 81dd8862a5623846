"""Cards of real hands that somebody stamped: what a stamp costs, and whether the words under it are doubted.

    python benchmarks/stamped.py --lines lines.tsv --pages pages.tsv [--every 1]

Every writer fills in the first answer of an A5 card and leaves the second empty. Every card is read without a stamp,
with one over the words, and with one in the empty answer, at its true place on the page; the stamps differ from writer
to writer in text, turn and place. Decoded with weights that were fitted on the text which the writer did not copy. With
`--every n` every nth writer.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks.cards import filled_in, of_each, with_another
from benchmarks.decoding import weights_for
from benchmarks.written import Written, sets_asked_for
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.accuracy import NO_ERRORS, ErrorCount, aligned, character_errors
from scan_ingest.domain.card import Reading, Word
from scan_ingest.domain.geometry import GreyImage, Image
from scan_ingest.domain.page import Page, PageRef, Placement
from scan_ingest.pipeline.walk import Reader, Watch, read_side
from scan_ingest.recognisers import RECOGNISERS
from scan_ingest.recognisers.decoding import make_decoder
from scan_ingest.recognisers.ppocr import pp_ocrv6, seeing
from scan_ingest.templates import shipped_templates
from tests.drawing import rubber
from tests.drawing.press import XY
from tests.drawing.rubber import Frame, Stamp, outline_mm, stamped, touches
from tests.drawing.scanner import Colour, Laid, Scan, scan

CARD, SIDE, ANSWER, EMPTY = "nomination-a5", "front", "action", "impact"
GREY: Colour = (110, 108, 106)
TEXTS = (("RECEIVED", "12 NOV 2026"), ("PATIENT EXPERIENCE",), ("COPY",), ("SCANNED", "WARD 7B"), ("URGENT",))
TURNED_DEG = (4.0, 14.0)  # either way


@dataclass(frozen=True)
class Kind:
    """How stamps of a kind look, and whether the page is scanned in colour."""

    stamp: Stamp
    colour: bool = False
    level: bool = False


KINDS: Mapping[str, Kind] = {
    "violet, framed": Kind(Stamp(ink=rubber.VIOLET), colour=True),
    "red, no frame": Kind(Stamp(ink=rubber.RED, frame=Frame.NONE), colour=True),
    "black, framed": Kind(Stamp(ink=rubber.BLACK)),
    "thin grey": Kind(Stamp(ink=GREY, frame=Frame.NONE, face="Sans-Regular", letters_mm=3.2)),
    "thin grey, level": Kind(Stamp(ink=GREY, frame=Frame.NONE, face="Sans-Regular", letters_mm=3.2), level=True),
    "bold grey, level": Kind(Stamp(ink=GREY, frame=Frame.NONE), level=True),
}


@dataclass(frozen=True)
class Under:
    """The words under a stamp: how many there are in truth or were read, how many of those are wrong (another word, one
    lost, one too many), doubted, and wrong without a doubt."""

    words: int = 0
    wrong: int = 0
    doubted: int = 0
    trusted: int = 0

    def __add__(self, other: "Under") -> "Under":
        return Under(
            self.words + other.words,
            self.wrong + other.wrong,
            self.doubted + other.doubted,
            self.trusted + other.trusted,
        )


@dataclass(frozen=True, eq=False)
class Row:
    """Of cards with one kind of stamp over the words, and of the same cards without one."""

    raw: ErrorCount = NO_ERRORS
    decoded: ErrorCount = NO_ERRORS
    tesseract: ErrorCount = NO_ERRORS
    under: Under = Under()
    in_empty: int = 0
    sure_in_empty: int = 0


@dataclass(frozen=True, eq=False)
class Answered:
    """A side filled in by one writer, what its answer says, and how it lies on the glass."""

    picture: GreyImage
    text: str
    skew_deg: float
    seed: int


def main() -> None:
    lines, pages, every = sets_asked_for(__doc__, 1, "writer")
    report(lines, pages[::every])


def report(lines: Sequence[Written], pages: Sequence[Written]) -> None:
    """Prints what each kind of stamp costs the cards of the writers of `pages`."""
    reader, see = make_reader(shipped_templates()), seeing()
    primaries = {
        source: pp_ocrv6(make_decoder(weights=weights_for(source)), see=see) for source in {p.source for p in pages}
    }
    tesseract = RECOGNISERS["tesseract"]()
    heard: dict[str, str] = {}
    rows: dict[str, Row] = defaultdict(Row)
    for seed, (theirs, pitch_mm) in enumerate(of_each(lines, pages)):
        card = _answered(theirs, pitch_mm, seed, reader)
        primary = with_another(primaries[theirs[0].source], tesseract, heard)
        theirs_reader = replace(reader, primary=primary)
        for name, found in _of_card(card, theirs_reader, heard):
            rows[name] = _added(rows[name], found)
    print(
        f"\n{len(pages)} cards of real hands, stamped over an answer; without the stamp, the words of the same places\n"
    )
    print(f"{'':30}{'raw CER':>8}{'decoded':>9}{'Tesseract':>11}{'words under':>13}{'wrong':>7}", end="")
    print(f"{'doubted':>9}{'wrong, sure':>13}{'text in empty':>15}{'sure':>6}")
    for name, row in rows.items():
        _print(name, row)


def _of_card(card: Answered, reader: Reader, heard: Mapping[str, str]) -> Iterator[tuple[str, Row]]:
    """The card's part of each row: of its own, and of each kind of stamp."""
    template = reader.templates[CARD]
    boxes = {field.name: field.box_mm for field in template.side(SIDE).fields}
    plain = {colour: _read(card.picture, card, reader, colour=colour) for colour in (False, True)}
    texts_of_plain = dict(heard)
    for number, (name, kind) in enumerate(KINDS.items()):
        rng = np.random.default_rng((card.seed, number))
        turned = 0.0 if kind.level else float(rng.uniform(*TURNED_DEG) * rng.choice((-1, 1)))
        stamp = replace(kind.stamp, lines=TEXTS[int(rng.integers(len(TEXTS)))], turned_deg=turned)
        share = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.4, 0.6))
        places: dict[str, XY] = {
            field: (box.x + share[0] * box.width, box.y + share[1] * box.height)
            for field, box in ((ANSWER, boxes[ANSWER]), (EMPTY, boxes[EMPTY]))
        }
        outline = outline_mm(stamp, template.side(SIDE).reference.shape, template.width_mm, places[ANSWER])
        over = _read(stamped(card.picture, template.width_mm, places[ANSWER], stamp), card, reader, colour=kind.colour)
        said = heard[ANSWER]
        beside = _read(stamped(card.picture, template.width_mm, places[EMPTY], stamp), card, reader, colour=kind.colour)
        without = plain[kind.colour]
        yield f"{name}: without", _row(card.text, without, outline, texts_of_plain[ANSWER], without[EMPTY])
        yield f"{name}: with", _row(card.text, over, outline, said, beside[EMPTY])


def _answered(theirs: Sequence[Written], pitch_mm: float, seed: int, reader: Reader) -> Answered:
    rng = np.random.default_rng(seed)
    picture, texts = filled_in(reader.templates[CARD], SIDE, (ANSWER,), theirs, pitch_mm, rng)
    return Answered(picture, texts[ANSWER], float(rng.uniform(-2, 2)), seed)


def _read(picture: Image, card: Answered, reader: Reader, *, colour: bool) -> dict[str, Reading]:
    """The answers of the card as it looks in that picture, scanned and read."""
    template = reader.templates[CARD]
    drawn = picture if colour or picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    laid = Laid(np.asarray(drawn, dtype=np.uint8), template.width_mm, template.height_mm, card.skew_deg)
    how = Scan(noise=4.0, colour=colour)
    scanned = scan(laid, how, card.seed)
    page = Page(PageRef("0" * 64, 1, "stamped"), scanned.page, how.dpi)
    placement = Placement(CARD, SIDE, scanned.side_mm_to_page[0].inverse(), 0.1, 99, scanned.corners_px[0])
    readings = read_side(page, placement, 1, reader, Watch()).readings
    return {reading.field: reading for reading in readings if reading.field in (ANSWER, EMPTY)}


def _row(true: str, read: Mapping[str, Reading], outline: rubber.Outline, tesseract: str, empty: Reading) -> Row:
    answer = read[ANSWER]
    in_empty = [word for line in empty.lines for word in line.words]
    return Row(
        character_errors(true, " ".join(line.raw for line in answer.lines)),
        character_errors(true, " ".join(line.text for line in answer.lines)),
        character_errors(true, tesseract),
        _under(true, answer, outline),
        len(in_empty),
        sum(not word.doubt for word in in_empty),
    )


def _under(true: str, answer: Reading, outline: rubber.Outline) -> Under:
    """The words read under the stamp; a true word that is missing beside one of those counts as a wrong one there, sure
    where that word is."""
    words: list[Word] = [word for line in answer.lines for word in line.words]
    at = [index for index, word in enumerate(words) if touches(word.box_mm, outline)]
    right: set[int] = set()
    lost_after: set[int] = set()
    last = -1
    for source, target in aligned([word.text for word in words], true.split()):
        if source is None:
            lost_after.add(last)
        else:
            last = source
            if target is not None and words[source].text == true.split()[target]:
                right.add(source)
    wrong = {index for index in at if index not in right or index in lost_after or index - 1 in lost_after}
    sure = {index for index in at if not words[index].doubt}
    return Under(len(at), len(wrong), len(at) - len(sure), len(wrong & sure))


def _added(one: Row, other: Row) -> Row:
    return Row(
        one.raw + other.raw,
        one.decoded + other.decoded,
        one.tesseract + other.tesseract,
        one.under + other.under,
        one.in_empty + other.in_empty,
        one.sure_in_empty + other.sure_in_empty,
    )


def _print(name: str, row: Row) -> None:
    under, rates = row.under, [100 * count.rate for count in (row.raw, row.decoded, row.tesseract)]
    shown = "".join(f"{rate:{width}.2f}" for rate, width in zip(rates, (8, 9, 11), strict=True))
    share = [f"{part / max(under.words, 1):.0%}" for part in (under.wrong, under.doubted, under.trusted)]
    print(f"{name:30}{shown}{under.words:13}{share[0]:>7}{share[1]:>9}{share[2]:>13}", end="")
    print(f"{row.in_empty:15}{row.sure_in_empty:6}", flush=True)


if __name__ == "__main__":
    main()
