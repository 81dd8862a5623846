"""The review screen, worked through its keys."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual_image.widget import SixelImage, TGPImage

from scan_ingest.domain.card import CardState
from scan_ingest.domain.page import PageRef
from scan_ingest.ports.review import Draft
from scan_ingest.review.app import ReviewApp
from scan_ingest.review.beside import BesideCard
from scan_ingest.review.editing import FieldText, LineInput
from scan_ingest.review.field_view import FieldView
from scan_ingest.review.identities import Redact
from scan_ingest.review.open_card import OpenCard
from scan_ingest.review.screen import ReviewScreen
from scan_ingest.review.session import Session
from scan_ingest.terminal.canvas import Canvas
from scan_ingest.terminal.drawing import CharacterPicture, PixelPicture
from scan_ingest.terminal.picture import Cell, Manner
from scan_ingest.terminal.viewer import Viewer
from tests.review.desk import LEASE, LINES, TEXTS, HangingDesk, MemoryDesk, a_desk

SECONDS = 30  # a busy machine
SIZES = [(80, 24), (200, 50)]
BRAILLE = Canvas((Manner.BRAILLE, Manner.HALF_BLOCKS))


class Sitting:
    """A reviewer at the screen."""

    def __init__(self, app: ReviewApp, pilot: Pilot[None], session: Session) -> None:
        self.app, self.pilot, self.session = app, pilot, session

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def card(self) -> OpenCard:
        assert self.session.card is not None
        return self.session.card

    @property
    def screen(self) -> ReviewScreen:
        assert isinstance(self.app.screen, ReviewScreen)
        return self.app.screen

    @property
    def lines(self) -> FieldView:
        return self.screen.query_one(FieldView)

    @property
    def editor(self) -> LineInput | FieldText:
        focused = self.app.screen.focused
        assert isinstance(focused, LineInput | FieldText)
        return focused

    async def click_on(self, text: str) -> None:
        """Where it stands on the screen first."""
        lines = self.drawn().splitlines()
        row = next(number for number, line in enumerate(lines) if text in line)
        await self.pilot.click(offset=(lines[row].index(text) + 1, row))
        await self.pilot.pause()

    async def until(self, seen: Callable[[], object]) -> None:
        """Waits until time has brought it about: the screen keeps what is typed twice a second, and renews leases."""
        end = time.monotonic() + SECONDS
        while not seen():
            assert time.monotonic() < end, self.drawn()
            await asyncio.sleep(0.05)
            await self.pilot.pause()

    def drawn(self) -> str:
        """What stands on the screen, as text."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line)[:width] for line in lines[:height])


@asynccontextmanager
async def at_the_screen(
    desk: MemoryDesk,
    size: tuple[int, int] = (80, 24),
    reviewer: str = "ann",
    canvas: Canvas = BRAILLE,
    redact: Redact | None = None,
    lease: timedelta = LEASE,
) -> AsyncIterator[Sitting]:
    session = Session(desk, reviewer, lease=lease, redact=redact, clock=lambda: desk.now)
    session.start()
    app = ReviewApp(session, canvas, Viewer({}, "linux"))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Sitting(app, pilot, session)


def kept(desk: MemoryDesk, field: str) -> str:
    """What the draft of the first card has of a field; "" where there is none."""
    draft = desk.drafts.get(("c0", "ann"))
    return draft.texts[field] if draft else ""


async def type_text(sitting: Sitting, text: str) -> None:
    await sitting.press(*("space" if c == " " else c for c in text))


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_shows_the_handwriting_above_its_text(size: tuple[int, int]) -> None:
    async with at_the_screen(a_desk(), size) as sitting:
        await sitting.press("enter", "enter")
        lines = sitting.drawn().splitlines()
        assert "How did they lead with compassion?" in lines[2]
        text = next(number for number, line in enumerate(lines) if "She stayed after" in line)
        assert any(0x2801 <= ord(c) < 0x2900 for c in lines[text - 1] + lines[text - 2])
        assert "field 3 of 4 · line 1 of 3" in lines[2]
        assert "card 1 · 3 left · 0 done" in lines[0]
        assert "Northgate · Ash · box7.pdf#1" in lines[0]
        assert "Esc all keys" in lines[-1]


