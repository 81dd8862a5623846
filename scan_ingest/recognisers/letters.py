"""The words on a page that is no card, as Tesseract finds them: to know where some of them stand."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.domain.letter import Area
from scan_ingest.errors import SkipError
from scan_ingest.recognisers.tesseract import ask

WHOLE_PAGE = 3  # Tesseract's page segmentation mode
SECONDS = 30.0  # a page full of print takes 2 to 5
MARGIN = 0.4  # hundredths of the page around a word


def words_on(jpeg: bytes) -> Sequence[tuple[str, Area]]:
    """Each word in the order of reading, and where it is on the page as it lies; none where it cannot be read. The page
    is read as it lies and upside down, as letters are fed either way."""
    picture = cv2.imdecode(np.frombuffer(jpeg, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        return ()
    upright = np.asarray(picture, dtype=np.uint8)
    return [*_read(upright, upside_down=False), *_read(upright, upside_down=True)]


def _read(picture: GreyImage, *, upside_down: bool) -> list[tuple[str, Area]]:
    """What Tesseract finds on the page turned so, placed on the page as it lies. Quarter turns it sees by itself."""
    height, width = picture.shape
    try:
        rows = ask(np.ascontiguousarray(np.rot90(picture, 2)) if upside_down else picture, WHOLE_PAGE, SECONDS)
        return [
            (str(raw).strip(), _area(rows, at, width, height, upside_down=upside_down))
            for at, raw in enumerate(rows["text"])
            if str(raw).strip() and float(rows["conf"][at]) >= 0
        ]
    except (SkipError, ValueError, TypeError, KeyError, IndexError):  # no usable answer: somebody has to look anyway
        return []


def _area(rows: Mapping[str, Sequence[Any]], at: int, width: int, height: int, *, upside_down: bool) -> Area:
    left, wide = (100 * float(rows[name][at]) / width for name in ("left", "width"))
    top, high = (100 * float(rows[name][at]) / height for name in ("top", "height"))
    if upside_down:
        left, top = 100 - left - wide, 100 - top - high
    right, bottom = min(100.0, left + wide + MARGIN), min(100.0, top + high + MARGIN)
    left, top = max(0.0, left - MARGIN), max(0.0, top - MARGIN)
    return Area(left, top, right - left, bottom - top)
