"""A scan file made anew as pictures of its pages only, with parts of some pages black.

A file is not edited: a PDF may hold a page's words a second time, as a text layer, a comment or an older version. What
is left is what this program saw of it, and nothing else.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from PIL import Image as Pillow
from PIL.TiffImagePlugin import AppendingTiffWriter

from scan_ingest.domain.page import Page
from scan_ingest.errors import StoreError
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.redaction import Polygons
from scan_ingest.sources.kinds import HEAD_BYTES, Kind, kind_of
from scan_ingest.sources.open import pages_of
from scan_ingest.stages.blackening import blackened

QUALITY = 92  # JPEG; a page may be placed by hand from it, and read
UNSAID_DPI = 200.0  # for a page whose file does not say: what recognisers read best
EMPTY = (827, 583)  # pixels; a page that cannot be decoded becomes an empty one
NO_TIME = time.gmtime(0)  # the same pages make the same file

Drawn = tuple[Pillow.Image, float]
"""A page and its dots per inch."""


def redrawn(path: Path, file_name: str, target: Path, polygons: Mapping[int, Polygons], limits: Limits) -> None:
    """See `Redraw`."""
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    try:
        WRITERS[kind or Kind.PDF](_drawn(path, file_name, polygons, limits), target)
    except OSError as exc:
        raise StoreError(f"{target}: cannot be written to: {exc.strerror or exc}") from exc


def _drawn(path: Path, file_name: str, polygons: Mapping[int, Polygons], limits: Limits) -> Iterator[Drawn]:
    for page in pages_of(path, file_name, "", limits):
        if not isinstance(page, Page):
            yield Pillow.new("L", EMPTY, 255), UNSAID_DPI
            continue
        image = blackened(page.image, polygons.get(page.ref.number, ()))
        yield Pillow.fromarray(image if image.ndim == 2 else image[:, :, ::-1].copy()), page.dpi or UNSAID_DPI


def _as_pdf(pages: Iterator[Drawn], target: Path) -> None:
    for number, (picture, dpi) in enumerate(pages):
        # Page by page, so that only one is held in memory.
        picture.save(
            target,
            "PDF",
            append=number > 0,
            resolution=dpi,
            quality=QUALITY,
            title="scan",
            creationDate=NO_TIME,
            modDate=NO_TIME,
        )


def _as_tiff(pages: Iterator[Drawn], target: Path) -> None:
    with AppendingTiffWriter(str(target), new=True) as writer:
        for picture, dpi in pages:
            picture.save(writer, "TIFF", compression="tiff_adobe_deflate", dpi=(dpi, dpi))
            writer.newFrame()


def _as_jpeg(pages: Iterator[Drawn], target: Path) -> None:
    for picture, dpi in pages:
        picture.save(target, "JPEG", quality=QUALITY, dpi=(dpi, dpi))


def _as_png(pages: Iterator[Drawn], target: Path) -> None:
    for picture, dpi in pages:
        picture.save(target, "PNG", dpi=(dpi, dpi))


WRITERS: Mapping[Kind, Callable[[Iterator[Drawn], Path], None]] = {
    Kind.PDF: _as_pdf,
    Kind.TIFF: _as_tiff,
    Kind.JPEG: _as_jpeg,
    Kind.PNG: _as_png,
}