async def test_a_large_window_shows_every_line_of_a_field_with_its_picture() -> None:
    for size, pictures in (((80, 24), 1), ((200, 50), 3)):
        async with at_the_screen(a_desk(), size) as sitting:
            await sitting.press("enter", "enter")
            shown = [picture for picture in sitting.lines.query(CharacterPicture) if picture.display]
            assert len(shown) == pictures


@pytest.mark.parametrize("size", SIZES)
async def test_a_card_is_read_with_enter_and_accepted_on_its_last_line(size: tuple[int, int]) -> None:
    desk = a_desk()
    async with at_the_screen(desk, size) as sitting:
        await sitting.press("tab", "tab", "tab", "tab")
        assert sitting.card.unvisited == ()
        await sitting.press("enter")
        assert desk.cards["c0"].state is CardState.ACCEPTED
        assert sitting.card.queued.id == "c1"
        assert "card 2 · 2 left · 1 done" in sitting.drawn()


async def test_enter_on_the_last_line_goes_to_a_doubtful_word_first() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press(*["enter"] * 7)
        assert desk.decisions == []
        assert sitting.card.current.note.name == "nominee"
        assert sitting.editor.cursor_position == len("Sister Mary ")
        assert "not accepted yet" in sitting.drawn()


async def test_tab_puts_the_cursor_on_each_doubtful_word() -> None:
    async with at_the_screen(a_desk()) as sitting:
        found = []
        for _ in range(4):
            await sitting.press("tab")
            found.append(sitting.editor.value[sitting.editor.cursor_position :].split()[0])
        assert found == ["Okafor", "fathers", "jokes", "forget"]
        await sitting.press("shift+tab")
        assert sitting.editor.value.startswith("She told him jokes")


async def test_what_is_typed_is_what_is_accepted() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("end", "backspace", "a", "r", "f2")
        assert desk.decisions[0].texts == {**TEXTS, "nominee": "Sister Mary Okafoar"}


async def test_keys_that_come_all_at_once_stay_in_their_order() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        for key in ("end", *"abc", "backspace", "d", "enter", "3", "enter", "y"):
            sitting.app.simulate_key(key)
        await sitting.pilot.pause(0.5)
        assert sitting.card.texts["nominee"] == "Sister Mary Okaforabd"
        assert sitting.card.texts["nominator"] == "staff"
        assert sitting.card.texts["action"] == "y" + TEXTS["action"]


async def test_keys_that_come_all_at_once_go_to_the_field_they_were_typed_in() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("pagedown", "pagedown")
        for key in ("a", "pagedown", "b", "pageup", "end", "c", "pagedown", "end", "d"):
            sitting.app.simulate_key(key)
        await sitting.pilot.pause(0.5)
        first, *rest = LINES["action"]
        assert sitting.card.texts["action"] == " ".join([f"a{first}c", *rest])
        first, *rest = LINES["impact"]
        assert sitting.card.texts["impact"] == " ".join([f"b{first}d", *rest])
        assert sitting.card.texts["nominee"] == TEXTS["nominee"]


async def test_a_field_of_as_many_lines_is_read_in_the_editors_of_the_one_before() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("pagedown", "pagedown")
        before = sitting.lines.editors
        await sitting.press("pagedown")
        after = sitting.lines.editors
        assert [editor.value for editor in after] == list(LINES["impact"])
        assert all(one is other for one, other in zip(before, after, strict=False))


async def test_number_keys_tick_the_boxes_of_a_choice() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("enter", "3")
        assert sitting.card.texts["nominator"] == "staff"
        assert "[x] staff" in sitting.drawn()


async def test_a_rejection_asks_for_its_reason() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("f3")
        assert "a concern to pass on" in sitting.drawn()
        await sitting.press("escape")
        assert desk.decisions == []
        await sitting.press("f3", "4")
        assert desk.cards["c0"].reason == "a concern to pass on"
        await sitting.press("escape", "r", "5")
        await type_text(sitting, "a shopping list")
        await sitting.press("enter")
        assert desk.cards["c1"].reason == "other: a shopping list"
        assert sitting.card.queued.id == "c2"


