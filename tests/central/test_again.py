"""A merge that is run again looks at what changed, a few hundred cards at a time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest import merge as merging
from scan_ingest.central import Central, open_central
from scan_ingest.domain.audit import Act, AuditFilter
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.domain.review import Decision, Review
from scan_ingest.merge import digest_of_all, dry_run, edition_of_rules, merge, nomination_of
from scan_ingest.workspace import Workspace, open_workspace
from tests.accepted import Desk, accepted, two_boxes
from tests.drawing.box import put_box


@pytest.fixture
def central(store_url: str, tmp_path: Path) -> Iterator[Central]:
    with open_central(store_url, tmp_path, create=True) as central:
        yield central


def test_a_second_merge_looks_at_no_card_that_is_in_the_store_as_it_was_carried(central: Central) -> None:
    desk = two_boxes()
    merge(desk, central)
    desk.handed_out.clear()

    assert dry_run(desk, central) == merge(desk, central) == MergeCounts(unchanged=6)
    assert desk.handed_out == []


def test_only_the_card_that_was_amended_is_looked_at(central: Central) -> None:
    desk = two_boxes()
    merge(desk, central)
    desk.handed_out.clear()
    desk.cards = (replace(desk.cards[0], texts={"action": "Amended."}, revision=2), *desk.cards[1:])
    desk.marks[desk.cards[0].card_id] = ""  # as the workspace has it, see below

    assert merge(desk, central) == MergeCounts(updated=1, unchanged=5)
    assert desk.handed_out == [1]


def test_a_store_that_lost_or_changed_a_nomination_is_put_right(central: Central, tmp_path: Path) -> None:
    desk = two_boxes()
    merge(desk, central)
    with open_central(f"sqlite:///{tmp_path / 'older.db'}", tmp_path, create=True) as older:
        merge(Desk([accepted(1, action="As it was."), *desk.cards[1:4]]), older)

        assert merge(desk, older) == MergeCounts(inserted=2, updated=1, unchanged=3)


def test_a_purged_nomination_stays_away_and_is_not_looked_at_again(central: Central) -> None:
    desk = two_boxes()
    merge(desk, central)
    central.erase([nomination_of(desk.cards[0]).id])
    merge(desk, central)
    desk.handed_out.clear()

    assert merge(desk, central) == MergeCounts(unchanged=6)
    assert (central.count(), desk.handed_out) == (5, [])


def test_with_another_list_of_staff_every_card_is_looked_at_again(central: Central) -> None:
    told = accepted(1, action="Mr Ivo Brandt showed me the X-ray")
    desk = Desk([told])
    assert merge(desk, central, ["Ivo Brandt"]) == MergeCounts(inserted=1)

    assert merge(desk, central, ["Ivo Brandt"]) == MergeCounts(unchanged=1)
    assert merge(desk, central) == MergeCounts(held=1)


def test_with_other_rules_every_card_is_looked_at_again(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = two_boxes()
    merge(desk, central)
    desk.handed_out.clear()
    monkeypatch.setattr(merging, "edition_of_rules", lambda: "of tomorrow's program")

    assert merge(desk, central) == MergeCounts(unchanged=6)
    assert desk.handed_out == [3, 3]
    assert merge(desk, central) == MergeCounts(unchanged=6)
    assert desk.handed_out == [3, 3]


def test_the_edition_of_the_rules_changes_with_any_of_them(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    (rules / "words").mkdir(parents=True)
    (rules / "names.py").write_text("HOLDS = True")
    (rules / "words" / "given.txt").write_text("ada")
    edition = digest_of_all([rules])
    (rules / "__pycache__").mkdir()
    (rules / "__pycache__" / "names.pyc").write_bytes(b"compiled")
    assert digest_of_all([rules]) == edition

    (rules / "words" / "given.txt").write_text("ada ivo")

    assert digest_of_all([rules]) != edition
    assert edition_of_rules() == edition_of_rules() != edition


def test_a_big_batch_is_one_transaction_and_few_cards_in_memory(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "CARDS_AT_ONCE", 4)
    desk = two_boxes(10)

    assert merge(desk, central).inserted == 20

    assert desk.handed_out == [4, 4, 2] * 2
    rows = [row for row in central.audit(AuditFilter()) if row.act == Act.MERGE]
    assert [row.detail["inserted"] for row in rows] == [10, 10]


def test_what_is_decided_or_amended_on_a_card_takes_its_mark_off(store_url: str, tmp_path: Path) -> None:
    def marks(workspace: Workspace) -> list[bool]:
        (batch_id,) = workspace.batches_to_merge()
        return [bool(mark) for mark in workspace.merge_marks(batch_id).values()]

    (tmp_path / "scans").mkdir()
    with (
        open_workspace(store_url, tmp_path / "data", create=True) as workspace,
        open_central(f"sqlite:///{tmp_path / 'central.db'}", tmp_path, create=True) as central,
    ):
        batch = put_box(workspace, tmp_path / "scans", 2)
        while card := workspace.claim_next("ann", timedelta(minutes=15)):
            workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC)))
            last = card.id
        assert marks(workspace) == [False, False]

        assert merge(workspace, central).inserted == 2
        assert marks(workspace) == [True, True]

        amended = Review(last, Decision.ACCEPT, "ben", datetime.now(UTC), texts={"impact": "amended"})
        workspace.decide(amended, reopen=True)
        assert sorted(marks(workspace)) == [False, True]
        assert merge(workspace, central) == MergeCounts(updated=1, unchanged=1)

        workspace.amend_batch(batch.id, ward="Lily Ward")
        assert marks(workspace) == [False, False]
        assert merge(workspace, central) == MergeCounts(updated=2)
        assert merge(workspace, central) == MergeCounts(unchanged=2)
