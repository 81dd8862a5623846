"""JPEG and PNG: a file is one page."""

import mmap
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from scan_ingest.domain.page import FailedPage, Page, PageRef
from scan_ingest.errors import SkipError
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.kinds import HEAD_BYTES, JPEG_END, PNG_END, Kind, ends_with, kind_of
from scan_ingest.sources.pixels import (
    PILLOW_REFUSES,
    believable,
    quiet_pillow,
    refuse_too_many_pixels,
    stretch_of,
    to_page_image,
    upright,
    with_square_pixels,
)

# A progressive JPEG of a camera has about ten scans. Thousands of empty ones decode for hours from a small file.
MOST_JPEG_SCANS = 200
START_OF_SCAN = b"\xff\xda"  # never inside a scan's data, where a zero byte follows each ff


def pages_of_picture(
    path: Path, file_name: str, file_sha256: str, limits: Limits, skip: Collection[int] = ()
) -> Iterator[Page | FailedPage]:
    """The one page of a JPEG or PNG, turned as its EXIF orientation says."""
    if 1 in skip:
        return
    ref = PageRef(file_sha256, 1, file_name)
    try:
        yield _page(path, ref, limits)
    except SkipError as exc:
        yield FailedPage(ref, str(exc))


def _page(path: Path, ref: PageRef, limits: Limits) -> Page:
    try:
        with path.open("rb") as file, quiet_pillow():
            kind = kind_of(file.read(HEAD_BYTES))
            if kind is Kind.JPEG:
                _refuse_too_many_scans(file)
            file.seek(0)
            # The plugin's own class and not Image.open, which judges the size by a limit global to the process.
            decoded: ImageFile = JpegImageFile(file) if kind is Kind.JPEG else PngImageFile(file)
            resolution = _resolution(decoded)
            stretch = stretch_of(*resolution) if resolution else (1.0, 1.0)
            refuse_too_many_pixels(decoded.width * stretch[0], decoded.height * stretch[1], limits)
            decoded.load()
            orientation = _orientation(decoded)
            image = to_page_image(decoded)
    except MemoryError as exc:
        raise SkipError("the page is too large for this machine's memory") from exc
    except PILLOW_REFUSES as exc:
        if not ends_with(path, JPEG_END if kind is Kind.JPEG else PNG_END):
            raise SkipError("cut short: the file ends in the middle of the picture; copy or scan it again") from exc
        raise SkipError("the picture is damaged and cannot be decoded; copy or scan it again") from exc
    image = upright(with_square_pixels(image, stretch), orientation)
    return Page(ref, image, max(resolution) if resolution else None)


def _refuse_too_many_scans(file: BinaryIO) -> None:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at, scans = content.find(START_OF_SCAN), 0
        while at >= 0:
            scans += 1
            if scans > MOST_JPEG_SCANS:
                raise SkipError(f"a JPEG of more than {MOST_JPEG_SCANS} passes; save it anew")
            at = content.find(START_OF_SCAN, at + 2)


def _resolution(decoded: ImageFile) -> tuple[float, float] | None:
    said = decoded.info.get("dpi")
    return believable(float(said[0]), float(said[1])) if said else None


def _orientation(decoded: ImageFile) -> int:
    """The EXIF orientation; 1 (upright) where there is none or the EXIF block is broken: the picture is good."""
    try:
        said = decoded.getexif().get(ExifTags.Base.Orientation, 1)
    except PILLOW_REFUSES:
        return 1
    return said if isinstance(said, int) else 1
