"""The queue exported: the contract's lines, and a picture of each field."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import Decision, Review
from scan_ingest.errors import InputError, StoreError, UsageError
from scan_ingest.exchange import export_cards
from scan_ingest.workspace import Workspace
from tests.drawing.box import TEXTS

LEASE = timedelta(minutes=15)


def exported(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_line_says_where_the_card_lies_and_what_was_read(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "queue.jsonl"
    assert export_cards(workspace, file) == 3
    first = exported(file)[0]
    (card, *_) = workspace.cards()
    assert list(first) == ["card_id", "batch_id", "state", "template", "pages", "fields", "reason", "note"]
    assert (first["card_id"], first["batch_id"], first["state"]) == (card.id, "b0001", "waiting")
    assert (first["template"], first["pages"]) == ("nomination-a5", [{"file": "box.pdf", "page": 1}])
    assert {name: field["text"] for name, field in first["fields"].items()} == TEXTS
    assert first["fields"]["action"] == {
        "text": "Sat with my father",
        "confidence": 0.75,
        "doubt": ["unsure"],
        "lines": [
            {
                "text": "Sat with my father",
                "raw": "sat with my father",
                "confidence": 0.75,
                "box_mm": [8.0, 60.0, 60.0, 5.0],
                "words": [
                    {"text": "Sat", "confidence": 0.75, "doubt": [], "box_mm": [8.0, 60.0, 15.0, 5.0]},
                    {"text": "with", "confidence": 0.75, "doubt": [], "box_mm": [23.0, 60.0, 15.0, 5.0]},
                    {"text": "my", "confidence": 0.75, "doubt": [], "box_mm": [38.0, 60.0, 15.0, 5.0]},
                    {"text": "father", "confidence": 0.75, "doubt": ["unsure"], "box_mm": [53.0, 60.0, 15.0, 5.0]},
                ],
            }
        ],
        "suggestions": [],
        "picture": f"queue_pictures/{card.id}_action.png",
    }


def test_what_the_lists_suggest_goes_along(workspace: Workspace, tmp_path: Path) -> None:
    export_cards(workspace, tmp_path / "queue.jsonl")
    nominee = exported(tmp_path / "queue.jsonl")[0]["fields"]["nominee"]
    assert (nominee["text"], nominee["suggestions"]) == ("Jo Ash", [{"text": "Jo Ashe", "probability": 0.5}])


def test_every_field_has_its_picture_and_only_the_owner_can_read_them(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "queue.jsonl"
    file.write_text("an older export that everybody could read")
    file.chmod(0o644)
    export_cards(workspace, file)
    for line in exported(file):
        for field in line["fields"].values():
            picture = tmp_path / field["picture"]
            assert stat.S_IMODE(picture.stat().st_mode) == 0o600
            with Image.open(picture) as crop:
                crop.load()
                assert crop.format == "PNG"
    with Image.open(tmp_path / exported(file)[0]["fields"]["action"]["picture"]) as crop:
        # 60 × 20 mm and 2 mm around it at 200 dpi
        assert crop.size == (504, 189)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "queue_pictures").stat().st_mode) == 0o700
    assert sorted(path.name for path in tmp_path.glob("*queue*")) == ["queue.jsonl", "queue_pictures"]


def test_a_reviewed_card_shows_its_corrected_text_beside_what_was_read(workspace: Workspace, tmp_path: Path) -> None:
    card = workspace.claim_next("ann", LEASE)
    assert card is not None
    texts = {"action": "Sat with my mother\nall night"}
    workspace.decide(Review(card.id, Decision.ACCEPT, "ann", datetime.now(UTC), texts=texts))
    export_cards(workspace, tmp_path / "queue.jsonl", states=[CardState.ACCEPTED])
    (line,) = exported(tmp_path / "queue.jsonl")
    assert (line["card_id"], line["state"]) == (card.id, "accepted")
    assert line["fields"]["action"]["text"] == "Sat with my mother\nall night"
    assert line["fields"]["action"]["lines"][0]["text"] == "Sat with my father"


def test_states_and_batches_narrow_the_export(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "queue.jsonl"
    workspace.claim_next("ann", LEASE)
    assert export_cards(workspace, file, states=[CardState.LEASED]) == 1
    assert export_cards(workspace, file, states=[CardState.WAITING, CardState.LEASED], batch_id="B0001") == 3
    assert export_cards(workspace, file, states=[CardState.MERGED]) == 0
    assert file.read_bytes() == b""
    with pytest.raises(InputError, match="no batch"):
        export_cards(workspace, file, batch_id="b0002")


def test_what_lies_beside_the_export_is_not_written_through(workspace: Workspace, tmp_path: Path) -> None:
    """In a folder that others share somebody may have put links where an export is expected to write."""
    card = next(iter(workspace.cards()))
    file, pictures, theirs = tmp_path / "queue.jsonl", tmp_path / "queue_pictures", tmp_path / "theirs"
    theirs.write_text("theirs")
    pictures.mkdir()
    for planted in (tmp_path / ".queue.jsonl.new", pictures / f"{card.id}_action.png"):
        planted.symlink_to(theirs)
    export_cards(workspace, file)
    assert theirs.read_text() == "theirs"
    assert not (pictures / f"{card.id}_action.png").is_symlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "other_pictures").symlink_to(elsewhere)
    with pytest.raises(InputError, match="is a link"):
        export_cards(workspace, tmp_path / "other.jsonl")
    assert list(elsewhere.iterdir()) == []


def test_an_export_that_fails_leaves_nothing_of_a_card(workspace: Workspace, tmp_path: Path) -> None:
    last = sorted((workspace.folder / "pictures").rglob("*.jpg"))[-1]
    last.unlink()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(StoreError):
        export_cards(workspace, tmp_path / "queue.jsonl")
    assert sorted(tmp_path.iterdir()) == before


def test_a_place_that_cannot_be_written_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere/queue\.jsonl: cannot be written"):
        export_cards(workspace, tmp_path / "nowhere" / "queue.jsonl")
    with pytest.raises(UsageError, match=r"ends in \.jsonl"):
        export_cards(workspace, tmp_path / "queue.csv")
