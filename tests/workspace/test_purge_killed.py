"""A purge that is killed leaves the batch as it was or lets go of all of it, and is finished when it is run again."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.audit import AuditFilter, faults
from scan_ingest.domain.keeping import Kept
from scan_ingest.domain.review import Decision, Review
from scan_ingest.workspace import open_workspace
from tests.accepted import REPOSITORY, tell_merged
from tests.drawing.box import TEXTS, put_box

BOTH = frozenset({Kept.PICTURES, Kept.WORKSPACE})

# A program that purges a batch and is killed in the second: the power goes, nothing is tidied up.
KILLED = """
import os, sys
from pathlib import Path
from scan_ingest.domain.keeping import Kept
from scan_ingest.workspace import keeping, leftovers, open_workspace

url, data, moment = sys.argv[1] or None, Path(sys.argv[2]), sys.argv[3]

def die(*_, **__):
    os.kill(os.getpid(), 9)

if moment == "before the commit":
    whole = keeping.purge_texts
    keeping.purge_texts = lambda *given: (whole(*given), die())
elif moment == "before the files":
    leftovers.sweep = die
else:
    unlink, gone = Path.unlink, []
    def unlink_one(path, **options):
        if path.suffix in (".jpg", ".pdf"):
            if gone:
                die()
            gone.append(path)
        unlink(path, **options)
    Path.unlink = unlink_one

with open_workspace(url, data, create=False) as workspace:
    workspace.purge("b0001", {Kept.PICTURES, Kept.WORKSPACE})
"""


@pytest.mark.parametrize("moment", ["before the commit", "before the files", "between the files"])
def test_a_killed_purge_is_finished_by_the_next(moment: str, url: str | None, data: Path, scans: Path) -> None:
    with open_workspace(url, data, create=True) as workspace:
        put_box(workspace, scans, 2)
        while card := workspace.claim_next("ann", timedelta(minutes=5)):
            workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", card.texts))
        tell_merged(workspace)

    command = [sys.executable, "-c", KILLED, url or "", str(data), moment]
    killed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stderr) == (-9, "")

    with open_workspace(url, data, create=False) as workspace:
        untouched = [card.texts for card in workspace.cards()] == [TEXTS, TEXTS]
        assert untouched == (moment == "before the commit")
        (batch,) = workspace.at_rest()
        assert batch.has == (BOTH if untouched else frozenset())
        if untouched:
            workspace.purge(batch.batch_id, BOTH)
        workspace.sweep()
        assert [path for path in (data / "workspace").rglob("*") if path.suffix in (".jpg", ".pdf")] == []
        assert not list(faults(workspace.audit(AuditFilter()), workspace.audit_ends()))
