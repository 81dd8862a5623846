"""A purge that is killed at any moment: the certificates, taken together, account for all that went."""

import os
import random
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.cli.redaction import edited_cards, spare_drafts
from scan_ingest.domain.audit import Act, AuditFilter, faults
from scan_ingest.domain.review import Decision, Review
from scan_ingest.merge import merge
from scan_ingest.ports.review import Draft
from scan_ingest.workspace import open_workspace
from tests.accepted import REPOSITORY
from tests.cli.test_erase_killed import ERASING
from tests.drawing.box import TEXTS, put_box
from tests.identified import LEASE
from tests.searching import left_of

KILLS = 2
BOXES = 2
SHOWN = re.compile(r"^  (b\d+)  .*: (pictures|workspace) \(2 pages, 2 cards\);", re.MULTILINE)
MARKED = TEXTS | {"action": "Zyxquark sat with me", "impact": "Zyxquark again"}


def put_site(url: str | None, site: Path) -> None:
    (site / "scans").mkdir(parents=True)
    with open_workspace(url, site / "data", create=True) as workspace:
        for number in range(BOXES):
            put_box(workspace, site / "scans", 2, texts=MARKED, name=f"box{number}.pdf")
        while card := workspace.claim_next("ann", LEASE):
            workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", card.texts))
        left = edited_cards(workspace).of(next(workspace.cards()).id, "ann")
        left.parent.mkdir(parents=True)
        left.write_text(MARKED["action"], encoding="utf-8")
        spare_drafts(workspace).keep(next(workspace.cards()).id, "ben", Draft(MARKED, ""))
        with open_central(url, site / "data", create=True) as central:
            merge(workspace, central)


def purge(url: str | None, site: Path, moment: int) -> subprocess.CompletedProcess[str]:
    """The command, killed at that question to a database; 0 is never."""
    (site / "scan_ingest.toml").write_text("[keep]\npictures_days = 0\nworkspace_days = 0\nnominations_days = 0\n")
    stores = {"SCAN_INGEST_WORKSPACE": url, "SCAN_INGEST_CENTRAL": url} if url else {}
    command = [sys.executable, "-c", ERASING, str(moment), "purge"]
    environment = os.environ | stores | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(command, cwd=site, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many questions a purge asks that nobody kills."""
    site = tmp_path_factory.mktemp("unharmed") / "site"
    put_site(None, site)
    return int(purge(None, site, 0).stderr.split()[-1])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("kill", range(KILLS))
def test_the_certificates_account_for_all_that_went(kill: int, asked: int, url: str | None, tmp_path: Path) -> None:
    site = tmp_path / "killed"
    put_site(url, site)
    moment = random.Random(f"{kill}/{url is None}").randrange(asked // 4, asked - 3)
    assert purge(url, site, moment).returncode == -9

    done = purge(url, site, 0)
    assert done.returncode == 0, done.stderr
    data = site / "data"
    texts = [file.read_text(encoding="utf-8") for file in sorted((data / "certificates").glob("*.txt"))]
    accounted = {found for text in texts for found in SHOWN.findall(text)}
    assert accounted == {(f"b000{number + 1}", what) for number in range(BOXES) for what in ("pictures", "workspace")}
    assert any(f"Northgate: {2 * BOXES} nominations" in text for text in texts)
    assert left_of(("zyxquark",), data, url) == []
    with open_workspace(url, data, create=False) as workspace, open_central(url, data, create=False) as central:
        assert list(central.nominations()) == []
        for store in (workspace, central):
            assert not list(faults(store.audit(AuditFilter()), store.audit_ends()))
            assert list(store.audit(AuditFilter(act=Act.CERTIFICATE)))
    # Once certified, nothing is certified again.
    assert "Nothing is old enough" in purge(url, site, 0).stdout
    assert len(list((data / "certificates").glob("*.txt"))) == len(texts)
