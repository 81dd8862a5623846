"""One picture from a file, where the cards lie on it, and what became of it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scan_ingest.domain.geometry import Homography, Image, Points


class Outcome(StrEnum):
    """What became of a page; every page of every batch ends in exactly one."""

    CARD = "card"
    BLANK = "blank"
    UNMATCHED = "unmatched"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    FAILED = "failed"

    @property
    def needs_a_person(self) -> bool:
        return self in (Outcome.UNMATCHED, Outcome.UNREADABLE, Outcome.FAILED)


@dataclass(frozen=True)
class PageRef:
    """Which page: the SHA-256 of the file's bytes (hex), the page number from 1, the file's name without folders."""

    file_sha256: str
    number: int
    file_name: str

    def __str__(self) -> str:
        return f"{self.file_name}#{self.number}"


@dataclass(frozen=True, eq=False)
class Page:
    """A decoded page as scanned; `dpi` is None where the file does not say."""

    ref: PageRef
    image: Image
    dpi: float | None

    @property
    def picture_sha256(self) -> str:
        """The SHA-256 of the decoded picture (hex): a renamed or appended file is recognised page by page."""
        shape = "x".join(map(str, self.image.shape)).encode()
        return hashlib.sha256(shape + b"\n" + np.ascontiguousarray(self.image).tobytes()).hexdigest()

    @property
    def is_one_tone(self) -> bool:
        """Whether every pixel is alike, as where a scanner whitens empty paper: such a picture tells no page apart."""
        return bool(self.image.size) and bool((self.image == self.image[0, 0]).all())


@dataclass(frozen=True)
class FailedPage:
    """A file or page that cannot be decoded; a file that cannot be opened is one, number 1."""

    ref: PageRef
    reason: str


@dataclass(frozen=True, eq=False)
class Placement:
    """Where a side lies on a page.

    `page_to_side` maps pixels of the page as scanned to millimetres on the side; `residual_mm` is the root mean
    square distance of the matched points after it; `inliers` is their number.
    """

    template_id: str
    side: str
    page_to_side: Homography
    residual_mm: float
    inliers: int
    corners_px: Points
    """4 × 2: the card's own top left, then clockwise as printed, in pixels of the page as scanned."""


@dataclass(frozen=True, eq=False)
class Placing:
    """What was found on a page: the sure placements in reading order, and why others were refused; and what looks like
    a known card and surely is none, in words."""

    placements: tuple[Placement, ...]
    refusals: tuple[str, ...]
    strangers: tuple[str, ...] = ()
