"""Calibration from the site's own reviews, kept only where it helps."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from scan_ingest.domain.card import Doubt, Word
from scan_ingest.domain.review import ReviewedCard
from scan_ingest.learning.belief import BRIER, CALIBRATION_ERROR, learn_calibration
from scan_ingest.learning.lessons import FEWEST_CARDS, FOLDS, MOST_CARDS, Lesson, lessons, parted
from tests.reviewed import LINE_MM, a_card, a_word, plain_words, read


def site(cards: int, right: Callable[[float], float]) -> tuple[Lesson, ...]:
    """Cards of twenty words each; a word that claims c is right as often as `right(c)`."""
    chance = random.Random(11)
    made = []
    for number in range(cards):
        claimed = [chance.choice([0.5, 0.7, 0.9, 0.99]) for _ in range(20)]
        true = ["yes" if chance.random() < right(claim) else "no" for claim in claimed]
        made.append(a_card(number, read("action", [a_word("yes", claim) for claim in claimed]), " ".join(true)))
    return lessons(made)


def test_a_site_whose_words_claim_too_much_is_put_right() -> None:
    calibration, (error, brier) = learn_calibration(site(150, lambda claim: claim * 0.7))
    assert calibration is not None
    assert calibration(0.9) == pytest.approx(0.63, abs=0.05)
    assert (error.measure, brier.measure) == (CALIBRATION_ERROR, BRIER)
    assert error.cards == 150
    assert error.before == pytest.approx(0.23, abs=0.03)
    assert error.after < 0.05
    assert brier.after < brier.before


def test_where_words_claim_what_is_true_nothing_is_learned_and_the_figures_say_so() -> None:
    calibration, proofs = learn_calibration(site(150, lambda claim: claim))
    assert calibration is None
    assert len(proofs) == 2


def test_cards_that_another_edition_read_tell_nothing_and_a_few_of_this_one_too_little() -> None:
    def of_cards(count: int, edition: str) -> list[ReviewedCard]:
        words = [a_word("yes", 0.5)] * 20
        reading = replace(read("action", words), made_by=edition)
        return [a_card(number, reading, "yes " * 19 + "yes") for number in range(count)]

    old, new = of_cards(60, "0.1"), of_cards(FEWEST_CARDS, "0.2")
    assert learn_calibration(lessons([*old, *new[1:]], "0.2")) == (None, ())
    assert learn_calibration(lessons([*old, *new], "0.2"))[0] is not None
    assert [lesson.outdated for lesson in lessons([old[0], new[0]], "0.2")] == [True, False]


def test_a_card_is_never_tested_by_what_it_taught_itself() -> None:
    """Cards whose words are right by nothing but the card they are on: what one teaches helps no other."""
    taught = site(60, lambda claim: claim)
    for learned_from, tested_on in parted(taught):
        assert not {lesson.card_id for lesson in learned_from} & {lesson.card_id for lesson in tested_on}
    assert sorted(one.card_id for _, tested in parted(taught) for one in tested) == sorted(
        lesson.card_id for lesson in taught
    )
    assert len({lesson.fold for lesson in taught}) == FOLDS


def test_the_same_cards_teach_the_same_in_any_order() -> None:
    taught = site(60, lambda claim: claim * 0.6)
    one, of_one = learn_calibration(taught)
    other, of_other = learn_calibration(tuple(reversed(taught)))
    assert one == other
    assert [proof.after for proof in of_one] == pytest.approx([proof.after for proof in of_other])


def test_what_is_learned_is_learned_from_confidences_as_shipped() -> None:
    """Else what was learned once would be learned upon again."""
    word = Word("nurse", 0.4, LINE_MM, (Doubt.UNSURE,), as_shipped=0.9)
    (lesson,) = lessons([a_card(1, read("action", [word]), "nurse")])
    assert lesson.words == ((0.9, True),)


def test_words_of_choices_and_of_a_recogniser_that_stood_in_teach_nothing() -> None:
    stood_in = read("action", plain_words("sat with me"), recogniser="tesseract (pp-ocrv6 failed)")
    (lesson,) = lessons([a_card(1, stood_in, "sat with me", others={"nominator": ("choice", "carer", "carer")})])
    assert lesson.words == ()
    assert learn_calibration([lesson]) == (None, ())


def test_the_newest_cards_teach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scan_ingest.learning.lessons.MOST_CARDS", 2)
    made = [a_card(number, read("action", plain_words("yes")), "yes") for number in range(4)]
    assert [lesson.card_id for lesson in lessons(made)] == [made[2].id, made[3].id]
    assert MOST_CARDS == 5000


def test_a_lesson_shows_no_words_when_it_is_printed() -> None:
    (lesson,) = lessons([a_card(1, read("action", plain_words("Winston sat")), "Winston sat")])
    assert "Winston" not in repr(lesson)


def test_what_another_edition_claimed_teaches_nothing_about_this_one() -> None:
    old, new = (replace(read("action", plain_words("sat")), made_by=edition) for edition in ("1.0", "1.1"))
    taught = lessons([a_card(1, old, "sat"), a_card(2, new, "sat")], "1.1")
    assert [len(lesson.words) for lesson in taught] == [0, 1]
    assert [lesson.prose for lesson in taught] == [("sat",), ("sat",)]
