"""Finding one person in what many people wrote, and nobody else."""

import pytest

from scan_ingest.errors import UsageError
from scan_ingest.leaving import Mention, Part, Person, mention_in
from scan_ingest.leaving.mentions import spans_of

JO = Person("Sister Jo O'Ashworth")


@pytest.mark.parametrize("nominee", ["Jo O'Ashworth", "sister jo o’ashworth", "O'Ashworth, Jo (bank)", "Jo OAshworth"])
def test_a_nominee_is_found_however_the_name_is_written(nominee: str) -> None:
    assert mention_in(JO, {"nominee": nominee, "action": "kind"}) == Mention(Part.NOMINEE, ("nominee",), sure=True)


def test_a_name_inside_an_answer_is_found_with_its_field() -> None:
    found = mention_in(JO, {"nominee": "Tom Lee", "action": "He helped Jo O'Ashworth's team.", "impact": "Calm"})
    assert found == Mention(Part.MENTIONED, ("action",), sure=True)


@pytest.mark.parametrize("nominee", ["Jo", "Jo O'Ashwarth", "Jo OAshwort"])
def test_a_part_of_the_name_or_a_misreading_is_never_sure(nominee: str) -> None:
    assert mention_in(JO, {"nominee": nominee}) == Mention(Part.NOMINEE, ("nominee",), sure=False)


@pytest.mark.parametrize("text", ["", "Joan Ashton", "Jo sat with Mrs Ashworthy", "A jolly worthwhile visit"])
def test_other_people_are_not_taken_for_them(text: str) -> None:
    assert mention_in(JO, {"nominee": text, "action": text}) is None


def test_the_place_of_the_name_is_told() -> None:
    text = "We thank Jo O'Ashworth and jo o'ashworth."
    assert [text[start:end] for start, end in spans_of(JO, text)] == ["Jo O'Ashworth", "jo o'ashworth"]


def test_one_word_is_not_enough_to_look_for() -> None:
    with pytest.raises(UsageError, match="first name and surname"):
        Person("Sister Jo")
    assert "Jo" not in repr(JO)
