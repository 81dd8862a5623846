"""A workspace on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scan_ingest.workspace import Workspace, open_workspace


@pytest.fixture
def workspace(url: str | None, data: Path) -> Iterator[Workspace]:
    with open_workspace(url, data, create=True) as opened:
        yield opened


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of scans, empty."""
    folder = tmp_path / "scans"
    folder.mkdir()
    return folder
