"""The queue: leases, decisions, drafts, undo."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import CardState, Suggestion
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError, InputError
from scan_ingest.ports.review import Draft, Order, QueueCount, QueuedCard, Wanted
from scan_ingest.workspace import Workspace
from tests.drawing.box import FIELDS, TEXTS, a_card_page, put_box, side_picture

LEASE = timedelta(minutes=15)
EXPIRED = timedelta(0)


def review(
    card: QueuedCard, decision: Decision, reviewer: str, texts: Mapping[str, str] | None = None, reason: str = ""
) -> Review:
    return Review(card.id, decision, reviewer, datetime.now(UTC), reason, card.texts if texts is None else texts)


def claimed(workspace: Workspace, reviewer: str, lease: timedelta = LEASE) -> QueuedCard:
    card = workspace.claim_next(reviewer, lease)
    assert card is not None
    return card


def test_a_claimed_card_comes_with_what_was_read_and_where_it_lies(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    assert (card.batch_id, card.label, card.template_id) == (batch.id, batch.label, "nomination-a5")
    assert (card.state, card.leased_by, card.reviewed_at) == (CardState.WAITING, "ann", None)
    assert [(shown.state, shown.leased_by) for shown in workspace.cards()] == [(CardState.LEASED, "ann")]
    assert [(str(page.ref), page.place) for page in card.pages] == [("box.pdf#1", 1)]
    assert list(card.texts.items()) == list(TEXTS.items())
    assert card.readings["action"].lines[0].words[0].text == "Sat"
    assert card.readings["action"].second_opinion == "Sat wlth"
    assert card.readings["nominee"].suggestions == (Suggestion("Jo Ashe", 0.5),)
    assert workspace.field_notes(card.id) == FIELDS
    assert workspace.side_picture(card.id, "front") == side_picture()


def test_two_reviewers_get_two_cards_and_the_oldest_box_comes_first(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1, name="young.pdf", label=BoxLabel("Northgate", "Ash", date(2026, 5, 1)))
    put_box(workspace, scans, 1, name="old.pdf", label=BoxLabel("Northgate", "Ash", date(2026, 4, 1)))
    first, second = claimed(workspace, "ann"), claimed(workspace, "ben")
    assert str(first.pages[0].ref) == "old.pdf#1"
    assert str(second.pages[0].ref) == "young.pdf#1"
    assert workspace.claim_next("cem", LEASE) is None


def test_a_card_still_held_comes_first_and_a_passed_one_not_again(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 3)
    card = claimed(workspace, "ann")
    assert claimed(workspace, "ann").id == card.id
    other = workspace.claim_next("ann", LEASE, skip=[card.id])
    assert other is not None
    assert other.id != card.id


def test_only_the_batch_asked_for_is_offered(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1, name="a.pdf")
    other = put_box(workspace, scans, 1, name="b.pdf", label=BoxLabel("Northgate", "Elm", date(2026, 3, 3)))
    card = workspace.claim_next("ann", LEASE, wanted=Wanted(batch_id=other.id.upper()))
    assert card is not None
    assert card.batch_id == other.id
    assert workspace.claim_next("ben", LEASE, wanted=Wanted(batch_id=other.id)) is None
    assert workspace.count("ben", Wanted(batch_id=other.id)) == QueueCount(0, 1, 0, 0, holders={"ann": 1})


def test_an_expired_lease_counts_as_waiting(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    lost = claimed(workspace, "ann", EXPIRED)
    assert claimed(workspace, "ben").id == lost.id
    assert not workspace.renew(lost.id, "ann", LEASE)
    with pytest.raises(CardRefusedError, match="holds it"):
        workspace.decide(review(lost, Decision.ACCEPT, "ann"))


def test_an_expired_lease_that_nobody_took_is_renewed_and_still_decides(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 2)
    card = claimed(workspace, "ann", EXPIRED)
    workspace.decide(review(card, Decision.ACCEPT, "ann"))
    card = claimed(workspace, "ann", EXPIRED)
    assert workspace.renew(card.id, "ann", LEASE)
    assert workspace.claim_next("ben", LEASE) is None


def test_a_card_decided_by_somebody_else_after_the_lease_ran_out_is_not_overwritten(
    workspace: Workspace, scans: Path
) -> None:
    put_box(workspace, scans, 1)
    late = claimed(workspace, "ann", EXPIRED)
    workspace.decide(review(claimed(workspace, "ben"), Decision.ACCEPT, "ben"))
    with pytest.raises(CardRefusedError, match="decided meanwhile"):
        workspace.decide(review(late, Decision.REJECT, "ann", reason="illegible"))
    assert workspace.claim(late.id, "cem", LEASE).reviewed_by == "ben"


def test_a_card_given_back_is_what_it_was(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.give_back(card.id, "ben")  # not ben's to give back
    assert workspace.claim_next("ben", LEASE) is None
    workspace.give_back(card.id, "ann")
    assert claimed(workspace, "ben").id == card.id


def test_an_accepted_card_keeps_the_corrected_texts_beside_the_reading(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.decide(review(card, Decision.ACCEPT, "ann", {"action": "Sat with my\r\nfather\x07 cafe\u0301\t"}))
    again = workspace.claim(card.id.upper(), "ben", LEASE)
    assert again.texts == {**TEXTS, "action": "Sat with my\nfather café\t"}
    assert again.readings == card.readings
    assert (again.reviewed_by, again.reason) == ("ann", "")
    assert again.reviewed_at is not None
    assert again.reviewed_at.tzinfo is not None


def test_a_rejected_card_keeps_its_reason_and_is_not_offered_again(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.decide(review(card, Decision.REJECT, "ann", reason="not a nomination"))
    assert workspace.claim_next("ben", LEASE) is None
    assert workspace.claim(card.id, "ben", LEASE).reason == "not a nomination"


def test_a_card_set_aside_is_offered_to_others_but_not_to_who_set_it_aside(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.decide(review(card, Decision.SET_ASIDE, "ann", {"action": "Sat with [?]"}))
    assert workspace.claim_next("ann", LEASE) is None
    assert workspace.count("ann") == QueueCount(0, 0, 1, 0)
    second = claimed(workspace, "ben")
    assert second.texts["action"] == "Sat with [?]"
    workspace.decide(review(second, Decision.SET_ASIDE, "ben"))
    assert workspace.claim_next("ann", LEASE) is None
    assert workspace.claim_next("ben", LEASE) is None
    assert claimed(workspace, "cem").id == card.id


def test_the_count_tells_what_is_left_and_what_others_hold(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 4)
    workspace.decide(review(claimed(workspace, "ann"), Decision.ACCEPT, "ann"))
    claimed(workspace, "ann")
    claimed(workspace, "ben")
    assert workspace.count("ann") == QueueCount(waiting=2, leased_by_others=1, set_aside=0, done=1, holders={"ben": 1})


def test_a_draft_belongs_to_one_reviewer_and_goes_with_the_decision(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    assert workspace.draft(card.id, "ann") is None
    workspace.save_draft(card.id, "ann", Draft({"action": "Sat"}))
    workspace.save_draft(card.id, "ann", Draft({"action": "Sat w"}))
    workspace.save_draft(card.id, "ben", Draft({"action": "Ben's"}))
    assert workspace.draft(card.id, "ann") == Draft({"action": "Sat w"})
    workspace.decide(review(card, Decision.ACCEPT, "ann"))
    assert workspace.draft(card.id, "ann") is None
    assert workspace.draft(card.id, "ben") == Draft({"action": "Ben's"})


def test_undo_takes_the_decision_back_and_keeps_what_was_typed(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.decide(review(card, Decision.SET_ASIDE, "ann", {"action": "corrected"}))
    back = workspace.undo(card.id, "ann", LEASE)
    assert (back.state, back.leased_by, back.texts) == (CardState.WAITING, "ann", TEXTS)
    assert workspace.draft(card.id, "ann") == Draft({**TEXTS, "action": "corrected"})
    workspace.give_back(card.id, "ann")
    assert claimed(workspace, "ann").id == card.id  # it is no longer set aside by ann
    with pytest.raises(CardRefusedError, match="not yours"):
        workspace.undo(card.id, "ann", LEASE)


def test_undo_goes_back_to_the_decision_before(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.decide(review(card, Decision.ACCEPT, "ann", {"action": "first"}))
    workspace.claim(card.id, "ben", LEASE)
    workspace.decide(review(card, Decision.ACCEPT, "ben", {"action": "second"}))
    with pytest.raises(CardRefusedError, match="not yours"):
        workspace.undo(card.id, "ann", LEASE)
    workspace.undo(card.id, "ben", LEASE)
    workspace.give_back(card.id, "ben")
    (accepted,) = workspace.accepted_cards()
    assert (accepted.texts["action"], accepted.reviewed_by) == ("first", "ann")


def test_every_decision_is_kept(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.decide(review(card, Decision.SET_ASIDE, "ann", {"action": "one"}))
    workspace.decide(review(claimed(workspace, "ben"), Decision.ACCEPT, "ben", {"action": "two"}))
    workspace.undo(card.id, "ben", LEASE)
    told = [(kept.decision, kept.reviewer, kept.texts["action"]) for kept in workspace.history(card.id)]
    assert told == [("set-aside", "ann", "one"), ("accept", "ben", "two"), ("undo", "ben", "two")]


def test_a_note_is_kept_with_the_decision_and_with_the_draft(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1)
    card = claimed(workspace, "ann")
    workspace.save_draft(card.id, "ann", Draft({}, "a second page?"))
    kept = workspace.draft(card.id, "ann")
    assert kept is not None
    assert kept.note == "a second page?"
    workspace.decide(replace(review(card, Decision.SET_ASIDE, "ann"), note="a second page is missing"))
    assert claimed(workspace, "ben").note == "a second page is missing"
    assert [past.note for past in workspace.history(card.id)] == ["a second page is missing"]
    workspace.give_back(card.id, "ben")
    workspace.undo(card.id, "ann", LEASE)
    assert workspace.draft(card.id, "ann") == Draft(dict(card.texts), "a second page is missing")


def test_a_card_that_is_not_there_is_named(workspace: Workspace) -> None:
    with pytest.raises(CardRefusedError, match="no card 'nix'"):
        workspace.claim("nix", "ann", LEASE)


def test_released_leases_are_offered_again_at_once(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 2)
    claimed(workspace, "ann")
    claimed(workspace, "ben")
    assert workspace.release("ben") == 1
    assert workspace.release(None) == 1
    assert workspace.count("cem") == QueueCount(2, 0, 0, 0)


@pytest.fixture
def three_boxes(workspace: Workspace, scans: Path) -> Workspace:
    """Boxes of a card each, the last of them collected first; the second has an empty field more to look at."""
    for name, ward, month, texts in (
        ("a.pdf", "Elm", 5, TEXTS),
        ("b.pdf", "Ash", 4, {**TEXTS, "impact": ""}),
        ("c.pdf", "Oak", 3, {**TEXTS, "nominator": "", "impact": "He slept well"}),
    ):
        put_box(workspace, scans, 1, name=name, label=BoxLabel("Northgate", ward, date(2026, month, 1)), texts=texts)
    return workspace


def in_order(workspace: Workspace, wanted: Wanted) -> str:
    """The files of the cards in the order they are offered in: their first letters."""
    names: list[str] = []
    passed: list[str] = []
    while card := workspace.claim_next("ann", LEASE, wanted=wanted, skip=passed):
        names.append(card.pages[0].ref.file_name[0])
        passed.append(card.id)
    workspace.release("ann")
    return "".join(names)


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        (Wanted(), "cba"),
        (Wanted(order=Order.NEWEST), "abc"),
        (Wanted(order=Order.WARD), "bac"),
        (Wanted(ward="elm"), "a"),
        (Wanted(template="nomination-a5", batch_id="b0002"), "b"),
        (Wanted(field="impact"), "cba"),
        (Wanted(ward="Oak", field="nominee", order=Order.DOUBT), "c"),
    ],
)
def test_cards_come_in_the_order_and_of_the_kind_asked_for(three_boxes: Workspace, wanted: Wanted, files: str) -> None:
    assert in_order(three_boxes, wanted) == files
    assert in_order(three_boxes, wanted) == files
    assert three_boxes.count("ann", wanted).waiting == len(files)


def test_the_most_doubtful_card_comes_first_or_last(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1, name="hard.pdf")
    page = a_card_page(PageRef("e" * 64, 7, "easy.pdf"), file_position=1)
    (side,) = page.sides
    sure = tuple(replace(reading, doubt=(), lines=()) for reading in side.readings)
    workspace.record(batch.id, replace(page, sides=(replace(side, readings=sure),)))
    assert in_order(workspace, Wanted()) == "he"
    assert in_order(workspace, Wanted(order=Order.DOUBT)) == "he"
    assert in_order(workspace, Wanted(order=Order.DOUBT_LAST)) == "eh"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(ward="Asch"), 'no card of the ward "Asch" in this workspace; the nearest is "Ash"'),
        (Wanted(template="nomination-a6"), 'the nearest is "nomination-a5"'),
        (Wanted(field="acton"), 'no card with the field "acton" in this workspace; the nearest is "action"'),
        (Wanted(batch_id="b0009"), 'no batch "b0009"'),
    ],
)
def test_a_filter_that_knows_nothing_is_told_the_nearest(three_boxes: Workspace, wanted: Wanted, said: str) -> None:
    with pytest.raises(InputError, match=said):
        three_boxes.claim_next("ann", LEASE, wanted=wanted)
