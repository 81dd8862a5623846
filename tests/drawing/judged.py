"""What became of a hard page, judged by where its cards truly lie: for the tests and the benchmark alike."""

from dataclasses import dataclass

import numpy as np

from scan_ingest.domain.page import Page, PageRef, Placement, Placing
from tests.drawing.hard_pages import HardPage, Lies

CORNER_AT_MOST_MM = 1.0


@dataclass(frozen=True)
class Judged:
    """What became of a page: "placed", "refused" or "wrong"; `unmatched`: nothing was seen on it at all; `unseen`: a
    card lies on it that nothing was said of, and the page passes for a card by the others."""

    kind: str
    number: int
    became: str
    unmatched: bool
    unseen: bool
    residuals_mm: tuple[float, ...]
    corners_mm: tuple[float, ...]
    why: str


def judge(page: HardPage, placing: Placing) -> Judged:
    left = list(page.lies)
    wrong: list[str] = []
    off: list[float] = []
    for placement in placing.placements:
        at = [(error_mm(placement, lies), lies) for lies in left if same_side(placement, lies)]
        worst, lies = min(at, key=lambda pair: pair[0]) if at else (float("inf"), None)
        if lies is None or worst > CORNER_AT_MOST_MM:
            wrong.append(f"{placement.template_id} {placement.side} off by {worst:.1f} mm")
        else:
            left.remove(lies)
            off.append(worst)
    whole = not left and not placing.refusals
    if not page.good and whole and not wrong and page.lies:
        wrong.append("a card that is partly hidden was placed")
    became = "wrong" if wrong else "placed" if whole and page.lies else "refused"
    why = "; ".join([*wrong, *placing.refusals, *([] if not left else [f"missed: {one.template_id}" for one in left])])
    residuals = tuple(one.residual_mm for one in placing.placements)
    nothing = not placing.placements and not placing.refusals
    unseen = bool(left and placing.placements and not placing.refusals)
    return Judged(page.kind, page.seed[1], became, nothing, unseen, residuals, tuple(off), why)


def same_side(placement: Placement, lies: Lies) -> bool:
    return (placement.template_id, placement.side) == (lies.template_id, lies.side)


def error_mm(placement: Placement, lies: Lies) -> float:
    px_per_mm = float(np.hypot(*(lies.corners_px[1] - lies.corners_px[0]))) / lies.width_mm
    return float(np.hypot(*(placement.corners_px - lies.corners_px).T).max()) / px_per_mm


def as_page(page: HardPage) -> Page:
    return Page(PageRef("0" * 64, 1, "hard.pdf"), page.image, page.dpi)
