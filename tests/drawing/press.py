"""A printing press that thinks in millimetres: draws the blank sides of cards, and foreign sheets."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from scan_ingest.domain.geometry import MM_PER_INCH, GreyImage

LIBERATION = Path("/usr/share/fonts/truetype/liberation")
MM_PER_POINT = MM_PER_INCH / 72
OVERDRAWN = 3  # drawn three times as fine as printed, so that edges come out smooth
GREYS = 15  # the print is kept in 16 greys: nothing to see, a third of the bytes

XY = tuple[float, float]


class Sheet:
    """Paper of `width_mm` × `height_mm`; every place is in millimetres from its top left, `ink` is 0 black to 255."""

    def __init__(self, width_mm: float, height_mm: float, dpi: int = 300) -> None:
        self.width_mm, self.height_mm = width_mm, height_mm
        self._size = round(width_mm * dpi / MM_PER_INCH), round(height_mm * dpi / MM_PER_INCH)
        self._scale = dpi * OVERDRAWN / MM_PER_INCH
        self._image = Image.new("L", (self._size[0] * OVERDRAWN, self._size[1] * OVERDRAWN), 255)
        self._draw = ImageDraw.Draw(self._image)

    def _px(self, *mm: float) -> tuple[float, ...]:
        return tuple(value * self._scale for value in mm)

    def text(
        self, at: XY, text: str, points: float, face: str = "Sans-Regular", ink: int = 0, anchor: str = "ls"
    ) -> float:
        """Prints one line; `at` is the left end of its baseline unless `anchor` (Pillow's) says otherwise. Returns
        its width in millimetres."""
        font = typeface(face, points * MM_PER_POINT * self._scale)
        self._draw.text((at[0] * self._scale, at[1] * self._scale), text, fill=ink, font=font, anchor=anchor)
        return float(font.getlength(text)) / self._scale

    def paragraph(
        self, at: XY, text: str, points: float, width_mm: float, leading: float = 1.3, **look: object
    ) -> float:
        """Prints lines broken at `width_mm`, the first baseline at `at`. Returns the y of the next one."""
        face = str(look.get("face", "Sans-Regular"))
        font = typeface(face, points * MM_PER_POINT * self._scale)
        x, y = at
        for line in _wrapped(text.split(), lambda words: font.getlength(words) <= width_mm * self._scale):
            self.text((x, y), line, points, **look)  # type: ignore[arg-type]
            y += points * MM_PER_POINT * leading
        return y

    def rule(self, start: XY, end: XY, width_mm: float = 0.25, ink: int = 0) -> None:
        self._draw.line(self._px(*start, *end), fill=ink, width=max(1, round(width_mm * self._scale)))

    def dots(self, start: XY, length_mm: float, pitch_mm: float = 1.0, dot_mm: float = 0.36, ink: int = 0) -> None:
        """A dotted line to the right of `start`."""
        for x in np.arange(start[0], start[0] + length_mm, pitch_mm):
            self.disc((float(x), start[1]), dot_mm / 2, ink)

    def box(
        self, box: Sequence[float], line_mm: float = 0.3, ink: int = 0, fill: int | None = None, radius_mm: float = 0.0
    ) -> None:
        """A rectangle (x, y, width, height); its line lies inside it. No line where `line_mm` is 0."""
        x, y, width, height = box
        self._draw.rounded_rectangle(
            self._px(x, y, x + width, y + height),
            radius_mm * self._scale,
            fill=fill,
            outline=ink if line_mm else None,
            width=max(1, round(line_mm * self._scale)),
        )

    def disc(self, centre: XY, radius_mm: float, ink: int = 0) -> None:
        x, y = centre
        self._draw.ellipse(self._px(x - radius_mm, y - radius_mm, x + radius_mm, y + radius_mm), fill=ink)

    def shape(self, points: Iterable[XY], ink: int = 0) -> None:
        """A filled outline."""
        self._draw.polygon([self._px(*point) for point in points], fill=ink)

    def picture(self) -> GreyImage:
        """The sheet as printed: `dpi` pixels an inch, in 16 greys."""
        grey = np.asarray(self._image.resize(self._size, Image.Resampling.BOX), dtype=np.float64)
        return np.asarray(np.round(grey / 255 * GREYS) * (255 / GREYS), dtype=np.uint8)


def heart(centre: XY, size_mm: float) -> Iterator[XY]:
    """The outline of a heart about `size_mm` wide (the sine curve 16 sin³ t)."""
    for t in np.linspace(0, 2 * np.pi, 90):
        x = 16 * np.sin(t) ** 3
        y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        yield centre[0] + float(x) * size_mm / 32, centre[1] - float(y) * size_mm / 32


def star(centre: XY, outer_mm: float, inner_mm: float, points: int) -> Iterator[XY]:
    """The outline of a star or, with many points, of a rosette."""
    for step in range(2 * points):
        radius = inner_mm if step % 2 else outer_mm
        angle = np.pi * step / points - np.pi / 2
        yield centre[0] + radius * float(np.cos(angle)), centre[1] + radius * float(np.sin(angle))


@cache
def typeface(face: str, size_px: float) -> ImageFont.FreeTypeFont:
    """A Liberation face, such as "Sans-Bold", from Debian's fonts-liberation."""
    return open_font(LIBERATION / f"Liberation{face}.ttf", size_px, "fonts-liberation")


def open_font(file: Path, size_px: float, package: str) -> ImageFont.FreeTypeFont:
    """Raises `FileNotFoundError` naming the Debian package that holds the font."""
    if not file.is_file():
        raise FileNotFoundError(f"{file}: no such font; install Debian's {package}")
    return ImageFont.truetype(str(file), size_px, layout_engine=ImageFont.Layout.BASIC)


def _wrapped(words: Sequence[str], fits: Callable[[str], bool]) -> Iterator[str]:
    line: list[str] = []
    for word in words:
        if line and not fits(" ".join([*line, word])):
            yield " ".join(line)
            line = []
        line.append(word)
    if line:
        yield " ".join(line)
