"""Pictures in the system's own viewer, and what a terminal can draw."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.errors import ToolMissingError
from scan_ingest.terminal.canvas import canvas_of
from scan_ingest.terminal.picture import Manner
from scan_ingest.terminal.viewer import Viewer

PICTURE = np.full((20, 30), 200, dtype=np.uint8)


def a_desktop(folder: Path, script: str) -> dict[str, str]:
    """An environment whose `xdg-open` is that script."""
    program = folder / "xdg-open"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"DISPLAY": ":7", "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def test_a_picture_is_shown_from_a_private_file_that_is_removed_afterwards(tmp_path: Path) -> None:
    viewer = Viewer(a_desktop(tmp_path, "exit 0"), "linux")
    shown = viewer.show(PICTURE)
    assert stat.S_IMODE(shown.stat().st_mode) == 0o600
    assert stat.S_IMODE(shown.parent.stat().st_mode) == 0o700
    viewer.close()
    assert not shown.parent.exists()


def test_without_a_desktop_there_is_no_viewer() -> None:
    with pytest.raises(ToolMissingError, match="no desktop"):
        Viewer({"PATH": "/nowhere"}, "linux").show(PICTURE)
    with pytest.raises(ToolMissingError, match="xdg-utils"):
        Viewer({"DISPLAY": ":0", "PATH": "/nowhere"}, "linux").show(PICTURE)


def test_a_viewer_that_fails_is_noticed(tmp_path: Path) -> None:
    viewer = Viewer(a_desktop(tmp_path, "exit 3"), "linux")
    viewer.show(PICTURE)
    while not viewer.failed():
        pass
    viewer.close()


@pytest.mark.parametrize(
    ("environment", "on_windows", "manners", "greys"),
    [
        ({"TERM": "xterm-256color"}, False, (Manner.BRAILLE, Manner.HALF_BLOCKS), True),
        ({"TERM": "xterm"}, False, (Manner.BRAILLE, Manner.HALF_BLOCKS), False),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False, (Manner.BRAILLE, Manner.HALF_BLOCKS), False),
        ({"TERM": "linux"}, False, (Manner.HALF_BLOCKS,), False),
        ({}, True, (Manner.HALF_BLOCKS,), False),
        ({"WT_SESSION": "x"}, True, (Manner.BRAILLE, Manner.HALF_BLOCKS), True),
    ],
)
def test_a_terminal_gets_what_it_can_draw(
    environment: dict[str, str], on_windows: bool, manners: tuple[Manner, ...], greys: bool
) -> None:
    canvas = canvas_of(environment, on_windows=on_windows)
    assert (canvas.manners, canvas.greys) == (manners, greys)
