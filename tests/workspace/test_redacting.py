"""Words taken out of a workspace: looked for in every byte under its folder and in every row of its database."""

import subprocess
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from scan_ingest.domain.audit import AuditFilter
from scan_ingest.domain.card import CardState
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.page import Outcome, PageRef
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError
from scan_ingest.identity.removing import literal_spans
from scan_ingest.ports.ingest import PageRecord
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.review import Draft
from scan_ingest.sources.open import pages_of
from scan_ingest.sources.redrawn import redrawn
from scan_ingest.workspace import Workspace, open_workspace
from tests.accepted import tell_merged
from tests.drawing.box import LABEL
from tests.identified import DPI, LEASE, MARGIN_PX, TELLING, accept_all, ink_in, put_telling_box
from tests.searching import left_of

REDRAW = partial(redrawn, limits=Limits())
ROOT = Path(__file__).parent.parent.parent
WORDS = ("Zanthia", "Quorley")
NAME_BOXES = (BoxMm(38, 60, 7, 5), BoxMm(46, 60, 6, 5))
"""Well within where the fifth and sixth of eight words are written."""


def the_name(texts: Mapping[str, str], _kinds: Mapping[str, str]) -> dict[str, list[tuple[int, int]]]:
    spans = {name: list(literal_spans(text, ["Zanthia Quorley"])) for name, text in texts.items()}
    return {name: found for name, found in spans.items() if found}


def nothing_was_learned(words: Collection[str], cards: Collection[str]) -> None:
    assert cards
    assert set(words) <= {"Zanthia Quorley"}


def redact(workspace: Workspace, card_id: str, person: str = "ann") -> tuple[str, ...]:
    done = workspace.redact(card_id, the_name, person, REDRAW, nothing_was_learned)
    for one in workspace.unfinished_redactions():
        workspace.finish_redaction(one)
    return done


@pytest.fixture
def telling(workspace: Workspace, scans: Path) -> str:
    """The id of a card that tells who a patient is, typed on, decided on, remarked on."""
    put_telling_box(workspace, scans)
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    misspelt = {**card.texts, "action": "Sat with my mother Zanthla Quorley all night"}
    workspace.save_draft(card.id, "ben", Draft(misspelt, "who is Zanthia Quorley?"))
    note = "Zanthia Quorley is the patient"
    workspace.decide(
        Review(card.id, Decision.REJECT, "ann", datetime.now(UTC), "it names Zanthia Quorley", misspelt, note)
    )
    workspace.undo(card.id, "ann", LEASE)
    workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), texts=card.texts))
    why = Answer(IdentityAnswer.KEEP, "Zanthia Quorley is staff, I thought")
    workspace.settle_identity(card.id, {"action": why}, "ann")
    return card.id


def test_not_a_byte_and_not_a_row_holds_the_words_afterwards(
    workspace: Workspace, telling: str, data: Path, url: str | None
) -> None:
    assert left_of(WORDS, data, url)
    assert redact(workspace, telling) == ("action",)
    assert left_of(("zanthia", "zanthla", "quorley"), data, url) == []
    (card,) = [card for card in workspace.cards() if card.id == telling]
    assert card.texts == {**TELLING, "action": "Sat with my mother [redacted] all night"}
    assert card.readings["action"].lines[0].raw == "Sat with my mother [redacted] all night"
    assert card.readings["impact"].lines[0].raw == "she slept at last"
    assert [(past.decision, past.reason) for past in workspace.history(telling)] == [
        ("reject", "it names [redacted]"),
        ("undo", ""),
        ("accept", ""),
    ]


