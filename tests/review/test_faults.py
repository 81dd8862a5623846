"""Nothing typed is lost: a full disk, a database that stops, a killed program, a dropped line."""

import os
import resource
import signal
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.errors import StoreError
from scan_ingest.ports.review import Draft
from scan_ingest.review.keeping import Keeping, SpareDrafts
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.session import Session
from scan_ingest.workspace import Workspace, open_workspace
from tests.drawing.box import TEXTS, put_box
from tests.postgres import running_postgres
from tests.review.desk import HangingDesk, a_desk

LEASE = timedelta(minutes=15)
PATIENCE = 60  # seconds until something is taken never to come


def sitting(workspace: Workspace, *folders: Path, reviewer: str = "ann") -> Session:
    spare = SpareDrafts(folders or (workspace.folder / "drafts",), "here")
    session = Session(workspace, reviewer, lease=LEASE, spare=spare)
    session.start()
    return session


def card_of(session: Session) -> OpenCard:
    assert session.card is not None
    return session.card


def type_nominee(session: Session, text: str) -> None:
    session.change(card_of(session).at(0, 0, 0).typed(text, len(text)))


@contextmanager
def full_disk(bytes_left: int = 4096) -> Iterator[None]:
    """No file of this process grows beyond so many bytes: less than a page of the database, more than a draft."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_on_a_full_disk_the_text_stays_a_copy_is_kept_and_goes_in_when_there_is_room(
    data: Path, tmp_path: Path
) -> None:
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        session = sitting(workspace)
        with full_disk():
            type_nominee(session, "Jo Ashby")
            assert not session.keep_draft()
            (copy,) = (workspace.folder / "drafts").iterdir()
            assert (session.draft_copy, bool(session.draft_unsaved)) == (copy, True)
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
            assert "Jo" not in copy.name
            session.accept()
            assert (session.refused, card_of(session).texts["nominee"]) == (True, "Jo Ashby")
        assert session.keep_draft(now=True)
        assert (session.draft_unsaved, list((workspace.folder / "drafts").iterdir())) == ("", [])
        session.accept()
        assert workspace.accepted_cards()[0].texts["nominee"] == "Jo Ashby"


def test_killed_on_a_full_disk_the_draft_is_offered_from_its_copy(data: Path, tmp_path: Path) -> None:
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        session = sitting(workspace)
        with full_disk():
            for text in ("J", "Jo", "Jo Ashby"):
                type_nominee(session, text)
                session.keep_draft()
        # Nothing is closed: the program was killed. Somebody else's sitting leaves the copy alone.
        assert sitting(workspace, reviewer="ben").card is None
        again = sitting(workspace)
        assert card_of(again).texts["nominee"] == "Jo Ashby"
        assert "brought back" in again.notice
        assert list((workspace.folder / "drafts").iterdir()) == []


def test_where_the_first_place_is_full_too_the_second_is_taken_and_with_neither_it_is_told(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("no folder")
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        two, one = (
            sitting(workspace, tmp_path / "a file" / "drafts", tmp_path / "home"),
            sitting(workspace, tmp_path / "a file" / "drafts"),
        )
        with full_disk():
            for session in (two, one):
                type_nominee(session, "Jo Ashby")
                session.keep_draft()
        assert two.draft_copy is not None
        assert two.draft_copy.parent == tmp_path / "home"
        assert one.draft_copy is None
        assert one.draft_unsaved
        assert card_of(one).texts["nominee"] == "Jo Ashby"


def test_a_database_that_stops_and_starts_in_the_middle_loses_nothing(data: Path, tmp_path: Path) -> None:
    with (
        running_postgres() as server,
        server.fresh_database() as url,
        open_workspace(url, data, create=True) as workspace,
    ):
        put_box(workspace, tmp_path, 2)
        session = sitting(workspace)
        type_nominee(session, "Jo")
        assert session.keep_draft()
        server.stop()
        type_nominee(session, "Jo Ashby")
        assert not session.keep_draft()
        assert session.draft_copy is not None
        assert "not-to-be-shown" not in session.draft_unsaved
        for step in (session.accept, session.pass_over, session.previous, session.undo):
            step()
            assert session.refused or session.card is None
        assert session.renew()  # nobody can have taken it: the server is away for them too
        with pytest.raises(StoreError):
            session.close()
        server.start()
        again = sitting(workspace)
        assert card_of(again).texts["nominee"] == "Jo Ashby"
        again.accept()
        assert (again.refused, len(workspace.accepted_cards())) == (False, 1)


def test_a_store_that_is_slow_to_refuse_is_left_alone_for_a_while_and_the_copy_is_kept_all_the_same(
    tmp_path: Path,
) -> None:
    desk, clock = a_desk(1), iter([0.0, 10.0, 20.0, 30.0, 60.0])
    keeping = Keeping(desk, "ann", SpareDrafts((tmp_path / "drafts",), "here"), lambda: next(clock))
    keeping.take("c0", Draft({"nominee": "Jo"}))
    desk.locked = True
    assert not keeping.write()  # asked from 0 to 10 s
    desk.locked = False
    assert not keeping.write()  # at 20 s it is not asked
    keeping.take("c0", Draft({"nominee": "Jo Ashby"}))
    assert not keeping.write()  # nor at 30 s
    assert copies(tmp_path / "drafts") == {"c0": "Jo Ashby"}
    assert keeping.write()
    assert (keeping.unsaved, copies(tmp_path / "drafts")) == ("", {})


def copies(folder: Path, reviewer: str = "ann") -> dict[str, str]:
    """The nominee in each copy, by card."""
    return {card: draft.texts["nominee"] for card, draft in SpareDrafts((folder,), "here").of(reviewer).items()}


def test_while_the_store_hangs_the_newest_is_in_a_copy_and_no_older_one_comes_last(tmp_path: Path) -> None:
    desk = HangingDesk(a_desk(1))
    session = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    session.start()
    type_nominee(session, "Jo")
    assert session.hand_over_draft()
    writing = Thread(target=session.write_draft)
    writing.start()
    assert desk.asked.wait(PATIENCE)
    type_nominee(session, "Jo Ashby")
    session.hand_over_draft()
    session.draft_is_slow()
    assert copies(tmp_path) == {"c0": "Jo Ashby"}
    assert "does not answer" in session.draft_unsaved
    session.accept()
    assert (session.refused, desk.decisions) == (True, [])
    desk.let_go.set()
    writing.join()
    session.accept()
    assert [review.texts["nominee"] for review in desk.decisions] == ["Jo Ashby"]
    assert (session.draft_unsaved, copies(tmp_path), desk.drafts) == ("", {}, {})


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_card_left_while_the_store_hangs_keeps_the_newest(tmp_path: Path, comes_back: bool) -> None:
    desk = HangingDesk(a_desk(2))
    session = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    session.start()
    type_nominee(session, "Jo")
    session.hand_over_draft()
    writing = Thread(target=session.write_draft)
    writing.start()
    assert desk.asked.wait(PATIENCE)
    type_nominee(session, "Jo Ashby")
    session.pass_over()
    if comes_back:
        session.previous()
        assert card_of(session).texts["nominee"] == "Jo Ashby"
    desk.let_go.set()
    writing.join()
    session.close()
    again = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    again.start()
    assert card_of(again).texts["nominee"] == "Jo Ashby"
    assert copies(tmp_path) == {}


def test_while_a_draft_is_on_its_way_nothing_is_redacted(tmp_path: Path) -> None:
    desk = HangingDesk(a_desk(1))
    redacted: list[str] = []

    def redact(card_id: str, *_: object) -> tuple[str, ...]:
        redacted.append(card_id)
        return ("action",)

    session = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"), redact=redact)
    session.start()
    said = "Her NHS number is 943 476 5919."
    session.change(card_of(session).at(2, 0, 0).typed(said, len(said)))
    session.hand_over_draft()
    writing = Thread(target=session.write_draft)
    writing.start()
    assert desk.asked.wait(PATIENCE)
    session.settle_identity(Answer(IdentityAnswer.REDACT))
    assert (session.refused, redacted) == (True, [])
    desk.let_go.set()
    writing.join()
    session.settle_identity(Answer(IdentityAnswer.REDACT))
    assert redacted == ["c0"]


def test_words_are_not_taken_out_of_a_copy_at_the_price_of_the_copy(tmp_path: Path) -> None:
    spare = SpareDrafts((tmp_path,), "here")
    spare.keep("c0", "ann", Draft({"nominee": "Zanthia Quorley and Bo"}))
    with full_disk(8), pytest.raises(StoreError):
        spare.forget(["Zanthia Quorley"], ["c0"])
    assert copies(tmp_path) == {"c0": "Zanthia Quorley and Bo"}
    spare.forget(["Zanthia Quorley"], ["c0"])
    assert copies(tmp_path) == {"c0": "[redacted] and Bo"}


def test_a_draft_handed_over_before_the_decision_is_not_written_after_it(tmp_path: Path) -> None:
    desk = a_desk(1)
    session = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    session.start()
    type_nominee(session, "Jo")
    session.hand_over_draft()
    session.accept()
    session.write_draft()  # its thread was late
    assert (len(desk.decisions), desk.drafts) == (1, {})


def test_a_copy_of_a_card_that_was_passed_over_goes_in_when_it_is_opened_again(tmp_path: Path) -> None:
    desk = a_desk(2)
    session = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    session.start()
    type_nominee(session, "Jo")
    desk.locked = True
    assert not session.keep_draft()
    desk.locked = False
    session.pass_over()
    type_nominee(session, "Bo")
    assert session.keep_draft(now=True)
    session.previous()
    assert card_of(session).texts["nominee"] == "Jo"
    type_nominee(session, "Jo Ashby")
    assert session.keep_draft()
    assert copies(tmp_path) == {}
    again = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    again.start()
    assert card_of(again).texts["nominee"] == "Jo Ashby"


def test_a_card_that_cannot_be_given_back_stays_open() -> None:
    desk = a_desk(2)
    session = Session(desk, "ann", lease=LEASE)
    session.start()
    type_nominee(session, "Jo")
    desk.locked = True
    session.pass_over()
    assert (session.refused, card_of(session).texts["nominee"]) == (True, "Jo")
    desk.locked = False
    session.pass_over()
    assert card_of(session).queued.id == "c1"


def test_copies_of_another_workspace_and_files_that_are_none_are_left_alone(tmp_path: Path) -> None:
    desk = a_desk(1)
    session = Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here"))
    session.start()
    SpareDrafts((tmp_path,), "elsewhere").keep("c0", "ann", card_of(session).typed_so_far)
    (tmp_path / "x.draft").write_bytes(b"\xff{")
    Session(desk, "ann", lease=LEASE, spare=SpareDrafts((tmp_path,), "here")).start()
    assert len(list(tmp_path.iterdir())) == 2
    assert desk.drafts == {}


# -- the program itself ------------------------------------------------------------------------------------------------


def until(found: Callable[[], object]) -> None:
    """Waits until it is there; the test fails where it never comes."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def command(data: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "scan_ingest", "--data", str(data), "review", "--reviewer", "ann", *options]


