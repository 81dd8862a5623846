"""The review in real terminals: tmux for walks through many cards, xterm under Xvfb for real pictures."""

import re
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.workspace import open_workspace
from tests.drawing.box import TEXTS, put_box
from tests.review.tmux import PROGRAM, Terminal, terminals
from tests.review.xterm import screen_of

CARDS = 20


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A workspace with a box of 20 cards."""
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, CARDS)
    return tmp_path / "data"


def review(data: Path, reviewer: str) -> tuple[str, ...]:
    return (*PROGRAM, "--data", str(data), "review", "--reviewer", reviewer)


def number_of(screen: str) -> int:
    """Which card of the sitting lies open; 0 where none does."""
    found = re.search(r"card (\d+) ·", screen)
    return int(found[1]) if found else 0


def decide(terminal: Terminal, number: int) -> None:
    """Every third card is corrected, every fifth rejected or set aside, each in keys that nothing swallows."""
    terminal.until(lambda screen: number_of(screen) == number)
    if number % 5 == 0:
        terminal.press("Escape")
        terminal.until("reject")
        if number % 10 == 0:
            terminal.press("r")
            terminal.until("Why is this card rejected?")
            terminal.press("2")
        else:
            terminal.press("s")
        return
    if number % 3 == 0:
        terminal.press("End", f" {number}")
        terminal.until(f"Ash {number}")
    for key in ("Tab", "Tab", "Tab", "Tab"):  # every doubtful word is looked at
        terminal.press(key)
    for key in ("PgUp", "PgUp", "PgUp"):
        terminal.press(key)
    terminal.until("field 1 of 4")
    terminal.press("PgDn", "PgDn", "PgDn", "Enter")


def test_a_walk_through_twenty_cards(data: Path) -> None:
    with terminals({"ann": review(data, "ann")}, {"TERM": "tmux-256color"}) as windows:
        ann = windows["ann"]
        for number in range(1, CARDS + 1):
            decide(ann, number)
        assert "20 done in this sitting" in ann.until("Nothing left to review.")
        ann.press("Escape")
        ann.until("undo")
        ann.press("u")
        ann.until("the decision on this card was taken back")
        ann.press("Escape")
        ann.until("quit")
        ann.press("q")
        ann.has_ended()
    with open_workspace(None, data, create=False) as workspace:
        cards = list(workspace.cards())
        assert [card.state for card in cards].count(CardState.ACCEPTED) == 16
        rejected = [card for card in cards if card.state is CardState.REJECTED]
        assert [card.reason for card in rejected] == ["illegible"]  # the other one's was taken back
        corrected = [card.texts["nominee"] for card in cards if card.texts["nominee"] != TEXTS["nominee"]]
        assert sorted(corrected) == sorted(f"Jo Ash {number}" for number in (3, 6, 9, 12, 18))
        assert all(not card.leased_by for card in cards)


def test_two_reviewers_at_once_share_the_cards(data: Path) -> None:
    people = ("ann", "ben")
    with terminals({name: review(data, name) for name in people}, {"TERM": "tmux-256color"}) as windows:
        done = dict.fromkeys(people, 0)
        while sum(done.values()) < CARDS:
            for name, window in windows.items():
                screen = window.until(lambda screen: number_of(screen) > 0 or "Nothing left" in screen)
                if number_of(screen) == done[name] + 1:
                    window.press("F2")
                    done[name] += 1
                    turn = done[name]
                    # A default binds the turn of this round; mypy infers no type of such a lambda.
                    window.until(lambda screen, turn=turn: number_of(screen) > turn or "Nothing left" in screen)  # type: ignore[misc]
        for window in windows.values():
            window.until("Nothing left to review.")
    with open_workspace(None, data, create=False) as workspace:
        histories = [workspace.history(card.id) for card in workspace.cards()]
    assert [len(history) for history in histories] == [1] * CARDS
    assert {history[0].reviewer for history in histories} == set(people)


def test_a_terminal_with_sixel_shows_real_pictures(data: Path, tmp_path: Path) -> None:
    command = review(data, "ann")
    picture = screen_of(command, tmp_path, keys=b"\t", sixel=True)
    paper = (picture > 225).all(axis=2)  # the side's paper is light grey, stretched to white
    rows, columns = np.flatnonzero(paper.sum(axis=1) > 100), np.flatnonzero(paper.sum(axis=0) > 10)
    assert len(rows) > 15
    assert len(columns) > 150
    drawn_in_characters = screen_of(command, tmp_path, keys=b"\t", sixel=False)
    assert (drawn_in_characters > 225).all(axis=2).sum() < paper.sum() / 4
