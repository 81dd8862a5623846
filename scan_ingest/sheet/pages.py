"""What a contact sheet shows of one page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from scan_ingest.domain.batch import Batch, PageRow
from scan_ingest.domain.geometry import BoxMm, Points
from scan_ingest.domain.kept import size_as_scanned
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.template import Template
from scan_ingest.ports.cards import FieldNote

EDGE_PX = 560  # a third of a sheet of paper at 200 dpi
QUALITIES = (60, 45, 30)  # JPEG; the first that gives at most MOST_BYTES
MOST_BYTES = 28_000  # 38 kB in base64: a thousand pages are a file of 40 MB, which a browser still opens


@dataclass(frozen=True, eq=False)
class Outline:
    """A quadrilateral in pixels of the small picture: a card (`name` is its template and side) or a field of it."""

    corners: Points
    name: str
    is_card: bool


@dataclass(frozen=True, eq=False)
class SmallPage:
    """A page as the sheet shows it; without a picture where there is none, then `no_picture` says why."""

    row: PageRow
    jpeg: bytes | None
    width: int
    height: int
    outlines: tuple[Outline, ...]
    grey: bool = False
    no_picture: str = ""


@dataclass(frozen=True)
class Heading:
    """What stands above the pages."""

    batch: Batch
    outcomes: Mapping[Outcome, int]
    cards: int
    cards_seen_before: int
    todo: Sequence[str]

    @property
    def pages(self) -> int:
        return sum(self.outcomes.values())


NotesOf = Callable[[str], Sequence[FieldNote]]
"""The fields of a card by its id, as they were when it was read."""


def small_page(
    row: PageRow, picture: bytes | None, no_picture: str, notes_of: NotesOf, templates: Mapping[str, Template]
) -> SmallPage:
    """The page small, with the outlines of its cards and of their fields where they were found."""
    image = None if not picture else cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_ANYCOLOR)
    if picture is None or image is None:
        return SmallPage(row, None, EDGE_PX, EDGE_PX // 4, (), no_picture=no_picture or "the picture cannot be shown")
    height, width = image.shape[:2]
    as_scanned = (size_as_scanned(picture) or (width, height))[0]
    factor = min(1.0, EDGE_PX / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    outlines = tuple(_outlines(row, size[0] / as_scanned, notes_of, templates))
    return SmallPage(row, _jpeg(np.asarray(small, dtype=np.uint8)), *size, outlines, grey=image.ndim == 2)


def _outlines(row: PageRow, factor: float, notes_of: NotesOf, templates: Mapping[str, Template]) -> Sequence[Outline]:
    found: list[Outline] = []
    for placement, card in row.placements:
        found.append(Outline(placement.corners_px * factor, f"{placement.template_id} {placement.side}", is_card=True))
        to_page = placement.page_to_side.inverse()
        for name, box in _boxes(card, placement.template_id, placement.side, notes_of, templates):
            corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
            found.append(Outline(to_page.map(corners) * factor, name, is_card=False))
    return found


def _boxes(
    card: str | None, template_id: str, side: str, notes_of: NotesOf, templates: Mapping[str, Template]
) -> Sequence[tuple[str, BoxMm]]:
    """The fields of the side: as kept with the card, else as the template has them now, if it is still there."""
    if card is not None:
        return [(note.name, note.box_mm) for note in notes_of(card) if note.side == side]
    template = templates.get(template_id)
    return [] if template is None else [(field.name, field.box_mm) for field in template.fields if field.side == side]


def _jpeg(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    data = b""
    for quality in QUALITIES:
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(data) <= MOST_BYTES:
            break
    return data
