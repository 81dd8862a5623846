"""Redaction as somebody types it, where letters, other scans and open editors are in the way."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from scan_ingest.cli.app import app
from scan_ingest.cli.redaction import edited_cards, spare_drafts
from scan_ingest.domain.page import Page
from scan_ingest.errors import CardRefusedError, ExitCode, UsageError
from scan_ingest.pipeline.pictures import page_picture
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.review import Draft
from scan_ingest.recognisers.letters import words_on
from scan_ingest.review.edited import EditedCards, being_edited
from scan_ingest.sources.open import pages_of
from scan_ingest.workspace import open_workspace
from tests.identified import TELLING, WRITING, accept_all, letter, put_telling_box, write_scan
from tests.searching import left_of
from tests.workspace.test_letters import attach

LETTER = letter("Dear sister on ward four\nZanthia Quorley is home\nand eats very well again\nmany thanks from us all")
MISREAD = TELLING | {"action": "Sat wlth my mother Zanthla Quorly all night"}
NEEDS_A_PERSON = int(ExitCode.NEEDS_A_PERSON)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "scans").mkdir()
    return tmp_path


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout


@pytest.fixture
def card(here: Path) -> str:
    with open_workspace(None, Path("data"), create=True) as workspace:
        put_telling_box(workspace, here / "scans", pages=1, letters=[LETTER])
        (only,) = workspace.cards()
        attach(workspace, only.id)
        accept_all(workspace)
        return only.id


def words_of_the_letter() -> list[str]:
    with open_workspace(None, Path("data"), create=False) as workspace:
        picture = workspace.page_picture(workspace.pages("b0001")[1])
    assert picture is not None
    return [word for word, _ in words_on(picture)]


def test_a_typed_letter_loses_the_words_and_somebody_is_asked_to_look(card: str) -> None:
    assert "Zanthia" in words_of_the_letter()
    said = run("identity", "redact", card, code=NEEDS_A_PERSON)
    assert "box.pdf#2 of b0001 belongs to card" in said
    assert "Not done yet" in run("identity", "list")
    left = words_of_the_letter()
    assert not {"Zanthia", "Quorley"} & set(left)
    assert {"Dear", "thanks"} <= set(left)
    run("identity", "page", "box.pdf#2", "--clean")
    assert "Not done yet" not in run("identity", "redact")


def test_a_letter_that_lies_upside_down_is_read_too(here: Path) -> None:
    write_scan(here / "letter.png", [np.ascontiguousarray(np.rot90(LETTER, 2))])
    (page,) = pages_of(here / "letter.png", "letter.png", "0" * 64, Limits())
    assert isinstance(page, Page)
    places = dict(words_on(page_picture(page)))
    assert places["Zanthia"].left > 50  # the line began on the left, near the top
    assert places["Zanthia"].top > 50


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize("given", [["--area", "10,10,95,10"], ["--area", "a,b"], ["--clean", "--black"], []])
def test_what_is_no_answer_changes_nothing(given: list[str]) -> None:
    done = CliRunner().invoke(app, ["identity", "page", "box.pdf#2", *given])
    assert isinstance(done.exception, UsageError)
    assert "Zanthia" in words_of_the_letter()


@pytest.mark.usefixtures("card")
def test_an_area_is_made_black_by_hand() -> None:
    run("identity", "page", "box.pdf#2", "--area", "0,0,100,50", "--area", "0,60,20,10")
    assert "Zanthia" not in words_of_the_letter()


def test_another_scan_that_nobody_settled_is_named_and_settling_it_takes_the_words_out(here: Path) -> None:
    with open_workspace(None, Path("data"), create=True) as workspace:
        put_telling_box(workspace, here / "scans", name="monday.pdf", pages=1, likeness=WRITING)
        put_telling_box(workspace, here / "scans", name="friday.tif", texts=MISREAD, pages=1, likeness=WRITING)
        (rescan,) = workspace.rescans()
    said = run("identity", "redact", rescan.earlier.id, "--field", "action", code=NEEDS_A_PERSON)
    assert f"{rescan.later.id} may be another scan of {rescan.earlier.id}" in said
    run("rescans", "settle", rescan.later.id, "ignore")
    assert left_of(("zanthia", "zanthla", "quorl"), Path("data"), None) == []
    run("identity", "redact", rescan.earlier.id)


def test_what_a_killed_editor_left_loses_the_words_and_one_that_is_open_is_waited_for(card: str) -> None:
    with open_workspace(None, Path("data"), create=False) as workspace:
        left = edited_cards(workspace).of(card, "ann")
        left.parent.mkdir(parents=True)
        left.write_text("action\nSat with my mother Zanthla Quorley\n", encoding="utf-8")
        (left.parent / ".card.swp").write_bytes(b"\0Zanthia Quorley\0")
    with being_edited(left):
        for command in (["identity", "redact", card], ["erase", "--card", card, "--yes"]):
            refused = CliRunner().invoke(app, command)
            assert isinstance(refused.exception, CardRefusedError)
            assert "open in an editor" in str(refused.exception)
        assert "Quorley" in left.read_text(encoding="utf-8")
    run("identity", "redact", card, code=NEEDS_A_PERSON)
    assert left.read_text(encoding="utf-8") == "action\nSat with my mother [redacted]\n"
    assert left_of(("zanthia", "zanthla", "quorley"), Path("data"), None) == []


def test_a_file_that_was_open_when_the_words_went_is_gone_once_its_editor_is(card: str) -> None:
    with open_workspace(None, Path("data"), create=False) as workspace:
        other = edited_cards(workspace).of("0" * 20, "ann")
    other.parent.mkdir(parents=True)
    other.write_text("Zanthia Quorley again", encoding="utf-8")
    with being_edited(other):
        run("identity", "redact", card, code=NEEDS_A_PERSON)
        assert other.exists()
    run("identity", "redact", code=NEEDS_A_PERSON)
    assert not other.exists()


def test_a_file_is_held_as_long_as_the_editor_is_open_though_the_review_was_killed(here: Path) -> None:
    script = (
        "import os, subprocess, sys; from pathlib import Path; from scan_ingest.review.edited import being_edited\n"
        "with being_edited(Path(sys.argv[1])) as lock:\n"
        "    editor = [sys.executable, '-c', 'import sys; sys.stdin.read()']\n"
        "    child = subprocess.Popen(editor, stdin=sys.stdin, pass_fds=(lock,))\n"
        "    print(child.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    cards = EditedCards(here / "editing")
    file = cards.of("0" * 20, "ann")
    (here / "editing").mkdir()
    review = subprocess.Popen(
        [sys.executable, "-c", script, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert review.stdout is not None
    assert review.stdin is not None
    assert review.stdout.readline().strip().isdigit()
    assert review.wait() == -9
    assert cards.held("0" * 20)
    cards.drop_all_of("0" * 20)
    assert file.parent.exists()
    review.stdin.close()  # the editor ends
    review.stdout.read()
    review.stdout.close()
    cards.drop_all_of("0" * 20)
    assert not file.parent.exists()


def test_what_was_purged_or_erased_lies_in_no_draft_and_no_edited_file(card: str) -> None:
    with open_workspace(None, Path("data"), create=False) as workspace:
        file = edited_cards(workspace).of(card, "ann")
        file.parent.mkdir(parents=True)
        file.write_text("Zanthia", encoding="utf-8")
        draft = spare_drafts(workspace).keep(card, "ann", Draft(TELLING, ""))
    run("erase", "--card", card, "--yes")
    assert not file.exists()
    assert not draft.exists()
    told: Any = json.loads(run("erase", "--card", card, "--yes", "--json"))
    assert told["left_to_do"] == []
