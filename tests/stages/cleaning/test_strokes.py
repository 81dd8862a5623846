"""Strokes are told from the inked pixels alone, and are what all pixels would tell."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import Mask
from scan_ingest.stages.cleaning.strokes import Strokes, shrunk


def scribble(seed: int) -> Mask:
    """A mask of any size and density, from a dot to all ink."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 40, 2)
    return np.asarray(rng.random((height, width)) < rng.random())


@pytest.mark.parametrize("seed", range(50))
def test_each_stroke_has_the_number_the_box_and_the_area_that_opencv_measures(seed: int) -> None:
    mask = scribble(seed)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    found = Strokes.of(mask)
    assert len(found) == count
    assert (found.labels == labels).all()
    assert (found.boxes[1:] == stats[1:, :4]).all()
    assert (found.areas == stats[:, cv2.CC_STAT_AREA]).all()


@pytest.mark.parametrize("mask", [np.zeros((5, 7), np.bool_), np.ones((5, 7), np.bool_), scribble(3).T])
def test_a_picture_without_ink_all_ink_or_seen_sideways_is_taken_apart_too(mask: Mask) -> None:
    found = Strokes.of(mask)
    assert (found.labels > 0).tolist() == mask.tolist()
    assert found.boxes[0].tolist() == [0, 0, mask.shape[1], mask.shape[0]]
    assert found.areas.sum() == mask.size


@pytest.mark.parametrize("seed", range(20))
def test_what_is_asked_of_strokes_is_what_every_pixel_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found = Strokes.of(scribble(seed))
    kept = rng.random(len(found)) < 0.5
    kept[0] = False
    assert (found.mask(kept) == kept[found.labels]).all()
    left = found.only(kept)
    assert (left.labels == np.where(kept[found.labels], found.labels, 0)).all()
    assert (left.mask(np.ones(len(left), np.bool_)) == kept[found.labels]).all()
    assert (left.areas == np.where(kept, found.areas, 0)).all()
    there = rng.random(found.labels.shape) < 0.5
    assert (found.within(there)[1:] == np.bincount(found.labels[there], minlength=len(found))[1:]).all()
    parts = rng.integers(-1, 3, found.labels.shape).astype(np.int8)
    for part in range(3):
        inside = np.bincount(found.labels[parts == part], minlength=len(found))
        assert (found.tally(parts, 3)[1:, part] == inside[1:]).all()
    values = rng.integers(0, 9, len(found)).astype(np.int8)
    assert (found.painted(values, -1) == np.where(found.labels > 0, values[found.labels], -1)).all()


def test_what_is_left_over_at_the_edge_of_a_shrunk_picture_is_left_out() -> None:
    picture = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    assert shrunk(picture, 2).tolist() == [[4, 6, 8], [18, 20, 22]]
