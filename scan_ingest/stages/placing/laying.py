"""The page laid over a side: as the blank side's own picture would look if it were the page."""

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage, Homography
from scan_ingest.stages.placing.bend import Bend
from scan_ingest.stages.placing.printing import BLUR_PX, MARGIN_PX, PX_PER_MM, SIDE_TO_PICTURE, Printing
from scan_ingest.stages.placing.sheet import Sheet


def lay_over(sheet: Sheet, side_to_page: Homography, printing: Printing) -> GreyImage:
    """The page as the side sees it: same shape and scale as `printing.picture`."""
    corners = side_to_page.map([(0, 0), printing.size_mm])
    px_per_mm = float(np.hypot(*(corners[1] - corners[0]))) / float(np.hypot(*printing.size_mm))
    # Warping takes single pixels: bring the page near the wanted scale first, or thin print is lost.
    times = max(1, round(px_per_mm / PX_PER_MM))
    smaller = np.array([[1 / times, 0, 0.5 / times - 0.5], [0, 1 / times, 0.5 / times - 0.5], [0, 0, 1]])
    matrix = smaller @ side_to_page.matrix @ np.linalg.inv(SIDE_TO_PICTURE)
    height, width = printing.picture.shape
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(
        sheet.reduced(times), matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cv2.GaussianBlur(laid, (0, 0), BLUR_PX), dtype=np.uint8)


def straightened(laid: GreyImage, bend: Bend) -> GreyImage:
    """The page laid over the side, its print moved back to where a feed that slipped took it from."""
    height, width = laid.shape
    coarse = round(3 * PX_PER_MM)
    columns, rows = np.meshgrid(np.arange(0, width + coarse, coarse), np.arange(0, height + coarse, coarse))
    places = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5 - MARGIN_PX) / PX_PER_MM
    shifts = (bend.at(places) * PX_PER_MM).reshape(rows.shape).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    shift = cv2.remap(shifts, x / coarse, y / coarse, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    along = bend.along.astype(np.float32)
    moved = cv2.remap(
        laid, x + shift * along[0], y + shift * along[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, dtype=np.uint8)
