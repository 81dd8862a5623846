import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.page import Page
from scan_ingest.errors import ExitCode, ToolMissingError
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.pdf import plan_drawing
from scan_ingest.sources.poppler import Embedded, Sheet
from tests.sources.files import Scan, good, half, other_page, paper, pdf, read, reasons, the_page, the_reason

ENCODINGS = ["DCTDecode", "FlateDecode", "CCITTFaxDecode", "JPXDecode"]


def write(path: Path, *scans: Scan, cut_at: float = 1.0, trailer_first: bool = False, trailer_keys: str = "") -> Path:
    whole = pdf(scans, trailer_first=trailer_first, trailer_keys=trailer_keys)
    path.write_bytes(whole[: int(len(whole) * cut_at)])
    return path


# -- good scans --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["FlateDecode", "JPXDecode"])
def test_a_scan_that_covers_its_page_comes_out_pixel_for_pixel(tmp_path: Path, encoding: str) -> None:
    page = the_page(write(tmp_path / "a.pdf", Scan(paper(), encoding)))
    assert page.dpi == pytest.approx(200)
    assert page.image.shape == (400, 600)
    assert (page.image == paper()).all()


def test_pixel_for_pixel_even_where_the_page_is_not_a_whole_number_of_them(tmp_path: Path) -> None:
    a5 = Scan(paper(1653, 1165), "FlateDecode", width_pt=595.276, height_pt=419.528)
    page = the_page(write(tmp_path / "a.pdf", a5))
    assert (page.image == paper(1653, 1165)).all()


def test_a_fax_in_a_pdf_stays_black_and_white(tmp_path: Path) -> None:
    image = the_page(write(tmp_path / "a.pdf", Scan(paper(), "CCITTFaxDecode"))).image
    assert image.ndim == 2
    assert set(np.unique(image)) == {0, 255}


def test_a_colour_scan_is_blue_green_red_and_a_grey_one_has_no_colours(tmp_path: Path) -> None:
    red = np.zeros((400, 600, 3), np.uint8)
    red[:, :, 0] = 200
    pages = read(write(tmp_path / "a.pdf", Scan(red, "FlateDecode"), Scan(paper())))
    assert all(isinstance(page, Page) for page in pages)
    first, second = (page.image for page in pages if isinstance(page, Page))
    assert first[200, 300].tolist() == [0, 0, 200]
    assert second.ndim == 2


