"""`learned.json` in the data folder: what is in force, and the version before it.

Both stand in one file, and a new one is written under a temporary name and renamed: whoever reads at any moment, and
whoever goes back after a run was killed, finds two whole versions or one.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from scan_ingest.domain.learned import Learned
from scan_ingest.domain.lists import Lists
from scan_ingest.errors import StoreError

FILE = "learned.json"
OLD_BEFORE = "learned.previous.json"  # where the version before stood, in older data folders


@dataclass(frozen=True)
class _Document:
    schema: Literal[1]  # another one is another version of the program's
    learned: Learned
    before: Learned | None = None


_DOCUMENT = TypeAdapter(_Document)


def in_force(data: Path) -> Learned | None:
    """What was learned last; None where nothing was. Raises `StoreError` where the file cannot be understood."""
    found = _read(data / FILE)
    return found.learned if found else None


def before(data: Path) -> Learned | None:
    """What `go_back` would bring back."""
    found = _kept(data)
    return found.before if found else None


def keep(data: Path, learned: Learned) -> Path:
    """Puts it in force, keeps what was before; its file, which only its owner can read. Raises `StoreError`."""
    now = _kept(data)
    _put(data, _Document(1, learned, now.learned if now else None))
    return data / FILE


def forget(data: Path, words: Collection[str]) -> None:
    """Takes words, and the entries that hold one, out of what is in force and of the version before it, and away with
    what a killed run left.

    Raises `StoreError` where a file cannot be understood or written.
    """
    _unfinished(data / FILE).unlink(missing_ok=True)
    found = _kept(data)
    if found is None:
        return
    left = replace(
        found,
        learned=_without(found.learned, words),
        before=_without(found.before, words) if found.before else None,
    )
    if left != found:
        _put(data, left)


def go_back(data: Path) -> Learned | None:
    """Puts the version before in force, or none where there was none before; what is then in force.

    Raises `StoreError` where nothing was learned, or the folder cannot be written to.
    """
    found = _kept(data)
    if found is None:
        raise StoreError(f"{data / FILE}: nothing was learned here, so there is nothing to take back")
    if found.before is not None:
        _put(data, _Document(1, found.before))
        return found.before
    try:
        (data / OLD_BEFORE).unlink(missing_ok=True)
        (data / FILE).unlink()
    except OSError as exc:
        raise StoreError(f"{data / FILE}: cannot be taken back ({exc.strerror or exc})") from exc
    return None


def _without(learned: Learned, words: Collection[str]) -> Learned:
    parts = {part for word in words for part in word.casefold().split()}
    lists = learned.lists
    return replace(
        learned,
        vocabulary={word: share for word, share in learned.vocabulary.items() if word not in parts},
        lists=Lists(
            tuple(person for person in lists.staff if not _holds(person.name, words)),
            tuple(ward for ward in lists.wards if not _holds(ward, words)),
            tuple(role for role in lists.roles if not _holds(role, words)),
        ),
    )


def _holds(entry: str, words: Collection[str]) -> bool:
    return any(word.casefold() in entry.casefold() for word in words)


def _kept(data: Path) -> _Document | None:
    """Both versions, the one before from the file of its own that it once had."""
    found = _read(data / FILE)
    if found is None or found.before is not None:
        return found
    old = _read(data / OLD_BEFORE)
    return replace(found, before=old.learned) if old and old.learned != found.learned else found


def _put(data: Path, document: _Document) -> None:
    try:
        _write(data / FILE, _DOCUMENT.dump_json(document, indent=1))
        (data / OLD_BEFORE).unlink(missing_ok=True)
    except OSError as exc:
        raise StoreError(f"{data / FILE}: cannot be written ({exc.strerror or exc})") from exc


def _read(file: Path) -> _Document | None:
    try:
        return _DOCUMENT.validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise StoreError(f"{file}: cannot be read ({exc.strerror or exc})") from exc
    except ValidationError as exc:
        where = ".".join(str(step) for step in exc.errors(include_input=False, include_url=False)[0]["loc"][:2])
        raise StoreError(
            f"{file}: not what this version of the program has learned ({where or 'not JSON'}); "
            "move it away, then scan-ingest learn makes it anew"
        ) from None  # the error itself shows words of cards


def _unfinished(file: Path) -> Path:
    return file.with_name(f".{file.name}.new")


def _write(file: Path, content: bytes) -> None:
    unfinished = _unfinished(file)
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
