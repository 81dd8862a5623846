"""Rules of the house that would otherwise live in people's heads."""

import ast
import importlib
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "scan_ingest"


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(PACKAGE.rglob("*.py"))]


def test_imports_only_go_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_templates_and_sample_travel_inside_the_wheel(project: dict[str, Any]) -> None:
    inside = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert inside == {"templates": "scan_ingest/shipped/templates", "data/sample": "scan_ingest/shipped/sample"}
    assert all((ROOT / folder).is_dir() and any((ROOT / folder).iterdir()) for folder in inside)


def test_both_builds_of_opencv_are_held_to_one_version(project: dict[str, Any]) -> None:
    """They unpack into one folder; two versions would mix."""
    pinned = dict(line.split("==") for line in project["project"]["dependencies"] if line.startswith("opencv-"))
    assert set(pinned) == {"opencv-python", "opencv-python-headless"}
    assert len(set(pinned.values())) == 1


def test_nothing_catches_everything() -> None:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                names = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else {""}
                ends_in_raise = isinstance(node.body[-1], ast.Raise)  # clearing up and passing on is no catching
                assert ends_in_raise or not names & {"", "Exception", "BaseException"}, f"{path.name}:{node.lineno}"


def test_an_error_of_the_system_is_told_though_it_comes_without_its_words() -> None:
    """A library may raise an `OSError` with a message only, which has no `strerror`: None would be told."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Attribute):
                assert node.value.attr != "strerror", f"{path.name}:{node.lineno}"


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        words = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
        assert not words & {"skip", "skipif", "xfail", "importorskip"}, path.name


@pytest.mark.parametrize("benchmark", sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py")))
def test_what_the_benchmarks_measure_is_still_there(benchmark: str) -> None:
    importlib.import_module(f"benchmarks.{benchmark}")


@pytest.mark.parametrize("script", ["tools/system-packages", ".ci/run"])
def test_the_scripts_of_the_set_up_are_whole_and_can_be_run(script: str) -> None:
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True)
    assert (ROOT / script).stat().st_mode & 0o111
