"""What text is kept as, and how it is drawn."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_ingest.domain.text import as_kept, as_read, for_a_terminal, forbidden_characters


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ("cafe\u0301", "café"),
        ("bell\x07 nul\x00 escape\x1b[2J next\x85line", "bell nul escape[2J nextline"),
        ("half \ud800 a character", "half  a character"),
        (" spaces stay ", " spaces stay "),
        ("right\u200fto left \u202eand family 👩‍👧", "right\u200fto left \u202eand family 👩‍👧"),
    ],
)
def test_text_is_kept_as_the_contract_says(written: str, kept: str) -> None:
    assert as_kept(written) == kept


@given(st.text())
def test_kept_text_stays_as_it_is_and_any_database_can_hold_it(text: str) -> None:
    kept = as_kept(text)
    assert as_kept(kept) == kept
    assert forbidden_characters(kept) == ""
    assert unicodedata.is_normalized("NFC", kept)
    kept.encode("utf-8")


@given(st.text())
def test_a_machines_reading_holds_nothing_that_cannot_be_seen(text: str) -> None:
    read = as_read(text)
    assert as_read(read) == read
    assert as_kept(read) == read
    assert all(c in "\t\n" or c.isprintable() or unicodedata.category(c) == "Zs" for c in read)


@given(st.text())
def test_what_is_drawn_is_one_line_that_moves_no_cursor(text: str) -> None:
    drawn = for_a_terminal(text)
    assert len(drawn) == len(text)
    assert len(drawn.splitlines()) <= 1
    assert not any(unicodedata.category(character).startswith("C") for character in drawn if character.isascii())
