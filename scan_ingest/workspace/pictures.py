"""The workspace's folder: originals and pictures, kept once by content.

A file is written under a temporary name in its own folder, brought to the disk, then renamed: whatever is found under
its content's name is whole.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np

from scan_ingest.domain.batch import Original
from scan_ingest.domain.geometry import Points
from scan_ingest.domain.kept import size_as_scanned, with_size
from scan_ingest.errors import StoreError
from scan_ingest.sql import private_folder

COPY_BYTES = 1 << 20
PLAIN_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
UNREADABLE = b"a file that could not be read, by name only\0"


def keep_original(folder: Path, path: Path) -> Original:
    """Copies the file to `originals/ab/<sha256><suffix>` under `folder`; see `IngestDesk.keep_original`."""
    # A name that is not UTF-8 could be kept in no database.
    name = os.fsencode(path.name).decode("utf-8", "replace")
    try:
        if not path.is_file():
            reason = "is a folder, not a file" if path.is_dir() else "no such file" if not path.exists() else "no file"
            return _unreadable(name, reason)
        source = path.open("rb")
    except OSError as exc:
        return _unreadable(name, _why(exc))
    with source:
        suffix = path.suffix.lower()
        suffix = suffix if PLAIN_SUFFIX.fullmatch(suffix) else ""
        originals = folder / "originals"
        sha256 = hashlib.sha256()
        with _new_file(originals) as (target, place):
            while True:
                try:
                    block = source.read(COPY_BYTES)
                except OSError as exc:
                    return _unreadable(name, _why(exc))
                if not block:
                    break
                sha256.update(block)
                target.write(block)
            digest = sha256.hexdigest()
            kept = originals / digest[:2] / f"{digest}{suffix}"
            place(kept)
    return Original(name, digest, kept)


def keep_picture(folder: Path, picture: bytes) -> str:
    """Keeps a JPEG at `pictures/ab/<sha256>.jpg`; returns that place, relative to `folder`, with `/`."""
    digest = hashlib.sha256(picture).hexdigest()
    relative = f"pictures/{digest[:2]}/{digest}.jpg"
    kept = folder / relative
    if not (kept.exists() and kept.stat().st_size == len(picture)):
        with _new_file(folder / "pictures") as (target, place):
            target.write(picture)
            place(kept)
    return relative


def keep_stand_in(folder: Path, original: str, write: Callable[[Path], None]) -> str:
    """Keeps what `write` makes of an original as one is kept; its place, relative to `folder`, with `/`."""
    with _new_file(folder / "originals") as (_, place):
        write(place.temporary)
        with place.temporary.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        relative = f"originals/{digest[:2]}/{digest}{PurePosixPath(original).suffix}"
        place(folder / relative)
    return relative


def black_out(folder: Path, relative: str, polygons: Sequence[Points], quality: int) -> str:
    """Keeps the picture anew with the polygons black; its place. `polygons` are in pixels of the page or side as it was
    scanned or registered. Raises `StoreError` where it is gone or damaged."""
    import cv2  # the workspace opens where OpenCV cannot be loaded: `doctor` says so there

    from scan_ingest.stages.blackening import blackened

    kept = read_picture(folder, relative)
    image = cv2.imdecode(np.frombuffer(kept, dtype=np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise StoreError(f"{folder / relative}: the picture is damaged")
    scanned = size_as_scanned(kept)
    scale = 1.0 if scanned is None else image.shape[1] / scanned[0]
    covered = blackened(np.asarray(image, dtype=np.uint8), [polygon * scale for polygon in polygons])
    done, data = cv2.imencode(".jpg", covered, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done  # it was a picture
    return keep_picture(folder, data.tobytes() if scanned is None else with_size(data.tobytes(), *scanned))


def read_picture(folder: Path, relative: str) -> bytes:
    """Raises `StoreError` where the picture is gone; `relative` is empty where it was purged."""
    if not relative:
        raise StoreError("the picture was purged, as the rules for keeping say")
    try:
        return (folder / relative).read_bytes()
    except OSError as exc:
        raise StoreError(f"{folder / relative}: the picture cannot be read: {exc.strerror or exc}") from exc


class _Place:
    """Gives a finished temporary file its name."""

    def __init__(self, target: BinaryIO, temporary: Path) -> None:
        self._target, self.temporary = target, temporary

    def __call__(self, kept: Path) -> None:
        self._target.flush()
        os.fsync(self._target.fileno())
        size = os.fstat(self._target.fileno()).st_size
        self._target.close()  # Windows renames no open file
        if not kept.parent.exists():
            private_folder(kept.parent)
        if not (kept.exists() and kept.stat().st_size == size):
            self.temporary.replace(kept)
            _sync_folder(kept.parent)


@contextmanager
def _new_file(folder: Path) -> Iterator[tuple[BinaryIO, _Place]]:
    """A temporary file (0600) below `folder`, gone at the end unless it was given its place.

    Raises `StoreError` where the disk is full or refuses.
    """
    if not folder.exists():
        private_folder(folder)
    temporary = None
    try:
        descriptor, path = tempfile.mkstemp(prefix=".new-", dir=folder)
        temporary = Path(path)
        with os.fdopen(descriptor, "wb") as target:
            yield target, _Place(target, temporary)
    except OSError as exc:
        raise StoreError(f"{folder}: cannot be written to: {exc.strerror or exc}") from exc
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()


def _sync_folder(folder: Path) -> None:
    """Brings a rename to the disk; Windows opens no folders and needs none of it."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unreadable(name: str, reason: str) -> Original:
    return Original(name, hashlib.sha256(UNREADABLE + name.encode("utf-8", "replace")).hexdigest(), None, reason)


def _why(exc: OSError) -> str:
    return f"cannot be read: {exc.strerror or exc}"
