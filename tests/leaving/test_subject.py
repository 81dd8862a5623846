"""The answer to somebody who asks what is held about them."""

import json
from datetime import date
from pathlib import Path

import pytest

from scan_ingest.errors import UsageError
from scan_ingest.leaving.subject import Document, Item, Section, writer_for

DOCUMENT = Document(
    "Jo Ashworth",
    date(2026, 11, 28),
    [
        Section(
            "Nominations of you",
            "Cards that name you.",
            [Item("Oak, 2 March 2026", [("action", "Sat\nwith <me>\x1b[2J")])],
        ),
        Section("Staff list", "Your line in it.", []),
    ],
)


def written(suffix: str) -> str:
    return writer_for(Path(f"jo{suffix}"))(DOCUMENT)


def test_a_page_holds_every_word_and_runs_none_of_it() -> None:
    page = written(".html")
    assert "Nominations of you (1)" in page
    assert "Sat\nwith &lt;me&gt;" in page
    assert "<script" not in page
    assert "http" not in page  # nothing is fetched to read it


def test_plain_text_moves_no_cursor() -> None:
    text = written(".txt")
    assert "  action: Sat\n    with <me>·[2J" in text
    assert "Staff list (0)" in text


def test_json_holds_the_same() -> None:
    assert json.loads(written(".json"))["sections"][0]["items"] == [
        {"title": "Oak, 2 March 2026", "action": "Sat\nwith <me>\x1b[2J"}
    ]


def test_other_suffixes_are_refused_and_the_document_names_nobody_in_a_log() -> None:
    with pytest.raises(UsageError, match=r"\.html, \.txt, \.json"):
        writer_for(Path("jo.docx"))
    assert "Jo" not in repr(DOCUMENT)