async def test_every_command_has_a_letter_behind_esc() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("escape")
        assert "set aside" in sitting.drawn()
        await sitting.press("s")
        assert desk.cards["c0"].state is CardState.SET_ASIDE
        await sitting.press("alt+a")  # Esc and a letter in one breath
        assert desk.cards["c1"].state is CardState.ACCEPTED
        await sitting.press("escape", "u")
        assert desk.cards["c1"].state is CardState.WAITING
        assert sitting.card.queued.id == "c1"
        await sitting.press("f6")
        assert sitting.card.queued.id == "c0"


async def test_undo_brings_the_card_back_with_what_was_typed() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("end", "x", "f2", "f7")
        assert sitting.card.queued.id == "c0"
        assert sitting.editor.value == "Sister Mary Okaforx"


async def test_typing_survives_a_crash_and_comes_back() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("end", "x")
        await sitting.until(lambda: desk.drafts)
    # The program is gone; nobody gave the card back.
    async with at_the_screen(desk) as sitting:
        assert sitting.editor.value == "Sister Mary Okaforx"
        assert "brought back" in sitting.drawn()
        await sitting.press("escape", "z")
        assert sitting.editor.value == "Sister Mary Okafor"


async def test_a_lost_lease_is_told_and_nothing_typed_is_lost() -> None:
    desk = a_desk()
    async with at_the_screen(desk, lease=timedelta(seconds=1.5)) as sitting:
        await sitting.press("end", "x")
        desk.taken_by("ben", "c0")
        await sitting.until(lambda: "somebody else has this card" in sitting.drawn())
        await sitting.press("f2")
        assert desk.decisions == []
        assert desk.draft("c0", "ann") == Draft({**TEXTS, "nominee": "Sister Mary Okaforx"})
        await sitting.press("escape", "n")
        assert sitting.card.queued.id == "c1"


async def test_a_locked_store_is_told_and_the_card_stays_open() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        desk.locked = True
        await sitting.press("end", "x")
        await sitting.until(lambda: "not saved yet" in sitting.drawn())
        await sitting.press("f2")
        assert sitting.editor.value == "Sister Mary Okaforx"
        desk.locked = False
        await sitting.press("f2")
        assert desk.decisions[0].texts["nominee"] == "Sister Mary Okaforx"


async def test_a_store_that_hangs_holds_up_no_key() -> None:
    desk = HangingDesk(a_desk())
    async with at_the_screen(desk) as sitting:
        await sitting.press("end", "x")
        assert await asyncio.to_thread(desk.asked.wait, 60)
        await sitting.press("y", "enter", "z")
        assert "field 2 of 4" in sitting.drawn()
        told = "not saved yet, leave this window open: the workspace does not answer"
        await sitting.until(lambda: told in sitting.drawn())
        desk.let_go.set()
        await sitting.until(lambda: "not saved yet" not in sitting.drawn())
        await sitting.until(lambda: kept(desk, "nominee") == "Sister Mary Okaforxy")


async def test_a_store_that_is_away_after_a_decision_is_told_and_asked_again() -> None:
    desk = a_desk(2)
    async with at_the_screen(desk) as sitting:
        desk.away = True
        await sitting.press("f2")
        assert desk.decisions[0].card_id == "c0"
        assert "Nothing left" not in sitting.drawn()
        assert "It is not known whether another card waits." in sitting.drawn()
        assert "accepted: c0" in sitting.drawn()
        await sitting.press("enter")
        assert "Enter asks again" in sitting.drawn()
        desk.away = False
        await sitting.press("enter")
        assert sitting.card.queued.id == "c1"


async def test_a_field_is_edited_as_one_text_with_paragraphs() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("pagedown", "pagedown", "escape", "e")
        assert isinstance(sitting.editor, FieldText)
        await sitting.press("ctrl+j", "f2")
        assert desk.decisions[0].texts["action"] == TEXTS["action"]
        await sitting.press("pagedown", "pagedown", "escape", "e")
        for _ in range(3):
            await sitting.press("ctrl+right")
        await sitting.press("ctrl+j", "f2")
        assert desk.decisions[1].texts["action"].count("\n") == 1


