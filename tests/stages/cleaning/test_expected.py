"""The print is expected as dark, and just there, as the scan shows it."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage
from scan_ingest.stages.cleaning.expected import Runs, as_printed, expected
from scan_ingest.stages.cleaning.ink import clean


def ruled(at: float = 60.0, grey: int = 60) -> GreyImage:
    """A side with rules 60 pixels apart, the first at `at`."""
    fine = np.full((2400, 400), 255, dtype=np.uint8)
    for rule in range(3):
        first = round((at + 60 * rule) * 10)
        fine[first : first + 20] = grey
    coarse = cv2.resize(fine, (400, 240), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(coarse, (0, 0), 0.7), dtype=np.uint8)


@pytest.mark.parametrize("scan", [ruled(60.3), ruled(59.7), ruled(60.0, grey=75)], ids=["lower", "higher", "paler"])
def test_a_rule_is_expected_where_the_scan_has_it(scan: GreyImage) -> None:
    print_ = as_printed(ruled(), scan)
    off = 255.0 - scan.ravel()[print_.at] - expected(print_, np.asarray(255 - scan, dtype=np.uint8))
    assert np.abs(off).max() < 24  # a third of a pixel at the edge of this rule makes 60


def test_a_thin_black_rule_off_its_place_is_not_taken_for_a_paler_one() -> None:
    fine = np.full((2, 1200, 400), 255, dtype=np.uint8)
    fine[0, 600:620], fine[1, 604:624] = 0, 0  # the scan's lies 0.4 pixels lower
    blank, scanned = (
        np.asarray(cv2.GaussianBlur(cv2.resize(one, (400, 120), interpolation=cv2.INTER_AREA), (0, 0), 0.7), np.uint8)
        for one in fine
    )
    print_ = as_printed(blank, scanned)
    off = 255.0 - scanned.ravel()[print_.at] - expected(print_, np.asarray(255 - scanned, dtype=np.uint8))
    assert off.max() < 20


def test_words_standing_on_a_rule_do_not_make_it_darker() -> None:
    reference = ruled(grey=150)
    written = reference.copy()
    for x in range(20, 380, 9):  # a third of the rule is written on
        written[40:70, x : x + 3] = 30
    print_ = as_printed(reference, written)
    fitted = np.zeros(written.shape, dtype=np.float32)
    fitted.ravel()[print_.at] = expected(print_, np.asarray(255 - written, dtype=np.uint8))
    assert fitted[60, 100:300].mean() == pytest.approx(255.0 - float(reference[60, 100:300].mean()), abs=12)


def test_pencil_no_darker_than_the_rule_is_seen_crossing_it() -> None:
    reference = ruled(grey=150)
    pencil = np.ones(reference.shape, dtype=np.float32)
    for x in range(20, 380, 25):
        pencil[40:80, x : x + 3] = 0.55
    seen = np.asarray(reference * pencil, dtype=np.uint8)
    ink = clean(seen, reference).ink
    pieces, _ = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    assert pieces - 1 == len(range(20, 380, 25))


def test_what_a_fit_asks_lies_tile_by_tile_and_sums_as_pixel_by_pixel() -> None:
    print_ = as_printed(ruled(), ruled())
    tiles = np.repeat(print_.runs.tiles, print_.runs.lengths)  # of every pixel of the print
    values = np.random.default_rng(1).random(len(print_.at)).astype(np.float32)
    for asked in (print_.telling, print_.telling_first):
        assert len(set(asked.runs.tiles.tolist())) == len(asked.runs.tiles)
        assert (np.repeat(asked.runs.tiles, asked.runs.lengths) == tiles[asked.which]).all()
        sums = np.bincount(tiles[asked.which], values[asked.which])[asked.runs.tiles]
        assert asked.runs.sums(values[asked.which]) == pytest.approx(sums, rel=1e-12)


def test_runs_come_again_where_the_pixels_leave_a_tile_and_come_back() -> None:
    tiles = np.array([0, 0, 4, 4, 4, 0, 2])
    runs = Runs.of(tiles)
    assert (runs.tiles.tolist(), runs.lengths.tolist()) == ([0, 4, 0, 2], [2, 3, 1, 1])
    assert runs.spread(np.arange(5, dtype=np.float32)).tolist() == tiles.tolist()
