"""A reading says which program and model made it."""

import re
from pathlib import Path

import pytest

from scan_ingest import __version__
from scan_ingest.cli.edition import edition
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.template import FieldKind
from scan_ingest.pipeline.walk import Watch, read_side
from scan_ingest.recognisers import ppocr
from scan_ingest.templates import shipped_templates
from tests.drawing.placed import seen


def test_an_edition_is_version_model_and_a_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = edition()
    assert re.fullmatch(rf"{re.escape(__version__)} {ppocr.model_path().stem} [0-9a-f]{{8}}", here)
    other = tmp_path / ppocr.model_path().name
    other.write_bytes(b"another model of the same name")
    monkeypatch.setattr(ppocr, "model_path", lambda: other)
    assert edition().split()[:2] == here.split()[:2]
    assert edition() != here


def test_what_is_read_of_a_card_is_signed() -> None:
    card = seen({"nominee": "Jane Hill"})
    reader = make_reader(shipped_templates(), ("nomination-a5",))
    side = read_side(card.page, card.placement, 1, reader, Watch())
    layout = reader.templates["nomination-a5"]
    signed = {reading.made_by for reading in side.readings if layout.field(reading.field).kind is FieldKind.TEXT}
    assert signed == {edition()}
