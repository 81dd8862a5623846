"""Readings against what people made of them."""

from dataclasses import replace
from datetime import date

import pytest

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import Doubt
from scan_ingest.evaluation import Measure, evaluate
from scan_ingest.evaluation.evaluate import SECOND_OPINION, UNSIGNED, By, Figures
from tests.reviewed import a_card, a_word, plain_words, read

LILY = BoxLabel("Southgate", "Lily", date(2026, 3, 2))


def rate(figures: Figures, measure: Measure) -> float | None:
    return figures[measure].value


def test_errors_of_what_was_seen_and_of_what_was_decoded_are_told_apart() -> None:
    card = a_card(1, read("action", plain_words("sat with ma"), raw="sot wth ma"), "sat with me")
    total = evaluate([card]).total
    assert rate(total, Measure.RAW_CER) == pytest.approx(3 / 11)
    assert rate(total, Measure.CER) == pytest.approx(1 / 11)
    assert rate(total, Measure.RAW_WER) == pytest.approx(3 / 3)
    assert rate(total, Measure.WER) == pytest.approx(1 / 3)


def test_where_a_line_ends_is_no_error_of_reading_but_is_work_for_the_reviewer() -> None:
    total = evaluate([a_card(1, read("action", plain_words("one two")), "one\ntwo")]).total
    assert (rate(total, Measure.CER), rate(total, Measure.WER)) == (0, 0)
    assert rate(total, Measure.EFFORT) == pytest.approx(1 / 7)
    assert rate(total, Measure.UNCHANGED) == 0


def test_wrong_words_that_nothing_pointed_at_are_counted_among_the_wrong_ones() -> None:
    words = [a_word("she"), a_word("sot", doubted=True), a_word("wiht"), a_word("me", doubted=True)]
    total = evaluate([a_card(1, read("action", words), "she sat with me")]).total
    assert (total[Measure.UNPOINTED].top, total[Measure.UNPOINTED].bottom) == (1, 2)
    assert (total[Measure.FLAGGED].top, total[Measure.FLAGGED].bottom) == (2, 4)


def test_a_word_that_was_left_out_makes_no_other_word_wrong() -> None:
    total = evaluate([a_card(1, read("action", plain_words("he slept all")), "he slept at last all")]).total
    assert total[Measure.UNPOINTED].bottom == 0
    assert (total[Measure.MISSED].top, total[Measure.MISSED].bottom) == (2, 5)


def test_a_word_too_many_is_a_wrong_word() -> None:
    total = evaluate([a_card(1, read("action", plain_words("he il slept")), "he slept")]).total
    assert (total[Measure.UNPOINTED].top, total[Measure.UNPOINTED].bottom) == (1, 1)


def test_figures_come_by_field_template_ward_organisation_recogniser_and_day() -> None:
    one = a_card(1, read("action", plain_words("abcd")), "abcx")
    other = a_card(2, read("impact", plain_words("abcd"), recogniser="tesseract"), "abcd", label=LILY, days=3)
    groups = evaluate([one, other]).groups
    assert {by: sorted(names) for by, names in groups.items()} == {
        By.FIELD: ["action", "impact"],
        By.TEMPLATE: ["nomination-a5"],
        By.WARD: ["Lily", "Rose"],
        By.ORGANISATION: ["Northgate", "Southgate"],
        By.RECOGNISER: ["pp-ocrv6", "tesseract"],
        By.MADE_BY: [f"pp-ocrv6, {UNSIGNED}", f"tesseract, {UNSIGNED}"],
        By.DAY: ["2026-03-04", "2026-03-07"],
    }
    assert rate(groups[By.WARD]["Rose"], Measure.CER) == 0.25
    assert rate(groups[By.WARD]["Lily"], Measure.CER) == 0
    assert rate(groups[By.TEMPLATE]["nomination-a5"], Measure.CER) == 0.125


def test_readings_of_two_editions_are_told_apart() -> None:
    old = replace(read("action", plain_words("abcx")), made_by="1.0 small 0a")
    new = replace(read("action", plain_words("abcd")), made_by="1.1 small 0b")
    by_edition = evaluate([a_card(1, old, "abcd"), a_card(2, new, "abcd")]).groups[By.MADE_BY]
    assert {name: rate(figures, Measure.CER) for name, figures in by_edition.items()} == {
        "pp-ocrv6, 1.0 small 0a": 0.25,
        "pp-ocrv6, 1.1 small 0b": 0.0,
    }


def test_the_second_opinion_has_a_row_of_its_own() -> None:
    reading = replace(read("action", plain_words("abcd")), second_opinion="abxx")
    groups = evaluate([a_card(1, reading, "abcd")]).groups
    assert rate(groups[By.RECOGNISER][SECOND_OPINION], Measure.CER) == 0.5


def test_choices_and_codes_are_right_or_wrong_and_no_text() -> None:
    others = {"nominator": ("choice", "patient", "carer"), "box": ("code", "17", "17")}
    found = evaluate([a_card(1, read("action", plain_words("abcd")), "abcd", others=others)])
    assert rate(found.total, Measure.TICKS) == 0.5
    assert rate(found.groups[By.FIELD]["nominator"], Measure.TICKS) == 0
    assert Measure.CER not in found.groups[By.FIELD]["nominator"]
    assert (found.words, found.unchanged_cards) == (1, 0)


def test_confidences_are_held_against_being_right() -> None:
    words = [a_word(f"w{n}", 0.85) for n in range(10)]
    reviewed = " ".join(f"w{n}" if n < 6 else "x" for n in range(10))
    found = evaluate([a_card(1, read("action", words), reviewed)])
    (bin_,) = [bin_ for bin_ in found.bins if bin_.words]
    assert (bin_.low, bin_.words, bin_.right) == (0.8, 10, 6)
    assert found.calibration_error == pytest.approx(0.25)


def test_a_field_that_the_reviewer_emptied_is_all_error_and_no_division_by_nothing() -> None:
    total = evaluate([a_card(1, read("action", [a_word("~~", doubted=True)]), "")]).total
    assert total[Measure.CER].value is None
    assert total[Measure.CER].top == 2


def test_without_cards_there_is_nothing_to_tell() -> None:
    found = evaluate([])
    assert (found.cards, found.total, found.calibration_error) == (0, {}, None)


def test_a_field_in_doubt_is_not_needed_for_a_word_to_be_marked() -> None:
    reading = replace(read("action", plain_words("abcd")), doubt=(Doubt.INK,))
    assert rate(evaluate([a_card(1, reading, "abcd")]).total, Measure.FLAGGED) == 0
