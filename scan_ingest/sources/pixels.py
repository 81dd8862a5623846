"""From what Pillow decoded to a page's picture: grey or colour, on white, upright, with square pixels."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from PIL import Image as Pillow

from scan_ingest.domain.geometry import Image
from scan_ingest.errors import SkipError
from scan_ingest.ports.pages import Limits

PILLOW_REFUSES = (
    # What Pillow's readers let through when the bytes are wrong; found by flipping bytes in files of each kind.
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    struct.error,
    zlib.error,
    Pillow.DecompressionBombError,
)

# Cameras and programs write these two when they do not know; a card scanned at them could not be read anyway.
UNSAID_DPI = (72, 96)
LEAST_DPI, MOST_DPI = 50.0, 4800.0  # outside no scanner works; the file's figure is nonsense
SQUARE_WITHIN = 0.01  # resolutions that differ by less are the same up to rounding
MOST_STRETCH = 4.5  # fax is 204 × 98 or 204 × 391 (with halves 4.0); beyond it the tag is nonsense


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Without Pillow's warnings: a large picture is judged by our own limit, a wrong tag by what becomes of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
        yield


def refuse_too_many_pixels(width: float, height: float, limits: Limits) -> None:
    """Raises `SkipError` for a picture over the limit; called before anything is decoded."""
    if width < 1 or height < 1:
        raise SkipError("the page has no size")
    if width * height > limits.pixels_per_page:
        raise SkipError(
            f"the page is too large: {width:.0f} × {height:.0f} pixels, "
            f"and at most {limits.pixels_per_page / 1e6:g} million are allowed"
        )


def to_page_image(decoded: Pillow.Image) -> Image:
    """A loaded Pillow picture as H × W grey or H × W × 3 blue, green, red; transparent parts become white.

    Raises `SkipError` for pixels that are no picture of paper (32-bit, floating point).
    """
    mode = decoded.mode
    if mode.startswith("I;16"):
        # 65535 → 255: rounding 257ths, not cutting off the low byte
        wide = np.asarray(decoded).astype(np.uint32)
        return np.asarray((wide + 128) // 257, dtype=np.uint8)
    if mode == "I":  # Pillow's older way to keep 16-bit grey
        values = np.asarray(decoded)
        if values.min() < 0 or values.max() > 65535:
            raise SkipError("its pixels have 32 bits; scan in grey or colour with 8 bits")
        return np.asarray((values.astype(np.uint32) + 128) // 257, dtype=np.uint8)
    if mode == "F":
        raise SkipError("its pixels are floating-point numbers; scan in grey or colour with 8 bits")
    if decoded.has_transparency_data:
        solid = Pillow.new("RGBA", decoded.size, "white")
        solid.alpha_composite(decoded.convert("RGBA"))
        decoded = solid.convert("L" if mode in ("LA", "La", "L", "1") else "RGB")
    elif mode in ("1", "L", "LA", "La") or (mode == "P" and _grey_palette(decoded)):
        decoded = decoded.convert("L")
    elif mode != "RGB":
        decoded = decoded.convert("RGB")
    array = np.asarray(decoded, dtype=np.uint8)
    return np.ascontiguousarray(array if array.ndim == 2 else array[:, :, ::-1])


def _grey_palette(decoded: Pillow.Image) -> bool:
    palette = np.asarray(decoded.getpalette("RGB") or [0, 0, 1], dtype=np.uint8).reshape(-1, 3)
    return bool((palette == palette[:, :1]).all())


def upright(image: Image, orientation: int) -> Image:
    """The picture as its EXIF orientation (1 to 8) says it is to be looked at; any other value changes nothing."""
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)  # mirrored along the diagonal: 5
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return np.ascontiguousarray(image)


def believable(x_dpi: float, y_dpi: float) -> tuple[float, float] | None:
    """Both resolutions where the file says something a scanner could mean."""
    if not (LEAST_DPI <= x_dpi <= MOST_DPI and LEAST_DPI <= y_dpi <= MOST_DPI):
        return None
    if max(x_dpi, y_dpi) / min(x_dpi, y_dpi) > MOST_STRETCH:
        return None
    if x_dpi == y_dpi and round(x_dpi) in UNSAID_DPI:  # PNG counts dots per metre: 72 comes back as 72.009
        return None
    return x_dpi, y_dpi


def stretch_of(x_dpi: float, y_dpi: float) -> tuple[float, float]:
    """How much wider and how much higher a picture must be drawn for square pixels (a fax: 1, 2.08)."""
    best = max(x_dpi, y_dpi)
    if best <= min(x_dpi, y_dpi) * (1 + SQUARE_WITHIN):
        return 1.0, 1.0
    return best / x_dpi, best / y_dpi


def with_square_pixels(image: Image, stretch: tuple[float, float]) -> Image:
    if stretch == (1.0, 1.0):
        return image
    height, width = image.shape[:2]
    size = (round(width * stretch[0]), round(height * stretch[1]))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)
