"""A Tesseract that fails half way costs second opinions; every card reaches the queue, and the run says so."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.test_ingest import LABEL, SAMPLE, command, lines

PROGRAM = """#!{python}
import os, sys, time
if "--list-langs" in sys.argv:
    print("List of available languages (1):\\neng")
    sys.exit()
with open({asked!r}, "a") as asked:
    print(os.getpid(), file=asked)
{fault}
"""


def ingesting(folder: Path, fault: str) -> subprocess.Popen[str]:
    """An ingest of a card with that Tesseract. It leaves the numbers of its processes in `asked`; whatever anybody
    keeps outside the data folder lands in `scratch`."""
    programs, scratch = folder / "programs", folder / "scratch"
    programs.mkdir()
    scratch.mkdir()
    program = programs / "tesseract"
    program.write_text(PROGRAM.format(python=sys.executable, asked=str(folder / "asked"), fault=fault))
    program.chmod(0o700)
    surroundings = {
        **os.environ,
        "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
        "TMPDIR": str(scratch),
        "HOME": str(scratch),  # where libraries keep what they tell their makers
        "XDG_CACHE_HOME": str(scratch),
    }
    surroundings.pop("CI", None)  # some tell nothing where they are tested
    box = SAMPLE / "flatbed-1.jpg"  # a card with words that are as sure as Tesseract's opinion can tell
    return subprocess.Popen(
        command(folder / "data", "ingest", box, *LABEL, "--jobs", "1", "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=surroundings,
    )


def left(folder: Path) -> list[str]:
    return [path.name for path in (folder / "scratch").rglob("*")]


def test_a_tesseract_that_crashes_costs_second_opinions_and_the_run_says_so(tmp_path: Path) -> None:
    running = ingesting(tmp_path, "os._exit(139)")
    said, told = running.communicate()
    assert running.returncode == 0, told
    assert json.loads(said)["cards"] == 1
    failures = len((tmp_path / "asked").read_text().split())
    assert f"tesseract failed on {failures} field" in told
    assert not left(tmp_path)
    cards = tmp_path / "cards.jsonl"
    subprocess.run(command(tmp_path / "data", "queue", "export", cards), check=True, capture_output=True)
    assert [card["state"] for card in lines(cards.read_text("utf-8"))] == ["waiting"]


def test_an_ingest_that_is_ended_leaves_nothing_behind_that_it_started(tmp_path: Path) -> None:
    running = ingesting(tmp_path, "time.sleep(300)")
    asked, last = tmp_path / "asked", time.monotonic() + 60
    while not (asked.exists() and asked.read_text().endswith("\n")):
        assert time.monotonic() < last
        time.sleep(0.05)
    running.terminate()
    _, told = running.communicate(timeout=30)
    assert running.returncode == 130, told
    assert "the same command continues" in told
    for number in asked.read_text().split():
        found = subprocess.run(["ps", "-o", "stat=", "-p", number], capture_output=True, text=True, check=False).stdout
        assert not found.strip() or found.startswith("Z")
    assert not left(tmp_path)
