"""Settling in the review what may tell who a patient is."""

import fcntl
import os
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event, Timer

import pytest

from scan_ingest.cli.redaction import redact
from scan_ingest.config import Settings
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.errors import CardRefusedError
from scan_ingest.ports.review import Draft
from scan_ingest.review.edited import EditedCards, being_edited
from scan_ingest.review.keeping import SpareDrafts
from scan_ingest.review.plain import review_in_prompts
from scan_ingest.review.remarks import remarks_of
from scan_ingest.review.session import Session
from scan_ingest.workspace import open_workspace
from tests.identified import put_telling_box
from tests.review.desk import LEASE, MemoryDesk, a_card, a_side
from tests.review.test_screen import at_the_screen
from tests.workspace.test_redacting import left_of

LINES = {
    "nominee": ["Sister Mary Okafor"],
    "action": ["She stayed with my mother Zanthia Quorley", "and told her jokes."],
    "impact": ["Ring me on 07700 900123."],
}
KEEP = Answer(IdentityAnswer.KEEP, "she is a nurse here")


def a_session(**options: object) -> Session:
    desk = MemoryDesk({"c0": a_card("c0", LINES)}, side=a_side(LINES))
    session = Session(desk, "ann", lease=LEASE, **options)  # type: ignore[arg-type]  # options by name
    session.start()
    return session


def said(session: Session) -> list[str]:
    assert session.card is not None
    return [remark.text for remark in remarks_of(session.card)]


def test_what_holds_a_card_back_is_told_in_every_field() -> None:
    session = a_session()
    assert said(session) == [
        "a patient's name in action? It holds the card back",
        "a patient's phone number in impact? It holds the card back",
    ]
    assert session.card is not None
    session.change(session.card.at(2, 0, 0))
    assert said(session)[0] == "a patient's name? It holds the card back"


def test_a_settled_card_says_so_until_its_text_is_changed() -> None:
    session = a_session()
    session.settle_identity(KEEP)
    assert session.notice == "action, impact: settled, as long as the text stays as it is"
    assert session.card is not None
    session.change(session.card.at(2, 0, 0))
    assert said(session) == ["kept as it is by ann: she is a nurse here"]
    session.change(session.card.typed("She stayed with my mother Zanthia Quorly", 0))
    assert said(session) == ["a patient's name? It holds the card back"]


def test_a_name_typed_in_the_review_is_told_as_soon_as_it_stands_there() -> None:
    session = a_session()
    assert session.card is not None
    session.change(session.card.at(2, 1, 0).typed("and told my father Ivo Brandt jokes.", 0))
    assert len([one for one in session.card.identities[0].findings if one.holds]) == 2


def test_where_nothing_holds_there_is_nothing_to_settle() -> None:
    session = a_session()
    session.settle_identity(KEEP)
    session.settle_identity(KEEP)
    assert session.refused
    assert session.notice == "nothing on this card holds it back"


def test_the_nominee_and_known_staff_hold_nothing_up() -> None:
    assert a_session(staff=["Zanthia Quorley"]).card is not None  # said to be a mother: still told
    lines = {**LINES, "nominee": ["Zanthia Quorley"], "impact": ["It helped."]}
    desk = MemoryDesk({"c0": a_card("c0", lines)}, side=a_side(lines))
    session = Session(desk, "ann", lease=LEASE)
    session.start()
    assert said(session) == []


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        ("keep: a nurse here", "Action, impact: settled, as long as the text stays as it is."),
        ("keep", '"keep" has a reason: "keep: why".'),
        ("drop", 'it is "keep: REASON", "consent: REASON" or "redact".'),
    ],
)
def test_the_prompts_ask_for_it_too(answer: str, heard: str) -> None:
    session = a_session()
    answers = iter([":l", answer, ":q"])
    told: list[str] = []
    review_in_prompts(session, lambda _: next(answers), told.append)
    assert heard in told
    assert "  action: Zanthia Quorley (a name beside a word for family or friends)" in told


def test_redacting_in_the_review_takes_what_is_typed_and_goes_on_where_it_was(tmp_path: Path) -> None:
    data, scans = tmp_path / "data", tmp_path / "scans"
    scans.mkdir()
    with open_workspace(None, data, create=True) as workspace:
        put_telling_box(workspace, scans)
        take_out = partial(redact, workspace, Settings(data=data))
        session = Session(workspace, "ann", lease=timedelta(minutes=15), redact=take_out)
        session.start()
        assert session.card is not None
        session.change(session.card.at(2, 0, 0).typed("I sat with my mother Zanthia Quorly all nights", 5))
        session.settle_identity(Answer(IdentityAnswer.REDACT))
        assert session.notice == "taken out of action for good, in the pictures too"
        assert session.card is not None
        assert session.card.current.text == "I sat with my mother [redacted] all nights"
        assert session.card.field == 2
        assert said(session) == []
        session.accept()
        assert left_of(("zanthia", "quorl"), data, None) == []


async def test_on_the_screen_keys_settle_it() -> None:
    desk = MemoryDesk({"c0": a_card("c0", LINES)}, side=a_side(LINES))
    async with at_the_screen(desk) as at:
        await at.press("escape", "l", "k")
        await at.press(*"staff", "enter")
        assert [given.answer for given in desk.given["c0"]] == [Answer(IdentityAnswer.KEEP, "staff")] * 2
        await at.press("escape", "l")
        assert at.session.notice == "nothing on this card holds it back"


