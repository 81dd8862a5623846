"""Tesseract, one call for the lines of a field: the second opinion.

pytesseract knows where the program is and how its table is to be taken apart; the program itself is run within bounds
that pytesseract does not set (`recognisers/program.py`).
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from scan_ingest.domain.card import Line, Word
from scan_ingest.domain.crop import FieldCrop, LineCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.text import as_read
from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.ports.reading import Recogniser
from scan_ingest.recognisers.program import ask_program


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Where pandas is not in use yet, an import inside finds none. pytesseract takes it for tables that we never ask
    for, and importing it is half of the time in which a worker gets ready."""
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # type: ignore[assignment]  # Python's own way to say that there is no such module
    try:
        yield
    finally:
        del sys.modules["pandas"]


with _without_pandas():
    from pytesseract import pytesseract

LANGUAGE = "eng"
SECONDS_PER_FIELD = 20.0  # a full A5 answer takes 1 to 3
SECONDS_TO_START = 20.0  # the first start after an installation may be slow
MOST_BYTES = 4_000_000  # a page full of print is 50,000
BLOCK, SINGLE_LINE = 6, 7  # Tesseract's page segmentation modes
SHRINK = 0.5  # handwriting is large; half scale reads better and costs a third
PAPER_PX = 10  # Tesseract wants paper around the writing


def tesseract(seconds_per_field: float = SECONDS_PER_FIELD, seconds_to_start: float = SECONDS_TO_START) -> Recogniser:
    """A recogniser that asks the installed Tesseract. Raises `ToolMissingError` where it or its English is missing."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # the cores are shared out by page
    try:
        told = ask_program([pytesseract.tesseract_cmd, "--list-langs"], b"", seconds=seconds_to_start, most=MOST_BYTES)
    except OSError as exc:
        raise ToolMissingError("tesseract is not installed, or not on the path") from exc
    except SkipError as exc:
        raise ToolMissingError(f"{exc} when asked for its languages; install it again") from exc
    if LANGUAGE not in told.decode("utf-8", "replace").split():
        raise ToolMissingError(f'tesseract has no language "{LANGUAGE}": install its English data')

    def recognise(crop: FieldCrop) -> tuple[Line, ...]:
        if not crop.lines:
            return ()
        sheet, strips = _stacked(crop.lines)
        mode = SINGLE_LINE if len(strips) == 1 else BLOCK
        rows = ask(sheet, mode, seconds_per_field)
        try:
            return _lines(rows, strips)
        except (ValueError, TypeError, KeyError, IndexError) as exc:  # cells that are missing or no numbers
            raise SkipError("tesseract gave no usable answer") from exc

    return recognise


@dataclass(frozen=True)
class _Strip:
    """Where one line lies on the sheet (pixels), and where it comes from."""

    top: int
    bottom: int
    px_per_mm: float
    box_mm: BoxMm


def _stacked(lines: Sequence[LineCrop]) -> tuple[GreyImage, list[_Strip]]:
    """The lines one below the other on white paper, shrunk: one call reads them all."""
    pictures = [cv2.resize(line.picture, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA) for line in lines]
    width = max(picture.shape[1] for picture in pictures) + 2 * PAPER_PX
    height = sum(picture.shape[0] + PAPER_PX for picture in pictures) + PAPER_PX
    sheet, strips, top = np.full((height, width), 255, dtype=np.uint8), [], PAPER_PX
    for line, picture in zip(lines, pictures, strict=True):
        rows, columns = picture.shape
        sheet[top : top + rows, PAPER_PX : PAPER_PX + columns] = picture
        strips.append(_Strip(top, top + rows, columns / line.box_mm.width, line.box_mm))
        top += rows + PAPER_PX
    return sheet, strips


def ask(picture: GreyImage, mode: int, seconds: float) -> Mapping[str, Sequence[Any]]:
    """Tesseract's table of words, a column a name. Raises `SkipError` where it fails or takes too long; its process is
    then ended. The picture and the answer go through pipes: no word of a card is left in a file."""
    encoded, png = cv2.imencode(".png", picture)
    assert encoded
    options = ["-l", LANGUAGE, "--psm", f"{mode}", "--dpi", "100", "tsv"]
    command = [pytesseract.tesseract_cmd, "stdin", "stdout", *options]
    try:
        answer = ask_program(command, png.tobytes(), seconds=seconds, most=MOST_BYTES)
    except OSError as exc:
        raise SkipError("tesseract is gone since the start") from exc
    try:
        return dict(pytesseract.file_to_dict(answer.decode("utf-8"), "\t", -1))
    except (ValueError, OverflowError) as exc:  # bytes that are no table of words
        raise SkipError("tesseract gave no usable answer") from exc


def _lines(rows: Mapping[str, Sequence[Any]], strips: Sequence[_Strip]) -> tuple[Line, ...]:
    found: dict[int, list[Word]] = {}
    for index, raw in enumerate(rows["text"]):
        text = as_read(" ".join(str(raw).split()))
        if not text or float(rows["conf"][index]) < 0:
            continue
        left, top = float(rows["left"][index]) - PAPER_PX, float(rows["top"][index])
        width, height = max(float(rows["width"][index]), 1.0), max(float(rows["height"][index]), 1.0)
        middle = top + height / 2
        at = min(range(len(strips)), key=lambda n: abs(middle - (strips[n].top + strips[n].bottom) / 2))
        strip = strips[at]
        mm = 1 / strip.px_per_mm
        box = BoxMm(strip.box_mm.x + left * mm, strip.box_mm.y + (top - strip.top) * mm, width * mm, height * mm)
        found.setdefault(at, []).append(Word(text, min(float(rows["conf"][index]) / 100, 1.0), box))
    return tuple(_line(sorted(found[at], key=lambda word: word.box_mm.x)) for at in sorted(found))


def _line(words: Sequence[Word]) -> Line:
    text = " ".join(word.text for word in words)
    left, top = min(word.box_mm.x for word in words), min(word.box_mm.y for word in words)
    right, bottom = max(word.box_mm.right for word in words), max(word.box_mm.bottom for word in words)
    confidence = float(np.mean([word.confidence for word in words]))
    return Line(text, text, confidence, BoxMm(left, top, right - left, bottom - top), tuple(words))
