"""A placed side is drawn straight and white, its print where the blank side has it."""

import numpy as np
import pytest

from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import GreyImage
from tests.drawing.placed import at_scale, seen, template
from tests.drawing.scanner import Scan


def misfit(picture: GreyImage, reference: GreyImage) -> float:
    """The mean difference of a registered blank side from its reference, in greys, where it is printed."""
    blank = at_scale(reference, picture)
    printed = blank < 200
    return float(np.abs(picture[printed].astype(int) - blank[printed]).mean())


@pytest.mark.parametrize(
    ("how", "skew_deg", "turn"),
    [
        (Scan(), 0.0, 0),
        (Scan(dpi=400), -2.0, 90),
        (Scan(dpi=150, colour=True), 1.0, 0),
        (Scan(dpi=200, bed_mm=(297.0, 420.0), lid=30), -4.0, 270),
    ],
)
def test_a_side_is_drawn_at_200_dpi_however_it_lay(how: Scan, skew_deg: float, turn: int) -> None:
    picture = seen({}, how, skew_deg=skew_deg, turn=turn).picture
    assert picture.shape == (round(148 * SIDE_PX_PER_MM), round(210 * SIDE_PX_PER_MM))
    straight = misfit(seen({}).picture, template().side("front").reference)
    assert misfit(picture, template().side("front").reference) < straight + 14


def test_a_placement_a_little_off_is_settled_on_the_print() -> None:
    reference = template().side("front").reference
    true = misfit(seen({}).picture, reference)
    assert misfit(seen({}, off_mm=(0.35, -0.3)).picture, reference) < true + 6


def test_tinted_paper_and_shade_become_white() -> None:
    how = Scan(paper=(190, 215, 225), gradient=0.25)
    picture = seen({}, how).picture
    field = template().field("action").box_mm
    px = SIDE_PX_PER_MM
    middle = picture[round((field.y + 1) * px) : round((field.y + 4) * px), round(20 * px) : round(180 * px)]
    assert middle.mean() > 242
    assert middle.mean(axis=0).std() < 3
