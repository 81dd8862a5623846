"""From a page and a placement to the registered side: its print where the blank side has it, its paper white."""

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage, Homography, Image
from scan_ingest.domain.page import Page, Placement
from scan_ingest.domain.template import Template
from scan_ingest.stages.cleaning.drift import drift
from scan_ingest.stages.placing.features import grey

PAPER_PATCH_MM = 5.0  # thicker than any stroke, thinner than the shading and stains to be flattened
DARKEST_PAPER = 0.62  # of the lightest paper; what is darker is print, not shade
WHITE = 250.0  # where the paper is put, with a little room above for its grain


def register(page: Page, placement: Placement, template: Template) -> GreyImage:
    """The side as it lies on the page, warped to `SIDE_PX_PER_MM` pixels a millimetre, the paper flattened to white.

    Pixel (c, r) of the result is the point ((c + 0.5) / SIDE_PX_PER_MM, (r + 0.5) / SIDE_PX_PER_MM) mm on the side.
    """
    region, region_to_page = _around(page.image, placement)
    picture = flatten(_warped(grey(region), region_to_page, placement, template))
    return _moved(picture, drift(picture, template.side(placement.side), SIDE_PX_PER_MM))


def register_coloured(page: Page, placement: Placement, template: Template) -> Image:
    """As `register`, pixel for pixel, in blue, green and red; the page has colours."""
    region, region_to_page = _around(page.image, placement)
    warped = _warped(region, region_to_page, placement, template)
    shifts = drift(flatten(grey(warped)), template.side(placement.side), SIDE_PX_PER_MM)
    colours = (_moved(flatten(np.ascontiguousarray(warped[..., colour])), shifts) for colour in range(3))
    return np.stack(list(colours), axis=-1)


def _warped(region: Image, region_to_page: Homography, placement: Placement, template: Template) -> Image:
    size = (round(template.width_mm * SIDE_PX_PER_MM), round(template.height_mm * SIDE_PX_PER_MM))
    side_to_px = Homography(np.array([[SIDE_PX_PER_MM, 0, -0.5], [0, SIDE_PX_PER_MM, -0.5], [0, 0, 1.0]]))
    to_side = region_to_page.then(placement.page_to_side).then(side_to_px)
    warped = cv2.warpPerspective(region, to_side.matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.uint8)


def _moved(picture: GreyImage, shifts: NDArray[np.float32]) -> GreyImage:
    """The registered side with its print moved onto that of the blank side, where the paper lay bent."""
    height, width = picture.shape
    columns = np.arange(width, dtype=np.float32)[None, :] + shifts[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + shifts[..., 1]
    moved = cv2.remap(picture, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)


def _around(image: Image, placement: Placement) -> tuple[Image, Homography]:
    """The part of the page that the side lies on, shrunk to about the registered resolution, and its way back."""
    height, width = image.shape[:2]
    margin = 4
    left, top = np.floor(placement.corners_px.min(axis=0)).astype(int) - margin
    right, bottom = np.ceil(placement.corners_px.max(axis=0)).astype(int) + margin
    left, top = int(np.clip(left, 0, width - 2)), int(np.clip(top, 0, height - 2))
    right, bottom = int(np.clip(right, left + 2, width)), int(np.clip(bottom, top + 2, height))
    region = np.asarray(image[top:bottom, left:right], dtype=np.uint8)
    corners_mm = placement.page_to_side.map(placement.corners_px)
    mm = np.linalg.norm(np.roll(corners_mm, -1, axis=0) - corners_mm, axis=1).sum()
    px = np.linalg.norm(np.roll(placement.corners_px, -1, axis=0) - placement.corners_px, axis=1).sum()
    shrink = px / mm / SIDE_PX_PER_MM
    back = Homography(np.array([[1, 0, left], [0, 1, top], [0, 0, 1.0]]))
    if shrink < 1.2:  # the warp alone does not alias
        return region, back
    new_width, new_height = max(2, round(region.shape[1] / shrink)), max(2, round(region.shape[0] / shrink))
    shrunk = np.asarray(cv2.resize(region, (new_width, new_height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    fx, fy = region.shape[1] / new_width, region.shape[0] / new_height
    enlarge = Homography(np.array([[fx, 0, (fx - 1) / 2], [0, fy, (fy - 1) / 2], [0, 0, 1.0]]))
    return shrunk, enlarge.then(back)


def flatten(picture: GreyImage) -> GreyImage:
    """The picture with its paper made white everywhere: tint, shading and stains divided out."""
    step = 4
    height, width = picture.shape
    small_size = (max(width // step, 1), max(height // step, 1))
    small = np.asarray(cv2.resize(picture, small_size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    patch = round(PAPER_PATCH_MM * SIDE_PX_PER_MM / step) | 1
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (patch, patch))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, ellipse, borderType=cv2.BORDER_REPLICATE).astype(np.float32)
    lightest = max(float(np.percentile(paper, 90)), 1.0)
    # Bars of print are bridged over: their paper is what is around them, or as light as elsewhere.
    seen = cv2.erode((paper > DARKEST_PAPER * lightest).astype(np.float32), np.ones((3, 3), np.uint8))
    weight = cv2.GaussianBlur(seen, (0, 0), patch / 3) + 1e-3
    paper = (cv2.GaussianBlur(paper * seen, (0, 0), patch / 3) + 1e-3 * lightest) / weight
    full = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(picture * (WHITE / full), 0, 255), dtype=np.uint8)
