"""Whether two nominations may be one person's, and which are worth comparing."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.duplicates import found, labelled
from scan_ingest.domain.duplicates import Pair, counted_with
from scan_ingest.domain.nomination import Channel, Nomination
from scan_ingest.matching.compare import Telling, compare, score
from scan_ingest.matching.names import alike_names, alike_wards, name_words, ward_words
from scan_ingest.matching.search import LISTED, Index, Sketch, pairs_to_compare, sketch
from scan_ingest.matching.words import concept, plain_words, weight
from tests.accepted import REVIEWED

texts = st.text(max_size=60) | st.sampled_from(["Ngozi sat with mum", "Thank you!", "", "Ŵyn 👩‍⚕️ 3", "ſt ßtraße ﬁ"])


def told(id_: str = "a", **values: str) -> Nomination:
    usual = {"organisation": "Northgate", "ward": "Rose", "nominee": "Ngozi Bell", "nominator": "patient"}
    usual |= {"action": "Found her glasses in the laundry.", "impact": "Mum slept."}
    return Nomination(
        id=id_, channel=Channel.ONLINE, box="", role="", collected_on=date(2026, 3, 2), reviewed_by="",
        reviewed_at=None, source="", **(usual | values),
    )  # fmt: skip


def test_what_is_proposed_on_the_open_half_of_the_labelled_set_is_nearly_always_right_and_nearly_all() -> None:
    nominations, same, _ = labelled("open")

    proposed, compared = found(nominations)

    right = same & proposed.keys()
    assert len(right) / len(proposed) >= 0.95
    assert len(right) / len(same) >= 0.95
    assert compared < len(nominations) * 2  # of the 20,000 pairs that there are within the organisations


@given(texts, texts, texts, texts)
@example("", "", "EG:A", "")
def test_any_two_texts_can_be_compared_and_either_way_round(one: str, other: str, name: str, ward: str) -> None:
    first, second = Telling(told(action=one, nominee=name)), Telling(told("b", action=other, ward=ward, impact=one))

    there, back = compare(first, second), compare(second, first)

    assert 0 <= score(there) <= 1
    assert score(there) == pytest.approx(score(back))


@given(texts, texts)
def test_a_sketch_comes_back_from_its_bytes(action: str, name: str) -> None:
    drawn = sketch(Telling(told(action=action, nominee=name)))

    assert Sketch.from_bytes(drawn.to_bytes()).to_bytes() == drawn.to_bytes()


def test_a_misread_card_is_still_looked_at_beside_its_form() -> None:
    form = told(action="She sat with my mother after her fall and found her glasses in the laundry.")
    card = told(
        "b", nominee="Ngosi Be11", action="she saf with my mofher after her fall and found her glasses in the loundry"
    )
    others = [told(f"c{n}", nominee=f"Tom {n}", action=f"Fixed the {n}th television.") for n in range(9)]
    tellings = [Telling(each) for each in (*others, form, card)]

    *_, (position, near) = pairs_to_compare(Index([sketch(each) for each in tellings]), range(len(tellings)))

    assert (position, near[:1]) == (10, (9,))
    assert score(compare(tellings[9], tellings[10])) > 0.5


def test_what_everybody_has_is_not_looked_up_by() -> None:
    """Else each nomination would be compared with every other."""
    crowd = [Telling(told(f"c{n}", nominee="", action="A hymn.", impact="")) for n in range(LISTED + 1)]

    assert list(Index([sketch(each) for each in crowd]).near(0)) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Sister Ngozi Bell", "ngozi bell", 1.0),
        ("Ngozi", "Ngozi Bell", 1.0),
        ("Ngozi B", "Ngozi Bell", 0.9),
        ("Wliha utt", "Aliya Butt", 0.7),
        ("Maria Santos", "Maria Cruz", 0.36),
        ("Nurse 3", "Nurse 13", 0.0),
        ("SI Kathnyr", "Kathryn Cooke", 0.65),  # a title misread
        ("Jo Smith", "Pat Smith", 0.0),
        ("Amy Jones", "Eve Jones", 0.0),
    ],
)
def test_names_are_alike_as_people_write_them(one: str, other: str, alike: float) -> None:
    assert alike_names(name_words(one), name_words(other)) == pytest.approx(alike, abs=0.12)


@pytest.mark.parametrize("nobody", ["", "The whole night staff", "all the nurses", "don't know", "Sister"])
def test_a_nominee_who_is_nobody_in_particular_has_no_name(nobody: str) -> None:
    assert name_words(nobody) == ()


def test_wards_of_another_number_are_other_wards() -> None:
    assert alike_wards(ward_words("Ward 7"), ward_words("w7")) == 1
    assert alike_wards(ward_words("Ward 7"), ward_words("Ward 17")) == 0
    assert alike_wards(ward_words("Rose Ward"), ward_words("rose")) == 1


def test_words_that_one_person_puts_for_another_are_one() -> None:
    mine, yours = (
        {concept(word) for word in plain_words(text)} - {""} for text in ("Mum was frightened", "My mother's scared")
    )

    assert mine == yours
    assert weight(concept("laundry")) > weight(concept("thank")) > weight(concept("everything")) == 0


def test_scores_fall_with_the_weeks_between() -> None:
    one, soon = Telling(told()), Telling(told("b"))
    late = Telling(replace(told("b"), collected_on=date(2026, 9, 2)))

    assert score(compare(one, soon)) > score(compare(one, late))


def test_of_nominations_that_hang_together_the_first_that_came_counts() -> None:
    received = {each: REVIEWED.replace(minute=minute) for minute, each in enumerate("cabde")}

    assert counted_with([Pair("a", "b"), Pair("b", "c"), Pair("d", "e")], received) == {"a": "c", "b": "c", "e": "d"}
