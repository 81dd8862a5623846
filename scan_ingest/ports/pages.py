"""Files → pages."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scan_ingest.domain.page import FailedPage, Page


@dataclass(frozen=True)
class Limits:
    """What an untrusted file may cost."""

    pages_per_file: int = 2000
    pixels_per_page: int = 140_000_000  # A4 at 1200 dpi
    seconds_per_page: float = 120.0


class PageSource(Protocol):
    """Yields a file's pages one at a time, in order, numbered from 1, holding at most a few in memory.

    A page that cannot be decoded is yielded as `FailedPage` and the next follows; a file that cannot be opened is one
    `FailedPage`, number 1. Pages numbered in `skip` are not decoded and not yielded. Nothing is raised for a bad file.
    `file_sha256` and `file_name` are what the refs carry; `path` may have another name.
    """

    def __call__(
        self, path: Path, file_name: str, file_sha256: str, limits: Limits, skip: Collection[int]
    ) -> Iterator[Page | FailedPage]: ...
