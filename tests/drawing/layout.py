"""The blank sides of the two cards that ship: boxes and prompts come from their `template.toml`, the rest is here.

`python -m tests.drawing.layout` draws the pictures in `templates/` anew.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.templates import FILE_NAME
from tests.drawing.press import Sheet, heart, star

TEMPLATES = Path(__file__).parents[2] / "templates"
DPI = 300

BLUE, PALE, SMALL_PRINT, LINE = 76, 221, 68, 119  # greys; 76 is how the health service's blue prints


@dataclass(frozen=True)
class Row:
    """A field as the template file has it."""

    name: str
    prompt: str
    box: tuple[float, float, float, float]
    options: tuple[tuple[str, tuple[float, float, float, float]], ...]


def rows(template_id: str) -> Mapping[str, Row]:
    """The fields of a template by name, straight from its file (its pictures need not exist yet)."""
    raw = tomllib.loads((TEMPLATES / template_id / FILE_NAME).read_text(encoding="utf-8"))
    return {entry["name"]: _row(entry) for entry in raw["fields"]}


def _row(entry: Mapping[str, Any]) -> Row:
    options = tuple((option["value"], tuple(option["box_mm"])) for option in entry.get("options", ()))
    return Row(entry["name"], entry.get("prompt", ""), tuple(entry.get("box_mm", (0, 0, 0, 0))), options)


def a5_front() -> GreyImage:
    """A5 landscape: a solid banner, outlined boxes, solid rules."""
    sheet, fields = Sheet(210, 148, DPI), rows("nomination-a5")
    sheet.box((7, 7, 196, 18), line_mm=0, fill=BLUE, radius_mm=2.5)
    sheet.disc((18, 16), 6.6, 255)
    sheet.shape(heart((18, 15.8), 8.4), BLUE)
    sheet.shape(heart((18, 15.3), 3.6), 255)
    sheet.text((28.5, 16.6), "Leading with Compassion", 21, "Sans-Bold", 255)
    sheet.text((28.7, 22), "Say thank you to somebody who made a difference", 9.5, ink=255)
    for index, word in enumerate(("kind", "safe", "respectful", "together")):
        sheet.text((197, 11.6 + index * 3.7), word, 8.5, "Sans-BoldItalic", 255 if index % 2 else PALE, "rs")
    sheet.paragraph(
        (9, 30.5),
        "Has a member of our staff, a volunteer or a whole team looked after you with kindness, listened when it "
        "mattered or gone the extra mile? Please tell us in your own words. Every card is read, and passed on to the "
        "person you name. Post it in the box on the ward, or hand it to any member of staff.",
        8.2,
        192,
        1.25,
    )
    for name in ("nominee", "role", "ward", "date"):
        row = fields[name]
        _label(sheet, row.box[0], row.box[1] - 1.3, row.prompt)
        sheet.box(row.box, 0.3, LINE)
    sheet.text((151, 59.2), "Tell us the day it happened,", 7, "Sans-Italic", SMALL_PRINT)
    sheet.text((151, 62.4), "if you remember it.", 7, "Sans-Italic", SMALL_PRINT)
    _label(sheet, 9, 71.2, fields["nominator"].prompt)
    captions = ("patient", "relative, friend or carer", "visitor", "member of staff", "volunteer")
    for (_, box), caption in zip(fields["nominator"].options, captions, strict=True):
        sheet.box(box, 0.4, 34)
        sheet.text((box[0] + 6, 71.1), caption, 9)
    for name, hint in (
        ("action", "Tell us the kindness, care or courage you saw."),
        ("impact", "How did it help you, your family, or the team?"),
    ):
        row = fields[name]
        x, y, width, _ = row.box
        after = _label(sheet, x, y - 1.4, row.prompt)
        sheet.text((x + after + 2.5, y - 1.4), hint, 7.5, "Sans-Italic", SMALL_PRINT)
        sheet.box(row.box, 0.35, BLUE, radius_mm=1.2)
        for rule in a5_rules(row.box):
            sheet.rule((x + 2.5, rule), (x + width - 2.5, rule), 0.18, 153)
    small = (
        "We keep your card for two years and use it only to thank staff. Please do not write about anybody's health."
    )
    sheet.text((9, 141.6), small, 6.4, ink=SMALL_PRINT)
    sheet.text((9, 144.3), "Staff Recognition Scheme   Form LWC-A5   Revision 3", 6.4, "Sans-Bold", SMALL_PRINT)
    for index in range(5):
        sheet.shape(heart((177 + index * 6, 142.3), 3.4 - 0.25 * (4 - index)), BLUE)
    return sheet.picture()


def a5_rules(box: tuple[float, float, float, float]) -> list[float]:
    """The heights of the rules in an answer's box: 6.5 mm apart, room for the tails below the last."""
    first, last = box[1] + 7.3, box[1] + box[3] - 1.9
    return [first + 6.5 * index for index in range(round((last - first) / 6.5) + 1)]


