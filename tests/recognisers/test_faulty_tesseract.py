"""A Tesseract that crashes, hangs, floods or answers nonsense costs a field its second opinion, and nothing else."""

import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.text import forbidden_characters
from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.tesseract import tesseract
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.lines import cut
from tests.drawing.placed import as_field, handwritten

TABLE = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
# Stands in for the program: says its version and languages, then does what the test wants.
PROGRAM = """#!{python}
import os, signal, subprocess, sys, time
if "--list-langs" in sys.argv:
    print("List of available languages (1):\\neng")
    sys.exit()
if "--version" in sys.argv:
    print("tesseract 5.3.0")
    sys.exit()
def answer(data):
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
{fault}
"""


@pytest.fixture(scope="module")
def crop() -> FieldCrop:
    picture, box, field = as_field(handwritten(["Thank you"]))
    side = clean(picture, np.full_like(picture, 255))
    return FieldCrop(field, picture, side.clean, side.ink, box, cut(side.clean, side.ink, box))


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Recogniser]:
    def made(fault: str, seconds: float = 30.0) -> Recogniser:
        program = tmp_path / "tesseract"
        program.write_text(PROGRAM.format(python=sys.executable, fault=fault))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return tesseract(seconds)

    return made


def table(word: str) -> str:
    return f"answer(({TABLE!r} + '5\\t1\\t1\\t1\\t1\\t1\\t1\\t1\\t40\\t20\\t90\\t').encode() + {word})"


@pytest.mark.parametrize(
    "fault",
    [
        "sys.exit(3)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "sys.stderr.buffer.write(b'\\xff\\xfe broken'); sys.exit(1)",
        "pass",
        "answer(b'')",
        "answer(b'no table at all')",
        "answer(b'a\\tb\\n1\\t2\\n')",
        table("b'\\xff\\xfe\\n'"),
        f"answer({TABLE!r}.encode() + b'5\\tx\\n')",
        f"answer({TABLE!r}.encode() + b'5\\t1\\t1\\t1\\t1\\t1\\tx\\ty\\t40\\t20\\thigh\\tword\\n')",
        f"answer({TABLE!r}.encode() + b'5\\t1\\t1\\t1\\t1\\t1\\t1\\t1\\t40\\t20\\tnan\\tword\\n')",
        f"answer({TABLE!r}.encode() + b'5\\t1\\t1\\t1\\t1\\t1\\tinf\\t1\\t1e400\\t20\\t90\\tword\\n')",
        f"answer({TABLE!r}.encode() + b'x' * 200_000)",  # longer than a cell may be
    ],
)
def test_an_answer_that_is_none_is_no_second_opinion(
    faulty: Callable[[str], Recogniser], crop: FieldCrop, fault: str
) -> None:
    recognise = faulty(fault)
    try:
        lines = recognise(crop)
    except SkipError:
        return
    assert lines == ()


def test_one_that_hangs_is_ended_with_all_that_it_started(
    faulty: Callable[..., Recogniser], crop: FieldCrop, tmp_path: Path
) -> None:
    numbers = tmp_path / "processes"
    recognise = faulty(
        "deaf = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)'\n"
        "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
        f"open({str(numbers)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}'); time.sleep(60)",
        3.0,
    )
    with pytest.raises(SkipError, match="longer than 3 seconds"):
        recognise(crop)
    assert none_run(numbers)


def test_what_it_leaves_running_is_ended_and_not_waited_for(
    faulty: Callable[..., Recogniser], crop: FieldCrop, tmp_path: Path
) -> None:
    numbers = tmp_path / "processes"
    recognise = faulty(
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(numbers)!r}, 'w').write(str(child.pid)); sys.exit(3)"
    )
    started = time.monotonic()
    with pytest.raises(SkipError, match="status 3"):
        recognise(crop)
    assert time.monotonic() - started < 20
    assert none_run(numbers)


def test_one_that_floods_is_cut_short(
    faulty: Callable[..., Recogniser], crop: FieldCrop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    recognise = faulty(f"answer({TABLE!r}.encode())\nwhile True: answer(b'word\\n' * 20_000)")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SkipError, match="more than"):
        recognise(crop)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert [path.name for path in tmp_path.iterdir()] == ["tesseract"]  # and nothing was written anywhere


def test_one_that_complains_without_end_costs_no_memory(faulty: Callable[..., Recogniser], crop: FieldCrop) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SkipError, match="status 1"):
        faulty("for _ in range(300): sys.stderr.write('y' * 1_000_000)\nsys.exit(1)")(crop)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_it_is_ended_with_the_worker_that_asked_it(faulty: Callable[..., Recogniser], tmp_path: Path) -> None:
    numbers = tmp_path / "processes"
    faulty(f"open({str(numbers)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    asking = (
        "from scan_ingest.recognisers.program import ask_program; "
        "ask_program(['tesseract', 'stdin', 'stdout'], b'', seconds=60, most=9)"
    )
    worker = subprocess.Popen([sys.executable, "-c", asking])
    until(lambda: numbers.exists() and bool(numbers.read_text()))
    worker.terminate()
    assert worker.wait(20) != 0
    assert none_run(numbers)


def test_one_that_hangs_when_asked_what_it_can_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tesseract"
    program.write_text(f"#!{sys.executable}\nimport time; time.sleep(60)")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ToolMissingError, match="longer than 1 seconds when asked for its languages"):
        tesseract(seconds_to_start=1.0)


def none_run(numbers: Path) -> bool:
    """Whether the processes of that file are gone, at the latest after some seconds: the ended wait to be buried."""
    until(lambda: not any(map(runs, numbers.read_text().split())))
    return True


def runs(number: str) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", number], capture_output=True, text=True, check=False).stdout
    return bool(told.strip()) and not told.startswith("Z")


def until(happened: Callable[[], bool]) -> None:
    last = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < last
        time.sleep(0.05)


def test_control_characters_are_taken_out(faulty: Callable[[str], Recogniser], crop: FieldCrop) -> None:
    (line,) = faulty(table("'\\x1b[31mThank\\x07\\x00\\u202eyou\\x85\\n'.encode()"))(crop)
    assert not forbidden_characters(line.text)
    assert "Thank" in line.text
    assert line.text.isprintable()
