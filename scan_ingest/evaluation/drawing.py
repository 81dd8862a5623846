"""Shapes on a sheet, and the two ways to write them: SVG as text, PNG through Pillow. Both look the same.

A plotting library would be the heaviest thing in the program for two charts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Literal
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

from scan_ingest.domain.text import for_a_terminal

Point = tuple[float, float]
SCALE = 2  # a PNG has this many pixels for each unit of the sheet,
SMOOTHER = 2  # and is drawn so many times larger still, then shrunk: Pillow's edges are rough


@dataclass(frozen=True)
class Stroke:
    """A line through points."""

    points: tuple[Point, ...]
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Shade:
    """A filled polygon."""

    points: tuple[Point, ...]
    colour: str


@dataclass(frozen=True)
class Dot:
    at: Point
    radius: float
    colour: str


@dataclass(frozen=True)
class Words:
    """Text on one line; `at` is its start, middle or end on the baseline."""

    at: Point
    text: str
    size: float = 12.0
    colour: str = "#333333"
    anchor: Literal["start", "middle", "end"] = "start"


Shape = Stroke | Shade | Dot | Words


def as_svg(shapes: Sequence[Shape], width: int, height: int) -> bytes:
    """A whole SVG document: nothing in it points elsewhere."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="Helvetica, Arial, Liberation Sans, sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *map(_svg, shapes),
        "</svg>\n",
    ]
    return "\n".join(parts).encode()


def _svg(shape: Shape) -> str:
    match shape:
        case Stroke(points, colour, width, dashed):
            dash = ' stroke-dasharray="5 4"' if dashed else ""
            joined = f'stroke-linejoin="round" stroke-linecap="round"{dash}'
            pen = f'fill="none" stroke="{colour}" stroke-width="{width:g}" {joined}'
            return f'<polyline points="{_points(points)}" {pen}/>'
        case Shade(points, colour):
            return f'<polygon points="{_points(points)}" fill="{colour}"/>'
        case Dot((x, y), radius, colour):
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}"/>'
        case Words((x, y), text, size, colour, anchor):
            where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"'
            return f"<text {where}>{escape(for_a_terminal(text))}</text>"


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def as_png(shapes: Sequence[Shape], width: int, height: int) -> bytes:
    """The same as a picture of `SCALE` × (width, height) pixels."""
    large = SCALE * SMOOTHER
    picture = Image.new("RGB", (width * large, height * large), "white")
    pen = ImageDraw.Draw(picture)
    for shape in shapes:
        _draw(pen, shape, large)
    target = BytesIO()
    picture.resize((width * SCALE, height * SCALE), Image.Resampling.LANCZOS).save(target, "PNG")
    return target.getvalue()


ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}  # Pillow's letters for them


def _draw(pen: ImageDraw.ImageDraw, shape: Shape, scale: int) -> None:
    def at(point: Point) -> Point:
        return point[0] * scale, point[1] * scale

    match shape:
        case Stroke(points, colour, width, dashed):
            for piece in _dashes(points) if dashed else [points]:
                pen.line([at(point) for point in piece], fill=colour, width=round(width * scale), joint="curve")
        case Shade(points, colour):
            pen.polygon([at(point) for point in points], fill=colour)
        case Dot(middle, radius, colour):
            pen.circle(at(middle), radius * scale, fill=colour)
        case Words(where, text, size, colour, anchor):
            font = ImageFont.load_default(size * scale)
            pen.text(at(where), for_a_terminal(text), font=font, fill=colour, anchor=ANCHORS[anchor])


def _dashes(points: tuple[Point, ...]) -> list[tuple[Point, ...]]:
    """Pieces of 5 units with gaps of 4, each straight part from its own start."""
    pieces: list[tuple[Point, ...]] = []
    for (x, y), (to_x, to_y) in pairwise(points):
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        step = 0.0
        while step < length:
            a, b = step / length, min(step + 5, length) / length
            pieces.append(((x + a * (to_x - x), y + a * (to_y - y)), (x + b * (to_x - x), y + b * (to_y - y))))
            step += 9
    return pieces
