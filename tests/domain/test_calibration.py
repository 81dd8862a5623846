"""Confidences held against being right, and put right."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from scan_ingest.domain.calibration import Calibration, expected_calibration_error, fitted, reliability

JUDGED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200)


def test_a_confidence_of_one_lies_in_the_last_bin() -> None:
    bins = reliability([(1.0, True), (0.95, False), (0.0, False)])
    assert [bin_.words for bin_ in bins] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert bins[-1].observed == 0.5


def test_the_calibration_error_is_weighed_by_words() -> None:
    words = [(0.95, True)] * 90 + [(0.55, False)] * 10
    assert expected_calibration_error(reliability(words)) == pytest.approx(0.9 * 0.05 + 0.1 * 0.55)
    assert expected_calibration_error(reliability([])) is None


@given(JUDGED, st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_what_is_surer_stays_surer(words: list[tuple[float, bool]], confidences: list[float]) -> None:
    calibration = fitted(words)
    mapped = [calibration(confidence) for confidence in sorted(confidences)]
    assert mapped == sorted(mapped)
    assert all(0 <= value <= 1 for value in mapped)


def test_words_that_claim_too_much_are_brought_down() -> None:
    words = [(0.9, n % 10 < 6) for n in range(2000)] + [(0.5, n % 10 < 3) for n in range(2000)]
    calibration = fitted(words)
    assert calibration(0.9) == pytest.approx(0.6, abs=0.03)
    assert calibration(0.5) == pytest.approx(0.3, abs=0.03)
    assert 0.3 < calibration(0.7) < 0.6


def test_words_of_one_confidence_are_judged_together() -> None:
    """A word raised because two recognisers agree has the same confidence as hundreds of others."""
    calibration = fitted([(0.96, n % 2 == 0) for n in range(4000)])
    assert calibration(0.96) == pytest.approx(0.5, abs=0.01)


def test_a_few_words_move_next_to_nothing() -> None:
    assert fitted([(0.9, False)])(0.9) == pytest.approx(0.9, abs=0.05)


def test_a_calibration_that_falls_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="rises"):
        Calibration(((0.1, 0.5), (0.2, 0.4)))
    with pytest.raises(ValueError, match="rises"):
        Calibration(((0.2, 0.4), (0.2, 0.5)))
    assert Calibration(((0.2, 0.4), (0.6, 0.8)))(0.4) == pytest.approx(0.6)
