"""Worker processes: a page that crashes, hangs or trips over a bug costs only itself."""

import io
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.page import Outcome, Page, PageRef
from scan_ingest.errors import SkipError, ToolMissingError
from scan_ingest.pipeline.pool import WorkerPool
from scan_ingest.pipeline.walk import Watch
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cutting.segment import field_crops
from scan_ingest.templates import load_template, shipped_templates
from tests.pipeline.faulty import FAULTY_FIELD, no_reader, reader_that_ends_placing, reader_with, reader_without_tools


def empty_card(number: int) -> Page:
    """The blank side itself: a card that nobody filled in."""
    side = load_template(shipped_templates() / "nomination-a5").sides[0]
    return Page(PageRef("00" * 32, number, "box.pdf"), side.reference, 300.0)


def white_sheet(number: int) -> Page:
    return Page(PageRef("00" * 32, number, "box.pdf"), np.full((1165, 1654), 255, dtype=np.uint8), 200.0)


def test_pages_are_read_in_other_processes() -> None:
    with WorkerPool.started(1, partial(reader_with, "nothing"), 60) as pool:
        card, blank = pool.submit(empty_card(1)), pool.submit(white_sheet(2))
        assert card.result().outcome is Outcome.CARD
        assert {reading.field for reading in card.result().sides[0].readings} >= {"action", "impact"}
        assert blank.result().outcome is Outcome.BLANK


@pytest.mark.parametrize("fault", ["crash", "hang", "blunder", "exhaust"])
def test_a_recogniser_that_fails_costs_its_field_and_the_card_is_read_all_the_same(fault: str) -> None:
    seconds = 15 if fault == "hang" else 60  # on a busy machine placing alone takes some
    with WorkerPool.started(1, partial(reader_with, fault), seconds) as pool:
        first, second = pool.submit(empty_card(1)), pool.submit(white_sheet(2))
        assert first.result().outcome is Outcome.CARD
        assert second.result().outcome is Outcome.BLANK
    recognisers = {reading.field: reading.recogniser for reading in first.result().sides[0].readings}
    assert recognisers[FAULTY_FIELD] == "none (pp-ocrv6 failed)"
    assert recognisers["action"] == "pp-ocrv6"


def test_a_recogniser_that_ends_its_worker_on_two_fields_costs_those_two() -> None:
    with WorkerPool.started(1, partial(reader_with, "crash twice"), 60) as pool:
        result = pool.submit(empty_card(1)).result()
    recognisers = {reading.field: reading.recogniser for reading in result.sides[0].readings}
    assert {field for field, name in recognisers.items() if "failed" in name} == {"nominee", FAULTY_FIELD}
    assert recognisers["action"] == "pp-ocrv6"


def test_a_recogniser_that_fails_on_every_field_leaves_a_card_without_readings() -> None:
    with WorkerPool.started(1, partial(reader_with, "die"), 60) as pool:
        result = pool.submit(empty_card(1)).result()
    assert result.outcome is Outcome.CARD
    read = {reading.recogniser for reading in result.sides[0].readings if reading.field in ("action", "impact")}
    assert read == {"none (pp-ocrv6 failed)"}


def test_a_page_that_ends_its_worker_before_anything_is_read_has_failed(tmp_path: Path) -> None:
    with WorkerPool.started(1, partial(reader_that_ends_placing, tmp_path / "ended"), 60) as pool:
        first, second = pool.submit(empty_card(1)), pool.submit(empty_card(2))
        assert first.result().outcome is Outcome.FAILED
        assert "ended the worker" in first.result().reason
        assert second.result().outcome is Outcome.CARD


def test_a_bug_is_told_with_its_place_but_without_words_from_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    with WorkerPool.started(1, partial(reader_with, "blunder"), 60) as pool:
        result = pool.submit(empty_card(1)).result()
    told = capsys.readouterr().err
    assert "box.pdf#1: a bug, ZeroDivisionError" in told
    assert "faulty.py" in told
    assert "dear" not in told + result.reason


def test_a_page_whose_bug_cannot_even_be_told_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    told.close()
    with WorkerPool.started(1, partial(reader_with, "blunder"), 60) as pool:
        reading = pool.submit(empty_card(1))
        monkeypatch.setattr(sys, "stderr", told)  # as where the terminal has gone
        with pytest.raises(ValueError, match="closed file"):
            reading.result(timeout=120)


def test_a_recogniser_that_fails_as_it_may_is_not_blamed_for_what_ends_the_worker_later() -> None:
    def fails(crop: FieldCrop) -> tuple[Line, ...]:
        raise SkipError(f"no reading of {crop.field.name}")

    told: list[str] = []
    side = load_template(shipped_templates() / "nomination-a5").sides[0]
    crop = field_crops(clean(side.reference, side.reference), side)[0]
    with pytest.raises(SkipError):
        Watch(told.append).over(fails, "1/nominee pp-ocrv6")(crop)
    assert told == ["1/nominee pp-ocrv6", ""]


def test_a_tool_that_a_worker_misses_is_named() -> None:
    with (
        pytest.raises(ToolMissingError, match="tesseract is not installed"),
        WorkerPool.started(1, reader_without_tools, 60) as pool,
    ):
        pool.submit(white_sheet(1)).result()


def test_workers_that_cannot_start_stop_the_run() -> None:
    with (
        pytest.raises(ToolMissingError, match="worker processes cannot start"),
        WorkerPool.started(1, no_reader, 60) as pool,
    ):
        pool.submit(white_sheet(1)).result()
