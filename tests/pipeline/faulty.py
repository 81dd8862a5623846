"""Recognisers that fail, and the readers that a worker builds with them."""

import os
import time
from dataclasses import replace
from pathlib import Path

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.errors import ToolMissingError
from scan_ingest.pipeline.walk import Reader
from scan_ingest.ports.reading import Recogniser
from scan_ingest.stages.placing.prepared import prepare
from scan_ingest.templates import load_templates, shipped_templates

FAULTY_FIELD = "impact"


def _crash(crop: FieldCrop) -> tuple[Line, ...]:
    if crop.field.name == FAULTY_FIELD:
        os._exit(9)  # as a fault in a library or the kernel's out-of-memory killer would
    return ()


def _crash_twice(crop: FieldCrop) -> tuple[Line, ...]:
    if crop.field.name in ("nominee", FAULTY_FIELD):
        os._exit(9)
    return ()


def _hang(crop: FieldCrop) -> tuple[Line, ...]:
    if crop.field.name == FAULTY_FIELD:
        time.sleep(600)
    return ()


def _blunder(crop: FieldCrop) -> tuple[Line, ...]:
    if crop.field.name == FAULTY_FIELD:
        raise ZeroDivisionError(f"dear {crop.field.name}")
    return ()


def _exhaust(crop: FieldCrop) -> tuple[Line, ...]:
    if crop.field.name == FAULTY_FIELD:
        raise MemoryError
    return ()


def _die(crop: FieldCrop) -> tuple[Line, ...]:  # noqa: ARG001 - a recogniser is called with a crop
    os._exit(9)


class _Deadly:
    """Ends the worker as soon as it is looked at, before any recogniser is asked: a fault in a library of pictures."""

    def __getattr__(self, name: str) -> object:
        os._exit(9)


def reader_that_ends_placing(mark: Path) -> Reader:
    """Only until that file exists."""
    reader = reader_with("nothing")
    if mark.exists():
        return reader
    mark.touch()
    return replace(reader, prepared=_Deadly())  # type: ignore[arg-type]


def _read_nothing(crop: FieldCrop) -> tuple[Line, ...]:  # noqa: ARG001 - a recogniser is called with a crop
    return ()


RECOGNISERS: dict[str, Recogniser] = {
    "crash": _crash,
    "crash twice": _crash_twice,
    "hang": _hang,
    "blunder": _blunder,
    "exhaust": _exhaust,
    "die": _die,
    "nothing": _read_nothing,
}


def reader_with(fault: str) -> Reader:
    """A reader whose recogniser has that fault."""
    templates = load_templates(shipped_templates(), ["nomination-a5"])
    return Reader({template.id: template for template in templates}, prepare(templates), RECOGNISERS[fault])


def reader_without_tools() -> Reader:
    raise ToolMissingError("tesseract is not installed")


def no_reader() -> Reader:
    raise OSError("the disk is gone")
