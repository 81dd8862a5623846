"""Several at once, and killed at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

import pytest

from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import StoreError
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import put_box

# One worker process for all of these: the eight processes are started once.
pytestmark = pytest.mark.xdist_group("together")

LEASE = timedelta(minutes=15)
REVIEWERS = 8
CARDS = 200


@pytest.fixture(scope="module")
def eight_processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(REVIEWERS, mp_context=get_context("spawn")) as pool:
        yield pool


def review_all(url: str | None, data: Path, reviewer: str) -> list[str]:
    """Accepts cards until nothing is left; runs in a process of its own."""
    done = []
    with open_workspace(url, data, create=False) as workspace:
        while card := workspace.claim_next(reviewer, LEASE):
            workspace.decide(Review(card.id, Decision.ACCEPT, reviewer, datetime.now(UTC)))
            done.append(card.id)
    return done


def test_eight_reviewers_review_each_card_exactly_once(
    url: str | None, data: Path, workspace: Workspace, scans: Path, eight_processes: ProcessPoolExecutor
) -> None:
    put_box(workspace, scans, CARDS)
    names = [f"reviewer {number}" for number in range(REVIEWERS)]
    done = list(chain.from_iterable(eight_processes.map(review_all, [url] * REVIEWERS, [data] * REVIEWERS, names)))
    assert sorted(done) == sorted(card.id for card in workspace.cards())
    assert len(workspace.accepted_cards()) == CARDS
    assert all(len(workspace.history(card)) == 1 for card in done)


def make(url: str | None, data: Path) -> int:
    with open_workspace(url, data, create=True) as workspace:
        return len(workspace.batches())


def test_several_programs_can_make_the_workspace_at_once(
    url: str | None, data: Path, eight_processes: ProcessPoolExecutor
) -> None:
    assert list(eight_processes.map(make, [url] * REVIEWERS, [data] * REVIEWERS)) == [0] * REVIEWERS


HOLD = """
import sys, time
from pathlib import Path
from scan_ingest.workspace import open_workspace
with open_workspace(sys.argv[2] or None, Path(sys.argv[1]), create=True) as workspace, workspace.ingest_lock():
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_ingest_is_told_who_is_at_work_and_the_lock_dies_with_its_process(
    url: str | None, data: Path, workspace: Workspace
) -> None:
    command = [sys.executable, "-c", HOLD, str(data), url or ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreError, match=f"another ingest is at work.*process {other.pid} on"),
            workspace.ingest_lock(),
        ):
            pass
        other.kill()
    with workspace.ingest_lock():
        pass


def test_an_ingest_of_another_machine_on_the_same_server_is_noticed(postgres_url: str, tmp_path: Path) -> None:
    with (
        open_workspace(postgres_url, tmp_path / "here", create=True) as here,
        open_workspace(postgres_url, tmp_path / "there", create=True) as there,
    ):
        with here.ingest_lock(), pytest.raises(StoreError, match="on another machine"), there.ingest_lock():
            pass
        with there.ingest_lock():
            pass


def test_what_removes_files_excludes_the_ingests_of_every_organisation_and_they_not_each_other(
    postgres_url: str, tmp_path: Path
) -> None:
    """On another machine, where no lock file says so."""
    with (
        open_workspace(postgres_url, tmp_path / "here", create=True) as here,
        open_workspace(postgres_url, tmp_path / "there", create=True) as there,
    ):
        with here.ingest_lock("Northgate"), there.ingest_lock("Southgate"):
            pass
        for first, then in (("Northgate", ""), ("", "Northgate"), ("Northgate", "Northgate")):
            with (
                here.ingest_lock(first),
                pytest.raises(StoreError, match="on another machine"),
                there.ingest_lock(then),
            ):
                pass


# Keeps originals and records pages without end; what was done is told on standard output.
INGEST = """
import sys
from pathlib import Path
from scan_ingest.domain.page import PageRef
from scan_ingest.workspace import open_workspace
from tests.drawing.box import LABEL, a_card_page
data, scans = Path(sys.argv[1]), Path(sys.argv[2])
with open_workspace(sys.argv[3] or None, data, create=True) as workspace, workspace.ingest_lock():
    file = workspace.keep_original(scans / "box.pdf")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    done = workspace.recorded_pages(batch.id)
    for number in range(1, int(sys.argv[4]) + 1):
        if (0, number) not in done:
            workspace.keep_original(scans / f"{number}.pdf")
            workspace.record(batch.id, a_card_page(PageRef(file.sha256, number, file.name), cards_on_it=2))
            print(number, flush=True)
"""


def test_killed_anywhere_an_ingest_leaves_whole_pages_and_continues(url: str | None, data: Path, scans: Path) -> None:
    (scans / "box.pdf").write_bytes(b"scan" * 100_000)
    for number in range(1, 61):
        (scans / f"{number}.pdf").write_bytes(number.to_bytes(4, "big") * 50_000)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", INGEST, str(data), str(scans), url or ""]
    told = 0
    for pages_before_the_end in (1, 3, 7):
        with subprocess.Popen([*command, "60"], stdout=subprocess.PIPE, text=True, cwd=root) as ingest:
            assert ingest.stdout is not None
            for _ in range(pages_before_the_end):
                told += bool(ingest.stdout.readline())
            os.kill(ingest.pid, signal.SIGKILL)
            told += len(ingest.stdout.readlines())
        with open_workspace(url, data, create=False) as workspace:
            recorded = workspace.recorded_pages("b0001")
            assert len(recorded) >= told
            assert workspace.count_cards("b0001") == 2 * len(recorded)
            for card in workspace.cards():
                assert len(card.readings) == len(card.texts)
                assert workspace.side_picture(card.id, "front")
    for left in (data / "workspace").rglob(".new-*"):
        os.utime(left, (0, 0))  # it is later by now
    last = str(len(recorded) + 3)
    subprocess.run([*command, last], check=True, cwd=root, stdout=subprocess.DEVNULL)
    with open_workspace(url, data, create=False) as workspace:
        assert len(workspace.recorded_pages("b0001")) == int(last)
        assert len(workspace.batches()) == 1
    assert list((data / "workspace").rglob(".new-*")) == []


def test_what_is_being_written_just_now_is_not_taken_for_what_a_killed_ingest_left(
    workspace: Workspace, data: Path
) -> None:
    folder = data / "workspace" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    old, new = folder / ".new-old", folder / ".new-of-align"
    for file in (old, new):
        file.touch()
    os.utime(old, (0, 0))
    with workspace.ingest_lock():
        assert list(folder.glob(".new-*")) == [new]
