"""Sets of real handwriting, their pictures taken as fields of a card, and the readings of whole cards.

A set is a tab-separated file of picture path (from the file's folder), writer, true text. The writers copied one of two
texts, told apart by the `_pXXX_` in the picture's name.
"""

import argparse
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from scan_ingest.domain.card import Reading
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.page import Page
from scan_ingest.domain.template import Field, FieldKind
from scan_ingest.pipeline.walk import Reader, read_page
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting import lines


@dataclass(frozen=True, eq=False)
class Written:
    """A picture of writing at `SIDE_PX_PER_MM`, whose it is, what it says, and the text that it copies a part of."""

    picture: GreyImage
    writer: str
    text: str
    source: str = "all"


def written(file: Path) -> Iterator[Written]:
    """The entries of a set. Ends the program where a picture is missing."""
    with file.open(encoding="utf-8", newline="") as rows:
        for path, writer, text in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            picture = cv2.imread(str(file.parent / path), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                raise SystemExit(f"{file}: {path} is not there or is no picture")
            source = re.search(r"_p([A-Z]+)_", path)
            yield Written(np.asarray(picture, dtype=np.uint8), writer, text, source[1] if source else "all")


def sets_asked_for(about: str | None, every: int, of_which: str) -> tuple[list[Written], list[Written], int]:
    """The lines, the paragraphs, and which share of them a benchmark takes, as its command line says; `every` where
    that says nothing, `of_which` is what is counted off. The libraries keep to one thread from here on."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, required=True, help="a set of written lines")
    parser.add_argument("--pages", type=Path, required=True, help="a set of written paragraphs by the same people")
    parser.add_argument("--every", type=int, default=every, help=f"take every nth {of_which}")
    arguments = parser.parse_args()
    one_thread()
    return list(written(arguments.lines)), list(written(arguments.pages)), arguments.every


def paragraph(picture: GreyImage, reference: GreyImage | None = None) -> FieldCrop:
    """A whole answer, cleaned of the blank side's print and cut into lines as the pipeline does."""
    height, width = picture.shape
    box = BoxMm(0, 0, width / SIDE_PX_PER_MM, height / SIDE_PX_PER_MM)
    side = clean(picture, np.full_like(picture, 255) if reference is None else reference)
    field = Field("action", "front", FieldKind.TEXT, box)
    return FieldCrop(field, picture, side.clean, side.ink, box, lines.cut(side.clean, side.ink, box))


def one_line(picture: GreyImage, reference: GreyImage | None = None) -> FieldCrop:
    """A picture that is known to hold one line: trimmed, not cut."""
    crop = paragraph(picture, reference)
    whole = lines.trimmed(crop.clean, crop.ink, crop.box_mm)
    return FieldCrop(crop.field, picture, crop.clean, crop.ink, crop.box_mm, (whole,) if whole else ())


def readings_of_card(pages: Sequence[Page], template_id: str, reader: Reader) -> dict[str, Reading]:
    """The readings of a card; nothing for a side that was not placed. A page with several cards gives its first."""
    found: dict[str, Reading] = {}
    for page in pages:
        for side in read_page(page, reader).sides:
            if side.placement.template_id == template_id:
                for reading in side.readings:
                    found.setdefault(reading.field, reading)
    return found
