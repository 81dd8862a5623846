"""Any file → its pages: the socket that every kind of file is plugged into."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePath

from scan_ingest.domain.page import FailedPage, Page, PageRef
from scan_ingest.errors import SkipError
from scan_ingest.ports.pages import Limits, PageSource
from scan_ingest.sources.image import pages_of_picture
from scan_ingest.sources.kinds import HEAD_BYTES, Kind, kind_of, stranger
from scan_ingest.sources.pdf import count_pdf, pages_of_pdf
from scan_ingest.sources.tiff import count_tiff, pages_of_tiff

BY_SUFFIX: Mapping[str, tuple[Kind, PageSource]] = {
    ".pdf": (Kind.PDF, pages_of_pdf),
    ".tif": (Kind.TIFF, pages_of_tiff),
    ".tiff": (Kind.TIFF, pages_of_tiff),
    ".jpg": (Kind.JPEG, pages_of_picture),
    ".jpeg": (Kind.JPEG, pages_of_picture),
    ".png": (Kind.PNG, pages_of_picture),
}
"""Every suffix that is read, in lower case, with the kind it promises and what reads it."""


def pages_of(
    path: Path, file_name: str, file_sha256: str, limits: Limits, skip: Collection[int] = ()
) -> Iterator[Page | FailedPage]:
    """A file's pages, as `PageSource` says. The suffix is that of `file_name`: `path` may be a copy without one.

    Raises `ToolMissingError` where a program is absent that the kind of file needs.
    """
    suffix = PurePath(file_name).suffix.lower()
    promised, source = BY_SUFFIX.get(suffix, (None, None))
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as exc:
        reason: str | None = f"the file cannot be read ({exc.strerror or exc})"
    else:
        reason = _why_not(head, suffix, promised)
    if reason is None and source is not None:
        yield from source(path, file_name, file_sha256, limits, skip)
    elif 1 not in skip:
        yield FailedPage(PageRef(file_sha256, 1, file_name), reason or "")


def count_pages(path: Path, limits: Limits) -> int:
    """How many pages the file will be, for a progress bar: quick, judged by content, and 1 where it cannot be told.

    Raises `ToolMissingError` as `pages_of` does.
    """
    try:
        with path.open("rb") as file:
            kind = kind_of(file.read(HEAD_BYTES))
        if kind is Kind.PDF:
            counted = count_pdf(path, limits)
        elif kind is Kind.TIFF:
            counted = count_tiff(path, limits)
        else:
            counted = 1
    except (SkipError, OSError):
        return 1
    # Of the pages over the limit only the first is reported.
    return max(1, min(counted, limits.pages_per_file + 1))


def _why_not(head: bytes, suffix: str, promised: Kind | None) -> str | None:
    """Why a file is not read at all; None where suffix and content agree."""
    kind = kind_of(head)
    known = ", ".join(BY_SUFFIX)
    if promised is None:
        what = f'files that end in "{suffix}" are not read' if suffix else "the file's name has no suffix"
        hint = f"; it is {kind}, give it that suffix" if kind else ""
        return f"{what}{hint} (read are {known})"
    if not head:
        return "the file is empty"
    if kind is None:
        other = stranger(head)
        return (
            f"the file is {other}, not {promised}"
            if other
            else f"the file is not {promised}, nor any kind that is read"
        )
    if kind is not promised:
        return f'the file is {kind}, though its name ends in "{suffix}"; rename it'
    return None
