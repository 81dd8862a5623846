"""Tesseract, one call a field: the second opinion."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import pytesseract

from scan_ingest.domain.card import Line, Word
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.geometry import BoxMm, GreyImage
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.ports import Recogniser

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
        picture, left, top = _writing(crop)
        mode = SINGLE_LINE if len(crop.lines) == 1 else BLOCK
        rows = _ask(picture, mode, seconds_per_field)
        px = crop.picture.shape[1] / crop.box_mm.width * SHRINK
        try:
            return _lines(rows, crop.box_mm.x + left / px, crop.box_mm.y + top / px, px)
        except (ValueError, TypeError, KeyError, IndexError) as exc:  # cells that are missing or no numbers
            raise SkipError("tesseract gave no usable answer") from exc

    return recognise


def _writing(crop: FieldCrop) -> tuple[GreyImage, float, float]:
    """The part of the clean field that is written on, shrunk, and where its top left is in shrunk pixels."""
    rows, columns = np.flatnonzero(crop.ink.any(axis=1)), np.flatnonzero(crop.ink.any(axis=0))
    part = crop.clean[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    small = cv2.resize(part, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA)
    edges = (PAPER_PX,) * 4
    padded = cv2.copyMakeBorder(small, *edges, cv2.BORDER_CONSTANT, value=255)
    return np.asarray(padded, dtype=np.uint8), columns[0] * SHRINK - PAPER_PX, rows[0] * SHRINK - PAPER_PX


def _ask(picture: GreyImage, mode: int, seconds: float) -> Mapping[str, Sequence[Any]]:
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


def _lines(rows: Mapping[str, Sequence[Any]], left_mm: float, top_mm: float, px_per_mm: float) -> tuple[Line, ...]:
    found: dict[tuple[int, int, int], list[Word]] = {}
    for index, raw in enumerate(rows["text"]):
        text = as_kept(" ".join(str(raw).split()))
        if not text or float(rows["conf"][index]) < 0:
            continue
        box = BoxMm(
            left_mm + rows["left"][index] / px_per_mm,
            top_mm + rows["top"][index] / px_per_mm,
            max(rows["width"][index], 1) / px_per_mm,
            max(rows["height"][index], 1) / px_per_mm,
        )
        key = (rows["block_num"][index], rows["par_num"][index], rows["line_num"][index])
        found.setdefault(key, []).append(Word(text, min(float(rows["conf"][index]) / 100, 1.0), box))
    return tuple(_line(words) for words in found.values())


def _line(words: Sequence[Word]) -> Line:
    text = " ".join(word.text for word in words)
    left, top = min(word.box_mm.x for word in words), min(word.box_mm.y for word in words)
    right, bottom = max(word.box_mm.right for word in words), max(word.box_mm.bottom for word in words)
    confidence = float(np.mean([word.confidence for word in words]))
    return Line(text, text, confidence, BoxMm(left, top, right - left, bottom - top), tuple(words))
