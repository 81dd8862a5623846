"""The review with prompts only."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import PageRef
from scan_ingest.errors import StoreError
from scan_ingest.ports.review import Draft
from scan_ingest.review.plain import review_in_prompts
from scan_ingest.review.session import Session
from tests.review.desk import LEASE, TEXTS, MemoryDesk, a_desk


def conversation(desk: MemoryDesk, answers: Sequence[str]) -> str:
    """Gives those answers and then the end of input; what was said."""
    said: list[str] = []
    left = iter(answers)

    def ask(prompt: str) -> str:
        said.append(prompt)
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    session = Session(desk, "ann", lease=LEASE, clock=lambda: desk.now)
    session.start()
    review_in_prompts(session, ask, said.append)
    return "\n".join(said)


def test_enter_through_every_line_accepts_the_card_as_it_was_read() -> None:
    desk = a_desk(1)
    said = conversation(desk, [""] * 8)
    assert desk.cards["c0"].state is CardState.ACCEPTED
    assert desk.decisions[0].texts == TEXTS
    assert "Line 2 of 3: fathers hand while we drove from Leeds." in said
    assert "Doubtful: fathers" in said
    assert "Nothing left to review." in said


def test_a_store_that_is_away_after_a_decision_ends_the_sitting_and_says_what_was_decided() -> None:
    desk = a_desk(2)
    said: list[str] = []

    def ask(_prompt: str) -> str:
        desk.away = True
        return ":a"

    session = Session(desk, "ann", lease=LEASE, clock=lambda: desk.now)
    session.start()
    with pytest.raises(StoreError, match="the database went away"):
        review_in_prompts(session, ask, said.append)
    assert desk.cards["c0"].state is CardState.ACCEPTED
    assert "Accepted: c0." in said
    assert "Nothing left to review." not in said


def test_a_line_is_replaced_by_what_is_typed_or_changed_in_part() -> None:
    desk = a_desk(1)
    conversation(desk, ["Sister Mary Okafar", "", "", "/fathers/father's", "=", "", '":) forever', ""])
    texts = desk.decisions[0].texts
    assert texts["nominee"] == "Sister Mary Okafar"
    assert texts["action"] == "She stayed after her shift to hold my father's hand while we drove from Leeds."
    assert texts["impact"] == "He was not alone at the end. :) forever"


def test_a_choice_is_answered_with_the_numbers_of_its_boxes() -> None:
    desk = a_desk(1)
    said = conversation(desk, ["", "9", "1 2", "3", ":a"])
    assert desk.decisions[0].texts["nominator"] == "staff"
    assert "numbers from 1 to 3" in said
    assert "At most 1" in said


@pytest.mark.parametrize(
    ("answers", "state", "reason"),
    [
        ([":r", "2"], CardState.REJECTED, "illegible"),
        ([":r", "a shopping list"], CardState.REJECTED, "other: a shopping list"),
        ([":r", "", ":a"], CardState.ACCEPTED, ""),
        ([":r", "8", ":s"], CardState.SET_ASIDE, ""),
    ],
)
def test_every_decision_can_be_made(answers: list[str], state: CardState, reason: str) -> None:
    desk = a_desk(1)
    conversation(desk, answers)
    assert (desk.cards["c0"].state, desk.cards["c0"].reason) == (state, reason)


def test_the_card_before_and_undo() -> None:
    desk = a_desk(2)
    conversation(desk, [":a", ":u", "Mary", ":a", ":p", ":n", ":a"])
    assert desk.cards["c0"].texts["nominee"] == "Mary"
    assert desk.cards["c1"].state is CardState.ACCEPTED


def test_the_end_of_input_keeps_what_was_typed_and_gives_the_card_back() -> None:
    desk = a_desk(1)
    conversation(desk, ["Mary"])
    assert desk.decisions == []
    assert desk.leases == {}
    assert "brought back" in conversation(desk, [":q"])
    assert desk.draft("c0", "ann") == Draft({**TEXTS, "nominee": "Mary"})


def test_a_lost_card_is_told_and_what_was_typed_is_kept() -> None:
    desk = a_desk(2)
    session = Session(desk, "ann", lease=LEASE, clock=lambda: desk.now)
    session.start()
    said: list[str] = []
    answers = iter(["Mary", ":a", ":n", ":q"])

    def ask(_prompt: str) -> str:
        desk.taken_by("ben", "c0")
        return next(answers)

    review_in_prompts(session, ask, said.append)
    assert any("Somebody else has this card" in line for line in said)
    assert desk.decisions == []
    assert desk.draft("c0", "ann") == Draft({**TEXTS, "nominee": "Mary"})


def test_unknown_answers_are_explained_and_change_nothing() -> None:
    desk = a_desk(1)
    said = conversation(desk, [":j", ":?", "/nowhere/x", "/x", ":b", ":a"])
    assert "There is no :j" in said
    assert "Enter alone keeps a line" in said
    assert "That part is not in the line" in said
    assert desk.decisions[0].texts == TEXTS


def test_text_from_a_card_is_said_without_control_characters() -> None:
    desk = a_desk(1)
    desk.cards["c0"].texts["nominee"] = "Mary \x1b[2J"  # type: ignore[index]
    assert "\x1b" not in conversation(desk, [""])


def test_what_another_page_says_is_added_to_a_field() -> None:
    desk = a_desk(1)
    desk.cards["c0"] = replace(desk.cards["c0"], attached=(PageRef("ab" * 32, 9, "box7.pdf"),))
    said = conversation(desk, [":t", "", ":t", "x", "9", ":t", "he slept", "3", ":a"])
    assert "1 more page belongs to this card: box7.pdf#9." in said
    assert desk.decisions[0].texts["impact"] == TEXTS["impact"] + "\nhe slept"
    assert desk.decisions[0].texts["action"] == TEXTS["action"]


def test_a_suggestion_is_taken_by_its_number() -> None:
    desk = a_desk(1)
    said = conversation(desk, [":2", "", "", "", ":1", ":9", ":a"])
    assert "Suggestions: :1 Okafar for Okafor, :2 Okator for Okafor" in said
    assert "There is no suggestion 9" in said
    assert desk.decisions[0].texts["nominee"] == "Sister Mary Okator"
    assert "hold my father's hand" in desk.decisions[0].texts["action"]


def test_marks_stand_for_a_word() -> None:
    desk = a_desk(1)
    said = conversation(desk, [":i", ":k Sister", ":x Nobody", "", ":i", "", ":x hand", ":a"])
    assert "Say which word of the line" in said
    assert "this field has none" in said
    texts = desk.decisions[0].texts
    assert texts["nominee"] == "[redacted] Mary [?]"
    assert texts["nominator"] == TEXTS["nominator"]
    assert texts["action"] == TEXTS["action"]


def test_a_note_is_kept_with_the_decision_and_said_to_who_comes_next() -> None:
    desk = a_desk(1)
    assert "Noted." in conversation(desk, [":m same hand as card 2", ":s"])
    assert desk.decisions[0].note == "same hand as card 2"
    session = Session(desk, "ben", lease=LEASE, clock=lambda: desk.now)
    session.start()
    said: list[str] = []
    answers = iter([":m", "yes, it is", ":m", "", ":q"])
    review_in_prompts(session, lambda _: next(answers), said.append)
    assert "Ann noted: same hand as card 2." in said
    assert "No note." in said


def test_the_whole_field_and_the_whole_card_are_said() -> None:
    said = conversation(a_desk(1), ["", "", ":f", ":c"])
    assert said.count(f"action: {TEXTS['action']}") == 2
    assert f"impact: {TEXTS['impact']}" in said
