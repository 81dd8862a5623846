"""Black over what is taken out of a picture, so that nothing of it can be brought back."""

from collections.abc import Sequence

import cv2
import numpy as np

from scan_ingest.domain.geometry import Image, Points


def blackened(image: Image, polygons: Sequence[Points]) -> Image:
    """The picture with every polygon (N × 2, pixels) filled in black."""
    covered = image.copy()
    for polygon in polygons:
        corners = np.round(polygon).astype(np.int32)
        cv2.fillPoly(covered, [corners], (0, 0, 0))
        cv2.polylines(covered, [corners], True, (0, 0, 0), 2)  # half a pixel of the edge would be left grey
    return covered
