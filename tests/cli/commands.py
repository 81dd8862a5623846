"""The program's commands, run in this process as the shell runs them."""

import contextlib
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import patch

from scan_ingest.cli import main


@dataclass(frozen=True)
class Done:
    """What became of a command."""

    code: int
    out: str
    err: str


def run(*command: object) -> Done:
    """Runs `scan-ingest` with these arguments. What is a bug is raised."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    arguments: Sequence[str] = ["scan-ingest", *map(str, command)]
    with patch.object(sys, "argv", arguments), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
    return Done(code, out.getvalue(), err.getvalue())
