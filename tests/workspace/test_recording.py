"""Ingesting: originals, batches, pages, and what was seen before."""

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from scan_ingest.domain.batch import BatchState, BoxLabel, OpenSide, Original
from scan_ingest.domain.card import CardState, card_id
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.errors import InputError
from scan_ingest.ports.cards import FieldNote, NewCard
from scan_ingest.ports.ingest import PageRecord, Seen
from scan_ingest.workspace import Workspace
from tests.drawing.box import FIELDS, LABEL, TEXTS, a_card_page, a_side, picture_of, put_box


def original(workspace: Workspace, scans: Path, name: str, content: bytes = b"") -> Original:
    (scans / name).write_bytes(content or name.encode())
    return workspace.keep_original(scans / name)


def blank(ref: PageRef, position: int = 0) -> PageRecord:
    return PageRecord(position, ref, Outcome.BLANK, "", 200.0, "ab" * 32, b"blank paper")


def ref_of(file: Original, number: int) -> PageRef:
    return PageRef(file.sha256, number, file.name)


# -- originals ---------------------------------------------------------------------------------------------------------


def test_an_original_is_kept_once_by_its_content(workspace: Workspace, scans: Path) -> None:
    first = original(workspace, scans, "Box 7.PDF", b"scan")
    renamed = original(workspace, scans, "again.pdf", b"scan")
    assert first.sha256 == hashlib.sha256(b"scan").hexdigest()
    assert first.path == renamed.path == workspace.folder / f"originals/{first.sha256[:2]}/{first.sha256}.pdf"
    assert first.path.read_bytes() == b"scan"
    assert (first.name, renamed.name) == ("Box 7.PDF", "again.pdf")
    assert [path.name for path in (workspace.folder / "originals").rglob("*") if path.is_file()] == [first.path.name]


def test_a_file_that_cannot_be_read_says_why_and_is_told_from_others(workspace: Workspace, scans: Path) -> None:
    (scans / "folder.pdf").mkdir()
    gone, folder = workspace.keep_original(scans / "gone.pdf"), workspace.keep_original(scans / "folder.pdf")
    assert (gone.path, gone.reason) == (None, "no such file")
    assert (folder.path, folder.reason) == (None, "is a folder, not a file")
    assert gone.sha256 != folder.sha256
    assert gone == workspace.keep_original(scans / "gone.pdf")
    batch, _ = workspace.open_batch(LABEL, [gone, folder], None, any_date=False)
    assert batch.files == (gone, folder)


def test_a_name_that_no_database_can_hold_is_made_readable(workspace: Workspace, scans: Path) -> None:
    file = original(workspace, scans, b"caf\xe9.pdf".decode("utf-8", "surrogateescape"), b"scan")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    assert batch.files[0].name == "caf�.pdf"


# -- batches -----------------------------------------------------------------------------------------------------------


def test_a_new_batch_has_a_short_name_and_its_files(workspace: Workspace, scans: Path) -> None:
    files = [original(workspace, scans, "a.pdf"), original(workspace, scans, "b.tif")]
    batch, continued = workspace.open_batch(LABEL, files, 12, any_date=False)
    assert (batch.id, batch.label, batch.state) == ("b0001", LABEL, BatchState.UNFINISHED)
    assert (batch.files, batch.expected_cards, continued) == (tuple(files), 12, False)


def test_an_unfinished_batch_of_the_same_box_is_continued_with_the_files_it_lacks(
    workspace: Workspace, scans: Path
) -> None:
    a, b, c = (original(workspace, scans, name) for name in ("a.pdf", "b.pdf", "c.pdf"))
    first, _ = workspace.open_batch(LABEL, [a, b], None, any_date=False)
    spelled = BoxLabel(" northgate", "ASH ", LABEL.collected)
    again, continued = workspace.open_batch(spelled, [c, b, c], 3, any_date=False)
    assert continued
    assert (again.id, again.label, again.expected_cards) == (first.id, LABEL, 3)
    assert again.files == (a, b, c, c)
    same, _ = workspace.open_batch(LABEL, [a, b, c, c], None, any_date=False)
    assert same == again


