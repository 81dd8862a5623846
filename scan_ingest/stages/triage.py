"""What becomes of a page: a card, blank, unmatched or unreadable, and why in words."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.page import Outcome, Page, Placing
from scan_ingest.stages.placing.features import LOOKS_PX_PER_MM, grey, look_factor, resized

# The closest look, with about 5 pixels a millimetre: pencil strokes of 0.4 mm keep two pixels.
CLOSEST = len(LOOKS_PX_PER_MM) - 1
PX_PER_MM = LOOKS_PX_PER_MM[CLOSEST]
STROKE_MM = 3.0  # what is dark and thinner than this may be ink; holes, shadows, coffee and lids are wider
LEAST_CONTRAST = 14  # grey levels; light pencil has 25, what shines through from the other side under 10
NOISE_TIMES = 6.0  # so many times the paper's own roughness must a stroke stand out
EDGE_MM = 4.0  # along the picture's rim and the lid: shadows and torn edges
SPECK_MM = 1.6  # dust is smaller in both directions
STRAIGHT_MM = 20.0  # streaks, folds and paper edges: longer than this and thin
STRAIGHT_WIDTH_MM = 1.2
MOST_LINES = 8  # a sheet's edges and a few streaks; ruled paper has more
DASH_MM = 0.9  # lower and longer than dust: a piece of a paper's edge or of a streak; letters are taller
FRAME_MM = 10.0  # larger both ways: a frame or a table
FEWEST_FRAMES = 2  # one may be a smaller sheet's outline, or coffee
FEWEST_STROKES = 3  # a hair on the glass is one or two
WORD_MM = 12.0  # a joined-up word or a signature, one stroke all through, is longer than this, and its outline
WINDING_TIMES = 2.1  # so many times as long as a string around it; an open ring of coffee has 1.7, a bent hair 1.2
LID_SHARE = 0.01  # of the picture: a dark piece this large is lid, not writing


def is_blank(page: Page) -> bool:
    """Whether the page is paper without printing or ink: dust, streaks, punch holes, stains, shadows do not count."""
    picture = grey(page.image)
    small = resized(picture, look_factor(picture.shape, page.dpi, CLOSEST))
    return _strokes(np.asarray(cv2.GaussianBlur(small, (0, 0), 0.8), dtype=np.uint8)) < FEWEST_STROKES


def outcome(placing: Placing, blank: bool) -> tuple[Outcome, str]:
    """The outcome of a page on its own, and the reason in words."""
    placed = ", ".join(f"{one.template_id} {one.side}" for one in placing.placements)
    if placing.refusals:
        reasons = "; ".join(dict.fromkeys(placing.refusals))
        return Outcome.UNREADABLE, f"not surely placed: {reasons}" + (f" (placed: {placed})" if placed else "")
    if placing.placements:
        return Outcome.CARD, placed
    if blank:
        return Outcome.BLANK, "paper without printing or ink"
    return Outcome.UNMATCHED, "; ".join(["no known card on it", *dict.fromkeys(placing.strangers)])


def _strokes(small: GreyImage) -> int:
    """How many pieces of the picture look like pen, pencil or print."""
    size = round(STROKE_MM * PX_PER_MM) // 2 * 2 + 1
    stands_out = cv2.morphologyEx(small, cv2.MORPH_BLACKHAT, np.ones((size, size), np.uint8))
    paper = ~_off_paper(small)
    if not paper.any():
        return 0
    rough = float(np.median(stands_out[paper]))
    dark = (stands_out > max(LEAST_CONTRAST, NOISE_TIMES * rough)) & paper
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark.astype(np.uint8), connectivity=8)
    width, height, area = (stats[1:, column] / PX_PER_MM for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, 4))
    longer, narrower = np.maximum(width, height), np.minimum(width, height)
    thickness = area / PX_PER_MM / np.maximum(np.hypot(width, height), 0.1)
    straight = (longer > STRAIGHT_MM) & (thickness < STRAIGHT_WIDTH_MM) & (narrower < 0.2 * longer)
    written = (longer > SPECK_MM) & (narrower > DASH_MM) & ~straight
    frames = int((written & (narrower > FRAME_MM)).sum())
    rules = int(straight.sum())
    forms = frames if frames >= FEWEST_FRAMES else 0  # each worth two strokes: a form in which little is legible
    joined_up = 1 + np.flatnonzero(written & (longer > WORD_MM))
    words = sum(_winds(_piece(labels, stats, int(label))) for label in joined_up)
    return int(written.sum()) + forms + (rules if rules > MOST_LINES else 0) + words * FEWEST_STROKES


def _piece(labels: cv2.typing.MatLike, stats: cv2.typing.MatLike, label: int) -> GreyImage:
    x, y, width, height, _ = (int(value) for value in stats[label])
    return np.asarray(labels[y : y + height, x : x + width] == label, dtype=np.uint8)


def _winds(piece: GreyImage) -> bool:
    """Whether the piece goes to and fro as handwriting does."""
    outlines, _ = cv2.findContours(piece, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    smooth = cv2.approxPolyDP(outlines[0], 1.0, closed=True)  # a raw outline's steps are no winding
    around = cv2.arcLength(cv2.convexHull(smooth), closed=True)
    return cv2.arcLength(smooth, closed=True) > WINDING_TIMES * around


def _off_paper(small: GreyImage) -> NDArray[np.bool_]:
    """The rim of the picture, dark lids, punch holes, and what lies within `EDGE_MM` of them."""
    level = float(np.percentile(small, 95)) * 0.6
    _, labels, stats, _ = cv2.connectedComponentsWithStats((small < level).astype(np.uint8), connectivity=4)
    height, width = small.shape
    wide = stats[:, cv2.CC_STAT_AREA] > LID_SHARE * height * width
    # Round and filled, 4 to 9 mm: a punch hole over a dark lid.
    across = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]) / PX_PER_MM
    filled = stats[:, cv2.CC_STAT_AREA] / (stats[:, cv2.CC_STAT_WIDTH] * stats[:, cv2.CC_STAT_HEIGHT])
    lid = wide | ((across > 3.5) & (across < 9) & (filled > 0.7))
    lid[0] = False
    off = lid[labels].astype(np.uint8)
    rim = round(EDGE_MM * PX_PER_MM / 2)
    off[:rim] = off[-rim:] = 1
    off[:, :rim] = off[:, -rim:] = 1
    around = round(EDGE_MM * PX_PER_MM) // 2 * 2 + 1
    return np.asarray(cv2.dilate(off, np.ones((around, around), np.uint8)) > 0, dtype=np.bool_)
