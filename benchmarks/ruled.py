"""Written lines over printed rules and dots, scanned and cleaned: what the print under the writing costs."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import MM_PER_INCH, BoxMm, GreyImage
from scan_ingest.domain.page import Page, PageRef, Placement
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from scan_ingest.stages.cleaning.register import register
from tests.drawing.press import Sheet
from tests.drawing.scanner import Laid, Scan, scan

PRINT_DPI = 300
PAPER_MM = 4.0  # around the writing
CORE_SHARE = 0.6  # of a line's ink lies in its text core, whose foot is the baseline


@dataclass(frozen=True)
class Paper:
    """What is printed under the writing: a grey, as a rule or as dots; or nothing."""

    ink: int | None = None
    dotted: bool = False


PAPERS: Mapping[str, Paper] = {
    "clean paper": Paper(),
    "solid grey": Paper(153),
    "solid black": Paper(0),
    "dotted grey": Paper(119, dotted=True),
    "dotted black": Paper(0, dotted=True),
}


def written_on(line: GreyImage, paper: Paper, seed: int) -> tuple[GreyImage, GreyImage]:
    """The written line on that paper, scanned askew and registered; and the blank side."""
    height, width = (size / SIDE_PX_PER_MM for size in line.shape)
    sheet = Sheet(round(width + 2 * PAPER_MM, 1), round(height + 2 * PAPER_MM, 1), PRINT_DPI)
    level = PAPER_MM + baseline(line) / SIDE_PX_PER_MM
    if paper.ink is not None and paper.dotted:
        sheet.dots((1.5, level), sheet.width_mm - 3, ink=paper.ink)
    elif paper.ink is not None:
        sheet.rule((1.5, level), (sheet.width_mm - 1.5, level), ink=paper.ink)
    reference = sheet.picture()
    fineness, off = PRINT_DPI / MM_PER_INCH / SIDE_PX_PER_MM, PAPER_MM * PRINT_DPI / MM_PER_INCH
    matrix = np.array([[fineness, 0, off], [0, fineness, off]])
    size = reference.shape[1], reference.shape[0]
    ink = cv2.warpAffine(line, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255,))
    both = np.asarray(np.rint(reference.astype(np.float32) * ink / 255), dtype=np.uint8)  # ink lets print through
    skew = float(np.random.default_rng(seed).uniform(-1, 1))
    scanned = scan(Laid(both, sheet.width_mm, sheet.height_mm, skew), Scan(margin_mm=3), seed)
    field = Field("answer", "front", FieldKind.TEXT, BoxMm(1, 1, sheet.width_mm - 2, sheet.height_mm - 2))
    template = Template("ruled", "ruled", 1, sheet.width_mm, sheet.height_mm, (Side("front", reference, (field,)),))
    placement = Placement("ruled", "front", scanned.side_mm_to_page[0].inverse(), 0.1, 99, scanned.corners_px[0])
    return register(Page(PageRef("0" * 64, 1, "ruled"), scanned.page, 200), placement, template), reference


def baseline(line: GreyImage) -> int:
    """The row below the shortest run of rows that holds `CORE_SHARE` of the ink."""
    sums = np.concatenate([[0], np.cumsum((line < 160).sum(axis=1))])
    ends = np.searchsorted(sums, sums[:-1] + CORE_SHARE * sums[-1])
    lengths = np.where(ends < len(sums), ends - np.arange(len(ends)), len(sums))
    return int(ends[int(lengths.argmin())])