async def test_while_words_are_taken_out_the_screen_lives_and_no_key_does_it_twice() -> None:
    """Letters are read for it, which takes seconds."""
    desk = MemoryDesk({"c0": a_card("c0", LINES)}, side=a_side(LINES))
    goes_on, asked = Event(), []

    def take_out(card_id: str, *_: object) -> tuple[str, ...]:
        asked.append(card_id)
        assert goes_on.wait(60)
        desk.cards["c0"] = a_card("c0", {**LINES, "action": ["Sat with my mother [redacted]"]})
        return ("action",)

    async with at_the_screen(desk, redact=take_out) as at:
        await at.press("escape", "l", "r", "r")
        assert "Taking it out" in at.drawn()
        await at.press("x", "enter", "escape", "l", "r", "r")
        assert "Taking it out" in at.drawn()
        goes_on.set()
        await at.app.workers.wait_for_complete()
        await at.pilot.pause()
        assert asked == ["c0"]
        assert at.session.notice == "taken out of action for good, in the pictures too"
        assert at.card.texts["action"] == "Sat with my mother [redacted]"
        assert desk.drafts == {}


async def test_what_stands_in_the_way_of_taking_words_out_is_told_on_the_screen() -> None:
    def take_out(*_: object) -> tuple[str, ...]:
        raise CardRefusedError("card c0: a legal hold stands on it")

    desk = MemoryDesk({"c0": a_card("c0", LINES)}, side=a_side(LINES))
    async with at_the_screen(desk, redact=take_out) as at:
        before = at.card.texts
        await at.press("escape", "l", "r", "r")
        await at.app.workers.wait_for_complete()
        await at.pilot.pause()
        assert "a legal hold stands on it" in at.drawn()
        assert at.card.texts == before


def test_a_draft_kept_beside_the_workspace_loses_the_words_and_nothing_else(tmp_path: Path) -> None:
    spare = SpareDrafts((tmp_path / "a",), "here")
    spare.keep("c0", "ben", Draft({"action": "my mother zanthia  quorley slept"}, "Zanthia Quorley?"))
    spare.keep("c1", "ben", Draft({"action": "He slept"}))
    spare.forget(["Zanthia Quorley"], ["c0"])
    assert spare.of("ben") == {
        "c0": Draft({"action": "my mother [redacted] slept"}, "[redacted]?"),
        "c1": Draft({"action": "He slept"}),
    }
    assert all(b"uorley" not in file.read_bytes() for file in tmp_path.rglob("*.*"))


def test_words_that_go_are_not_left_in_a_draft_that_a_killed_program_had_half_written(tmp_path: Path) -> None:
    half_written = tmp_path / "0123.draft.new"
    half_written.write_text("my mother Zanthia Quorley")
    os.utime(half_written, (1e9, 1e9))
    SpareDrafts((tmp_path,), "here").forget(["Zanthia Quorley"], ["c0"])
    assert not half_written.exists()


def test_a_name_like_the_one_that_goes_stays_in_the_drafts_of_other_cards(tmp_path: Path) -> None:
    spare = SpareDrafts((tmp_path,), "here")
    for card in ("c0", "c1", "c2"):
        spare.keep(card, "ben", Draft({"action": "Hanna Marsh and Anna slept"}, "Hannah?"))
    spare.forget(["Anna"], ["c0", "c2"])
    near, literal = "[redacted] Marsh and [redacted] slept", "Hanna Marsh and [redacted] slept"
    assert {card: draft.texts["action"] for card, draft in spare.of("ben").items()} == {
        "c0": near,
        "c1": literal,
        "c2": near,
    }
    assert spare.of("ben")["c1"].note == "Hannah?"


def test_a_name_like_the_one_that_goes_stays_in_the_edited_files_of_other_cards(tmp_path: Path) -> None:
    edited = EditedCards(tmp_path)
    files = [edited.of(card * 20, "ben") for card in "012"]
    for file in files:
        file.parent.mkdir()
        file.write_text("Hanna Marsh and Anna slept", encoding="utf-8")
    edited.forget(["Anna"], ["0" * 20])
    assert [file.read_text(encoding="utf-8") for file in files] == [
        "[redacted] Marsh and [redacted] slept",
        "Hanna Marsh and [redacted] slept",
        "Hanna Marsh and [redacted] slept",
    ]
    with being_edited(files[1]):
        edited.forget(["Hannah"], ["0" * 20])  # nearly Hanna, of another card: its open file is not to go
    edited.drop_stale()
    assert files[1].exists()


def test_a_file_is_held_though_somebody_looked_at_the_lock_just_when_it_was_opened(tmp_path: Path) -> None:
    cards = EditedCards(tmp_path)
    file = cards.of("0" * 20, "ann")
    file.parent.mkdir()
    with (file.parent / "held").open("wb") as lock:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX)  # as whoever looks has it, for longer than they do
        looked = Timer(0.3, fcntl.flock, (lock.fileno(), fcntl.LOCK_UN))
        looked.start()
        with being_edited(file):
            looked.join()
            assert cards.held("0" * 20)
    assert not cards.held("0" * 20)


def test_of_two_sittings_of_one_reviewer_the_file_is_held_until_the_last_ends(tmp_path: Path) -> None:
    cards = EditedCards(tmp_path)
    file = cards.of("0" * 20, "ann")
    with being_edited(file):
        with being_edited(file):
            pass
        assert cards.held("0" * 20)
    first = ExitStack()
    first.enter_context(being_edited(file))
    with being_edited(file):
        first.close()
        assert cards.held("0" * 20)
    assert not cards.held("0" * 20)
