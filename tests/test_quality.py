"""How good accepted texts are, by what a second person typed."""

from collections.abc import Mapping

import pytest

from scan_ingest.domain.second_look import SecondLook, differing, is_drawn
from scan_ingest.quality import Share, interval_of, quality
from tests.reviewed import ROSE

KINDS = {"nominee": "text", "nominator": "choice", "action": "text"}
TEXTS = {"nominee": "Jo Ash", "nominator": "carer", "action": "Sat with me all night"}


def keyed(
    number: int, second: Mapping[str, str] | None, settled: Mapping[str, str] | None = None, *, rejected: bool = False
) -> SecondLook:
    """A card accepted with the usual texts; `second` and `settled` in place of some of them."""
    return SecondLook(
        card_id=f"{number:020x}",
        label=ROSE,
        template_id="nomination-a5",
        kinds=KINDS,
        first=TEXTS,
        second=None if second is None else TEXTS | dict(second),
        settled=None if settled is None else TEXTS | dict(settled),
        rejected=rejected,
    )


def test_cards_typed_alike_are_taken_to_be_right_and_so_few_of_them_prove_little() -> None:
    figures = quality(keyed(number, {}, {}) for number in range(10))
    assert (figures.cards, figures.open, figures.alike) == (10, 0, Share(10, 10))
    assert (figures.characters_left.value, figures.cards_left.value) == (0.0, 0.0)
    interval = interval_of(figures.characters_left)
    assert interval is not None
    assert 0.2 < interval[1] < 0.4  # of ten cards without an error


def test_what_a_third_person_makes_of_it_is_the_truth() -> None:
    right = keyed(0, {"action": "Sat with me at night"}, {})  # the first was right
    wrong = keyed(1, {"action": "Sat with us all night"}, {"action": "Sat with us all night"})
    figures = quality([right, wrong, *(keyed(number, {}, {}) for number in range(2, 10))])
    assert figures.alike == Share(8, 10)
    assert figures.cards_left == Share(1, 10)
    text = len(TEXTS["nominee"]) + len(TEXTS["action"])
    assert figures.characters_left.value == pytest.approx(2 / (10 * text))
    assert figures.words_left.value == pytest.approx(1 / 70)
    action, nominee = figures.fields["action"], figures.fields["nominee"]
    assert (action.alike, nominee.alike) == (Share(8, 10), Share(10, 10))
    assert action.words is not None
    assert action.words.value == pytest.approx(2 / 50)
    assert figures.fields["nominator"].characters is None


def test_differences_that_nobody_settled_count_against_the_first() -> None:
    figures = quality([keyed(0, {"nominator": "staff"}), keyed(1, {"action": ""})])
    assert (figures.open, figures.cards_left) == (2, Share(2, 2))
    assert figures.characters_left.value is not None
    assert figures.characters_left.value > 0.5
    assert interval_of(figures.characters_left) is None  # two cards


def test_a_card_that_should_not_have_been_accepted_is_wrong_and_has_no_text_to_compare() -> None:
    figures = quality([keyed(0, None, rejected=True), keyed(1, None), keyed(2, {}, {})])
    assert (figures.rejected, figures.open, figures.cards_left) == (1, 1, Share(2, 3))
    assert (figures.characters_left.cards, figures.fields["action"].alike) == (1, Share(1, 1))


def test_the_interval_holds_the_true_rate_about_as_often_as_it_says() -> None:
    import random

    chance = random.Random(5)
    rate, inside, rounds = 0.08, 0, 200
    for _ in range(rounds):
        looks = []
        for number in range(60):
            words = [f"w{n}" for n in range(20)]
            typed = [word if chance.random() > rate else "x" for word in words]
            card = keyed(number, {}, {"action": " ".join(words), "nominee": ""})
            looks.append(SecondLook(**{**vars(card), "first": {**TEXTS, "nominee": "", "action": " ".join(typed)}}))
        interval = interval_of(quality(looks).words_left)
        assert interval is not None
        inside += interval[0] <= rate <= interval[1]
    assert 0.9 <= inside / rounds <= 0.99


def test_nothing_keyed_is_no_figure() -> None:
    figures = quality([])
    assert (figures.alike.value, figures.cards_left.interval(), interval_of(figures.words_left)) == (None, None, None)


def test_spaces_and_the_shapes_of_quotes_are_no_difference_and_letters_and_marks_are() -> None:
    assert differing({"action": "She’s “kind” – very\nkind"}, {"action": 'She\'s  "kind" - very kind'}) == ()
    assert differing({"action": "Kind."}, {"action": "kind."}) == ("action",)
    assert differing({"action": "Kind."}, {"action": "Kind"}) == ("action",)
    assert differing({"action": "Kind."}, {}) == ("action",)


def test_the_draw_goes_by_the_card_alone_and_takes_its_share() -> None:
    cards = [f"{number:020x}" for number in range(2000)]
    drawn = {card for card in cards if is_drawn(card, 10)}
    assert 140 < len(drawn) < 260
    assert drawn < {card for card in cards if is_drawn(card, 20)}
    assert not any(is_drawn(card, 0) for card in cards)
    assert all(is_drawn(card, 100) for card in cards)