async def test_a_text_that_no_longer_splits_is_shown_as_one() -> None:
    desk = a_desk(1)
    desk.cards["c0"] = replace(desk.cards["c0"], texts={**TEXTS, "action": "Something else\nentirely"})
    async with at_the_screen(desk) as sitting:
        await sitting.press("pagedown", "pagedown")
        assert sitting.editor.value == "Something else\nentirely"
        assert "as one text" in sitting.drawn()


async def test_text_from_a_card_cannot_steer_the_terminal() -> None:
    desk = a_desk(1)
    hostile = "Mary \x1b[2J\u202eOkafor"
    desk.cards["c0"] = replace(desk.cards["c0"], texts={**TEXTS, "nominee": hostile})
    desk.notes = tuple(replace(note, prompt=f"{note.prompt}\x1b[31m") for note in desk.notes)
    async with at_the_screen(desk, (200, 50)) as sitting:
        drawn = sitting.drawn()
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn
        assert "Mary ·[2J·Okafor" in drawn
        await sitting.press("f2")
        assert desk.decisions[0].texts["nominee"] == hostile


async def test_the_whole_field_and_the_whole_card_are_a_key_away() -> None:
    async with at_the_screen(a_desk()) as sitting:
        for key in ("f8", "f9"):
            await sitting.press(key, "z", "down", "right")
            assert "Esc back" in sitting.drawn()
            assert any(0x2801 <= ord(c) < 0x2900 for c in sitting.drawn())
            await sitting.press("escape")
            assert sitting.editor.value == "Sister Mary Okafor"


async def test_without_a_desktop_the_viewer_says_so() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("ctrl+o")
        assert "no picture viewer here" in sitting.drawn()


async def test_the_help_page_lists_every_key() -> None:
    async with at_the_screen(a_desk(), (100, 44)) as sitting:
        await sitting.press("f1")
        drawn = sitting.drawn()
        for key in ("Shift-Tab", "Esc a", "F2", "Esc q", "Ctrl-O"):
            assert key in drawn
        await sitting.press("escape")
        assert sitting.editor.has_focus


async def test_when_nothing_is_left_the_screen_says_so_and_undo_still_works() -> None:
    desk = a_desk(1)
    async with at_the_screen(desk) as sitting:
        await sitting.press("f2")
        assert "Nothing left to review." in sitting.drawn()
        assert "1 done in this sitting" in sitting.drawn()
        await sitting.press("escape", "u")
        assert sitting.editor.value == "Sister Mary Okafor"


async def test_pictures_can_be_drawn_in_greys() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("escape", "g")
        assert "▀" in sitting.drawn()
        await sitting.press("escape", "g")
        assert "▀" not in sitting.drawn()


@pytest.mark.parametrize("size", [(40, 12), (20, 8), (120, 35), (300, 90)])
async def test_windows_of_any_size_show_the_text(size: tuple[int, int]) -> None:
    async with at_the_screen(a_desk(), size) as sitting:
        await sitting.press("enter", "enter")
        assert "She stayed" in sitting.drawn()


async def test_another_line_can_be_clicked_on() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("enter", "enter")
        third = next(editor for editor in sitting.screen.query(LineInput) if editor.number == 2)
        await sitting.pilot.click(third, offset=(6, 0))
        await sitting.pilot.pause()
        assert sitting.card.line == 2
        await type_text(sitting, "x")
        assert "x" in sitting.card.current_line.text


async def test_pasted_lines_become_one() -> None:
    async with at_the_screen(a_desk()) as sitting:
        from textual.events import Paste

        sitting.editor.post_message(Paste("Dr \n and "))
        await sitting.pilot.pause()
        await sitting.press("f2")
        assert sitting.session.desk.decisions[0].texts["nominee"] == "Dr and Sister Mary Okafor"  # type: ignore[attr-defined]


