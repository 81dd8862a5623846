"""A side's picture → the part a reviewer looks at, drawn in the characters of a terminal.

Pixels come from the registered side at `SIDE_PX_PER_MM`; a *dot* is the smallest point that the terminal can draw: a
quarter of a braille column's height, half a block, or a pixel where the terminal shows real pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm, GreyImage, Mask
from scan_ingest.errors import StoreError

LEGIBLE_DOTS = 8.0
"""Dots per written character: handwriting is legible from about 6 in grey and 8 in black and white."""

COMFORTABLE_DOTS = 10.0
"""Dots per character that read easily: a line is drawn smaller than it could be, down to this, rather than split."""

LARGEST_DOTS = 13.0
"""Dots per character beyond which a larger picture reads no better and only pushes the text away."""

# A character of handwriting is between a narrow hand's and a child's: what a wrong or empty reading may claim at most.
NARROWEST_CHARACTER_MM = 1.6
WIDEST_CHARACTER_MM = 5.0

STEPS = 9  # sizes that are tried between the largest and the smallest
INK_BELOW = 168  # of 255 after stretching, in pixels as scanned
ROOM_PX = 3  # paper kept above and below the ink of a row
SPECK_PX = 3  # dark pixels in a pixel row that may be dirt
WORD_GAP = 0.45  # characters; what is narrower lies between letters
EMPTY_SHARE = 0.04  # of the darkest stretch of writing: a printed rule below the words is in both

# A thin stroke fades when a dot covers more than its width, so what counts as ink goes by the darkest dots.
INK_SHARE = 0.42
FADED_INK = 205  # of 255: where the darkest dots are lighter than this, there is only dirt
FAINTEST_INK = 225  # of 255: what is lighter than this beside white paper is paper, and is not stretched to black
BACKGROUND_MM = 3.0  # wider than a stroke, narrower than a shadow

BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint16)


class Manner(StrEnum):
    """How the terminal draws a picture."""

    BRAILLE = "braille"
    HALF_BLOCKS = "half blocks"
    PIXELS = "pixels"


@dataclass(frozen=True)
class Cell:
    """The dots in one character of the terminal."""

    across: int
    down: int


DOTS_IN = {Manner.BRAILLE: Cell(2, 4), Manner.HALF_BLOCKS: Cell(1, 2)}


@dataclass(frozen=True, eq=False)
class PictureRow:
    """A row of a picture, scaled to dots; `left_px` and `right_px` say which part of the crop it shows."""

    dots: GreyImage
    left_px: int
    right_px: int

    def columns_of(self, left_px: float, right_px: float, across: int) -> tuple[int, int] | None:
        """The columns of characters that show that part of the crop, or None where this row does not."""
        left, right = max(left_px, self.left_px), min(right_px, self.right_px)
        if left >= right:
            return None
        scale = self.dots.shape[1] / (self.right_px - self.left_px) / across
        return int((left - self.left_px) * scale), ceil((right - self.left_px) * scale)


def decoded(jpeg: bytes) -> GreyImage:
    """The side's picture in grey. Raises `StoreError` where the stored picture is damaged."""
    image = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_GRAYSCALE) if jpeg else None
    if image is None:
        raise StoreError("the stored picture of this card is damaged; ingest its file again into another workspace")
    return np.asarray(image, dtype=np.uint8)


def cut(side: GreyImage, box: BoxMm, margin_mm: float = 0.0) -> GreyImage:
    """The part of the side within the box and a margin around it; at least one pixel, whatever the box."""
    height, width = side.shape
    grown = box.grown(margin_mm)
    left = min(max(0, round(grown.x * SIDE_PX_PER_MM)), width - 1)
    top = min(max(0, round(grown.y * SIDE_PX_PER_MM)), height - 1)
    right = max(left + 1, min(width, round(grown.right * SIDE_PX_PER_MM)))
    bottom = max(top + 1, min(height, round(grown.bottom * SIDE_PX_PER_MM)))
    return side[top:bottom, left:right]


