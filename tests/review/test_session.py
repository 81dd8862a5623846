"""The conversation with a reviewer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scan_ingest.domain.card import CardState, Doubt, Reading, Suggestion
from scan_ingest.domain.marks import Mark
from scan_ingest.domain.review import Decision
from scan_ingest.errors import StoreError
from scan_ingest.ports.review import Draft
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import Session
from tests.review.desk import LEASE, NOTES, TEXTS, MemoryDesk, a_desk, a_reading


def sitting(desk: MemoryDesk, reviewer: str = "ann", card_id: str | None = None) -> Session:
    session = Session(desk, reviewer, lease=LEASE, card_id=card_id, clock=lambda: desk.now)
    session.start()
    return session


def card_of(session: Session) -> OpenCard:
    assert session.card is not None
    return session.card


def look_at_everything(session: Session) -> None:
    while card_of(session).unvisited:
        session.change(card_of(session).next_doubt())


def to_the_last_line(session: Session) -> None:
    session.change(card_of(session).at(9, 9, 0))


def offered(session: Session) -> list[str]:
    return [one.text for one in card_of(session).suggestions]


def test_a_doubtful_word_is_offered_what_else_it_may_be() -> None:
    session = sitting(a_desk())
    session.change(card_of(session).next_doubt())
    assert card_of(session).offers
    assert offered(session) == ["Okafar", "Okator"]
    session.change(card_of(session).took(1))
    assert card_of(session).texts["nominee"] == "Sister Mary Okafar"
    assert card_of(session).offers
    assert offered(session) == ["Okafor", "Okator"]
    session.change(card_of(session).took(1))
    assert card_of(session).texts["nominee"] == "Sister Mary Okafor"


def test_figures_are_typed_unless_a_doubtful_word_was_jumped_to() -> None:
    session = sitting(a_desk())
    assert not card_of(session).offers
    session.change(card_of(session).at(0, 0, 14))
    assert offered(session) == ["Okafar", "Okator"]
    assert not card_of(session).offers
    session.change(card_of(session).at(2, 0, 5).next_doubt(backwards=True).next_doubt())
    assert card_of(session).offers
    session.change(card_of(session).typed(card_of(session).current_line.text, card_of(session).column + 1))
    assert not card_of(session).offers


def test_what_the_recogniser_itself_saw_is_offered_too() -> None:
    desk = a_desk(1)
    reading = a_reading(NOTES[0], ["Sister Mary Okafor"])
    seen = replace(reading, lines=(replace(reading.lines[0], raw="sister marv okafor"),))
    desk.cards["c0"] = replace(desk.cards["c0"], readings={"nominee": seen})
    session = sitting(desk)
    session.change(card_of(session).at(0, 0, 8))
    assert [(one.text, one.source) for one in card_of(session).suggestions] == [("marv", "as seen")]


def test_a_word_with_figures_in_it_takes_figures() -> None:
    desk = a_desk(1)
    reading = a_reading(NOTES[0], ["Ward 7b"], doubted={"7b"})
    desk.cards["c0"] = replace(desk.cards["c0"], readings={"nominee": reading}, texts={"nominee": "Ward 7b"})
    session = sitting(desk)
    session.change(card_of(session).next_doubt())
    assert not card_of(session).offers


def test_a_short_field_is_offered_the_entries_of_the_lists_and_what_was_read() -> None:
    desk = a_desk(1)
    reading = replace(
        a_reading(NOTES[0], ["Mary Okafur"]), text="Mary Okafor", suggestions=(Suggestion("Mary Okafor", 0.99),)
    )
    desk.cards["c0"] = replace(desk.cards["c0"], readings={"nominee": reading}, texts={"nominee": "Mary Okafor"})
    session = sitting(desk)
    assert card_of(session).offers
    assert [(one.text, one.source) for one in card_of(session).suggestions] == [("Mary Okafur", "as read")]
    session.change(card_of(session).took(1))
    assert card_of(session).texts["nominee"] == "Mary Okafur"
    assert (card_of(session).suggestions[0].text, card_of(session).suggestions[0].source) == ("Mary Okafor", "list")


@pytest.mark.parametrize(("mark", "text"), [(mark, f"Sister {mark} Okafor") for mark in Mark])
def test_a_mark_stands_for_the_word_under_the_cursor_and_can_be_taken_away(mark: Mark, text: str) -> None:
    session = sitting(a_desk())
    session.change(card_of(session).marked(mark, 8, 8))
    assert card_of(session).texts["nominee"] == text
    session.change(card_of(session).marked(mark, card_of(session).column, card_of(session).column))
    assert card_of(session).texts["nominee"] == "Sister Mary Okafor"


def test_a_mark_stands_for_all_that_is_selected_and_keeps_off_its_neighbours() -> None:
    session = sitting(a_desk())
    session.change(card_of(session).marked(Mark.REDACTED, 7, 18))
    assert card_of(session).texts["nominee"] == "Sister [redacted]"
    session.change(card_of(session).typed("", 0).marked(Mark.ILLEGIBLE, 0, 0))
    assert card_of(session).texts["nominee"] == "[?]"
    session.change(card_of(session).typed("ab", 1).marked(Mark.ILLEGIBLE, 1, 2))
    assert card_of(session).texts["nominee"] == "a [?]"


def test_my_pace_is_what_half_of_the_cards_took_at_most() -> None:
    desk = a_desk(3)
    session = sitting(desk)
    assert session.progress().pace is None
    for seconds in (40, 20, 300):
        desk.now += timedelta(seconds=seconds)
        session.accept()
    assert session.progress().pace == timedelta(seconds=40)


def test_two_reviewers_never_have_the_same_card() -> None:
    desk = a_desk()
    assert card_of(sitting(desk, "ann")).queued.id == "c0"
    assert card_of(sitting(desk, "ben")).queued.id == "c1"


def test_enter_goes_line_by_line_through_the_fields_in_order() -> None:
    session = sitting(a_desk())
    seen = []
    while not card_of(session).on_last_line:
        seen.append((card_of(session).current.note.name, card_of(session).line))
        session.go_on()
    assert seen == [("nominee", 0), ("nominator", 0), ("action", 0), ("action", 1), ("action", 2), ("impact", 0)]


def test_enter_on_the_last_line_goes_to_the_first_doubtful_word_that_nobody_looked_at() -> None:
    session = sitting(a_desk())
    to_the_last_line(session)
    session.go_on()
    card = card_of(session)
    assert (card.field, card.line, card.current_line.text[card.column :]) == (0, 0, "Okafor")
    assert card.queued.id == "c0"
    assert "doubtful" in session.notice


def test_enter_on_the_last_line_accepts_once_every_doubtful_word_was_visited() -> None:
    desk = a_desk()
    session = sitting(desk)
    look_at_everything(session)
    to_the_last_line(session)
    session.go_on()
    assert desk.cards["c0"].state is CardState.ACCEPTED
    assert desk.decisions[-1].texts == TEXTS
    assert card_of(session).queued.id == "c1"


def test_tab_goes_round_the_doubtful_words() -> None:
    session = sitting(a_desk())
    words = []
    for _ in range(5):
        session.change(card_of(session).next_doubt())
        card = card_of(session)
        words.append(card.current_line.text[card.column :].split()[0])
    assert words == ["Okafor", "fathers", "jokes", "forget", "Okafor"]
    session.change(card_of(session).next_doubt(backwards=True))
    assert card_of(session).current_line.text[card_of(session).column :] == "forget it."


def test_a_corrected_word_is_no_longer_doubtful() -> None:
    session = sitting(a_desk())
    session.change(card_of(session).typed("Sister Mary Okafar", 18))
    session.change(card_of(session).at(0, 0, 0).next_doubt())
    assert card_of(session).current.note.name == "action"
    assert card_of(session).texts["nominee"] == "Sister Mary Okafar"


def test_a_field_that_should_not_be_empty_is_a_place_to_look_at() -> None:
    desk = a_desk(1)
    empty = Reading("impact", "", 0.0, "pp-ocrv6", (), (Doubt.EMPTY,))
    card = desk.cards["c0"]
    desk.cards["c0"] = replace(card, readings={**card.readings, "impact": empty}, texts={**card.texts, "impact": ""})
    session = sitting(desk)
    assert [NOTES[place.field].name for place in card_of(session).unvisited][-1] == "impact"
    look_at_everything(session)
    assert not card_of(session).unvisited


def test_lines_are_saved_as_one_text_and_untouched_fields_stay_as_they_were() -> None:
    desk = a_desk(1)
    odd = "We will  never forget it .\n\nNever. "
    desk.cards["c0"] = replace(desk.cards["c0"], texts={**TEXTS, "impact": odd})
    session = sitting(desk)
    session.change(card_of(session).at(2, 1, 0).typed("father's hand while we drove from Leeds.", 5))
    session.accept()
    texts = desk.decisions[-1].texts
    assert texts["action"] == TEXTS["action"].replace("fathers", "father's")
    assert texts["impact"] == odd


def test_deleting_a_line_leaves_single_spaces() -> None:
    session = sitting(a_desk())
    session.change(card_of(session).at(2, 1, 0).typed("", 0))
    assert card_of(session).texts["action"] == (
        "She stayed after her shift to hold my She told him jokes and he laughed."
    )


def test_a_text_that_no_longer_splits_is_edited_as_one() -> None:
    desk = a_desk(1)
    desk.cards["c0"] = replace(desk.cards["c0"], texts={**TEXTS, "action": "Something else\nentirely"})
    field = card_of(sitting(desk)).fields[2]
    assert field.as_one
    assert [line.text for line in field.lines] == ["Something else\nentirely"]


def test_a_field_can_be_edited_as_one_and_in_lines_again() -> None:
    session = sitting(a_desk())
    session.change(card_of(session).at(2, 0, 0).in_one())
    assert card_of(session).current.as_one
    assert card_of(session).current_line.text == TEXTS["action"]
    session.change(card_of(session).typed(TEXTS["action"].replace(". She", ".\nShe"), 0).in_one())
    assert not card_of(session).current.as_one
    assert card_of(session).texts["action"] == TEXTS["action"].replace(". She", ".\nShe")


def test_number_keys_tick_and_untick_a_choice() -> None:
    card = card_of(sitting(a_desk())).next_field()
    assert card.toggled(0).texts["nominator"] == "patient"
    assert card.toggled(1).texts["nominator"] == ""
    assert card.toggled(7).texts["nominator"] == "carer"


def test_several_ticks_keep_the_order_of_the_card_and_its_limit() -> None:
    desk = a_desk(1)
    desk.notes = tuple(replace(note, max_choices=2) if note.kind == "choice" else note for note in NOTES)
    card = card_of(sitting(desk)).next_field().toggled(0)
    assert card.texts["nominator"] == "patient|carer"
    assert card.toggled(2).texts["nominator"] == "patient|carer"
    assert card.toggled(0).texts["nominator"] == "carer"


def test_a_rejection_carries_its_reason() -> None:
    desk = a_desk()
    sitting(desk).reject("illegible")
    assert (desk.cards["c0"].state, desk.cards["c0"].reason) == (CardState.REJECTED, "illegible")


def test_a_note_about_the_card_is_kept_with_the_decision_and_comes_back_with_undo() -> None:
    desk = a_desk()
    session = sitting(desk)
    session.change(card_of(session).noted("is this Mary Okafor of Ash?"))
    session.keep_draft()
    assert desk.drafts["c0", "ann"].note == "is this Mary Okafor of Ash?"
    session.set_aside()
    assert (desk.decisions[-1].note, desk.decisions[-1].texts) == ("is this Mary Okafor of Ash?", TEXTS)
    other = sitting(desk, "ben", "c0")
    assert (card_of(other).queued.note, card_of(other).note) == ("is this Mary Okafor of Ash?", "")
    other.close()
    session.undo()
    assert card_of(session).note == "is this Mary Okafor of Ash?"


def test_a_card_set_aside_goes_to_somebody_else() -> None:
    desk = a_desk(2)
    ann = sitting(desk, "ann")
    ann.set_aside()
    ann.accept()
    assert ann.card is None
    assert card_of(sitting(desk, "ben")).queued.id == "c0"


def test_undo_goes_back_over_the_decisions_of_the_sitting() -> None:
    desk = a_desk()
    session = sitting(desk)
    session.change(card_of(session).typed("Sister Mary Okafar", 18))
    session.accept()
    session.reject("abusive")
    assert session.progress().done == 2
    session.undo()
    assert card_of(session).queued.id == "c1"
    session.undo()
    assert card_of(session).queued.id == "c0"
    assert card_of(session).texts["nominee"] == "Sister Mary Okafar"
    assert desk.decisions == []
    session.undo()
    assert session.refused
    assert card_of(session).queued.id == "c0"


def test_the_card_before_is_opened_again_as_it_stands() -> None:
    desk = a_desk()
    session = sitting(desk)
    session.accept()
    session.previous()
    assert card_of(session).queued.id == "c0"
    assert desk.cards["c0"].state is CardState.ACCEPTED
    session.pass_over()
    assert card_of(session).queued.id == "c1"
    assert desk.cards["c0"].state is CardState.ACCEPTED


def test_there_is_nothing_before_the_first_card() -> None:
    session = sitting(a_desk())
    session.previous()
    assert session.refused
    assert card_of(session).queued.id == "c0"


def test_a_card_passed_over_is_not_offered_again_and_keeps_what_was_typed() -> None:
    desk = a_desk(2)
    session = sitting(desk)
    session.change(card_of(session).typed("Sister Mary", 3))
    session.pass_over()
    assert card_of(session).queued.id == "c1"
    session.accept()
    assert session.card is None
    assert desk.draft("c0", "ann") == Draft({**TEXTS, "nominee": "Sister Mary"})
    assert card_of(sitting(desk, "ben")).queued.id == "c0"


def test_what_was_typed_comes_back_after_a_crash() -> None:
    desk = a_desk()
    crashed = sitting(desk)
    crashed.change(card_of(crashed).typed("Sister Mary Okafar", 18))
    assert crashed.keep_draft()
    again = sitting(desk)
    assert card_of(again).queued.id == "c0"
    assert card_of(again).texts["nominee"] == "Sister Mary Okafar"
    assert "brought back" in again.notice
    again.forget_draft()
    assert card_of(again).texts == TEXTS


def test_a_locked_store_loses_nothing_that_was_typed() -> None:
    desk = a_desk()
    session = sitting(desk)
    session.change(card_of(session).typed("Sister Mary Okafar", 18))
    desk.locked = True
    assert not session.keep_draft()
    assert session.draft_unsaved
    session.accept()
    assert session.refused
    assert card_of(session).texts["nominee"] == "Sister Mary Okafar"
    desk.locked = False
    assert session.keep_draft()
    session.accept()
    assert desk.decisions[-1].texts["nominee"] == "Sister Mary Okafar"


def test_a_lease_lost_to_somebody_else_is_told_and_the_typing_is_kept() -> None:
    desk = a_desk()
    session = sitting(desk)
    session.change(card_of(session).typed("Sister Mary Okafar", 18))
    desk.taken_by("ben", "c0")
    assert not session.renew()
    assert session.lost
    session.accept()
    assert session.refused
    assert desk.decisions == []
    assert desk.draft("c0", "ann") == Draft({**TEXTS, "nominee": "Sister Mary Okafar"})
    session.pass_over()
    assert card_of(session).queued.id == "c1"
    assert not session.lost


def test_leases_are_renewed_while_a_card_lies_open_and_given_back_at_the_end() -> None:
    desk = a_desk()
    session = sitting(desk)
    for _ in range(4):
        desk.now += LEASE / 2
        assert session.renew()
    session.close()
    assert card_of(sitting(desk, "ben")).queued.id == "c0"


def test_one_card_asked_for_is_the_only_one() -> None:
    desk = a_desk()
    session = sitting(desk, card_id="c2")
    assert card_of(session).queued.id == "c2"
    session.accept()
    assert session.card is None
    with pytest.raises(StoreError):
        sitting(desk, card_id="c9")


def test_an_accepted_card_that_is_opened_again_need_not_be_looked_through_again() -> None:
    desk = a_desk()
    sitting(desk).accept()
    assert card_of(sitting(desk, "ben", card_id="c0")).unvisited == ()


def test_progress_says_how_many_are_left_and_how_many_others_hold() -> None:
    desk = a_desk(4)
    sitting(desk, "ben")
    session = sitting(desk)
    session.set_aside()
    progress = session.progress()
    assert (progress.number, progress.done, progress.left) == (2, 1, 2)
    assert (progress.held_by_others, progress.set_aside) == (1, 1)


def test_control_characters_never_get_into_a_text() -> None:
    session = sitting(a_desk())
    session.change(card_of(session).typed("Sister\x1b[2J Mary", 3))
    assert card_of(session).texts["nominee"] == "Sister[2J Mary"


def test_the_decision_names_the_reviewer_and_the_time() -> None:
    desk = a_desk()
    sitting(desk).accept()
    assert (desk.decisions[0].decision, desk.decisions[0].reviewer) == (Decision.ACCEPT, "ann")
    assert desk.decisions[0].at == desk.now
