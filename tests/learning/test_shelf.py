"""What was learned, kept in the data folder."""

import stat
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
    assert stat.S_IMODE((tmp_path / "learned.previous.json").stat().st_mode) == 0o600
    assert shelf.go_back(tmp_path) == FIRST
    assert shelf.in_force(tmp_path) == FIRST
    assert shelf.go_back(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="nothing to take back"):
        shelf.go_back(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 2, "learned": {}}', '{"schema": 1, "learned": {"x": "Jo"}}'])
def test_a_file_that_cannot_be_understood_is_named_and_never_quoted(tmp_path: Path, content: str) -> None:
    (tmp_path / "learned.json").write_text(content)
    with pytest.raises(StoreError, match=r"learned\.json") as refused:
        shelf.in_force(tmp_path)
    assert "Jo" not in str(refused.value)


def test_what_was_learned_is_not_shown_by_a_repr() -> None:
    assert not any(word in repr(FIRST) for word in ("cannula", "Ash", "Oak"))
