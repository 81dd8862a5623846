"""A second look: drawn by the card's id, keyed blind by somebody else, settled by a third; until then not merged."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.second_look import Look, SecondLookState
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.review import QueueCount, QueuedCard
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import TEXTS, put_box

LEASE = timedelta(minutes=15)


@pytest.fixture
def workspace(url: str | None, data: Path, scans: Path) -> Iterator[Workspace]:
    """A box of two cards in a workspace where every accepted card is looked at twice."""
    with open_workspace(url, data, create=True, second_look_percent=100) as opened:
        put_box(opened, scans, 2)
        yield opened


def decide(
    workspace: Workspace,
    card: QueuedCard,
    reviewer: str,
    texts: Mapping[str, str] | None = None,
    decision: Decision = Decision.ACCEPT,
    reason: str = "",
) -> None:
    given = card.texts if texts is None else texts
    workspace.decide(Review(card.id, decision, reviewer, datetime.now(UTC), reason, given, look=card.look))


def next_for(workspace: Workspace, reviewer: str) -> QueuedCard:
    card = workspace.claim_next(reviewer, LEASE)
    assert card is not None
    return card


def accept_all(workspace: Workspace, reviewer: str = "ann") -> None:
    while card := workspace.claim_next(reviewer, LEASE):
        decide(workspace, card, reviewer, {**card.texts, "action": "Sat with my father’s friend"})


def standing(workspace: Workspace) -> list[tuple[CardState, SecondLookState | None]]:
    return [(card.state, card.second_look) for card in workspace.cards()]


KEYED = {**TEXTS, "action": "Sat with my father's  friend"}


def test_the_second_reviewer_sees_where_the_lines_lie_and_no_word(workspace: Workspace) -> None:
    accept_all(workspace)
    card = next_for(workspace, "ben")
    assert (card.look, set(card.texts.values()), card.reviewed_by, card.theirs) == (Look.SECOND, {""}, "", None)
    line = card.readings["action"].lines[0]
    assert (line.text, line.raw, line.words, line.box_mm.x) == ("", "", (), 8)
    assert all(
        (reading.text, reading.doubt, reading.suggestions, reading.second_opinion) == ("", (), (), None)
        for reading in card.readings.values()
    )
    assert workspace.claim(card.id, "ben", LEASE).texts == card.texts  # opened again, it is as blind


def test_typed_alike_it_is_settled_and_merged_and_until_then_it_is_held(workspace: Workspace) -> None:
    accept_all(workspace)
    assert (workspace.accepted_cards(), len(workspace.held_cards())) == ((), 2)
    assert workspace.batches()[0].needs_a_person == ("2 to look at again",)
    decide(workspace, next_for(workspace, "ben"), "ben", KEYED)
    (merged,) = workspace.accepted_cards()
    assert (merged.texts["action"], merged.reviewed_by) == ("Sat with my father’s friend", "ann")
    assert len(workspace.held_cards()) == 1
    assert workspace.batches()[0].needs_a_person == ("1 to look at again", "1 to merge")
    assert standing(workspace)[0] == (CardState.ACCEPTED, SecondLookState.SETTLED)


def test_typed_otherwise_a_third_person_sees_both_and_decides(workspace: Workspace) -> None:
    accept_all(workspace)
    keyed = next_for(workspace, "ben")
    decide(workspace, keyed, "ben", {**KEYED, "impact": "He wept"})
    third = next_for(workspace, "cem")
    assert (third.id, third.look, third.texts["impact"]) == (keyed.id, Look.THIRD, "He slept")
    assert third.theirs is not None
    assert (third.theirs.texts["impact"], third.theirs.reason) == ("He wept", "")
    assert workspace.accepted_cards() == ()
    decide(workspace, third, "cem", {**third.texts, "impact": "He wept."})
    (merged,) = workspace.accepted_cards()
    assert (merged.texts["impact"], merged.reviewed_by) == ("He wept.", "cem")


def test_nobody_is_the_second_or_third_after_having_been_the_first_or_second(workspace: Workspace) -> None:
    accept_all(workspace)
    assert workspace.claim_next("ANN", LEASE) is None
    while card := workspace.claim_next("ben", LEASE):
        decide(workspace, card, "ben", {})
    assert [workspace.claim_next(name, LEASE) for name in ("ann", "ben", "Ben")] == [None, None, None]
    assert workspace.count("ben") == QueueCount(0, 0, 0, 2)
    assert workspace.count("cem") == QueueCount(0, 0, 0, 0, second_looks=2)
    with pytest.raises(CardRefusedError, match="you gave it its second look"):
        workspace.claim(next(iter(workspace.cards())).id, "ben", LEASE)
    forged = Review(next(iter(workspace.cards())).id, Decision.ACCEPT, "ann", datetime.now(UTC), look=Look.THIRD)
    with pytest.raises(CardRefusedError, match="looked at it meanwhile"):
        workspace.decide(forged, reopen=True)


def test_who_would_not_have_accepted_it_leaves_it_to_a_third_who_may_reject_it(workspace: Workspace) -> None:
    accept_all(workspace)
    decide(workspace, next_for(workspace, "ben"), "ben", {}, Decision.REJECT, "illegible")
    third = next_for(workspace, "cem")
    assert third.theirs is not None
    assert third.theirs.reason == "reject: illegible"
    decide(workspace, third, "cem", None, Decision.REJECT, "illegible")
    assert standing(workspace)[0] == (CardState.REJECTED, SecondLookState.SETTLED)
    (look,) = workspace.looked_at_twice()
    assert (look.second, look.settled, look.rejected) == (None, None, True)


def test_a_second_look_is_taken_back_and_keyed_again_as_it_was_typed(workspace: Workspace) -> None:
    accept_all(workspace)
    card = next_for(workspace, "ben")
    decide(workspace, card, "ben", {**KEYED, "impact": "He wept"})
    back = workspace.undo(card.id, "ben", LEASE)
    assert (back.look, back.texts["impact"], back.state) == (Look.SECOND, "", CardState.ACCEPTED)
    draft = workspace.draft(card.id, "ben")
    assert draft is not None
    assert draft.texts["impact"] == "He wept"
    decide(workspace, back, "ben", KEYED)
    assert standing(workspace)[0] == (CardState.ACCEPTED, SecondLookState.SETTLED)
    assert [past.decision for past in workspace.history(card.id)] == ["accept", "second-look", "undo", "second-look"]
    (look,) = workspace.looked_at_twice()
    assert look.settled is not None


def test_the_first_cannot_take_back_what_somebody_else_has_looked_at(workspace: Workspace) -> None:
    accept_all(workspace)
    card = next_for(workspace, "ben")
    decide(workspace, card, "ben", KEYED)
    with pytest.raises(CardRefusedError, match="not yours"):
        workspace.undo(card.id, "ann", LEASE)


def test_an_acceptance_taken_back_was_not_drawn(workspace: Workspace) -> None:
    card = next_for(workspace, "ann")
    decide(workspace, card, "ann")
    workspace.undo(card.id, "ann", LEASE)
    workspace.give_back(card.id, "ann")
    assert standing(workspace)[0] == (CardState.WAITING, None)
    assert next_for(workspace, "ben").look is Look.FIRST


def test_a_share_is_drawn_by_the_cards_ids_alone(url: str | None, data: Path, scans: Path) -> None:
    with open_workspace(url, data, create=True, second_look_percent=30) as workspace:
        put_box(workspace, scans, 40)
        accept_all(workspace)
        drawn = set(workspace.held_cards())
    assert 4 <= len(drawn) <= 20
    with open_workspace(url, data, create=False) as workspace:  # the setting is for cards to come
        assert set(workspace.held_cards()) == drawn
