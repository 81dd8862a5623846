"""The picture of a blank side, from the bytes of its file to grey on white."""

import io
import warnings

import cv2
import numpy as np
from PIL import Image

from scan_ingest.domain.geometry import GreyImage

KINDS = ("PNG", "JPEG", "TIFF")
MOST_PIXELS = 140_000_000


def blank_side(data: bytes) -> GreyImage:
    """The blank side in grey; what is transparent is paper.

    Raises `ValueError` saying what would be right for bytes that are no picture, or one too large to be unpacked.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")  # its limit is not ours, its other doubts say nothing here
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=KINDS) as picture:
                _refuse_too_large(*picture.size)
                see_through = picture.has_transparency_data
                image = _on_white(picture) if see_through else cv2.imdecode(_bytes(data), cv2.IMREAD_GRAYSCALE)
        except Image.DecompressionBombError as exc:
            raise ValueError(f"so many pixels are too many ({exc}); 300 dpi is plenty") from exc
        except (OSError, SyntaxError, EOFError) as exc:  # what Pillow says of bytes that end or make no sense
            raise ValueError("not a picture; the blank side is a PNG, JPEG or TIFF file") from exc
    if image is None:
        raise ValueError("not a picture that is whole; the blank side is a PNG, JPEG or TIFF file")
    return np.asarray(image, dtype=np.uint8)


def _refuse_too_large(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise ValueError(f"{width} × {height} pixels are too many; 300 dpi is plenty")


def _on_white(picture: Image.Image) -> GreyImage:
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return np.asarray(paper.convert("L"), dtype=np.uint8)


def _bytes(data: bytes) -> GreyImage:
    return np.frombuffer(data, dtype=np.uint8)
