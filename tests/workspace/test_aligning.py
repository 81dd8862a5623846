"""What a person says of a page, in the workspace: outcomes that add up, cards that come and go, and taking it back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.batch import Batch
from scan_ingest.domain.card import CardState
from scan_ingest.domain.crop import PageResult, ReadSide
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.source import source_of
from scan_ingest.domain.template import Field, FieldKind, Side, Template
from scan_ingest.errors import CardRefusedError, InputError, PageRefusedError, StoreError
from scan_ingest.pipeline.by_hand import placed, settle_with
from scan_ingest.pipeline.pairing import ONE_SIDE, settle_page
from scan_ingest.ports.align import PageAtHand, PageDecision
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.sql import writing
from scan_ingest.workspace import Workspace, leftovers, pictures
from tests.drawing.box import FIELDS, LABEL, TEXTS, a_side, picture_of

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
LEASE = timedelta(minutes=15)
PAPER = np.full((40, 60), 255, dtype=np.uint8)
ANSWERS = tuple(Field(note.name, "front", FieldKind.TEXT, note.box_mm) for note in FIELDS if note.kind == "text")
TEMPLATES = {
    "nomination-a5": Template("nomination-a5", "", 1, 105, 95, (Side("front", PAPER, ANSWERS),)),
    "double": Template("double", "", 1, 105, 95, (Side("front", PAPER, ANSWERS), Side("back", PAPER, ()))),
}
SETTLE = settle_with(TEMPLATES)


def a_half(side: str, place: int = 1) -> ReadSide:
    read = a_side(place)
    return replace(read, placement=replace(read.placement, template_id="double", side=side), readings=())


def put(workspace: Workspace, scans: Path, kinds: Sequence[str]) -> Batch:
    """A finished batch whose pages are cards, fronts, backs, letters or torn cards."""
    scan = scans / "box.pdf"
    scan.write_bytes(" ".join(kinds).encode())
    original = workspace.keep_original(scan)
    batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    for number, kind in enumerate(kinds, start=1):
        ref = PageRef(original.sha256, number, original.name)
        sides = {
            "card": (a_side(),),
            "two": (a_side(1), a_side(2)),
            "front": (a_half("front"),),
            "back": (a_half("back"),),
        }.get(kind, ())
        outcome = {"letter": Outcome.UNMATCHED, "torn": Outcome.UNREADABLE}.get(kind, Outcome.CARD)
        why = "" if outcome is Outcome.CARD else "no known card on it"
        settled = settle_page(PageResult(outcome, why, sides), picture_of(ref), TEMPLATES)
        record = PageRecord(
            0, ref, settled.outcome, settled.reason, 200.0, picture_of(ref), b"page", sides, settled.new_cards
        )
        workspace.record(batch.id, record)
    workspace.finish(batch.id, SETTLE(workspace.stack(batch.id), batch.collation))
    return batch


def page(workspace: Workspace, number: int) -> PageAtHand:
    return workspace.page_at_hand(workspace.find_page(f"box.pdf#{number}"))


def say(workspace: Workspace, number: int, call: Call, person: str = "ann", card_id: str | None = None) -> PageAtHand:
    at_hand = page(workspace, number)
    outcome = Outcome.BLANK if call is Call.BLANK else Outcome.UNMATCHED
    every = frozenset(side.place for side in at_hand.sides)
    decision = PageDecision(
        at_hand, call, person, AT, outcome, f"{call}, says {person}", withdraws=every, card_id=card_id
    )
    return workspace.decide_page(decision, SETTLE)


def place(workspace: Workspace, number: int, *sides: ReadSide) -> PageAtHand:
    return workspace.decide_page(placed(TEMPLATES, page(workspace, number), sides, "ann", AT), SETTLE)


def outcomes(workspace: Workspace) -> list[Outcome]:
    return [row.outcome for row in workspace.pages("b0001")]


def todo(workspace: Workspace) -> tuple[str, ...]:
    return workspace.batch("b0001").needs_a_person


def test_unmatched_and_unreadable_pages_are_walked_in_the_order_of_the_file(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["card", "letter", "torn", "front", "letter"])
    walked = [workspace.page_at_hand(key).ref.number for key in workspace.pages_to_align()]
    assert walked == [2, 3, 4, 5]
    assert workspace.pages_to_align("b0001") == workspace.pages_to_align()


def test_a_page_is_found_by_its_name(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["card", "letter"])
    assert page(workspace, 2).outcome is Outcome.UNMATCHED
    with pytest.raises(InputError, match=r"no page box\.pdf#9"):
        workspace.find_page("box.pdf#9", "b0001")
    with pytest.raises(InputError, match="names no page"):
        workspace.find_page("box.pdf")


def test_a_foreign_or_blank_page_needs_nobody_any_more_and_the_outcomes_add_up(
    workspace: Workspace, scans: Path
) -> None:
    put(workspace, scans, ["card", "letter", "letter", "torn"])
    assert todo(workspace) == ("2 unmatched", "1 unreadable", "1 to review")
    say(workspace, 2, Call.FOREIGN)
    assert say(workspace, 4, Call.BLANK).outcome is Outcome.BLANK
    assert todo(workspace) == ("1 unmatched", "1 to review")
    assert outcomes(workspace) == [Outcome.CARD, Outcome.UNMATCHED, Outcome.UNMATCHED, Outcome.BLANK]
    assert sum(workspace.outcomes("b0001").values()) == 4
    rows = workspace.pages("b0001")
    assert [row.needs_a_person for row in rows] == [False, False, True, False]
    assert rows[1].reason == "foreign, says ann"
    assert len(workspace.pages_to_align()) == 1


def test_a_page_placed_by_hand_is_a_card_in_the_queue(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["torn"])
    after = place(workspace, 1, a_side())
    assert (after.outcome, after.call, after.person) == (Outcome.CARD, Call.PLACED, "ann")
    (card,) = workspace.cards()
    assert (card.state, card.texts["action"]) == (CardState.WAITING, "Sat with my father")
    assert workspace.pages("b0001")[0].reason == "placed by hand by ann"
    assert todo(workspace) == ("1 to review",)


def test_a_back_placed_by_hand_becomes_the_card_of_the_front_that_waits(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["front", "torn"])
    assert outcomes(workspace) == [Outcome.UNREADABLE] * 2
    place(workspace, 2, a_half("back"))
    assert outcomes(workspace) == [Outcome.CARD] * 2
    (card,) = workspace.cards()
    assert [on.ref.number for on in card.pages] == [1, 2]


def test_a_front_placed_by_hand_without_its_back_stays_unreadable_with_the_reason(
    workspace: Workspace, scans: Path
) -> None:
    put(workspace, scans, ["torn", "card"])
    after = place(workspace, 1, a_half("front"))
    assert after.outcome is Outcome.UNREADABLE
    assert ONE_SIDE in after.reason
    assert "1 unreadable" in todo(workspace)


def test_the_second_of_two_people_at_one_page_is_told_and_changes_nothing(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["torn"])
    bens = page(workspace, 1)
    place(workspace, 1, a_side())
    with pytest.raises(PageRefusedError, match="somebody else settled this page meanwhile, it is card now"):
        workspace.decide_page(PageDecision(bens, Call.BLANK, "ben", AT, Outcome.BLANK, "called blank by ben"), SETTLE)
    assert outcomes(workspace) == [Outcome.CARD]
    assert len(list(workspace.cards())) == 1


def test_what_was_said_is_taken_back_step_by_step(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["front", "torn"])
    say(workspace, 2, Call.FOREIGN)
    place(workspace, 2, a_half("back"))
    assert outcomes(workspace) == [Outcome.CARD] * 2
    back = workspace.undo_page(page(workspace, 2), "ben", AT, SETTLE)
    assert (back.outcome, back.call, back.sides) == (Outcome.UNMATCHED, Call.FOREIGN, ())
    assert list(workspace.cards()) == []
    assert outcomes(workspace)[0] is Outcome.UNREADABLE
    first = workspace.undo_page(back, "ben", AT, SETTLE)
    assert (first.outcome, first.reason, first.call) == (Outcome.UNREADABLE, "no known card on it", None)
    with pytest.raises(PageRefusedError, match="nobody has said anything"):
        workspace.undo_page(first, "ben", AT, SETTLE)


def test_a_card_that_was_placed_wrongly_is_placed_again_and_comes_back_with_undo(
    workspace: Workspace, scans: Path
) -> None:
    put(workspace, scans, ["card"])
    (wrong,) = workspace.cards()
    again = page(workspace, 1)
    place(
        workspace,
        1,
        a_side(again.next_place, {**TEXTS, "action": "right"}),
    )
    (right,) = workspace.cards()
    assert (right.id != wrong.id, right.texts["action"]) == (True, "right")
    workspace.undo_page(page(workspace, 1), "ann", AT, SETTLE)
    assert [card.id for card in workspace.cards()] == [wrong.id]


def test_a_page_whose_card_was_reviewed_or_is_being_reviewed_is_left_alone(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["card"])
    (card,) = workspace.cards()
    workspace.claim(card.id, "ben", LEASE)
    with pytest.raises(PageRefusedError, match="being reviewed"):
        say(workspace, 1, Call.BLANK)
    workspace.decide(Review(card.id, Decision.ACCEPT, "ben", AT))
    with pytest.raises(PageRefusedError, match="was reviewed"):
        say(workspace, 1, Call.BLANK)
    assert outcomes(workspace) == [Outcome.CARD]
    assert page(workspace, 1).call is None


def test_a_page_that_belongs_to_a_card_is_shown_with_it(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["card", "letter", "card"])
    before, after = workspace.cards_near(page(workspace, 2).key)
    assert ([page.ref.number for page in before.pages], before.before) == ([1], True)
    assert ([page.ref.number for page in after.pages], after.before) == ([3], False)
    say(workspace, 2, Call.ATTACHED, card_id=before.id)
    card = workspace.claim(before.id, "ben", LEASE)
    assert [str(ref) for ref in card.attached] == ["box.pdf#2"]
    assert workspace.attached_picture(before.id, card.attached[0]) == b"page"
    with pytest.raises(CardRefusedError, match="does not belong"):
        workspace.attached_picture(after.id, card.attached[0])
    assert todo(workspace) == ("2 to review",)


def test_of_several_cards_on_a_page_each_is_told_by_its_place_on_it(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["two", "letter"])
    told = [source_of(card.pages) for card in workspace.cards_near(page(workspace, 2).key)]
    assert told == ["box.pdf#1/2", "box.pdf#1"]


def test_a_page_attached_to_a_reviewed_card_brings_it_back_into_the_queue_until_taken_back(
    workspace: Workspace, scans: Path
) -> None:
    put(workspace, scans, ["card", "letter"])
    (card,) = workspace.cards()
    workspace.claim(card.id, "ben", LEASE)
    workspace.decide(Review(card.id, Decision.ACCEPT, "ben", AT, texts={"impact": "corrected"}))
    say(workspace, 2, Call.ATTACHED, card_id=card.id)
    again = workspace.claim_next("ann", LEASE)
    assert again is not None
    assert (again.id, again.texts["impact"], len(again.attached)) == (card.id, "corrected", 1)
    with pytest.raises(StoreError, match="another reviewer holds it"):
        workspace.undo_page(page(workspace, 2), "ann", AT, SETTLE)
    workspace.give_back(card.id, "ann")
    workspace.undo_page(page(workspace, 2), "ann", AT, SETTLE)
    (card,) = workspace.cards()
    assert (card.state, card.attached) == (CardState.ACCEPTED, ())


def test_a_card_with_a_page_attached_is_not_taken_away_by_placing_its_page_again(
    workspace: Workspace, scans: Path
) -> None:
    put(workspace, scans, ["card", "letter"])
    (card,) = workspace.cards()
    say(workspace, 2, Call.ATTACHED, card_id=card.id)
    with pytest.raises(PageRefusedError, match="another page attached"):
        say(workspace, 1, Call.FOREIGN)


def test_a_batch_that_is_unfinished_or_discarded_is_not_placed_by_hand(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["letter"])
    other, _ = workspace.open_batch(LABEL, [workspace.keep_original(scans / "gone.pdf")], None, any_date=False)
    with pytest.raises(PageRefusedError, match="unfinished: run its ingest again"):
        workspace.pages_to_align(other.id)
    letter = page(workspace, 1)
    workspace.discard_batch("b0001", "wrong box")
    assert workspace.pages_to_align() == ()
    with pytest.raises(PageRefusedError, match="was discarded"):
        workspace.undo_page(letter, "ann", AT, SETTLE)


def test_a_foreign_sheet_is_never_taken_for_a_missing_side(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["front", "letter", "front", "back"])
    say(workspace, 2, Call.FOREIGN)
    assert outcomes(workspace) == [Outcome.UNREADABLE, Outcome.UNMATCHED, Outcome.CARD, Outcome.CARD]


class SweptMeanwhile(tuple[ReadSide, ...]):
    """Sides of a decision; as soon as their pictures are kept, somebody removes what nothing names."""

    sweeping: Thread | None = None

    def __iter__(self) -> Iterator[ReadSide]:
        yield from super().__iter__()
        if self.sweeping is not None and not self.sweeping.is_alive():
            self.sweeping.start()
            self.sweeping.join(2)
            type(self).sweeping = None


def test_a_picture_that_is_taken_up_again_is_not_removed_as_left_over(workspace: Workspace, scans: Path) -> None:
    put(workspace, scans, ["torn"])
    side = a_side()
    place = pictures.keep_picture(workspace.folder, side.picture)
    with writing(workspace._engine) as connection:
        leftovers.leave(connection, [place])
    SweptMeanwhile.sweeping = sweeping = Thread(target=workspace.sweep)
    at_hand = page(workspace, 1)
    decision = PageDecision(at_hand, Call.PLACED, "ann", AT, Outcome.CARD, "placed", sides=SweptMeanwhile([side]))
    workspace.decide_page(decision, SETTLE)
    sweeping.join()
    assert (workspace.folder / place).exists()
