"""Pictures handed to other programs and read back, in a private folder that is removed at the end."""

import os
import shutil
import tempfile
from pathlib import Path

import cv2

from scan_ingest.align.corners import marked, to_be_marked
from scan_ingest.align.session import OpenPage
from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.errors import SkipError


class Papers:
    """`close` removes everything that was written."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._to_mark: dict[int, tuple[Path, int]] = {}  # by page: the file, and how the page was turned in it

    def write_page(self, page: OpenPage) -> Path:
        """The page as it is seen, for an image editor. A page that was written before is written anew."""
        at_hand = page.loaded.at_hand  # its key too: two files may have a page of the same number
        path = self._path(f"mark-{at_hand.ref.number}-{at_hand.key}.png")
        self._write(path, to_be_marked(page.loaded.grey, page.turn))
        self._to_mark[page.loaded.at_hand.key] = path, page.turn
        return path

    def read_marks(self, page: OpenPage) -> Points:
        """The corners that were marked on it. Raises `SkipError`."""
        found = self._to_mark.get(page.loaded.at_hand.key)
        if found is None:
            raise SkipError("this page was not written for an image editor yet")
        path, turn = found
        try:
            data = path.read_bytes()
        except OSError as exc:
            raise SkipError(f"{path}: cannot be read ({exc.strerror or exc})") from exc
        return marked(data, page.shape, turn)

    def write_result(self, result: GreyImage) -> Path:
        path = self._path("result.png")
        self._write(path, cv2.imencode(".png", result)[1].tobytes())
        return path

    def close(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="scan-ingest-"))  # 0700
        return self._folder / name

    def _write(self, path: Path, data: bytes) -> None:
        """With 0600 from the start: it holds card data."""
        path.unlink(missing_ok=True)
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb"
        ) as file:
            file.write(data)
