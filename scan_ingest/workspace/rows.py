"""Rows of the workspace into the domain's shapes, and back: what is kept as JSON is read and written here only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy import Row

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import Line, Reading, Suggestion, Word
from scan_ingest.domain.geometry import Homography
from scan_ingest.domain.page import PageRef, Placement
from scan_ingest.domain.review import Shown
from scan_ingest.domain.text import as_kept
from scan_ingest.ports.cards import FieldNote


@dataclass(frozen=True)
class _KeptPlacement:
    matrix: list[list[float]]  # 3 × 3, page pixels → millimetres
    residual_mm: float
    inliers: int
    corners_px: list[list[float]]  # 4 × 2


_PLACEMENT = TypeAdapter(_KeptPlacement)
_READING = TypeAdapter(Reading)
_FIELDS = TypeAdapter(tuple[FieldNote, ...])
_TEXTS = TypeAdapter(dict[str, str])
_SHOWN = TypeAdapter(Shown)


def placement_json(placement: Placement) -> str:
    kept = _KeptPlacement(
        placement.page_to_side.matrix.tolist(),
        float(placement.residual_mm),
        int(placement.inliers),
        placement.corners_px.tolist(),
    )
    return _PLACEMENT.dump_json(kept).decode()


def placement_from(template: str, side: str, text: str) -> Placement:
    kept = _PLACEMENT.validate_json(text)
    return Placement(
        template,
        side,
        Homography(np.array(kept.matrix, dtype=np.float64)),
        kept.residual_mm,
        kept.inliers,
        np.array(kept.corners_px, dtype=np.float64),
    )


def reading_json(reading: Reading) -> str:
    """The reading as it is kept: without characters that no text keeps."""
    return _READING.dump_json(_as_kept(reading)).decode()


def reading_from(text: str) -> Reading:
    return _READING.validate_json(text)


def fields_json(fields: tuple[FieldNote, ...]) -> str:
    return _FIELDS.dump_json(fields).decode()


def fields_from(text: str) -> tuple[FieldNote, ...]:
    return _FIELDS.validate_json(text)


def texts_json(texts: Mapping[str, str]) -> str:
    return _TEXTS.dump_json({name: as_kept(text) for name, text in texts.items()}).decode()


def texts_from(text: str) -> dict[str, str]:
    return _TEXTS.validate_json(text)


def shown_json(shown: Shown | None) -> str | None:
    if shown is None:
        return None
    kept = replace(shown, texts={name: as_kept(text) for name, text in shown.texts.items()})
    return _SHOWN.dump_json(kept).decode()


def shown_from(text: str | None) -> Shown | None:
    return None if text is None else _SHOWN.validate_json(text)


def label_from(row: Row[*tuple[object, ...]]) -> BoxLabel:
    """From a row with the columns organisation, ward and collected."""
    return BoxLabel(row.organisation, row.ward, row.collected)


def ref_from(row: Row[*tuple[object, ...]]) -> PageRef:
    """From a row with the columns file_sha256, page_number and file_name."""
    return PageRef(row.file_sha256, row.page_number, row.file_name)


def batch_id(number: int) -> str:
    return f"b{number:04d}"


def _as_kept(reading: Reading) -> Reading:
    def word(word: Word) -> Word:
        others = tuple(map(as_kept, word.alternatives))
        return replace(word, text=as_kept(word.text), alternatives=others, evidence=None)

    def line(line: Line) -> Line:
        return replace(line, text=as_kept(line.text), raw=as_kept(line.raw), words=tuple(map(word, line.words)))

    def suggestion(suggestion: Suggestion) -> Suggestion:
        return replace(suggestion, text=as_kept(suggestion.text))

    second = reading.second_opinion
    return replace(
        reading,
        text=as_kept(reading.text),
        lines=tuple(map(line, reading.lines)),
        second_opinion=None if second is None else as_kept(second),
        suggestions=tuple(map(suggestion, reading.suggestions)),
    )
