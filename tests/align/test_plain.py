"""Placing by hand with prompts and numbers only."""

from collections.abc import Sequence
from pathlib import Path

from scan_ingest.align.corners import spelled
from scan_ingest.align.papers import Papers
from scan_ingest.align.plain import align_in_prompts
from scan_ingest.domain.page import Outcome
from scan_ingest.pipeline.walk import Reader
from scan_ingest.workspace import Workspace, open_workspace
from tests.align import room
from tests.workspace.test_aligning import put as put_pages


def conversation(workspace: Workspace, reader: Reader, answers: Sequence[str]) -> str:
    """Gives those answers and then the end of input; what was said."""
    said: list[str] = []
    left = iter(answers)

    def ask(prompt: str) -> str:
        said.append(prompt)
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    align_in_prompts(room.session_of(workspace, reader), Papers(), ask, said.append)
    return "\n".join(said)


def outcomes(workspace: Workspace) -> list[Outcome]:
    return [row.outcome for row in workspace.pages("b0001")]


def test_a_page_is_placed_with_typed_numbers_and_the_others_called(workspace: Workspace, reader: Reader) -> None:
    typed = spelled(room.covered_card().corners)
    said = conversation(workspace, reader, ["1,1 2,2", "t", "1", typed, "v", "a", "c", "1", "x"])
    assert outcomes(workspace) == [Outcome.CARD, Outcome.CARD, Outcome.UNMATCHED, Outcome.UNMATCHED]
    assert "these are 4" in said
    assert f"Corners: {typed}" in said
    assert "of the print agrees" in said
    assert "\npage4.png#1: unmatched, a foreign sheet, says ann." in said
    assert "No page left to place." in said
    assert "3 settled in this sitting." in said
    # The first page holds the very card that was placed here, scanned before.
    twice = "1 seems to be scanned twice (scan-ingest rescans look)"
    assert workspace.batch("b0001").needs_a_person == (twice, "2 to review")


def test_unknown_answers_are_explained_and_change_nothing(workspace: Workspace, reader: Reader) -> None:
    said = conversation(workspace, reader, ["?", "hello", "k", "r", "0 0 0 0 0 0 0 0", "e", "c", "7", "q"])
    assert "put a coloured dot on each corner" in said
    assert '"hello" is no answer here' in said
    assert "was not written for an image editor yet" in said
    assert "A number from 1 to 1" in said
    assert "0 settled in this sitting." in said
    assert outcomes(workspace) == [Outcome.CARD, *[Outcome.UNMATCHED] * 3]


def test_a_letter_at_the_end_of_a_box_is_attached_to_its_first_card(reader: Reader, tmp_path: Path) -> None:
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_pages(workspace, tmp_path, [*["card"] * 24, "letter"])
        said = conversation(workspace, reader, ["c", "24"])
        assert "  24 the card on box.pdf#1, before this page" in said
        assert workspace.pages("b0001")[24].reason == "belongs to the card on box.pdf#1, says ann"