def stretched(crop: GreyImage) -> GreyImage:
    """The crop with its paper white and its darkest ink black, shadows and yellowed paper taken out."""
    reach = round(BACKGROUND_MM * SIDE_PX_PER_MM) | 1
    paper = cv2.blur(cv2.dilate(crop, np.ones((reach, reach), np.uint8)), (reach, reach))
    even = crop.astype(np.float32) * 255.0 / np.maximum(paper, 1).astype(np.float32)
    darkest = min(float(np.percentile(even, 0.5)), FAINTEST_INK)
    white = max(float(np.percentile(even, 60)) * 0.97, darkest + 1)
    return np.asarray(np.clip((even - darkest) * 255.0 / (white - darkest), 0, 255), dtype=np.uint8)


def character_width_mm(width_mm: float, characters: int) -> float:
    """How wide one written character is, from what was read in that width."""
    return float(np.clip(width_mm / max(characters, 1), NARROWEST_CHARACTER_MM, WIDEST_CHARACTER_MM))


def in_rows(
    crop: GreyImage,
    character_mm: float,
    columns: int,
    lines: int,
    cell: Cell,
    between_words: Sequence[int] = (),
    largest_dots: float = LARGEST_DOTS,
) -> tuple[PictureRow, ...]:
    """The stretched crop split over as many rows as keep it legible in that many columns, and as large as fits.

    A row is never drawn with fewer than `LEGIBLE_DOTS` a character; where the lines do not suffice there are more rows
    than fit, and the caller shows those around the cursor. Rows end between words where they can, and are as high as
    their ink; `between_words` are the gaps that are known, in pixels from the left, in order.
    """
    legible = LEGIBLE_DOTS / (character_mm * SIDE_PX_PER_MM)  # dots per pixel
    largest = max(legible, largest_dots / (character_mm * SIDE_PX_PER_MM))
    available = columns * cell.across
    word_gap_px = WORD_GAP * character_mm * SIDE_PX_PER_MM
    # Sizes are tried on the figures alone; only the one that is chosen is drawn.
    ink = 255.0 - crop.mean(axis=0)
    dark = np.cumsum(crop < INK_BELOW, axis=1, dtype=np.int32)
    best: tuple[_Part, ...] = ()
    for tried in np.linspace(largest, legible, STEPS).tolist():
        cuts = _cuts(ink, max(1, int(available / tried)), word_gap_px, between_words)
        parts = tuple(_part(dark, left, right) for left, right in pairwise(cuts))
        fits = sum(part.lines(tried, cell) for part in parts) <= lines
        comfortable = tried >= legible * COMFORTABLE_DOTS / LEGIBLE_DOTS
        # The largest that fits; a little smaller where that saves splitting the line, as long as it reads easily.
        if fits and (not best or (comfortable and len(parts) < len(best))):
            best, scale = parts, tried
    if not best:
        best, scale = parts, legible
    return tuple(
        PictureRow(_scaled(crop[part.top : part.bottom, part.left : part.right], scale, cell), part.left, part.right)
        for part in best
    )


@dataclass(frozen=True)
class _Part:
    """A part of a crop that becomes a row, in pixels; as high as its ink."""

    left: int
    right: int
    top: int
    bottom: int

    def lines(self, scale: float, cell: Cell) -> int:
        """How many lines of the terminal it takes."""
        return ceil(max(1, round((self.bottom - self.top) * scale)) / cell.down)


def _part(dark: NDArray[np.int32], left: int, right: int) -> _Part:
    """`dark` counts the dark pixels of each pixel row up to each column."""
    inked = np.flatnonzero(dark[:, right - 1] - (dark[:, left - 1] if left else 0) > SPECK_PX)
    if not len(inked):
        return _Part(left, right, 0, len(dark))
    return _Part(left, right, max(0, int(inked[0]) - ROOM_PX), min(len(dark), int(inked[-1]) + 1 + ROOM_PX))


