"""Lines to train on, cut from the kept picture of a drawn card."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from scan_ingest.domain.card import Line, Reading
from scan_ingest.domain.review import ReviewedCard
from scan_ingest.errors import InputError, StoreError
from scan_ingest.learning.export import LinesWritten, export_lines
from scan_ingest.pipeline.pictures import side_picture
from tests.drawing.placed import Seen, seen, template
from tests.reviewed import ROSE

ACTION = "She sat with my father all night and held his hand until the morning came and the whole of the ward was awake"
TEMPLATES = {"nomination-a5": template()}


class Drawer:
    """The workspace's pictures: one side, or none."""

    def __init__(self, side: Seen | None) -> None:
        self.side = side

    def side_picture(self, card_id: str, side: str) -> bytes:
        if self.side is None or side != "front":
            raise StoreError(f"{card_id}: the picture cannot be read")
        return side_picture(self.side.picture)


@pytest.fixture(scope="module")
def written() -> Seen:
    return seen({"action": ACTION, "nominee": "Jo Ash"})


def reviewed(written: Seen, action: str) -> ReviewedCard:
    """The card as it was read (each line's share of the words, one letter wrong) and as it was accepted."""
    words = ACTION.split()
    crops = written.crops["action"].lines
    each = -(-len(words) // len(crops))
    texts = [" ".join(words[n * each : (n + 1) * each]).replace("father", "fother") for n in range(len(crops))]
    lines = tuple(Line(text, text, 0.9, crop.box_mm) for text, crop in zip(texts, crops, strict=True))
    name = Line("Jo Ash", "Jo Ash", 0.9, written.crops["nominee"].lines[0].box_mm)
    return ReviewedCard(
        "0123456789abcdef0123",
        ROSE,
        "nomination-a5",
        datetime(2026, 3, 4, tzinfo=UTC),
        {"nominee": "text", "action": "text"},
        {
            "nominee": Reading("nominee", "Jo Ash", 0.9, "pp-ocrv6", (name,)),
            "action": Reading("action", " ".join(texts), 0.9, "pp-ocrv6", lines),
        },
        {"nominee": "Jo Ash", "action": action},
    )


def test_every_line_is_written_with_its_corrected_text_for_both_programs(written: Seen, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    count = export_lines([reviewed(written, ACTION)], Drawer(written), TEMPLATES, folder)
    lines = len(written.crops["action"].lines)
    assert lines >= 2
    assert count == LinesWritten(lines + 1)
    labels = [row.split("\t") for row in (folder / "rec_gt.txt").read_text(encoding="utf-8").splitlines()]
    assert " ".join(text for name, text in labels if "_action_" in name) == ACTION
    assert [text for name, text in labels if "_nominee_" in name] == ["Jo Ash"]
    for name, text in labels:
        picture = folder / name
        assert picture.with_suffix(".gt.txt").read_text(encoding="utf-8") == f"{text}\n"
        grey = cv2.imread(str(picture), cv2.IMREAD_UNCHANGED)
        assert grey is not None
        assert grey.ndim == 2
        assert grey.min() < 100 < 250 < grey.max()  # ink on white


def test_card_data_is_for_its_owner_only(written: Seen, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    export_lines([reviewed(written, ACTION)], Drawer(written), TEMPLATES, folder)
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_lines_whose_text_is_uncertain_are_left_out_and_counted(written: Seen, tmp_path: Path) -> None:
    count = export_lines([reviewed(written, "(see the letter)")], Drawer(written), TEMPLATES, tmp_path / "lines")
    assert count == LinesWritten(1, uncertain=len(written.crops["action"].lines))


@pytest.mark.parametrize(("drawn", "templates"), [(False, TEMPLATES), (True, {})])
def test_lines_without_a_picture_or_template_are_left_out_and_counted(
    written: Seen, tmp_path: Path, drawn: bool, templates: dict[str, object]
) -> None:
    known = TEMPLATES if templates else {}
    drawer = Drawer(written if drawn else None)
    count = export_lines([reviewed(written, ACTION)], drawer, known, tmp_path / "lines")
    assert count == LinesWritten(not_found=len(written.crops["action"].lines) + 1)


def test_a_line_that_lies_elsewhere_now_is_not_given_another_ones_text(written: Seen, tmp_path: Path) -> None:
    """The template was put right since: the same words would be written under other pictures."""
    other = Drawer(seen({"action": "Quite another card"}))
    count = export_lines([reviewed(written, ACTION)], other, TEMPLATES, tmp_path / "lines")
    assert count.written == 0


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(InputError, match="not an empty folder"):
        export_lines([], Drawer(None), {}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    with pytest.raises(InputError, match="not an empty folder"):
        export_lines([], Drawer(None), {}, tmp_path / "kept.txt")
