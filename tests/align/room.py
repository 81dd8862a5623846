"""A box with pages that the program refuses, ingested for real, and the tools to place them by hand."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from scan_ingest.align.session import Session, Tools
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop, PageResult
from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.domain.page import FailedPage, Page
from scan_ingest.errors import SkipError
from scan_ingest.pipeline.by_hand import placed, read_by_hand, settle_with
from scan_ingest.pipeline.ingest import ingest
from scan_ingest.pipeline.walk import Reader, read_page
from scan_ingest.ports.align import PageAtHand
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.reading import Recogniser
from scan_ingest.sources.open import pages_of
from scan_ingest.stages.placing.prepared import prepare
from scan_ingest.workspace import Workspace
from tests.drawing import hands
from tests.drawing.box import LABEL
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand
from tests.drawing.placed import template
from tests.drawing.scanner import Laid, Scan, scan
from tests.drawing.strangers import letter

TEXTS = {"action": "She sat with my father all night", "impact": "He was not alone"}


@dataclass(frozen=True, eq=False)
class Covered:
    """A card of which most printing is hidden, and where it truly lies."""

    page: GreyImage
    corners: Points


def covered_card(turn: int = 0) -> Covered:
    """A filled-in card whose upper part lies under a sheet of paper, and whose foot is torn off: most print is gone."""
    card = template()
    written = fill_in(card, "front", TEXTS, Hand(FONTS["kaushan"], hands.BLACK), seed=5, colour=False)
    rows_per_mm = written.shape[0] / card.height_mm
    action, impact = (card.field(name).box_mm for name in ("action", "impact"))
    hidden = written.copy()
    hidden[: round((action.y - 1) * rows_per_mm)] = 228
    hidden[round((impact.bottom + 1) * rows_per_mm) :] = 246
    scanned = scan(Laid(hidden, card.width_mm, card.height_mm, 1.5, turn), Scan(), seed=7)
    return Covered(np.asarray(scanned.page, dtype=np.uint8), scanned.corners_px[0])


def reads_nothing(_crop: FieldCrop) -> tuple[Line, ...]:
    return ()


@dataclass
class HerePool:
    """Reads pages in this process."""

    reader: Reader
    window: int = 1

    def submit(self, page: Page) -> Future[PageResult]:
        answer: Future[PageResult] = Future()
        answer.set_result(read_page(page, self.reader))
        return answer


def make_reader(recogniser: Recogniser = reads_nothing) -> Reader:
    card = template()
    return Reader({card.id: card}, prepare([card]), recogniser)


def decoded(hand: PageAtHand) -> Page:
    if hand.file.path is None:
        raise SkipError("the file was never kept")
    for page in pages_of(hand.file.path, hand.ref.file_name, hand.ref.file_sha256, Limits()):
        if page.ref.number == hand.ref.number and not isinstance(page, FailedPage):
            return page
    raise SkipError("no such page")


def tools_of(reader: Reader) -> Tools:
    return Tools(
        reader.templates,
        reader.prepared,
        decoded,
        partial(read_by_hand, reader),
        partial(placed, reader.templates),
        settle_with(reader.templates),
    )


def put(workspace: Workspace, folder: Path, pictures: Sequence[GreyImage], reader: Reader) -> None:
    """Ingests those pictures as page1.png, page2.png, …"""
    files = []
    for number, picture in enumerate(pictures, start=1):
        files.append(folder / f"page{number}.png")
        cv2.imwrite(str(files[-1]), picture)
    ingest(
        files,
        BoxLabel(LABEL.organisation, LABEL.ward, LABEL.collected),
        desk=workspace,
        source=pages_of,
        pool=HerePool(reader),
        templates=reader.templates,
        limits=Limits(),
    )


def whole_card() -> GreyImage:
    card = template()
    written = fill_in(card, "front", TEXTS, Hand(FONTS["kaushan"], hands.BLACK), seed=6, colour=False)
    scanned = scan(Laid(written, card.width_mm, card.height_mm, 0.5, 0), Scan(), seed=8)
    return np.asarray(scanned.page, dtype=np.uint8)


def session_of(workspace: Workspace, reader: Reader, person: str = "ann") -> Session:
    return Session(workspace, tools_of(reader), person, workspace.pages_to_align())


__all__ = ["TEXTS", "Covered", "covered_card", "letter", "make_reader", "put", "session_of", "tools_of", "whole_card"]
