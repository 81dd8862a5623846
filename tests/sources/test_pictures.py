import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags
from PIL import Image as Pillow

from scan_ingest.ports.pages import Limits
from tests.sources.files import paper, the_page, the_reason


def dark_corner(image: np.ndarray) -> str:
    """Which corner of the page is the dark one."""
    grey = image if image.ndim == 2 else image.mean(axis=2)
    height, width = grey.shape
    corners = {
        "top left": grey[: height // 10, : width // 10],
        "top right": grey[: height // 10, -width // 10 :],
        "bottom left": grey[-height // 10 :, : width // 10],
        "bottom right": grey[-height // 10 :, -width // 10 :],
    }
    return min(corners, key=lambda name: float(corners[name].mean()))


@pytest.mark.parametrize("suffix", ["jpg", "png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_looked_at_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    upright = paper()
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),  # to be turned clockwise
        7: np.rot90(upright, 2).T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    Pillow.fromarray(np.ascontiguousarray(stored)).save(tmp_path / f"a.{suffix}", exif=exif, quality=95)
    image = the_page(tmp_path / f"a.{suffix}").image
    assert image.shape == upright.shape
    assert dark_corner(image) == "top left"


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_broken_exif_block_does_not_cost_the_page(tmp_path: Path, suffix: str) -> None:
    Pillow.fromarray(paper()).save(tmp_path / f"a.{suffix}", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff nonsense")
    assert the_page(tmp_path / f"a.{suffix}").image.shape == (400, 600)


def test_a_grey_jpeg_stays_grey_and_a_colour_one_is_blue_green_red(tmp_path: Path) -> None:
    red = np.zeros((50, 80, 3), np.uint8)
    red[:, :, 0] = 200
    Pillow.fromarray(red).save(tmp_path / "red.png")
    Pillow.fromarray(paper()).save(tmp_path / "grey.jpg")
    assert the_page(tmp_path / "red.png").image[0, 0].tolist() == [0, 0, 200]
    assert the_page(tmp_path / "grey.jpg").image.ndim == 2


def test_a_print_shop_s_cmyk_jpeg_has_its_colours(tmp_path: Path) -> None:
    Pillow.new("CMYK", (60, 40), (0, 255, 255, 0)).save(tmp_path / "red.jpg", quality=100)
    blue, green, red = the_page(tmp_path / "red.jpg").image[20, 30]
    assert red > 200
    assert max(blue, green) < 60


def test_what_is_transparent_is_white_paper(tmp_path: Path) -> None:
    Pillow.new("RGBA", (60, 40), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Pillow.new("LA", (60, 40), (0, 0)).save(tmp_path / "grey.png")
    palette = Pillow.new("P", (60, 40), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.save(tmp_path / "palette.png", transparency=0)
    for name in ("clear.png", "grey.png", "palette.png"):
        assert (the_page(tmp_path / name).image == 255).all(), name
    assert the_page(tmp_path / "grey.png").image.ndim == 2


def test_sixteen_bits_of_grey_become_eight(tmp_path: Path) -> None:
    levels = np.array([[0, 257, 32896, 65535]], np.uint16)
    Pillow.fromarray(levels).save(tmp_path / "deep.png")
    assert the_page(tmp_path / "deep.png").image.tolist() == [[0, 1, 128, 255]]


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    Pillow.fromarray(paper()).convert("1").save(tmp_path / "a.png")
    image = the_page(tmp_path / "a.png").image
    assert image.ndim == 2
    assert set(np.unique(image)) == {0, 255}


def test_an_interlaced_png_is_read(tmp_path: Path) -> None:
    """Adam7 written by hand, of a flat grey: each pass is a small picture of its own."""
    passes = [(8, 8, 0, 0), (8, 8, 4, 0), (4, 8, 0, 4), (4, 4, 2, 0), (2, 4, 0, 2), (2, 2, 1, 0), (1, 2, 0, 1)]
    rows = b""
    for step_x, step_y, first_x, first_y in passes:
        wide, high = len(range(first_x, 40, step_x)), len(range(first_y, 30, step_y))
        rows += (b"\x00" + b"\x64" * wide) * high
    (tmp_path / "a.png").write_bytes(png_of(40, 30, rows, interlaced=True))
    assert (the_page(tmp_path / "a.png").image == 0x64).all()


@pytest.mark.parametrize(("said", "dpi"), [((300, 300), 300), ((72, 72), None), ((96, 96), None), (None, None)])
def test_the_resolution_is_the_scanner_s_word_and_not_a_program_s_default(
    tmp_path: Path, said: tuple[int, int] | None, dpi: int | None
) -> None:
    keys = {"dpi": said} if said else {}
    for suffix in ("jpg", "png"):
        Pillow.fromarray(paper()).save(tmp_path / f"a.{suffix}", **keys)
        assert the_page(tmp_path / f"a.{suffix}").dpi == (pytest.approx(dpi, abs=0.1) if dpi else None)


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_picture_cut_short_is_told_so(tmp_path: Path, suffix: str) -> None:
    Pillow.fromarray(paper()).save(tmp_path / f"a.{suffix}")
    whole = (tmp_path / f"a.{suffix}").read_bytes()
    for share in (0.02, 0.5, 0.95):
        (tmp_path / f"a.{suffix}").write_bytes(whole[: int(len(whole) * share)])
        assert the_reason(tmp_path / f"a.{suffix}").startswith("cut short: the file ends in the middle of the picture")


def test_a_png_with_a_wrong_checksum_is_damaged(tmp_path: Path) -> None:
    Pillow.fromarray(paper()).save(tmp_path / "a.png")
    whole = bytearray((tmp_path / "a.png").read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    (tmp_path / "a.png").write_bytes(whole)
    assert the_reason(tmp_path / "a.png").startswith("the picture is damaged")


def test_a_small_file_of_huge_dimensions_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of(60_000, 60_000, b"\x00" * 60_001))
    assert the_reason(tmp_path / "bomb.png") == (
        "the page is too large: 60000 × 60000 pixels, and at most 140 million are allowed"
    )
    Pillow.fromarray(paper()).save(tmp_path / "a.jpg")
    frame = bytearray((tmp_path / "a.jpg").read_bytes())
    at = frame.index(b"\xff\xc0")
    frame[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    (tmp_path / "bomb.jpg").write_bytes(frame)
    assert "65000 × 65000 pixels" in the_reason(tmp_path / "bomb.jpg")


def test_the_limit_on_pixels_is_the_caller_s_and_leaves_pillow_s_own_alone(tmp_path: Path) -> None:
    before = Pillow.MAX_IMAGE_PIXELS
    Pillow.fromarray(paper()).save(tmp_path / "a.png")
    assert "at most 0.1 million" in the_reason(tmp_path / "a.png", Limits(pixels_per_page=100_000))
    assert the_page(tmp_path / "a.png", Limits(pixels_per_page=240_000)).image.shape == (400, 600)
    assert before == Pillow.MAX_IMAGE_PIXELS


def test_a_picture_above_pillow_s_own_mark_and_below_ours_is_read_without_a_warning(tmp_path: Path) -> None:
    rows = b"\x00" + b"\x00" * 1250  # one bit a pixel
    (tmp_path / "a.png").write_bytes(png_of(10_000, 10_000, rows * 10_000, depth=1))
    assert the_page(tmp_path / "a.png").image.shape == (10_000, 10_000)


def test_a_jpeg_of_countless_passes_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    Pillow.fromarray(paper()).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    last = whole.rindex(b"\xff\xda")
    (tmp_path / "a.jpg").write_bytes(whole[:last] + whole[last:-2] * 300 + whole[-2:])
    assert the_reason(tmp_path / "a.jpg") == "a JPEG of more than 200 passes; save it anew"


def png_of(width: int, height: int, rows: bytes, *, depth: int = 8, interlaced: bool = False) -> bytes:
    """A grey PNG with those (filtered) rows, which need not be as many as it says."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, int(interlaced))
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
