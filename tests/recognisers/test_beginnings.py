"""An answer in block capitals: where a sentence begins, a capital stays."""

from scan_ingest.domain.card import Line, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.recognisers.capitals import with_beginnings

BOX = BoxMm(0, 0, 100, 8)


def line(text: str, raw: str) -> Line:
    return Line(text, raw, 0.9, BOX, tuple(Word(word, 0.9, BOX) for word in text.split()))


def test_the_first_line_and_one_after_a_full_stop_begin_with_a_capital() -> None:
    lines = [
        line("she sat with mum all", "SHE SAT WITH MUM ALL"),
        line("night long.", "NIGHT LONG."),
        line("we slept.", "WE SLEPT."),
    ]
    made = with_beginnings(lines)
    assert [each.text for each in made] == ["She sat with mum all", "night long.", "We slept."]
    assert [each.words[0].text for each in made] == ["She", "night", "We"]
    assert [each.raw for each in made] == [each.raw for each in lines]


def test_who_writes_small_letters_keeps_them() -> None:
    lines = [line("she sat with mum.", "she sat with mum."), line("we slept.", "we slept.")]
    assert with_beginnings(lines) == lines