def a6_front() -> GreyImage:
    """A6 landscape, front: a rosette, a serif heading, dotted lines."""
    sheet, fields = Sheet(148, 105, DPI), rows("nomination-a6")
    _rosette(sheet, (20, 17.5), 10.5)
    sheet.text((37, 16.5), "Leading with Compassion", 19.5, "Serif-Bold", 17)
    sheet.rule((37, 19.6), (139, 19.6), 0.7, BLUE)
    sheet.rule((37, 20.9), (139, 20.9), 0.2, BLUE)
    sheet.paragraph(
        (37, 25.6),
        "Did somebody here treat you or the person you love with real kindness? Nominate them for our monthly award. "
        "Fill in both sides of this card and drop it in any yellow box.",
        7.8,
        102,
        1.25,
        face="Serif-Regular",
    )
    for name in ("nominee", "role", "ward"):
        x, y, width, height = fields[name].box
        sheet.text((47.5, y + height - 2.1), fields[name].prompt, 9.5, "Serif-Bold", 17, "rs")
        sheet.dots((x + 1, y + height - 2.0), width - 2, ink=51)
    sheet.text((47.5, 79.3), fields["nominator"].prompt, 9.5, "Serif-Bold", 17, "rs")
    sheet.text((47.5, 83.4), "(please tick one)", 7.5, "Serif-Italic", SMALL_PRINT, "rs")
    captions = ("patient", "carer", "family or friend", "member of staff", "student", "somebody else")
    for (_, box), caption in zip(fields["nominator"].options, captions, strict=True):
        sheet.box(box, 0.35, 17)
        sheet.text((box[0] + 5.5, box[1] + 3.3), caption, 8.8, "Serif-Regular")
    sheet.box((7, 92.6, 134, 0.35), line_mm=0, fill=LINE)
    sheet.text((8, 96.6), "Please turn over", 8, "Serif-BoldItalic", 17)
    sheet.shape([(31.5, 94.3), (35, 95.6), (31.5, 96.9)], 17)
    sheet.text(
        (139, 96.6), "LWC/A6   Revision 1   Patient Experience Team, extension 4417", 6.2, ink=SMALL_PRINT, anchor="rs"
    )
    return sheet.picture()


def a6_back() -> GreyImage:
    """A6 landscape, back: the two answers on dotted lines, a band down to a thank-you at the foot."""
    sheet, fields = Sheet(148, 105, DPI), rows("nomination-a6")
    hints = {"action": "In your own words.", "impact": "What changed?"}
    for name, count in (("action", 5), ("impact", 4)):
        x, y, width, height = fields[name].box
        sheet.disc((x + 2.6, y - 3.6), 2.5, BLUE)
        sheet.text((x + 2.6, y - 3.6), "1" if name == "action" else "2", 10, "Serif-Bold", 255, "mm")
        after = sheet.text((x + 7, y - 2.4), fields[name].prompt, 11, "Serif-Bold", 17)
        sheet.text((x + 7 + after + 2.5, y - 2.4), hints[name], 7.6, "Serif-Italic", SMALL_PRINT)
        pitch = (height - 2.3) / count
        for index in range(1, count + 1):
            sheet.dots((x + 1, y + pitch * index), width - 2, ink=51)
    sheet.shape(star((136, 8.6), 3.4, 1.4, 5), BLUE)
    sheet.shape(star((129.5, 9.6), 1.9, 0.8, 5), BLUE)
    sheet.box((7, 95.4, 134, 5.6), line_mm=0, fill=PALE, radius_mm=1)
    sheet.text((10, 99.2), "Thank you. Your words will be shared with the person you nominate.", 7.4, "Serif-Bold", 17)
    sheet.text((138, 99.1), "LWC/A6 back   We destroy cards after 12 months", 6.2, ink=SMALL_PRINT, anchor="rs")
    return sheet.picture()


def _label(sheet: Sheet, x: float, baseline: float, text: str) -> float:
    return sheet.text((x, baseline), text, 9.5, "Sans-Bold", 17)


def _rosette(sheet: Sheet, centre: tuple[float, float], radius: float) -> None:
    x, y = centre
    for lean in (-1, 1):
        tail = [(0.5, 0.2), (6.2, 15.0), (3.4, 13.6), (1.4, 16.2), (-1.4, 1.0)]
        sheet.shape([(x + lean * dx, y + dy) for dx, dy in tail], 119)
    sheet.shape(star(centre, radius, radius * 0.86, 22), BLUE)
    sheet.disc(centre, radius * 0.74, 255)
    sheet.disc(centre, radius * 0.66, PALE)
    sheet.shape(heart((x, y + 0.3), radius * 0.98), BLUE)
    sheet.text((x, y + 0.1), "thank", 6, "Sans-Bold", 255, "ms")
    sheet.text((x, y + 2.2), "you", 6, "Sans-Bold", 255, "ms")


BLANK_SIDES: dict[str, Callable[[], GreyImage]] = {
    "nomination-a5/front.png": a5_front,
    "nomination-a6/front.png": a6_front,
    "nomination-a6/back.png": a6_back,
}


def main() -> None:
    for name, draw in BLANK_SIDES.items():
        Image.fromarray(draw()).save(TEMPLATES / name, optimize=True, dpi=(DPI, DPI))


if __name__ == "__main__":
    main()
