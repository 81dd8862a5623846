"""The line drops, or nobody reads at its other end: what was typed is kept, the cards are given back, and it ends."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from scan_ingest.domain.card import CardState
from scan_ingest.workspace import open_workspace
from tests.drawing.box import put_box
from tests.review.line import ROOT, Line, line_to

PROGRAM = (sys.executable, "-m", "scan_ingest")


def dropped(line: Line) -> None:
    line.drop()


def held_then_dropped(line: Line) -> None:
    line.hold()
    line.type(" Bo" * 20)
    line.drop()


def held_then_ended(line: Line) -> None:
    line.hold()
    line.type("\x1b[B\x1b[A" * 30)  # up and down: more to draw than may wait
    line.program.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("how", [dropped, held_then_dropped, held_then_ended])
@pytest.mark.parametrize("face", ["screen", "--plain"])
def test_what_was_typed_is_kept_and_the_review_ends(face: str, how: Callable[[Line], None], tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [*PROGRAM, "--data", str(data), "review", "--reviewer", "ann", *([] if face == "screen" else [face])]
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        card = next(iter(workspace.cards()))
        with line_to(command, {"XDG_STATE_HOME": str(tmp_path / "state")}) as line:
            if face == "screen":
                line.until("Who?")
                line.type("\x1b[F and Bo")
                line.until("Bo")
            else:
                line.until("> ")
                line.type("Jo Ash and Bo\n")
                line.until("carer")
            how(line)
            assert line.ended() == 0
        assert next(iter(workspace.cards())).state is CardState.WAITING
        draft = workspace.draft(card.id, "ann")
        assert draft is not None
        assert draft.texts["nominee"].startswith("Jo Ash and Bo")


def test_somebody_who_ends_the_program_gets_their_own_screen_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        with line_to([*PROGRAM, "--data", str(data), "review", "--reviewer", "ann"], {}) as line:
            line.until("Who?")
            line.program.send_signal(signal.SIGTERM)
            line.until("\x1b[?1049l")
            assert line.ended() == 0


def test_in_an_editor_the_review_ends_though_nobody_reads_what_it_says(tmp_path: Path) -> None:
    data, script = tmp_path / "data", tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys, time\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "path.write_text(path.read_text().replace('\\nJo Ash\\n', '\\nJo Ash and Bo\\n'))\n"
        "print('it is saved', flush=True)\n"
        "time.sleep(60)\n"
    )
    with open_workspace(None, data, create=True) as workspace:
        put_box(workspace, tmp_path, 1)
        card = next(iter(workspace.cards()))
        command = [*PROGRAM, "--data", str(data), "review", "--reviewer", "ann", "--editor"]
        with line_to(command, {"VISUAL": f"{sys.executable} {script}"}) as line:
            line.until("it is saved")
            line.hold()
            line.program.send_signal(signal.SIGTERM)
            line.program.send_signal(signal.SIGHUP)
            assert line.ended() == 0
        draft = workspace.draft(card.id, "ann")
        assert draft is not None
        assert draft.texts["nominee"] == "Jo Ash and Bo"
        assert next(iter(workspace.cards())).state is CardState.WAITING


def test_what_never_comes_back_is_waited_for_for_some_seconds_only(tmp_path: Path) -> None:
    """A store that hangs, say: what is still to be kept is kept by another thread."""
    kept = tmp_path / "kept"
    waits_for_ever = textwrap.dedent(
        f"""
        import pathlib, threading
        from scan_ingest.terminal import hangup

        hangup.LONGEST_LEAVE = 0.2
        with hangup.on_hangup(lambda: threading.Event().wait(), pathlib.Path({str(kept)!r}).touch):
            print("ready", flush=True)
            threading.Event().wait()
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", waits_for_ever],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 0
    assert kept.exists()
