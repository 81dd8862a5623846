"""A Tesseract that crashes, hangs, floods or answers nonsense costs a field its second opinion, and nothing else."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.text import forbidden_characters
from scan_ingest.errors import SkipError
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.tesseract import tesseract
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.lines import cut
from tests.drawing.placed import as_field, handwritten

TABLE = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
# Stands in for the program: says its version and languages, then does what the test wants.
PROGRAM = """#!{python}
import os, signal, sys, time
if "--list-langs" in sys.argv:
    print("List of available languages (1):\\neng")
    sys.exit()
if "--version" in sys.argv:
    print("tesseract 5.3.0")
    sys.exit()
def answer(data):
    with open(sys.argv[2] + ".tsv", "wb") as file:
        file.write(data)
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


def test_one_that_hangs_is_ended(faulty: Callable[..., Recogniser], crop: FieldCrop, tmp_path: Path) -> None:
    number = tmp_path / "process"
    recognise = faulty(f"open({str(number)!r}, 'w').write(str(os.getpid())); time.sleep(60)", 3.0)
    with pytest.raises(SkipError, match="longer than 3 seconds"):
        recognise(crop)
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)


def test_control_characters_are_taken_out(faulty: Callable[[str], Recogniser], crop: FieldCrop) -> None:
    (line,) = faulty(table("'\\x1b[31mThank\\x07\\x00you\\x85\\n'.encode()"))(crop)
    assert not forbidden_characters(line.text)
    assert "Thank" in line.text
