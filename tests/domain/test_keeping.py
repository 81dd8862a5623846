"""When a box may be let go of: only once nothing on it waits for anybody."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from scan_ingest.domain.batch import BatchState, BoxLabel
from scan_ingest.domain.keeping import BatchAtRest, KeepRules, Kept

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
DONE = BatchAtRest(
    "b0001",
    BoxLabel("Northgate", "Ash", date(2026, 3, 2)),
    BatchState.FINISHED,
    pages=4,
    cards=3,
    done_at=NOW - timedelta(days=90),
    has=frozenset({Kept.PICTURES, Kept.WORKSPACE}),
)
WAITING = [
    ("open_cards", "2 to review"),
    ("unmerged", "2 to merge"),
    ("open_pages", "2 to align"),
    ("open_rescans", "2 perhaps scanned twice"),
    ("open_second_looks", "2 waiting for a second look"),
    ("holds", "2 legal holds"),
]


def test_paper_of_a_box_that_is_done_may_be_destroyed() -> None:
    assert DONE.paper_stays == ()


@pytest.mark.parametrize(("what", "why"), WAITING)
def test_whatever_waits_keeps_the_paper_and_everything_else(what: str, why: str) -> None:
    waiting = replace(DONE, **{what: 2})  # type: ignore[arg-type]  # a field by its name
    assert waiting.paper_stays == (why,)
    assert waiting.due(KeepRules(1, 1, 1), NOW) == frozenset()


def test_paper_of_an_unfinished_or_discarded_box_stays() -> None:
    assert replace(DONE, state=BatchState.UNFINISHED).paper_stays
    assert replace(DONE, state=BatchState.DISCARDED).paper_stays


def test_each_kind_goes_after_its_own_days_and_never_without_a_rule() -> None:
    assert DONE.due(KeepRules(), NOW) == frozenset()
    assert DONE.due(KeepRules(pictures_days=90, workspace_days=91), NOW) == {Kept.PICTURES}
    assert DONE.due(KeepRules(pictures_days=0, workspace_days=0), NOW) == {Kept.PICTURES, Kept.WORKSPACE}
    assert replace(DONE, has=frozenset()).due(KeepRules(0, 0), NOW) == frozenset()
    assert replace(DONE, done_at=None).due(KeepRules(0, 0), NOW) == frozenset()


def test_a_discarded_box_goes_by_the_same_rules() -> None:
    assert replace(DONE, state=BatchState.DISCARDED).due(KeepRules(pictures_days=30), NOW) == {Kept.PICTURES}


def test_nominations_go_by_the_day_of_their_box() -> None:
    assert KeepRules().oldest_nomination(NOW.date()) is None
    assert KeepRules(nominations_days=28).oldest_nomination(NOW.date()) == date(2026, 10, 31)
