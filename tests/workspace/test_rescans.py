"""A card that comes back in another scan is proposed to a person, who keeps, replaces or ignores."""

import random
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
from scan_ingest.ports.review import Draft
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import LABEL, TEXTS, a_card_page, a_side, some_writing
from tests.workspace.test_aligning import place
from tests.workspace.test_aligning import put as put_pages

WRITTEN, AGAIN, OTHER = some_writing(5), some_writing(5, scanned=6), some_writing(7)


def page(ref: PageRef, ink: Likeness, texts: Mapping[str, str]) -> PageRecord:
    record = a_card_page(ref, texts)
    return replace(record, sides=(replace(record.sides[0], likeness=ink),))


def put(workspace: Workspace, scans: Path, name: str, *inks: Likeness, texts: Mapping[str, str] = TEXTS) -> str:
    scan = scans / name
    scan.write_bytes(name.encode())
    original = workspace.keep_original(scan)
    batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    for number, ink in enumerate(inks, start=1):
        workspace.record(batch.id, page(PageRef(original.sha256, number, name), ink, texts))
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


def within(likeness: Likeness, rows: slice, columns: slice) -> Likeness:
    """What of it lies in those cells."""
    cells = np.zeros_like(likeness.cells)
    cells[rows, columns] = likeness.cells[rows, columns]
    return Likeness(cells)


BACK, BACK_AGAIN = (within(ink, slice(0, 100), slice(0, 210)) for ink in (WRITTEN, AGAIN))
A_SHORT_NAME = within(OTHER, slice(20, 36), slice(20, 60))  # 32 mm²
AN_ANSWER = within(OTHER, slice(20, 190), slice(0, 210))


@pytest.mark.parametrize(("seen_once", "proposed"), [(A_SHORT_NAME, 1), (AN_ANSWER, 0)])
def test_a_name_so_short_that_one_scan_saw_too_little_of_it_hides_no_second_scan(
    workspace: Workspace, scans: Path, seen_once: Likeness, proposed: int
) -> None:
    for day, front, back in (("monday.pdf", seen_once, BACK), ("friday.pdf", None, BACK_AGAIN)):
        (scans / day).write_bytes(day.encode())
        original = workspace.keep_original(scans / day)
        batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
        workspace.record(batch.id, two_sided(PageRef(original.sha256, 1, day), front, back))
        workspace.finish(batch.id)
    assert len(workspace.rescans()) == proposed


ONE_WORD, ONE_WORD_AGAIN = (within(ink, slice(20, 30), slice(20, 50)) for ink in (WRITTEN, AGAIN))


@pytest.mark.parametrize(("read", "proposed"), [("Jo Ach", 1), ("", 0), ("Milly Winterbottom", 0)])
def test_of_two_cards_with_one_word_what_was_read_has_to_agree_too(
    workspace: Workspace, scans: Path, read: str, proposed: int
) -> None:
    nothing = dict.fromkeys(TEXTS, "")
    put(workspace, scans, "monday.pdf", ONE_WORD, texts=nothing | {"nominee": "Jo Ash"})
    put(workspace, scans, "friday.pdf", ONE_WORD_AGAIN, texts=nothing | {"nominee": read})
    assert len(workspace.rescans()) == proposed


def test_a_card_that_is_placed_by_hand_is_compared_too(workspace: Workspace, scans: Path) -> None:
    put_pages(workspace, scans, ["card", "torn"])
    put(workspace, scans, "friday.pdf", WRITTEN)
    place(workspace, 2, replace(a_side(), likeness=AGAIN))
    (found,) = workspace.rescans()
    assert {str(page.ref) for card in (found.earlier, found.later) for page in card.pages} == {
        "box.pdf#2",
        "friday.pdf#1",
    }


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


TYPED = TEXTS | {"nominee": "Jo Ashe", "action": "Sat with my father till dawn"}


def review(workspace: Workspace, card_id: str, decision: Decision = Decision.ACCEPT, person: str = "Ann") -> None:
    workspace.decide(Review(card_id, decision, person, datetime.now(UTC), "x", TYPED, "ask the ward"), reopen=True)


def texts_of(workspace: Workspace, card_id: str) -> Mapping[str, str]:
    (card,) = [card for card in workspace.cards() if card.id == card_id]
    return card.texts


@pytest.mark.parametrize("decision", [Decision.ACCEPT, Decision.SET_ASIDE])
@pytest.mark.parametrize(("given", "stands"), [(RescanAnswer.REPLACE, "later"), (RescanAnswer.IGNORE, "earlier")])
def test_what_a_reviewer_typed_on_the_scan_that_goes_comes_to_the_one_that_stands(
    workspace: Workspace, proposal: Rescan, decision: Decision, given: RescanAnswer, stands: str
) -> None:
    pair = {"later": proposal.later.id, "earlier": proposal.earlier.id}
    goes = pair[{"later": "earlier", "earlier": "later"}[stands]]
    review(workspace, goes, decision)
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, given, "Ben")
    assert texts_of(workspace, pair[stands]) == TYPED
    assert state(workspace, pair[stands])[0] is CardState.WAITING
    (taken,) = workspace.history(pair[stands])
    assert (taken.decision, taken.reviewer, taken.note) == ("taken over", "Ann", "ask the ward")
    assert taken.reason == f"from {goes}, another scan of it"