@pytest.mark.parametrize(
    "label",
    [
        BoxLabel("Southgate", "Ash", LABEL.collected),
        BoxLabel("Northgate", "Elm", LABEL.collected),
        BoxLabel("Northgate", "Ash", date(2026, 3, 3)),
    ],
)
def test_another_box_is_another_batch(workspace: Workspace, scans: Path, label: BoxLabel) -> None:
    file = original(workspace, scans, "a.pdf")
    first, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    other, continued = workspace.open_batch(label, [file], None, any_date=False)
    assert not continued
    assert other.id != first.id


def test_without_a_date_the_unfinished_batch_of_another_day_is_continued(workspace: Workspace, scans: Path) -> None:
    file = original(workspace, scans, "a.pdf")
    first, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    today = replace(LABEL, collected=date(2026, 4, 1))
    again, continued = workspace.open_batch(today, [file], None, any_date=True)
    assert (again.id, again.label, continued) == (first.id, LABEL, True)


def test_a_finished_batch_and_one_without_a_common_file_are_not_continued(workspace: Workspace, scans: Path) -> None:
    a, b = original(workspace, scans, "a.pdf"), original(workspace, scans, "b.pdf")
    first, _ = workspace.open_batch(LABEL, [a], None, any_date=False)
    second, continued = workspace.open_batch(LABEL, [b], None, any_date=False)
    assert not continued
    workspace.finish(first.id)
    third, continued = workspace.open_batch(LABEL, [a], None, any_date=False)
    assert not continued
    assert len({first.id, second.id, third.id}) == 3


@pytest.mark.parametrize("name", ["b0009", "box", "", "b99999999999999999999", "b²"])
def test_a_batch_that_is_not_there_is_named(workspace: Workspace, scans: Path, name: str) -> None:
    put_box(workspace, scans, 1)
    with pytest.raises(InputError, match="the last one is b0001"):
        workspace.pages(name)


# -- pages -------------------------------------------------------------------------------------------------------------


def test_a_page_comes_back_with_all_that_was_found_on_it(workspace: Workspace, scans: Path) -> None:
    file = original(workspace, scans, "a.pdf")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    record = a_card_page(ref_of(file, 1), cards_on_it=2)
    workspace.record(batch.id, record)
    (row,) = workspace.pages("B0001")
    assert (row.batch_id, row.ref, row.outcome, row.dpi) == (batch.id, record.ref, Outcome.CARD, 200.0)
    assert [card for _, card in row.placements] == [card.id for card in record.new_cards]
    placement, expected = row.placements[1][0], record.sides[1].placement
    assert (placement.template_id, placement.side) == (expected.template_id, expected.side)
    assert (placement.residual_mm, placement.inliers) == (expected.residual_mm, expected.inliers)
    assert np.array_equal(placement.page_to_side.matrix, expected.page_to_side.matrix)
    assert np.array_equal(placement.corners_px, expected.corners_px)
    assert workspace.count_cards(batch.id) == 2
    assert [page.place for card in workspace.cards() for page in card.pages] == [1, 2]


def test_pages_are_recorded_once_and_counted_by_outcome(workspace: Workspace, scans: Path) -> None:
    file = original(workspace, scans, "a.pdf")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    key = workspace.record(batch.id, a_card_page(ref_of(file, 1)))
    assert workspace.record(batch.id, blank(ref_of(file, 1))) == key
    workspace.record(batch.id, blank(ref_of(file, 3)))
    assert workspace.recorded_pages(batch.id) == {(0, 1), (0, 3)}
    found = dict(workspace.outcomes(batch.id))
    assert found == {**dict.fromkeys(Outcome, 0), Outcome.CARD: 1, Outcome.BLANK: 1}
    assert workspace.count_cards(batch.id) == 1


def test_a_reading_loses_the_characters_that_no_text_keeps(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1, texts={**TEXTS, "action": "kind\x00\ud800 words\r\nand time\x1b"})
    (card,) = workspace.cards()
    assert card.texts["action"] == card.readings["action"].text == "kind words\nand time"


