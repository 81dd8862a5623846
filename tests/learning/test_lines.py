"""Which part of a corrected text belongs to which written line."""

import hypothesis.strategies as st
from hypothesis import given

from scan_ingest.learning.lines import texts_of_lines

READ = ["She sat wlth my father", "all nght and he slept", "for the frst time"]


def test_each_line_has_its_part_of_the_corrected_text() -> None:
    reviewed = "She sat with my father\nall night and he slept for the first time"
    assert texts_of_lines(READ, reviewed) == (
        "She sat with my father",
        "all night and he slept",
        "for the first time",
    )


def test_a_line_that_was_written_anew_is_left_out_and_its_neighbours_end_is_uncertain() -> None:
    reviewed = "She sat with my father (cannot be read) for the first time"
    first, second, third = texts_of_lines(READ, reviewed)
    assert second is None
    assert first in ("She sat with my father", None)
    assert third in ("for the first time", None)


def test_words_that_end_a_line_and_were_put_right_together_leave_it_uncertain() -> None:
    """`hand` and `over` became one word: nobody can say where the line ends."""
    assert texts_of_lines(["they did the hand", "over with care"], "they did the handover with care") == (None, None)


def test_a_field_that_was_emptied_teaches_nothing() -> None:
    assert texts_of_lines(["~~ ~"], "") == (None,)
    assert texts_of_lines([], "typed in from nothing") == ()


def test_a_text_that_is_wholly_another_teaches_nothing() -> None:
    assert texts_of_lines(["Tuesday"], "see the other card, please") == (None,)


WORD = st.text("abcdefgh", min_size=2, max_size=7)


@given(st.lists(st.lists(WORD, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=5))
def test_what_was_left_as_it_was_read_is_every_line_itself(lines: list[str]) -> None:
    assert texts_of_lines(lines, "\n".join(lines)) == tuple(lines)


@given(st.lists(st.lists(WORD, min_size=1, max_size=6).map(" ".join), min_size=1, max_size=5), st.text("ab cd\n"))
def test_parts_are_whole_words_of_the_text_in_its_order(lines: list[str], reviewed: str) -> None:
    words = reviewed.split()
    for part in texts_of_lines(lines, reviewed):
        if part is not None:
            start = next(n for n in range(len(words)) if words[n : n + len(part.split())] == part.split())
            words = words[start + len(part.split()) :]
