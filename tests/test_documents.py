"""What the README says is true of the program."""

import re
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from scan_ingest.cli.app import app
from scan_ingest.config import ENVIRONMENT, Settings
from scan_ingest.errors import ExitCode

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_a_line_in_the_readme(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert len(shown.output) > 200
    assert f"| `{name}` |" in README


def test_every_exit_code_is_in_the_readmes_table() -> None:
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert table == {int(code) for code in ExitCode}


def test_the_settings_shown_in_the_readme_are_taken() -> None:
    import tomllib

    (shown,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    Settings.model_validate(tomllib.loads(shown))


def test_the_options_before_the_command_are_environment_variables_and_keys_too() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for key in ENVIRONMENT:
        assert f"--{key}" in shown
        assert key in Settings.model_fields


def test_pictures_and_pages_that_documents_link_to_are_there() -> None:
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
