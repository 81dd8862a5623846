"""Two texts of one card: after a lease that was lost, and in a third look."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.domain.second_look import Look
from scan_ingest.review.app import ReviewApp
from scan_ingest.review.editor import review_in_editor
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.plain import review_in_prompts
from scan_ingest.review.remarks import around_difference, remarks_of
from scan_ingest.review.session import Session, Whose
from scan_ingest.review.two_texts import BothTexts, WhoseText
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.picture import Manner
from scan_ingest.terminal.viewer import Viewer
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import TEXTS, put_box

LEASE = timedelta(minutes=15)
EXPIRED = timedelta(0)


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    url = None if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
    with open_workspace(url, tmp_path / "data", create=True, second_look_percent=100) as opened:
        put_box(opened, tmp_path, 1)
        yield opened


def sitting(workspace: Workspace, reviewer: str, lease: timedelta = LEASE) -> Session:
    session = Session(workspace, reviewer, lease=lease)
    session.start()
    return session


def card_of(session: Session) -> OpenCard:
    assert session.card is not None
    return session.card


def type_in(session: Session, field: int, text: str) -> None:
    session.change(card_of(session).at(field, 0, 0).typed(text, len(text)))


def accept(session: Session) -> None:
    session.change(card_of(session).all_visited())
    session.accept()


@pytest.fixture
def late(workspace: Workspace) -> Session:
    """Ann typed, her lease ran out, Ben typed something else and accepted; Ann is still at the card."""
    late = sitting(workspace, "ann", EXPIRED)
    type_in(late, 0, "Jo Ashby")
    late.keep_draft()
    other = sitting(workspace, "ben")
    type_in(other, 3, "He slept well")
    accept(other)
    late.lease = LEASE
    return late


def test_who_comes_too_late_is_asked_and_neither_text_is_lost(late: Session, workspace: Workspace) -> None:
    late.accept()
    assert late.asked is not None
    assert late.asked.texts == {**TEXTS, "impact": "He slept well"}
    assert card_of(late).texts == {**TEXTS, "nominee": "Jo Ashby"}
    late.accept()  # not before it is said whose
    assert late.refused
    (card,) = workspace.cards()
    assert card.texts["impact"] == "He slept well"


def test_mine_stands_and_theirs_stays_in_the_history(late: Session, workspace: Workspace) -> None:
    late.accept()
    late.settle(Whose.MINE)
    accept(late)
    (card,) = workspace.cards()
    assert card.texts == {**TEXTS, "nominee": "Jo Ashby"}
    assert [past.texts["impact"] for past in workspace.history(card.id)] == ["He slept well", "He slept"]


def test_theirs_stands_and_mine_is_dropped(late: Session) -> None:
    late.accept()
    late.settle(Whose.THEIRS)
    assert card_of(late).texts == {**TEXTS, "impact": "He slept well"}
    late.accept()
    assert not late.refused


def test_going_through_both_each_field_that_differs_has_to_be_looked_at(late: Session, workspace: Workspace) -> None:
    late.accept()
    late.settle(Whose.BOTH)
    late.change(card_of(late).at(1, 0, 0))
    assert card_of(late).their_text is None
    late.change(card_of(late).at(3, 0, 99))
    assert card_of(late).their_text == "He slept well"
    late.change(card_of(late).took_theirs())
    assert (card_of(late).texts["impact"], card_of(late).their_text) == ("He slept well", "He slept")
    late.change(card_of(late).took_theirs().took_theirs())
    accept(late)
    (card,) = workspace.cards()
    assert card.texts == {**TEXTS, "nominee": "Jo Ashby", "impact": "He slept well"}


def test_left_without_an_answer_it_is_asked_again_the_next_time(late: Session, workspace: Workspace) -> None:
    late.accept()
    late.close()
    again = Session(workspace, "ann", lease=LEASE, card_id=next(iter(workspace.cards())).id)
    again.start()
    assert again.asked is not None
    again.settle(Whose.MINE)
    again.close()
    once_more = Session(workspace, "ann", lease=LEASE, card_id=next(iter(workspace.cards())).id)
    once_more.start()
    assert (once_more.asked, card_of(once_more).texts["nominee"]) == (None, "Jo Ashby")


def test_a_lost_card_that_nobody_changed_is_had_back_where_the_cursor_was(workspace: Workspace) -> None:
    late = sitting(workspace, "ann", EXPIRED)
    type_in(late, 0, "Jo Ashby")
    other = sitting(workspace, "ben")
    late.lease = LEASE
    assert not late.renew()
    late.accept()
    assert (late.refused, late.lost) == (True, True)
    other.close()
    assert late.renew()
    assert (late.asked, card_of(late).column, card_of(late).texts["nominee"]) == (None, 8, "Jo Ashby")


def test_what_somebody_else_only_typed_is_shown_too(workspace: Workspace) -> None:
    late = sitting(workspace, "ann", EXPIRED)
    type_in(late, 0, "Jo Ashby")
    late.keep_draft()
    other = sitting(workspace, "ben")
    type_in(other, 0, "Joe Ash")
    other.close()
    late.lease = LEASE
    late.lost = True
    assert late.renew()
    assert late.asked is not None
    assert late.asked.texts["nominee"] == "Joe Ash"


def test_the_prompts_ask_too(late: Session) -> None:
    said: list[str] = []
    answers = iter(["", "3", ":b", ":y", ":q"])

    def ask(prompt: str) -> str:
        said.append(prompt)
        return next(answers)

    review_in_prompts(late, ask, said.append)
    told = "\n".join(said)
    assert "In 2 fields the texts differ. Whose is to stand?" in told
    assert "  nominee, yours: Jo Ashby\n  nominee, theirs: Jo Ash" in told
    assert "Somebody else has: Jo Ash. :y takes that." in told


def test_in_an_editor_both_texts_are_in_the_file(late: Session, workspace: Workspace, tmp_path: Path) -> None:
    files: list[str] = []
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text(encoding='utf-8').replace('decision: ', 'decision: accept', 1)\n"
        "path.write_text(text, encoding='utf-8')\n"
        f"with open({str(tmp_path / 'seen')!r}, 'a', encoding='utf-8') as seen: seen.write(text)\n",
        encoding="utf-8",
    )
    review_in_editor(late, tmp_path / "editing", [sys.executable, str(script)], files.append)
    assert "# somebody else typed: He slept well" in (tmp_path / "seen").read_text(encoding="utf-8")
    (card,) = workspace.cards()
    assert card.texts == {**TEXTS, "nominee": "Jo Ashby"}


# -- second and third looks --------------------------------------------------------------------------------------------


def keyed_otherwise(workspace: Workspace) -> None:
    """Ann accepts the card, Ben keys it blind and types the impact otherwise."""
    accept(sitting(workspace, "ann"))
    second = sitting(workspace, "ben")
    for number, text in enumerate(("Jo Ash", "", "Sat with my father", "He wept")):
        if text:
            type_in(second, number, text)
    second.change(card_of(second).at(1, 0, 0).toggled(1))
    accept(second)


def test_a_second_look_begins_with_nothing_and_says_so(workspace: Workspace) -> None:
    accept(sitting(workspace, "ann"))
    second = sitting(workspace, "ben")
    assert card_of(second).queued.look is Look.SECOND
    assert set(card_of(second).texts.values()) == {""}
    assert "second look" in second.notice
    assert [remark.text for remark in remarks_of(card_of(second))] == [
        "second look: type what you see; the fields are empty on purpose"
    ]
    assert second.progress().second_looks == 1
    second.pass_over()
    assert second.card is None
    assert second.progress().second_looks == 1


def test_a_second_look_interrupted_comes_back_as_it_was_typed(workspace: Workspace) -> None:
    accept(sitting(workspace, "ann"))
    second = sitting(workspace, "ben")
    type_in(second, 2, "Sat with my")
    second.close()
    again = sitting(workspace, "ben")
    assert (again.asked, card_of(again).texts["action"], card_of(again).texts["impact"]) == (None, "Sat with my", "")


def test_the_third_sees_both_and_what_they_accept_stands(workspace: Workspace) -> None:
    keyed_otherwise(workspace)
    third = sitting(workspace, "cem")
    card = card_of(third)
    assert (card.queued.look, card.theirs and dict(card.theirs.texts)) == (Look.THIRD, {"impact": "He wept"})
    assert any(place.field == 3 for place in card.unvisited)
    third.change(card.at(3, 0, 0).took_theirs())
    accept(third)
    (accepted,) = workspace.accepted_cards()
    assert (accepted.texts["impact"], accepted.reviewed_by) == ("He wept", "cem")


# -- on the screen -----------------------------------------------------------------------------------------------------

BRAILLE = Canvas((Manner.BRAILLE,))


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_the_screen_asks_whose_text_stands_and_shows_both(
    late: Session, workspace: Workspace, size: tuple[int, int]
) -> None:
    app = ReviewApp(late, BRAILLE, Viewer())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.screen, WhoseText)
        await pilot.press("escape", "f2")
        await pilot.pause()
        assert isinstance(app.screen, WhoseText)  # nothing is accepted without an answer
        await pilot.press("3", "pagedown", "pagedown", "pagedown", "escape", "y")
        await pilot.pause()
        assert isinstance(app.screen, BothTexts)
        await pilot.press("y")
        await pilot.pause()
        assert card_of(late).texts["impact"] == "He slept well"
        await pilot.press("f2")
        await pilot.pause()
    (card,) = workspace.cards()
    assert (card.state, card.texts["nominee"], card.texts["impact"]) == (
        CardState.ACCEPTED,
        "Jo Ashby",
        "He slept well",
    )


@pytest.mark.parametrize(
    ("text", "other", "shown"),
    [
        ("He wept", "He slept", "He wept"),
        ("one two three four five six seven eight", "one two three four five six seven nine", "…six seven eight"),
        ("", "He slept", ""),
        ("He slept well all night long and", "", "He slept well all night long…"),
    ],
)
def test_of_a_long_text_the_part_is_shown_where_it_begins_to_differ(text: str, other: str, shown: str) -> None:
    assert around_difference(text, other, 28) == shown
