"""Crop → reading."""

from typing import Protocol

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop


class Recogniser(Protocol):
    """Reads the lines of a text field; box and word boxes in millimetres on the side.

    Raises `SkipError` where the engine fails or takes too long; the field's reading then says so.
    """

    def __call__(self, crop: FieldCrop) -> tuple[Line, ...]: ...
