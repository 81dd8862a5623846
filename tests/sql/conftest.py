"""Two databases at once: what is carried from one to the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of another empty store than `store_url`, on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path / 'other.db').as_posix()}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        yield url
