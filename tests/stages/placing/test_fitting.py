"""The map from a side to the page follows the print, not what people wrote on it."""

import numpy as np
import pytest

from scan_ingest.domain.geometry import Homography, Points
from scan_ingest.stages.placing.cells import Look
from scan_ingest.stages.placing.fitting import Fit, correct
from scan_ingest.stages.placing.prepared import PreparedSide, prepare
from scan_ingest.templates import load_templates, shipped_templates

TO_PAGE = Homography(np.array([[8.0, 0.2, 20.0], [-0.2, 8.0, 30.0], [0.0, 0.0, 1.0]]))


def dotted_side() -> PreparedSide:
    sides = prepare(list(load_templates(shipped_templates()))).sides
    return next(side for side in sides if side.label == "nomination-a6 back")


def fitted(side: PreparedSide, found_off_mm: Points) -> Fit:
    """The fit where every cell was found so far from its place."""
    count = len(side.printing.cells)
    seen = np.ones(count, dtype=np.bool_)
    look = Look(np.arange(count), np.full(count, 0.95), found_off_mm, seen, ~seen)
    fit = correct(TO_PAGE, side.printing, look)
    assert fit is not None
    return fit


def places(side: PreparedSide) -> Points:
    """The cells' places on the side, −1 to 1."""
    return np.asarray(side.printing.centres_mm / np.array(side.size_mm) * 2 - 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_writing_that_leans_on_dotted_lines_does_not_make_a_scan_a_photograph(seed: int) -> None:
    side, rng = dotted_side(), np.random.default_rng(seed)
    x, y = places(side).T
    lines, line = np.unique(np.round(y, 1), return_inverse=True)
    leans = rng.normal(0, 0.1, len(lines)) + 0.2 * lines  # steeper towards the foot, as hands tire
    off = np.stack([np.zeros_like(x), leans[line] * x + rng.normal(0, 0.05, len(x))], axis=1)
    off[side.printing.steady.all(axis=1)] = 0.0  # nobody writes on the questions
    fit = fitted(side, off)
    assert not fit.perspective
    assert fit.corner_doubt_mm < 0.7


def test_a_photograph_is_one_with_writing_on_it_too() -> None:
    side, rng = dotted_side(), np.random.default_rng(4)
    x, y = places(side).T
    tilt = 0.8 * np.stack([x * y, y * y], axis=1)
    fit = fitted(side, tilt + rng.normal(0, 0.05, tilt.shape))
    assert fit.perspective
