"""Corrections made elsewhere: good lines are taken, bad ones are told by number and change nothing."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import Decision, Review
from scan_ingest.domain.text import as_kept, forbidden_characters
from scan_ingest.errors import InputError, UsageError
from scan_ingest.exchange import ImportReport, import_corrections
from scan_ingest.ports.review import Draft
from scan_ingest.workspace import Workspace
from tests.accepted import tell_merged
from tests.drawing.box import TEXTS

LEASE = timedelta(minutes=15)
CARD = "CARD"  # stands for the id of the box's first card


@pytest.fixture
def card(workspace: Workspace) -> str:
    return next(iter(workspace.cards())).id


def take(workspace: Workspace, tmp_path: Path, *lines: object) -> ImportReport:
    """Imports lines: bytes as they are, everything else as JSON."""
    file = tmp_path / "corrections.jsonl"
    first = next(iter(workspace.cards())).id
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    file.write_bytes(b"\n".join(line.replace(CARD.encode(), first.encode()) for line in written))
    return import_corrections(workspace, file, "ann")


def test_a_line_accepts_a_card_and_fields_left_out_keep_their_text(
    workspace: Workspace, tmp_path: Path, card: str
) -> None:
    line = {"card_id": card.upper(), "decision": "accept", "reason": None, "fields": {"impact": "He slept well"}}
    assert take(workspace, tmp_path, line) == ImportReport(1, ())
    (accepted,) = workspace.accepted_cards()
    assert (accepted.card_id, accepted.reviewed_by) == (card, "ann")
    assert accepted.texts == {**TEXTS, "impact": "He slept well"}


def test_every_decision_can_be_imported(workspace: Workspace, tmp_path: Path) -> None:
    ids = [card.id for card in workspace.cards()]
    report = take(
        workspace,
        tmp_path,
        {"card_id": ids[0], "decision": "accept"},
        {"card_id": ids[1], "decision": "reject", "reason": "illegible"},
        {"card_id": ids[2], "decision": "set-aside", "fields": {}},
    )
    assert report == ImportReport(3, ())
    found = [(card.state, card.reason) for card in workspace.cards()]
    assert found == [(CardState.ACCEPTED, ""), (CardState.REJECTED, "illegible"), (CardState.SET_ASIDE, "")]


def test_windows_line_ends_a_byte_order_mark_and_empty_lines_are_no_obstacle(
    workspace: Workspace, tmp_path: Path, card: str
) -> None:
    line = json.dumps({"card_id": card, "decision": "accept", "fields": {"action": "one\r\ntwo\rcafe\u0301\t"}})
    assert take(workspace, tmp_path, b"\xef\xbb\xbf" + line.encode() + b"\r\n\r\n  ") == ImportReport(1, ())
    assert workspace.accepted_cards()[0].texts["action"] == "one\ntwo\ncafé\t"


def test_a_line_that_no_card_has_is_bad_and_the_next_one_is_taken(
    workspace: Workspace, tmp_path: Path, card: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scan_ingest.exchange.incoming.LONGEST_LINE", 1000)
    endless = json.dumps({"card_id": card, "decision": "accept", "reason": "x" * 5000})

    report = take(workspace, tmp_path, endless.encode(), {"card_id": card, "decision": "accept"})

    assert (report.taken, [bad.number for bad in report.bad]) == (1, [1])
    assert "a line is one card's corrections" in str(report.bad[0])


BAD_LINES = [
    (b"{", "not JSON"),
    (b'{"card_id": "\xff"}', "not UTF-8"),
    (b"[" * 200_000, "not JSON that can be read"),
    (b"1" * 5_000, "not JSON that can be read"),
    (b'["accept"]', "not a JSON object"),
    (b'{"card_id": "CARD", "decision": "accept", "decision": "reject"}', '"decision" is there twice'),
    ({"decision": "accept"}, "card_id is missing"),
    ({"card_id": 7, "decision": "accept"}, "card_id is not a text"),
    ({"card_id": "0" * 20, "decision": "accept"}, "no card"),
    ({"card_id": "\x00", "decision": "accept"}, "control characters"),
    ({"card_id": CARD}, "decision is missing; it is one of accept, reject, set-aside"),
    ({"card_id": CARD, "decision": "acept"}, 'did you mean "accept"'),
    ({"card_id": CARD, "decision": ["accept"]}, "unknown decision; it is one of"),
    ({"card_id": CARD, "decision": "accept", "feilds": {}}, 'unknown key "feilds"; did you mean "fields"'),
    ({"card_id": CARD, "decision": "reject"}, "a rejection has a reason"),
    ({"card_id": CARD, "decision": "reject", "reason": "  "}, "a rejection has a reason"),
    ({"card_id": CARD, "decision": "reject", "reason": 3}, "reason is not a text"),
    ({"card_id": CARD, "decision": "accept", "reason": "\x1b[2J"}, "reason holds the control character U+001B"),
    ({"card_id": CARD, "decision": "accept", "fields": []}, "fields is not an object"),
    ({"card_id": CARD, "decision": "accept", "fields": {"acton": "x"}}, 'no field "acton"; did you mean "action"'),
    ({"card_id": CARD, "decision": "accept", "fields": {"action": None}}, 'field "action" is not a text'),
    ({"card_id": CARD, "decision": "accept", "fields": {"action": {"text": "x"}}}, "is not a text"),
    ({"card_id": CARD, "decision": "accept", "fields": {"action": "bell\x07"}}, "control character U+0007"),
    ({"card_id": CARD, "decision": "accept", "fields": {"action": "\x00"}}, "control character U+0000"),
    (b'{"card_id": "CARD", "decision": "accept", "fields": {"action": "half \\ud800"}}', "U+D800"),
    ({"card_id": CARD, "decision": "accept", "fields": {"nominator": "nurse"}}, "has the options patient, carer"),
    ({"card_id": CARD, "decision": "accept", "fields": {"nominator": "carer|"}}, "has the options"),
    ({"card_id": CARD, "decision": "accept", "fields": {"nominator": "carer|carer"}}, "an option twice"),
]


def test_bad_lines_are_told_by_number_and_change_nothing_and_the_others_are_taken(
    workspace: Workspace, tmp_path: Path
) -> None:
    *untouched, good = workspace.cards()
    lines = [line for line, _ in BAD_LINES]
    report = take(workspace, tmp_path, *lines, b"", {"card_id": good.id, "decision": "accept"})
    assert report.taken == 1
    assert [bad.number for bad in report.bad] == list(range(1, len(lines) + 1))
    unlike = {str(bad): why for bad, (_, why) in zip(report.bad, BAD_LINES, strict=True) if why not in bad.why}
    assert unlike == {}
    assert [card.card_id for card in workspace.accepted_cards()] == [good.id]
    assert list(workspace.cards())[:2] == untouched


@pytest.mark.parametrize("text", ["", "patient", "carer|patient"])
def test_a_choice_takes_its_options_none_or_several(workspace: Workspace, tmp_path: Path, text: str) -> None:
    line = {"card_id": CARD, "decision": "accept", "fields": {"nominator": text}}
    assert take(workspace, tmp_path, line).taken == 1
    assert workspace.accepted_cards()[0].texts["nominator"] == text


def test_a_card_that_somebody_else_holds_is_a_bad_line_and_ones_own_is_not(
    workspace: Workspace, tmp_path: Path, card: str
) -> None:
    workspace.claim(card, "ben", LEASE)
    report = take(workspace, tmp_path, {"card_id": card, "decision": "accept"})
    assert report.taken == 0
    assert "another reviewer holds it" in report.bad[0].why
    workspace.release("ben")
    workspace.claim(card, "ann", LEASE)
    assert take(workspace, tmp_path, {"card_id": card, "decision": "accept"}).taken == 1


def test_a_card_twice_in_one_file_is_taken_once(workspace: Workspace, tmp_path: Path, card: str) -> None:
    first = {"card_id": card, "decision": "accept", "fields": {"impact": "first"}}
    report = take(workspace, tmp_path, first, {**first, "fields": {"impact": "second"}})
    assert report.taken == 1
    assert report.bad[0].why == f"card {card} came in line 1 already"
    assert workspace.accepted_cards()[0].texts["impact"] == "first"


def test_a_merged_card_can_be_imported_again_and_is_merged_again(
    workspace: Workspace, tmp_path: Path, card: str
) -> None:
    take(workspace, tmp_path, {"card_id": card, "decision": "accept"})
    tell_merged(workspace)
    again = {"card_id": card, "decision": "accept", "fields": {"impact": "corrected"}}
    assert take(workspace, tmp_path, again).taken == 1
    (accepted,) = workspace.accepted_cards()
    assert (accepted.texts["impact"], accepted.merged_before) == ("corrected", True)


def test_an_exported_line_with_a_decision_of_its_own_is_taken(workspace: Workspace, tmp_path: Path, card: str) -> None:
    line = {
        "card_id": card,
        "batch_id": "b0001",
        "state": "waiting",
        "template": "a5",
        "pages": [],
        "decision": "accept",
    }
    assert take(workspace, tmp_path, line).taken == 1


def test_a_file_that_is_not_there_and_a_nameless_reviewer_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nix\.jsonl: cannot be read"):
        import_corrections(workspace, tmp_path / "nix.jsonl", "ann")
    with pytest.raises(UsageError, match="--reviewer"):
        import_corrections(workspace, tmp_path / "nix.jsonl", " ")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_is_kept_as_the_contract_says_or_refused(workspace: Workspace, tmp_path: Path, text: str) -> None:
    line = {"card_id": CARD, "decision": "accept", "fields": {"action": text.replace(CARD, "")}}
    report = take(workspace, tmp_path, line)
    if forbidden_characters(text):
        assert len(report.bad) == 1
    else:
        assert report.taken == 1
        assert workspace.accepted_cards()[0].texts["action"] == as_kept(text.replace(CARD, ""))


def test_what_was_on_screen_is_not_lost_to_an_import(workspace: Workspace, tmp_path: Path, card: str) -> None:
    workspace.claim(card, "ben", timedelta(0))
    workspace.save_draft(card, "ben", Draft({"action": "half typed"}))
    take(workspace, tmp_path, {"card_id": card, "decision": "accept"})
    assert workspace.draft(card, "ben") == Draft({"action": "half typed"})
    workspace.claim(card, "ben", LEASE)
    workspace.decide(Review(card, Decision.ACCEPT, "ben", datetime.now(UTC), texts={"action": "half typed"}))
    assert [past.reviewer for past in workspace.history(card)] == ["ann", "ben"]
