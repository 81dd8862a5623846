"""A merge that is killed and run again ends as if nothing had happened."""

import subprocess
import sys
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.merge import merge
from tests.accepted import REPOSITORY, contents, two_boxes

# A program that merges two boxes and is killed in the second: the power goes, nothing is tidied up.
KILLED = """
import os, sys
from contextlib import contextmanager
from pathlib import Path
from scan_ingest.central import open_central
from scan_ingest.merge import merge
from tests.accepted import Desk, two_boxes

url, folder, moment = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
central = open_central(url, folder, create=True)
boxes = 0

def die(here):
    if here == moment and boxes == 2:
        os.kill(os.getpid(), 9)

class MarkedToDie(Desk):
    def mark_merged(self, cards):
        die("between store and workspace")
        super().mark_merged(cards)

class StoreThatDies:
    def standing(self, nomination_ids):
        return central.standing(nomination_ids)

    @contextmanager
    def merging(self):
        global boxes
        boxes += 1
        with central.merging() as transaction:
            die("before anything")
            yield transaction
            die("before the commit")

merge(MarkedToDie(two_boxes().cards), StoreThatDies())
"""


@pytest.mark.parametrize("moment", ["before anything", "before the commit", "between store and workspace"])
def test_a_killed_merge_run_again_gives_the_same_store(moment: str, store_url: str, tmp_path: Path) -> None:
    with open_central(f"sqlite:///{tmp_path / 'unharmed.db'}", tmp_path, create=True) as unharmed:
        merge(two_boxes(), unharmed)
        expected = contents(unharmed)

    command = [sys.executable, "-c", KILLED, store_url, str(tmp_path), moment]
    killed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stderr) == (-9, "")

    desk = two_boxes()
    with open_central(store_url, tmp_path, create=False) as central:
        carried = 6 if moment == "between store and workspace" else 3
        assert central.count() == carried  # whole boxes, or nothing of them
        assert merge(desk, central) == MergeCounts(inserted=6 - carried, unchanged=carried)
        assert contents(central) == expected
    assert desk.merged == {card.card_id for card in desk.cards}
