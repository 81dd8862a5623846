from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from scan_ingest.domain.page import Page
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.open import BY_SUFFIX, count_pages
from tests.sources.files import Scan, good, paper, pdf, read, the_page, the_reason


def write(path: Path) -> Path:
    """A good file of the kind that the suffix says."""
    if path.suffix == ".pdf":
        path.write_bytes(pdf([Scan(paper())]))
    else:
        Pillow.fromarray(paper()).save(path, dpi=(200, 200))
    return path


@pytest.mark.parametrize("suffix", [*BY_SUFFIX, ".PDF", ".Tif"])
def test_every_suffix_that_is_read_gives_a_page_with_its_identity(tmp_path: Path, suffix: str) -> None:
    page = the_page(write(tmp_path / f"box7{suffix.lower()}").rename(tmp_path / f"box7{suffix}"))
    assert str(page.ref) == f"box7{suffix}#1"
    assert page.ref.file_sha256 == "ab" * 32
    assert page.image.shape == (400, 600)
    assert page.dpi == pytest.approx(200, rel=0.001)


@pytest.mark.parametrize("suffix", BY_SUFFIX)
def test_the_same_page_read_twice_is_the_same_picture(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a{suffix}")
    assert the_page(path).picture_sha256 == the_page(path).picture_sha256


@pytest.mark.parametrize("suffix", BY_SUFFIX)
def test_a_page_to_skip_is_not_told_of(tmp_path: Path, suffix: str) -> None:
    assert read(write(tmp_path / f"a{suffix}"), skip={1}) == []


@pytest.mark.parametrize("suffix", BY_SUFFIX)
def test_an_empty_file_is_one_failed_page(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").touch()
    assert the_reason(tmp_path / f"a{suffix}") == "the file is empty"
    assert read(tmp_path / f"a{suffix}", skip={1}) == []


@pytest.mark.parametrize("suffix", BY_SUFFIX)
def test_a_file_that_is_not_there_or_cannot_be_read_is_one_failed_page(tmp_path: Path, suffix: str) -> None:
    assert "cannot be read" in the_reason(tmp_path / f"gone{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    assert "cannot be read" in the_reason(tmp_path / f"folder{suffix}")


def test_a_jpeg_named_pdf_is_told_as_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg").rename(tmp_path / "a.pdf")
    assert the_reason(path) == 'the file is a JPEG, though its name ends in ".pdf"; rename it'


def test_an_office_document_named_pdf_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"PK\x03\x04 and so on")
    assert the_reason(tmp_path / "a.pdf") == "the file is a ZIP archive or an Office document, not a PDF"


def test_noise_named_tif_is_told_as_nothing_known(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(bytes(range(200)))
    assert the_reason(tmp_path / "a.tif") == "the file is not a TIFF, nor any kind that is read"


def test_an_unknown_suffix_is_a_failed_page_that_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "list.docx").write_bytes(b"PK\x03\x04")
    reason = the_reason(tmp_path / "list.docx")
    assert 'files that end in ".docx" are not read' in reason
    assert ".pdf, .tif" in reason


def test_a_file_without_a_suffix_is_told_what_it_is(tmp_path: Path) -> None:
    assert "it is a PNG, give it that suffix" in the_reason(write(tmp_path / "a.png").rename(tmp_path / "scan"))


def test_the_name_decides_and_not_the_copy_s_own(tmp_path: Path) -> None:
    copy = write(tmp_path / "a.png").rename(tmp_path / "9f86d081")
    (page,) = read(copy, name="box7.png")
    assert isinstance(page, Page)
    assert page.ref.file_name == "box7.png"


def test_a_pdf_whose_header_comes_late_is_still_a_pdf(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"\r\n\r\n" + pdf([Scan(paper())]))
    assert good(read(tmp_path / "a.pdf")) == [1]


def test_pages_are_counted_without_decoding_them(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([Scan(paper())] * 3))
    more = [Pillow.fromarray(paper(seed=seed)) for seed in (1, 2, 3)]
    more[0].save(tmp_path / "a.tif", save_all=True, append_images=more[1:])
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 and no more")
    counted = {name: count_pages(tmp_path / name, Limits()) for name in ("a.pdf", "a.tif", "bad.pdf", "gone.png")}
    assert counted == {"a.pdf": 3, "a.tif": 3, "bad.pdf": 1, "gone.png": 1}
    assert count_pages(tmp_path / "a.pdf", Limits(pages_per_file=1)) == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from([".tif", ".jpg", ".png"]))
def test_whatever_bytes_are_wrong_a_picture_file_is_pages_or_reasons(
    tmp_path: Path, data: st.DataObject, suffix: str
) -> None:
    whole = bytearray(write(tmp_path / f"whole{suffix}").read_bytes())
    head = min(len(whole), 400)  # most of what can mislead a reader stands at the front, and in a TIFF's directory
    places = st.integers(0, head - 1) | st.integers(len(whole) - 400, len(whole) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    (tmp_path / f"bent{suffix}").write_bytes(whole)
    assert len(read(tmp_path / f"bent{suffix}", Limits(pixels_per_page=1_000_000, pages_per_file=20))) >= 1
