"""What was learned, kept in the data folder."""

import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.learned import Learned, Proof
from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.errors import StoreError
from scan_ingest.learning import shelf

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = Learned(
    made_at=MONDAY,
    cards=41,
    vocabulary={"cannula": 120},
    lists=Lists((Colleague("Ŵyn Ash"),), ("Oak Ward",), ("porter",)),
    calibration=Calibration(((0.2, 0.1), (0.9, 0.8))),
    proofs={"calibration": (Proof("expected calibration error", 0.1, 0.02, 41),)},
)
SECOND = Learned(MONDAY, 60, {"hoist": 90})


def test_nothing_is_in_force_before_anything_was_learned(tmp_path: Path) -> None:
    assert shelf.in_force(tmp_path) is None


def test_what_is_kept_comes_back_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    file = shelf.keep(tmp_path, FIRST)
    assert shelf.in_force(tmp_path) == FIRST
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["learned.json"]


def test_the_version_before_can_be_gone_back_to_and_then_to_none(tmp_path: Path) -> None:
    shelf.keep(tmp_path, FIRST)
    shelf.keep(tmp_path, SECOND)
    assert shelf.in_force(tmp_path) == SECOND
    assert stat.S_IMODE((tmp_path / "learned.json").stat().st_mode) == 0o600
    assert shelf.go_back(tmp_path) == FIRST
    assert shelf.in_force(tmp_path) == FIRST
    assert shelf.go_back(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="nothing to take back"):
        shelf.go_back(tmp_path)


def test_a_version_before_that_an_older_program_kept_in_its_own_file_can_be_gone_back_to(tmp_path: Path) -> None:
    shelf.keep(tmp_path, FIRST).rename(tmp_path / "learned.previous.json")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shelf.keep(elsewhere, SECOND).rename(tmp_path / "learned.json")
    elsewhere.rmdir()
    assert shelf.go_back(tmp_path) == FIRST
    assert shelf.go_back(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


KEEPS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from scan_ingest.domain.learned import Learned
from scan_ingest.learning import shelf
print("ready", flush=True)
for cards in range(1, 100_000):
    shelf.keep(Path(sys.argv[1]), Learned(datetime(2026, 3, 2, tzinfo=UTC), cards, {"cannula": cards}))
"""


@pytest.mark.parametrize("wait_s", [0.0, 0.003, 0.007, 0.011, 0.02])
def test_learning_that_is_killed_leaves_the_last_version_and_the_one_before_it(tmp_path: Path, wait_s: float) -> None:
    shelf.keep(tmp_path, Learned(MONDAY, 0))
    with subprocess.Popen([sys.executable, "-c", KEEPS, str(tmp_path)], stdout=subprocess.PIPE) as learning:
        assert learning.stdout is not None
        learning.stdout.readline()
        time.sleep(wait_s)
        learning.kill()
    (now, earlier) = shelf.in_force(tmp_path), shelf.before(tmp_path)
    assert now is not None
    if now.cards:
        assert earlier is not None
        assert earlier.cards == now.cards - 1
        assert shelf.go_back(tmp_path) == earlier
    shelf.forget(tmp_path, ("nobody",))
    assert [path.name for path in tmp_path.iterdir()] == ["learned.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 2, "learned": {}}', '{"schema": 1, "learned": {"x": "Jo"}}'])
def test_a_file_that_cannot_be_understood_is_named_and_never_quoted(tmp_path: Path, content: str) -> None:
    (tmp_path / "learned.json").write_text(content)
    with pytest.raises(StoreError, match=r"learned\.json") as refused:
        shelf.in_force(tmp_path)
    assert "Jo" not in str(refused.value)


def test_what_was_learned_is_not_shown_by_a_repr() -> None:
    assert not any(word in repr(FIRST) for word in ("cannula", "Ash", "Oak"))
