"""What evaluate and learn are given: readings beside what was accepted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.review import Decision, Review
from scan_ingest.workspace import Workspace
from scan_ingest.workspace.desk import reviewed
from tests.accepted import tell_merged
from tests.drawing.box import LABEL, TEXTS, put_box

LEASE = timedelta(minutes=15)


def decide(workspace: Workspace, decision: Decision, **texts: str) -> str:
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    workspace.decide(Review(card.id, decision, "ann", at, "why" if decision is Decision.REJECT else "", texts))
    return card.id


def test_an_accepted_card_comes_with_what_was_read_and_what_was_made_of_it(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    number = decide(workspace, Decision.ACCEPT, action="Sat with my mother")
    (card,) = workspace.reviewed_cards()
    assert (card.id, card.label, card.template_id) == (number, LABEL, "nomination-a5")
    assert card.reviewed_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert card.kinds == {"nominee": "text", "nominator": "choice", "action": "text", "impact": "text"}
    assert card.texts == {**TEXTS, "action": "Sat with my mother"}
    assert card.readings["action"].text == "Sat with my father"
    assert card.readings["action"].lines[0].raw == "sat with my father"


def test_cards_that_are_waiting_rejected_or_set_aside_tell_nothing(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 4)
    decide(workspace, Decision.REJECT)
    decide(workspace, Decision.SET_ASIDE)
    accepted = decide(workspace, Decision.ACCEPT)
    assert [card.id for card in workspace.reviewed_cards()] == [accepted]


def test_a_merged_card_tells_as_much_as_an_accepted_one(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    decide(workspace, Decision.ACCEPT)
    tell_merged(workspace)
    assert len(list(workspace.reviewed_cards())) == 1


def test_a_discarded_batch_tells_nothing(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    decide(workspace, Decision.ACCEPT)
    workspace.discard_batch(batch.id, "wrong box")
    assert list(workspace.reviewed_cards()) == []


def test_many_cards_come_a_few_at_a_time_each_once(
    workspace: Workspace, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewed, "CARDS_AT_ONCE", 2)
    put_box(workspace, scans, 5)
    other = put_box(workspace, scans, 2, name="other.pdf")
    accepted = [decide(workspace, Decision.ACCEPT) for _ in range(7)]
    assert [card.id for card in workspace.reviewed_cards()] == accepted
    assert len(list(workspace.reviewed_cards(other.id))) == 2


def test_a_field_with_a_reviewers_mark_tells_nothing_of_how_well_it_was_read(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    decide(workspace, Decision.ACCEPT, action="Sat with [?] father", nominee="[redacted]")
    (card,) = workspace.reviewed_cards()
    assert set(card.texts) == set(card.kinds) == set(card.readings) == {"nominator", "impact"}
