"""An erasure that is killed at any moment is finished by the same command; what it has not reached stands as it was."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.domain.audit import AuditFilter, faults
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.merge import merge
from scan_ingest.online import import_nominations, load_mapping
from scan_ingest.workspace import open_workspace
from tests.accepted import REPOSITORY
from tests.identified import TELLING, accept_all, put_telling_box
from tests.online.deliveries import submission, write_csv, write_mapping
from tests.searching import left_of

JO = TELLING | {"nominee": "Jo Zanderby", "action": "She sat with me all night", "impact": "I slept"}
TOM = TELLING | {"nominee": "Tom Lee", "action": "He and Jo Zanderby lifted me", "impact": "Tom was calm"}
SENT = submission(1, Who="Tom Lee", What_they_did="He and Jo Zanderby lifted me", What_it_meant="Tom was calm")
KILLS = 2

# The program, which loses its power at the given question to a database, or tells how many it asked.
ERASING = """
import os, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from scan_ingest.cli import main

moment, asked = int(sys.argv.pop(1)), 0

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global asked
    asked += 1
    if asked == moment:
        os.kill(os.getpid(), 9)

try:
    main()
finally:
    print("asked", asked, file=sys.stderr)
"""


def put_site(url: str | None, site: Path) -> None:
    (site / "scans").mkdir(parents=True)
    with open_workspace(url, site / "data", create=True) as workspace:
        for number, texts in enumerate((JO, TOM)):
            put_telling_box(workspace, site / "scans", name=f"box{number}.pdf", texts=texts, pages=1)
        accept_all(workspace)
        with open_central(url, site / "data", create=True) as central:
            merge(workspace, central)
    deliver(url, site)


def deliver(url: str | None, site: Path) -> MergeCounts:
    """What the website delivers, every night."""
    with open_central(url, site / "data", create=True) as central:
        mapping = load_mapping(write_mapping(site))
        return import_nominations(write_csv(site / "delivery.csv", [SENT]), mapping, central).counts


def erase(url: str | None, site: Path, moment: int) -> subprocess.CompletedProcess[str]:
    stores = {"SCAN_INGEST_WORKSPACE": url, "SCAN_INGEST_CENTRAL": url} if url else {}
    options = ["--data", str(site / "data"), "erase", "--name", "Jo Zanderby", "--yes"]
    command = [sys.executable, "-c", ERASING, str(moment), *options]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=os.environ | stores)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Where both stores are; None is SQLite in the data folder."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_erasure_is_finished_by_the_same_command(kill: int, url: str | None, tmp_path: Path) -> None:
    put_site(None, tmp_path / "unharmed")
    whole = erase(None, tmp_path / "unharmed", 0)
    asked = int(whole.stderr.split()[-1])
    site = tmp_path / "killed"
    put_site(url, site)
    moment = random.Random(f"{kill}/{url is None}").randrange(asked // 3, asked)
    killed = erase(url, site, moment)
    assert killed.returncode == -9

    done = erase(url, site, 0)
    assert done.returncode == 0, done.stderr
    data = site / "data"
    central_url = url or f"sqlite:///{(data / 'central' / 'central.db').as_posix()}"
    for store in (url, central_url):
        assert left_of(("zanderby",), data, store) == []
    assert deliver(url, site) == MergeCounts(unchanged=1)
    with (
        open_workspace(url, data, create=False) as workspace,
        open_central(url, data, create=False) as central,
    ):
        assert [nomination.action for nomination in central.nominations()] == ["He and [redacted] lifted me"] * 2
        assert [card.texts["impact"] for card in workspace.cards()] == ["Tom was calm"]
        for store in (workspace, central):
            assert not list(faults(store.audit(AuditFilter()), store.audit_ends()))
