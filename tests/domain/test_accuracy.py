"""Words that were read beside those that are true."""

import hypothesis.strategies as st
from hypothesis import given

from scan_ingest.domain.accuracy import aligned, judged_words, word_errors
from tests.reviewed import plain_words, read

WORDS = st.lists(st.sampled_from(["the", "ward", "was", "kind"]), max_size=8)


def test_words_stand_for_each_other_in_order() -> None:
    assert aligned(["a", "x", "c"], ["a", "b", "c", "d"]) == ((0, 0), (1, 1), (2, 2), (None, 3))
    assert aligned(["a", "b"], ["b"]) == ((0, None), (1, 0))


@given(WORDS, WORDS)
def test_every_word_has_one_place_and_no_alignment_has_fewer_changes(some: list[str], true: list[str]) -> None:
    pairs = aligned(some, true)
    assert [source for source, _ in pairs if source is not None] == list(range(len(some)))
    assert [target for _, target in pairs if target is not None] == list(range(len(true)))
    changes = sum(s is None or t is None or some[s] != true[t] for s, t in pairs)
    assert changes == word_errors(" ".join(true), " ".join(some)).edits


def test_a_word_is_right_letter_for_letter() -> None:
    reading = read("action", plain_words("The nurse, Jo sat"))
    judged = judged_words(reading, "The nurse Jo\nsat down")
    assert [(word.text, right) for word, right in judged] == [
        ("The", True),
        ("nurse,", False),
        ("Jo", True),
        ("sat", True),
    ]
