"""Words taken out of texts and readings that say nearly the same."""

import pytest

from scan_ingest.domain.card import Line, Reading, Suggestion, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.identity.removing import Removal, carried, marks_in

NOW = "Sat with my mother Joan Smith all night"
REMOVAL = Removal({"action": NOW, "impact": "Joan  smith slept"}, {"action": ((19, 29),)})


def a_reading(*words: str, raw: str = "") -> Reading:
    seen = tuple(
        Word(word, 0.8, BoxMm(10 * at, 5, 9, 5), alternatives=(word.upper(),)) for at, word in enumerate(words)
    )
    text = " ".join(words)
    line = Line(text, raw or text, 0.8, BoxMm(0, 5, 90, 5), seen)
    return Reading("action", text, 0.8, "pp-ocrv6", (line,), (), raw or text, (Suggestion(text, 0.4),))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (NOW, "Sat with my mother [redacted] all night"),
        ("Sat with my mother J0an Smith all nigbt", "Sat with my mother [redacted] all nigbt"),
        ("Sat with my mother Joam Srnith all night", "Sat with my mother [redacted] all night"),
        ("sat with my mother jo an smith", "sat with my mother [redacted]"),
        ("Joan Smith. Joan Smith!", "[redacted]"),
        ("something else altogether, typed on the wrong card", "[redacted]"),
        ("", ""),
    ],
)
def test_earlier_texts_of_a_field_lose_the_words_however_they_were_spelled(text: str, left: str) -> None:
    assert REMOVAL.of_text("action", text) == left


def test_other_fields_lose_the_very_words_and_nothing_else() -> None:
    assert REMOVAL.of_text("impact", "Joan  smith slept, Joan did") == "[redacted] slept, Joan did"
    assert REMOVAL.of_remark("is Joan Smith staff?") == "is [redacted] staff?"


def test_a_reading_loses_the_words_with_all_that_was_thought_of_them() -> None:
    read = a_reading(
        "Sat", "with", "my", "mother", "J0an", "Srnith", "all", "night", raw="sat with my motherjoan srnith"
    )
    left, boxes = REMOVAL.of_reading(read)
    assert left.text == left.lines[0].text == left.lines[0].raw == "Sat with my mother [redacted] all night"
    assert [word.text for word in left.lines[0].words] == ["Sat", "with", "my", "mother", "[redacted]", "all", "night"]
    assert (left.second_opinion, left.suggestions) == (None, ())
    assert left.lines[0].words[4].alternatives == ()
    assert left.lines[0].words[0].alternatives == ("SAT",)
    (box,) = boxes
    assert box == BoxMm(40, 5, 19, 5).grown(1.0)


def test_a_line_end_in_the_middle_of_a_name_takes_it_from_both_lines() -> None:
    first, second = a_reading("my", "mother", "Joan").lines[0], a_reading("Smith", "all", "night").lines[0]
    read = Reading("action", "my mother Joan Smith all night", 0.8, "pp-ocrv6", (first, second))
    left, boxes = REMOVAL.of_reading(read)
    assert [line.text for line in left.lines] == ["my mother [redacted]", "[redacted] all night"]
    assert len(boxes) == 2


def test_what_a_reviewer_added_and_nobody_read_takes_the_words_beside_it() -> None:
    left, boxes = REMOVAL.of_reading(a_reading("Sat", "with", "my", "mother", "all", "night"))
    assert left.lines[0].text == "Sat with my [redacted] night"
    assert boxes == (BoxMm(30, 5, 19, 5).grown(1.0),)


def test_where_a_reviewer_typed_the_mark_what_was_read_there_goes() -> None:
    now = "Sat with my mother [redacted] all night"
    removal = Removal({"action": now}, {"action": tuple(marks_in(now))})
    left, _ = removal.of_reading(a_reading("Sat", "with", "my", "mother", "Joan", "Smith", "all", "night"))
    assert left.text == now
    assert removal.of_reading(left) == (left, ())
    assert removal.of_text("action", NOW) == now
    assert removal.words == ()


def test_a_reading_without_the_words_stays_as_it_is() -> None:
    read = Reading("impact", "He slept", 0.9, "pp-ocrv6", a_reading("He", "slept").lines, second_opinion="He slept")
    assert REMOVAL.of_reading(read) == (read, ())


def test_places_are_carried_over_by_alignment() -> None:
    assert carried("abc def", "xabc deef", [(4, 7)]) == [(5, 9)]
    assert carried("abc", "", [(0, 3)]) == [(0, 0)]
