"""A tool that is not there, fails or hangs says so in words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.recognisers.ppocr import DISTRIBUTION, model_path, pp_ocrv6
from scan_ingest.recognisers.tesseract import tesseract
from tests.recognisers.test_recognisers import as_crop


def test_the_model_is_found_without_importing_its_package() -> None:
    assert model_path().is_file()
    pp_ocrv6()
    assert DISTRIBUTION not in sys.modules


def test_a_model_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ToolMissingError, match="rapidocr"):
        model_path()


def test_a_missing_tesseract_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="tesseract"):
        tesseract()


def test_a_tesseract_that_takes_too_long_is_ended() -> None:
    recognise = tesseract(seconds_per_field=0.001)
    with pytest.raises(SkipError, match="longer than"):
        recognise(as_crop(["She held my hand"]))


def test_a_tesseract_that_is_gone_since_the_start_costs_one_field(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recognise = tesseract()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SkipError):
        recognise(as_crop(["She held my hand"]))


def test_the_engine_of_the_model_tells_its_maker_nothing(tmp_path: Path) -> None:
    """It would keep a number of the machine and the events it has to send in the folders of whoever runs it."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    kept = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("ORT_")}
    loaded = "from scan_ingest.recognisers.ppocr import pp_ocrv6; pp_ocrv6()"
    surroundings = {**kept, "HOME": str(scratch), "XDG_CACHE_HOME": str(scratch), "TMPDIR": str(scratch)}
    subprocess.run([sys.executable, "-c", loaded], check=True, env=surroundings)
    assert not [path.name for path in scratch.rglob("*")]
