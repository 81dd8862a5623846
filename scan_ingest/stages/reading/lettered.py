"""Words in letters that a machine set: on a card filled in by hand, a stamp's."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import SIDE_PX_PER_MM, LineCrop, inked
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.stages.cleaning.lettering import HEIGHTS_MM, WITHIN, Row, rows_of_letters
from scan_ingest.stages.cleaning.strokes import Strokes

FEWEST, SURELY = 4, 5  # letters of a row; one real line in 25 has 4 that are as even, by chance
ALIKE = 2 * WITHIN + 0.03  # of their height, by how much the letters' boxes differ; a turn by 15° adds the last
MOST_WORDS = 6  # of stamps in a field; whoever writes in such even capitals writes more
SEVERAL_LINES_MM = 16.0  # a lower field has no room for a stamp, and capitals are what people write there


def stamped_words(lines: Sequence[Line], strips: Sequence[LineCrop | None], field: BoxMm) -> list[list[bool]]:
    """For each word of a field's lines whether it stands in a row of machine-set letters, where only some words do.

    A row of `FEWEST` letters counts where the field has no other words.
    """
    nothing = [[False] * len(line.words) for line in lines]
    if field.height < SEVERAL_LINES_MM:
        return nothing
    rows = [() if strip is None else _rows(strip) for strip in strips]
    for least in (FEWEST, SURELY):
        found = [
            _in_rows(line, strip, [row for row in some if len(row.labels) >= least])
            for line, strip, some in zip(lines, strips, rows, strict=True)
        ]
        words = [one for of_line in found for one in of_line]
        if all(words) or least == SURELY:
            return found if sum(words) <= MOST_WORDS else nothing
    return nothing


def _in_rows(line: Line, strip: LineCrop | None, rows: Sequence[Row]) -> list[bool]:
    if strip is None or not rows:
        return [False] * len(line.words)
    px = strip.picture.shape[1] / strip.box_mm.width
    sides = [strip.box_mm.x + row.corners[:, 0] / px for row in rows]
    middles = [word.box_mm.x + word.box_mm.width / 2 for word in line.words]
    return [any(side.min() <= middle <= side.max() for side in sides) for middle in middles]


def _rows(strip: LineCrop) -> tuple[Row, ...]:
    strokes = Strokes.of(inked(strip.picture))
    return rows_of_letters(strokes) if _even(strokes) else ()


def _even(strokes: Strokes) -> bool:
    """Whether `FEWEST` strokes are so nearly of one height that a row is looked for: they are in few written lines."""
    heights: NDArray[np.float64] = np.sort(strokes.boxes[1:, 3]) / SIDE_PX_PER_MM
    heights = heights[(heights >= HEIGHTS_MM[0]) & (heights <= HEIGHTS_MM[1])]
    if len(heights) < FEWEST:
        return False
    return bool((heights[FEWEST - 1 :] <= heights[: -FEWEST + 1] * (1 + ALIKE)).any())
