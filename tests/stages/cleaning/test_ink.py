"""The print is taken out, the writing stays."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.geometry import GreyImage, Mask
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cleaning.strokes import grown
from tests.drawing.placed import seen
from tests.drawing.scanner import Scan

RULE_AT = 60


def blank(grey: int, *, dotted: bool = False) -> GreyImage:
    """A field with a level rule across."""
    sheet = np.full((120, 400), 255, dtype=np.uint8)
    if dotted:
        for x in range(10, 390, 9):
            cv2.circle(sheet, (x, RULE_AT + 1), 1, grey, -1)
    else:
        sheet[RULE_AT : RULE_AT + 3, 10:390] = grey
    return soft(sheet)


def soft(picture: GreyImage) -> GreyImage:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.7), dtype=np.uint8)


def strokes() -> tuple[GreyImage, Mask]:
    """Upright and slanting strokes across the rule, and where they are."""
    sheet = np.full((120, 400), 255, dtype=np.uint8)
    for x in range(30, 370, 30):
        cv2.line(sheet, (x, 35), (x + (x // 30 % 3 - 1) * 10, 85), 40, 3)
    return soft(sheet), sheet < 128


@pytest.mark.parametrize(("grey", "dotted"), [(150, False), (40, False), (110, True), (30, True)])
def test_a_stroke_over_a_rule_stays_in_one_piece(grey: int, dotted: bool) -> None:
    written, where = strokes()
    rule = blank(grey, dotted=dotted)
    ink = clean(np.minimum(written, rule), rule).ink
    pieces, _ = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    assert pieces - 1 == 12
    assert ink[where].mean() > 0.93
    assert (ink & ~grown(where, 2)).sum() < 0.02 * where.sum()


def test_a_stroke_that_ends_on_a_black_rule_is_led_no_further_and_one_along_it_stays() -> None:
    """A rule of two pixels, over which a little of the ink shows."""
    fine, ink = np.full((2, 480, 1600), 255, dtype=np.uint8)
    cv2.line(fine, (40, 4 * RULE_AT), (1560, 4 * RULE_AT), 0, 8)
    for x in range(120, 1480, 240):
        cv2.line(ink, (x, 140), (x, 4 * RULE_AT - 4), 90, 12)  # ends at the rule
        cv2.line(ink, (x + 120, 4 * RULE_AT + 12), (x + 120, 340), 90, 12)  # begins under it
        cv2.line(ink, (x + 40, 4 * RULE_AT), (x + 80, 4 * RULE_AT), 90, 12)  # the foot of a letter, all within
    rule, both = (cv2.resize(one, (400, 120), interpolation=cv2.INTER_AREA) for one in (fine, fine * (ink / 255.0)))
    noise = np.random.default_rng(5).normal(0, 2.5, rule.shape)
    scanned = np.clip(np.rint(cv2.GaussianBlur(both, (0, 0), 0.7) + noise), 0, 255).astype(np.uint8)
    left = clean(scanned, rule).ink
    there = np.asarray(cv2.resize(ink, (400, 120), interpolation=cv2.INTER_AREA)) < 150
    assert left[there].mean() > 0.8
    assert not (left & ~grown(there, 2)).any()


@pytest.mark.parametrize(("grey", "dotted"), [(150, False), (40, False), (110, True), (30, True)])
def test_a_rule_alone_leaves_nothing(grey: int, dotted: bool) -> None:
    rule = blank(grey, dotted=dotted)
    noise = np.random.default_rng(3).normal(0, 4, rule.shape)
    side = clean(np.clip(rule + noise, 0, 255).astype(np.uint8), rule)
    assert not side.ink.any()
    assert side.clean.min() == 255


def test_a_full_stop_on_a_rule_stays() -> None:
    written, _ = strokes()
    cv2.circle(written, (385, RULE_AT), 3, 40, -1)
    rule = blank(150)
    side = clean(np.minimum(soft(written), rule), rule)
    assert side.ink[RULE_AT - 2 : RULE_AT + 2, 383:388].any()


def test_a_dark_lid_at_the_edge_is_no_ink_and_the_writing_that_touches_it_is() -> None:
    written, where = strokes()
    cv2.line(written, (200, 60), (200, 110), 40, 3)  # writing that runs into the lid
    written[100:] = 40
    side = clean(written, np.full_like(written, 255))
    assert not side.ink[102:].any()
    assert side.ink[where].mean() > 0.93
    assert side.ink[60:96, 199:202].all()


def test_a_coffee_ring_is_no_ink() -> None:
    written, where = strokes()
    ring = np.full_like(written, 255)
    cv2.circle(ring, (200, 60), 50, 200, 12)
    side = clean(np.minimum(written, np.asarray(cv2.GaussianBlur(ring, (0, 0), 2), np.uint8)), np.full_like(ring, 255))
    assert (side.ink & ~grown(where, 6)).sum() == 0  # beside a stroke it may look like the stroke's edge


def test_writing_that_shines_through_from_the_back_is_no_ink() -> None:
    written, where = strokes()
    back = 255 - (255 - written[:, ::-1].astype(np.float32)) * 0.18
    side = clean(np.minimum(written, back.astype(np.uint8)), np.full_like(written, 255))
    assert (side.ink & ~grown(where, 3)).sum() == 0


A5, A6 = ("nomination-a5", "front"), ("nomination-a6", "back")


@pytest.mark.parametrize(
    ("card", "how"),
    [
        (A5, Scan()),
        (A5, Scan(one_bit=True, jpeg=None)),
        (A5, Scan(coffee=2, colour=True)),
        (A6, Scan(dpi=300, jpeg=40)),
        (A6, Scan(gain=0.5)),
        (A6, Scan(coffee=2, colour=True)),
        (A6, Scan(dpi=150, blur_px=0.9)),
    ],
)
def test_a_card_that_nobody_filled_in_has_no_lines(card: tuple[str, str], how: Scan) -> None:
    crops = seen({}, how, template_id=card[0], side=card[1], skew_deg=1.5).crops
    assert {name for name, crop in crops.items() if crop.lines} == set()
