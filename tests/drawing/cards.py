"""Fills in the sides of any template by hand: words on the rules, marks in the boxes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageDraw, ImageFont

from scan_ingest.domain.geometry import BoxMm, GreyImage, Image
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from tests.drawing.hands import Hand, Mark, missing, typeface

cv2.setNumThreads(1)

MARGIN_MM = 2.5  # what a writer leaves free at the left and the right of a field
SMALLEST = 0.72  # of the usual size: how small a writer gets before a text does not fit
PRINT = ((0, (20, 17, 15)), (76, (184, 94, 0)), (255, (255, 255, 255)))
"""The print in colour: black stays black, grey 76 is the health service's blue (0, 94, 184)."""

Layer = NDArray[np.float32]
"""How much ink lies where: 0 none, 1 all."""


def fill_in(
    template: Template,
    side_name: str,
    texts: Mapping[str, str],
    hand: Hand,
    seed: int,
    rules_mm: Mapping[str, Sequence[float]] | None = None,
    colour: bool = True,
) -> Image:
    """The side with `texts` on it, at its reference's resolution; blue, green, red, or grey if not `colour`.

    `texts` is field name → text, or a choice's value (several joined by `|`); fields of other sides and fields left out
    stay as they are. Words wrap into lines, so what is read back has one space where a line ends. `rules_mm` gives the
    heights of a field's baselines where `baselines_mm` would guess wrong. Raises `ValueError` where a text does not
    fit, a value is no option, or the font lacks a character.
    """
    side = template.side(side_name)
    scale = side.reference.shape[1] / template.width_mm
    rng = np.random.default_rng(seed)
    ink: Layer = np.zeros(side.reference.shape, dtype=np.float32)
    for field in side.fields:
        text = texts.get(field.name, "")
        if not text:
            continue
        if field.kind is FieldKind.CHOICE:
            for value in text.split("|"):
                _mark(ink, _option_box(field, value), hand, scale, rng)
        else:
            heights = (rules_mm or {}).get(field.name) or baselines_mm(side, field, template.width_mm)
            _write(ink, text, field, heights, hand, scale, rng)
    page = in_colour(side.reference) if colour else cv2.cvtColor(side.reference, cv2.COLOR_GRAY2BGR)
    amount = np.clip(ink, 0, 1)[:, :, None]
    pen = np.asarray(hand.ink, dtype=np.float32) / 255
    inked = np.asarray(page, dtype=np.float32) * (1 - amount + amount * pen)  # ink lets what is below show through
    picture = np.asarray(np.clip(np.rint(inked), 0, 255), dtype=np.uint8)
    return picture if colour else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def handwriting(
    sheet: GreyImage, width_mm: float, words: Sequence[tuple[tuple[float, float], str]], hand: Hand, seed: int
) -> GreyImage:
    """Words written on any sheet, each with its baseline's left end at a place in millimetres."""
    scale = sheet.shape[1] / width_mm
    rng = np.random.default_rng(seed)
    ink: Layer = np.zeros(sheet.shape, dtype=np.float32)
    for (x, y), word in words:
        _put_word(ink, word, (x * scale, y * scale), typeface(hand.font, hand.size_mm, scale), hand, scale, rng)
    dark = sum(hand.ink) / 3 / 255
    amount = np.clip(ink, 0, 1)
    return np.asarray(np.rint(sheet * (1 - amount + amount * dark)), dtype=np.uint8)


def in_colour(print_: GreyImage) -> Image:
    """The blank side as a colour printer prints it."""
    greys = [grey for grey, _ in PRINT]
    table = np.array(
        [[np.interp(g, greys, [c[channel] for _, c in PRINT]) for channel in range(3)] for g in range(256)]
    )
    return np.asarray(np.rint(table).astype(np.uint8)[print_], dtype=np.uint8)


