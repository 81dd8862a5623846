"""Letting go of a batch: pictures, then texts, never while something waits; killed in between, finished later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scan_ingest.domain.audit import AuditFilter
from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.keeping import CopyKind, HoldOn, Kept
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.workspace import Workspace, leftovers
from tests.accepted import tell_merged
from tests.drawing.box import LABEL, TEXTS, a_card_page, put_box

LEASE = timedelta(minutes=15)
BOTH = frozenset({Kept.PICTURES, Kept.WORKSPACE})


def accept_all(workspace: Workspace, *, merged: bool = True) -> None:
    while card := workspace.claim_next("ann", LEASE):
        workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), "", card.texts))
    if merged:
        tell_merged(workspace)


def files_of(data: Path) -> list[Path]:
    return sorted(path for name in ("pictures", "originals") for path in (data / "workspace" / name).rglob("*.*"))


def test_a_box_waits_for_review_merge_and_nothing_else(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 2)
    assert [batch.waits_for for batch in workspace.at_rest()] == [("2 to review",)]
    accept_all(workspace, merged=False)
    assert [batch.waits_for for batch in workspace.at_rest()] == [("2 to merge",)]
    tell_merged(workspace)
    (batch,) = workspace.at_rest()
    assert (batch.waits_for, batch.paper_stays, batch.has) == ((), (), BOTH)
    assert batch.done_at is not None
    assert datetime.now(UTC) - batch.done_at < timedelta(minutes=1)


def test_what_is_not_done_or_on_hold_cannot_be_purged(workspace: Workspace, scans: Path, data: Path) -> None:
    batch = put_box(workspace, scans, 1)
    before = files_of(data)
    with pytest.raises(StoreError, match="1 to review"):
        workspace.purge(batch.id, BOTH)
    accept_all(workspace)
    hold = workspace.put_on_hold(HoldOn.BATCH, batch.id.upper(), "a complaint")
    with pytest.raises(StoreError, match="legal hold"):
        workspace.purge(batch.id, BOTH)
    assert files_of(data) == before
    workspace.end_hold(hold)
    workspace.purge(batch.id, BOTH)
    assert files_of(data) == []


@pytest.mark.parametrize("on", [HoldOn.CARD, HoldOn.ORGANISATION])
def test_a_hold_on_a_card_or_the_organisation_holds_its_batch(workspace: Workspace, scans: Path, on: HoldOn) -> None:
    batch = put_box(workspace, scans, 1)
    (card,) = workspace.cards()
    workspace.put_on_hold(on, card.id if on is HoldOn.CARD else LABEL.organisation, "a complaint")
    accept_all(workspace)
    assert workspace.at_rest()[0].holds == 1
    with pytest.raises(StoreError, match="legal hold"):
        workspace.purge(batch.id, BOTH)


def test_pictures_go_and_the_texts_stay(workspace: Workspace, scans: Path, data: Path) -> None:
    batch = put_box(workspace, scans, 2)
    accept_all(workspace)
    workspace.purge(batch.id, {Kept.PICTURES})
    assert files_of(data) == []
    assert [card.texts for card in workspace.cards()] == [TEXTS, TEXTS]
    assert workspace.at_rest()[0].has == {Kept.WORKSPACE}
    card = next(workspace.cards())
    with pytest.raises(StoreError, match="purged"):
        workspace.side_picture(card.id, "front")
    assert [page.outcome for page in workspace.pages(batch.id)] == [Outcome.CARD, Outcome.CARD]
    assert len(workspace.accepted_cards()) == 2


def test_texts_go_and_what_was_done_stays(workspace: Workspace, scans: Path, data: Path) -> None:
    batch = put_box(workspace, scans, 1)
    (card,) = workspace.cards()
    accept_all(workspace)
    workspace.purge(batch.id, BOTH)
    assert list(workspace.cards()) == []
    assert workspace.accepted_cards() == ()  # else a merge would carry empty texts into the store
    assert list(workspace.reviewed_cards()) == []
    for refused in (lambda: workspace.claim(card.id, "ann", LEASE), lambda: workspace.history(card.id)):
        with pytest.raises(CardRefusedError, match="purged"):
            refused()
    with pytest.raises(StoreError, match="cannot be merged again"):
        workspace.amend_batch(batch.id, ward="Elm")
    assert [row.act for row in workspace.audit(AuditFilter())][-2:] == ["purge", "purge"]
    written = b"".join(path.read_bytes() for path in (data / "workspace").rglob("*") if path.is_file())
    assert b"Sat with my father" not in written


def test_a_page_scanned_again_after_the_purge_is_still_known(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    page = workspace.pages(batch.id)[0]
    accept_all(workspace)
    workspace.purge(batch.id, BOTH)
    seen = workspace.seen(page.ref, None)
    assert seen is not None
    assert seen.batch_id == batch.id


def test_pictures_that_another_box_needs_too_stay(workspace: Workspace, scans: Path, data: Path) -> None:
    """Every side of these boxes has the same picture, which is kept once."""
    first = put_box(workspace, scans, 1, name="a.pdf")
    accept_all(workspace)
    put_box(workspace, scans, 1, name="b.pdf", label=BoxLabel("Northgate", "Elm", LABEL.collected))
    workspace.purge(first.id, BOTH)
    (waiting,) = workspace.cards()
    assert workspace.side_picture(waiting.id, "front")
    assert len(files_of(data)) == 3  # its scan, its page, its side


def test_a_purge_killed_before_the_files_went_is_finished_by_the_next(
    workspace: Workspace, scans: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = put_box(workspace, scans, 1)
    accept_all(workspace)

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(leftovers, "sweep", killed)
    with pytest.raises(KeyboardInterrupt):
        workspace.purge(batch.id, BOTH)
    monkeypatch.undo()
    assert files_of(data)
    assert workspace.sweep() == 3
    assert files_of(data) == []
    assert workspace.sweep() == 0


def test_a_discarded_box_can_go_but_its_paper_stays(workspace: Workspace, scans: Path, data: Path) -> None:
    batch = put_box(workspace, scans, 1)
    workspace.discard_batch(batch.id, "wrong box")
    assert workspace.at_rest()[0].paper_stays
    workspace.purge(batch.id, {Kept.PICTURES})
    assert files_of(data) == []


def test_a_page_that_waits_for_a_person_keeps_its_box(workspace: Workspace, scans: Path) -> None:
    batch = put_box(workspace, scans, 1)
    accept_all(workspace)
    page = workspace.pages(batch.id)[0].ref
    stranger = replace(page, number=7)
    record = replace(a_card_page(stranger), outcome=Outcome.UNMATCHED, sides=(), new_cards=())
    workspace.record(batch.id, record)
    assert workspace.at_rest()[0].waits_for == ("1 to align",)


def test_files_written_from_the_queue_are_remembered(workspace: Workspace, scans: Path, tmp_path: Path) -> None:
    put_box(workspace, scans, 1)
    workspace.note_copy(CopyKind.QUEUE, tmp_path / "cards.jsonl", batch_id="b0001")
    (copy,) = workspace.copies()
    assert (copy.kind, Path(copy.file).name, copy.batch_id) == (CopyKind.QUEUE, "cards.jsonl", "b0001")


def test_a_file_that_cannot_be_removed_is_named_and_holds_up_no_other(
    workspace: Workspace, scans: Path, data: Path
) -> None:
    """On Windows, where another program has it open."""
    batch = put_box(workspace, scans, 1)
    accept_all(workspace)
    stays = next((data / "workspace" / "originals").rglob("*.pdf"))
    stays.unlink()
    stays.mkdir()
    with pytest.raises(StoreError, match=rf"{stays.name}.*cannot be removed"):
        workspace.purge(batch.id, BOTH)
    assert files_of(data) == [stays]
    assert workspace.at_rest()[0].has == frozenset()
    stays.rmdir()
    stays.touch()  # as before, and closed by now
    assert workspace.sweep() == 1
    assert files_of(data) == []
