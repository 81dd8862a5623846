"""What a file is by its first bytes, whatever its suffix says."""

import os
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """The kinds that are read; the value is how a person calls it."""

    PDF = "a PDF"
    TIFF = "a TIFF"
    JPEG = "a JPEG"
    PNG = "a PNG"


HEAD_BYTES = 1024  # readers accept a PDF whose header comes this late: some scanners write a few bytes before it

PDF_END, JPEG_END, PNG_END = b"%%EOF", b"\xff\xd9", b"IEND"
TAIL_BYTES = 4096

_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),  # BigTIFF
    (b"MM\x00+", Kind.TIFF),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
)

# Only to say in a reason what a stranger is; none of these is read.
_STRANGERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (8, b"WEBP", "a WebP picture"),
    (4, b"ftyphei", "a HEIC photograph"),
    (4, b"ftypmif1", "a HEIC photograph"),
    (0, b"PK\x03\x04", "a ZIP archive or an Office document"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document"),
    (0, b"%!PS", "PostScript"),
)


def kind_of(head: bytes) -> Kind | None:
    """The kind of a file that begins with `head` (its first `HEAD_BYTES`), None for a stranger."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    return Kind.PDF if b"%PDF-" in head else None


def stranger(head: bytes) -> str | None:
    """What a file of no readable kind is, where its first bytes tell."""
    return next((name for at, mark, name in _STRANGERS if head[at:].startswith(mark)), None)


def ends_with(path: Path, mark: bytes) -> bool:
    """Whether the mark that ends a whole file is among its last bytes; some programs write a little after it."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
        return mark in file.read()
