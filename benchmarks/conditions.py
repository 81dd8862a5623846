"""Written paragraphs made harder, and lines made into paragraphs: what cutting into lines has to stand."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from benchmarks.written import Written
from scan_ingest.domain.geometry import GreyImage

Change = Callable[[GreyImage], GreyImage]


def turned(degrees: float) -> Change:
    """Down to the right by that many degrees."""

    def turn(picture: GreyImage) -> GreyImage:
        height, width = picture.shape
        angle = np.deg2rad(degrees)
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        new_width, new_height = round(width * cos + height * abs(sin)), round(width * abs(sin) + height * cos)
        shift = (new_width - cos * width + sin * height) / 2, (new_height - sin * width - cos * height) / 2
        matrix = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])
        size = (new_width, new_height)
        return np.asarray(cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderValue=255), dtype=np.uint8)

    return turn


def bent(degrees: float) -> Change:
    """Baselines that sag in the middle: a parabola that falls and rises by that many degrees at its ends."""

    def bend(picture: GreyImage) -> GreyImage:
        height, width = picture.shape
        x = np.linspace(-1, 1, width, dtype=np.float32)
        sag = float(np.tan(np.deg2rad(degrees))) * width / 4 * (1 - x**2)
        room = int(np.ceil(abs(sag).max()))
        rows = np.arange(height + room, dtype=np.float32)[:, None] - (sag if degrees > 0 else sag + room)
        columns = np.broadcast_to(np.arange(width, dtype=np.float32), rows.shape)
        bent_ = cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=255)
        return np.asarray(bent_, dtype=np.uint8)

    return bend


def scaled(factor: float) -> Change:
    """The same writing larger or smaller."""
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return lambda picture: np.asarray(
        cv2.resize(picture, None, fx=factor, fy=factor, interpolation=method), dtype=np.uint8
    )


PARAGRAPHS: Mapping[str, Change] = {
    "down 4 degrees": turned(4),
    "up 4 degrees": turned(-4),
    "sagging 4 degrees": bent(4),
    "arched 4 degrees": bent(-4),
}
SIZES: Mapping[str, Change] = {"size x 0.6": scaled(0.6), "size x 1.6": scaled(1.6)}


def stacked(lines: Sequence[Written], pages: Sequence[Written], spacing: float) -> list[Written]:
    """Each writer's lines one below the other, at `spacing` times the distance they have on that writer's page."""
    by_writer: dict[str, list[Written]] = defaultdict(list)
    for line in lines:
        by_writer[line.writer].append(line)
    heights = {page.writer: page.picture.shape[0] for page in pages}
    return [_stack(own, spacing * heights[writer] / len(own)) for writer, own in by_writer.items() if writer in heights]


def _stack(lines: Sequence[Written], pitch: float) -> Written:
    """Lines stand on their text's middle rows, `pitch` pixels apart; ink lies over ink."""
    middles = [_middle(line.picture) for line in lines]
    width = max(line.picture.shape[1] for line in lines)
    top = max(middle - index * pitch for index, middle in enumerate(middles))
    bottoms = (
        top + index * pitch + len(line.picture) - middle
        for index, (line, middle) in enumerate(zip(lines, middles, strict=True))
    )
    sheet = np.full((int(max(bottoms)) + 2, width), 255, dtype=np.uint8)
    for index, (line, middle) in enumerate(zip(lines, middles, strict=True)):
        first = round(top + index * pitch - middle)
        here = sheet[first : first + len(line.picture), : line.picture.shape[1]]
        np.minimum(here, line.picture[: len(here)], out=here)
    return Written(sheet, lines[0].writer, " ".join(line.text for line in lines))


def _middle(picture: GreyImage) -> float:
    rows = (picture < 160).sum(axis=1).astype(np.float64)
    return float((rows * np.arange(len(rows))).sum() / max(rows.sum(), 1.0))
