"""A store moves to another database, with nothing lost or altered, or not at all."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from scan_ingest.central.kind import KIND as CENTRAL
from scan_ingest.errors import StoreError
from scan_ingest.sql import StoreKind, address
from scan_ingest.sql.carrying import copy_store
from scan_ingest.sql.opening import empty_place
from scan_ingest.workspace import open_workspace
from scan_ingest.workspace.kind import KIND as WORKSPACE
from tests.accepted import REPOSITORY
from tests.drawing.box import put_box
from tests.sql.stores import contents_at, nominations_at, older_workspace, reached


def copied(source: str, target: str, kind: StoreKind = CENTRAL) -> None:
    with reached(source, kind) as old, empty_place(address(target), kind) as new:
        copy_store(old, new, kind)


def test_a_copied_store_is_the_same(store_url: str, other_url: str, tmp_path: Path) -> None:
    before = nominations_at(store_url, tmp_path)
    copied(store_url, other_url)
    assert contents_at(other_url, tmp_path) == before == contents_at(store_url, tmp_path)


def test_a_copied_workspace_goes_on_counting_where_it_was(store_url: str, other_url: str, tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    with open_workspace(store_url, tmp_path, create=True) as workspace:
        put_box(workspace, scans, 2)
        cards = list(workspace.cards())

    copied(store_url, other_url, WORKSPACE)

    with open_workspace(other_url, tmp_path, create=False) as workspace:
        assert list(workspace.cards()) == cards
        assert put_box(workspace, scans, 1, name="again.pdf").id == "b0002"


def test_nothing_is_copied_over_anything(store_url: str, other_url: str, tmp_path: Path) -> None:
    nominations_at(store_url, tmp_path)
    there = nominations_at(other_url, tmp_path, cards=5)
    with pytest.raises(StoreError, match="with something in it"):
        copied(store_url, other_url)
    assert contents_at(other_url, tmp_path) == there


def test_an_empty_store_of_an_older_version_makes_way(store_url: str, tmp_path: Path) -> None:
    older_workspace(store_url)
    with reached(store_url, WORKSPACE) as engine, engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM batches"))
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        (tmp_path / "scans").mkdir()
        put_box(workspace, tmp_path / "scans", 1)
    copied(f"sqlite:///{tmp_path}/data/workspace/workspace.db", store_url, WORKSPACE)
    with open_workspace(store_url, tmp_path / "data", create=False) as workspace:
        assert len(list(workspace.cards())) == 1


def test_a_row_that_postgresql_cannot_keep_is_told_without_its_words(postgres_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    nominations_at(url, tmp_path)
    with sqlite3.connect(tmp_path / "store.db") as other_hands:
        other_hands.execute("UPDATE nominations SET action = 'Nurse Ada' || char(0) WHERE nominee = 'Nurse 3'")
    other_hands.close()

    with pytest.raises(StoreError, match="a row of table nominations cannot be kept here") as said:
        copied(url, postgres_url)

    assert "Ada" not in str(said.value)
    with reached(postgres_url, CENTRAL) as engine:
        assert sa.inspect(engine).get_table_names() == []


COPY = """
import sys
from tests.sql.test_copying import copied
print("at work", flush=True)
copied(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize("moment", [0.05, 0.3, 0.6])
def test_a_killed_copy_leaves_nothing_and_can_be_done_again(moment: float, postgres_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    before = nominations_at(url, tmp_path, cards=1500)
    program = subprocess.Popen(
        [sys.executable, "-c", COPY, url, postgres_url], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    program.stdout.readline()
    time.sleep(moment)
    program.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    program.wait()
    program.stdout.close()

    with reached(postgres_url, CENTRAL) as engine:
        whole = "nominations" in sa.inspect(engine).get_table_names()
    if not whole:  # else it was faster than the moment
        copied(url, postgres_url)
    assert contents_at(postgres_url, tmp_path) == before
