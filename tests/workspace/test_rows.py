"""Readings as the workspace keeps them."""

from scan_ingest.domain.card import Reading, Suggestion
from scan_ingest.workspace.rows import reading_from, reading_json


def test_a_reading_kept_before_there_were_lists_still_loads() -> None:
    kept = '{"field":"nominee","text":"Jo Ash","confidence":0.75,"recogniser":"pp-ocrv6","lines":[],"doubt":["unsure"]}'
    assert reading_from(kept).suggestions == ()


def test_suggestions_are_kept_without_control_characters() -> None:
    reading = Reading("nominee", "Jo", 0.9, "pp-ocrv6", suggestions=(Suggestion("Jo\x07 Ash", 0.25),))
    assert reading_from(reading_json(reading)).suggestions == (Suggestion("Jo Ash", 0.25),)
