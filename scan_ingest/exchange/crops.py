"""The pictures of a card's fields, cut from its sides."""

from collections.abc import Collection, Iterator, Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.exchange.port import ExchangeDesk
from scan_ingest.ports.cards import FieldNote

MARGIN_MM = 2.0  # writing leaves its box by a millimetre or two
PAPER, PRINT = 255, 90  # greys
WIDER = 1.1  # two fields that fill a line of the card are a little wider than it with their margins
GAP_PX = 14  # between crops that share a picture
LABEL_PX = 30  # of the name above each


def crops_of(desk: ExchangeDesk, card_id: str, notes: Collection[FieldNote]) -> Iterator[tuple[FieldNote, Image.Image]]:
    """Every field with its picture, `SIDE_PX_PER_MM` pixels a millimetre, side by side."""
    for side in dict.fromkeys(note.side for note in notes):
        with Image.open(BytesIO(desk.side_picture(card_id, side))) as picture:
            for note in notes:
                if note.side == side:
                    yield note, picture.crop(_pixels(note.box_mm, picture.size))


def _pixels(box: BoxMm, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom on a picture of that size (width, height), with the margin, at least one pixel."""
    grown = box.grown(MARGIN_MM)
    left, top, right, bottom = (round(mm * SIDE_PX_PER_MM) for mm in (grown.x, grown.y, grown.right, grown.bottom))
    left, top = min(max(0, left), size[0] - 1), min(max(0, top), size[1] - 1)
    return left, top, max(left + 1, min(right, size[0])), max(top + 1, min(bottom, size[1]))


def in_one_picture(crops: Sequence[tuple[FieldNote, Image.Image]]) -> Image.Image:
    """The crops with their names in one grey picture, little wider than the widest: short fields stand beside one
    another."""
    widest = max((crop.width for _, crop in crops), default=1)
    width = round(WIDER * widest)
    places: list[tuple[int, int]] = []
    x = y = shelf = 0
    for _, crop in crops:
        if x and x + crop.width > width:
            x, y, shelf = 0, y + shelf + GAP_PX, 0
        places.append((x, y))
        x, shelf = x + crop.width + GAP_PX, max(shelf, crop.height + LABEL_PX)
    width = max([widest, *(left + crop.width for (_, crop), (left, _) in zip(crops, places, strict=True))])
    whole = Image.new("L", (width, max(1, y + shelf)), PAPER)
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(LABEL_PX - 8)
    for (note, crop), (left, top) in zip(crops, places, strict=True):
        pen.text((left + 2, top), note.name, fill=PRINT, font=font)
        whole.paste(crop.convert("L"), (left, top + LABEL_PX))
    return whole
