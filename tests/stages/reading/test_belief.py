"""Confidences as the site's own reviews bear them out."""

from dataclasses import replace

import pytest

from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.card import Doubt
from scan_ingest.stages.reading.belief import believed
from tests.reviewed import a_word, read

LESS = Calibration(((0.0, 0.0), (1.0, 0.8)))  # words claim too much
MORE = Calibration(((0.0, 0.5), (1.0, 1.0)))


def test_a_word_that_claims_too_much_is_doubted_and_what_it_claimed_is_kept() -> None:
    reading = believed(read("action", [a_word("nurse", 0.95)]), LESS)
    (word,) = reading.lines[0].words
    assert (word.confidence, word.as_shipped, word.doubt) == (pytest.approx(0.76), 0.95, (Doubt.UNSURE,))
    assert reading.doubt == (Doubt.UNSURE,)
    assert reading.confidence == pytest.approx(0.76)
    assert reading.text == "nurse"


def test_a_word_that_is_surer_than_it_claims_loses_its_doubt_and_so_does_its_field() -> None:
    unsure = replace(read("action", [a_word("nurse", 0.75, doubted=True)]), doubt=(Doubt.UNSURE,))
    reading = believed(unsure, MORE)
    assert (reading.lines[0].words[0].doubt, reading.doubt) == ((), ())


def test_doubts_that_the_confidence_did_not_raise_stay() -> None:
    crossed_out = replace(a_word("nurse", 0.9), doubt=(Doubt.UNSURE, Doubt.INK))
    stray = replace(read("action", [crossed_out]), doubt=(Doubt.UNSURE, Doubt.INK))
    reading = believed(stray, MORE)
    assert reading.lines[0].words[0].doubt == (Doubt.UNSURE, Doubt.INK)
    assert reading.doubt == (Doubt.UNSURE, Doubt.INK)
    elsewhere = replace(read("action", [a_word("nurse", 0.75, doubted=True)]), doubt=(Doubt.UNSURE, Doubt.INK))
    assert believed(elsewhere, MORE).doubt == (Doubt.INK,)


def test_nothing_changes_without_a_calibration_or_where_another_recogniser_read() -> None:
    reading = read("action", [a_word("nurse", 0.95)])
    assert believed(reading, None) is reading
    failed = replace(reading, recogniser="tesseract (pp-ocrv6 failed)")
    assert believed(failed, LESS) is failed
    empty = read("action", [])
    assert believed(empty, LESS) is empty
