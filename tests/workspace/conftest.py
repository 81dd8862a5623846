"""A workspace on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scan_ingest.workspace import Workspace, open_workspace


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    """None is SQLite in the data folder."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


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
