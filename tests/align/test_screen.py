"""The screen for placing by hand, worked through its keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

from scan_ingest.align.app import AlignApp
from scan_ingest.align.dialogs import Choice, Question, Result, Told
from scan_ingest.align.papers import Papers
from scan_ingest.align.session import OpenPage, Session
from scan_ingest.domain.page import Outcome
from scan_ingest.pipeline.walk import Reader
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.help import Help
from scan_ingest.terminal.picture import Manner
from scan_ingest.terminal.viewer import Viewer
from scan_ingest.workspace import Workspace, open_workspace
from tests.align import room
from tests.workspace.test_aligning import put as put_pages

BRAILLE = Canvas((Manner.BRAILLE, Manner.HALF_BLOCKS))


class Sitting:
    """A person at the screen."""

    def __init__(self, app: AlignApp, pilot: Pilot[None], session: Session) -> None:
        self.app, self.pilot, self.session = app, pilot, session

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.quiet()

    async def quiet(self) -> None:
        """Until nothing is read or looked for in a thread any more."""
        await self.pilot.pause()
        await self.app.workers.wait_for_complete()
        while self.app.align.busy:
            await asyncio.sleep(0.02)
        await self.pilot.pause()

    @property
    def page(self) -> OpenPage:
        assert self.session.open is not None
        return self.session.open

    def drawn(self) -> str:
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line)[:width] for line in lines[:height])


@asynccontextmanager
async def at_the_screen(
    workspace: Workspace, reader: Reader, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Sitting]:
    session, papers = room.session_of(workspace, reader), Papers()
    app = AlignApp(session, papers, BRAILLE, Viewer({}, "linux"))
    async with app.run_test(size=size) as pilot:
        sitting = Sitting(app, pilot, session)
        await sitting.quiet()
        yield sitting
    papers.close()


def outcomes(workspace: Workspace) -> list[Outcome]:
    return [row.outcome for row in workspace.pages("b0001")]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_page_is_shown_with_the_outline_where_a_card_seems_to_lie(
    workspace: Workspace, reader: Reader, size: tuple[int, int]
) -> None:
    async with at_the_screen(workspace, reader, size) as sitting:
        lines = sitting.drawn().splitlines()
        assert "page 1 of 3" in lines[0]
        assert "page2.png#1" in lines[0]
        assert "unmatched: no known card on it" in lines[1]
        picture = "".join(lines[2:-3])
        assert all(number in picture for number in "1234")
        assert any(0x2801 <= ord(c) < 0x2900 for c in picture)
        assert "nomination-a5 front" in lines[-3]
        assert "of print agrees" in lines[-3]
        assert "Enter result" in lines[-1]
        assert "? help" in lines[-1]
        await sitting.press("g")
        assert "▀" in sitting.drawn()
        await sitting.press("z")
        await sitting.press("question_mark")
        assert isinstance(sitting.app.screen, Help)


async def test_a_reason_that_is_longer_than_the_window_is_wide_is_read_to_its_end(
    workspace: Workspace, reader: Reader
) -> None:
    async with at_the_screen(workspace, reader, (26, 24)) as sitting:
        lines = [line.strip() for line in sitting.drawn().splitlines()]
        assert " ".join(lines[1:3]) == "unmatched: no known card on it"
        assert "nomination-a5 front" in lines[-3]


async def test_somebody_who_comes_second_reads_to_the_end_that_nothing_was_written(
    workspace: Workspace, reader: Reader
) -> None:
    async with at_the_screen(workspace, reader) as sitting:
        other = room.session_of(workspace, reader, "bob")
        other.show(other.load(workspace.pages_to_align()[0]))
        other.call_foreign()
        await sitting.press("b")
        lines = [line.strip() for line in sitting.drawn().splitlines()]
        told = " ".join(lines[-3:-1])
        assert "somebody else settled" in told
        assert told.endswith("nothing was changed")
        assert "Enter result" in lines[-1]


async def test_corners_move_by_keys_and_a_card_is_accepted_after_its_result_was_seen(
    workspace: Workspace, reader: Reader
) -> None:
    async with at_the_screen(workspace, reader) as sitting:
        before = sitting.page.corners
        await sitting.press("3", "minus", "right", "right", "shift+up")
        assert np.allclose(sitting.page.corners - before, [(0, 0), (0, 0), (8, -40), (0, 0)])
        await sitting.press("0", "left")
        assert np.allclose(sitting.page.corners[0] - before[0], (-4, 0))
        await sitting.press("f")
        assert "fitted to the print" in sitting.drawn()
        await sitting.press("enter")
        assert isinstance(sitting.app.screen, Result)
        last = sitting.drawn().splitlines()[-1].strip()
        assert last.startswith("a accept   + and one more")
        assert last.endswith("o in a viewer")  # nothing is cut off in the smallest window
        await sitting.press("escape")
        assert outcomes(workspace)[1] is Outcome.UNMATCHED
        await sitting.press("enter", "a")
        assert outcomes(workspace)[1] is Outcome.CARD
        assert "page 2 of 3 · 1 settled" in sitting.drawn()
        await sitting.press("u")
        assert outcomes(workspace)[1] is Outcome.UNMATCHED
        assert "page 1 of 3 · 0 settled" in sitting.drawn()


async def test_pages_are_called_blank_foreign_and_a_cards_until_none_is_left(
    workspace: Workspace, reader: Reader
) -> None:
    async with at_the_screen(workspace, reader) as sitting:
        await sitting.press("b")
        await sitting.press("c")
        assert isinstance(sitting.app.screen, Choice)
        assert "page1.png#1   before this page" in sitting.drawn()
        await sitting.press("1")
        await sitting.press("x")
        assert "No page left to place" in sitting.drawn()
        assert outcomes(workspace) == [Outcome.CARD, Outcome.BLANK, Outcome.UNMATCHED, Outcome.UNMATCHED]
        await sitting.press("u")
        assert "page 3 of 3 · 2 settled" in sitting.drawn()


async def test_template_corners_and_marks_are_asked_for(workspace: Workspace, reader: Reader) -> None:
    async with at_the_screen(workspace, reader) as sitting:
        await sitting.press("n")
        assert isinstance(sitting.app.screen, Question)
        await sitting.press("ctrl+u", *"10,20", "space", *"800,21", "space", *"790,600", "space", *"12,580", "enter")
        assert np.allclose(sitting.page.corners, [(10, 20), (800, 21), (790, 600), (12, 580)])
        await sitting.press("t", "1")
        assert np.abs(sitting.page.corners - room.covered_card().corners).max() < 8
        turned = sitting.page.turn
        await sitting.press("r")
        assert sitting.page.turn == (turned + 1) % 4
        await sitting.press("m")
        assert isinstance(sitting.app.screen, Told)
        assert "mark-1-" in sitting.drawn()
        await sitting.press("enter")
        assert "there are 0 coloured dots" in sitting.drawn()
        await sitting.press("pagedown")
        assert "page 2 of 3" in sitting.drawn()


@pytest.mark.parametrize(("keys", "page"), [("24", 1), ("2", 23), ("32", 23), ("11", 14)])
async def test_a_letter_is_attached_to_any_card_of_its_box_and_none_before_enter(
    reader: Reader, tmp_path: Path, keys: str, page: int
) -> None:
    with open_workspace(None, tmp_path / "data", create=True) as workspace:
        put_pages(workspace, tmp_path, [*["card"] * 24, "letter"])
        async with at_the_screen(workspace, reader) as sitting:
            await sitting.press("c", *keys)
            assert isinstance(sitting.app.screen, Choice)
            assert f"box.pdf#{page} " in sitting.drawn()
            await sitting.press("enter")
        assert workspace.pages("b0001")[24].reason == f"belongs to the card on box.pdf#{page}, says ann"
