"""Writing an export: complete or not at all, readable by its owner alone."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scan_ingest.domain.nomination import Nomination
from scan_ingest.export.formats import check_rows, frames_of, writer_for
from scan_ingest.export.rows import Exported, in_order, rows_of, survey
from scan_ingest.sql.files import whole_or_not_at_all


def export_nominations(
    nominations: Iterable[Nomination], file: Path, same_as: Mapping[str, str] | None = None
) -> Exported:
    """Writes the nominations and returns what the file holds. They are gone through twice; those that can be gone
    through only once, and lists, are sorted in memory first, a selection of the store comes in its order.

    `same_as` is nomination id → the id that it is counted with. Raises `UsageError` for a suffix that is not one of the
    four, `InputError` where the file cannot be written or its format cannot hold a text.
    """
    writer_for(file)
    with whole_or_not_at_all(file) as part:
        return write_nominations(nominations, part, same_as)


def write_nominations(
    nominations: Iterable[Nomination], part: Path, same_as: Mapping[str, str] | None = None
) -> Exported:
    """As `export_nominations`, into a file that is to take its place later; `part` has its suffix."""
    write = writer_for(part)
    if isinstance(nominations, list | tuple | Iterator):
        nominations = in_order(nominations)
    exported = survey(nominations, same_as or {})
    check_rows(part, exported.number)
    write(frames_of(rows_of(nominations, same_as or {}), exported.columns), exported.columns, part)
    return exported
