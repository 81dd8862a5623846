"""A page of every kind of damage: placed where it truly lies, or refused; `benchmarks/placing.py` does it at length."""

from functools import cache

import numpy as np
import pytest

from scan_ingest.domain.page import Outcome, Placing
from scan_ingest.domain.template import Template
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import PreparedTemplates, prepare
from scan_ingest.stages.triage import outcome
from scan_ingest.templates import load_templates, shipped_templates
from tests.drawing.designs import designs
from tests.drawing.hard_pages import KINDS, REFUSED, HardPage, hard_page
from tests.drawing.judged import as_page, judge

SEED = 5
RESIDUAL_AT_MOST_MM = 0.8


@cache
def known() -> tuple[Template, ...]:
    return (*load_templates(shipped_templates()), *designs().values())


@cache
def ready() -> PreparedTemplates:
    return prepare(known())


def placed(page: HardPage) -> Placing:
    return place(as_page(page), ready())


def page_of(kind: str) -> HardPage:
    return hard_page(known(), SEED, list(KINDS).index(kind))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in REFUSED])
def test_a_damaged_page_is_placed_where_its_cards_truly_lie(kind: str) -> None:
    page = page_of(kind)
    judged = judge(page, placed(page))
    assert judged.became == "placed", judged.why
    assert max(judged.residuals_mm) < RESIDUAL_AT_MOST_MM


def assert_placed(kind: str, seed: int, number: int) -> None:
    """One page of the many, which was refused once."""
    page = hard_page(known(), seed, number)
    judged = judge(page, placed(page))
    assert (page.kind, judged.became) == (kind, "placed"), judged.why


@pytest.mark.parametrize("number", [557, 581], ids=["grey print broken up", "another such"])
def test_small_grey_print_that_a_1_bit_scan_broke_up_is_still_that_print(number: int) -> None:
    assert_placed("1-bit", 11, number)


@pytest.mark.parametrize("number", [708, 828])
def test_what_a_folded_corner_lies_over_is_not_missed(number: int) -> None:
    assert_placed("folded corner", 11, number)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in REFUSED and kind != "partly under another"])
def test_a_page_that_only_looks_like_a_known_card_is_never_placed(kind: str) -> None:
    placing = placed(page_of(kind))
    assert placing.placements == ()
    if kind == "mirrored":
        assert all("mirrored; scan it again" in reason for reason in placing.refusals)
        assert placing.refusals


@pytest.mark.parametrize("number", [521, 1673])
def test_a_photograph_in_which_some_of_very_little_print_was_not_found_is_refused_not_guessed(number: int) -> None:
    page = hard_page(known(), 101, number)
    placing = placed(page)
    assert (page.kind, placing.placements) == ("telephone photograph", ())
    assert "its corners are only known to" in placing.refusals[0]


@pytest.mark.parametrize("number", [41, 1481, 1985], ids=["three phrases", "three phrases, far askew", "boxes"])
def test_a_closer_look_at_a_photograph_does_not_lose_what_a_glance_was_sure_of(number: int) -> None:
    assert_placed("telephone photograph", 101, number)


@pytest.mark.parametrize("number", [80, 1016], ids=["below a bar", "along small print"])
def test_a_streak_that_is_seen_in_pieces_is_no_line_of_another_card(number: int) -> None:
    assert_placed("dust streaks", 101, number)


@pytest.mark.parametrize("number", [1266, 1962], ids=["a phrase of it", "a third of it"])
def test_a_card_of_which_a_few_words_show_from_under_another_is_noticed(number: int) -> None:
    placing = placed(hard_page(known(), 41, number))
    assert len(placing.placements) == 1
    assert placing.refusals == ("sparse-a6 front: it lies partly under another card",)


@pytest.mark.parametrize("number", [109, 133])
def test_a_pen_across_a_row_of_small_print_makes_it_no_other_words(number: int) -> None:
    assert_placed("pen across the printing", 41, number)


@pytest.mark.parametrize("number", [46, 190])
def test_another_schemes_card_with_our_head_and_foot_is_no_card_of_ours(number: int) -> None:
    page = hard_page(known(), 11, number)
    placing = placed(page)
    assert page.kind == "another scheme's card"
    assert (placing.placements, placing.refusals) == ((), ())
    became, why = outcome(placing, blank=False)
    assert became is Outcome.UNMATCHED
    assert "has its head or foot, but other fields" in why


def test_a_revision_with_moved_fields_is_no_stranger() -> None:
    for number in (44, 140):
        placing = placed(hard_page(known(), 11, number))
        assert placing.strangers == ()
        assert placing.refusals


def test_a_card_partly_under_another_is_not_placed_as_if_it_were_whole() -> None:
    page = page_of("partly under another")
    judged = judge(page, placed(page))
    assert judged.became == "refused", judged.why


def test_a_card_of_which_another_hides_the_fields_is_not_called_another_schemes() -> None:
    page = hard_page(known(), 61, 354)
    placing = placed(page)
    assert page.kind == "partly under another"
    assert placing.strangers == ()
    assert any("it lies partly under another card" in reason for reason in placing.refusals)


def test_the_same_page_is_drawn_again_from_its_seed() -> None:
    kind = list(KINDS).index("coffee")
    assert np.array_equal(hard_page(known(), 2, kind).image, hard_page(known(), 2, kind).image)


def test_more_templates_to_choose_from_change_nothing_about_where_a_card_lies() -> None:
    page = page_of("tinted paper")
    own = [template for template in known() if template.id == page.lies[0].template_id]
    alone = place(as_page(page), prepare(own))
    among = placed(page)
    assert len(alone.placements) == len(among.placements) == 1
    assert np.allclose(alone.placements[0].corners_px, among.placements[0].corners_px, atol=0.5)
