"""A card erased for a person: no byte and no row has a word of it, its place on the page is black, the rest stands."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from scan_ingest.domain.audit import AuditFilter
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.keeping import HoldOn
from scan_ingest.domain.page import Outcome
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError, StoreError
from scan_ingest.ports.pages import Limits
from scan_ingest.ports.review import Draft
from scan_ingest.sources.redrawn import redrawn
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import LABEL
from tests.identified import LEASE, ink_in, put_telling_box
from tests.searching import left_of

REDRAW = partial(redrawn, limits=Limits())
WORDS = ("zanthia", "quorley", "zanthla")
WRITTEN = BoxMm(9, 60, 4, 5)
"""Where the first word of the action is written."""


@pytest.fixture
def telling(workspace: Workspace, scans: Path) -> str:
    """The id of a card that was typed on, rejected, reopened, accepted and merged."""
    put_telling_box(workspace, scans)
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    workspace.save_draft(card.id, "ben", Draft({**card.texts, "impact": "Zanthla slept"}, "Zanthia again"))
    workspace.decide(Review(card.id, Decision.REJECT, "ann", datetime.now(UTC), "about Quorley", card.texts))
    workspace.undo(card.id, "ann", LEASE)
    workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), texts=card.texts))
    tell_merged(workspace)
    return card.id


def test_no_byte_and_no_row_has_a_word_of_it(workspace: Workspace, telling: str, data: Path, url: str | None) -> None:
    assert left_of(WORDS, data, url)
    assert workspace.erase(telling, "clerk", REDRAW)
    assert left_of(WORDS, data, url) == []
    assert telling not in [card.id for card in workspace.cards()]
    assert workspace.accepted_cards() == ()
    with pytest.raises(CardRefusedError):
        workspace.claim(telling, "ann", LEASE)


def test_its_place_on_the_page_and_in_the_scan_is_black_and_the_other_card_as_it_was(
    workspace: Workspace, telling: str
) -> None:
    (other,) = (card for card in workspace.cards() if card.id != telling)
    before = workspace.side_picture(other.id, "front")
    workspace.erase(telling, "clerk", REDRAW)
    assert workspace.side_picture(other.id, "front") == before
    assert ink_in(before, WRITTEN, SIDE_PX_PER_MM)[1] > 200
    first, second = workspace.pages(other.batch_id)
    page = workspace.page_picture(first)
    assert page is not None
    assert workspace.page_picture(second) != page
    corners = first.placements[0][0].corners_px
    middle = BoxMm(*(corners.mean(axis=0) - 20), 40, 40)  # pixels, where it says millimetres
    assert ink_in(page, middle, 1.0)[1] < 30


def test_the_batch_still_adds_up_and_the_same_page_adds_no_card(workspace: Workspace, telling: str) -> None:
    (batch,) = workspace.batches()
    page = workspace.pages(batch.batch.id)[0]
    workspace.erase(telling, "clerk", REDRAW)
    (after,) = workspace.batches()
    assert after.outcomes == batch.outcomes
    assert after.outcomes[Outcome.CARD] == 2
    assert sum(after.cards.values()) == 1
    assert workspace.seen(page.ref, None) is not None


def test_erased_again_there_is_nothing_to_do_and_a_card_that_never_was_is_told(
    workspace: Workspace, telling: str
) -> None:
    assert workspace.erase(telling.upper(), "clerk", REDRAW)
    assert not workspace.erase(telling, "clerk", REDRAW)
    assert [row.act for row in workspace.audit(AuditFilter(act="erase"))] == ["erase"]
    with pytest.raises(CardRefusedError, match="no card"):
        workspace.erase("0" * 20, "clerk", REDRAW)


@pytest.mark.parametrize("on", [HoldOn.CARD, HoldOn.BATCH, HoldOn.ORGANISATION])
def test_what_is_on_hold_is_not_erased(workspace: Workspace, telling: str, on: HoldOn) -> None:
    (batch,) = workspace.batches()
    what = {HoldOn.CARD: telling, HoldOn.BATCH: batch.batch.id, HoldOn.ORGANISATION: LABEL.organisation}[on]
    workspace.put_on_hold(on, what, "a complaint")
    with pytest.raises(StoreError, match="legal hold"):
        workspace.erase(telling, "clerk", REDRAW)
    assert telling in [card.id for card in workspace.cards()]


def test_a_card_before_a_reviewer_is_not_taken_from_under_them(workspace: Workspace, telling: str) -> None:
    workspace.claim(telling, "ann", LEASE)
    with pytest.raises(CardRefusedError, match="holds it"):
        workspace.erase(telling, "clerk", REDRAW)
