"""Recognisers that fail, and the readers that a worker builds with them."""

import os
import time
from pathlib import Path

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.errors import ToolMissingError
from scan_ingest.pipeline.walk import Reader
from scan_ingest.ports import Recogniser
from scan_ingest.stages.place import prepare
from scan_ingest.templates import load_templates, shipped_templates

CRASHING_FIELD = "impact"


def _crash(crop: FieldCrop) -> tuple[Line, ...]:
    if crop.field.name == CRASHING_FIELD:
        os._exit(9)  # as a fault in a library or the kernel's out-of-memory killer would
    return ()


def _hang(crop: FieldCrop) -> tuple[Line, ...]:  # noqa: ARG001 - a recogniser is called with a crop
    time.sleep(600)
    return ()


def _blunder(crop: FieldCrop) -> tuple[Line, ...]:
    raise ZeroDivisionError(f"dear {crop.field.name}")


def _read_nothing(crop: FieldCrop) -> tuple[Line, ...]:  # noqa: ARG001 - a recogniser is called with a crop
    return ()


RECOGNISERS: dict[str, Recogniser] = {
    "crash": _crash,
    "hang": _hang,
    "blunder": _blunder,
    "nothing": _read_nothing,
}


def reader_with(fault: str, mark: Path | None = None) -> Reader:
    """A reader whose recogniser has that fault; where `mark` is given, only until that file exists."""
    if mark is not None and mark.exists():
        fault = "nothing"
    elif mark is not None:
        mark.touch()
    templates = load_templates(shipped_templates(), ["nomination-a5"])
    return Reader({template.id: template for template in templates}, prepare(templates), RECOGNISERS[fault])


def reader_without_tools() -> Reader:
    raise ToolMissingError("tesseract is not installed")


def no_reader() -> Reader:
    raise OSError("the disk is gone")
