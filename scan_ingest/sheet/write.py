"""Writes a contact sheet: a private file, whole or not at all, a page at a time."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from scan_ingest.domain.batch import PageRow
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.template import Template
from scan_ingest.errors import InputError, StoreError, UsageError
from scan_ingest.ports.cards import FieldNote
from scan_ingest.sheet.html import as_html
from scan_ingest.sheet.pages import Heading, SmallPage, small_page
from scan_ingest.sheet.pdf import as_pdf

Writer = Callable[[Heading, Iterable[SmallPage], Iterable[SmallPage]], Iterator[bytes]]
WRITERS: dict[str, Writer] = {".html": as_html, ".pdf": as_pdf}


class SheetDesk(Protocol):
    """The part of the workspace that a contact sheet is made from."""

    def pages(self, batch_id: str) -> tuple[PageRow, ...]: ...

    def page_picture(self, row: PageRow) -> bytes | None:
        """The page as it is kept (JPEG); None where nothing was. Raises `StoreError` where it is gone."""
        ...

    def field_notes(self, card_id: str) -> tuple[FieldNote, ...]: ...


def writer_for(file: Path) -> Writer:
    """What writes a file of that suffix. Raises `UsageError` for another than .html or .pdf."""
    try:
        return WRITERS[file.suffix.lower()]
    except KeyError:
        raise UsageError(f"{file}: a contact sheet is an .html or a .pdf file") from None


def contact_sheet(
    heading: Heading,
    desk: SheetDesk,
    templates: Mapping[str, Template],
    file: Path,
    *,
    force: bool,
    going_out: Callable[[], None] = lambda: None,
) -> int:
    """Writes the sheet (0600, under a temporary name first); the bytes it has. `going_out` is called before the first.

    `templates` give the fields of sides that have no card. Raises `UsageError` for a wrong suffix, `InputError` where
    the file cannot be written, or is there already and `force` is false: it may be the scan itself.
    """
    writer = writer_for(file)
    if file.exists() and not force:
        raise InputError(f"{file}: there is such a file already, nothing is written over it; --force does")
    rows = desk.pages(heading.batch.id)
    first = (row for row in rows if row.needs_a_person)
    rest = (row for row in rows if not row.needs_a_person)

    def small(some: Iterable[PageRow]) -> Iterator[SmallPage]:
        return (_small(row, desk, templates) for row in some)

    try:
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=f".part{file.suffix}")  # 0600
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc.strerror or exc}") from exc
    try:
        going_out()
        with os.fdopen(handle, "wb") as target:
            for piece in writer(heading, small(first), small(rest)):
                target.write(piece)
            size = target.tell()
        Path(temporary).replace(file)
    except OSError as exc:
        raise InputError(f"{file}: cannot be written: {exc.strerror or exc}; is it open in another program?") from exc
    finally:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
    return size


def _small(row: PageRow, desk: SheetDesk, templates: Mapping[str, Template]) -> SmallPage:
    try:
        picture = desk.page_picture(row)
        why = "no picture could be decoded" if row.outcome is Outcome.FAILED else "no picture is kept"
    except StoreError:
        picture, why = None, "the picture is gone"
    return small_page(row, picture, why, desk.field_notes, templates)
