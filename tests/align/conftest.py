"""A box in a workspace, ingested once and copied for each test: a card, two cards with most print hidden, a letter."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from scan_ingest.pipeline.walk import Reader
from scan_ingest.workspace import Workspace, open_workspace
from tests.align import room


@pytest.fixture(scope="session")
def reader() -> Reader:
    """Reads nothing: what was written does not matter for where it lies."""
    return room.make_reader()


@pytest.fixture(scope="session")
def box(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("box")
    with open_workspace(None, folder / "data", create=True) as workspace:
        pages = [room.whole_card(), room.covered_card().page, room.covered_card(90).page, room.letter()]
        room.put(workspace, folder, pages, reader)
    return folder / "data"


@pytest.fixture
def workspace(box: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(box, tmp_path / "data")
    with open_workspace(None, tmp_path / "data", create=False) as opened:
        yield opened