def baselines_mm(side: Side, field: Field, width_mm: float) -> tuple[float, ...]:
    """Where the lines of a text field stand, in millimetres from the side's top: on its printed rules or dotted lines;
    without any, evenly spread, one line to every 8 mm."""
    box = field.box_mm
    scale = side.reference.shape[1] / width_mm
    left, right = round((box.x + box.width * 0.1) * scale), round((box.right - box.width * 0.1) * scale)
    top, bottom = round((box.y + 2) * scale), round((box.bottom - 0.8) * scale)
    strip = side.reference[max(top, 0) : max(bottom, top + 1), left:right]
    printed = np.flatnonzero((strip < 210).mean(axis=1) > 0.2)  # dots of a third of their pitch cover more than this
    groups = np.split(printed, np.flatnonzero(np.diff(printed) > 1) + 1) if len(printed) else []
    found = [(top + float(group.mean()) + 0.5) / scale for group in groups if len(group) / scale < 0.8]
    if found:
        return tuple(found)
    count = max(1, round(box.height / 8))
    pitch = box.height / count
    return tuple(box.y + pitch * (index + 0.72) for index in range(count))


def wrap(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The text in lines no wider than `width`, broken between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and measure(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _option_box(field: Field, value: str) -> BoxMm:
    for option in field.options:
        if option.value == value:
            return option.box_mm
    raise ValueError(f'{field.name}: no option "{value}"; there are {", ".join(o.value for o in field.options)}')


def _write(
    ink: Layer, text: str, field: Field, heights: Sequence[float], hand: Hand, scale: float, rng: np.random.Generator
) -> None:
    if lacking := missing(hand.font, text):
        raise ValueError(f"{hand.font.file}: cannot write {lacking!r}")
    width = (field.box_mm.width - 2 * MARGIN_MM) * scale
    for size in np.linspace(1.0, SMALLEST, 8):
        smaller = replace(hand, size_mm=round(hand.size_mm * float(size), 3))
        face = typeface(smaller.font, smaller.size_mm, scale)

        def measure(line: str, face: ImageFont.FreeTypeFont = face) -> float:
            return float(face.getlength(line)) + line.count(" ") * hand.gap_mm * scale

        lines = wrap(text, width * 0.97, measure)  # jitter between words may take a little more
        if len(lines) <= len(heights) and all(measure(line) <= width for line in lines):
            break
    else:
        raise ValueError(f"{field.name}: {len(text)} characters do not fit into {len(heights)} lines of {width:.0f} px")
    for line, height in zip(lines, heights, strict=False):
        x = (field.box_mm.x + MARGIN_MM + float(rng.uniform(-0.5, 0.8))) * scale
        climb = float(np.clip(rng.normal(0, 1), -1.5, 1.5)) * hand.jitter_mm  # from one end of the line to the other
        words = line.split()
        for position, word in enumerate(words):
            off = float(np.clip(rng.normal(-0.3, 0.8), -2, 1)) * hand.jitter_mm + climb * (position / len(words) - 0.5)
            _put_word(ink, word, (x, (height + off) * scale), face, smaller, scale, rng)
            x += (
                float(face.getlength(word + " ")) * (1 + float(rng.normal(0, 0.008)))
                + float(rng.uniform(0.5, 1.5)) * hand.gap_mm * scale
            )


def _put_word(
    ink: Layer,
    word: str,
    at: tuple[float, float],
    face: ImageFont.FreeTypeFont,
    hand: Hand,
    scale: float,
    rng: np.random.Generator,
) -> None:
    """One word with its baseline's left end at `at` (pixels): slanted, turned a little, its strokes wobbling."""
    left, top, right, bottom = face.getbbox(word, anchor="ls")
    pad = round(2.5 * scale)
    size = int(right - min(left, 0)) + 2 * pad, int(bottom - top) + 2 * pad
    origin = pad - min(left, 0), pad - top
    canvas = Pictures.new("L", size, 0)
    ImageDraw.Draw(canvas).text(origin, word, fill=255, font=face, anchor="ls")
    drawn = np.asarray(canvas, dtype=np.float32) / 255
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    turn = float(rng.normal(0, 0.008))
    fraction = at[0] - np.floor(at[0]), at[1] - np.floor(at[1])
    from_x = x - fraction[0] + (hand.slant + turn) * (y - origin[1]) + _waves(size, hand, scale, rng)
    from_y = y - fraction[1] - turn * (x - origin[0]) + _waves(size, hand, scale, rng)
    drawn = np.asarray(
        cv2.remap(drawn, from_x.astype(np.float32), from_y.astype(np.float32), cv2.INTER_LINEAR), dtype=np.float32
    )
    if hand.pen_mm:
        swollen = cv2.GaussianBlur(drawn, (0, 0), hand.pen_mm * scale)
        drawn = np.clip(np.asarray(swollen, dtype=np.float32) * 2.2, 0, 1)
    pressure = 0.9 + 0.1 * _noise(size, 1.5 * scale, rng)
    _paste(
        ink,
        drawn * np.clip(pressure, 0.6, 1),
        int(np.floor(at[0])) - int(origin[0]),
        int(np.floor(at[1])) - int(origin[1]),
    )


def _noise(size: tuple[int, int], grain_px: float, rng: np.random.Generator) -> Layer:
    """Smooth noise of standard deviation 1, one hill about every `grain_px`."""
    coarse = rng.standard_normal((int(size[1] / grain_px) + 3, int(size[0] / grain_px) + 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _waves(size: tuple[int, int], hand: Hand, scale: float, rng: np.random.Generator) -> Layer:
    return _noise(size, 1.6 * scale, rng) * np.float32(hand.wobble_mm * scale)


def _paste(ink: Layer, drawn: Layer, left: int, top: int) -> None:
    height, width = drawn.shape
    y0, y1, x0, x1 = max(top, 0), min(top + height, ink.shape[0]), max(left, 0), min(left + width, ink.shape[1])
    if y0 < y1 and x0 < x1:
        here = ink[y0:y1, x0:x1]
        np.maximum(here, drawn[y0 - top : y1 - top, x0 - left : x1 - left], out=here)


MARKS: Mapping[Mark, tuple[tuple[tuple[float, float], ...], ...]] = {
    Mark.CROSS: (((0.08, 0.1), (0.5, 0.52), (0.95, 0.93)), ((0.93, 0.06), (0.5, 0.5), (0.07, 0.95))),
    Mark.TICK: (((0.08, 0.5), (0.3, 0.72), (0.42, 0.9), (0.62, 0.45), (1.0, 0.02)),),
    Mark.SCRIBBLE: (
        ((0.1, 0.2), (0.85, 0.1), (0.12, 0.4), (0.9, 0.35), (0.1, 0.62), (0.9, 0.6), (0.1, 0.85), (0.88, 0.84)),
    ),
}
"""The strokes of a mark, in shares of its box."""


def _mark(ink: Layer, box: BoxMm, hand: Hand, scale: float, rng: np.random.Generator) -> None:
    """Marks a box; strokes leave it by up to about `strays_mm`."""
    off = rng.normal(0, 0.3, 2) * hand.strays_mm
    for stroke in MARKS[hand.mark]:
        points = np.array(stroke) * (box.width, box.height) + (box.x, box.y) + off
        middle = points.mean(axis=0)
        points = middle + (points - middle) * (1 + hand.strays_mm / box.width)
        points += rng.normal(0, 0.18, points.shape)
        smooth = _through(points * scale - 0.5)
        layer = np.zeros(ink.shape, dtype=np.uint8)
        line = np.round(smooth * 16).astype(np.int32).reshape(-1, 1, 2)
        thickness = max(1, round((0.38 + 2 * hand.pen_mm) * scale))
        cv2.polylines(layer, [line], False, (255,), thickness, cv2.LINE_AA, 4)
        np.maximum(ink, np.asarray(layer, dtype=np.float32) / 255 * 0.93, out=ink)


def _through(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth curve through the points (Catmull and Rom's spline)."""
    padded = np.vstack([points[0], points, points[-1]])
    t = np.linspace(0, 1, 12)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False)
    ]
    return np.vstack(pieces)