def test_the_ink_is_black_on_the_side_the_page_and_the_scan_and_the_rest_is_as_it_was(
    workspace: Workspace, scans: Path
) -> None:
    batch = put_telling_box(workspace, scans)
    card, other = workspace.cards()
    before = [workspace.page_picture(row) for row in workspace.pages(batch.id)]
    untouched = BoxMm(9, 60, 4, 5)
    redact(workspace, card.id)

    for box in NAME_BOXES:
        assert ink_in(workspace.side_picture(card.id, "front"), box, SIDE_PX_PER_MM)[1] < 30
    assert ink_in(workspace.side_picture(card.id, "front"), untouched, SIDE_PX_PER_MM)[1] > 200
    first, second = workspace.pages(batch.id)
    page = workspace.page_picture(first)
    assert page is not None
    for box in NAME_BOXES:
        assert ink_in(page, box, DPI / 25.4, MARGIN_PX)[1] < 30
    assert workspace.page_picture(second) == before[1]
    assert ink_in(workspace.side_picture(other.id, "front"), NAME_BOXES[0], SIDE_PX_PER_MM)[1] > 200

    (file,) = workspace.batch(batch.id).batch.files
    assert file.path is not None
    drawn = [page for page in pages_of(file.path, file.name, file.sha256, Limits()) if not hasattr(page, "reason")]
    assert [page.ref.number for page in drawn] == [1, 2]
    for box in NAME_BOXES:
        left, top = (round(mm * DPI / 25.4) + MARGIN_PX for mm in (box.x, box.y))
        assert drawn[0].image[top + 2 : top + 20, left : left + 20].max() < 40
        assert drawn[1].image[top + 2 : top + 20, left : left + 20].max() > 200
    assert len(list((workspace.folder / "originals").rglob("*.pdf"))) == 1


@pytest.mark.parametrize("name", ["box.tif", "box.png", "box.jpg"])
def test_scans_of_every_kind_are_drawn_anew(workspace: Workspace, scans: Path, name: str) -> None:
    pages = 2 if name == "box.tif" else 1
    batch = put_telling_box(workspace, scans, name=name, pages=pages)
    old = workspace.batch(batch.id).batch.files[0].path
    card = next(iter(workspace.cards()))
    redact(workspace, card.id)
    (file,) = workspace.batch(batch.id).batch.files
    assert file.path is not None
    assert old is not None
    assert not old.exists()
    with Pillow.open(file.path) as picture:
        assert getattr(picture, "n_frames", 1) == pages
        left, top = (round(mm * DPI / 25.4) + MARGIN_PX for mm in (NAME_BOXES[0].x, NAME_BOXES[0].y))
        assert np.asarray(picture.convert("L"))[top + 2 : top + 20, left : left + 20].max() < 40


def test_the_same_scan_comes_back_as_a_duplicate_and_brings_nothing_back(
    workspace: Workspace, scans: Path, data: Path
) -> None:
    batch = put_telling_box(workspace, scans)
    redact(workspace, next(iter(workspace.cards())).id)
    stand_in = workspace.batch(batch.id).batch.files[0].path
    original = workspace.keep_original(scans / "box.pdf")
    assert original.path == stand_in
    assert original.sha256 == batch.files[0].sha256
    again, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    seen = workspace.seen(PageRef(original.sha256, 1, "box.pdf"), "0" * 64)
    assert seen is not None
    workspace.record(again.id, PageRecord(0, seen.ref, Outcome.DUPLICATE, "", DPI, "0" * 64))
    assert len(list((data / "workspace" / "originals").rglob("*.pdf"))) == 1


def test_a_renamed_scan_of_the_same_pages_loses_the_words_too(workspace: Workspace, scans: Path) -> None:
    put_telling_box(workspace, scans)
    renamed = scans / "renamed.pdf"
    renamed.write_bytes((scans / "box.pdf").read_bytes() + b"\n")
    original = workspace.keep_original(renamed)
    assert original.path is not None
    again, _ = workspace.open_batch(LABEL, [original], None, any_date=False)
    for page in pages_of(original.path, "renamed.pdf", original.sha256, Limits()):
        assert not hasattr(page, "reason")
        workspace.record(again.id, PageRecord(0, page.ref, Outcome.DUPLICATE, "", DPI, page.picture_sha256))
    redact(workspace, next(iter(workspace.cards())).id)
    assert not original.path.exists()
    kept = workspace.batch(again.id).batch.files[0].path
    assert kept is not None
    assert kept.exists()


def test_a_card_of_a_discarded_batch_that_is_the_same_card_is_cleared_too(
    workspace: Workspace, scans: Path, data: Path, url: str | None
) -> None:
    first = put_telling_box(workspace, scans)
    workspace.discard_batch(first.id, "wrong ward")
    put_telling_box(workspace, scans)
    redact(workspace, next(iter(workspace.cards())).id)
    assert left_of(WORDS, data, url) == []


