"""A card that comes back in another scan is proposed to a person, who keeps, replaces or ignores."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.domain.likeness import Likeness
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.rescan import Rescan, RescanAnswer
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import LABEL, TEXTS, a_card_page, a_side

WRITTEN = np.random.default_rng(5).integers(0, 255, (40, 60)).astype(np.uint8)
AGAIN = np.clip(WRITTEN.astype(int) + np.random.default_rng(6).integers(-9, 9, WRITTEN.shape), 0, 255).astype(np.uint8)
OTHER = np.random.default_rng(7).integers(0, 255, WRITTEN.shape).astype(np.uint8)


def page(ref: PageRef, ink: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], texts: Mapping[str, str]) -> PageRecord:
    record = a_card_page(ref, texts)
    return replace(record, sides=(replace(record.sides[0], likeness=Likeness(ink)),))


def put(workspace: Workspace, scans: Path, name: str, *inks: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    scan = scans / name
    scan.write_bytes(name.encode())
    original = workspace.keep_original(scan)
    batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    for number, ink in enumerate(inks, start=1):
        workspace.record(batch.id, page(PageRef(original.sha256, number, name), ink, TEXTS))
    workspace.finish(batch.id)
    return batch.id


@pytest.fixture
def proposal(workspace: Workspace, scans: Path) -> Rescan:
    put(workspace, scans, "monday.pdf", WRITTEN, OTHER)
    put(workspace, scans, "friday.pdf", AGAIN)
    (found,) = workspace.rescans()
    return found


def state(workspace: Workspace, card_id: str) -> tuple[CardState, str]:
    (card,) = [card for card in workspace.cards() if card.id == card_id]
    return card.state, card.reason


def test_a_second_scan_is_proposed_and_both_cards_stay_in_the_queue(workspace: Workspace, proposal: Rescan) -> None:
    assert [str(page.ref) for page in proposal.later.pages] == ["friday.pdf#1"]
    assert [str(page.ref) for page in proposal.earlier.pages] == ["monday.pdf#1"]
    assert proposal.alike > 0.99
    assert proposal.texts_alike == 1.0
    assert {card.state for card in workspace.cards()} == {CardState.WAITING}


def test_the_later_batch_says_so_until_somebody_answers(workspace: Workspace, proposal: Rescan) -> None:
    assert [summary.rescans for summary in workspace.batches()] == [0, 1]
    assert "1 seems to be scanned twice (scan-ingest rescans look)" in workspace.batches()[1].needs_a_person
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.KEEP, "Ann")
    assert [summary.rescans for summary in workspace.batches()] == [0, 0]


def test_within_one_batch_too_and_only_once(workspace: Workspace, scans: Path) -> None:
    batch = put(workspace, scans, "box.pdf", WRITTEN, OTHER, AGAIN)
    workspace.finish(batch)
    assert len(workspace.rescans()) == 1


def two_sided(ref: PageRef, front: Likeness | None, back: Likeness) -> PageRecord:
    """A card whose two sides lie on one page."""
    record = a_card_page(ref)
    other = replace(a_side(2, side="back"), likeness=back)
    card = replace(record.new_cards[0], sides=((None, 1), (None, 2)))
    return replace(record, sides=(replace(record.sides[0], likeness=front), other), new_cards=(card,))


A_SHORT_NAME, AN_ANSWER = (np.zeros((40, 60), dtype=np.uint8) for _ in range(2))
A_SHORT_NAME[1:3, 2:14] = 80  # 17 mm² of ink
AN_ANSWER[1:20, 2:50] = 80


@pytest.mark.parametrize(("seen_once", "proposed"), [(A_SHORT_NAME, 1), (AN_ANSWER, 0)])
def test_a_name_so_short_that_one_scan_saw_too_little_of_it_hides_no_second_scan(
    workspace: Workspace, scans: Path, seen_once: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], proposed: int
) -> None:
    for day, front, back in (("monday.pdf", Likeness(seen_once), WRITTEN), ("friday.pdf", None, AGAIN)):
        (scans / day).write_bytes(day.encode())
        original = workspace.keep_original(scans / day)
        batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
        workspace.record(batch.id, two_sided(PageRef(original.sha256, 1, day), front, Likeness(back)))
        workspace.finish(batch.id)
    assert len(workspace.rescans()) == proposed


def test_kept_both_cards_stay(workspace: Workspace, proposal: Rescan) -> None:
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.KEEP, "Ann")
    assert workspace.rescans() == ()
    (settled,) = workspace.rescans(answered=True)
    assert (settled.answer, settled.answered_by) == (RescanAnswer.KEEP, "Ann")
    assert {card.state for card in workspace.cards()} == {CardState.WAITING}


def test_replaced_the_earlier_is_rejected_and_says_why(workspace: Workspace, proposal: Rescan) -> None:
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.REPLACE, "Ann")
    assert state(workspace, proposal.earlier.id) == (CardState.REJECTED, f"scanned again as {proposal.later.id}")
    assert state(workspace, proposal.later.id)[0] is CardState.WAITING


def test_ignored_the_later_is_rejected_and_says_why(workspace: Workspace, proposal: Rescan) -> None:
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.IGNORE, "Ann")
    assert state(workspace, proposal.later.id) == (CardState.REJECTED, f"scanned before as {proposal.earlier.id}")


def test_a_merged_card_can_be_replaced_and_its_nomination_goes(workspace: Workspace, proposal: Rescan) -> None:
    accept = Review(proposal.earlier.id, Decision.ACCEPT, "Ann", datetime.now(UTC))
    workspace.decide(accept)
    tell_merged(workspace)
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.REPLACE, "Ann")
    assert workspace.rejected_cards() == (proposal.earlier.id,)
    assert workspace.rescans() == ()


def test_what_nobody_proposed_cannot_be_settled(workspace: Workspace, proposal: Rescan) -> None:
    other = next(card.id for card in workspace.cards() if card.id not in (proposal.later.id, proposal.earlier.id))
    with pytest.raises(CardRefusedError, match="nobody proposed"):
        workspace.answer_rescan(proposal.later.id, other, RescanAnswer.KEEP, "Ann")


def test_a_discarded_batch_is_nobodys_earlier_scan(workspace: Workspace, scans: Path) -> None:
    batch = put(workspace, scans, "monday.pdf", WRITTEN)
    workspace.discard_batch(batch, "wrong ward")
    put(workspace, scans, "friday.pdf", AGAIN)
    assert workspace.rescans() == ()
