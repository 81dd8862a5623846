import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from scan_ingest.domain.page import FailedPage, Page
from scan_ingest.ports.pages import Limits
from tests.sources.files import good, paper, read, reasons, the_page, the_reason

ORIENTATION, X_RESOLUTION, Y_RESOLUTION, UNIT = 274, 282, 283, 296


def save(path: Path, pages: int = 3, mode: str = "L", **keys: Any) -> bytes:
    first, *more = [Pillow.fromarray(paper(seed=seed)).convert(mode) for seed in range(1, pages + 1)]
    first.save(path, save_all=True, append_images=more, **keys)
    return path.read_bytes()


@pytest.mark.parametrize(
    "compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "group3", "group4", "jpeg"]
)
def test_every_page_of_every_compression_is_read(tmp_path: Path, compression: str) -> None:
    mode = "1" if compression.startswith("group") else "L"
    save(tmp_path / "a.tif", mode=mode, compression=compression, dpi=(200, 200))
    pages = read(tmp_path / "a.tif")
    assert good(pages) == [1, 2, 3]
    for seed, page in enumerate(pages, start=1):
        assert isinstance(page, Page)
        assert page.dpi == 200
        true = np.asarray(Pillow.fromarray(paper(seed=seed)).convert(mode).convert("L"))
        assert np.abs(page.image.astype(int) - true).mean() < (8 if compression == "jpeg" else 0.01)


def test_one_bit_is_black_on_white_whichever_way_the_file_counts(tmp_path: Path) -> None:
    black_is_zero = save(tmp_path / "a.tif", pages=1, mode="1", compression="group4")
    white_is_zero = flip_photometric(black_is_zero)
    (tmp_path / "b.tif").write_bytes(white_is_zero)
    one, other = the_page(tmp_path / "a.tif").image, the_page(tmp_path / "b.tif").image
    assert one.ndim == 2
    assert set(np.unique(one)) == {0, 255}
    assert (one == 255 - other).all()


def flip_photometric(tiff: bytes) -> bytes:
    (offset,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, offset)
    entries = range(offset + 2, offset + 2 + 12 * count, 12)
    (at,) = (entry for entry in entries if struct.unpack_from("<H", tiff, entry)[0] == 262)
    changed = bytearray(tiff)
    changed[at + 8] = 1 - changed[at + 8]
    return bytes(changed)


@pytest.mark.parametrize(
    ("mode", "compression"),
    [("RGB", "raw"), ("RGB", "jpeg"), ("RGBA", "raw"), ("CMYK", "raw"), ("P", "raw"), ("YCbCr", "jpeg")],
)
def test_colour_of_every_kind_comes_out_blue_green_red(tmp_path: Path, mode: str, compression: str) -> None:
    Pillow.new("RGB", (64, 48), (200, 40, 0)).convert(mode).save(tmp_path / "a.tif", compression=compression)
    blue, green, red = (int(value) for value in the_page(tmp_path / "a.tif").image[20, 20])
    assert abs(red - 200) < 12
    assert abs(green - 40) < 12
    assert blue < 12


def test_sixteen_bits_of_grey_become_eight(tmp_path: Path) -> None:
    Pillow.fromarray(np.array([[0, 257, 65535]], np.uint16)).save(tmp_path / "a.tif")
    assert the_page(tmp_path / "a.tif").image.tolist() == [[0, 1, 255]]


def test_numbers_that_are_no_picture_are_a_failed_page(tmp_path: Path) -> None:
    Pillow.fromarray(np.ones((40, 60), np.float32)).save(tmp_path / "a.tif")
    assert "floating-point" in the_reason(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("tags", "shape", "dpi"),
    [
        ({X_RESOLUTION: 300.0, Y_RESOLUTION: 300.0, UNIT: 2}, (400, 600), 300),
        ({X_RESOLUTION: 78.74, Y_RESOLUTION: 78.74, UNIT: 3}, (400, 600), 200),  # dots per centimetre
        ({X_RESOLUTION: 1.0, Y_RESOLUTION: 1.0, UNIT: 1}, (400, 600), None),
        ({}, (400, 600), None),
        ({X_RESOLUTION: 204.0, Y_RESOLUTION: 98.0, UNIT: 2}, (833, 600), 204),  # fax, normal
        ({X_RESOLUTION: 204.0, Y_RESOLUTION: 391.0, UNIT: 2}, (400, 1150), 391),  # fax, super fine
        ({X_RESOLUTION: 204.0, Y_RESOLUTION: 98.0, UNIT: 2, ORIENTATION: 6}, (600, 833), 204),
        ({X_RESOLUTION: 2.0, Y_RESOLUTION: 1.0, UNIT: 1}, (800, 600), None),  # only the pixels' shape
        ({X_RESOLUTION: 300.0, Y_RESOLUTION: 1.0, UNIT: 2}, (400, 600), None),  # nonsense
        ({X_RESOLUTION: 0.0, Y_RESOLUTION: 0.0, UNIT: 2}, (400, 600), None),
    ],
)
def test_the_resolution_is_taken_where_it_makes_sense_and_pixels_become_square(
    tmp_path: Path, tags: dict[int, float], shape: tuple[int, int], dpi: float | None
) -> None:
    save(tmp_path / "a.tif", pages=1, tiffinfo=tags)
    page = the_page(tmp_path / "a.tif")
    assert page.image.shape == shape
    assert page.dpi == (pytest.approx(dpi, rel=0.001) if dpi else None)