def test_a_reason_that_quotes_a_damaged_file_is_kept_without_what_no_database_holds(
    workspace: Workspace, scans: Path
) -> None:
    file = original(workspace, scans, "a.pdf")
    label = BoxLabel("North\x00gate", "Ash \ud800", LABEL.collected)
    batch, _ = workspace.open_batch(label, [file], None, any_date=False)
    assert batch.label == LABEL
    workspace.record(batch.id, PageRecord(0, ref_of(file, 1), Outcome.FAILED, "says \x00\ud800 of itself"))
    assert workspace.pages(batch.id)[0].reason == "says  of itself"


def test_a_page_is_recognised_by_file_and_number_and_by_its_picture(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 2)
    known = ref_of(batch.files[0], 2)
    elsewhere = PageRef("0" * 64, 9, "renamed.pdf")
    seen = Seen(batch.id, known, Outcome.CARD)
    assert workspace.seen(known, None) == seen
    assert workspace.seen(elsewhere, picture_of(known)) == seen
    assert workspace.seen(elsewhere, "0" * 64) is None
    assert workspace.seen(elsewhere, None) is None


def test_failed_and_duplicate_pages_are_not_recognised(workspace: Workspace, scans: Path) -> None:
    file, other = original(workspace, scans, "a.pdf"), PageRef("0" * 64, 1, "other.pdf")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    workspace.record(batch.id, blank(ref_of(file, 1)))
    assert workspace.seen(ref_of(file, 1), None) is not None
    assert workspace.seen(other, "ab" * 32) is not None
    workspace.record(batch.id, PageRecord(0, ref_of(file, 2), Outcome.FAILED, "cut short"))
    workspace.record(batch.id, PageRecord(0, ref_of(file, 3), Outcome.DUPLICATE, "again", 200.0, "cd" * 32))
    assert workspace.seen(ref_of(file, 2), None) is None
    assert workspace.seen(ref_of(file, 3), "cd" * 32) is None


def two_sided(note: FieldNote) -> FieldNote:
    return replace(note, side="back") if note.name == "impact" else note


def test_a_front_waits_for_its_back_and_both_make_one_card(workspace: Workspace, scans: Path) -> None:
    file = original(workspace, scans, "a.pdf")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    front_ref, back_ref = ref_of(file, 1), ref_of(file, 2)
    front = workspace.record(
        batch.id,
        PageRecord(
            0, front_ref, Outcome.UNREADABLE, "its back is missing", 200.0, picture_of(front_ref), b"f", (a_side(),)
        ),
    )
    expected = OpenSide(front, 1, "nomination-a5", "front", picture_of(front_ref), True, "its back is missing")
    assert workspace.open_sides(batch.id) == (expected,)
    card = NewCard(card_id(picture_of(front_ref), 1), "nomination-a5", ((front, 1), (None, 1)), FIELDS)
    back = replace(a_side(side="back"), readings=())
    workspace.record(
        batch.id,
        PageRecord(
            0,
            back_ref,
            Outcome.CARD,
            "",
            200.0,
            picture_of(back_ref),
            b"b",
            (back,),
            (card,),
            {front: (Outcome.CARD, "")},
        ),
    )
    assert workspace.open_sides(batch.id) == ()
    assert [(row.outcome, row.reason) for row in workspace.pages(batch.id)] == [(Outcome.CARD, "")] * 2
    (queued,) = workspace.cards()
    assert [page.ref.number for page in queued.pages] == [1, 2]
    assert queued.state is CardState.WAITING


def test_a_page_whose_card_is_impossible_leaves_nothing(workspace: Workspace, scans: Path) -> None:
    file = original(workspace, scans, "a.pdf")
    batch, _ = workspace.open_batch(LABEL, [file], None, any_date=False)
    wrong = replace(a_card_page(ref_of(file, 1)), new_cards=(NewCard("0" * 20, "a5", ((None, 2),), FIELDS),))
    with pytest.raises(ValueError, match="not on its page"):
        workspace.record(batch.id, wrong)
    assert workspace.recorded_pages(batch.id) == frozenset()
    assert workspace.count_cards(batch.id) == 0


def test_a_picture_is_kept_once(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 3)
    kept = [path for path in (workspace.folder / "pictures").rglob("*") if path.is_file()]
    assert len(kept) == 4  # three pages, and one side that looks the same on all
    assert all(path.stem == hashlib.sha256(path.read_bytes()).hexdigest() for path in kept)