def _cuts(ink: NDArray[np.float64], longest: int, word_gap_px: float, between_words: Sequence[int]) -> list[int]:
    """Where to split a crop so that no part is longer; `ink` is how dark each of its columns is.

    At the last known gap between words in the second half of each part, else at the widest gap there that the ink
    shows, else at the emptiest place in its last quarter.
    """
    width = len(ink)
    empty = ink <= ink.min() + EMPTY_SHARE * (ink.max() - ink.min())
    cuts = [0]
    while width - cuts[-1] > longest:
        half, latest = cuts[-1] + max(1, longest // 2), cuts[-1] + longest
        known = [gap for gap in between_words if half <= gap <= latest]
        if known:
            cuts.append(known[-1])
        else:
            gap, middle = _widest_run(empty[half:latest])
            quarter = latest - max(1, longest // 4)
            emptiest = quarter + int(np.argmin(ink[quarter:latest]))
            cuts.append(half + middle if gap >= word_gap_px else max(cuts[-1] + 1, emptiest))
    return [*cuts, width]


def _widest_run(flags: Mask) -> tuple[int, int]:
    """The longest run of true flags: its length and its middle; (0, 0) where there is none."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    if not len(edges):
        return 0, 0
    starts, ends = edges[::2], edges[1::2]
    widest = int(np.argmax(ends - starts))
    return int(ends[widest] - starts[widest]), int(starts[widest] + ends[widest]) // 2


def _scaled(part: GreyImage, scale: float, cell: Cell) -> GreyImage:
    """The part at that many dots per pixel, filled up with paper to whole characters."""
    height, width = part.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(part, size, interpolation=how)
    right, bottom = -size[0] % cell.across, -size[1] % cell.down
    return np.asarray(cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_CONSTANT, value=255), dtype=np.uint8)


def fitted(crop: GreyImage, columns: int, lines: int, cell: Cell, largest: float = 1.0) -> PictureRow:
    """The whole crop in one picture that fits the window; for an overview, legible or not.

    `largest` is in dots per pixel.
    """
    height, width = crop.shape
    scale = min(columns * cell.across / width, lines * cell.down / height, largest)
    return at_scale(crop, scale, cell)


def at_scale(crop: GreyImage, scale: float, cell: Cell) -> PictureRow:
    """The whole crop at that many dots per pixel, in one piece."""
    return PictureRow(_scaled(crop, scale, cell), 0, crop.shape[1])


def ink(dots: GreyImage) -> Mask:
    """Which dots are ink."""
    darkest = min(float(np.percentile(dots, 1)), FADED_INK)
    return np.asarray(dots < 255 - INK_SHARE * (255 - darkest), dtype=np.bool_)


def as_braille(dots: Mask) -> tuple[str, ...]:
    """H × W dots, H a multiple of 4 and W of 2 → H/4 strings of W/2 braille characters."""
    height, width = dots.shape
    blocks = dots.reshape(height // 4, 4, width // 2, 2).astype(np.uint16)
    codes = 0x2800 + np.einsum("ijkl,jl->ik", blocks, BRAILLE_BITS)
    return tuple("".join(map(chr, row)) for row in codes.tolist())


def as_half_blocks(dots: Mask) -> tuple[str, ...]:
    """H × W dots, H a multiple of 2 → H/2 strings of W characters, for terminals without greys."""
    height, width = dots.shape
    pairs = dots.reshape(height // 2, 2, width)
    return tuple("".join(" ▄▀█"[2 * top + bottom] for top, bottom in row.T) for row in pairs.astype(int))


def as_grey_pairs(dots: GreyImage) -> NDArray[np.uint8]:
    """H × W greys, H a multiple of 2 → H/2 × W × 2: the (upper, lower) grey of each character, in 16 shades.

    Sixteen shades look the same as 256 here and leave runs of one colour that are sent as one.
    """
    height, width = dots.shape
    shades = (dots.astype(np.uint16) // 16 * 17).reshape(height // 2, 2, width)
    return np.asarray(shades.transpose(0, 2, 1), dtype=np.uint8)
