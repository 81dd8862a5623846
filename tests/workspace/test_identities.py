"""What people make of patients' identities goes for the text it was said of."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scan_ingest.central import open_central
from scan_ingest.domain.identity import Answer, IdentityAnswer
from scan_ingest.domain.merging import MergeCounts
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import CardRefusedError
from scan_ingest.merge import carry_again, dry_run, merge
from scan_ingest.workspace import Workspace
from tests.drawing.box import TEXTS, put_box
from tests.identified import LEASE, TELLING, accept_all

KEEP = Answer(IdentityAnswer.KEEP, "she is on the staff")


@pytest.fixture
def card(workspace: Workspace, scans: Path) -> str:
    """An accepted card that names a patient, beside one that does not."""
    put_box(workspace, scans, 1, texts=TELLING, name="telling.pdf")
    put_box(workspace, scans, 1, name="harmless.pdf")
    return accept_all(workspace)[0]


def corrected(workspace: Workspace, card_id: str, action: str) -> None:
    texts = {"action": action}
    workspace.decide(Review(card_id, Decision.ACCEPT, "ann", datetime.now(UTC), texts=texts), reopen=True)


def numbers(counts: MergeCounts) -> tuple[int, int, int]:
    """Inserted, unchanged, held; two cards that say nearly the same may be one besides."""
    return counts.inserted, counts.unchanged, counts.held


def test_a_card_that_names_a_patient_is_held_until_it_is_settled(workspace: Workspace, card: str, data: Path) -> None:
    with open_central(None, data, create=True) as central:
        assert numbers(dry_run(workspace, central)) == (1, 0, 1)
        assert numbers(merge(workspace, central)) == (1, 0, 1)
        assert numbers(merge(workspace, central)) == (0, 1, 1)
        workspace.settle_identity(card, {"action": KEEP}, "ann")
        assert numbers(merge(workspace, central)) == (1, 1, 0)
        assert {row.action for row in central.nominations()} == {TELLING["action"], TEXTS["action"]}


@pytest.mark.parametrize("field", ["action", "impact"])
def test_a_settlement_goes_for_the_very_text_and_no_other(
    workspace: Workspace, card: str, data: Path, field: str
) -> None:
    workspace.settle_identity(card, {"action": KEEP}, "ann")
    texts = {field: f"{TELLING[field]}, and my father Ivo Brandt"}
    workspace.decide(Review(card, Decision.ACCEPT, "ann", datetime.now(UTC), texts=texts), reopen=True)
    with open_central(None, data, create=True) as central:
        assert merge(workspace, central).held == 1
        corrected(workspace, card, TELLING["action"])
        workspace.decide(
            Review(card, Decision.ACCEPT, "ann", datetime.now(UTC), texts={"impact": TELLING["impact"]}), reopen=True
        )
        assert merge(workspace, central).held == 0


def test_what_was_found_is_told_with_its_answer(workspace: Workspace, card: str) -> None:
    (found,) = [one for one in workspace.identities() if one.holds]
    assert (found.card_id, [field.field for field in found.fields]) == (card, ["action"])
    assert found.pages == ("telling.pdf#1",)
    workspace.settle_identity(card, {"action": KEEP}, "ben")
    (found,) = list(workspace.identities(card_id=card))
    assert not found.holds
    settled = found.fields[0].settlement
    assert settled is not None
    assert (settled.answer, settled.person) == (KEEP, "ben")
    assert [given.answer for given in workspace.settlements(card)] == [KEEP]


def test_a_staff_name_holds_nothing_up_where_no_patient_is_spoken_of(workspace: Workspace, scans: Path) -> None:
    put_box(workspace, scans, 1, texts={**TELLING, "action": "Mr Ivo Brandt showed me the X-ray"})
    assert [one.holds for one in workspace.identities()] == [True]
    assert list(workspace.identities(["Ivo Brandt"])) == []


def test_a_decision_can_bring_its_answers(workspace: Workspace, scans: Path, data: Path) -> None:
    put_box(workspace, scans, 1, texts=TELLING)
    claimed = workspace.claim_next("ann", LEASE)
    assert claimed is not None
    consent = Answer(IdentityAnswer.CONSENT, "her son wrote to us")
    review = Review(
        claimed.id, Decision.ACCEPT, "ann", datetime.now(UTC), texts=claimed.texts, identity={"action": consent}
    )
    workspace.decide(review)
    with open_central(None, data, create=True) as central:
        assert merge(workspace, central) == MergeCounts(inserted=1)


def test_a_field_that_the_card_has_not_cannot_be_settled(workspace: Workspace, card: str) -> None:
    with pytest.raises(CardRefusedError, match="it has no field 'acton'"):
        workspace.settle_identity(card, {"acton": KEEP}, "ann")


def test_a_merged_card_is_carried_again_at_once_whatever_else_holds_it(
    workspace: Workspace, card: str, data: Path
) -> None:
    with open_central(None, data, create=True) as central:
        workspace.settle_identity(card, {"action": KEEP}, "ann")
        merge(workspace, central)
        corrected(workspace, card, "Sat with my father Ivo Brandt")
        assert merge(workspace, central).held == 1
        assert TELLING["action"] in {row.action for row in central.nominations()}
        assert carry_again(workspace, central, card)
        assert TELLING["action"] not in {row.action for row in central.nominations()}
        assert merge(workspace, central).held == 1


@pytest.mark.parametrize("said", ["keep", "keep:", "consent:  ", "drop: it", "", "redacted"])
def test_an_answer_that_makes_no_sense_is_none(said: str) -> None:
    with pytest.raises(ValueError, match=r"keep: |reason"):
        Answer.from_text(said)


def test_answers_are_said_in_a_line() -> None:
    assert Answer.from_text("Keep: she is: staff") == Answer(IdentityAnswer.KEEP, "she is: staff")
    assert Answer.from_text("redact") == Answer(IdentityAnswer.REDACT)
    assert Answer.from_text("consent:by letter") == Answer(IdentityAnswer.CONSENT, "by letter")
