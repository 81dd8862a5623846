"""A card that tells who a patient is, in a workspace with real pictures: what is written can be found in every file."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from scan_ingest.domain.batch import Batch
from scan_ingest.domain.card import Line, Reading, Suggestion, Word, card_id
from scan_ingest.domain.crop import SIDE_PX_PER_MM, ReadSide
from scan_ingest.domain.geometry import BoxMm, GreyImage, Homography
from scan_ingest.domain.likeness import Likeness
from scan_ingest.domain.page import Outcome, Page, Placement
from scan_ingest.domain.review import Decision, Review
from scan_ingest.pipeline.pictures import page_picture, side_picture
from scan_ingest.ports.cards import NewCard
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.open import pages_of
from scan_ingest.workspace import Workspace
from tests.drawing.box import FIELDS, LABEL, SIDE_MM, some_writing

DPI = 150
MARGIN_PX = 40  # of the page around the card
TELLING = {
    "nominee": "Jo Ash",
    "nominator": "carer",
    "action": "Sat with my mother Zanthia Quorley all night",
    "impact": "She slept at last",
}
LEASE = timedelta(minutes=15)
WRITING = some_writing(5)
"""How the ink of a card lies that is scanned twice."""


def page_image(texts: Mapping[str, str]) -> GreyImage:
    """The page as scanned: the card's fields written in their boxes."""
    px_per_mm = DPI / 25.4
    size = tuple(round(mm * px_per_mm) + 2 * MARGIN_PX for mm in reversed(SIDE_MM))
    image: GreyImage = np.full(size, 245, dtype=np.uint8)
    for reading in readings(texts):
        for line in reading.lines:
            for word in line.words:
                at = (
                    round(word.box_mm.x * px_per_mm) + MARGIN_PX,
                    round(word.box_mm.bottom * px_per_mm) + MARGIN_PX - 8,
                )
                cv2.putText(image, word.text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 20, 1, cv2.LINE_AA)
    return image


def readings(texts: Mapping[str, str]) -> tuple[Reading, ...]:
    """Every text in one line, as decoded; the recogniser's own, its second opinion and the suggestions say it too."""
    found = []
    for note in FIELDS:
        text = texts[note.name]
        step = note.box_mm.width / max(1, len(text.split()))
        words = tuple(
            Word(word, 0.8, BoxMm(note.box_mm.x + at * step, note.box_mm.y, step, 5), alternatives=(word.upper(),))
            for at, word in enumerate(text.split())
        )
        line = Line(text, text.lower(), 0.8, BoxMm(note.box_mm.x, note.box_mm.y, note.box_mm.width, 5), words)
        suggestions = (Suggestion(text, 0.5),)
        found.append(Reading(note.name, text, 0.8, "pp-ocrv6", (line,), (), text.title(), suggestions))
    return tuple(found)


def write_scan(file: Path, pages: list[GreyImage]) -> None:
    first, *others = (Pillow.fromarray(page) for page in pages)
    if file.suffix in (".pdf", ".tif"):
        first.save(file, save_all=True, append_images=others, resolution=DPI, dpi=(DPI, DPI))
    else:
        first.save(file, dpi=(DPI, DPI))


def put_telling_box(
    workspace: Workspace,
    scans: Path,
    *,
    name: str = "box.pdf",
    texts: Mapping[str, str] = TELLING,
    pages: int = 2,
    letters: Sequence[GreyImage] = (),
    likeness: Likeness | None = None,
) -> Batch:
    """A finished batch whose first card tells who a patient is (`likeness` is how its ink lies); the others tell
    nothing. `letters` are pages behind the cards that are none."""
    harmless = {**texts, "action": "Sat with my mother all night"}
    on_pages = [texts if number == 0 else harmless for number in range(pages)]
    drawn = [page_image(each) for each in on_pages]
    for number, page in enumerate(drawn):
        page[:20, : 20 * (number + 1)] = 100  # no two pages are alike
    write_scan(scans / name, [*drawn, *letters])
    original = workspace.keep_original(scans / name)
    assert original.path is not None
    batch, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    for number, page in enumerate(pages_of(original.path, name, original.sha256, Limits())):
        assert isinstance(page, Page)
        if number < pages:
            workspace.record(batch.id, _record(page, on_pages[number], likeness if number == 0 else None))
        else:
            workspace.record(batch.id, _letter(page))
    workspace.finish(batch.id)
    return batch


def _letter(page: Page) -> PageRecord:
    why = "no known card on it"
    return PageRecord(0, page.ref, Outcome.UNMATCHED, why, page.dpi, page.picture_sha256, page_picture(page), (), ())


def letter(words: str) -> GreyImage:
    """A typed letter of the card's size, a line for each of its lines."""
    px_per_mm = DPI / 25.4
    image: GreyImage = np.full([round(mm * px_per_mm) + 2 * MARGIN_PX for mm in reversed(SIDE_MM)], 255, dtype=np.uint8)
    for number, line in enumerate(words.splitlines()):
        cv2.putText(image, line, (40, 80 + 60 * number), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 2, cv2.LINE_AA)
    return image


def _record(page: Page, texts: Mapping[str, str], likeness: Likeness | None = None) -> PageRecord:
    mm_per_px = 25.4 / DPI
    to_side = Homography(
        np.array([[mm_per_px, 0, -MARGIN_PX * mm_per_px], [0, mm_per_px, -MARGIN_PX * mm_per_px], [0, 0, 1.0]])
    )
    width, height = SIDE_MM
    corners = to_side.inverse().map([(0, 0), (width, 0), (width, height), (0, height)])
    image = page.image if page.image.ndim == 2 else cv2.cvtColor(page.image, cv2.COLOR_BGR2GRAY)
    to_pixels = to_side.then(Homography.scaling(SIDE_PX_PER_MM)).matrix
    size = (round(width * SIDE_PX_PER_MM), round(height * SIDE_PX_PER_MM))
    side = cv2.warpPerspective(np.asarray(image), to_pixels, size, borderValue=(255,))
    placed = Placement("nomination-a5", "front", to_side, 0.1, 50, corners)
    read = ReadSide(1, placed, readings(texts), side_picture(np.asarray(side, dtype=np.uint8)), True, likeness)
    new = NewCard(card_id(page.picture_sha256, 1), "nomination-a5", ((None, 1),), FIELDS)
    sha256 = page.picture_sha256
    return PageRecord(0, page.ref, Outcome.CARD, "", page.dpi, sha256, page_picture(page), (read,), (new,))


def accept_all(workspace: Workspace, person: str = "ann") -> list[str]:
    """Accepts every card as it stands; their ids."""
    done = []
    while (card := workspace.claim_next(person, LEASE)) is not None:
        workspace.decide(Review(card.id, Decision.ACCEPT, person, datetime.now(UTC), texts=card.texts))
        done.append(card.id)
    return done


def ink_in(picture: bytes, box: BoxMm, px_per_mm: float, margin_px: int = 0) -> tuple[int, int]:
    """(darkest, lightest) in the middle of the box on a picture."""
    image = np.asarray(Pillow.open(BytesIO(picture)).convert("L"))
    left, right = (round(x * px_per_mm) + margin_px for x in (box.x, box.right))
    top, bottom = (round(y * px_per_mm) + margin_px for y in (box.y, box.bottom))
    inside = image[top + 1 : bottom - 1, left + 1 : right - 1]
    return int(inside.min()), int(inside.max())
