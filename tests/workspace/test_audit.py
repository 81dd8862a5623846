"""The audit of a workspace: who did what, and none of the words."""

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.audit import AuditFilter, AuditRow, faults
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import StoreError
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import TEXTS, put_box

LEASE = timedelta(minutes=15)
EVERYTHING = AuditFilter()


def told(workspace: Workspace, wanted: AuditFilter = EVERYTHING) -> list[AuditRow]:
    return list(workspace.audit(wanted))


def acts(rows: Sequence[AuditRow]) -> list[tuple[str, str]]:
    return [(row.person, row.act) for row in rows]


def is_whole(workspace: Workspace) -> bool:
    return not list(faults(workspace.audit(EVERYTHING), workspace.audit_ends()))


def test_what_happens_to_a_box_and_its_cards_is_told_in_order(url: str | None, data: Path, scans: Path) -> None:
    with open_workspace(url, data, create=True, person="clerk") as workspace:
        batch = put_box(workspace, scans, 2)
        for decision in (Decision.ACCEPT, Decision.REJECT):
            card = workspace.claim_next("ann", LEASE)
            assert card is not None
            reason = "not about Jo Ash" if decision is Decision.REJECT else ""
            workspace.decide(Review(card.id, decision, "ann", datetime.now(UTC), reason, card.texts))
        workspace.undo(card.id, "ann", LEASE)
        workspace.release(None)
        workspace.amend_batch(batch.id, ward="Elm")
        rows = told(workspace)
        assert acts(rows) == [
            ("clerk", "ingest-begun"),
            ("clerk", "ingest"),
            ("ann", "claim"),
            ("ann", "accept"),
            ("ann", "claim"),
            ("ann", "reject"),
            ("ann", "undo"),
            ("clerk", "release"),
            ("clerk", "amend"),
        ]
        assert rows[1].subject == batch.id
        assert rows[1].detail["cards"] == 2
        assert rows[5].subject == f"{batch.id} card {card.id}"
        assert is_whole(workspace)
        words = {word for text in (*TEXTS.values(), reason, "box.pdf") for word in text.split()}
        assert not [row for row in rows if words & set(f"{row.subject} {row.detail}".split())]


def test_an_act_that_is_refused_or_taken_back_is_not_told(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    before = told(workspace)
    with pytest.raises(StoreError):
        workspace.claim(card.id, "ben", LEASE)
    with pytest.raises(StoreError):
        workspace.discard_batch(batch.id, "wrong box")
    assert told(workspace) == before


def test_each_organisation_has_a_chain_and_a_batch_that_changes_hands_is_in_both(
    workspace: Workspace, scans: Path
) -> None:
    batch = put_box(workspace, scans, 1)
    put_box(workspace, scans, 1, name="south.pdf", label=BoxLabel("Southgate", "Elm", date(2026, 3, 2)))
    workspace.amend_batch(batch.id, organisation="Southgate")
    chains = {name: [row.number for row in told(workspace, AuditFilter(name))] for name in ("Northgate", "Southgate")}
    assert chains == {"Northgate": [1, 2, 3], "Southgate": [1, 2, 3]}
    assert [row.organisation for row in told(workspace, AuditFilter(act="amend"))] == ["Northgate", "Southgate"]
    assert is_whole(workspace)


def test_rows_are_found_by_person_act_subject_and_day(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 2)
    card = workspace.claim_next("ann", LEASE)
    workspace.claim_next("ben", LEASE)
    assert card is not None
    assert acts(told(workspace, AuditFilter(person="ben"))) == [("ben", "claim")]
    assert acts(told(workspace, AuditFilter(subject=card.id))) == [("ann", "claim")]
    now = datetime.now(UTC)
    assert told(workspace, AuditFilter(since=now + timedelta(days=1))) == []
    assert told(workspace, AuditFilter(until=now + timedelta(days=1))) == told(workspace)


def test_eight_at_once_write_one_chain_without_a_gap(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 24)

    def take_three(name: str) -> None:
        for _ in range(3):
            card = workspace.claim_next(name, LEASE)
            assert card is not None
            workspace.decide(Review(card.id, Decision.ACCEPT, name, datetime.now(UTC), "", card.texts))

    people = [threading.Thread(target=take_three, args=(f"person {n}",)) for n in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(told(workspace)) == 2 + 24 * 2
    assert is_whole(workspace)
