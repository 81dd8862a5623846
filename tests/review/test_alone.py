"""An alternative for two words that were taken for one offers each of them its own part."""

import pytest

from scan_ingest.review.suggestions import alone


@pytest.mark.parametrize(
    ("text", "own", "before", "after", "part"),
    [
        ("NgoziBel", "Ngoz", "", "Bel", "Ngozi"),
        ("NgoziBel", "Bel", "Ngozi", "", "Bel"),
        ("NgoiBel", "Bel", "Ngoz", "", ""),  # another reading of the word before, then this one
        ("Bell", "Bel", "Ngoz", "", "Bell"),
        ("area", "are", "", "a", "area"),  # a neighbour of one letter is no sign of two words
        ("thanked", "thank", "She", "her", "thanked"),
    ],
)
def test_the_part_of_an_alternative_that_is_the_word_itself(
    text: str, own: str, before: str, after: str, part: str
) -> None:
    assert alone(text, own, before, after) == part