@pytest.mark.parametrize("image_widget", [SixelImage, TGPImage])
async def test_a_terminal_with_real_pictures_gets_them(image_widget: type[Widget]) -> None:
    canvas = Canvas((Manner.PIXELS, Manner.BRAILLE), True, image_widget, Cell(10, 20))
    async with at_the_screen(a_desk(), canvas=canvas) as sitting:
        await sitting.press("enter", "enter")
        shown = [picture for picture in sitting.lines.query(PixelPicture) if picture.display]
        assert shown
        assert all(picture.size.height > 1 for picture in shown)
        assert "She stayed after" in sitting.drawn()
        await sitting.press("f9", "escape", "escape", "g")
        assert any(0x2801 <= ord(c) < 0x2900 for c in sitting.drawn())


async def test_a_picture_that_does_not_fit_follows_the_cursor() -> None:
    async with at_the_screen(a_desk(), (60, 14)) as sitting:
        await sitting.press("enter", "enter")
        start = sitting.drawn()
        assert "the line goes on" in start
        await sitting.press("end")
        assert [c for c in sitting.drawn() if ord(c) > 0x2800] != [c for c in start if ord(c) > 0x2800]


async def test_without_colour_doubtful_words_are_still_underlined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with at_the_screen(a_desk()) as sitting:
        strips = sitting.app.screen._compositor.render_strips()
        styles = [segment.style for line in strips for segment in line if segment.text == "Okafor"]
        assert styles
        assert all(style is not None and style.underline for style in styles)


async def test_a_page_that_belongs_to_the_card_is_shown_and_what_it_says_is_added_to_a_field() -> None:
    desk = a_desk(1)
    desk.cards["c0"] = replace(desk.cards["c0"], attached=(PageRef("ab" * 32, 9, "box7.pdf"),))
    async with at_the_screen(desk) as sitting:
        assert "1 more page belongs to this card (Esc t)" in sitting.drawn()
        await sitting.press("pagedown", "pagedown", "escape", "t")
        assert "box7.pdf#9 belongs to this card" in sitting.drawn()
        await sitting.press("r", "t")
        assert "added to action" in sitting.drawn()
        await sitting.press("tab")
        assert "added to impact" in sitting.drawn()
        await type_text(sitting, "he slept")
        await sitting.press("enter", "escape")
        assert sitting.card.texts["impact"] == TEXTS["impact"] + "\nhe slept"
        await sitting.until(lambda: kept(desk, "impact").endswith("he slept"))
        await sitting.press("f2")
    assert desk.decisions[0].texts["impact"] == TEXTS["impact"] + "\nhe slept"


async def test_a_card_without_other_pages_says_so() -> None:
    async with at_the_screen(a_desk(1)) as sitting:
        assert "belongs to this card" not in sitting.drawn()
        await sitting.press("escape", "t")
        assert "no other page belongs to this card" in sitting.drawn()


async def test_number_keys_take_suggestions_for_a_doubtful_word() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("tab")
        assert "1 Okafar" in sitting.drawn()
        await sitting.press("2")
        assert sitting.editor.value == "Sister Mary Okator"
        await sitting.press("1", "end", "7")
        assert sitting.card.texts["nominee"] == "Sister Mary Okafor7"


async def test_a_suggestion_can_be_taken_wherever_the_cursor_is() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("pagedown", "pagedown", "escape", "right")
        assert "Esc 1 strayed" in sitting.drawn()
        await sitting.press("escape", "1")
        assert sitting.editor.value.startswith("She strayed after")
        await sitting.press("alt+1")
        assert sitting.editor.value.startswith("She stayed after")


async def test_suggestions_are_taken_in_a_field_edited_as_one_text_too() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("pagedown", "pagedown", "escape", "e", "tab", "1")
        assert isinstance(sitting.editor, FieldText)
        assert "hold my father's hand" in sitting.card.texts["action"]
        await sitting.press("right", "3")
        assert "f3ather's" in sitting.card.texts["action"]


async def test_marks_are_a_key_away() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.press("tab", "escape", "i")
        assert sitting.editor.value == "Sister Mary [?]"
        await sitting.press("escape", "i", "escape", "x")
        assert sitting.editor.value == "Sister Mary [crossed-out]"
        await sitting.press("home", *["shift+right"] * 11, "escape", "k")
        assert sitting.editor.value == "[redacted] [crossed-out]"
        await sitting.press("enter", "escape", "k")
        assert "this field has none" in sitting.drawn()
        assert sitting.card.texts["nominator"] == TEXTS["nominator"]


