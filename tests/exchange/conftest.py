"""A workspace with one box of three cards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import put_box


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(None, tmp_path / "data", create=True) as opened:
        put_box(opened, tmp_path, 3)
        yield opened
