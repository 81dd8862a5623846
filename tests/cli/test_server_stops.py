"""The PostgreSQL server is stopped in the middle of a command: the command says so in one line, nothing is half done,
and the same command goes on once the server is back."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from scan_ingest.align.papers import Papers
from scan_ingest.align.plain import align_in_prompts
from scan_ingest.central import open_central
from scan_ingest.domain.audit import Act, AuditFilter
from scan_ingest.domain.page import Outcome
from scan_ingest.errors import ExitCode, StoreError
from scan_ingest.pipeline.walk import Reader
from scan_ingest.review.plain import review_in_prompts
from scan_ingest.workspace import Workspace, open_workspace
from tests.accepted import contents
from tests.align import room
from tests.align.test_screen import at_the_screen
from tests.cli.commands import Done, run
from tests.drawing.box import put_box
from tests.online.deliveries import submission, write_csv, write_mapping
from tests.postgres import PASSWORD, Server, running_postgres
from tests.review.test_faults import command, sitting
from tests.review.tmux import terminals

# SQLAlchemy leaves the cursor of a connection that is lost to itself.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

ROWS = 700  # more than one transaction's
ONCE = {"Who": "Ngozi Bell", "What they did": "Sat with my mother after her fall and found her glasses in the laundry."}
AGAIN = {
    "Who": "Sister Ngozi",
    "What they did": "Mum had a fall; she stayed and found the glasses down in the laundry.",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that these tests may stop."""
    with running_postgres() as running:
        yield running


