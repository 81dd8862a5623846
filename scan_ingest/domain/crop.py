"""The pictures between a page and a reading; everything above speaks millimetres."""

from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np

from scan_ingest.domain.card import Reading
from scan_ingest.domain.geometry import MM_PER_INCH, BoxMm, GreyImage, Mask
from scan_ingest.domain.likeness import Likeness
from scan_ingest.domain.page import Outcome, Placement
from scan_ingest.domain.template import Field

SIDE_PX_PER_MM = 200 / MM_PER_INCH
"""Registered sides are drawn at 200 dpi: 150 reads as well, 100 costs a point of character error rate."""


@dataclass(frozen=True, eq=False)
class LineCrop:
    """One written line, cut from a field: grey ink on white, the print and the neighbouring lines taken out.

    `struck` are the stretches where writing is crossed out or something lies over it: left and right, in millimetres on
    the side. `inserted` is whether it was put in above a line, which follows it.
    """

    picture: GreyImage
    box_mm: BoxMm
    struck: tuple[tuple[float, float], ...] = ()
    inserted: bool = False


INKED_BELOW = 0.6  # of the way from the darkest to white; lighter is paper or the blur of a stroke


def inked(picture: GreyImage) -> Mask:
    """Where the picture of a written line has ink."""
    darkest = float(np.percentile(picture, 1))
    return np.asarray(picture < darkest + INKED_BELOW * (255.0 - darkest), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class FieldCrop:
    """A field cut from a registered side.

    `picture` is as scanned; `clean` has the printed box, rules and prompt taken out; `ink` is where somebody wrote.
    All three have one shape, `SIDE_PX_PER_MM` pixels a millimetre, and lie at `box_mm` on the side (which may be larger
    than the field's own box where the writing leaves it). `lines` are empty for anything but text.
    `covered`, of the same shape, is where the ink may not tell what was written in this field: a stamp was taken out
    there, or a line runs on into the field beside; None where there is no such place.
    """

    field: Field
    picture: GreyImage
    clean: GreyImage
    ink: Mask
    box_mm: BoxMm
    lines: tuple[LineCrop, ...] = ()
    covered: Mask | None = None

    def __post_init__(self) -> None:
        if not self.picture.shape == self.clean.shape == self.ink.shape:
            raise ValueError("the pictures of a field have one shape")

    def is_covered(self, box: BoxMm) -> bool:
        """Whether what is `covered` reaches into that box on the side."""
        return self.covered is not None and bool(self.covered[self._pixels(box)].any())

    def covered_too(self, box: BoxMm) -> "FieldCrop":
        """The same crop, covered also in that box on the side."""
        covered = np.zeros_like(self.ink) if self.covered is None else self.covered.copy()
        covered[self._pixels(box)] = True
        return replace(self, covered=covered)

    def _pixels(self, box: BoxMm) -> tuple[slice, slice]:
        """The rows and columns of a box on the side, and no more of it than the crop has."""
        left, top = (box.x - self.box_mm.x) * SIDE_PX_PER_MM, (box.y - self.box_mm.y) * SIDE_PX_PER_MM
        right, bottom = left + box.width * SIDE_PX_PER_MM, top + box.height * SIDE_PX_PER_MM
        rows, columns = (slice(max(floor(low), 0), max(ceil(high), 0)) for low, high in ((top, bottom), (left, right)))
        return rows, columns


@dataclass(frozen=True, eq=False)
class ReadSide:
    """A side as found on a page and read: `place` counts from 1 in reading order on that page.

    `picture` is the registered side as JPEG bytes at `SIDE_PX_PER_MM`; `written` is whether any field has ink;
    `likeness` is None where next to nothing is written.
    """

    place: int
    placement: Placement
    readings: tuple[Reading, ...]
    picture: bytes
    written: bool
    likeness: Likeness | None = None


@dataclass(frozen=True, eq=False)
class PageResult:
    """What `read_page` found: the outcome of the page on its own, why, and the sides that were placed and read."""

    outcome: Outcome
    reason: str
    sides: tuple[ReadSide, ...] = ()
