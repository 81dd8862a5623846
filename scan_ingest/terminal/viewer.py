"""A picture handed to the system's own viewer, in a private file that is removed afterwards."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import cv2

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.errors import ToolMissingError

SECONDS_TO_START = 1.0


class Viewer:
    """The system's picture viewer. `close` removes every picture that was shown."""

    def __init__(self, environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> None:
        self._environment = environment
        self._platform = platform
        self._folder: Path | None = None
        self._started: list[subprocess.Popen[bytes]] = []

    def show(self, picture: GreyImage) -> Path:
        """Opens the picture and returns at once. Raises `ToolMissingError` where there is no viewer."""
        command = self._command()
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="scan-ingest-"))  # 0700
        encoded = cv2.imencode(".png", picture)[1].tobytes()
        handle, name = tempfile.mkstemp(".png", "picture-", self._folder)  # 0600
        with os.fdopen(handle, "wb") as file:
            file.write(encoded)
        if sys.platform == "win32":
            os.startfile(name)
        else:
            # Its own session and no terminal: a viewer that writes or reads would spoil the screen.
            quiet = subprocess.DEVNULL
            self._started.append(
                subprocess.Popen([*command, name], stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
            )
        return Path(name)

    def failed(self) -> bool:
        """Whether a viewer that was started has ended with an error since the last question."""
        ended = [process for process in self._started if process.poll() is not None]
        self._started = [process for process in self._started if process not in ended]
        return any(process.returncode for process in ended)

    def close(self) -> None:
        """Removes the pictures. A viewer that is still open keeps what it has read; one that has just been started gets
        a moment to read it."""
        for process in self._started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_TO_START)
        self._started = []
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _command(self) -> list[str]:
        if self._platform == "win32":
            return []
        if self._platform == "darwin":
            return ["open"]
        if not (self._environment.get("DISPLAY") or self._environment.get("WAYLAND_DISPLAY")):
            raise ToolMissingError("no picture viewer here: this terminal has no desktop behind it")
        found = shutil.which("xdg-open", path=self._environment.get("PATH"))
        if found is None:
            raise ToolMissingError("no picture viewer here: xdg-open is not installed (package xdg-utils)")
        return [found]
