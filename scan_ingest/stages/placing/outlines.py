"""Where a card's edge lies on a page: whether it can, what lies within, what two cards share."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Homography, Points

# Scanners turn, photocopiers scale, feeds stretch by 5 %; the rest of the tolerance is for photographs and rough fits.
SHAPE_STRETCH = 1.18
SHAPE_PERSPECTIVE = 1.45
SHAPE_CORNER = np.deg2rad(14)
SQUARE_CORNER = np.deg2rad(3.5)  # of a card that was not photographed: 5 % of stretch askew make 1°, at 45° 3°
COARSEST_PX_PER_MM = 1.9  # 48 dpi: below that there is nothing to read, and anything looks like anything


def outline(side_to_page: Homography, size_mm: tuple[float, float]) -> Points:
    """The side's corners on the page: top left as printed, then clockwise."""
    width, height = size_mm
    return side_to_page.map([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)])


def possible(side_to_page: Homography, size_mm: tuple[float, float]) -> bool:
    """Whether a scanned card can have that shape: not mirrored, nearly right angles, nearly its own proportions."""
    corners = outline(side_to_page, size_mm)
    edges = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    if not np.isfinite(corners).all() or lengths.min() < 1:
        return False
    across = edges[:, 0] * np.roll(edges[:, 1], -1) - edges[:, 1] * np.roll(edges[:, 0], -1)
    if across.min() <= 0:  # mirrored, folded, or not convex
        return False
    angles = np.arcsin(np.clip(across / (lengths * np.roll(lengths, -1)), -1, 1))
    if np.abs(angles - np.pi / 2).max() > SHAPE_CORNER:
        return False
    per_mm = lengths / np.array([size_mm[0], size_mm[1], size_mm[0], size_mm[1]])
    stretch = (per_mm[0] + per_mm[2]) / (per_mm[1] + per_mm[3])
    opposite = max(per_mm[0] / per_mm[2], per_mm[2] / per_mm[0], per_mm[1] / per_mm[3], per_mm[3] / per_mm[1])
    return bool(
        1 / SHAPE_STRETCH < stretch < SHAPE_STRETCH
        and opposite < SHAPE_PERSPECTIVE
        and per_mm.min() > COARSEST_PX_PER_MM
    )


def square(corners: Points) -> bool:
    """Whether an outline's corners are right angles as far as a scanner keeps them."""
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    cosines = (edges * following).sum(axis=1) / (np.hypot(*edges.T) * np.hypot(*following.T))
    return bool(np.abs(cosines).max() < np.sin(SQUARE_CORNER))


def outside(points: Points, corners: Points) -> NDArray[np.bool_]:
    """Which points do not lie on a card."""
    edges = np.roll(corners, -1, axis=0) - corners
    towards = points[:, None, :] - corners
    across = edges[:, 0] * towards[:, :, 1] - edges[:, 1] * towards[:, :, 0]
    return np.asarray((across < 0).any(axis=1), dtype=np.bool_)


def shared(one: Points, other: Points) -> float:
    """The area two outlines share, as a share of the smaller one."""
    area, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    smaller = min(cv2.contourArea(one.astype(np.float32)), cv2.contourArea(other.astype(np.float32)))
    return float(area) / max(smaller, 1.0)
