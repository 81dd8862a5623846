"""Scan files as scanners write them, byte for byte the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from PIL import TiffImagePlugin

from scan_ingest.domain.geometry import Image

ORIENTATION = 0x0112  # the EXIF tag


@dataclass(frozen=True)
class Jpeg:
    """A page as JPEG bytes."""

    data: bytes
    dpi: float

    @property
    def size(self) -> tuple[int, int]:
        with Pictures.open(BytesIO(self.data)) as picture:
            return picture.size

    @property
    def colour(self) -> bool:
        with Pictures.open(BytesIO(self.data)) as picture:
            return picture.mode == "RGB"


def write_pdf(file: Path, pages: Sequence[Jpeg]) -> None:
    """A PDF that is a pile of JPEGs, each filling its page, as office scanners make them."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 3 * index} 0 R" for index in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    for index, page in enumerate(pages):
        first = 3 + 3 * index
        width, height = page.size
        across, down = width * 72 / page.dpi, height * 72 / page.dpi
        drawing = f"q {across:.4f} 0 0 {down:.4f} 0 0 cm /Scan Do Q".encode()
        space = "/DeviceRGB" if page.colour else "/DeviceGray"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across:.4f} {down:.4f}] /Contents {first + 1} 0 R "
            f"/Resources << /XObject << /Scan {first + 2} 0 R >> >> >>".encode(),
            _stream("", drawing),
            _stream(
                f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace {space} "
                "/BitsPerComponent 8 /Filter /DCTDecode ",
                page.data,
            ),
        ]
    body = BytesIO()
    body.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(body.tell())
        body.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    table = body.tell()
    body.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    body.writelines(f"{place:010d} 00000 n \n".encode() for place in places)
    body.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode())
    file.write_bytes(body.getvalue())


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries}/Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def write_tiff(file: Path, pages: Sequence[Image], dpi: float) -> None:
    """A multi-page TIFF: pages of black and white as fax (group 4), the others without loss (deflate)."""
    with file.open("w+b") as target, TiffImagePlugin.AppendingTiffWriter(target) as pile:
        for page in pages:
            two_tone = bool(np.isin(page, (0, 255)).all())
            picture = _pillow(page).convert("1", dither=Pictures.Dither.NONE) if two_tone else _pillow(page)
            picture.save(pile, "TIFF", compression="group4" if two_tone else "tiff_adobe_deflate", dpi=(dpi, dpi))
            pile.newFrame()


def write_jpeg(file: Path, page: Image, dpi: float, quality: int, orientation: int = 1) -> None:
    """A JPEG; with `orientation` 6 or 8 or 3 the picture is stored turned and its EXIF says how to turn it back."""
    picture = _pillow(page)
    turned = {
        1: None,
        3: Pictures.Transpose.ROTATE_180,
        6: Pictures.Transpose.ROTATE_90,
        8: Pictures.Transpose.ROTATE_270,
    }
    if (how := turned[orientation]) is not None:
        picture = picture.transpose(how)
    exif = Pictures.Exif()
    exif[ORIENTATION] = orientation
    picture.save(file, "JPEG", quality=quality, dpi=(dpi, dpi), exif=exif)


def _pillow(page: Image) -> Pictures.Image:
    return Pictures.fromarray(page if page.ndim == 2 else np.ascontiguousarray(page[:, :, ::-1]))
