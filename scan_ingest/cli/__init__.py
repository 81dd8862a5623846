"""The command line: one small module per command group. Parse arguments, build the parts, call one function, print."""

import sys

from scan_ingest.domain.text import for_a_terminal
from scan_ingest.errors import ExitCode, RunError


def main() -> None:
    """The program's entry: runs the command, answers a `RunError` with one line and its exit code."""
    from scan_ingest.cli.app import app  # the commands' modules are read only when one runs

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a legacy Windows console has no ŵ: better \u0175 than a traceback
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except RunError as error:
        for line in str(error).split("\n"):
            print(f"scan-ingest: {for_a_terminal(line)}", file=sys.stderr)  # a file's name may hold anything
        sys.exit(error.exit_code)
    except ImportError as error:
        # OpenCV's own libraries come from the system: where one is absent, the import of cv2 names the file.
        if "cannot open shared object file" not in str(error):
            raise
        print(f"scan-ingest: {error}; scan-ingest doctor says what to install", file=sys.stderr)
        sys.exit(ExitCode.TOOL_MISSING)