@pytest.fixture
def url(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of both stores; the person works in an empty folder."""
    with server.fresh_database() as url:
        monkeypatch.chdir(tmp_path)
        for name in ("CENTRAL", "WORKSPACE"):
            monkeypatch.setenv(f"SCAN_INGEST_{name}", url)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        try:
            yield url
        finally:
            if server.process.poll() is not None:
                server.start()


@contextmanager
def stopping(server: Server, statement: str, number: int = 1) -> Iterator[None]:
    """Stops the server as the program is about to ask it that, for the so many-th time; starts it again at the end."""
    asked = 0

    def stop(_connection: object, _cursor: object, asking: str, *_: object) -> None:
        nonlocal asked
        asked += " ".join(asking.split()).startswith(statement)
        if asked == number and server.process.poll() is None:
            server.stop()

    event.listen(Engine, "before_cursor_execute", stop)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", stop)
        assert asked >= number, "the program never asked that"
        server.start()


@pytest.fixture(scope="module")
def reader() -> Reader:
    return room.make_reader()


covered_card = cache(room.covered_card)
whole_card = cache(room.whole_card)


def says_that_it_went_away(done: Done) -> None:
    assert done.code == ExitCode.STORE
    (line,) = [line for line in done.err.splitlines() if line]
    assert "the database went away, try again when it is back" in line
    assert PASSWORD not in done.err


IMPORT = ("import-online", "d.csv", "--mapping", "mapping.toml")


@pytest.mark.parametrize(
    ("statement", "number", "kept"),
    [
        ("SELECT nominations.nomination_id", 1, 0),
        ("INSERT INTO nominations", 1, 0),
        ("INSERT INTO nominations", 2, 500),
        ("INSERT INTO central_audit (", 2, 500),
        ("INSERT INTO sketches", 2, ROWS),
    ],
)
def test_an_import_keeps_its_whole_portions_and_goes_on(
    server: Server, url: str, tmp_path: Path, statement: str, number: int, kept: int
) -> None:
    write_mapping(tmp_path)
    write_csv(tmp_path / "d.csv", [submission(1) | ONCE, submission(2) | AGAIN, *map(submission, range(3, ROWS + 1))])
    with open_central(f"sqlite:///{tmp_path / 'unharmed.db'}", tmp_path, create=True) as unharmed:
        assert run("--central", f"sqlite:///{tmp_path / 'unharmed.db'}", *IMPORT).code == 0
        expected = contents(unharmed)

    with stopping(server, statement, number):
        done = run(*IMPORT)

    says_that_it_went_away(done)
    assert not kept or f"{kept} submissions are in, the same command goes on from there" in done.err
    with open_central(url, tmp_path, create=False) as central:
        assert central.count() == kept
        again = json.loads(run(*IMPORT, "--json").out)
        assert (again["inserted"], again["unchanged"]) == (ROWS - kept, kept)
        assert contents(central) == expected
        assert len(central.possible_duplicates()) == 1


@pytest.mark.parametrize("statement", ["SELECT nominations.nomination_id, nominations.channel", "INSERT INTO central_"])
def test_an_export_leaves_a_whole_file_that_the_audit_knows_of_or_none(
    server: Server, url: str, tmp_path: Path, statement: str
) -> None:
    write_mapping(tmp_path)
    write_csv(tmp_path / "d.csv", [submission(1)])
    assert run(*IMPORT).code == 0
    (tmp_path / "n.csv").write_text("last month's")
    before = sorted(tmp_path.iterdir())

    with stopping(server, statement):
        says_that_it_went_away(run("export", "n.csv"))

    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "n.csv").read_text() == "last month's"
    with open_central(url, tmp_path, create=False) as central:
        assert list(central.audit(AuditFilter(act=Act.EXPORT))) == []
        assert run("export", "n.csv").code == 0
        assert len(list(central.audit(AuditFilter(act=Act.EXPORT)))) == len(central.copies()) == 1
    assert "Northgate Trust" in (tmp_path / "n.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("statement", ["UPDATE possible_duplicates", "INSERT INTO central_audit"])
def test_a_pair_is_settled_and_told_or_neither(server: Server, url: str, tmp_path: Path, statement: str) -> None:
    write_mapping(tmp_path)
    write_csv(tmp_path / "d.csv", [submission(1) | ONCE, submission(2) | AGAIN])
    assert run(*IMPORT).code == 0
    with open_central(url, tmp_path, create=False) as central:
        (pair,) = central.possible_duplicates()

        with stopping(server, statement):
            says_that_it_went_away(run("duplicates", "same", pair.id))

        assert central.possible_duplicate(pair.id).answer is None
        assert run("duplicates", "same", pair.id).code == 0
        assert central.possible_duplicate(pair.id).answer == "same"
        assert len(list(central.audit(AuditFilter(act=Act.DUPLICATE)))) == 1


ASKING = (
    *(("stats",), ("batches",), ("duplicates", "list"), ("queue", "list"), ("merge",), ("identity", "list")),
    *(("audit", "verify"), ("store", "backup", "b.zip"), ("queue", "release"), ("rescans", "list"), ("quality",)),
)


@pytest.mark.parametrize("command", ASKING, ids=" ".join)
def test_whatever_is_asked_of_a_server_that_stops_is_one_line(
    server: Server, url: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with open_workspace(url, tmp_path, create=True), open_central(url, tmp_path, create=True):
        pass
    assert run(*command).code == 0
    with stopping(server, "SELECT"):
        says_that_it_went_away(run(*command))


@pytest.mark.usefixtures("url")
def test_a_copy_whose_source_stops_leaves_nothing_and_says_which_store_it_was(server: Server, tmp_path: Path) -> None:
    write_mapping(tmp_path)
    write_csv(tmp_path / "d.csv", [submission(1)])
    assert run(*IMPORT).code == 0
    copying = ("store", "copy", "--to", "sqlite:///new.db")

    with stopping(server, "SELECT nominations.nomination_id, nominations.channel"):
        done = run(*copying)

    says_that_it_went_away(done)
    assert "postgresql://127.0.0.1" in done.err
    assert list(tmp_path.glob("new.db*")) == []
    assert run(*copying).code == 0


@pytest.mark.parametrize(
    ("statement", "number"), [("INSERT INTO pages", 2), ("INSERT INTO cards", 1), ("UPDATE batches", 1)]
)
def test_an_ingest_keeps_the_pages_it_recorded_and_reads_the_others(
    server: Server, url: str, tmp_path: Path, reader: Reader, statement: str, number: int
) -> None:
    pictures = [room.letter(), whole_card()]
    with open_workspace(url, tmp_path / "data", create=True) as workspace:
        with stopping(server, statement, number), pytest.raises(StoreError) as said:
            room.put(workspace, tmp_path, pictures, reader)
        assert "the pages recorded until then stay, the same command goes on from there" in str(said.value)

        room.put(workspace, tmp_path, pictures, reader)

        (batch,) = workspace.batches()
        assert [row.outcome for row in workspace.pages(batch.batch.id)] == [Outcome.UNMATCHED, Outcome.CARD]
        assert len(list(workspace.cards())) == 1


# -- people in the middle of their work --------------------------------------------------------------------------------


def test_at_the_prompts_what_was_typed_stays_and_the_sitting_goes_on(server: Server, url: str, tmp_path: Path) -> None:
    said: list[str] = []
    answers = iter(["Jo Ashby", ":a", "1", "Sat up", ":a", ":q"])

    def ask(prompt: str) -> str:
        said.append(prompt)
        answer = next(answers)
        if answer == "Jo Ashby":
            server.stop()
        elif answer == "Sat up":
            server.start()
        return answer

    with open_workspace(url, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, 2)
        session = sitting(workspace)
        review_in_prompts(session, ask, said.append)

        told = "\n".join(said)
        assert "Not saved yet: " in told
        assert PASSWORD not in told
        (card,) = workspace.accepted_cards()
        assert (card.texts["nominee"], card.texts["action"]) == ("Jo Ashby", "Sat up")
        assert list((workspace.folder / "drafts").iterdir()) == []


def test_on_the_screen_what_was_typed_stays_and_goes_in_when_the_server_is_back(
    server: Server, url: str, tmp_path: Path
) -> None:
    environment = {"SCAN_INGEST_WORKSPACE": url, "XDG_STATE_HOME": str(tmp_path / "state"), "LANG": "C.UTF-8"}
    with open_workspace(url, tmp_path / "data", create=True) as workspace:
        put_box(workspace, tmp_path, 2)
        with terminals({"ann": command(tmp_path / "data")}, environment) as windows:
            ann = windows["ann"]
            ann.until("Who?")
            server.stop()
            ann.press("End", " and Bo")
            shown = ann.until("not saved yet")
            assert "Ash and Bo" in shown
            ann.press("F2")  # accept
            ann.press("End", "b")
            assert "card 1 ·" in ann.until("Ash and Bob")
            server.start()
            ann.until(lambda screen: "not saved yet" not in screen)
            ann.press("F2")
            ann.until("card 2 ·")
            ann.press("C-q")
            ann.has_ended()
        assert workspace.accepted_cards()[0].texts["nominee"] == "Jo Ash and Bob"


def two_pages(workspace: Workspace, folder: Path, reader: Reader) -> None:
    room.put(workspace, folder, [room.letter(), covered_card().page], reader)


def test_placing_by_hand_goes_on_where_it_was(server: Server, url: str, tmp_path: Path, reader: Reader) -> None:
    said: list[str] = []
    answers = iter(["x", "c", "n", "x", "", "x"])
    with open_workspace(url, tmp_path / "data", create=True) as workspace:
        two_pages(workspace, tmp_path, reader)

        def ask(prompt: str) -> str:
            said.append(prompt)
            answer = next(answers)
            if said.count(prompt) == 1:
                server.stop()
            elif not answer:
                server.start()
            return answer

        align_in_prompts(room.session_of(workspace, reader), Papers(), ask, said.append)

        told = "\n".join(said)
        assert "Enter tries again, q leaves; what was settled is kept." in told
        assert PASSWORD not in told
        assert "1 settled in this sitting." in told
        assert len(workspace.pages_to_align()) == 1


async def test_the_screen_for_placing_by_hand_asks_again_by_itself(
    server: Server, url: str, tmp_path: Path, reader: Reader
) -> None:
    with open_workspace(url, tmp_path / "data", create=True) as workspace:
        two_pages(workspace, tmp_path, reader)
        async with at_the_screen(workspace, reader) as sitting:
            first = sitting.page.loaded.at_hand
            server.stop()
            for key in ("x", "c"):  # a foreign sheet; it belongs to a card
                await sitting.press(key)
                assert "try again when" in sitting.drawn() or "Connection refused" in sitting.drawn()
                assert sitting.page.loaded.at_hand == first
            await sitting.press("pagedown")
            assert sitting.session.open is None
            server.start()
            while sitting.session.open is None:
                await asyncio.sleep(0.05)
            assert sitting.page.loaded.at_hand.key != first.key
            await sitting.press("x")
        assert len(workspace.pages_to_align()) == 1