def test_a_merged_card_waits_to_be_merged_again(workspace: Workspace, scans: Path) -> None:
    put_telling_box(workspace, scans)
    accept_all(workspace)
    accepted = workspace.accepted_cards()
    tell_merged(workspace, accepted)
    redact(workspace, accepted[0].card_id)
    states = {card.id: card.state for card in workspace.cards()}
    assert states[accepted[0].card_id] is CardState.ACCEPTED
    assert states[accepted[1].card_id] is CardState.MERGED
    carried = {card.card_id: card for card in workspace.accepted_cards()}[accepted[0].card_id]
    assert carried.settled == {"action"}


def test_what_somebody_else_holds_is_left_alone(
    workspace: Workspace, telling: str, data: Path, url: str | None
) -> None:
    workspace.claim(telling, "cem", LEASE)
    with pytest.raises(CardRefusedError, match="holds it"):
        redact(workspace, telling)
    assert left_of(WORDS, data, url)
    workspace.give_back(telling, "cem")
    assert redact(workspace, telling) == ("action",)


def test_where_nothing_is_left_to_take_out_nothing_is_done(workspace: Workspace, telling: str) -> None:
    redact(workspace, telling)
    revision = workspace.accepted_cards()[0].revision
    assert redact(workspace, telling) == ()
    assert workspace.accepted_cards()[0].revision == revision


def test_the_audit_says_that_it_happened_and_not_what_it_was(workspace: Workspace, telling: str) -> None:
    redact(workspace, telling)
    (row,) = workspace.audit(AuditFilter(act="redact"))
    assert (row.person, dict(row.detail)) == ("ann", {"fields": 1})
    assert telling in row.subject


# A program that takes the name out and is killed at one of many moments.
KILLED = """
import os, sys
from pathlib import Path
from scan_ingest.workspace import open_workspace
from tests.workspace.test_redacting import REDRAW, nothing_was_learned, the_name

url, data, card, moment = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
steps = 0

def step(event, arguments):
    global steps
    if event in ("open", "os.rename", "os.remove", "sqlite3.connect") and armed:
        steps += 1
        if steps == moment:
            os.kill(os.getpid(), 9)

armed = False
sys.addaudithook(step)
with open_workspace(url or None, data, create=False) as workspace:
    armed = True
    workspace.redact(card, the_name, "ann", REDRAW, nothing_was_learned)
    for one in workspace.unfinished_redactions():
        workspace.finish_redaction(one)
armed = False
print(steps)
"""


def killed_at(moment: int, url: str | None, data: Path, card: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, url or "", str(data), card, str(moment)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.55, 0.8, 0.93])
def test_killed_at_any_moment_it_is_undone_or_done_and_run_again_it_is_done(
    scans: Path, data: Path, url: str | None, share: float
) -> None:
    with open_workspace(url, data, create=True) as workspace:
        put_telling_box(workspace, scans, name="first.pdf")
        put_telling_box(workspace, scans, name="second.pdf", texts={**TELLING, "impact": "He slept"})
        accept_all(workspace)
        cards = [card.id for card in workspace.cards() if "Zanthia" in card.texts["action"]]
    counted = killed_at(-1, url, data, cards[0])
    assert counted.returncode == 0, counted.stderr
    killed = killed_at(max(1, round(share * int(counted.stdout))), url, data, cards[1])
    assert (killed.returncode, killed.stderr) == (-9, "")

    with open_workspace(url, data, create=False) as workspace:
        (card,) = [card for card in workspace.cards() if card.id == cards[1]]
        told = ["Zanthia" in card.texts["action"], "Zanthia" in card.readings["action"].text]
        black = ink_in(workspace.side_picture(card.id, "front"), NAME_BOXES[0], SIDE_PX_PER_MM)[1] < 30
        assert told == [not black] * 2  # as it was, or as it is to be
        redact(workspace, cards[1])
    assert left_of(WORDS, data, url) == []
    with open_workspace(url, data, create=False) as workspace:
        assert workspace.unfinished_redactions() == ()
        scans_kept = list((data / "workspace" / "originals").rglob("*.pdf"))
        assert len(scans_kept) == 2