@pytest.mark.parametrize("esc", [True, False])
async def test_words_are_jumped_over_and_deleted(esc: bool) -> None:
    async with at_the_screen(a_desk()) as sitting:

        async def word_key(key: str) -> None:
            await sitting.press(*(("escape", key) if esc else (f"alt+{key}",)))

        await word_key("right")
        assert sitting.editor.cursor_position == len("Sister ")
        await word_key("delete")
        assert sitting.editor.value == "Sister Okafor"
        await word_key("backspace")
        assert sitting.editor.value == "Okafor"
        await sitting.press("end")
        await word_key("left")
        assert sitting.editor.cursor_position == 0


async def test_a_note_is_written_shown_and_kept_with_the_decision() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        await sitting.press("escape", "m")
        await type_text(sitting, "same hand as card 2")
        await sitting.until(lambda: desk.draft("c0", "ann") and desk.drafts["c0", "ann"].note == "same hand as card 2")
        await sitting.press("enter")
        assert "your note: same hand as card 2" in sitting.drawn()
        await sitting.press("f4")
    assert desk.decisions[0].note == "same hand as card 2"
    async with at_the_screen(desk, reviewer="ben") as sitting:
        assert "set aside by ann" in sitting.drawn()
        assert "ann noted: same hand as card 2" in sitting.drawn()


async def test_a_clicked_word_can_be_replaced_by_a_suggestion() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.pilot.click(sitting.editor, offset=(16, 0))
        await sitting.pilot.pause()
        assert "1 Okafar" in sitting.drawn()
        await sitting.press("1")
        assert sitting.editor.value == "Sister Mary Okafar"


async def test_keys_named_below_can_be_clicked_on() -> None:
    async with at_the_screen(a_desk()) as sitting:
        await sitting.click_on("next doubt")
        assert sitting.editor.cursor_position == len("Sister Mary ")
        await sitting.click_on("Okator")
        assert sitting.editor.value == "Sister Mary Okator"


async def test_a_wide_window_shows_the_whole_card_beside_the_line() -> None:
    async with at_the_screen(a_desk(), (200, 50)) as sitting:
        beside = sitting.screen.query_one(BesideCard)
        first = [picture._strips for picture in beside.query(CharacterPicture)]
        assert "He was not alone at the end." in sitting.drawn()
        await sitting.press("pagedown", "pagedown")
        assert [picture._strips for picture in beside.query(CharacterPicture)] != first
        assert "She stayed after her shift" in sitting.drawn()


async def test_my_pace_is_shown() -> None:
    desk = a_desk()
    async with at_the_screen(desk) as sitting:
        desk.now += timedelta(seconds=125)
        await sitting.press("f2")
        assert "card 2 · 2 left · 1 done · 2 min 5 s a card" in sitting.drawn()


@pytest.mark.parametrize("canvas", [BRAILLE, Canvas((Manner.PIXELS,), True, SixelImage, Cell(10, 20))])
async def test_a_word_can_be_clicked_on_in_its_picture(canvas: Canvas) -> None:
    async with at_the_screen(a_desk(), canvas=canvas) as sitting:
        await sitting.press("enter", "enter")
        picture = next(iter(sitting.lines.query("CharacterPicture, PixelPicture")))
        line = sitting.card.current_line
        (shift,) = (number for number, word in enumerate(line.words) if word.text == "shift")
        assert sitting.lines._scale is not None
        cell, top = sitting.lines._scale.cell, 0
        for row, piece in sitting.lines._shown[0]:
            if (columns := row.columns_of(*piece.words[shift], cell.across)) is not None:
                break
            top += row.dots.shape[0] // cell.down
        assert columns is not None
        await sitting.pilot.click(picture, offset=(sum(columns) // 2, top))
        await sitting.pilot.pause()
        assert sitting.editor.value[sitting.editor.cursor_position :].startswith("shift")
