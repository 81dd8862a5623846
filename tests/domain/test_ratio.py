"""How sure one can be of a rate over cards."""

import random

import pytest

from scan_ingest.domain.ratio import students_t
from scan_ingest.evaluation import Ratio, wilson


def over(cards: list[tuple[int, int]]) -> Ratio:
    ratio = Ratio()
    for top, bottom in cards:
        ratio = ratio.with_card(top, bottom)
    return ratio


def test_a_rate_is_of_the_sums_not_the_mean_of_the_cards() -> None:
    assert over([(1, 1), (0, 99)]).value == 0.01


def test_a_card_that_has_nothing_of_it_does_not_count() -> None:
    assert over([(0, 0), (1, 2)]).cards == 1


def test_a_few_cards_have_no_interval() -> None:
    assert over([(1, 10)] * 4).interval() is None


def test_wrong_words_that_come_together_on_cards_widen_the_interval() -> None:
    spread = over([(1, 10), (2, 10)] * 10).interval()
    together = over([(3, 10), (0, 10)] * 10).interval()
    assert spread is not None
    assert together is not None
    assert together[1] - together[0] > 2 * (spread[1] - spread[0])


@pytest.mark.parametrize("cards", [8, 40])
def test_the_interval_holds_the_true_rate_about_95_times_in_100(cards: int) -> None:
    chance = random.Random(7)
    held = 0
    for _ in range(600):
        drawn = []
        for _ in range(cards):
            length, hand = chance.randint(20, 60), chance.choice([0.05, 0.15])  # two kinds of hands, 0.1 on average
            drawn.append((sum(chance.random() < hand for _ in range(length)), length))
        interval = over(drawn).interval()
        assert interval is not None
        held += interval[0] <= 0.1 <= interval[1]
    assert 0.91 <= held / 600 <= 0.985


def test_no_interval_of_a_share_goes_beyond_all_of_it() -> None:
    assert over([(1, 4), (4, 4), (4, 4), (4, 4), (2, 4)]).interval() == (pytest.approx(0.331, abs=0.02), 1.0)
    beyond = over([(6, 4), (3, 4), (9, 4), (4, 4), (2, 4)]).interval()
    assert beyond is not None
    assert beyond[1] > 1.0


def test_no_error_on_a_few_cards_is_no_proof_of_none() -> None:
    interval = over([(0, 10)] * 6).interval()
    assert interval is not None
    assert interval[0] == 0
    assert interval[1] == pytest.approx(wilson(0, 60)[1])
    assert interval[1] > 0.05


def test_wilsons_interval_is_the_published_one() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=2e-4)  # Newcombe 1998, table I


@pytest.mark.parametrize(("degrees", "published"), [(4, 2.776), (9, 2.262), (29, 2.045), (1000, 1.962)])
def test_students_t_is_the_published_one(degrees: int, published: float) -> None:
    assert students_t(degrees) == pytest.approx(published, rel=0.01)
