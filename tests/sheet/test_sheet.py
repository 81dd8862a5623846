"""The contact sheet: every page at a glance, private, in one file."""

import re
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.geometry import Homography, Image
from scan_ingest.domain.kept import size_as_scanned
from scan_ingest.domain.page import Outcome, Page, PageRef, Placement
from scan_ingest.errors import InputError, UsageError
from scan_ingest.pipeline.pictures import page_picture
from scan_ingest.ports.cards import NewCard
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.sheet import contact_sheet
from scan_ingest.sheet.html import as_html
from scan_ingest.sheet.pages import EDGE_PX, Heading, SmallPage, small_page
from scan_ingest.sheet.pdf import as_pdf
from scan_ingest.sheet.write import Writer
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import FIELDS, LABEL, a_side, picture_of

PX_PER_MM = 8.0
NASTY = "box <script>alert(1)</script>\x1b[2J (1)\\.pdf"


def scan(width: int = 1600, height: int = 1200) -> Image:
    """Paper with noise on it, as a scanner sees it."""
    return np.random.default_rng(7).normal(225, 12, (height, width)).clip(0, 255).astype(np.uint8)


def at(x_mm: float, y_mm: float) -> Placement:
    """An upright side of 100 × 90 mm with its top left there on the page."""
    to_side = Homography(np.array([[1 / PX_PER_MM, 0, -x_mm], [0, 1 / PX_PER_MM, -y_mm], [0, 0, 1.0]]))
    corners = np.array([[0, 0], [100, 0], [100, 90], [0, 90]]) + np.array([x_mm, y_mm])
    return Placement("nomination-a5", "front", to_side, 0.1, 60, corners * PX_PER_MM)