def test_each_page_of_a_mixed_file_has_its_own_resolution_and_size(tmp_path: Path) -> None:
    fine = Scan(paper(900, 600))  # 300 dpi
    drawn = replace(fine, content="10 10 100 80 re f")
    pages = read(write(tmp_path / "a.pdf", Scan(paper()), fine, drawn))
    found = [(round(page.dpi or 0), page.image.shape[:2]) for page in pages if isinstance(page, Page)]
    assert found == [(200, (400, 600)), (300, (600, 900)), (200, (400, 600))]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_to_be_turned_is_turned(tmp_path: Path, turn: int) -> None:
    image = the_page(write(tmp_path / "a.pdf", Scan(paper(), "FlateDecode", page_keys=f"/Rotate {turn}"))).image
    assert (image == np.rot90(paper(), -turn // 90)).all()


def test_only_what_a_viewer_shows_of_a_cropped_page_is_drawn(tmp_path: Path) -> None:
    cropped = Scan(paper(), "FlateDecode", page_keys="/CropBox [0 72 108 144]")  # the top left quarter
    image = the_page(write(tmp_path / "a.pdf", cropped)).image
    assert image.shape == (200, 300)
    assert (image == paper()[:200, :300]).all()


def test_pages_seen_before_are_not_drawn_again(tmp_path: Path) -> None:
    scan = Scan(paper())
    path = write(tmp_path / "a.pdf", scan, other_page(scan, 2), other_page(scan, 3))
    assert good(read(path, skip={1, 2})) == [3]


def test_a_name_like_an_option_or_with_spaces_is_only_a_name(tmp_path: Path) -> None:
    for name in ("-r 9.pdf", "box 7 (ward ü).pdf"):
        assert good(read(write(tmp_path / name, Scan(paper())))) == [1]


# -- how a page is drawn -----------------------------------------------------------------------------------------------

A5 = Sheet(8.27, 5.83)


def scan_at(dpi: float, sheet: Sheet = A5, share: float = 1.0) -> Embedded:
    width, height = round(sheet.width_inch * dpi * share), round(sheet.height_inch * dpi * share)
    return Embedded(width, height, dpi, dpi, grey=True, encoding="jpeg")


def test_a_logo_does_not_decide_the_resolution() -> None:
    logo = scan_at(600, share=0.1)
    assert plan_drawing(A5, [logo]).dpi == 200
    assert plan_drawing(A5, [scan_at(150), logo]).dpi == pytest.approx(150, rel=0.001)


def test_of_the_layers_of_a_compact_scan_the_finest_decides() -> None:
    assert plan_drawing(A5, [scan_at(75), scan_at(300)]).dpi == 300


def test_strips_make_one_scan() -> None:
    strip = Embedded(2481, 87, 300, 300, grey=True, encoding="ccitt")
    assert plan_drawing(A5, [strip] * 20).dpi == 300


@pytest.mark.parametrize(("scanned", "drawn"), [(20, 100), (90, 100), (601, 600), (2400, 600)])
def test_the_resolution_stays_between_what_is_legible_and_what_is_useful(scanned: float, drawn: float) -> None:
    assert plan_drawing(A5, [scan_at(scanned)]).dpi == drawn


def test_a_fax_is_drawn_with_square_pixels() -> None:
    fax = Embedded(1687, 571, 204, 98, grey=True, encoding="ccitt")
    assert plan_drawing(A5, [fax]).dpi == 204


# -- broken files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_half_a_picture_is_never_taken_for_a_page(tmp_path: Path, encoding: str) -> None:
    scan = Scan(paper(), encoding)
    pages = read(write(tmp_path / "a.pdf", scan, replace(scan, damage=half), scan))
    assert good(pages) == [1, 3]
    assert reasons(pages)[2].startswith("page 2 is damaged")


def test_a_cut_pdf_is_one_failed_page(tmp_path: Path) -> None:
    for share in (0.1, 0.5, 0.99):
        path = write(tmp_path / "a.pdf", Scan(paper()), Scan(paper()), cut_at=share)
        assert the_reason(path) == "cut short: the end of the PDF is missing; copy or scan it again"


def test_a_pdf_cut_before_its_list_of_pages_is_cut_short_not_empty(tmp_path: Path) -> None:
    whole = pdf([Scan(paper())], trailer_first=True)
    (tmp_path / "a.pdf").write_bytes(whole[: whole.index(b"2 0 obj")])
    assert the_reason(tmp_path / "a.pdf") == "cut short: the end of the PDF is missing; copy or scan it again"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_cut_pdf_that_can_still_be_opened_keeps_its_whole_pages(tmp_path: Path, encoding: str) -> None:
    scans = [Scan(paper(seed=seed), encoding) for seed in (1, 2, 3)]
    seen = set()
    for percent in (25, 50, 60, 80, 90):
        pages = read(write(tmp_path / "a.pdf", *scans, cut_at=percent / 100, trailer_first=True))
        kept = len(good(pages))
        assert good(pages) == list(range(1, kept + 1)), percent
        assert sorted(reasons(pages)) == list(range(kept + 1, 4)), percent
        seen.add(kept)
    assert seen == {0, 1, 2}


def test_small_flaws_that_poppler_forgives_do_not_cost_the_page(tmp_path: Path) -> None:
    sloppy = Scan(paper(), content="q {w} 0 0 {h} 0 0 cm /I Do Q BT /F1 9 Tf (x) Tj ET foo ) Q")
    assert good(read(write(tmp_path / "a.pdf", sloppy))) == [1]


def test_an_encrypted_pdf_says_what_to_do(tmp_path: Path) -> None:
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'5a' * 32}> /U <{'a5' * 32}> >> /ID [<00> <00>]"
    path = write(tmp_path / "a.pdf", Scan(paper()), trailer_keys=lock)
    assert the_reason(path) == "the PDF is encrypted; save it without a password"


def test_a_pdf_without_pages_says_so(tmp_path: Path) -> None:
    assert the_reason(write(tmp_path / "a.pdf")) == "the PDF has no pages"


def test_noise_behind_a_pdf_s_first_line_is_damage(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"%%EOF")
    assert the_reason(tmp_path / "a.pdf") == "the PDF is damaged and cannot be opened; copy or scan it again"


def test_pages_that_are_listed_and_not_there_are_failed_pages(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([Scan(paper())], count=3))
    pages = read(tmp_path / "a.pdf")
    assert good(pages) == [1]
    assert reasons(pages)[3] == "damaged: page 3 is listed but is not in the file"


def test_a_page_as_large_as_a_field_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    pages = read(write(tmp_path / "a.pdf", Scan(paper(), width_pt=2e6, height_pt=1e6), Scan(paper())))
    assert good(pages) == [2]
    assert reasons(pages)[1].startswith("the page is too large")


def test_a_picture_that_says_it_is_huge_is_refused_before_it_is_drawn(tmp_path: Path) -> None:
    bomb = pdf([Scan(paper(), "FlateDecode", damage=lambda _: zlib.compress(bytes(10_000)))])
    (tmp_path / "a.pdf").write_bytes(bomb.replace(b"/Width 600 /Height 400", b"/Width 99999 /Height 99999"))
    assert the_reason(tmp_path / "a.pdf").startswith("the page is too large: 99999 × 99999 pixels")


def test_of_too_many_pages_those_within_the_limit_are_kept(tmp_path: Path) -> None:
    pages = read(write(tmp_path / "a.pdf", *[Scan(paper())] * 4), Limits(pages_per_file=2))
    assert good(pages) == [1, 2]
    assert reasons(pages) == {3: "more than 2 pages in one file (it has 4); split it"}


# -- poppler itself ----------------------------------------------------------------------------------------------------


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_without_poppler_the_run_stops_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.pdf", Scan(paper()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="apt install poppler-utils") as caught:
        read(path)
    assert caught.value.exit_code is ExitCode.TOOL_MISSING


@pytest.mark.parametrize("stuck", ["pdfinfo", "pdfimages", "pdftoppm"])
def test_a_program_that_never_ends_is_stopped_and_costs_only_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck: str
) -> None:
    path = write(tmp_path / "a.pdf", Scan(paper()))
    program(tmp_path, stuck, '[ "$1" = -v ] && exit 0\nexec sleep 600')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert the_reason(path, Limits(seconds_per_page=0.3)).endswith("to draw and was given up")


def test_a_program_that_crashes_costs_only_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.pdf", Scan(paper()))
    program(tmp_path, "pdftoppm", "printf 'P5\\n600 400\\n255\\nhalf'; kill -9 $$")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert the_reason(path) == "page 1 is damaged: it cannot be drawn; copy or scan it again"


@pytest.mark.parametrize("floods", ["pdfinfo", "pdfimages"])
@pytest.mark.parametrize("where", ["", ">&2"])
def test_a_program_that_says_no_end_of_things_is_not_listened_to(
    floods: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.pdf", Scan(paper()))
    program(tmp_path, floods, f'[ "$1" = -v ] && exit 0\nexec yes Syntax Error {where}')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("scan_ingest.sources.poppler.MOST_SAID", 1 << 20)
    assert "more to say" in the_reason(path, Limits(seconds_per_page=60))