def test_what_somebody_decided_on_the_scan_that_stands_stays(workspace: Workspace, proposal: Rescan) -> None:
    review(workspace, proposal.earlier.id)
    other = TEXTS | {"nominee": "Joe Ash"}
    workspace.decide(Review(proposal.later.id, Decision.ACCEPT, "Ben", datetime.now(UTC), texts=other), reopen=True)
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.REPLACE, "Ann")
    assert texts_of(workspace, proposal.later.id) == other
    assert state(workspace, proposal.later.id)[0] is CardState.ACCEPTED


def test_a_draft_on_the_scan_that_goes_is_brought_back_on_the_other(workspace: Workspace, proposal: Rescan) -> None:
    for person in ("Ann", "Ben"):
        workspace.save_draft(proposal.earlier.id, person, Draft(TYPED | {"impact": person}, "half done"))
    workspace.save_draft(proposal.later.id, "Ben", Draft(TEXTS, "mine"))
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.REPLACE, "Ann")
    anns, bens = (workspace.draft(proposal.later.id, person) for person in ("Ann", "Ben"))
    assert anns is not None
    assert bens is not None
    assert (anns.texts["impact"], anns.note) == ("Ann", "half done")
    assert bens.note == "mine"


@pytest.mark.parametrize("first", [RescanAnswer.REPLACE, RescanAnswer.IGNORE])
@pytest.mark.parametrize("second", list(RescanAnswer))
def test_settled_in_another_way_as_if_it_had_been_settled_so_at_first(
    workspace: Workspace, proposal: Rescan, first: RescanAnswer, second: RescanAnswer
) -> None:
    review(workspace, proposal.earlier.id)
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, first, "Ann")
    workspace.answer_rescan(proposal.later.id, proposal.earlier.id, second, "Ann")
    stand = {CardState.ACCEPTED, CardState.WAITING}
    earlier, later = (state(workspace, card.id)[0] for card in (proposal.earlier, proposal.later))
    assert (earlier in stand, later in stand) == (second != RescanAnswer.REPLACE, second != RescanAnswer.IGNORE)
    if second != RescanAnswer.REPLACE:
        assert earlier is CardState.ACCEPTED


def test_of_three_scans_one_stands_whatever_is_answered(workspace: Workspace, scans: Path) -> None:
    for number, day in enumerate(("monday.pdf", "tuesday.pdf", "friday.pdf")):
        put(workspace, scans, day, some_writing(5, scanned=number))
    first, second, third = (card.id for card in workspace.cards())
    assert len(workspace.rescans()) == 3
    workspace.answer_rescan(second, first, RescanAnswer.IGNORE, "Ann")
    workspace.answer_rescan(third, first, RescanAnswer.REPLACE, "Ann")
    with pytest.raises(CardRefusedError, match="neither would stand"):
        workspace.answer_rescan(third, second, RescanAnswer.IGNORE, "Ann")
    workspace.answer_rescan(third, second, RescanAnswer.REPLACE, "Ann")
    assert [card.state for card in workspace.cards()] == [CardState.REJECTED, CardState.REJECTED, CardState.WAITING]


def three_scans(workspace: Workspace, scans: Path) -> tuple[str, str, str]:
    for number, day in enumerate(("monday.pdf", "tuesday.pdf", "friday.pdf")):
        put(workspace, scans, day, some_writing(5, scanned=number))
    first, second, third = (card.id for card in workspace.cards())
    return first, second, third


def test_a_card_that_two_answers_rejected_stands_again_once_both_say_it_is_kept(
    workspace: Workspace, scans: Path
) -> None:
    first, second, third = three_scans(workspace, scans)
    review(workspace, first)
    for later in (second, third):
        workspace.answer_rescan(later, first, RescanAnswer.REPLACE, "Ann")
    workspace.answer_rescan(second, first, RescanAnswer.KEEP, "Ann")
    assert state(workspace, first) == (CardState.REJECTED, f"scanned again as {third}")
    workspace.answer_rescan(third, first, RescanAnswer.KEEP, "Ann")
    assert state(workspace, first)[0] is CardState.ACCEPTED


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_answered_of_three_scans_only_what_an_answer_rejects_is_rejected_and_one_stands(
    workspace: Workspace, scans: Path, seed: int
) -> None:
    ids, draw = three_scans(workspace, scans), random.Random(seed)
    said: dict[tuple[int, int], RescanAnswer] = {}
    for _ in range(60):
        earlier, later = sorted(draw.sample(range(3), 2))
        given = draw.choice(list(RescanAnswer))
        try:
            workspace.answer_rescan(ids[later], ids[earlier], given, "Ann")
        except CardRefusedError:
            continue
        said[later, earlier] = given
        goes = {RescanAnswer.REPLACE: 1, RescanAnswer.IGNORE: 0}
        to_reject = {ids[pair[goes[answer]]] for pair, answer in said.items() if answer in goes}
        rejected = {card.id for card in workspace.cards() if card.state is CardState.REJECTED}
        assert rejected <= to_reject
        assert len(rejected) < len(ids)


def test_where_a_person_rejected_the_scan_that_would_stand_nothing_is_settled(
    workspace: Workspace, proposal: Rescan
) -> None:
    review(workspace, proposal.later.id, Decision.REJECT)
    with pytest.raises(CardRefusedError, match=f"card {proposal.later.id} is rejected"):
        workspace.answer_rescan(proposal.later.id, proposal.earlier.id, RescanAnswer.REPLACE, "Ann")
    assert [rescan.answer for rescan in workspace.rescans()] == [None]
    assert state(workspace, proposal.earlier.id)[0] is CardState.WAITING


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
