"""Drawn cards hold what they are said to hold, where they are said to hold it."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from scan_ingest.domain.geometry import BoxMm, Mask
from scan_ingest.domain.template import Template
from scan_ingest.templates import load_template
from tests.drawing.cards import baselines_mm, fill_in, in_colour, wrap
from tests.drawing.hands import BLUE, FONTS, Font, Hand, Mark, missing
from tests.drawing.layout import BLANK_SIDES, TEMPLATES

ANY_HAND = Hand(FONTS["dkg"])


@cache
def template(name: str) -> Template:
    return load_template(TEMPLATES / name)


def ink_on(card: Template, side: str, texts: dict[str, str], hand: Hand = ANY_HAND) -> Mask:
    """Where the filled in side differs from the blank one."""
    filled = fill_in(card, side, texts, hand, seed=3, colour=False).astype(int)
    return np.asarray(card.side(side).reference.astype(int) - filled > 40, dtype=np.bool_)


def inside(ink: Mask, card: Template, box: BoxMm) -> int:
    """How many inked pixels lie in the box."""
    scale = ink.shape[1] / card.width_mm
    rows = slice(max(0, round(box.y * scale)), round(box.bottom * scale))
    return int(ink[rows, max(0, round(box.x * scale)) : round(box.right * scale)].sum())


@pytest.mark.parametrize("name", BLANK_SIDES)
def test_the_shipped_blank_sides_are_what_the_script_draws(name: str) -> None:
    folder, file = name.split("/")
    shipped = template(folder).side(file.removesuffix(".png")).reference
    assert np.abs(shipped.astype(int) - BLANK_SIDES[name]().astype(int)).mean() < 1


def test_writing_lands_in_its_field_and_nowhere_else() -> None:
    card = template("nomination-a5")
    ink = ink_on(card, "front", {"ward": "Ward 7", "impact": "Dad slept at last and ate his breakfast."})
    boxes = [card.field("ward").box_mm, card.field("impact").box_mm]
    assert all(inside(ink, card, box) > 500 for box in boxes)
    assert sum(inside(ink, card, box.grown(1.5)) for box in boxes) == ink.sum()


def test_lines_stand_on_the_printed_rules() -> None:
    card = template("nomination-a5")
    action = card.field("action")
    heights = baselines_mm(card.side("front"), action, card.width_mm)
    assert np.allclose(heights, [86.8, 93.3, 99.8, 106.3], atol=0.1)


def test_lines_stand_on_dotted_lines_too() -> None:
    card = template("nomination-a6")
    assert len(baselines_mm(card.side("back"), card.field("action"), card.width_mm)) == 5
    assert len(baselines_mm(card.side("back"), card.field("impact"), card.width_mm)) == 4


def test_a_field_without_rules_has_a_line_to_every_8_mm() -> None:
    card = template("nomination-a5")
    bare = replace(card.side("front"), reference=np.full_like(card.side("front").reference, 255))
    assert len(baselines_mm(bare, card.field("impact"), card.width_mm)) == 3


def test_given_baselines_are_kept_to() -> None:
    card = template("nomination-a5")
    drawn = fill_in(card, "front", {"action": "Kind"}, ANY_HAND, 1, rules_mm={"action": [101.0]}, colour=False)
    rows = np.flatnonzero((card.side("front").reference.astype(int) - drawn > 40).any(axis=1)) * 210 / drawn.shape[1]
    assert 96 < rows.min() < rows.max() < 103


@pytest.mark.parametrize("mark", Mark)
@pytest.mark.parametrize("strays_mm", [0.2, 1.0])
def test_a_mark_sits_in_the_box_of_its_option_and_leaves_it_by_little(mark: Mark, strays_mm: float) -> None:
    card = template("nomination-a6")
    ink = ink_on(card, "front", {"nominator": "student"}, replace(ANY_HAND, mark=mark, strays_mm=strays_mm))
    box = next(option.box_mm for option in card.field("nominator").options if option.value == "student")
    assert inside(ink, card, box.grown(-0.4)) > 0.5 * ink.sum() > 50
    assert inside(ink, card, box.grown(2.2)) == ink.sum()


def test_several_values_are_several_marks() -> None:
    card = template("nomination-a6")
    one, two = (ink_on(card, "front", {"nominator": value}).sum() for value in ("carer", "carer|staff"))
    assert two > 1.5 * one


def test_ink_has_the_colour_of_the_pen() -> None:
    card = template("nomination-a5")
    blank = in_colour(card.side("front").reference)
    drawn = fill_in(card, "front", {"action": "Thank you for everything"}, ANY_HAND, 1)
    inked = drawn[(blank.astype(int).sum(axis=2) - drawn.astype(int).sum(axis=2)) > 350]
    assert len(inked) > 100
    assert np.allclose(np.median(inked, axis=0), BLUE, atol=30)


def test_one_seed_gives_one_card() -> None:
    card = template("nomination-a5")
    first, again, other = (fill_in(card, "front", {"nominee": "Jo Ash"}, ANY_HAND, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_words_are_wrapped_without_loss() -> None:
    lines = wrap("she sat with my mother all night", 12, len)
    assert lines == ["she sat with", "my mother", "all night"]


def test_a_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="nominee: 200 characters do not fit"):
        fill_in(template("nomination-a5"), "front", {"nominee": "Ash " * 50}, ANY_HAND, 1)


def test_a_value_that_is_no_option_is_refused() -> None:
    with pytest.raises(ValueError, match='no option "pilot"'):
        fill_in(template("nomination-a5"), "front", {"nominator": "pilot"}, ANY_HAND, 1)


def test_a_character_that_the_font_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="&"):
        fill_in(template("nomination-a5"), "front", {"nominee": "A & B"}, Hand(FONTS["tomson"]), 1)


def test_a_font_that_is_not_installed_names_its_package() -> None:
    with pytest.raises(FileNotFoundError, match="fonts-nowhere"):
        missing(Font("truetype/nowhere.ttf", "fonts-nowhere"), "a")


@pytest.mark.parametrize("name", FONTS)
def test_every_font_has_the_letters_and_digits(name: str) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + ("" if FONTS[name].capitals else "abcdefghijklmnopqrstuvwxyz")
    assert missing(FONTS[name], letters + "0123456789.,!?'-/") == ""
