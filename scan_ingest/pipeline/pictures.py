"""Pages as the workspace keeps them to be looked at; the original stays the truth."""

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.kept import with_size
from scan_ingest.domain.page import Page

PAGE_QUALITY = 80  # JPEG; a page is looked at, never read again from this
SIDE_QUALITY = 90  # JPEG; lines are shown enlarged from this
MAX_EDGE_PX = 3508  # A4 at 300 dpi: enough to look at


def page_picture(page: Page) -> bytes:
    """The page as JPEG bytes, shrunk where it is larger than anybody can look at."""
    image = page.image
    height, width = image.shape[:2]
    factor = MAX_EDGE_PX / max(height, width)
    if factor >= 1:
        return _jpeg(image, PAGE_QUALITY)
    shrunk = (max(1, round(width * factor)), max(1, round(height * factor)))  # a strip keeps a pixel of its width
    image = np.asarray(cv2.resize(image, shrunk, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return with_size(_jpeg(image, PAGE_QUALITY), width, height)


def side_picture(side: GreyImage) -> bytes:
    """The registered side as JPEG bytes, at its own resolution."""
    return _jpeg(side, SIDE_QUALITY)


def _jpeg(image: GreyImage, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("a picture of no size cannot be kept")
    return data.tobytes()
