"""Short fields as invented people fill them in: names, roles, wards and dates in handwriting fonts, scanned.

Some write clearly, some hardly legibly: strokes wobble, pens are faint, the picture is blurred and noisy.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.invented import ORIGINS, invented_lists, written
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage
from tests.drawing.cards import handwriting
from tests.drawing.hands import BLACK, BLUE, FONTS, GREEN, PENCIL, ROYAL, Hand, missing, typeface
from tests.drawing.scanner import as_jpeg, decode

PEOPLE = 60  # in a site's list; half of the cards are about others
HEIGHT_MM, BASELINE_MM, MARGIN_MM = 17.0, 10.0, 4.0
PAPER = 250
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}


@dataclass(frozen=True, eq=False)
class WrittenField:
    """A picture of a short field at `SIDE_PX_PER_MM`, which font wrote it, where its people's names come from, and
    what it says."""

    picture: GreyImage
    font: str
    origin: str
    field: str
    text: str


def written_fields(cards: int, seed: int = 5) -> Iterator[WrittenField]:
    """The fields of that many cards; what a font has no letters for is left out."""
    chance = random.Random(seed)
    for number in range(cards):
        origin = list(ORIGINS)[number % len(ORIGINS)]
        lists = invented_lists(chance, PEOPLE, (origin,))
        texts = {**written(chance, lists, (origin,)).texts, "date": a_date(chance)}
        font = chance.choice(list(FONTS))
        hand = a_hand(chance, font)
        for field, text in texts.items():
            if text and not missing(hand.font, hand.writes(text)):
                picture = worn(drawn(hand.writes(text), hand, chance.randrange(10**6)), chance)
                yield WrittenField(picture, font, origin, field, hand.writes(text))


def a_date(chance: random.Random) -> str:
    day, month, year = chance.randint(1, 28), chance.randint(1, 12), chance.choice((2024, 2025, 2026))
    name = MONTHS[month - 1]
    return chance.choice(
        (
            f"{day:02}/{month:02}/{year}",
            f"{day:02}/{month:02}/{year}",
            f"{day}.{month}.{year % 100}",
            f"{day} {name} {year}",
            f"{day}{ENDINGS.get(day, 'th')} {chance.choice((name, name[:3]))}",
        )
    )


def a_hand(chance: random.Random, font: str) -> Hand:
    """Somebody's hand: most are neat, one in ten shakes."""
    shaking = min(chance.lognormvariate(-0.3, 0.7), 3.0)
    return Hand(
        FONTS[font],
        ink=chance.choice((BLACK, BLUE, ROYAL, PENCIL, GREEN)),
        size_mm=chance.uniform(1.7, 2.9),
        slant=chance.uniform(-0.2, 0.35),
        jitter_mm=0.2 * shaking,
        wobble_mm=0.09 * shaking,
        pen_mm=chance.choice((0.0, 0.0, 0.06, 0.1)),
        gap_mm=chance.uniform(-0.2, 0.6),
    )


def drawn(text: str, hand: Hand, seed: int) -> GreyImage:
    """The text on a strip of paper."""
    chance = np.random.default_rng(seed)
    face = typeface(hand.font, hand.size_mm, SIDE_PX_PER_MM)
    x, words = MARGIN_MM, []
    for word in text.split():
        words.append(((x, BASELINE_MM + float(chance.normal(0, 1)) * hand.jitter_mm), word))
        x += face.getlength(word + " ") / SIDE_PX_PER_MM + hand.gap_mm * float(chance.uniform(0.5, 1.5))
    width_mm = max(x + MARGIN_MM, HEIGHT_MM)
    size = round(HEIGHT_MM * SIDE_PX_PER_MM), round(width_mm * SIDE_PX_PER_MM)
    return handwriting(np.full(size, PAPER, dtype=np.uint8), width_mm, words, hand, seed)


def worn(picture: GreyImage, chance: random.Random) -> GreyImage:
    """The picture as a scanner may see it: blurred, noisy, compressed, three in ten faint."""
    blurred = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.4, 1.1)).astype(np.float64)
    kept = chance.uniform(0.45, 0.8) if chance.random() < 0.3 else 1.0
    noise = np.random.default_rng(chance.randrange(10**6)).normal(0, chance.uniform(1, 5), picture.shape)
    grey = np.asarray(np.clip(255 - kept * (255 - blurred) + noise, 0, 255), dtype=np.uint8)
    return decode(as_jpeg(grey, chance.randint(50, 90)))
