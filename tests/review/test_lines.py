"""A field's one text and the written lines that it is edited in."""

from hypothesis import given
from hypothesis import strategies as st

from scan_ingest.domain.card import Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.review.lines import joined, split, tokens_of

READ = ["She stayed after her shift", "to hold my hand while", "we drove from Leeds"]
TEXT = " ".join(READ)


def parts(text: str, read: list[str] = READ) -> list[str] | None:
    found = split(text, read)
    return None if found is None else [part for _, part in found]


def test_the_text_as_read_splits_into_the_lines_that_were_read() -> None:
    assert parts(TEXT) == READ


def test_a_corrected_word_stays_on_its_line() -> None:
    assert parts(TEXT.replace("shift", "shifts")) == ["She stayed after her shifts", *READ[1:]]
    assert parts(TEXT.replace("to hold", "too holds")) == [READ[0], "too holds my hand while", READ[2]]


def test_a_line_that_was_wholly_retyped_is_found_between_its_neighbours() -> None:
    assert parts(f"{READ[0]} and laughed with us {READ[2]}") == [READ[0], "and laughed with us", READ[2]]


def test_a_line_whose_text_was_deleted_is_empty() -> None:
    assert parts(f"{READ[0]} {READ[2]}") == [READ[0], "", READ[2]]
    assert parts("") == ["", "", ""]


def test_another_text_altogether_does_not_split() -> None:
    assert parts("Kwame brings tea at four every day without fail") is None


def test_a_paragraph_break_between_lines_is_kept_as_what_separates_them() -> None:
    text = f"{READ[0]}\n{READ[1]} {READ[2]}"
    found = split(text, READ)
    assert found == (("", READ[0]), ("\n", READ[1]), (" ", READ[2]))
    assert joined(found) == text


def test_a_paragraph_break_within_a_line_does_not_split() -> None:
    assert parts(TEXT.replace("after her", "after\nher")) is None


def test_two_spaces_between_lines_are_not_lost_silently() -> None:
    assert parts(f"{READ[0]}  {READ[1]} {READ[2]}") is None


def test_deleting_a_line_leaves_no_double_space_and_keeps_the_paragraph() -> None:
    assert joined([("", "One"), (" ", "  "), (" ", "two")]) == "One two"
    assert joined([("", ""), (" ", "two")]) == "two"
    assert joined([("", "One"), ("\n", ""), (" ", "two")]) == "One\ntwo"
    assert joined([("", "One"), (" ", "")]) == "One"


@given(
    st.lists(st.text(alphabet="abc \n", max_size=12), min_size=1, max_size=5), st.text(alphabet="abc \n", max_size=40)
)
def test_what_splits_joins_to_the_same_text(read: list[str], text: str) -> None:
    found = split(text, read)
    assert found is None or len(read) == 1 or joined(found) == text
    assert found is None or len(found) == len(read)


def words(*texts: str) -> tuple[Word, ...]:
    return tuple(Word(text, 0.5, BoxMm(0, 0, 1, 1)) for text in texts)


def test_every_word_knows_the_read_word_that_it_came_from() -> None:
    tokens = tokens_of("hold my dear hand", "hold my dcar hand", words("hold", "my", "dcar", "hand"))
    assert [(t.first, t.stands) for t in tokens] == [(0, True), (1, True), (2, False), (3, True)]


def test_a_word_that_was_typed_in_came_from_none() -> None:
    tokens = tokens_of("hold my own hand", "hold my hand", words("hold", "my", "hand"))
    assert [t.first for t in tokens] == [0, 1, 2]
    assert [(t.start, t.end) for t in tokens] == [(0, 4), (5, 7), (12, 16)]


def test_where_the_decoder_made_other_words_the_recognisers_own_are_compared() -> None:
    tokens = tokens_of("to gether we", "together we", words("to", "gether", "we"))
    assert [(t.first, t.stands) for t in tokens] == [(0, True), (1, True), (2, True)]
