"""The review in one's own editor. The editors are small programs that change the file and save it."""

import os
import resource
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.errors import InputError, StoreError, ToolMissingError
from scan_ingest.ports.review import Draft
from scan_ingest.review.as_text import NotUnderstoodError, decoded, read, texts_in, written
from scan_ingest.review.editor import editor_command, review_in_editor
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import Session
from tests.review.desk import LEASE, TEXTS, MemoryDesk, a_desk
from tests.review.test_faults import full_disk


def started(desk: MemoryDesk) -> Session:
    session = Session(desk, "ann", lease=LEASE, clock=lambda: desk.now)
    session.start()
    return session


def editor(tmp_path: Path, *edits: str) -> list[str]:
    """An editor that makes the nth of these changes to the text `t` (Python) the nth time it is opened."""
    script = tmp_path / "editor.py"
    count = tmp_path / "count"
    script.write_text(
        "import sys, pathlib\n"
        f"count = pathlib.Path({str(count)!r})\n"
        "n = int(count.read_text()) if count.exists() else 0\n"
        "count.write_text(str(n + 1))\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "t = path.read_text(encoding='utf-8')\n"
        f"(pathlib.Path({str(tmp_path)!r}) / f'seen{{n}}').write_text(t, encoding='utf-8')\n"
        f"edits = {list(edits)!r}\n"
        "if n < len(edits):\n"
        "    names = {'t': t, 'path': path}\n"
        "    exec(edits[n], names)\n"
        "    path.write_text(names['t'], encoding='utf-8')\n",
        encoding="utf-8",
    )
    return [sys.executable, str(script)]


def reviewed(desk: MemoryDesk, tmp_path: Path, *edits: str) -> list[str]:
    said: list[str] = []
    review_in_editor(started(desk), tmp_path / "editing", editor(tmp_path, *edits), said.append)
    return said


def seen(tmp_path: Path, time: int) -> str:
    return (tmp_path / f"seen{time}").read_text(encoding="utf-8")


ACCEPT = "t = t.replace('decision: ', 'decision: accept')"


def test_the_card_goes_out_as_a_commented_file_and_its_texts_come_back(tmp_path: Path) -> None:
    desk = a_desk(1)
    correct = "t = t.replace('fathers hand', \"father's hand\").replace('note:', 'note: same hand as card 2')"
    said = reviewed(desk, tmp_path, f"{correct}; {ACCEPT}")
    (review,) = desk.decisions
    assert review.texts == {**TEXTS, "action": TEXTS["action"].replace("fathers", "father's")}
    assert review.note == "same hand as card 2"
    assert said[-1] == "1 done in this sitting."
    handed_out = seen(tmp_path, 0)
    assert "== nominee ==\n# Who would you like to nominate?\n# doubtful: Okafor (Okafar, Okator?)\n" in handed_out
    assert "[ ] patient\n[x] carer\n[ ] staff\n" in handed_out
    assert "fathers hand while we drove from Leeds.\nShe told him jokes" in handed_out
    assert not list((tmp_path / "editing").iterdir())


def test_a_store_that_is_away_after_a_decision_ends_the_review_and_says_what_was_decided(tmp_path: Path) -> None:
    desk = a_desk(2)
    session, said = started(desk), list[str]()
    desk.away = True
    with pytest.raises(StoreError, match="the database went away"):
        review_in_editor(session, tmp_path / "editing", editor(tmp_path, ACCEPT), said.append)
    assert (len(desk.decisions), said[-1]) == (1, "Accepted: c0.")


@pytest.mark.parametrize("edit", ["t = t", "t = ''", "t = '# only a comment'", "t = '  '", "raise SystemExit(1)"])
def test_a_file_that_comes_back_as_it_was_or_empty_accepts_nothing(tmp_path: Path, edit: str) -> None:
    desk = a_desk(2)
    said = reviewed(desk, tmp_path, edit)
    assert desk.decisions == []
    assert desk.leases == {}
    assert "Nothing was decided." in said
    assert not list((tmp_path / "editing").iterdir())


