"""The sample batch: one collection box of two kinds of card, scanned by a tired office scanner.

`python -m tests.drawing.sample` writes `data/sample/` anew, always the same.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scan_ingest.domain.geometry import Image
from scan_ingest.domain.template import Template
from scan_ingest.templates import load_template
from tests.drawing import files, hands, sample_texts, strangers
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand, Mark
from tests.drawing.layout import TEMPLATES
from tests.drawing.sample_texts import Told
from tests.drawing.scanner import CREAM, YELLOW, Laid, Scan, Scanned, as_jpeg, empty_bed, scan

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
BOX, FAX, DPI = "ward-box.pdf", "ward-late-cards.tif", 200
QUALITY = 68  # of the JPEGs in the PDF: what office scanners call "small file"

ANNE = Hand(FONTS["dkg"], hands.BLUE, 2.2, 0.03, mark=Mark.TICK)
BRIAN = Hand(FONTS["breip"], hands.BLACK, 1.9, mark=Mark.CROSS, pen_mm=0.05)
CAROL = Hand(FONTS["rufscript"], hands.ROYAL, 2.2, 0.08, mark=Mark.TICK, strays_mm=1.0)
DEREK = Hand(FONTS["humor"], hands.BLACK, 2.6, jitter_mm=0.35, mark=Mark.CROSS, strays_mm=0.9)
EDITH = Hand(FONTS["dancing"], hands.BLUE, 2.0, mark=Mark.TICK, pen_mm=0.03)
FRANK = Hand(FONTS["tomson"], hands.ROYAL, 2.6, 0.05, mark=Mark.SCRIBBLE)
GRACE = Hand(FONTS["kaushan"], hands.BLACK, 2.1, wobble_mm=0.1, mark=Mark.CROSS)
HARRY = Hand(FONTS["mentor"], hands.BLACK, 2.8, 0.06, mark=Mark.SCRIBBLE, strays_mm=0.7)
IRENE = Hand(FONTS["kristi"], hands.BLUE, 3.1, pen_mm=0.04, wobble_mm=0.03, gap_mm=0.9, mark=Mark.TICK)
JACK = Hand(FONTS["dkg"], hands.PENCIL, 2.1, -0.06, pen_mm=0.05, mark=Mark.CROSS, strays_mm=1.0)
KATH = Hand(FONTS["breip"], hands.GREEN, 1.8, 0.1, mark=Mark.TICK, pen_mm=0.05)
LEROY = Hand(FONTS["rufscript"], hands.BLACK, 2.3, -0.05, jitter_mm=0.35, mark=Mark.CROSS)
MARIA = Hand(FONTS["kaushan"], hands.PURPLE, 2.0, mark=Mark.TICK)
NOEL = Hand(FONTS["connect"], hands.BLUE, 3.1, 0.05, mark=Mark.CROSS)


@dataclass(frozen=True)
class Card:
    """A card of the box: who wrote it, and how each of its sides went through the scanner."""

    template: str
    told: Told | None  # None: nobody filled it in
    hand: Hand
    skews_deg: tuple[float, ...]
    turns: tuple[int, ...] = (0, 0)
    how: Scan = field(default_factory=Scan)


@dataclass(frozen=True, eq=False)
class SamplePage:
    """A page of the sample: what it must come out as, and where its side truly lies (None: no card on it)."""

    outcome: str
    page: Image
    how: Scan
    side: str = ""
    scanned: Scanned | None = None
    card: Card | None = None


GREY = Scan(dpi=DPI, jpeg=None, noise=2.2)
COLOUR = replace(GREY, colour=True)
FAXED = replace(GREY, one_bit=True, noise=2)


def _a5(number: int, hand: Hand, skew: float, turn: int = 0, how: Scan = GREY) -> Card:
    return Card("nomination-a5", sample_texts.A5[number], hand, (skew,), (turn,), how)


def _a6(number: int, hand: Hand, skews: tuple[float, float], turns: tuple[int, int] = (0, 0), how: Scan = GREY) -> Card:
    return Card("nomination-a6", sample_texts.A6[number], hand, skews, turns, how)


IN_THE_BOX: Sequence[Card] = (
    _a5(0, ANNE, 0.6),
    _a5(1, BRIAN, -1.8),
    _a6(0, EDITH, (1.2, 0.4)),
    _a5(2, CAROL, 0.3, 180),
    _a6(1, FRANK, (-0.7, -2.3), (180, 180)),
    _a5(3, GRACE, 4.6, how=replace(GREY, streaks=1)),
    _a5(4, KATH, -0.4, how=replace(COLOUR, coffee=1, paper=CREAM)),
    _a6(2, LEROY, (0.2, -0.9), (0, 180)),
    Card("nomination-a5", None, ANNE, (0.9,), (0,), GREY),
    _a5(5, IRENE, -0.8),
    _a6(3, BRIAN, (2.6, 2.1), how=replace(GREY, paper=YELLOW)),
    _a5(6, JACK, 1.4, how=replace(GREY, gradient=0.1)),
    _a5(7, HARRY, -4.9, 180, replace(GREY, lid=35)),
    _a6(4, CAROL, (-0.3, 0.5), how=replace(GREY, coffee=1)),
    _a5(8, EDITH, 0.2, how=replace(GREY, lid=60, noise=3.5, blur_px=0.8)),
)
BLANK_AFTER, LETTER_AFTER, TWICE_AFTER, TWICE = 4, 9, 12, 5  # counted in cards of the box; card 5 is scanned again
IN_THE_FAX: Sequence[Card] = (
    _a5(9, LEROY, 0.7, how=FAXED),
    _a6(5, DEREK, (1.1, -1.3), how=FAXED),
    _a6(6, MARIA, (-0.5, 0.8), (180, 0), replace(GREY, noise=0.7)),
    _a5(10, BRIAN, -2.7, 180, FAXED),
    _a6(7, GRACE, (0.4, 0.3), how=FAXED),
)
ALONE: Sequence[tuple[str, int, int, Card]] = (  # name, quality, EXIF orientation
    ("flatbed-1.jpg", 72, 1, _a5(11, NOEL, 3.4, 90, replace(COLOUR, bed_mm=(216.0, 297.0), lid=28))),
    ("IMG_0417.jpg", 60, 6, _a5(12, ANNE, -1.1, how=replace(COLOUR, lid=120, margin_mm=7, gradient=0.15, paper=CREAM))),
    ("lounge-{}.jpg", 45, 1, _a6(8, KATH, (0.8, -0.6), how=replace(GREY, noise=3))),
    ("xray-{}.jpg", 70, 1, _a6(9, DEREK, (-3.8, 4.2), (180, 0), replace(COLOUR, lid=40))),
)


def draw_card(card: Card, template: Template, seed: int) -> Iterator[SamplePage]:
    """The sides of a card, front first, each as a page."""
    for index, side in enumerate(template.sides):
        texts = written(card, template)
        drawn = fill_in(template, side.name, texts, card.hand, seed * 10 + index)
        laid = Laid(drawn, template.width_mm, template.height_mm, card.skews_deg[index], card.turns[index])
        scanned = scan(laid, card.how, seed * 10 + index)
        yield SamplePage("card", scanned.page, card.how, side.name, scanned, card)


def written(card: Card, template: Template) -> dict[str, str]:
    """Field name → what truly stands there, every field of the template; "" where nothing does."""
    texts = card.told.fields() if card.told else {}
    return {
        entry.name: texts.get(entry.name, "") if entry.options else card.hand.writes(texts.get(entry.name, ""))
        for entry in template.fields
    }


def meant(card: Card, template: Template) -> dict[str, str]:
    """What is to be read: what stands there, but sentences in block capitals in ordinary letters; a name stays as it is
    written."""
    texts = card.told.fields() if card.told else {}
    answers = {name: texts[name] for name in ("action", "impact") if name in texts}
    return written(card, template) | answers


def box_pages(templates: dict[str, Template]) -> Iterator[SamplePage]:
    """The PDF: the cards of the box, and what else was in it."""
    again: list[SamplePage] = []
    for number, card in enumerate(IN_THE_BOX):
        pages = list(draw_card(card, templates[card.template], 100 + number))
        yield from pages
        if number == TWICE:
            again = [replace(page, outcome="duplicate") for page in pages]
        if number == BLANK_AFTER:
            how = replace(GREY, paper=CREAM, streaks=1)
            yield SamplePage("blank", empty_bed(how, 900), how)
        if number == LETTER_AFTER:
            yield SamplePage("unmatched", scan(Laid(strangers.letter(), 210, 148, 1.3), GREY, 901).page, GREY)
        if number == TWICE_AFTER:
            yield from again


def fax_pages(templates: dict[str, Template]) -> Iterator[SamplePage]:
    """The TIFF."""
    for number, card in enumerate(IN_THE_FAX):
        yield from draw_card(card, templates[card.template], 200 + number)
    yield SamplePage("unmatched", scan(Laid(strangers.rota(), 148, 105, -0.8), FAXED, 902).page, FAXED)


def main(folder: Path = SAMPLE) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    templates = {name: load_template(TEMPLATES / name) for name in ("nomination-a5", "nomination-a6")}
    pages: list[tuple[str, int, SamplePage]] = []
    box = list(box_pages(templates))
    files.write_pdf(folder / BOX, [files.Jpeg(as_jpeg(page.page, QUALITY), DPI) for page in box])
    pages += [(BOX, number, page) for number, page in enumerate(box, start=1)]
    fax = list(fax_pages(templates))
    files.write_tiff(folder / FAX, [page.page for page in fax], DPI)
    pages += [(FAX, number, page) for number, page in enumerate(fax, start=1)]
    for seed, (name, quality, orientation, card) in enumerate(ALONE, start=300):
        for number, page in enumerate(draw_card(card, templates[card.template], seed), start=1):
            file = name.format(number)
            files.write_jpeg(folder / file, page.page, DPI, quality, orientation)
            pages.append((file, 1, page))
    _write_truth(folder, pages, templates)


def _write_truth(folder: Path, pages: Sequence[tuple[str, int, SamplePage]], templates: dict[str, Template]) -> None:
    cards: dict[int, dict[str, object]] = {}
    for file, number, page in pages:
        if page.card is None or page.outcome != "card":
            continue
        line = cards.setdefault(
            id(page.card),
            {"template": page.card.template, "pages": [], "fields": meant(page.card, templates[page.card.template])},
        )
        assert isinstance(line["pages"], list)
        line["pages"].append({"file": file, "page": number})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in cards.values())
    (folder / "truth.jsonl").write_text(text, encoding="utf-8", newline="\n")
    outcomes = {f"{file}#{number}": page.outcome for file, number, page in pages}
    (folder / "outcomes.json").write_text(json.dumps(outcomes, indent=1) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
