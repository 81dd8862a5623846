"""Sheets that look like a known card and are not: its next revision, another scheme's card, forms full of writing."""

from functools import cache

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.template import Side, Template
from tests.drawing import hands
from tests.drawing.cards import handwriting
from tests.drawing.hands import FONTS, Hand
from tests.drawing.press import Sheet
from tests.drawing.strangers import rota

Rng = np.random.Generator

QUESTIONS = (
    "What could we have done better during your stay?",
    "How would you rate the food?",
    "Did somebody explain your medicines?",
    "Would you recommend this ward to your family?",
    "Was the ward clean?",
    "How long did you wait?",
)


MOVED_AT_LEAST = 0.004  # of the side is print that was there or is there now: empty paper may move unseen


def moved(template: Template, side: Side, rng: Rng) -> GreyImage:
    """The next revision: a band of the card went elsewhere, or one field moved a little, its prompt with it."""
    while True:
        new = _band_moved(side, rng) if rng.random() < 0.5 else field_moved(template, side, rng)
        if (cv2.absdiff(new, side.reference) > 60).mean() > MOVED_AT_LEAST:
            return new


def _band_moved(side: Side, rng: Rng) -> GreyImage:
    """The lower part of the card has moved up or down past a band."""
    picture = side.reference
    height = picture.shape[0]
    top = round(height * float(rng.uniform(0.25, 0.35)))
    end = round(height * float(rng.uniform(0.85, 0.93)))
    band = round((end - top) * float(rng.uniform(0.25, 0.5)))
    new = picture.copy()
    new[top : end - band] = picture[top + band : end]
    new[end - band : end] = picture[top : top + band]
    return new


def field_moved(template: Template, side: Side, rng: Rng) -> GreyImage:
    """One field has moved up or down by 3 to 6 mm, what is printed around it with it."""
    scale = side.reference.shape[1] / template.width_mm
    box = side.fields[int(rng.integers(len(side.fields)))].box_mm
    top, bottom = round(max(box.y - 6, 0) * scale), round((box.bottom + 1.5) * scale)
    by = round(float(rng.uniform(3, 6)) * scale) * (
        1 if rng.random() < 0.5 and box.bottom < template.height_mm - 8 else -1
    )
    strip = side.reference[top:bottom].copy()
    new = side.reference.copy()
    new[top:bottom] = np.percentile(strip, 95)
    to = max(top + by, 0)
    strip = strip[: new.shape[0] - to]
    new[to : to + len(strip)] = np.minimum(new[to : to + len(strip)], strip)
    return new


def added(template: Template, side: Side, rng: Rng) -> GreyImage:
    """The next revision: its first answer is shorter, and a new question stands below."""
    picture = side.reference.copy()
    scale = picture.shape[1] / template.width_mm
    box = max((field.box_mm for field in side.fields), key=lambda one: one.width * one.height)
    part = Sheet(box.width, box.height / 2)
    part.text((1, 4), str(rng.choice(QUESTIONS)), 9, "Sans-Bold", 34)
    for index, word in enumerate(("yes", "no", "not sure")):
        part.box((2 + index * 22, 6, 4, 4), 0.35, 34)
        part.text((8 + index * 22, 9.3), word, 8.5)
    part.rule((0.5, 0.3), (box.width - 0.5, 0.3), 0.3, 68)
    drawn = part.picture()
    x, y = round(box.x * scale), round((box.y + box.height / 2) * scale)
    height, width = min(drawn.shape[0], picture.shape[0] - y), min(drawn.shape[1], picture.shape[1] - x)
    picture[y : y + height, x : x + width] = drawn[:height, :width]
    return picture


def other_scheme(template: Template, side: Side, rng: Rng) -> GreyImage:
    """The same head and foot over other questions."""
    picture = side.reference
    sheet = Sheet(template.width_mm, template.height_mm)
    scale = picture.shape[1] / template.width_mm
    y = template.height_mm * 0.27
    for question in rng.permutation(QUESTIONS):
        if y > template.height_mm * 0.82:
            break
        sheet.text((9, y), str(question), 9, "Sans-Bold", 34)
        if rng.random() < 0.5:
            sheet.box((9, y + 2, template.width_mm - 18, 10), 0.3, 68)
        else:
            for index in range(5):
                sheet.box((9 + index * 15, y + 3, 5, 5), 0.35, 34)
                sheet.text((15.5 + index * 15, y + 7), str(index + 1), 9)
        y += 18
    drawn = sheet.picture()
    new = picture.copy()
    head, foot = round(template.height_mm * 0.2 * scale), round(template.height_mm * 0.86 * scale)
    new[head:foot] = drawn[head:foot, : new.shape[1]]
    return new


@cache
def filled_rota() -> GreyImage:
    """A rota that somebody has written all over."""
    return handwriting(rota(), 148, _places(12, 30, 16), Hand(FONTS["dkg"], hands.BLACK), seed=3)


@cache
def table() -> GreyImage:
    """A table of observations, A5 landscape, filled in by hand."""
    sheet = Sheet(210, 148)
    sheet.text((10, 14), "Observations, bay 3", 16, "Sans-Bold")
    heads = ("Time", "Name", "Pulse", "Temp", "Initials")
    for column, head in enumerate(heads):
        sheet.text((12 + column * 38, 24), head, 10, "Sans-Bold")
        sheet.rule((10 + column * 38, 18), (10 + column * 38, 138), 0.25)
    for row in range(13):
        sheet.rule((10, 27 + row * 9), (200, 27 + row * 9), 0.25)
    return handwriting(sheet.picture(), 210, _places(14, 34, 30), Hand(FONTS["breip"], hands.BLUE), seed=4)


def _places(left: float, top: float, step: float) -> list[tuple[tuple[float, float], str]]:
    words = ("9.40", "Evans", "72", "36.8", "JT", "Bello", "late", "off", "81", "MK")
    return [
        ((left + column * step, top + row * 9.0), words[(row * 4 + column) % len(words)])
        for row in range(8)
        for column in range(4)
    ]
