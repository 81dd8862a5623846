"""Drawn and scanned sides at their true placement, cleaned and cut: what reading is tested on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage, Homography, Image
from scan_ingest.domain.page import Page, PageRef, Placement
from scan_ingest.domain.template import Field, FieldKind, Template
from scan_ingest.stages.cleaning.ink import CleanSide, clean
from scan_ingest.stages.cleaning.register import register
from scan_ingest.stages.cleaning.unstamped import without_stamps
from scan_ingest.stages.cutting.segment import field_crops
from scan_ingest.templates import load_templates, shipped_templates
from tests.drawing import hands
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand
from tests.drawing.scanner import Laid, Scan, scan

HAND = Hand(FONTS["kaushan"], hands.BLACK)


@cache
def template(template_id: str = "nomination-a5") -> Template:
    return load_templates(shipped_templates(), [template_id])[0]


@dataclass(frozen=True, eq=False)
class Seen:
    """A side after `register`, `clean` and `field_crops`."""

    page: Page
    placement: Placement
    picture: GreyImage
    side: CleanSide
    crops: Mapping[str, FieldCrop]


def seen(
    texts: Mapping[str, str],
    how: Scan | None = None,
    *,
    hand: Hand = HAND,
    template_id: str = "nomination-a5",
    side: str = "front",
    skew_deg: float = 0.0,
    turn: int = 0,
    off_mm: tuple[float, float] = (0.0, 0.0),
    drawn: Image | None = None,
) -> Seen:
    """The side filled in with `texts` (or `drawn` as it is), scanned, and taken apart at its true placement, or
    `off_mm` beside it."""
    card = template(template_id)
    written = fill_in(card, side, texts, hand, seed=5, colour=False) if drawn is None else drawn
    scanned = scan(Laid(written, card.width_mm, card.height_mm, skew_deg, turn), how or Scan(), seed=7)
    off = Homography(np.array([[1, 0, off_mm[0]], [0, 1, off_mm[1]], [0, 0, 1.0]]))
    page_to_side = scanned.side_mm_to_page[0].inverse().then(off)
    page = Page(PageRef("0" * 64, 1, "box.pdf"), scanned.page, how.dpi if how else 200)
    placement = Placement(card.id, side, page_to_side, 0.1, 99, scanned.corners_px[0])
    picture = register(page, placement, card)
    layout = card.side(side)
    cleaned = clean(without_stamps(picture, page, placement, card), layout.reference)
    crops = {crop.field.name: crop for crop in field_crops(cleaned, layout)}
    return Seen(page, placement, picture, cleaned, crops)


def at_scale(reference: GreyImage, like: GreyImage) -> GreyImage:
    """A blank side at the size of a registered picture."""
    size = (like.shape[1], like.shape[0])
    return np.asarray(cv2.resize(reference, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def handwritten(lines: list[str], hand: Hand = HAND, *, pitch_mm: float = 8.0, slope: float = 0.0) -> GreyImage:
    """Lines on plain paper at `SIDE_PX_PER_MM`, `slope` down to the right."""
    from PIL import Image as Pictures
    from PIL import ImageDraw

    from tests.drawing.hands import typeface

    px = SIDE_PX_PER_MM
    face = typeface(hand.font, hand.size_mm, px)
    width = max(face.getlength(line) for line in lines)
    sheet = Pictures.new("L", (int(width + 12 * px), int((len(lines) * pitch_mm + 16 + slope * width / px) * px)), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((5 * px, (9 + number * pitch_mm) * px), line, fill=40, font=face, anchor="ls")
    flat = np.asarray(sheet, dtype=np.uint8)
    shear = np.array([[1, 0, 0], [slope, 1, 0]])
    return np.asarray(cv2.warpAffine(flat, shear, flat.shape[::-1], borderValue=(255,)), dtype=np.uint8)


def as_field(picture: GreyImage, *, required: bool = False) -> tuple[GreyImage, BoxMm, Field]:
    """A picture taken as the whole of a text field."""
    height, width = picture.shape
    box = BoxMm(0, 0, width / SIDE_PX_PER_MM, height / SIDE_PX_PER_MM)
    return picture, box, Field("answer", "front", FieldKind.TEXT, box, required=required)