@pytest.mark.parametrize(("orientation", "stored"), [(1, paper()), (3, paper()[::-1, ::-1]), (6, np.rot90(paper()))])
def test_a_page_stored_lying_is_looked_at_upright(tmp_path: Path, orientation: int, stored: np.ndarray) -> None:
    Pillow.fromarray(np.ascontiguousarray(stored)).save(tmp_path / "a.tif", tiffinfo={ORIENTATION: orientation})
    assert (the_page(tmp_path / "a.tif").image == paper()).all()


@pytest.mark.parametrize(("mode", "compression"), [("1", "group4"), ("L", "raw"), ("L", "jpeg"), ("L", "tiff_lzw")])
def test_in_a_file_cut_short_the_pages_before_the_cut_are_kept(tmp_path: Path, mode: str, compression: str) -> None:
    whole = save(tmp_path / "whole.tif", mode=mode, compression=compression)
    seen = set()
    for percent in range(20, 100, 8):
        (tmp_path / "a.tif").write_bytes(whole[: len(whole) * percent // 100])
        pages = read(tmp_path / "a.tif")
        kept = len(good(pages))
        assert good(pages) == list(range(1, kept + 1))
        assert reasons(pages) == {
            kept + 1: f"cut short: the file ends in the middle of page {kept + 1}; copy or scan it again"
        }
        seen.add(kept)
    assert seen == {0, 1, 2}


def test_a_damaged_page_does_not_cost_the_next(tmp_path: Path) -> None:
    whole = bytearray(save(tmp_path / "a.tif", compression="tiff_lzw"))
    second = directory_offsets(whole)[1]
    for entry in range(second + 2, second + 2 + 12 * whole[second], 12):
        if struct.unpack_from("<H", whole, entry)[0] == 259:  # a compression that nobody knows
            struct.pack_into("<H", whole, entry + 8, 4711)
    (tmp_path / "a.tif").write_bytes(whole)
    pages = read(tmp_path / "a.tif")
    assert good(pages) == [1, 3]
    assert reasons(pages)[2].startswith("the picture is damaged, or of a kind of TIFF that is not read")


def directory_offsets(tiff: bytes | bytearray) -> list[int]:
    """Where the directories stand, and last the zero that ends the chain."""
    offsets = [struct.unpack_from("<I", tiff, 4)[0]]
    while offsets[-1]:
        (count,) = struct.unpack_from("<H", tiff, offsets[-1])
        offsets.append(struct.unpack_from("<I", tiff, offsets[-1] + 2 + 12 * count)[0])
    return offsets[:-1]


def test_a_chain_of_pages_that_bites_its_tail_ends_there(tmp_path: Path) -> None:
    whole = bytearray(save(tmp_path / "a.tif"))
    offsets = directory_offsets(whole)
    (count,) = struct.unpack_from("<H", whole, offsets[2])
    struct.pack_into("<I", whole, offsets[2] + 2 + 12 * count, offsets[0])
    (tmp_path / "a.tif").write_bytes(whole)
    assert good(read(tmp_path / "a.tif")) == [1, 2, 3]


def test_a_thumbnail_between_the_pages_is_no_page(tmp_path: Path) -> None:
    full, small = Pillow.fromarray(paper()), Pillow.fromarray(paper(60, 40))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    full.save(tmp_path / "a.tif", save_all=True, append_images=[small, Pillow.fromarray(paper(seed=2))])
    pages = read(tmp_path / "a.tif")
    assert [page.image.shape for page in pages if isinstance(page, Page)] == [(400, 600), (400, 600)]
    assert good(pages) == [1, 2]


def test_a_big_tiff_is_read(tmp_path: Path) -> None:
    save(tmp_path / "a.tif", big_tiff=True)
    assert good(read(tmp_path / "a.tif")) == [1, 2, 3]


def test_pages_seen_before_are_not_decoded_again(tmp_path: Path) -> None:
    save(tmp_path / "a.tif")
    assert good(read(tmp_path / "a.tif", skip={1, 3})) == [2]


def test_of_too_many_pages_those_within_the_limit_are_kept(tmp_path: Path) -> None:
    save(tmp_path / "a.tif", pages=4)
    pages = read(tmp_path / "a.tif", Limits(pages_per_file=2))
    assert good(pages) == [1, 2]
    assert reasons(pages) == {3: "more than 2 pages in one file; split it"}
    assert read(tmp_path / "a.tif", Limits(pages_per_file=2), skip={1, 2, 3}) == []


def test_a_page_over_the_limit_of_pixels_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    large, small = Pillow.new("1", (9000, 9000), 1), Pillow.fromarray(paper()).convert("1")
    large.save(tmp_path / "a.tif", save_all=True, append_images=[small], compression="group4")
    pages = read(tmp_path / "a.tif", Limits(pixels_per_page=1_000_000))
    assert good(pages) == [2]
    assert "9000 × 9000 pixels" in reasons(pages)[1]


def test_a_stretched_page_is_judged_by_its_stretched_size(tmp_path: Path) -> None:
    save(tmp_path / "a.tif", pages=1, tiffinfo={X_RESOLUTION: 204.0, Y_RESOLUTION: 98.0, UNIT: 2})
    assert "600 × 833 pixels" in the_reason(tmp_path / "a.tif", Limits(pixels_per_page=300_000))


def test_a_head_without_a_page_is_one_failed_page(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"II*\x00\x00\x00\x00\x00")
    assert the_reason(tmp_path / "a.tif").startswith("damaged: the file does not tell where page 1 is")
    (tmp_path / "a.tif").write_bytes(b"II*\x00\x08")
    assert the_reason(tmp_path / "a.tif").startswith("cut short")
    (tmp_path / "a.tif").write_bytes(b"II*\x00\x08\x00\x00\x00" + b"\xff" * 9000)
    (page,) = read(tmp_path / "a.tif")
    assert isinstance(page, FailedPage)
