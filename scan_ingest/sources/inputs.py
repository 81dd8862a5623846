"""From the arguments of a command to the files they mean."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from scan_ingest.errors import InputError

PASSED_OVER = frozenset({"thumbs.db", "desktop.ini"})
"""What Windows leaves in folders of pictures (in lower case); names that begin with a dot are passed over too."""


def find_files(arguments: Sequence[Path]) -> tuple[Path, ...]:
    """Files as given; of folders every file, in natural order, then the subfolders' in natural order.

    A file that is reached twice is taken once, at its first place. Links are followed, each folder once. A link that
    leads nowhere stays in the list, so that it is reported and not lost. Raises `InputError` for an argument that does
    not exist or is neither file nor folder, for a folder that cannot be read, and where no file is found at all.
    """
    found: dict[Path, Path] = {}
    folders: set[Path] = set()
    for argument in arguments:
        if argument.is_dir():
            files: Iterator[Path] = _walk(argument, folders)
        elif argument.is_file():
            files = iter((argument,))
        elif argument.exists():
            raise InputError(f"{argument}: neither a file nor a folder")
        else:
            raise InputError(f"{argument}: no such file or folder")
        for file in files:
            found.setdefault(file.resolve(), file)
    if not found:
        raise InputError(f"{', '.join(map(str, arguments)) or 'nothing given'}: no file to read")
    return tuple(found.values())


def natural_order(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key: runs of digits count as numbers, letters regardless of case; `page2` comes before `Page10`."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts), name


def _walk(folder: Path, visited: set[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in visited:
        return
    visited.add(real)
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: natural_order(entry.name))
    except OSError as exc:
        raise InputError(f"{folder}: the folder cannot be read ({exc.strerror or exc})") from exc
    seen = [entry for entry in entries if not _passed_over(entry.name)]
    # Pipes and sockets hold no scan, and opening one would wait for ever.
    yield from (entry for entry in seen if entry.is_file() or (entry.is_symlink() and not entry.exists()))
    for entry in seen:
        if entry.is_dir():
            yield from _walk(entry, visited)


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name.casefold() in PASSED_OVER
