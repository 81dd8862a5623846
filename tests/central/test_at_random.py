"""Merges that are killed at any moment, and several at once: the store ends as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.merge import merge
from tests.accepted import REPOSITORY, contents, many_boxes

BOXES, CARDS = 12, 15
KILLS = 4
WRITERS = 4

# A site that merges its boxes, over and over until it is killed; or once.
MERGING = """
import sys
from pathlib import Path
from scan_ingest.central import open_central
from scan_ingest.merge import merge
from tests.accepted import many_boxes
url, folder, site, boxes, cards = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
with open_central(url, folder, create=True) as central:
    print("at work", flush=True)
    merge(many_boxes(site, boxes, cards), central)
"""


def at_work(url: str, folder: Path, site: str) -> subprocess.Popen[str]:
    """A program that merges the site's boxes; it has opened the store."""
    command = [sys.executable, "-c", MERGING, url, str(folder), site, str(BOXES), str(CARDS)]
    program = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "at work\n"
    return program


def ended(program: subprocess.Popen[str]) -> int:
    assert program.stdout is not None
    program.stdout.close()
    return program.wait()


def unharmed(folder: Path, *sites: str) -> list[tuple[object, ...]]:
    """What a store has after each of these sites merged once."""
    with open_central(f"sqlite:///{folder / 'unharmed.db'}", folder, create=True) as central:
        for site in sites:
            merge(many_boxes(site, BOXES, CARDS), central)
        return contents(central)


def test_a_merge_killed_at_random_moments_and_run_again_gives_the_same_store(store_url: str, tmp_path: Path) -> None:
    expected = unharmed(tmp_path, "one")
    moments = random.Random(store_url.partition(":")[0])
    for _ in range(KILLS):
        program = at_work(store_url, tmp_path, "one")
        time.sleep(moments.uniform(0, 0.25))
        program.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        ended(program)
        with open_central(store_url, tmp_path, create=False) as central:
            assert central.count() % CARDS == 0  # whole boxes, or nothing of them

    with open_central(store_url, tmp_path, create=False) as central:
        done = merge(many_boxes("one", BOXES, CARDS), central)
        assert done.inserted + done.unchanged == BOXES * CARDS
        assert contents(central) == expected
        assert merge(many_boxes("one", BOXES, CARDS), central) == MergeCounts(unchanged=BOXES * CARDS)


@pytest.mark.parametrize("sites", [("a", "b", "c", "d"), ("same",) * WRITERS], ids=["sites", "one site"])
def test_several_merges_at_once_end_as_one_after_another(
    sites: tuple[str, ...], store_url: str, tmp_path: Path
) -> None:
    open_central(store_url, tmp_path, create=True).close()

    programs = [at_work(store_url, tmp_path, site) for site in sites]

    assert [ended(program) for program in programs] == [0] * len(sites)
    with open_central(store_url, tmp_path, create=False) as central:
        assert contents(central) == unharmed(tmp_path, *dict.fromkeys(sites))
