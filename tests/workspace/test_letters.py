"""Letters that belong to a card, and other scans of it, lose what is taken out of it; nobody says so too early."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from scan_ingest.domain.aligning import Call
from scan_ingest.domain.audit import AuditFilter
from scan_ingest.domain.card import CardState
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.domain.letter import EVERYTHING, Area, PageAnswer
from scan_ingest.domain.page import Outcome, Page
from scan_ingest.domain.rescan import RescanAnswer
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError, InputError, StoreError
from scan_ingest.identity.removing import marks_in
from scan_ingest.ports.align import PageDecision
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.open import pages_of
from scan_ingest.sources.redrawn import redrawn
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import LABEL
from tests.identified import DPI, LEASE, MARGIN_PX, TELLING, WRITING, ink_in, letter, put_telling_box
from tests.searching import left_of
from tests.workspace.test_aligning import SETTLE
from tests.workspace.test_redacting import NAME_BOXES, nothing_was_learned, the_name

REDRAW = partial(redrawn, limits=Limits())
LETTER = letter("Dear sister\nZanthia Quorley is home\nand well")
MIDDLE = Area(0, 20, 100, 20)
MISREAD = TELLING | {"action": "Sat wlth my mother Zanthla Quorly all night"}


def redact(workspace: Workspace, card_id: str, areas: tuple[Area, ...] = ()) -> None:
    def locate(picture: bytes, words: Collection[str]) -> tuple[Area, ...]:
        assert Pillow.open(BytesIO(picture)).size
        assert words == ("Zanthia Quorley",)
        return areas

    workspace.redact(card_id, the_name, "ann", REDRAW, nothing_was_learned, locate=locate)
    for one in workspace.unfinished_redactions():
        workspace.finish_redaction(one)


@pytest.fixture
def card(workspace: Workspace, scans: Path) -> str:
    """The id of a card that names a patient and has a letter, which names them too."""
    put_telling_box(workspace, scans, pages=1, letters=[LETTER], likeness=WRITING)
    (only,) = workspace.cards()
    attach(workspace, only.id)
    return only.id


def attach(workspace: Workspace, card_id: str) -> None:
    at_hand = workspace.page_at_hand(workspace.find_page("box.pdf#2"))
    now = datetime.now(UTC)
    said = PageDecision(at_hand, Call.ATTACHED, "ann", now, Outcome.UNMATCHED, "a letter", card_id=card_id)
    workspace.decide_page(said, SETTLE)


def darkest_and_lightest(workspace: Workspace, area: Area) -> list[tuple[int, int]]:
    """Within an area of the letter: as the page is kept, and in the scan."""
    page = workspace.page_picture(workspace.pages("b0001")[1])
    assert page is not None
    (file,) = workspace.batch("b0001").batch.files
    assert file.path is not None
    scanned = list(pages_of(file.path, file.name, file.sha256, Limits()))[1]
    assert isinstance(scanned, Page)
    found = []
    for image in (
        np.asarray(Pillow.open(BytesIO(page)).convert("L")),
        scanned.image.reshape(*scanned.image.shape[:2], -1)[:, :, 0],
    ):
        height, width = image.shape
        top, bottom = round(area.top / 100 * height) + 3, round((area.top + area.height) / 100 * height) - 3
        inside = image[top:bottom, 3 : width - 3]
        found.append((int(inside.min()), int(inside.max())))
    return found


def unread(workspace: Workspace) -> list[str]:
    return [str(page.ref) for page in workspace.unread_pages()]


def test_a_letter_waits_for_a_look_until_somebody_says_that_it_is_clean(workspace: Workspace, card: str) -> None:
    assert unread(workspace) == []
    redact(workspace, card)
    (page,) = workspace.unread_pages()
    assert (str(page.ref), page.card_id) == ("box.pdf#2", card)
    workspace.answer_page(page.key, PageAnswer.CLEAN, [], "ann", REDRAW)
    assert unread(workspace) == []
    assert darkest_and_lightest(workspace, MIDDLE)[0][1] > 240


def test_what_is_found_on_a_letter_is_black_at_once_and_somebody_still_has_to_look(
    workspace: Workspace, card: str
) -> None:
    redact(workspace, card, (MIDDLE,))
    for darkest, lightest in darkest_and_lightest(workspace, MIDDLE):
        assert (darkest, lightest) < (10, 40)
    assert all(lightest > 240 for _, lightest in darkest_and_lightest(workspace, Area(0, 60, 100, 30)))
    assert unread(workspace) == ["box.pdf#2"]


def test_a_page_made_black_shows_nothing_and_needs_no_look_again(workspace: Workspace, card: str) -> None:
    redact(workspace, card)
    key = workspace.find_page("box.pdf#2")
    workspace.answer_page(key, PageAnswer.BLACK, [EVERYTHING], "ann", REDRAW)
    assert all(lightest < 40 for _, lightest in darkest_and_lightest(workspace, EVERYTHING))
    assert workspace.sweep() == 0
    assert unread(workspace) == []
    assert [dict(row.detail) for row in workspace.audit(AuditFilter(act="redact"))] == [
        {"fields": 1},
        {"answer": "black"},
    ]


def test_a_letter_that_is_attached_after_the_redaction_is_to_be_looked_at_too(
    workspace: Workspace, scans: Path
) -> None:
    put_telling_box(workspace, scans, pages=1, letters=[LETTER], likeness=WRITING)
    (only,) = workspace.cards()
    redact(workspace, only.id)
    assert unread(workspace) == []
    attach(workspace, only.id)
    assert unread(workspace) == ["box.pdf#2"]


@pytest.fixture
def two_scans(workspace: Workspace, scans: Path) -> tuple[str, str]:
    """The ids of a card and of its second scan, which was read less well and answered."""
    put_telling_box(workspace, scans, name="monday.pdf", pages=1, likeness=WRITING)
    put_telling_box(workspace, scans, name="friday.tif", texts=MISREAD, pages=1, likeness=WRITING)
    (rescan,) = workspace.rescans()
    return rescan.earlier.id, rescan.later.id


@pytest.mark.parametrize("said", [RescanAnswer.IGNORE, RescanAnswer.REPLACE])
def test_the_other_scan_of_a_card_loses_the_words_however_it_was_read(
    workspace: Workspace, two_scans: tuple[str, str], data: Path, url: str | None, said: RescanAnswer
) -> None:
    earlier, later = two_scans
    workspace.answer_rescan(later, earlier, said, "ann")
    redact(workspace, earlier)
    assert left_of(("zanthia", "zanthla", "quorl"), data, url) == []
    texts = {one.id: one.texts["action"] for one in workspace.cards()}
    assert texts[later] == "Sat wlth my mother [redacted] all night"
    for row in (*workspace.pages("b0001"), *workspace.pages("b0002")):
        page = workspace.page_picture(row)
        assert page is not None
        for box in NAME_BOXES:
            assert ink_in(page, box, DPI / 25.4, MARGIN_PX)[1] < 40
    assert [row.subject.split()[-1] for row in workspace.audit(AuditFilter(act="redact"))] == [earlier, later]


def test_a_scan_that_comes_after_the_redaction_loses_them_when_it_is_called_one(
    workspace: Workspace, scans: Path
) -> None:
    put_telling_box(workspace, scans, name="monday.pdf", pages=1, likeness=WRITING)
    (first,) = workspace.cards()
    redact(workspace, first.id)
    put_telling_box(workspace, scans, name="friday.tif", texts=MISREAD, pages=1, likeness=WRITING)
    (rescan,) = workspace.rescans()
    assert workspace.perhaps_scans_of(first.id) == (rescan.later.id,)
    assert workspace.redacted_before_another_scan() == ()
    workspace.answer_rescan(rescan.later.id, first.id, RescanAnswer.REPLACE, "ann")
    assert workspace.redacted_before_another_scan() == (first.id,)


def test_a_card_that_was_called_another_one_keeps_its_words(workspace: Workspace, two_scans: tuple[str, str]) -> None:
    earlier, later = two_scans
    workspace.answer_rescan(later, earlier, RescanAnswer.KEEP, "ann")
    redact(workspace, earlier)
    assert {one.id: one.texts for one in workspace.cards()}[later] == MISREAD


def test_a_redaction_waits_for_whoever_has_the_other_scan_before_them(
    workspace: Workspace, two_scans: tuple[str, str]
) -> None:
    earlier, later = two_scans
    workspace.answer_rescan(later, earlier, RescanAnswer.IGNORE, "ann")
    workspace.claim(later, "ben", LEASE)
    with pytest.raises(Exception, match="holds it"):
        redact(workspace, earlier)
    assert {one.id: one.texts for one in workspace.cards()}[earlier] == TELLING


def test_a_merged_scan_is_to_be_merged_again(workspace: Workspace, two_scans: tuple[str, str]) -> None:
    earlier, later = two_scans
    workspace.answer_rescan(later, earlier, RescanAnswer.REPLACE, "ann")
    workspace.decide(Review(later, Decision.ACCEPT, "ann", datetime.now(UTC), texts=MISREAD))
    tell_merged(workspace)
    redact(workspace, earlier)
    (card,) = [one for one in workspace.cards() if one.id == later]
    assert (card.state, card.texts["action"]) == (CardState.ACCEPTED, "Sat wlth my mother [redacted] all night")


def test_what_may_be_another_scan_of_a_redacted_card_is_not_merged_until_somebody_says(
    workspace: Workspace, two_scans: tuple[str, str]
) -> None:
    earlier, later = two_scans
    for card, texts in ((earlier, TELLING), (later, MISREAD)):
        workspace.decide(Review(card, Decision.ACCEPT, "ann", datetime.now(UTC), texts=texts))
    assert workspace.held_cards() == ()
    redact(workspace, earlier)
    assert workspace.held_cards() == (later,)
    assert [card.card_id for card in workspace.accepted_cards()] == [earlier]
    workspace.answer_rescan(later, earlier, RescanAnswer.KEEP, "ann")
    assert workspace.held_cards() == ()
    assert {card.card_id for card in workspace.accepted_cards()} == {earlier, later}


def test_a_cards_own_front_is_neither_made_black_nor_called_clean(workspace: Workspace, card: str) -> None:
    redact(workspace, card)
    before = workspace.page_picture(workspace.pages("b0001")[0])
    front = workspace.find_page("box.pdf#1")
    for answer, areas in ((PageAnswer.BLACK, [EVERYTHING]), (PageAnswer.PART, [MIDDLE]), (PageAnswer.CLEAN, [])):
        with pytest.raises(InputError, match=r"box\.pdf#1 of b0001: it is attached to no card"):
            workspace.answer_page(front, answer, areas, "ann", REDRAW)
    assert workspace.page_picture(workspace.pages("b0001")[0]) == before
    assert len(list(workspace.audit(AuditFilter(act="redact")))) == 1


def test_a_letter_that_was_taken_off_its_card_again_is_not_made_black(workspace: Workspace, card: str) -> None:
    redact(workspace, card)
    key = workspace.find_page("box.pdf#2")
    workspace.undo_page(workspace.page_at_hand(key), "ann", datetime.now(UTC), SETTLE)
    with pytest.raises(InputError, match="attached to no card"):
        workspace.answer_page(key, PageAnswer.BLACK, [EVERYTHING], "ann", REDRAW)
    assert darkest_and_lightest(workspace, EVERYTHING)[0][1] > 240


@pytest.mark.parametrize("kind", [HoldOn.CARD, HoldOn.BATCH, HoldOn.ORGANISATION])
def test_a_letter_under_a_legal_hold_stays_as_it_is(workspace: Workspace, card: str, kind: HoldOn) -> None:
    redact(workspace, card)
    key = workspace.find_page("box.pdf#2")
    on = {HoldOn.CARD: card, HoldOn.BATCH: "b0001", HoldOn.ORGANISATION: LABEL.organisation}[kind]
    hold = workspace.put_on_hold(kind, on, "an inquiry")
    with pytest.raises(StoreError, match="a legal hold stands on it"):
        workspace.answer_page(key, PageAnswer.BLACK, [EVERYTHING], "ann", REDRAW)
    assert darkest_and_lightest(workspace, EVERYTHING)[0][1] > 240
    workspace.end_hold(hold)
    workspace.answer_page(key, PageAnswer.BLACK, [EVERYTHING], "ann", REDRAW)
    assert darkest_and_lightest(workspace, EVERYTHING)[0][1] < 40


def test_a_letter_of_a_card_that_somebody_else_has_open_stays_as_it_is(workspace: Workspace, card: str) -> None:
    redact(workspace, card)
    key = workspace.find_page("box.pdf#2")
    workspace.claim(card, "ben", LEASE)
    with pytest.raises(CardRefusedError, match="holds it"):
        workspace.answer_page(key, PageAnswer.PART, [MIDDLE], "ann", REDRAW)
    assert darkest_and_lightest(workspace, EVERYTHING)[0][1] > 240
    workspace.answer_page(key, PageAnswer.PART, [MIDDLE], "ben", REDRAW)
    assert unread(workspace) == []


def a_scan_that_comes_after_the_redaction(workspace: Workspace, scans: Path, texts: Mapping[str, str]) -> list[str]:
    """The ids of a redacted card and of its later scan, accepted both."""
    put_telling_box(workspace, scans, name="monday.pdf", pages=1, likeness=WRITING)
    (first,) = workspace.cards()
    redact(workspace, first.id)
    put_telling_box(workspace, scans, name="friday.tif", texts=texts, pages=1, likeness=WRITING)
    (rescan,) = workspace.rescans()
    workspace.decide(Review(rescan.later.id, Decision.ACCEPT, "ann", datetime.now(UTC), texts=texts))
    return [first.id, rescan.later.id]


def marked(texts: Mapping[str, str], _kinds: Mapping[str, str]) -> dict[str, list[tuple[int, int]]]:
    return {name: found for name, text in texts.items() if (found := marks_in(text))}


def go_over(workspace: Workspace, card_id: str) -> None:
    workspace.redact(card_id, marked, "ann", REDRAW, nothing_was_learned)


def test_a_scan_that_was_called_one_is_not_merged_before_the_words_are_out_of_it(
    workspace: Workspace, scans: Path
) -> None:
    first, later = a_scan_that_comes_after_the_redaction(workspace, scans, MISREAD)
    workspace.answer_rescan(later, first, RescanAnswer.REPLACE, "ann")  # and there it was killed
    assert (workspace.held_cards(), workspace.accepted_cards()) == ((later,), ())
    go_over(workspace, first)
    assert workspace.held_cards() == ()
    (card,) = workspace.accepted_cards()
    assert (card.card_id, card.texts["action"]) == (later, "Sat wlth my mother [redacted] all night")
    assert workspace.redacted_before_another_scan() == ()


def test_a_scan_that_has_none_of_the_words_is_merged_once_it_was_gone_over(workspace: Workspace, scans: Path) -> None:
    empty = TELLING | {"action": ""}
    first, later = a_scan_that_comes_after_the_redaction(workspace, scans, empty)
    workspace.answer_rescan(later, first, RescanAnswer.REPLACE, "ann")
    assert workspace.held_cards() == (later,)
    rows_before = len(list(workspace.audit(AuditFilter(act="redact"))))
    go_over(workspace, first)
    assert workspace.held_cards() == ()
    assert [card.card_id for card in workspace.accepted_cards()] == [later]
    assert workspace.redacted_before_another_scan() == ()
    assert len(list(workspace.audit(AuditFilter(act="redact")))) == rows_before


def test_a_scan_that_somebody_has_open_is_gone_over_later_and_stays_out_until_then(
    workspace: Workspace, scans: Path
) -> None:
    first, later = a_scan_that_comes_after_the_redaction(workspace, scans, MISREAD)
    workspace.answer_rescan(later, first, RescanAnswer.REPLACE, "ann")
    workspace.claim(later, "ben", LEASE)
    with pytest.raises(CardRefusedError, match="holds it"):
        go_over(workspace, first)
    assert workspace.redacted_before_another_scan() == (first,)
    workspace.give_back(later, "ben")
    assert workspace.held_cards() == (later,)


def test_what_nobody_took_words_out_of_holds_no_scan_back(workspace: Workspace, two_scans: tuple[str, str]) -> None:
    earlier, later = two_scans
    workspace.decide(Review(later, Decision.ACCEPT, "ann", datetime.now(UTC), texts=MISREAD))
    workspace.answer_rescan(later, earlier, RescanAnswer.REPLACE, "ann")
    go_over(workspace, earlier)
    assert workspace.held_cards() == ()
    assert [card.card_id for card in workspace.accepted_cards()] == [later]


@pytest.mark.parametrize("of", ["the card", "its other scan", "its organisation"])
def test_on_hold_nothing_is_taken_out_of_a_card_or_of_a_scan_of_it(
    workspace: Workspace, two_scans: tuple[str, str], of: str
) -> None:
    earlier, later = two_scans
    workspace.answer_rescan(later, earlier, RescanAnswer.IGNORE, "ann")
    on, what = {
        "the card": (HoldOn.CARD, earlier),
        "its other scan": (HoldOn.CARD, later),
        "its organisation": (HoldOn.ORGANISATION, LABEL.organisation),
    }[of]
    hold = workspace.put_on_hold(on, what, "a complaint")
    before = [workspace.page_picture(row) for row in workspace.pages("b0001")]
    with pytest.raises(CardRefusedError, match="a legal hold stands on it"):
        redact(workspace, earlier)
    assert {one.id: one.texts for one in workspace.cards()} == {earlier: TELLING, later: MISREAD}
    assert [workspace.page_picture(row) for row in workspace.pages("b0001")] == before
    workspace.end_hold(hold)
    redact(workspace, earlier)
    assert "Zanthia" not in str([one.texts for one in workspace.cards()])


def test_a_hold_that_is_put_on_while_a_redaction_works_is_minded(workspace: Workspace, card: str) -> None:
    def hold_meanwhile(_picture: bytes, _words: Collection[str]) -> tuple[Area, ...]:
        workspace.put_on_hold(HoldOn.CARD, card, "a complaint")
        return ()

    with pytest.raises(CardRefusedError, match="a legal hold stands on it"):
        workspace.redact(card, the_name, "ann", REDRAW, nothing_was_learned, locate=hold_meanwhile)
    assert [one.texts for one in workspace.cards()] == [TELLING]


def test_what_happens_to_another_scan_meanwhile_is_minded_and_no_letter_is_read_twice(
    workspace: Workspace, card: str, scans: Path
) -> None:
    """The redaction is worked out once more, on what was decided while a letter was read for it."""
    workspace_is_asked, letters_read = [], []

    def chosen(texts: Mapping[str, str], kinds: Mapping[str, str]) -> dict[str, list[tuple[int, int]]]:
        workspace_is_asked.append(texts)
        return the_name(texts, kinds)

    def decided_meanwhile(_picture: bytes, _words: Collection[str]) -> tuple[Area, ...]:
        letters_read.append(1)
        now = datetime.now(UTC)
        workspace.decide(Review(other, Decision.ACCEPT, "ann", now, texts=MISREAD), reopen=True)
        return (MIDDLE,)

    put_telling_box(workspace, scans, name="friday.tif", texts=MISREAD, pages=1, likeness=WRITING)
    (other,) = (one.id for one in workspace.cards() if one.id != card)
    workspace.answer_rescan(other, card, RescanAnswer.IGNORE, "ann")
    workspace.redact(card, chosen, "ann", REDRAW, nothing_was_learned, locate=decided_meanwhile)
    assert (len(workspace_is_asked), len(letters_read)) == (2, 1)
    texts = {one.id: one.texts["action"] for one in workspace.cards()}
    assert texts[other] == "Sat wlth my mother [redacted] all night"
