"""Parts of pages made black wherever the workspace keeps a picture of them: page, registered side, the scan itself.

New files are kept first, beside the old ones; a transaction then gives the rows their new names and writes the old
files down as leftovers.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import Points
from scan_ingest.ports.redaction import Redraw
from scan_ingest.workspace import leftovers, pictures, rows
from scan_ingest.workspace.tables import batch_files, pages, sides

SIDE_QUALITY, PAGE_QUALITY = 90, 80  # JPEG, as they were kept

AnyRow = Row[*tuple[object, ...]]


@dataclass(frozen=True)
class Replaced:
    """Places under the workspace's folder, old → new."""

    pictures: Mapping[str, str]
    originals: Mapping[str, str]

    @property
    def old(self) -> tuple[str, ...]:
        return (*self.pictures, *self.originals)

    @property
    def new(self) -> tuple[str, ...]:
        return (*self.pictures.values(), *self.originals.values())


def draw(connection: Connection, folder: Path, covered: Mapping[int, Sequence[Points]], redraw: Redraw) -> Replaced:
    """Keeps every picture and original that shows the polygons (by page, in pixels as scanned) anew, with them black.
    What was purged shows nothing."""
    new_pictures: dict[str, str] = {}
    for side in connection.execute(sa.select(sides).where(sides.c.page.in_(covered), sides.c.picture != "")):
        placement = rows.placement_from(side.template, side.side, side.placement)
        to_pixels = np.diag([SIDE_PX_PER_MM, SIDE_PX_PER_MM])
        polygons = [placement.page_to_side.map(polygon) @ to_pixels for polygon in covered[side.page]]
        new_pictures[side.picture] = pictures.black_out(folder, side.picture, polygons, SIDE_QUALITY)
    in_files: dict[str, dict[int, list[Points]]] = defaultdict(lambda: defaultdict(list))
    names: dict[str, str] = {}
    for key, on_page in covered.items():
        page = connection.execute(sa.select(pages).where(pages.c.number == key)).one()
        if page.picture is not None:
            new_pictures[page.picture] = pictures.black_out(folder, page.picture, on_page, PAGE_QUALITY)
        for file, number in _files_with(connection, page):
            in_files[file.original][number] += on_page
            names[file.original] = file.name
    originals = {
        original: _stand_in(folder, original, names[original], numbers, redraw)
        for original, numbers in in_files.items()
        if (folder / original).exists()  # what was cleared away shows nothing
    }
    return Replaced(new_pictures, originals)


def _stand_in(folder: Path, original: str, name: str, covered: Mapping[int, Sequence[Points]], redraw: Redraw) -> str:
    return pictures.keep_stand_in(folder, original, lambda target: redraw(folder / original, name, target, covered))


def _files_with(connection: Connection, page: AnyRow) -> list[tuple[AnyRow, int]]:
    """The files that this very page came in, with its number there: a renamed or appended file has it again."""
    same = sa.and_(pages.c.file_sha256 == page.file_sha256, pages.c.page_number == page.page_number)
    if page.picture_sha256 is not None:
        same = sa.or_(same, pages.c.picture_sha256 == page.picture_sha256)
    found = connection.execute(
        sa.select(batch_files, pages.c.page_number)
        .join(pages, sa.and_(pages.c.batch == batch_files.c.batch, pages.c.file_position == batch_files.c.position))
        .where(same, batch_files.c.original.is_not(None))
    )
    return [(row, int(row.page_number)) for row in found]


def name_anew(connection: Connection, replaced: Replaced) -> None:
    """Gives every row the new file in place of the old one, which is then to be removed."""
    for old, new in replaced.pictures.items():
        connection.execute(sa.update(sides).where(sides.c.picture == old).values(picture=new))
        connection.execute(sa.update(pages).where(pages.c.picture == old).values(picture=new))
    for old, new in replaced.originals.items():
        connection.execute(sa.update(batch_files).where(batch_files.c.original == old).values(original=new))
    leftovers.leave(connection, replaced.old)
