"""Sides are found where they truly lie, or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage, Image, Points
from scan_ingest.domain.page import Page, PageRef, Placement, Placing
from scan_ingest.domain.template import Side, Template
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import PreparedTemplates, prepare
from scan_ingest.templates import load_templates, shipped_templates
from tests.drawing import hands, strangers
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand
from tests.drawing.scanner import Laid, Scan, Scanned, scan

A5, A6 = "nomination-a5", "nomination-a6"
ANSWERS = {
    "nominee": "Sister Mary",
    "ward": "Maple",
    "role": "nurse",
    "action": "She sat with my mother all night, held her hand and told her what would happen in the morning.",
    "impact": "We were not alone. I slept for the first time in a week and my mother did too.",
}
HAND = Hand(FONTS["dkg"], hands.BLACK)


@cache
def templates() -> Mapping[str, Template]:
    return {template.id: template for template in load_templates(shipped_templates())}


@cache
def prepared() -> PreparedTemplates:
    return prepare(list(templates().values()))


@cache
def filled(template_id: str, side: str) -> GreyImage:
    return fill_in(templates()[template_id], side, ANSWERS, HAND, seed=1, colour=False)


def laid(template_id: str, side: str = "front", **how: object) -> Laid:
    """A filled-in side, about to be scanned."""
    template = templates()[template_id]
    return replace(Laid(filled(template_id, side), template.width_mm, template.height_mm), **how)  # type: ignore[arg-type]


def as_page(image: Image, dpi: float | None = 200) -> Page:
    return Page(PageRef("0" * 64, 1, "box.pdf"), image, dpi)


def worst_corner_mm(placement: Placement, true_corners: Points, width_mm: float) -> float:
    px_per_mm = np.hypot(*(true_corners[1] - true_corners[0])) / width_mm
    return float(np.hypot(*(placement.corners_px - true_corners).T).max() / px_per_mm)


def assert_found(placing: Placing, scanned: Scanned, *expected: tuple[str, str], within_mm: float = 0.4) -> None:
    """Exactly these sides, in this order, each with its corners where they truly are."""
    assert placing.refusals == ()
    assert [(one.template_id, one.side) for one in placing.placements] == list(expected)
    for placement, corners in zip(placing.placements, scanned.corners_px, strict=True):
        width = templates()[placement.template_id].width_mm
        assert worst_corner_mm(placement, corners, width) < within_mm
        assert placement.residual_mm < 0.3
        # The map and the corners say the same, but for what a feed that slipped leaves over of the map.
        height = templates()[placement.template_id].height_mm
        on_side = placement.page_to_side.map(placement.corners_px)
        assert np.allclose(on_side, [(0, 0), (width, 0), (width, height), (0, height)], atol=0.2)


@pytest.mark.parametrize(
    ("turn", "skew"), [(0, 0.0), (0, 9.5), (90, -3.0), (180, 4.0), (270, -9.0)], ids=lambda value: f"{value}deg"
)
def test_a_card_is_found_at_any_turn(turn: int, skew: float) -> None:
    scanned = scan(laid(A5, turn=turn, skew_deg=skew), Scan(), seed=2)
    assert_found(place(as_page(scanned.page), prepared()), scanned, (A5, "front"))


@pytest.mark.parametrize("side", ["front", "back"])
def test_the_front_and_the_back_of_a_card_are_told_apart(side: str) -> None:
    scanned = scan(laid(A6, side, turn=180, skew_deg=2.0), Scan(), seed=3)
    assert_found(place(as_page(scanned.page), prepared()), scanned, (A6, side))


@pytest.mark.parametrize("lid", [30, 250], ids=["dark lid", "light lid"])
def test_a_small_card_is_found_anywhere_on_a_large_bed(lid: int) -> None:
    how = Scan(bed_mm=(210, 297), lid=lid)
    scanned = scan(laid(A6, "back", turn=90, skew_deg=-4.0, centre_mm=(140.0, 205.0)), how, seed=4)
    assert_found(place(as_page(scanned.page), prepared()), scanned, (A6, "back"))


@pytest.mark.parametrize(
    "how",
    [
        Scan(dpi=150, one_bit=True, jpeg=None),
        Scan(dpi=400),
        Scan(jpeg=10),
        Scan(gain=0.3),
        Scan(coffee=2, streaks=4, gradient=0.2, colour=True),
    ],
    ids=["fax", "400 dpi", "poor JPEG", "faint", "coffee and dust"],
)
def test_a_bad_scan_is_placed_as_well(how: Scan) -> None:
    scanned = scan(laid(A5, skew_deg=3.0, stretch=(0.98, 1.03)), how, seed=5)
    assert_found(place(as_page(scanned.page, how.dpi), prepared()), scanned, (A5, "front"))


@pytest.mark.parametrize("said", [None, 72.0, 600.0])
def test_a_page_may_say_nothing_or_something_wrong_about_its_resolution(said: float | None) -> None:
    scanned = scan(laid(A5, skew_deg=-2.0), Scan(dpi=200), seed=6)
    assert_found(place(as_page(scanned.page, said), prepared()), scanned, (A5, "front"))


def test_an_empty_card_upside_down_is_turned_by_its_own_printing() -> None:
    template = templates()[A5]
    blank = Laid(template.side("front").reference, template.width_mm, template.height_mm, turn=180)
    scanned = scan(blank, Scan(), seed=7)
    assert_found(place(as_page(scanned.page), prepared()), scanned, (A5, "front"))


def test_two_cards_on_a_bed_are_both_found_in_reading_order() -> None:
    lower = laid(A5, centre_mm=(108.0, 222.0), skew_deg=0.8, turn=180)
    upper = laid(A5, centre_mm=(107.0, 75.0), skew_deg=-0.7)
    scanned = scan([upper, lower], Scan(bed_mm=(216, 297)), seed=8)
    assert_found(place(as_page(scanned.page), prepared()), scanned, (A5, "front"), (A5, "front"))


def test_four_small_cards_are_found_row_by_row() -> None:
    places = [(55.0, 76.0, "front"), (163.0, 74.0, "back"), (54.0, 226.0, "back"), (163.0, 228.0, "front")]
    cards = [laid(A6, side, turn=90, centre_mm=(x, y)) for x, y, side in places]
    scanned = scan(cards, Scan(bed_mm=(218, 304)), seed=9)
    assert_found(place(as_page(scanned.page), prepared()), scanned, *((A6, side) for _, _, side in places))


def test_a_torn_corner_does_not_hide_a_card() -> None:
    height, width = filled(A5, "front").shape
    rows, columns = np.mgrid[:height, :width]
    whole = np.where(columns / (0.5 * width) + rows / (0.5 * height) < 1, 0, 255).astype(np.uint8)
    scanned = scan(laid(A5, whole=whole), Scan(), seed=10)
    assert_found(place(as_page(scanned.page), prepared()), scanned, (A5, "front"))


@pytest.mark.parametrize("stranger", [strangers.letter, strangers.rota], ids=["letter", "rota"])
def test_a_foreign_sheet_is_no_card(stranger: Callable[[], GreyImage]) -> None:
    sheet = stranger()
    height_mm, width_mm = sheet.shape[0] / 300 * 25.4, sheet.shape[1] / 300 * 25.4
    scanned = scan(Laid(sheet, width_mm, height_mm, skew_deg=1.0), Scan(), seed=11)
    placing = place(as_page(scanned.page), prepared())
    assert placing.placements == ()
    assert placing.refusals == ()


def test_blank_paper_is_no_card() -> None:
    placing = place(as_page(np.full((1169, 1654), 244, dtype=np.uint8)), prepared())
    assert placing.placements == ()
    assert placing.refusals == ()


def test_a_mirrored_page_is_never_placed() -> None:
    scanned = scan(laid(A5), Scan(), seed=12)
    mirrored = np.ascontiguousarray(scanned.page[:, ::-1])
    assert place(as_page(mirrored), prepared()).placements == ()


def moved_fields(template: Template) -> Template:
    """The next revision: the choice has moved under the two answers, and these up by as much."""
    side = template.sides[0]
    scale = side.reference.shape[0] / template.height_mm
    top, choice, end = round(66 * scale), round(74 * scale), round(137 * scale)
    moved = side.reference.copy()
    moved[top : top + end - choice] = side.reference[choice:end]
    moved[top + end - choice : end] = side.reference[top:choice]
    return replace(template, id=f"{template.id}-next", sides=(Side(side.name, moved, side.fields),))


def test_two_revisions_of_a_card_are_told_apart() -> None:
    old = templates()[A5]
    new = moved_fields(old)
    both = prepare([old, new])
    for revision in (old, new):
        sheet = Laid(revision.sides[0].reference, old.width_mm, old.height_mm, skew_deg=2.0, turn=180)
        scanned = scan(sheet, Scan(), seed=13)
        placing = place(as_page(scanned.page), both)
        assert placing.refusals == ()
        assert [one.template_id for one in placing.placements] == [revision.id]


def test_a_revision_that_nobody_described_is_refused_with_the_reason() -> None:
    old = templates()[A5]
    sheet = Laid(moved_fields(old).sides[0].reference, old.width_mm, old.height_mm, skew_deg=-1.0)
    placing = place(as_page(scan(sheet, Scan(), seed=14).page), prepared())
    assert placing.placements == ()
    assert any("printing" in reason for reason in placing.refusals)


def test_two_templates_that_look_the_same_are_not_guessed_between() -> None:
    twin = replace(templates()[A5], id="twin")
    scanned = scan(laid(A5), Scan(), seed=15)
    placing = place(as_page(scanned.page), prepare([templates()[A5], twin]))
    assert placing.placements == ()
    assert any("cannot be told from" in reason for reason in placing.refusals)


def test_a_card_half_under_another_spoils_the_page_but_not_the_card_on_top() -> None:
    under = laid(A5, centre_mm=(110.0, 90.0))
    over = laid(A6, "front", centre_mm=(60.0, 130.0))
    scanned = scan([under, over], Scan(bed_mm=(216, 297)), seed=16)
    placing = place(as_page(scanned.page), prepared())
    assert (A6, "front") in [(one.template_id, one.side) for one in placing.placements]
    for placement in placing.placements:
        corners = scanned.corners_px[1 if placement.template_id == A6 else 0]
        assert worst_corner_mm(placement, corners, templates()[placement.template_id].width_mm) < 0.4
    assert placing.refusals