@pytest.mark.parametrize(
    ("words", "state", "reason"),
    [
        ("reject 2", CardState.REJECTED, "illegible"),
        ("Reject abusive", CardState.REJECTED, "abusive"),
        ("reject: a shopping list", CardState.REJECTED, "other: a shopping list"),
        ("set-aside", CardState.SET_ASIDE, ""),
        ("later", CardState.WAITING, ""),
    ],
)
def test_the_decision_stands_on_its_line(tmp_path: Path, words: str, state: CardState, reason: str) -> None:
    desk = a_desk(1)
    reviewed(desk, tmp_path, f"t = t.replace('decision: ', 'decision: {words}')")
    assert (desk.cards["c0"].state, desk.cards["c0"].reason) == (state, reason)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ("t = t.replace('decision: ', 'decision: acept')", "did you mean accept?"),
        ("t = t.replace('decision: ', 'decision: reject')", "a rejection has a reason"),
        ("t = t.replace('decision: ', 'decision: reject 9')", "numbered from 1 to 4"),
        ("t = t.replace('jokes', 'tales')", "what becomes of the card"),
        (f"t = t.replace('== impact ==', ''); {ACCEPT}", "the heading == impact == is missing"),
        (f"t = t.replace('== impact ==', '== inpact =='); {ACCEPT}", "did you mean == impact ==?"),
        (f"t = t.replace('== impact ==', '== action =='); {ACCEPT}", "is there twice"),
        (f"t = t.replace('[ ] staff', '[x] staff'); {ACCEPT}", "at most 1 of its boxes"),
        (f"t = t.replace('[ ] staff', '[x] stuff'); {ACCEPT}", "a box is [x] or [ ] and its name"),
        (f"t = t.replace('jokes', 'jo\\x07kes'); {ACCEPT}", "control character U+0007"),
        (f"t = 'Dear all\\n' + t; {ACCEPT}", "line 1: above the first heading"),
    ],
)
def test_a_file_that_is_not_understood_is_opened_again_with_what_is_wrong_on_top(
    tmp_path: Path, edit: str, why: str
) -> None:
    desk = a_desk(1)
    said = reviewed(desk, tmp_path, edit)  # and the second time it is left as it is
    first, *rest = seen(tmp_path, 1).split("\n")
    assert first.startswith("# NOT TAKEN: ")
    assert why in first
    assert not any(line.startswith("# NOT TAKEN: ") for line in rest)
    assert desk.decisions == []
    assert any("Nothing was decided." in line for line in said)


def test_what_was_typed_in_a_file_that_was_not_understood_is_never_lost(tmp_path: Path) -> None:
    desk = a_desk(1)
    reviewed(desk, tmp_path, "t = t.replace('jokes', 'tales')")  # without a decision: a draft
    assert "tales" in desk.drafts["c0", "ann"].texts["action"]
    (tmp_path / "count").unlink()
    said = reviewed(desk, tmp_path, "t = t.replace('== impact ==', '').replace('tales', 'stories')")
    assert "is kept in" in " ".join(said)
    (tmp_path / "count").unlink()
    repair = "t = t.replace('He was not', '== impact ==\\nHe was not')"
    reviewed(desk, tmp_path, f"{repair}; {ACCEPT}")
    assert "stories" in desk.decisions[0].texts["action"]
    assert desk.decisions[0].texts["impact"] == TEXTS["impact"]
    assert not list((tmp_path / "editing").iterdir())


def test_what_is_saved_is_a_draft_while_the_editor_is_open_and_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    desk = a_desk(1)
    looking = (
        "import os, time; path.write_text(t.replace('jokes', 'tales'), encoding='utf-8'); time.sleep(1);"
        "modes = [os.stat(p).st_mode for p in (path, path.parent)];"
        f"open({str(tmp_path / 'modes')!r}, 'w').write(repr(modes));"
        "raise SystemExit(1)"
    )
    reviewed(desk, tmp_path, looking)
    assert "tales" in desk.drafts["c0", "ann"].texts["action"]
    assert desk.decisions == []
    if os.name != "nt":
        file, folder = eval((tmp_path / "modes").read_text())
        assert (stat.S_IMODE(file), stat.S_IMODE(folder)) == (0o600, 0o700)


