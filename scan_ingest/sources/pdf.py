"""PDF: poppler draws each page, through pdf2image, at the resolution of the scan that is embedded in it.

Taking the embedded picture out would be ten times faster, but it is not the page: rotation, cropping, layers and stamps
come from what stands around it. Where one picture covers the page, poppler draws it bit by bit as it is embedded.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pdf2image
from pdf2image.exceptions import (
    PDFInfoNotInstalledError,
    PDFPageCountError,
    PDFPopplerTimeoutError,
    PDFSyntaxError,
)

from scan_ingest.domain.page import FailedPage, Page, PageRef
from scan_ingest.errors import SkipError
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.kinds import JPEG_END, PDF_END, ends_with
from scan_ingest.sources.pixels import refuse_too_many_pixels, to_page_image
from scan_ingest.sources.poppler import (
    Document,
    Embedded,
    Sheet,
    extract_jpegs,
    look_into,
    missing_poppler,
    pictures_on,
    took_too_long,
)

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

DRAWN_DPI = 200  # for pages that are drawn and not scanned: what the recognisers read best at least cost
LEAST_DPI, MOST_DPI = 100, 600  # below, writing is lost; above, only time is spent
SCAN_COVERS = 0.1  # share of the page; a logo covers less
LAYER_COVERS = 0.25  # share of the largest picture; the layers and strips of a scan cover more, stamps on it less
WHOLE_PAGE_WITHIN = 0.006  # pdfimages rounds resolutions to whole dots: half a dot of 100, and a little

# What poppler says on good scans: text and marks in the page's small print, never the pictures. Whatever else it says
# about a page is taken for damage: half a card that looks whole is worse than a page that somebody scans again.
HARMLESS = (
    "font",
    "illegal character",
    "unknown operator",
    "restoring state",
    "optional content",
    "annot",
    "form field",
    "metadata",
    "icc profile",
    "colorspace profile",
    "structtree",
    "destination",
    "link",
    "marked content",
    "linearized",
)


# Poppler rounds the place of a picture outwards: drawn at its very resolution it is stretched by one pixel and blurred,
# a hair below it comes out bit by bit as embedded (measured on Flate, JPEG, JPEG 2000 and fax scans).
A_HAIR_BELOW = 1 - 1e-5


@dataclass(frozen=True)
class Drawing:
    """How a page is to be drawn."""

    dpi: float
    grey: bool


def pages_of_pdf(
    path: Path, file_name: str, file_sha256: str, limits: Limits, skip: Collection[int] = ()
) -> Iterator[Page | FailedPage]:
    """The pages of a PDF as a viewer shows them, each drawn when it is asked for.

    Raises `ToolMissingError` where poppler is not installed.
    """
    path = path.absolute()  # so that no file's name looks like an option
    try:
        document = look_into(path, pages=limits.pages_per_file, seconds=limits.seconds_per_page)
    except SkipError as exc:
        if 1 not in skip:
            yield FailedPage(PageRef(file_sha256, 1, file_name), str(exc))
        return
    cut = not ends_with(path, PDF_END)
    for number, sheet in enumerate(document.sheets, start=1):
        if number in skip:
            continue
        ref = PageRef(file_sha256, number, file_name)
        try:
            yield _page(path, ref, sheet, document, limits, cut=cut)
        except SkipError as exc:
            yield FailedPage(ref, str(exc))
    over = len(document.sheets) + 1
    if document.page_count >= over and over not in skip:
        reason = f"more than {limits.pages_per_file} pages in one file (it has {document.page_count}); split it"
        yield FailedPage(PageRef(file_sha256, over, file_name), reason)


def count_pdf(path: Path, limits: Limits) -> int:
    """How many pages the PDF has. Raises `SkipError` where it cannot be opened, `ToolMissingError` without poppler."""
    return look_into(path.absolute(), pages=1, seconds=limits.seconds_per_page).page_count


def plan_drawing(sheet: Sheet, pictures: Sequence[Embedded]) -> Drawing:
    """At the resolution of the scan on the page, to the fraction where one picture covers it."""
    largest = max((picture.area_inch2 for picture in pictures), default=0.0)
    layers = [picture for picture in pictures if picture.area_inch2 >= LAYER_COVERS * largest]
    grey = bool(pictures) and all(picture.grey for picture in pictures)
    if sum(picture.area_inch2 for picture in layers) < SCAN_COVERS * sheet.width_inch * sheet.height_inch:
        return Drawing(DRAWN_DPI, grey)
    best = max(max(picture.x_dpi, picture.y_dpi) for picture in layers)
    if len(layers) == 1:
        best = _to_the_fraction(sheet, layers[0]) or best
    return Drawing(min(max(best, LEAST_DPI), MOST_DPI), grey)


def _to_the_fraction(sheet: Sheet, scan: Embedded) -> float | None:
    """The resolution at which the scan is as many pixels as the page; None where it does not cover it squarely."""
    for width, height in ((scan.width, scan.height), (scan.height, scan.width)):
        x_dpi, y_dpi = width / sheet.width_inch, height / sheet.height_inch
        if all(abs(said / dpi - 1) < WHOLE_PAGE_WITHIN for said in (scan.x_dpi, scan.y_dpi) for dpi in (x_dpi, y_dpi)):
            return min(x_dpi, y_dpi)
    return None


def _refuse_too_many_pixels(sheet: Sheet, dpi: float, limits: Limits) -> None:
    refuse_too_many_pixels(math.ceil(sheet.width_inch * dpi), math.ceil(sheet.height_inch * dpi), limits)


def _page(path: Path, ref: PageRef, sheet: Sheet, document: Document, limits: Limits, *, cut: bool) -> Page:
    if sheet.width_inch <= 0 or sheet.height_inch <= 0:
        raise SkipError(_cut_short(ref) if cut else f"damaged: page {ref.number} is listed but is not in the file")
    # Before the pictures are even asked for: no page that is too large at the least resolution gets further.
    _refuse_too_many_pixels(sheet, LEAST_DPI, limits)
    pictures = pictures_on(path, ref.number, seconds=limits.seconds_per_page)
    for picture in pictures:
        refuse_too_many_pixels(picture.width, picture.height, limits)
    if cut and not pictures:
        # Where its picture is lost, poppler draws white paper without complaint.
        raise SkipError(_cut_short(ref))
    if pictures and all(picture.encoding == "jpeg" for picture in pictures):
        _refuse_cut_jpegs(path, ref, limits)
    drawing = plan_drawing(sheet, pictures)
    _refuse_too_many_pixels(sheet, drawing.dpi, limits)
    drawn = _draw(path, ref, drawing, document.complaints, limits, cut=cut)
    return Page(ref, to_page_image(drawn), drawing.dpi)


def _draw(
    path: Path, ref: PageRef, drawing: Drawing, known: Collection[str], limits: Limits, *, cut: bool
) -> "PillowImage":
    try:
        try:
            drawn = _pdf2image(path, ref, drawing, limits, strict=True)
        except PDFSyntaxError as exc:
            said = [line for line in str(exc).splitlines() if line.strip() and line not in known]
            if any(not any(word in line.lower() for word in HARMLESS) for line in said):
                reason = _cut_short(ref) if cut else f"page {ref.number} is damaged; copy or scan it again"
                raise SkipError(reason) from exc
            drawn = _pdf2image(path, ref, drawing, limits, strict=False)
        if len(drawn) != 1:
            raise SkipError(f"page {ref.number} is damaged: it cannot be drawn; copy or scan it again")
        drawn[0].load()
        return drawn[0]
    except PDFPopplerTimeoutError as exc:
        raise took_too_long(limits.seconds_per_page) from exc
    except (PDFInfoNotInstalledError, FileNotFoundError) as exc:
        raise missing_poppler("pdftoppm") from exc
    except (PDFPageCountError, OSError, ValueError) as exc:
        # The program ended before its picture was whole.
        raise SkipError(f"page {ref.number} is damaged: it cannot be drawn; copy or scan it again") from exc


def _pdf2image(path: Path, ref: PageRef, drawing: Drawing, limits: Limits, *, strict: bool) -> list["PillowImage"]:
    drawn: list[PillowImage] = pdf2image.convert_from_path(
        path,
        dpi=drawing.dpi * A_HAIR_BELOW,  # type: ignore[arg-type]  # handed on as text; poppler takes fractions
        first_page=ref.number,
        last_page=ref.number,
        grayscale=drawing.grey,
        use_cropbox=True,  # what a viewer shows, and what pdfinfo told the size of
        strict=strict,
        timeout=math.ceil(limits.seconds_per_page),
    )
    return drawn


def _refuse_cut_jpegs(path: Path, ref: PageRef, limits: Limits) -> None:
    """Raises `SkipError` where a JPEG on the page stops before its end: poppler fills it up with grey, silently."""
    with TemporaryDirectory(prefix="scan-ingest-") as folder:
        for picture in extract_jpegs(path, ref.number, Path(folder), seconds=limits.seconds_per_page):
            if not ends_with(picture, JPEG_END):
                raise SkipError(f"page {ref.number} is damaged: its picture is cut short; scan it again")


def _cut_short(ref: PageRef) -> str:
    return f"cut short: the file ends in the middle of page {ref.number}; copy or scan it again"
