"""A Tesseract that fails half way costs second opinions; every card reaches the queue, and the run says so."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.test_ingest import LABEL, SAMPLE, command, lines

PROGRAM = """#!{python}
import os, sys
if "--list-langs" in sys.argv:
    print("List of available languages (1):\\neng")
    sys.exit()
open({asked!r}, "a").write("x")
os._exit(139)
"""


def test_a_tesseract_that_crashes_costs_second_opinions_and_the_run_says_so(tmp_path: Path) -> None:
    folder, scratch, asked = tmp_path / "programs", tmp_path / "scratch", tmp_path / "asked"
    folder.mkdir()
    scratch.mkdir()
    program = folder / "tesseract"
    program.write_text(PROGRAM.format(python=sys.executable, asked=str(asked)))
    program.chmod(0o700)
    surroundings = {
        **os.environ,
        "PATH": os.pathsep.join((str(folder), os.environ["PATH"])),
        "TMPDIR": str(scratch),
        "HOME": str(scratch),  # where libraries keep what they tell their makers
        "XDG_CACHE_HOME": str(scratch),
    }
    surroundings.pop("CI", None)  # some tell nothing where they are tested
    box = (SAMPLE / "lounge-1.jpg", SAMPLE / "lounge-2.jpg")
    done = subprocess.run(
        command(tmp_path / "data", "ingest", *box, *LABEL, "--jobs", "1", "--json"),
        capture_output=True,
        text=True,
        env=surroundings,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cards"] == 1
    failures = len(asked.read_text())
    assert f"tesseract failed on {failures} field" in done.stderr
    assert not [path.name for path in scratch.rglob("*")]
    cards = tmp_path / "cards.jsonl"
    subprocess.run(command(tmp_path / "data", "queue", "export", cards), check=True, capture_output=True)
    (card,) = lines(cards.read_text("utf-8"))
    assert card["state"] == "waiting"
