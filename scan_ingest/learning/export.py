"""Line pictures with their corrected text, for training a recogniser elsewhere.

One folder serves two programs: PaddleOCR reads `rec_gt.txt` (picture, tab, text), kraken the pairs `images/x.png` and
`images/x.gt.txt`.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop, LineCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.review import ReviewedCard
from scan_ingest.domain.template import Template
from scan_ingest.errors import InputError
from scan_ingest.learning.again import Pictures, cut_again
from scan_ingest.learning.lines import texts_of_lines

LABELS, IMAGES = "rec_gt.txt", "images"
SAME_PLACE = 0.7  # of both boxes' common area: the line that is cut now is the one that was read then


@dataclass(frozen=True)
class LinesWritten:
    """How many lines were written, and how many were left out, each for one reason."""

    written: int = 0
    uncertain: int = 0  # which part of the corrected text is the line's
    not_found: int = 0  # the picture or the template has changed or is gone

    def __add__(self, other: "LinesWritten") -> "LinesWritten":
        return LinesWritten(
            self.written + other.written, self.uncertain + other.uncertain, self.not_found + other.not_found
        )


def export_lines(
    cards: Iterable[ReviewedCard], desk: Pictures, templates: Mapping[str, Template], folder: Path
) -> LinesWritten:
    """Writes every line whose text is certain; files for their owner only.

    Raises `InputError` where the folder is not empty or cannot be written to.
    """
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder}: not an empty folder; name a new one, nothing is written over")
        for made in (folder, folder / IMAGES):
            made.mkdir(mode=0o700, parents=True, exist_ok=True)
            made.chmod(0o700)
        count = LinesWritten()
        with os.fdopen(_private(folder / LABELS), "w", encoding="utf-8", newline="\n") as labels:
            for card in cards:
                for name, text, crop in _lines(card, desk, templates):
                    if text is None or crop is None:
                        count += LinesWritten(uncertain=text is None, not_found=text is not None)
                        continue
                    _write(folder / IMAGES / name, crop, text)
                    labels.write(f"{IMAGES}/{name}\t{text}\n")
                    count += LinesWritten(written=1)
    except OSError as exc:
        raise InputError(f"{folder}: cannot be written to ({exc.strerror or exc})") from exc
    return count


def _lines(
    card: ReviewedCard, desk: Pictures, templates: Mapping[str, Template]
) -> Iterable[tuple[str, str | None, LineCrop | None]]:
    """Each line that was read on the card: the name of its picture, its text if certain, its crop if there is one."""
    read = {
        name: reading for name, reading in card.readings.items() if card.kinds.get(name) == "text" and reading.lines
    }
    template = templates.get(card.template_id)
    crops = {crop.field.name: crop for crop in cut_again(desk, card.id, template, read)} if template else {}
    for name, reading in read.items():
        texts = texts_of_lines([line.text for line in reading.lines], card.texts.get(name, ""))
        for number, (line, text) in enumerate(zip(reading.lines, texts, strict=True), start=1):
            yield f"{card.id}_{name}_{number}.png", text, _crop(line, crops.get(name))


def _crop(line: Line, field: FieldCrop | None) -> LineCrop | None:
    near = [crop for crop in field.lines if _shared(crop.box_mm, line.box_mm) >= SAME_PLACE] if field else []
    return max(near, key=lambda crop: _shared(crop.box_mm, line.box_mm), default=None)


def _shared(one: BoxMm, other: BoxMm) -> float:
    """The common area of two boxes by the area that either covers."""
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    common = max(width, 0.0) * max(height, 0.0)
    return common / (one.width * one.height + other.width * other.height - common)


def _write(picture: Path, crop: LineCrop, text: str) -> None:
    done, encoded = cv2.imencode(".png", crop.picture)
    assert done  # a grey picture always becomes a PNG
    for path, content in ((picture, encoded.tobytes()), (picture.with_suffix(".gt.txt"), f"{text}\n".encode())):
        with os.fdopen(_private(path), "wb") as target:
            target.write(content)


def _private(path: Path) -> int:
    """A descriptor of a new file that only its owner can read."""
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