def test_a_store_that_refuses_is_told_on_top_and_nothing_is_lost(tmp_path: Path) -> None:
    desk = a_desk(1)
    session = started(desk)
    desk.taken_by("ben", "c0")
    said: list[str] = []
    review_in_editor(
        session, tmp_path / "editing", editor(tmp_path, f"t = t.replace('jokes', 'tales'); {ACCEPT}"), said.append
    )
    assert "another reviewer holds it" in seen(tmp_path, 1).split("\n")[0]
    assert desk.decisions == []
    assert "tales" in desk.drafts["c0", "ann"].texts["action"]


def opened(desk: MemoryDesk) -> OpenCard:
    card = started(desk).card
    assert card is not None
    return card


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one",
        "a\nb",
        "a\n\nb",
        "# no comment\n== no heading\n\\ a backslash",
        "  odd  spaces ",
        "tab\there",
        "x\n\n\n\ny z",
    ],
)
def test_texts_come_back_to_the_letter(text: str) -> None:
    desk = a_desk(1)
    desk.cards["c0"] = replace(desk.cards["c0"], texts={**TEXTS, "action": text})
    card = opened(desk)
    file = written(card, 3)
    assert texts_in(file, card).texts == {**TEXTS, "action": text}
    as_typed = texts_in(file.replace("== impact ==", "== impact ==\nmore"), card)
    assert as_typed.texts["action"] == text


def test_lines_are_joined_and_empty_ones_begin_a_paragraph() -> None:
    card = opened(a_desk(1))
    file = (
        written(card, 3).replace("She told him", "\nShe told him\n\\# five").replace("decision: ", "decision: accept")
    )
    answer = read(file, card)
    assert answer.card.texts["action"] == (
        "She stayed after her shift to hold my fathers hand while we drove from Leeds.\n"
        "She told him # five jokes and he laughed."
    )


def test_a_long_text_of_a_comment_is_not_taken_for_text() -> None:
    card = opened(a_desk(1))
    with pytest.raises(NotUnderstoodError, match="what becomes"):
        read(written(card, 1).replace("Okafor", "Okafar"), card)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_come_back_in_whatever_an_editor_writes(encoding: str) -> None:
    assert decoded("Zoë’s café".encode(encoding)) == "Zoë’s café"


def test_the_editor_is_the_one_somebody_likes(tmp_path: Path) -> None:
    liked = tmp_path / "my editor"
    liked.write_text("#!/bin/sh\n")
    liked.chmod(0o700)
    path = {"PATH": str(tmp_path)}
    assert editor_command({**path, "EDITOR": f"'{liked}' --wait"}) == [str(liked), "--wait"]
    assert editor_command({**path, "VISUAL": str(liked).replace(" ", "\\ "), "EDITOR": "ed"}) == [str(liked)]
    with pytest.raises(ToolMissingError, match="ed is not there"):
        editor_command({**path, "EDITOR": "ed"})
    with pytest.raises(ToolMissingError, match="VISUAL or EDITOR"):
        editor_command(path)


class NoRoomDesk(MemoryDesk):
    """The disk is full from the first draft on."""

    def save_draft(self, card_id: str, reviewer: str, draft: Draft) -> None:
        super().save_draft(card_id, reviewer, draft)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))


def test_what_was_saved_stays_whole_where_the_file_cannot_be_written_again(tmp_path: Path) -> None:
    """With what is wrong in it the file is handed out once more; a dropped line or a full disk may come just then."""
    like = a_desk(1)
    desk = NoRoomDesk(like.cards, like.notes, like.side)
    with full_disk(resource.RLIM_INFINITY), pytest.raises(InputError):
        reviewed(desk, tmp_path, "t = t.replace('jokes', 'many a joke').replace('decision: ', 'decision: perhaps')")
    (file,) = (tmp_path / "editing").rglob("card-*.txt")
    assert file.read_text(encoding="utf-8") == seen(tmp_path, 0).replace("jokes", "many a joke").replace(
        "decision: ", "decision: perhaps"
    )
    assert "many a joke" in next(iter(desk.drafts.values())).texts["action"]
