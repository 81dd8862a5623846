"""A redaction that is killed at any moment is finished by the same command, on letters and other scans too."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.domain.audit import AuditFilter, faults
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.rescan import RescanAnswer
from scan_ingest.errors import ExitCode
from scan_ingest.merge import merge
from scan_ingest.workspace import open_workspace
from tests.accepted import REPOSITORY
from tests.cli.test_erase_killed import ERASING
from tests.identified import TELLING, WRITING, accept_all, letter, put_telling_box
from tests.searching import left_of
from tests.workspace.test_letters import attach

KILLS = 1  # some ten seconds each
MISREAD = TELLING | {"action": "Sat wlth my mother Zanthla Quorly all night"}


def put_site(url: str | None, site: Path) -> str:
    """A merged card that tells who a patient is, with a letter and a second scan that was ignored; its id."""
    (site / "scans").mkdir(parents=True)
    with open_workspace(url, site / "data", create=True) as workspace:
        put_telling_box(
            workspace, site / "scans", pages=1, letters=[letter("Zanthia Quorley\nis home again")], likeness=WRITING
        )
        (card,) = workspace.cards()
        attach(workspace, card.id)
        put_telling_box(workspace, site / "scans", name="again.tif", texts=MISREAD, pages=1, likeness=WRITING)
        (rescan,) = workspace.rescans()
        workspace.answer_rescan(rescan.later.id, card.id, RescanAnswer.IGNORE, "ann")
        accept_all(workspace)
        workspace.settle_identity(card.id, {"action": Answer(IdentityAnswer.KEEP, "thought to be staff")}, "ann")
        with open_central(url, site / "data", create=True) as central:
            merge(workspace, central)
    return card.id


def redact(url: str | None, site: Path, card: str, moment: int) -> subprocess.CompletedProcess[str]:
    stores = {"SCAN_INGEST_WORKSPACE": url, "SCAN_INGEST_CENTRAL": url} if url else {}
    options = ["--data", str(site / "data"), "identity", "redact", card, "--field", "action"]
    command = [sys.executable, "-c", ERASING, str(moment), *options]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, env=os.environ | stores)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many questions a redaction asks that nobody kills."""
    site = tmp_path_factory.mktemp("unharmed") / "site"
    return int(redact(None, site, put_site(None, site), 0).stderr.split()[-1])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize("kill", range(KILLS))
def test_a_killed_redaction_is_finished_by_the_same_command(
    kill: int, asked: int, url: str | None, tmp_path: Path
) -> None:
    site, data = tmp_path / "site", tmp_path / "site" / "data"
    card = put_site(url, site)
    moment = random.Random(f"{kill}/{url is None}").randrange(asked // 4, asked - 30)
    assert redact(url, site, card, moment).returncode == -9
    assert redact(url, site, card, 0).returncode == ExitCode.NEEDS_A_PERSON  # somebody has to look at the letter

    for store in (url, url or f"sqlite:///{(data / 'central' / 'central.db').as_posix()}"):
        assert left_of(("zanthia", "zanthla", "quorl"), data, store) == []
    with open_workspace(url, data, create=False) as workspace, open_central(url, data, create=False) as central:
        assert workspace.unfinished_redactions() == ()
        assert [str(page.ref) for page in workspace.unread_pages()] == ["box.pdf#2"]
        assert [one.action for one in central.nominations()] == ["Sat with my mother [redacted] all night"]
        for each in (workspace, central):
            assert not list(faults(each.audit(AuditFilter()), each.audit_ends()))
