"""Tesseract, one call for the lines of a field: the second opinion."""

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
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.ports.reading import Recogniser


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
    import pytesseract

LANGUAGE = "eng"
SECONDS_PER_FIELD = 20.0  # a full A5 answer takes 1 to 3
BLOCK, SINGLE_LINE = 6, 7  # Tesseract's page segmentation modes
SHRINK = 0.5  # handwriting is large; half scale reads better and costs a third
PAPER_PX = 10  # Tesseract wants paper around the writing


def tesseract(seconds_per_field: float = SECONDS_PER_FIELD) -> Recogniser:
    """A recogniser that asks the installed Tesseract. Raises `ToolMissingError` where it or its English is missing."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # the cores are shared out by page
    try:
        languages = pytesseract.get_languages()
    except pytesseract.TesseractNotFoundError as exc:
        raise ToolMissingError("tesseract is not installed, or not on the path") from exc
    if LANGUAGE not in languages:
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
    """Tesseract's table of words. Raises `SkipError` where it fails or takes too long; its process is then ended."""
    try:
        table = pytesseract.image_to_data(
            picture,
            lang=LANGUAGE,
            config=f"--psm {mode} --dpi 100",
            output_type=pytesseract.Output.DICT,
            timeout=seconds,
        )
    except pytesseract.TesseractError as exc:
        raise SkipError(f"tesseract failed on a field (status {exc.status})") from exc
    except RuntimeError as exc:  # pytesseract's word for a timeout, after it has killed the process
        raise SkipError(f"tesseract took longer than {seconds:g} seconds over a field") from exc
    except (OSError, ValueError, KeyError) as exc:  # gone since the start, or bytes that are no table of words
        raise SkipError("tesseract gave no usable answer") from exc
    return dict(table)


def _lines(rows: Mapping[str, Sequence[Any]], strips: Sequence[_Strip]) -> tuple[Line, ...]:
    found: dict[int, list[Word]] = {}
    for index, raw in enumerate(rows["text"]):
        text = as_kept(" ".join(str(raw).split()))
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