def record(ref: PageRef, outcome: Outcome, reason: str = "", image: Image | None = None) -> PageRecord:
    """A page as ingest records it; a card lies 10 mm from the left and 5 mm from the top."""
    page = Page(ref, scan() if image is None else image, 200.0)
    kept = None if outcome in (Outcome.FAILED, Outcome.DUPLICATE) else page_picture(page)
    number = PageRef(ref.file_sha256, 1, ref.file_name) if outcome is Outcome.DUPLICATE else ref
    sha256 = None if outcome is Outcome.FAILED else picture_of(number)
    if outcome is not Outcome.CARD:
        return PageRecord(0, ref, outcome, reason, 200.0, sha256, kept)
    side = replace(a_side(), placement=at(10, 5))
    card = NewCard(picture_of(ref)[:20], "nomination-a5", ((None, 1),), FIELDS)
    return PageRecord(0, ref, outcome, reason, 200.0, sha256, kept, (side,), (card,))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A box with one page of every outcome; the page that needs nobody comes first in the file."""
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        (tmp_path / "box.pdf").write_bytes(b"scan")
        file = replace(workspace.keep_original(tmp_path / "box.pdf"), name=NASTY)
        batch, _ = workspace.open_batch(LABEL, [file], 2, any_date=False)
        for number, (outcome, reason) in enumerate(
            [
                (Outcome.CARD, ""),
                (Outcome.BLANK, ""),
                (Outcome.UNREADABLE, "two of its <b>corners</b> & \x07 more"),
                (Outcome.DUPLICATE, "ingested before"),
                (Outcome.FAILED, "cut short (half of it) \\ more"),
                (Outcome.UNMATCHED, "no known card on it"),
            ],
            start=1,
        ):
            workspace.record(batch.id, record(PageRef(file.sha256, number, NASTY), outcome, reason))
        workspace.finish(batch.id)
        yield workspace


def heading(workspace: Workspace) -> Heading:
    summary = workspace.batch("b1")
    return Heading(summary.batch, summary.outcomes, sum(summary.cards.values()), 0, summary.needs_a_person)


def written(workspace: Workspace, file: Path, *, force: bool = False) -> bytes:
    size = contact_sheet(heading(workspace), workspace, {}, file, force=force)
    data = file.read_bytes()
    assert len(data) == size
    return data


def test_pages_that_need_a_person_come_first_then_the_others_in_order(workspace: Workspace, tmp_path: Path) -> None:
    html = written(workspace, tmp_path / "sheet.html").decode()
    marks = re.findall(r'class="mark">(.*?)<', html)
    assert marks == ["! unreadable", "× failed", "? unmatched", "✓ card", "– blank", "= duplicate"]
    assert html.index("Need a person") < html.index("! unreadable") < html.index("The other pages, in order")


def test_the_counts_above_add_up(workspace: Workspace, tmp_path: Path) -> None:
    html = written(workspace, tmp_path / "sheet.html").decode()
    assert "6 pages = 1 card + 1 blank + 1 unmatched + 1 duplicate + 1 unreadable + 1 failed" in html
    assert "1 card; 2 counted by hand" in html
    assert "2 cards expected, 1 found" in html
    assert "keep this as safe as the cards themselves" in html


def test_nothing_that_a_name_or_a_reason_holds_becomes_markup(workspace: Workspace, tmp_path: Path) -> None:
    html = written(workspace, tmp_path / "sheet.html").decode()
    assert "<script" not in html
    assert "<b>" not in html
    assert "\x1b" not in html
    assert "\x07" not in html
    assert "default-src 'none'" in html
    assert "box &lt;script&gt;alert(1)&lt;/script&gt;·[2J (1)\\.pdf#3" in html
    assert re.findall(r'(?:src|href)="(?!data:image/jpeg;base64,)', html) == []


def test_the_card_and_its_fields_are_drawn_where_they_were_found(workspace: Workspace, tmp_path: Path) -> None:
    html = written(workspace, tmp_path / "sheet.html").decode()
    scale = PX_PER_MM * EDGE_PX / 1600
    drawn = {
        name: np.array([[float(number) for number in point.split(",")] for point in points.split()]) / scale
        for points, name in re.findall(r'points="(.*?)"><title>(.*?)</title>', html)
    }
    assert set(drawn) == {"nomination-a5 front", *(note.name for note in FIELDS)}
    assert np.allclose(drawn["nomination-a5 front"], [[10, 5], [110, 5], [110, 95], [10, 95]], atol=0.1)
    box = FIELDS[0].box_mm
    corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
    assert np.allclose(drawn["nominee"], np.array(corners) + np.array([10, 5]), atol=0.1)


def test_a_page_that_is_kept_smaller_than_it_was_scanned_has_its_outlines_in_place(workspace: Workspace) -> None:
    row = workspace.pages("b1")[0]
    picture = page_picture(Page(row.ref, scan(7000, 5250), 800.0))
    assert size_as_scanned(picture) == (7000, 5250)
    small = small_page(row, picture, "", workspace.field_notes, {})
    assert np.allclose(small.outlines[0].corners, at(10, 5).corners_px * EDGE_PX / 7000)


def test_a_duplicate_shows_the_page_it_repeats_and_a_failed_one_that_there_is_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    html = written(workspace, tmp_path / "sheet.html").decode()
    figures = {figure.split('class="mark">')[1][2:11]: figure for figure in html.split("<figure")[1:]}
    assert "data:image/jpeg" in figures["duplicate"]
    assert "no picture could be decoded" in figures["failed</s"]


def test_a_picture_that_is_gone_costs_only_its_own_place(workspace: Workspace, tmp_path: Path) -> None:
    picture = workspace.pages("b1")[2].picture
    assert picture is not None
    (workspace.folder / picture).unlink()
    assert "the picture is gone" in written(workspace, tmp_path / "sheet.html").decode()


def test_the_pdf_is_sound_and_its_words_can_be_found(workspace: Workspace, tmp_path: Path) -> None:
    written(workspace, tmp_path / "sheet.pdf")
    told = subprocess.run(["pdftotext", tmp_path / "sheet.pdf", "-"], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    words = " ".join(told.stdout.split())
    assert "6 pages = 1 card" in words
    assert "cut short (half of it) \\ more" in words
    assert words.index("! unreadable") < words.index("The other pages, in order")
    drawn = subprocess.run(["pdftoppm", "-r", "72", tmp_path / "sheet.pdf"], capture_output=True, check=True)
    assert drawn.stderr == b""
    image = np.frombuffer(drawn.stdout.split(b"255\n", 1)[1], np.uint8).reshape(-1, 3).astype(int)
    pink = (image[:, 0] > 180) & (image[:, 1] < 90) & (image[:, 2] > 80)
    assert pink.sum() > 100


def test_the_pdf_is_called_by_its_batch_and_box_where_it_is_open(workspace: Workspace, tmp_path: Path) -> None:
    written(workspace, tmp_path / "sheet.pdf")
    told = subprocess.run(["pdfinfo", tmp_path / "sheet.pdf"], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    title = next(line.split(":", 1)[1].strip() for line in told.stdout.splitlines() if line.startswith("Title:"))
    assert (
        title == f"Batch {heading(workspace).batch.id}: {LABEL.ward}, {LABEL.organisation}, collected {LABEL.collected}"
    )


@pytest.mark.parametrize("write", [as_html, as_pdf])
def test_pages_are_made_one_after_the_other_as_the_file_is_written(workspace: Workspace, write: Writer) -> None:
    made: list[int] = []
    row = workspace.pages("b1")[0]
    one = small_page(row, page_picture(Page(row.ref, scan(), 200.0)), "", workspace.field_notes, {})

    def pages() -> Iterator[SmallPage]:
        for number in range(500):
            made.append(number)
            yield one

    size, most = 0, 0
    for piece in write(heading(workspace), iter(()), pages()):
        size, most = size + len(piece), max(most, len(piece))
    assert made == list(range(500))
    assert size / 500 <= 40_000
    assert most < 100_000


def test_the_file_is_private_and_nothing_else_is_left(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "sheets"
    folder.mkdir()
    written(workspace, folder / "sheet.html")
    assert stat.S_IMODE((folder / "sheet.html").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["sheet.html"]


def test_a_file_that_is_there_is_not_written_over_unless_it_may_be(workspace: Workspace, tmp_path: Path) -> None:
    scanned = tmp_path / "box.pdf"
    with pytest.raises(InputError, match="nothing is written over it; --force does"):
        written(workspace, scanned)
    assert scanned.read_bytes() == b"scan"
    assert written(workspace, scanned, force=True).startswith(b"%PDF-1.4")


def test_another_kind_of_file_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"an \.html or a \.pdf file"):
        written(workspace, tmp_path / "sheet.docx")
    with pytest.raises(InputError, match="cannot be written"):
        written(workspace, tmp_path / "nowhere" / "sheet.html")
