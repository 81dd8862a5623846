"""The sample batch is what its truth says."""

import hashlib
import json
from collections import Counter
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from scan_ingest.domain.page import Page
from scan_ingest.ports.pages import Limits
from scan_ingest.sources.open import pages_of
from scan_ingest.templates import load_templates
from tests.drawing.layout import TEMPLATES
from tests.drawing.sample import ALONE, FAX, IN_THE_BOX, IN_THE_FAX, SAMPLE, draw_card, meant

TEMPLATES_BY_ID = {template.id: template for template in load_templates(TEMPLATES)}
TRUTH: list[dict[str, Any]] = [json.loads(line) for line in (SAMPLE / "truth.jsonl").read_text("utf-8").splitlines()]
OUTCOMES: dict[str, str] = json.loads((SAMPLE / "outcomes.json").read_text("utf-8"))


@cache
def pages() -> dict[str, Page]:
    """Every page of the sample, as the ingest decodes it."""
    found = {}
    for file in sorted(path for path in SAMPLE.iterdir() if not path.suffix.startswith(".json")):
        for page in pages_of(file, file.name, hashlib.sha256(file.read_bytes()).hexdigest(), Limits()):
            assert isinstance(page, Page), page
            found[str(page.ref)] = page
    return found


def test_there_are_24_cards_of_two_templates() -> None:
    assert Counter(card["template"] for card in TRUTH) == {"nomination-a5": 14, "nomination-a6": 10}


def test_every_page_has_an_outcome_and_every_outcome_a_page() -> None:
    assert set(pages()) == set(OUTCOMES)
    assert Counter(OUTCOMES.values()) == {"card": 34, "blank": 1, "unmatched": 2, "duplicate": 1}


def test_a_card_has_a_page_for_each_of_its_sides_in_a_row() -> None:
    for card in TRUTH:
        template = TEMPLATES_BY_ID[card["template"]]
        assert len(card["pages"]) == len(template.sides)
        assert all(OUTCOMES[f"{page['file']}#{page['page']}"] == "card" for page in card["pages"])
        if len(card["pages"]) == 2 and card["pages"][0]["file"] == card["pages"][1]["file"]:
            assert card["pages"][1]["page"] == card["pages"][0]["page"] + 1


def test_no_page_is_in_two_cards() -> None:
    used = [f"{page['file']}#{page['page']}" for card in TRUTH for page in card["pages"]]
    assert sorted(used) == sorted(page for page, outcome in OUTCOMES.items() if outcome == "card")


def test_the_truth_names_every_field_of_its_template_and_only_real_options() -> None:
    for card in TRUTH:
        template = TEMPLATES_BY_ID[card["template"]]
        assert set(card["fields"]) == {field.name for field in template.fields}
        for field in template.fields:
            text = card["fields"][field.name]
            assert text == " ".join(text.split())
            if field.options:
                assert text in {"", *(option.value for option in field.options)}


def test_the_truth_is_what_the_script_writes() -> None:
    cards = [*IN_THE_BOX, *IN_THE_FAX, *(card for *_, card in ALONE)]
    assert [card["fields"] for card in TRUTH] == [meant(card, TEMPLATES_BY_ID[card.template]) for card in cards]


def test_exactly_the_duplicate_has_the_picture_of_another_page() -> None:
    first: dict[str, str] = {}
    again = [name for name, page in pages().items() if first.setdefault(page.picture_sha256, name) != name]
    assert again == [name for name, outcome in OUTCOMES.items() if outcome == "duplicate"]


def test_every_page_says_its_resolution() -> None:
    assert {name: page.dpi for name, page in pages().items() if round(page.dpi or 0) != 200} == {}


def test_the_tiff_mixes_two_tone_and_grey_pages() -> None:
    with Image.open(SAMPLE / FAX) as tiff:
        modes = []
        for number in range(tiff.n_frames):  # type: ignore[attr-defined]
            tiff.seek(number)
            modes.append(tiff.mode)
    assert set(modes) == {"1", "L"}


def test_the_turned_photograph_comes_out_upright() -> None:
    page = pages()["IMG_0417.jpg#1"]
    with Image.open(SAMPLE / "IMG_0417.jpg") as stored:
        assert stored.size == (page.image.shape[0], page.image.shape[1])
    assert page.image.shape[1] > page.image.shape[0]


@pytest.mark.parametrize(("file", "card"), [("IMG_0417.jpg", 1), ("lounge-1.jpg", 2)])
def test_the_files_are_what_the_script_scans(file: str, card: int) -> None:
    drawn = ALONE[card][3]
    fresh = next(iter(draw_card(drawn, TEMPLATES_BY_ID[drawn.template], 300 + card))).page
    kept = pages()[f"{file}#1"].image
    assert kept.shape == fresh.shape
    assert np.abs(cv2.blur(kept, (9, 9)).astype(int) - cv2.blur(fresh, (9, 9)).astype(int)).mean() < 2


def test_the_sample_is_small_enough_to_travel() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.iterdir()) < 12_000_000
