"""A collection box in the workspace without any scanning: cards with readings that nobody had to read."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from scan_ingest.cli.edition import edition
from scan_ingest.domain.batch import Batch, BoxLabel
from scan_ingest.domain.card import Doubt, Line, Reading, Suggestion, Word, card_id
from scan_ingest.domain.crop import SIDE_PX_PER_MM, ReadSide
from scan_ingest.domain.geometry import BoxMm, Homography
from scan_ingest.domain.likeness import CELL_MM, MOST, Likeness
from scan_ingest.domain.page import Outcome, PageRef, Placement
from scan_ingest.ports.cards import FieldNote, NewCard
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.workspace import Workspace

LABEL = BoxLabel("Northgate", "Ash", date(2026, 3, 2))
FIELDS = (
    FieldNote("nominee", "front", "text", "Who?", True, BoxMm(8, 10, 90, 8)),
    FieldNote("nominator", "front", "choice", "I am a", False, BoxMm(30, 45, 40, 5), ("patient", "carer"), 1),
    FieldNote("action", "front", "text", "What did they do?", True, BoxMm(8, 60, 60, 20)),
    FieldNote("impact", "front", "text", "What did it mean?", True, BoxMm(8, 82, 60, 10)),
)
TEXTS = {"nominee": "Jo Ash", "nominator": "carer", "action": "Sat with my father", "impact": "He slept"}
SIDE_MM = (105.0, 95.0)


def some_writing(seed: int, *, scanned: int = 0) -> Likeness:
    """What somebody wrote over the whole side, another for every seed; `scanned` is which of its scans, a little unlike
    the others."""
    shape = tuple(round(mm / CELL_MM) for mm in reversed(SIDE_MM))
    strokes = np.random.default_rng(seed).random(shape) < 0.2
    noise = np.random.default_rng(scanned).integers(0, 1 + bool(scanned), shape)
    return Likeness(np.asarray(np.where(strokes, MOST - 2 * noise, noise), dtype=np.uint8))


def side_picture(shade: int = 240) -> bytes:
    """A registered side: paper of that shade as JPEG."""
    width, height = (round(mm * SIDE_PX_PER_MM) for mm in SIDE_MM)
    target = BytesIO()
    Image.new("L", (width, height), shade).save(target, "JPEG")
    return target.getvalue()


this_edition = cache(edition)  # looked up once, as a worker does


def a_reading(name: str, text: str, box: BoxMm) -> Reading:
    """One line, each word as sure as the next, the last of them doubted."""
    words = text.split()
    step = box.width / max(1, len(words))
    seen = tuple(
        Word(word, 0.75, BoxMm(box.x + i * step, box.y, step, 5), (Doubt.UNSURE,) if i == len(words) - 1 else ())
        for i, word in enumerate(words)
    )
    lines = (Line(text, text.lower(), 0.75, BoxMm(box.x, box.y, box.width, 5), seen),) if words else ()
    doubt = (Doubt.UNSURE,) if words else (Doubt.EMPTY,)
    suggestions = (Suggestion("Jo Ashe", 0.5),) if name == "nominee" else ()
    return Reading(name, text, 0.75, "pp-ocrv6", lines, doubt, "Sat wlth", suggestions, this_edition())


def a_side(place: int = 1, texts: Mapping[str, str] = TEXTS, side: str = "front") -> ReadSide:
    placement = Placement(
        "nomination-a5",
        side,
        Homography(np.array([[0.1, 0.01, 3.0], [-0.01, 0.1, 2.0], [0.0, 0.0, 1.0]])),
        0.12,
        57,
        np.array([[1.5, 2.0], [1600.0, 3.0], [1601.0, 1200.0], [2.0, 1199.5]]),
    )
    readings = tuple(a_reading(note.name, texts[note.name], note.box_mm) for note in FIELDS if note.side == side)
    return ReadSide(place, placement, readings, side_picture(), True)


def picture_of(ref: PageRef) -> str:
    """What stands in for the SHA-256 of a page's picture: each page looks different."""
    return hashlib.sha256(str(ref).encode()).hexdigest()


def a_card_page(
    ref: PageRef, texts: Mapping[str, str] = TEXTS, *, file_position: int = 0, cards_on_it: int = 1
) -> PageRecord:
    """A page with that many one-sided cards on it."""
    picture = picture_of(ref)
    places = range(1, cards_on_it + 1)
    return PageRecord(
        file_position,
        ref,
        Outcome.CARD,
        "",
        dpi=200.0,
        picture_sha256=picture,
        picture=f"page {ref}".encode(),
        sides=tuple(a_side(place, texts) for place in places),
        new_cards=tuple(
            NewCard(card_id(picture, place), "nomination-a5", ((None, place),), FIELDS) for place in places
        ),
    )


def put_box(
    workspace: Workspace,
    scans: Path,
    cards: int = 3,
    *,
    label: BoxLabel = LABEL,
    name: str = "box.pdf",
    texts: Mapping[str, str] = TEXTS,
    content: str = "",
) -> Batch:
    """A finished batch of one file with a card on each page; `content` makes it the same file as another."""
    scan = scans / name
    scan.write_bytes((content or f"{name} {label}").encode())
    original = workspace.keep_original(scan)
    batch, _ = workspace.open_batch(label, [original], None, any_date=False)
    for number in range(1, cards + 1):
        workspace.record(batch.id, a_card_page(PageRef(original.sha256, number, original.name), texts))
    workspace.finish(batch.id)
    return batch