def nominee_drafted(workspace: Workspace, card_id: str) -> str:
    draft = workspace.draft(card_id, "ann")
    return draft.texts["nominee"] if draft else ""


def test_killed_at_the_prompts_the_draft_is_offered_again(
    url: str | None, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    if url:
        monkeypatch.setenv("SCAN_INGEST_WORKSPACE", url)
    with open_workspace(url, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        card = next(iter(workspace.cards()))
        with subprocess.Popen(
            command(data, "--plain"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as program:
            assert program.stdin is not None
            program.stdin.write("Jo Ashby\n")
            program.stdin.flush()
            until(lambda: nominee_drafted(workspace, card.id) == "Jo Ashby")
            program.kill()
        again = sitting(workspace)
        assert card_of(again).texts == {**TEXTS, "nominee": "Jo Ashby"}
        assert "brought back" in again.notice


@contextmanager
def terminal(line: list[str], environment: dict[str, str]) -> Iterator[Callable[..., str]]:
    """A real terminal in which that command runs; calls tmux with the arguments given."""
    name = f"scan-ingest-{uuid.uuid4().hex[:8]}"

    def tmux(*arguments: str) -> str:
        done = subprocess.run(["tmux", "-L", name, *arguments], capture_output=True, text=True, check=False)
        return done.stdout

    variables = [f"{key}={value}" for key, value in environment.items()]
    subprocess.run(
        ["tmux", "-L", name, "-f", os.devnull, "new-session", "-d", "-x", "80", "-y", "24", "env", *variables, *line],
        check=True,
    )
    try:
        yield tmux
    finally:
        tmux("kill-server")


@pytest.mark.parametrize("end", ["killed", "line dropped"])
def test_on_the_screen_what_was_typed_outlives_the_program(data: Path, tmp_path: Path, end: str) -> None:
    repository = Path(__file__).parents[2]
    environment = {"PYTHONPATH": str(repository), "XDG_STATE_HOME": str(tmp_path / "state"), "LANG": "C.UTF-8"}
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        card = next(iter(workspace.cards()))
        with terminal(command(data), environment) as tmux:
            until(lambda: "Who?" in tmux("capture-pane", "-p"))
            tmux("send-keys", "End", " and Bo")
            if end == "killed":
                until(lambda: nominee_drafted(workspace, card.id) == "Jo Ash and Bo")
                os.kill(int(tmux("list-panes", "-F", "#{pane_pid}")), signal.SIGKILL)
            else:
                until(lambda: "and Bo" in tmux("capture-pane", "-p"))
                tmux("kill-server")  # as a dropped SSH line does: SIGHUP
                until(lambda: next(iter(workspace.cards())).state is CardState.WAITING)
        assert nominee_drafted(workspace, card.id) == "Jo Ash and Bo"
        workspace.release(None)
        assert card_of(sitting(workspace)).texts["nominee"] == "Jo Ash and Bo"


@pytest.mark.parametrize("outlives", [False, True], ids=["editor in the terminal", "editor with a window of its own"])
def test_in_an_editor_what_was_saved_outlives_a_dropped_line(data: Path, tmp_path: Path, outlives: bool) -> None:
    repository = Path(__file__).parents[2]
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, signal, sys, time\n"
        + ("signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" if outlives else "")
        + "path = pathlib.Path(sys.argv[1])\n"
        "path.write_text(path.read_text().replace('\\nJo Ash\\n', '\\nJo Ash and Bo\\n'))\n"
        "pathlib.Path(sys.argv[0] + '.saved').touch()\n"
        "time.sleep(20)\n"
    )
    environment = {
        "PYTHONPATH": str(repository),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "LANG": "C.UTF-8",
        "VISUAL": f"{sys.executable} {script}",
    }
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        with terminal(command(data, "--editor"), environment) as tmux:
            until(lambda: script.with_name("editor.py.saved").exists())
            tmux("kill-server")
            until(lambda: workspace.count("ben").waiting)
        card = next(iter(workspace.cards()))
        assert nominee_drafted(workspace, card.id) == "Jo Ash and Bo"


def test_of_a_draft_in_two_places_the_one_typed_last_is_taken(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "a", tmp_path / "b"
    spare = SpareDrafts((folder, elsewhere), "here")
    spare.keep("c0", "ann", Draft({"nominee": "Jane"}))
    folder.rename(tmp_path / "away")
    folder.write_text("this disk takes nothing")
    spare.keep("c0", "ann", Draft({"nominee": "Jane Hill"}))
    folder.unlink()
    (tmp_path / "away").rename(folder)
    assert spare.of("ann") == {"c0": Draft({"nominee": "Jane Hill"})}
    spare.forget(["Jane"], ["c0"])
    assert spare.of("ann") == {"c0": Draft({"nominee": "[redacted] Hill"})}
