"""Multi-page TIFF: fax and office scanners' own."""

import io
from collections.abc import Collection, Iterator
from math import isfinite
from pathlib import Path
from typing import SupportsFloat, TypeGuard

from PIL.TiffImagePlugin import IFDRational, TiffImageFile

from scan_ingest.domain.page import FailedPage, Page, PageRef
from scan_ingest.errors import SkipError
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.pixels import (
    MOST_STRETCH,
    PILLOW_REFUSES,
    believable,
    quiet_pillow,
    refuse_too_many_pixels,
    stretch_of,
    to_page_image,
    with_square_pixels,
)
from scan_ingest.sources.tiff_pages import Broken, Directory, directories

X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT, ORIENTATION = 282, 283, 296, 274
PER_INCH = {2: 1.0, 3: 2.54}  # unit tag → inches; 1 means that the figures only tell the pixels' shape
LYING = (5, 6, 7, 8)  # orientations whose rows are columns


def pages_of_tiff(
    path: Path, file_name: str, file_sha256: str, limits: Limits, skip: Collection[int] = ()
) -> Iterator[Page | FailedPage]:
    """The pages of a TIFF; thumbnails that scanners put between them are not counted.

    In a file that is cut short the pages before the damage are good.
    """
    try:
        pages = _pages(path, limits)
    except OSError as exc:
        pages = []
        if 1 not in skip:
            yield FailedPage(PageRef(file_sha256, 1, file_name), f"the file cannot be read ({exc.strerror or exc})")
    for number, entry in enumerate(pages, start=1):
        ref = PageRef(file_sha256, number, file_name)
        if number > limits.pages_per_file:
            if number not in skip:
                yield FailedPage(ref, f"more than {limits.pages_per_file} pages in one file; split it")
            return
        if number in skip:
            continue
        try:
            yield _page(path, ref, entry, limits)
        except SkipError as exc:
            yield FailedPage(ref, str(exc))


def count_tiff(path: Path, limits: Limits) -> int:
    """How many pages `pages_of_tiff` will tell of. Raises `OSError`."""
    return len(_pages(path, limits))


def _pages(path: Path, limits: Limits) -> list[Directory | Broken]:
    with path.open("rb") as file:
        # Twice the pages, since each may come with a thumbnail; two more tell that there are too many.
        chain = list(directories(file, at_most=2 * limits.pages_per_file + 2))
    any_page = any(isinstance(entry, Directory) and entry.is_page for entry in chain)
    match chain:
        case [*before, Directory(whole=False), Broken(cut_short=True)]:
            chain = [*before, chain[-2]]  # one cut: it went through that page, and what followed is unknown
    return [entry for entry in chain if isinstance(entry, Broken) or entry.is_page or not any_page]


def _page(path: Path, ref: PageRef, entry: Directory | Broken, limits: Limits) -> Page:
    if isinstance(entry, Broken):
        if entry.cut_short:
            raise SkipError(_cut_short(ref))
        raise SkipError(f"damaged: the file does not tell where page {ref.number} is; copy or scan it again")
    refuse_too_many_pixels(entry.width, entry.height, limits)
    if not entry.whole:
        raise SkipError(_cut_short(ref))
    try:
        with _StartingWith(path, entry.header) as file, quiet_pillow():
            decoded = TiffImageFile(file)
            resolution, stretch = _resolution(decoded)
            refuse_too_many_pixels(decoded.width * stretch[0], decoded.height * stretch[1], limits)
            decoded.load()  # turns it as its orientation tag says, too
            image = to_page_image(decoded)
    except MemoryError as exc:
        raise SkipError("the page is too large for this machine's memory") from exc
    except PILLOW_REFUSES as exc:
        raise SkipError("the picture is damaged, or of a kind of TIFF that is not read; copy or scan it again") from exc
    return Page(ref, with_square_pixels(image, stretch), resolution)


def _cut_short(ref: PageRef) -> str:
    return f"cut short: the file ends in the middle of page {ref.number}; copy or scan it again"


class _StartingWith(io.BufferedReader):
    """The file as if it began with `header`.

    So each page is opened as the first one of its file: a page that Pillow cannot read does not stand before the next,
    and the last of 2,000 pages opens as fast as the first.
    """

    def __init__(self, path: Path, header: bytes) -> None:
        super().__init__(io.FileIO(path))
        self._header = header

    def read(self, size: int | None = -1, /) -> bytes:
        at = self.tell()
        data = super().read(size)
        told = self._header[at : at + len(data)]
        return told + data[len(told) :]


def _resolution(decoded: TiffImageFile) -> tuple[float | None, tuple[float, float]]:
    """Dots per inch of the square pixels (None where the file does not say), and the stretch that makes them square."""
    tags = decoded.tag_v2
    x_said, y_said = tags.get(X_RESOLUTION), tags.get(Y_RESOLUTION)
    if not (_is_positive(x_said) and _is_positive(y_said)):
        return None, (1.0, 1.0)
    x, y = float(x_said), float(y_said)
    if tags.get(ORIENTATION) in LYING:
        x, y = y, x  # the tags speak of the rows as stored
    per_inch = PER_INCH.get(tags.get(RESOLUTION_UNIT, 2))
    if per_inch is None:  # only the shape of a pixel is said
        shape = max(x, y) / min(x, y)
        return None, stretch_of(x, y) if shape <= MOST_STRETCH else (1.0, 1.0)
    said = believable(x * per_inch, y * per_inch)
    return (max(said), stretch_of(*said)) if said else (None, (1.0, 1.0))


def _is_positive(figure: object) -> TypeGuard[SupportsFloat]:
    """A rational may be 0/0, a tag of the wrong type a text."""
    return isinstance(figure, int | float | IFDRational) and isfinite(figure) and figure > 0
