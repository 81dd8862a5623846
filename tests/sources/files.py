"""Writes files as scanners do, and as they break on the way: pictures, TIFFs, and PDFs object by object."""

import io
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from scan_ingest.domain.page import FailedPage, Page
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.open import pages_of

Pages = list[Page | FailedPage]


def paper(width: int = 600, height: int = 400, seed: int = 1) -> NDArray[np.uint8]:
    """Grey paper with noise that packs badly, and a dark top left corner that tells which way up it is."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width), 235, np.uint8)
    picture[height // 4 : -20, 60:-60] = rng.integers(0, 255, picture[height // 4 : -20, 60:-60].shape)
    picture[: height // 8, : width // 8] = 10
    return picture


def read(path: Path, limits: Limits | None = None, skip: Collection[int] = (), name: str | None = None) -> Pages:
    return list(pages_of(path, name or path.name, "ab" * 32, limits or Limits(), skip))


def the_page(path: Path, limits: Limits | None = None) -> Page:
    (page,) = read(path, limits)
    assert isinstance(page, Page), page
    return page


def the_reason(path: Path, limits: Limits | None = None, name: str | None = None) -> str:
    """Why the file is one failed page; the reason is one line and names no folder."""
    (page,) = read(path, limits, name=name)
    assert isinstance(page, FailedPage)
    assert page.ref.number == 1
    assert "\n" not in page.reason
    assert str(path.parent) not in page.reason
    return page.reason


def reasons(pages: Pages) -> dict[int, str]:
    """The reasons of the failed pages, by number; the pages are numbered in a row."""
    return {page.ref.number: page.reason for page in pages if isinstance(page, FailedPage)}


def good(pages: Pages) -> list[int]:
    return [page.ref.number for page in pages if isinstance(page, Page)]


# -- PDF, object by object ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """A page of a PDF: one picture that covers it, as a scanner writes it."""

    picture: NDArray[np.uint8]
    encoding: str = "DCTDecode"
    width_pt: float = 216.0  # 600 pixels at 200 dpi
    height_pt: float = 144.0
    page_keys: str = ""
    content: str = "q {w} 0 0 {h} 0 0 cm /I Do Q"
    damage: Callable[[bytes], bytes] = bytes


def pdf(
    scans: Sequence[Scan], *, trailer_first: bool = False, trailer_keys: str = "", count: int | None = None
) -> bytes:
    """A PDF of those pages; with `trailer_first` it opens although its end is missing, as web-ready ones do."""
    kids = " ".join(f"{10 * (index + 1)} 0 R" for index in range(len(scans)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(scans) if count is None else count} >>".encode(),
    }
    for index, scan in enumerate(scans):
        objects |= _page_objects(10 * (index + 1), scan)
    out = b"%PDF-1.4\n"
    if trailer_first:
        out += b"trailer << /Root 1 0 R /Size 99 >>\n"
    offsets: dict[int, int] = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    size = max(objects) + 1
    entries = [
        f"{offsets.get(number, 0):010} 00000 {'n' if number in offsets else 'f'} \n" for number in range(1, size)
    ]
    table = f"xref\n0 {size}\n0000000000 65535 f \n" + "".join(entries)
    end = f"trailer << /Root 1 0 R /Size {size} {trailer_keys} >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + table.encode() + end.encode()


def _page_objects(number: int, scan: Scan) -> dict[int, bytes]:
    height, width = scan.picture.shape[:2]
    data, keys = _encoded(scan)
    content = scan.content.format(w=scan.width_pt, h=scan.height_pt)
    box = f"/MediaBox [0 0 {scan.width_pt} {scan.height_pt}]"
    page = (
        f"<< /Type /Page /Parent 2 0 R {box} /Contents {number + 1} 0 R "
        f"/Resources << /XObject << /I {number + 2} 0 R >> >> {scan.page_keys} >>"
    )
    picture = f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /Filter /{scan.encoding} {keys}"
    return {
        number: page.encode(),
        number + 1: _stream("", content.encode()),
        number + 2: _stream(picture, scan.damage(data)),
    }


def _stream(keys: str, data: bytes) -> bytes:
    return f"<< {keys} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _encoded(scan: Scan) -> tuple[bytes, str]:
    picture, out = scan.picture, io.BytesIO()
    height, width = picture.shape[:2]
    space = "/ColorSpace /DeviceGray" if picture.ndim == 2 else "/ColorSpace /DeviceRGB"
    if scan.encoding == "DCTDecode":
        Pillow.fromarray(picture).save(out, "JPEG", quality=90)
        return out.getvalue(), f"{space} /BitsPerComponent 8"
    if scan.encoding == "JPXDecode":
        Pillow.fromarray(picture).save(out, "JPEG2000")
        return out.getvalue(), ""
    if scan.encoding == "CCITTFaxDecode":
        Pillow.fromarray(picture).convert("1", dither=Pillow.Dither.NONE).save(out, "TIFF", compression="group4")
        tags = Pillow.open(out).tag_v2  # type: ignore[attr-defined]  # a TIFF has them
        data = out.getvalue()[tags[273][0] : tags[273][0] + tags[279][0]]
        return (
            data,
            f"{space} /BitsPerComponent 1 /DecodeParms << /K -1 /BlackIs1 true /Columns {width} /Rows {height} >>",
        )
    return zlib.compress(picture.tobytes()), f"{space} /BitsPerComponent 8"


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def other_page(scan: Scan, seed: int) -> Scan:
    return replace(scan, picture=paper(seed=seed))
