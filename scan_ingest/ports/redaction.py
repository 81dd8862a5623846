"""What taking words out of a workspace asks of the rest of the program."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from scan_ingest.domain.geometry import Points
from scan_ingest.domain.letter import Area

Polygons = Sequence[Points]
"""Each N × 2, in pixels of a page as scanned."""


Choose = Callable[[Mapping[str, str], Mapping[str, str]], Mapping[str, Sequence[tuple[int, int]]]]
"""A card's texts and its fields' kinds → the places (start, end) that go, by field."""


class Redraw(Protocol):
    """Writes to `target` the same pages as those of the file at `path`, as pictures only, each polygon filled in black.

    `polygons` are by page number, from 1; `file_name` tells the kind of file. What cannot be decoded becomes an empty
    page. Raises `StoreError` where it cannot be written.
    """

    def __call__(self, path: Path, file_name: str, target: Path, polygons: Mapping[int, Polygons]) -> None: ...


class Locate(Protocol):
    """Where words stand on the picture (JPEG) of a page that nobody read; what cannot be read has none."""

    def __call__(self, picture: bytes, words: Collection[str]) -> Sequence[Area]: ...


class Forget(Protocol):
    """Takes words out of what lies beside the workspace: what the site has learned, drafts, edited files.

    In files of these `cards` (ids: the card's and its other scans') what is spelled nearly so goes too; what others
    wrote of other cards loses the very words alone. Raises `StoreError`.
    """

    def __call__(self, words: Collection[str], cards: Collection[str]) -> None: ...
