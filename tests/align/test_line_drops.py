"""The line drops while somebody places a page by hand: the program ends, and no picture of a card stays behind."""

import signal
import sys
from pathlib import Path

from scan_ingest.workspace import Workspace
from tests.review.line import line_to


def test_placing_by_hand_ends_though_the_terminal_hangs_and_leaves_no_picture(
    workspace: Workspace, tmp_path: Path
) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    command = [
        sys.executable,
        "-m",
        "scan_ingest",
        "--data",
        str(workspace.folder.parent),
        "align",
        "--reviewer",
        "ann",
    ]
    with line_to(command, {"TMPDIR": str(pictures)}) as line:
        line.until("\x1b[1;91m")  # the outline, which is red: the page is there
        line.type("m")
        line.until("mark-")
        assert any(pictures.rglob("*.png"))
        line.hold()
        line.type("\x1b[C\x1b[D" * 30)
        line.program.send_signal(signal.SIGTERM)
        assert line.ended() == 0
    assert not any(pictures.rglob("*.png"))
