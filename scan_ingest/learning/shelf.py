"""`learned.json` in the data folder: what is in force, and the version before it.

A new version is written under a temporary name and renamed; whoever reads at any moment finds a whole one.
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

FILE, BEFORE = "learned.json", "learned.previous.json"


@dataclass(frozen=True)
class _Document:
    schema: Literal[1]  # another one is another version of the program's
    learned: Learned


_DOCUMENT = TypeAdapter(_Document)


def in_force(data: Path) -> Learned | None:
    """What was learned last; None where nothing was. Raises `StoreError` where the file cannot be understood."""
    return _read(data / FILE)


def before(data: Path) -> Learned | None:
    """What `go_back` would bring back."""
    return _read(data / BEFORE)


def keep(data: Path, learned: Learned) -> Path:
    """Puts it in force, keeps what was before; its file, which only its owner can read. Raises `StoreError`."""
    try:
        if (data / FILE).exists():
            _write(data / BEFORE, (data / FILE).read_bytes())
        _write(data / FILE, _DOCUMENT.dump_json(_Document(1, learned), indent=1))
    except OSError as exc:
        raise StoreError(f"{data / FILE}: cannot be written ({exc.strerror or exc})") from exc
    return data / FILE


def forget(data: Path, words: Collection[str]) -> None:
    """Takes words, and the entries that hold one, out of what is in force and of the version before it.

    Raises `StoreError` where a file cannot be understood or written.
    """
    parts = {part for word in words for part in word.casefold().split()}
    for file in (data / FILE, data / BEFORE):
        learned = _read(file)
        if learned is None:
            continue
        lists = learned.lists
        left = replace(
            learned,
            vocabulary={word: share for word, share in learned.vocabulary.items() if word not in parts},
            lists=Lists(
                tuple(person for person in lists.staff if not _holds(person.name, words)),
                tuple(ward for ward in lists.wards if not _holds(ward, words)),
                tuple(role for role in lists.roles if not _holds(role, words)),
            ),
        )
        if left != learned:
            try:
                _write(file, _DOCUMENT.dump_json(_Document(1, left), indent=1))
            except OSError as exc:
                raise StoreError(f"{file}: cannot be written ({exc.strerror or exc})") from exc


def _holds(entry: str, words: Collection[str]) -> bool:
    return any(word.casefold() in entry.casefold() for word in words)


def go_back(data: Path) -> Learned | None:
    """Puts the version before in force, or none where there was none before; what is then in force.

    Raises `StoreError` where nothing was learned, or the folder cannot be written to.
    """
    if not (data / FILE).exists():
        raise StoreError(f"{data / FILE}: nothing was learned here, so there is nothing to take back")
    try:
        if (data / BEFORE).exists():
            (data / BEFORE).replace(data / FILE)
        else:
            (data / FILE).unlink()
    except OSError as exc:
        raise StoreError(f"{data / FILE}: cannot be taken back ({exc.strerror or exc})") from exc
    return in_force(data)


def _read(file: Path) -> Learned | None:
    try:
        return _DOCUMENT.validate_json(file.read_bytes()).learned
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


def _write(file: Path, content: bytes) -> None:
    unfinished = file.with_name(f".{file.name}.new")
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
