"""A card is erased, or words are taken out of it, while somebody still has it before them: they are told, and what they
typed on what is gone is written nowhere."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.ports.review import Draft
from scan_ingest.review.app import ReviewApp
from scan_ingest.review.keeping import SpareDrafts
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.plain import review_in_prompts
from scan_ingest.review.session import Session
from scan_ingest.terminal.viewer import Viewer
from scan_ingest.workspace import Workspace, open_workspace
from tests.identified import LEASE, TELLING, put_telling_box
from tests.review.test_screen import BRAILLE, Sitting
from tests.searching import left_of
from tests.workspace.test_redacting import REDRAW, redact

ACTION = list(TELLING).index("action")
EXPIRED = timedelta(0)
WORDS = ("quorley", "zanthia", "typed by ann")
TYPED = "Zanthia Quorley, typed by Ann"


@pytest.fixture
def workspace(url: str | None, data: Path, tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "scans").mkdir()
    with open_workspace(url, data, create=True) as opened:
        put_telling_box(opened, tmp_path / "scans")
        yield opened


@pytest.fixture
def late(workspace: Workspace) -> Session:
    """Ann has the telling card before her, and her lease ran out."""
    session = Session(workspace, "ann", lease=EXPIRED, spare=spare_of(workspace))
    session.start()
    session.lease = LEASE
    return session


def spare_of(workspace: Workspace) -> SpareDrafts:
    return SpareDrafts((workspace.folder / "drafts",), str(workspace.folder))


def card_of(session: Session) -> OpenCard:
    assert session.card is not None
    return session.card


def type_on(session: Session) -> None:
    session.change(card_of(session).at(ACTION, 0, 0).typed(TYPED, 0))


def go_on_by(session: Session, step: str) -> None:
    if step == "renew":
        assert session.renew()
    elif step == "type":
        session.keep_draft()
    elif step == "accept":
        session.change(card_of(session).all_visited())
        session.accept()
    else:
        session.pass_over()


@pytest.mark.parametrize("types", [True, False])
@pytest.mark.parametrize("step", ["renew", "type", "accept", "pass over"])
def test_words_taken_out_meanwhile_do_not_come_back(
    step: str, types: bool, late: Session, workspace: Workspace, data: Path, url: str | None
) -> None:
    if step in ("type", "pass over") and not types:
        return
    card = card_of(late).queued.id
    assert redact(workspace, card, "ben")
    if types:
        type_on(late)
    go_on_by(late, step)
    if step == "pass over":
        assert card_of(late).queued.id != card
    else:
        assert (card_of(late).queued.id, card_of(late).texts["action"]) == (
            card,
            "Sat with my mother [redacted] all night",
        )
    if types or step == "accept":
        assert f"words were taken out of card {card[:8]} meanwhile; what you typed is not kept" in late.notice
    assert {one.id: one.state for one in workspace.cards()}[card] in (CardState.WAITING, CardState.LEASED)
    late.close()
    assert left_of(WORDS, data, url) == []
    workspace.claim(card, "cem", LEASE)  # ann holds it no more


@pytest.mark.parametrize("step", ["renew", "type", "accept", "pass over"])
def test_of_a_card_that_was_erased_nothing_is_written_and_the_next_is_opened(
    step: str, late: Session, workspace: Workspace, data: Path, url: str | None
) -> None:
    card = card_of(late).queued.id
    type_on(late)
    assert late.keep_draft()
    assert workspace.erase(card, "ben", REDRAW)
    late.change(card_of(late).noted("typed by Ann"))
    go_on_by(late, step)
    assert card_of(late).queued.id != card
    assert f"card {card[:8]} was erased; what you typed is not kept" in late.notice
    assert late.draft_unsaved == ""
    late.close()
    assert left_of(WORDS, data, url) == []
    assert list((workspace.folder / "drafts").glob("*")) == []


def test_a_copy_of_what_was_typed_before_is_not_brought_back(
    late: Session, workspace: Workspace, data: Path, url: str | None
) -> None:
    """It lay in the reviewer's own folder, on another machine, where nobody could take the words out of it."""
    card = card_of(late).queued
    typed = Draft({**card.texts, "action": TYPED}, opened_at=card.claimed_at)
    assert redact(workspace, card.id, "ben")
    spare_of(workspace).keep(card.id, "ann", typed)
    again = Session(workspace, "ann", lease=LEASE, spare=spare_of(workspace))
    again.start()
    assert left_of(WORDS, data, url) == []


def test_a_copy_that_the_words_were_taken_out_of_is_kept(late: Session, workspace: Workspace) -> None:
    card = card_of(late).queued
    spare = spare_of(workspace)
    spare.keep(card.id, "ann", Draft({**card.texts, "impact": "She slept well"}, opened_at=card.claimed_at))
    assert redact(workspace, card.id, "ben")
    spare.forget(["Zanthia Quorley"], [card.id])
    again = Session(workspace, "ann", lease=LEASE, spare=spare, card_id=card.id)
    again.start()
    assert card_of(again).texts["impact"] == "She slept well"
    assert card_of(again).texts["action"] == "Sat with my mother [redacted] all night"


def test_the_prompts_say_so_and_go_on(late: Session, workspace: Workspace) -> None:
    card, said = card_of(late).queued.id, list[str]()

    def ask(prompt: str) -> str:
        if prompt == "> " and card_of(late).queued.id == card:
            assert workspace.erase(card, "ben", REDRAW)
            return "typed by Ann"
        return ":q"

    review_in_prompts(late, ask, said.append)
    assert any(f"ard {card[:8]} was erased; what you typed is not kept" in line for line in said)


async def test_on_the_screen_the_words_are_gone_from_the_editor_too(
    late: Session, workspace: Workspace, data: Path, url: str | None
) -> None:
    """What the editor still holds must not be taken in as typed on the card that was opened anew."""
    late.change(card_of(late).at(ACTION, 0, 0))
    app = ReviewApp(late, BRAILLE, Viewer({}, "linux"))
    async with app.run_test() as pilot:
        await pilot.pause()
        sitting = Sitting(app, pilot, late)
        await sitting.until(lambda: "Quorley" in sitting.drawn())
        assert redact(workspace, card_of(late).queued.id, "ben")
        await sitting.press("end", "!")
        await sitting.until(lambda: "what you typed is not kept" in sitting.drawn())
        assert "[redacted]" in sitting.drawn()
        assert "Quorley" not in sitting.drawn()
        await sitting.press("end", "?")
        await sitting.until(lambda: workspace.draft(card_of(late).queued.id, "ann") is not None)
    late.close()
    assert left_of(WORDS, data, url) == []
