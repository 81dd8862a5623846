"""Batches as people see them, wrong labels and wrong files, and what merge is given."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.batch import BatchState, BoxLabel
from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.domain.review import AcceptedCard, Decision, FieldOrigin, Review
from scan_ingest.errors import CardRefusedError, StoreError, UsageError
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import LABEL, TEXTS, put_box

LEASE = timedelta(minutes=15)


def accept(workspace: Workspace, cards: int, reviewer: str = "ann") -> None:
    for _ in range(cards):
        card = workspace.claim_next(reviewer, LEASE)
        assert card is not None
        workspace.decide(Review(card.id, Decision.ACCEPT, reviewer, datetime.now(UTC)))


def states(workspace: Workspace) -> list[CardState]:
    return [card.state for card in workspace.cards()]


def merged(workspace: Workspace) -> Sequence[AcceptedCard]:
    cards = workspace.accepted_cards()
    tell_merged(workspace, cards)
    return cards


def test_the_list_of_batches_says_what_still_needs_a_person(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 3)
    accept(workspace, 1)
    other, _ = workspace.open_batch(LABEL, [workspace.keep_original(scans / "gone.pdf")], 4, any_date=False)
    failed = PageRecord(0, PageRef(other.files[0].sha256, 1, "gone.pdf"), Outcome.FAILED, "no such file")
    workspace.record(other.id, failed)
    first, second = workspace.batches()
    assert (first.batch.id, first.batch.state) == (batch.id, BatchState.FINISHED)
    assert first.outcomes == {**dict.fromkeys(Outcome, 0), Outcome.CARD: 3}
    assert (first.cards[CardState.WAITING], first.cards[CardState.ACCEPTED]) == (2, 1)
    assert first.needs_a_person == ("2 to review", "1 to merge")
    assert second.needs_a_person == (
        "its ingest did not finish: run it again",
        "1 failed",
        "4 cards expected, 0 found",
    )


def test_merge_is_given_accepted_cards_with_all_it_needs(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 2)
    accept(workspace, 1)
    (card,) = workspace.accepted_cards()
    assert (card.batch_id, card.label, card.template_id) == (batch.id, LABEL, "nomination-a5")
    assert [(page.ref.file_name, page.ref.number, page.place) for page in card.pages] == [("box.pdf", 1, 1)]
    assert list(card.texts.items()) == list(TEXTS.items())
    assert (card.reviewed_by, card.merged_before) == ("ann", False)


def test_each_field_says_its_page_its_recogniser_and_who_made_it_what_it_is(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 6)]
    for day, who, texts, decision in (
        (0, "ann", {**TEXTS, "action": "Sat with my mother"}, Decision.ACCEPT),
        (1, "ben", {"action": "Sat with my mother", "impact": "She slept"}, Decision.ACCEPT),
        (2, "cat", {"action": "Sat with somebody"}, Decision.ACCEPT),
    ):
        workspace.decide(Review(card.id, decision, who, days[day], "", texts), reopen=day > 0)
    workspace.undo(card.id, "cat", LEASE)
    workspace.give_back(card.id, "cat")

    (merged_card,) = workspace.accepted_cards()

    page = merged_card.pages[0]
    assert merged_card.origins == {
        "nominee": FieldOrigin(page, "pp-ocrv6", True, "ann", days[0]),
        "nominator": FieldOrigin(page, "pp-ocrv6", True, "ann", days[0]),
        "action": FieldOrigin(page, "pp-ocrv6", False, "ann", days[0]),
        "impact": FieldOrigin(page, "pp-ocrv6", False, "ben", days[1]),
    }


def test_a_merged_card_is_handed_out_again_and_stays_merged_until_changed(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    accept(workspace, 1)
    (card,) = merged(workspace)
    assert states(workspace) == [CardState.MERGED]
    merged(workspace)
    assert states(workspace) == [CardState.MERGED]
    workspace.claim(card.card_id, "ben", LEASE)
    workspace.decide(Review(card.card_id, Decision.ACCEPT, "ben", datetime.now(UTC), texts={"impact": "amended"}))
    (again,) = merged(workspace)
    assert (again.texts["impact"], again.merged_before, again.reviewed_by) == ("amended", True, "ben")
    assert states(workspace) == [CardState.MERGED]


def test_a_correction_that_comes_while_merge_is_at_work_is_merged_next_time(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    accept(workspace, 1)
    carried = workspace.accepted_cards()
    workspace.claim(carried[0].card_id, "ben", LEASE)
    workspace.decide(Review(carried[0].card_id, Decision.ACCEPT, "ben", datetime.now(UTC), texts={"impact": "late"}))
    tell_merged(workspace, carried)
    (again,) = workspace.accepted_cards()
    assert (again.texts["impact"], again.merged_before) == ("late", True)


def test_a_correction_taken_back_after_the_merge_is_merged_again(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    accept(workspace, 1)
    (card,) = merged(workspace)
    workspace.claim(card.card_id, "ann", LEASE)
    workspace.decide(Review(card.card_id, Decision.ACCEPT, "ann", datetime.now(UTC), texts={"impact": "wrong"}))
    merged(workspace)
    workspace.undo(card.card_id, "ann", LEASE)
    workspace.give_back(card.card_id, "ann")
    (back,) = merged(workspace)
    assert back.texts == TEXTS
    assert states(workspace) == [CardState.MERGED]


def test_a_card_in_the_store_can_be_rejected_and_is_named_to_be_withdrawn(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 2)
    accept(workspace, 2)
    card, _ = merged(workspace)
    workspace.decide(Review(card.card_id, Decision.REJECT, "ben", datetime.now(UTC), "illegible"), reopen=True)
    assert workspace.rejected_cards() == (card.card_id,)
    with pytest.raises(StoreError, match="2 of its cards are in the nominations store"):
        workspace.discard_batch(batch.id, "wrong box")
    workspace.mark_withdrawn([card.card_id])
    with pytest.raises(StoreError, match="1 of its cards are in the nominations store"):
        workspace.discard_batch(batch.id, "wrong box")


def test_a_rejection_taken_back_before_the_merge_withdraws_nothing(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    accept(workspace, 1)
    (card,) = merged(workspace)
    workspace.decide(Review(card.card_id, Decision.REJECT, "ben", datetime.now(UTC), "illegible"), reopen=True)
    named = workspace.rejected_cards()
    workspace.undo(card.card_id, "ben", LEASE)
    workspace.mark_withdrawn(named)
    workspace.give_back(card.card_id, "ben")
    assert states(workspace) == [CardState.MERGED]
    (again,) = merged(workspace)
    assert again.merged_before


def test_an_amended_label_goes_to_merged_cards_with_the_next_merge(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 2)
    accept(workspace, 1)
    merged(workspace)
    amended = workspace.amend_batch(batch.id.upper(), ward=" Elm ", collected=date(2026, 3, 9))
    assert amended.label == BoxLabel("Northgate", "Elm", date(2026, 3, 9))
    assert states(workspace) == [CardState.ACCEPTED, CardState.WAITING]
    (card,) = merged(workspace)
    assert (card.label, card.merged_before) == (amended.label, True)
    assert states(workspace) == [CardState.MERGED, CardState.WAITING]


def test_amending_to_the_same_label_changes_nothing(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    accept(workspace, 1)
    merged(workspace)
    workspace.amend_batch(batch.id, ward="Ash")
    assert states(workspace) == [CardState.MERGED]


def test_a_label_is_not_amended_to_nothing(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    with pytest.raises(UsageError, match="a box has a ward"):
        workspace.amend_batch(batch.id, ward="  ")
    assert workspace.batches()[0].batch.label == LABEL


def test_a_discarded_batch_leaves_the_queue_and_its_pages_can_come_again(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 2)
    accept(workspace, 1)
    before = [card.id for card in workspace.cards()]
    workspace.discard_batch(batch.id, "wrong box")
    assert workspace.claim_next("ann", LEASE) is None
    assert workspace.accepted_cards() == ()
    assert list(workspace.cards()) == []
    assert workspace.seen(PageRef(batch.files[0].sha256, 1, "box.pdf"), None) is None
    with pytest.raises(CardRefusedError, match="no card"):
        workspace.claim(before[0], "ann", LEASE)
    (summary,) = workspace.batches()
    assert (summary.batch.state, summary.batch.discard_reason) == (BatchState.DISCARDED, "wrong box")
    assert summary.needs_a_person == ()
    again = put_box(workspace, scans, 2)
    assert again.id != batch.id
    assert [card.id for card in workspace.cards()] == before
    assert states(workspace) == [CardState.WAITING] * 2


def test_a_batch_is_not_discarded_once_merged_or_twice_or_for_no_reason(workspace: Workspace, scans: Path) -> None:
    first = put_box(workspace, scans, 1)
    accept(workspace, 1)
    merged(workspace)
    with pytest.raises(StoreError, match="1 of its cards are in the nominations store"):
        workspace.discard_batch(first.id, "wrong")
    second = put_box(workspace, scans, 1, name="other.pdf")
    with pytest.raises(UsageError, match="reason"):
        workspace.discard_batch(second.id, "  ")
    workspace.claim_next("ben", LEASE)
    with pytest.raises(StoreError, match="being reviewed"):
        workspace.discard_batch(second.id, "wrong")
    workspace.release(None)
    workspace.discard_batch(second.id, "wrong")
    with pytest.raises(StoreError, match="discarded already"):
        workspace.discard_batch(second.id, "wrong")
    with pytest.raises(StoreError, match="was discarded"):
        workspace.amend_batch(second.id, ward="Elm")
