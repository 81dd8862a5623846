"""Four more cards, each hard to place in its own way: three phrases, crowded print, boxes, dotted lines."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field, FieldKind, Option, Side, Template
from tests.drawing.press import Sheet, star

DPI = 300

Box = tuple[float, float, float, float]


@cache
def designs() -> Mapping[str, Template]:
    """The cards by id; none of them ships."""
    return {card.id: card for card in (sparse_a6(), dense_a5(), boxes_a5(), dotted_a6())}


def card(card_id: str, sheet: Sheet, boxes: Mapping[str, Box], choices: Mapping[str, Box] | None = None) -> Template:
    """A template of one side: text fields at `boxes`, and a choice "nominator" with `choices`."""
    fields = [
        Field(name, "front", FieldKind.TEXT, BoxMm(*box), required=name == "action") for name, box in boxes.items()
    ]
    if choices:
        options = tuple(Option(value, BoxMm(*box)) for value, box in choices.items())
        left, top = min(o.box_mm.x for o in options), min(o.box_mm.y for o in options)
        right, bottom = max(o.box_mm.right for o in options), max(o.box_mm.bottom for o in options)
        around = BoxMm(left, top, right - left, bottom - top)
        fields.append(Field("nominator", "front", FieldKind.CHOICE, around, options=options))
    side = Side("front", sheet.picture(), tuple(fields))
    return Template(card_id, card_id, 1, sheet.width_mm, sheet.height_mm, (side,))


def sparse_a6() -> Template:
    """A6 landscape: three printed phrases and otherwise paper."""
    sheet = Sheet(148, 105, DPI)
    sheet.text((74, 15), "Who was kind to you today?", 15, "Serif-Italic", 34, "ms")
    sheet.text((10, 50), "and what did it change?", 12, "Serif-Italic", 34)
    sheet.text((138, 99), "St Brannoc's Hospice, card 7", 8, "Serif-Regular", 51, "rs")
    return card("sparse-a6", sheet, {"action": (10, 20, 128, 24), "impact": (10, 54, 128, 38)})


OFFICE = ("seen", "typed", "sent", "paid", "kept", "shown", "lost", "void")
RULES = (
    "This card is for thanking a person or a team. It is no complaint form: leaflet 14 tells how to complain.",
    "Write in capitals or in your usual hand, in black or blue. Do not write in the grey margins.",
    "We pass on what you write word for word, without your name unless you give it below.",
    "Cards are read by two volunteers, typed by the office in Block C, and destroyed after ninety days.",
    "Ask at any reception for this card in large print, in Braille, in Polish, Punjabi, Urdu or Welsh.",
)


def dense_a5() -> Template:
    """A5 portrait: small print all over, two answers between."""
    sheet = Sheet(148, 210, DPI)
    sheet.box((6, 6, 136, 14), line_mm=0, fill=51)
    sheet.text((74, 15.2), "RECORD OF APPRECIATION  (FORM 22b)", 15, "Sans-Bold", 255, "ms")
    y = 26.0
    for number, rule in enumerate(RULES, 1):
        sheet.text((8, y), f"{number}.", 7.5, "Serif-Bold")
        y = sheet.paragraph((13, y), rule, 7.5, 127, 1.2, face="Serif-Regular") + 0.6
    sheet.rule((8, y), (140, y), 0.3)
    boxes: dict[str, Box] = {}
    for index, (name, prompt) in enumerate((("nominee", "Name of the person or team"), ("ward", "Ward or department"))):
        x = 8.0 + index * 67
        sheet.text((x, 55), prompt, 8, "Sans-Bold")
        sheet.box((x, 56.5, 65, 9), 0.25, 85)
        boxes[name] = (x, 56.5, 65, 9)
    for name, top, prompt, hint in (
        ("action", 76.0, "What was done", "Say what you saw or heard, when and where, in the order it happened."),
        ("impact", 132.0, "What it meant", "Say what was different afterwards for you, the patient or the ward."),
    ):
        sheet.text((8, top - 4.6), prompt, 9, "Sans-Bold")
        sheet.text((8, top - 1.2), hint, 7, "Serif-Italic", 51)
        sheet.box((8, top, 132, 48), 0.25, 85)
        for line in range(1, 6):
            sheet.rule((10, top + 8 * line), (138, top + 8 * line), 0.15, 150)
        boxes[name] = (8, top, 132, 48)
    sheet.text((8, 185), "Office use only: do not write below this line", 7, "Sans-Bold")
    for index in range(8):
        sheet.box((8 + index * 16.6, 187, 15.6, 9), 0.2, 102)
        sheet.text(
            (9 + index * 16.6, 189.8),
            f"{index + 1} {['seen', 'typed', 'sent', 'paid', 'kept', 'shown', 'lost', 'void'][index]}",
            6,
        )
    sheet.paragraph((8, 201), "Printed by the print room on recycled board. Stock number 8841-22b. " * 2, 6, 132, 1.2)
    return card("dense-a5", sheet, boxes)


def boxes_a5() -> Template:
    """A5 landscape: a box for every letter of the names, two framed answers."""
    sheet = Sheet(210, 148, DPI)
    sheet.shape(star((17, 15), 8, 3.4, 6), 68)
    sheet.text((29, 17), "Gold Star Nomination", 20, "Sans-Bold")
    sheet.text((201, 12), "Eastmoor Community Trust", 9, "Sans-Regular", 51, "rs")
    sheet.text((201, 17), "Please use a ball pen", 8, "Sans-Italic", 51, "rs")
    boxes: dict[str, Box] = {}
    for name, top, prompt, count in (("nominee", 30.0, "Name", 26), ("ward", 42.0, "Place", 26)):
        sheet.text((8, top + 5), prompt, 10, "Sans-Bold")
        for index in range(count):
            sheet.box((26 + index * 6.7, top, 6.7, 8), 0.25, 85)
        boxes[name] = (26, top, count * 6.7, 8)
    choices: dict[str, Box] = {}
    sheet.text((8, 60), "You are", 10, "Sans-Bold")
    for index, value in enumerate(("patient", "relative", "colleague")):
        x = 30.0 + index * 45
        sheet.box((x, 56, 5, 5), 0.4)
        sheet.text((x + 7, 60), value, 10)
        choices[value] = (x, 56, 5, 5)
    for name, x, prompt in (("action", 8.0, "The star moment"), ("impact", 108.0, "The difference it made")):
        sheet.text((x, 71), prompt, 11, "Sans-Bold")
        sheet.box((x, 73, 94, 62), 0.5)
        boxes[name] = (x, 73, 94, 62)
    sheet.text((8, 143), "Hand this card in at the front desk. Thank you!", 8, "Sans-Regular")
    sheet.text((201, 143), "ECT-GS/3", 7, "Sans-Regular", 51, "rs")
    return card("boxes-a5", sheet, boxes, choices)


def dotted_a6() -> Template:
    """A6 portrait: prompts in serif, everything to write on is dots."""
    sheet = Sheet(105, 148, DPI)
    sheet.text((52.5, 14), "A kind word", 20, "Serif-BoldItalic", 17, "ms")
    sheet.text((52.5, 20), "for somebody on our wards", 10, "Serif-Italic", 17, "ms")
    boxes: dict[str, Box] = {}
    for name, top, prompt in (("nominee", 26.0, "For"), ("ward", 36.0, "Of")):
        sheet.text((8, top + 7), prompt, 10, "Serif-Regular")
        sheet.dots((18, top + 7), 79)
        boxes[name] = (18, top, 79, 8)
    for name, top, prompt, count in (("action", 52.0, "because", 5), ("impact", 98.0, "and I felt", 4)):
        sheet.text((8, top - 1), prompt, 10, "Serif-Regular")
        for line in range(1, count + 1):
            sheet.dots((8, top + 7.6 * line), 89)
        boxes[name] = (8, top, 89, 7.6 * count + 1)
    sheet.disc((12, 139), 3.5, 85)
    sheet.disc((93, 139), 3.5, 85)
    sheet.text((52.5, 140), "drop it in the blue box", 8, "Serif-Regular", 51, "ms")
    return card("dotted-a6", sheet, boxes)


WORDS = (
    *("kindness", "courage", "listening", "patience", "comfort", "safety", "laughter", "dignity", "honesty"),
    *("teamwork", "welcome", "respect", "advice", "morning", "evening", "kitchen", "garden", "theatre", "clinic"),
    *("reception", "transport", "visitor", "letter", "telephone", "window", "blanket"),
)


@cache
def invented(number: int) -> Template:
    """One of any number of A5 and A6 cards, each with its own words in its own places."""
    rng = np.random.default_rng([77, number])
    width, height = ((210.0, 148.0), (148.0, 105.0))[int(rng.integers(2))]
    sheet = Sheet(width, height, DPI)
    face = str(rng.choice(["Sans-Bold", "Serif-Bold", "Serif-BoldItalic", "Sans-BoldItalic"]))
    plain = str(rng.choice(["Sans-Regular", "Serif-Regular", "Serif-Italic"]))

    def some(count: int) -> str:
        return " ".join(str(word) for word in rng.permutation(WORDS)[:count])

    sheet.text((float(rng.uniform(8, 40)), 15), some(3).title(), 15, face, int(rng.integers(0, 80)))
    sheet.paragraph((9, 22), some(18).capitalize() + ".", 8, width - 18, face=plain)
    boxes: dict[str, Box] = {}
    y = 34.0
    for name in ("nominee", "ward", "action", "impact"):
        tall = 9.0 if name in ("nominee", "ward") else (height - 34 - 22 - 24) / 2
        sheet.text((9, y + 5.5), some(2).capitalize(), 9, face)
        left = float(rng.uniform(48, 58))
        boxes[name] = (left, y, width - left - 9, tall - 2)
        sheet.box(boxes[name], 0.3, 68)
        y += tall + 1
    sheet.text((width - 9, height - 5), some(6), 7, plain, 34, "rs")
    return card(f"invented-{number}", sheet, boxes)
