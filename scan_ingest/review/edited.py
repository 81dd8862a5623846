"""Cards that lie in text files while somebody edits them: which those are, and taking words or all of them away.

Each card has a folder of its own, named by the card and by whose it is; a lock in it is held by the review, and where
the system lets a program hand on an open file by the editor too, so that a folder nobody holds was left by one that was
killed.
"""

import hashlib
import os
import shutil
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from scan_ingest.domain.identity import redacted
from scan_ingest.errors import InputError, StoreError
from scan_ingest.identity.removing import literal_spans, near_spans
from scan_ingest.sql import private_file, private_folder

LOCK, STALE = "held", "stale"
PATIENCE = 2.0  # seconds for somebody who only looks whether the lock is held, which takes some millionths
LOOK_EVERY = 0.01  # seconds


class EditedCards:
    """The folders of cards under `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, card_id: str, reviewer: str) -> Path:
        """Where that reviewer's file of the card lies."""
        whose = hashlib.sha256(reviewer.encode()).hexdigest()[:8]
        return self._folder / f"{card_id}-{whose}" / f"card-{card_id[:8]}.txt"

    def cards(self) -> frozenset[str]:
        """The ids of the cards that there are files of."""
        return frozenset(_card_of(folder) for folder in self._folders())

    def held(self, card_id: str) -> bool:
        """Whether a file of the card is open in somebody's editor."""
        return any(_is_held(folder) for folder in self._of_card(card_id))

    def drop_all_of(self, card_id: str) -> None:
        """Removes every file of the card; one that somebody has open stays. Raises `StoreError`."""
        for folder in self._of_card(card_id):
            if not _is_held(folder):
                _remove(folder)

    def drop_stale(self) -> None:
        """Removes what held words that `forget` was to take out while somebody had it open. Raises `StoreError`."""
        for folder in self._folders():
            if (folder / STALE).exists() and not _is_held(folder):
                _remove(folder)

    def forget(self, words: Collection[str], cards: Collection[str]) -> None:
        """Takes the words out of every file, of these cards what is spelled nearly so too, and an editor's own copies
        with them. A file that somebody has open stays as it is, and goes with the next `drop_stale`. Raises
        `StoreError`."""
        for folder in self._folders():
            find = near_spans if _card_of(folder) in cards else literal_spans
            found = {file: list(find(_text_of(file), words)) for file in _texts(folder)}
            if _is_held(folder):
                if any(found.values()):
                    private_file(folder / STALE)
                continue
            for file, spans in found.items():
                if spans:
                    _write(file, redacted(_text_of(file), spans))
            _remove_copies(folder)

    def _folders(self) -> list[Path]:
        return [folder for folder in sorted(self._folder.glob("*-*")) if folder.is_dir()]

    def _of_card(self, card_id: str) -> list[Path]:
        return [folder for folder in self._folders() if _card_of(folder) == card_id]


def _card_of(folder: Path) -> str:
    """The id of the card whose folder it is."""
    return folder.name.rpartition("-")[0]


@contextmanager
def being_edited(file: Path) -> Iterator[int]:
    """While somebody edits the card's file; the lock's descriptor, to be handed on to the editor. Raises `InputError`,
    `StoreError`."""
    private_folder(file.parent)
    try:
        lock = private_file(file.parent / LOCK).open("r+b")
    except OSError as exc:
        raise InputError(f"{file.parent / LOCK}: {exc.strerror or exc}") from exc
    with lock:
        _hold(lock)
        yield lock.fileno()


def _hold(lock: BinaryIO) -> None:
    """Holds it beside other sittings of the same reviewer, each for itself. Whoever looks just now whether anybody does
    has it for a moment, which is waited for. On Windows only one can hold it, for both: that is given up then."""
    until = time.monotonic() + PATIENCE
    while not _take(lock, beside_others=True) and time.monotonic() < until:
        time.sleep(LOOK_EVERY)


def _take(lock: BinaryIO, *, beside_others: bool) -> bool:
    """Whether it could be had. It ends with the last program that has the file open."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock.fileno(), (fcntl.LOCK_SH if beside_others else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_held(folder: Path) -> bool:
    try:
        with (folder / LOCK).open("r+b") as lock:
            return not _take(lock, beside_others=False)
    except FileNotFoundError:
        return False  # of a version that held none, or gone just now


def _texts(folder: Path) -> list[Path]:
    return sorted(folder.glob("card-*.txt"))


def _text_of(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _write(file: Path, text: str) -> None:
    try:
        _replace(file, text.encode())
    except OSError as exc:
        raise StoreError(f"{file}: words taken out of the card are still in it: {exc.strerror or exc}") from exc


def write_edited(file: Path, text: str) -> None:
    """Puts the card's text into its file, lines ended as this system does. Raises `OSError`, `StoreError`."""
    _replace(file, text.replace("\n", os.linesep).encode())


def _replace(file: Path, content: bytes) -> None:
    """At every moment the file has the whole of what it had before, or of this."""
    new = private_file(file.with_name(f"{file.name}.new"))
    with new.open("r+b") as target:
        target.truncate()
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    new.replace(file)


def _remove_copies(folder: Path) -> None:
    """What an editor left beside the file: backups and swap files, in forms of its own."""
    for file in folder.iterdir():
        if file not in _texts(folder) and file.name not in (LOCK, STALE):
            _remove(file)


def _remove(what: Path) -> None:
    try:
        shutil.rmtree(what) if what.is_dir() else what.unlink()
    except FileNotFoundError:
        return
    except OSError as exc:
        raise StoreError(f"{what}: cannot be removed: {exc.strerror or exc}") from exc


def remove_edited(file: Path) -> None:
    """Removes the card's folder when it is decided on; what cannot be removed is found again the next time."""
    with suppress(OSError):
        shutil.rmtree(file.parent)
