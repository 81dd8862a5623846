"""The hands that write on drawn cards: an open handwriting font each, a pen, and habits."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

from tests.drawing.press import open_font

DEBIAN = Path("/usr/share/fonts")

Ink = tuple[int, int, int]
"""Blue, green, red of the pen at full pressure."""

BLACK: Ink = (38, 32, 30)
BLUE: Ink = (150, 52, 28)
ROYAL: Ink = (190, 70, 50)
GREEN: Ink = (70, 95, 30)
RED: Ink = (45, 35, 170)
PENCIL: Ink = (112, 110, 110)
PURPLE: Ink = (130, 40, 100)


class Mark(StrEnum):
    """How somebody marks a box."""

    CROSS = "cross"
    TICK = "tick"
    SCRIBBLE = "scribble"


@dataclass(frozen=True)
class Font:
    """A font file, the Debian package it comes in, and whether it has capitals only."""

    file: str
    package: str
    capitals: bool = False


FONTS = {
    "dkg": Font("truetype/fifthhorseman/dkg.ttf", "fonts-dkg-handwriting"),
    "breip": Font("truetype/breip/Breip.ttf", "fonts-breip"),
    "rufscript": Font("truetype/rufscript/Rufscript010.ttf", "fonts-rufscript"),
    "kristi": Font("truetype/kristi/Kristi.ttf", "fonts-kristi"),
    "dancing": Font("opentype/dancingscript/DancingScript-Regular.otf", "fonts-dancingscript"),
    "kaushan": Font("opentype/kaushanscript/KaushanScript-Regular.otf", "fonts-kaushanscript"),
    "humor": Font("truetype/humor-sans/Humor-Sans.ttf", "fonts-humor-sans", capitals=True),
    "tomson": Font("truetype/tomsontalks/TomsonTalks.ttf", "fonts-tomsontalks", capitals=True),
    "connect": Font("opentype/bwht/BecauseWeConnect-Regular.otf", "fonts-bwht", capitals=True),
    "mentor": Font("opentype/bwht/BecauseWeMentor-Regular.otf", "fonts-bwht", capitals=True),
}


@dataclass(frozen=True)
class Hand:
    """`size_mm` is the height of a small x (of a capital X in fonts of capitals); `slant` leans to the right (0.1 is
    6°); `jitter_mm` is how far words leave the line; `wobble_mm` how far strokes leave the font; `pen_mm` is added to
    the stroke, `gap_mm` to the space between words; `strays_mm` is how far marks leave their box."""

    font: Font
    ink: Ink = BLUE
    size_mm: float = 2.2
    slant: float = 0.0
    jitter_mm: float = 0.25
    wobble_mm: float = 0.08
    pen_mm: float = 0.0
    gap_mm: float = 0.2
    mark: Mark = Mark.CROSS
    strays_mm: float = 0.4

    def writes(self, text: str) -> str:
        """The text as this hand puts it down: in capitals, if it has no others."""
        return text.upper() if self.font.capitals else text


@cache
def typeface(font: Font, size_mm: float, px_per_mm: float) -> ImageFont.FreeTypeFont:
    """The font scaled so that its x (or X) is `size_mm` high. Raises `FileNotFoundError` naming the package."""
    measured = open_font(DEBIAN / font.file, 200, font.package)
    _, top, _, bottom = measured.getbbox("X" if font.capitals else "x")
    return open_font(DEBIAN / font.file, 200 * size_mm * px_per_mm / (bottom - top), font.package)


def missing(font: Font, text: str) -> str:
    """The characters of `text` that the font cannot draw, sorted."""
    face = open_font(DEBIAN / font.file, 40, font.package)
    nothing = _drawn(face, "\uffff")
    return "".join(sorted(c for c in set(text) if not c.isspace() and _drawn(face, c) in (nothing, b"")))


def _drawn(face: ImageFont.FreeTypeFont, character: str) -> bytes:
    mask = face.getmask(character)
    return np.asarray(mask, dtype=np.uint8).tobytes() if mask.getbbox() else b""
