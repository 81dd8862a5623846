"""A card that was scanned twice is like itself, and like no other."""

from dataclasses import replace

import numpy as np
import pytest

from scan_ingest.domain.geometry import BoxMm, GreyImage, Image
from scan_ingest.domain.likeness import CELL_MM, SAME_WRITING, Likeness, alike, marks_alike
from scan_ingest.errors import StoreError
from scan_ingest.stages.likeness import likeness
from tests.drawing.cards import fill_in, handwriting
from tests.drawing.hands import Hand
from tests.drawing.placed import HAND, seen, template
from tests.drawing.sample import ANNE, BRIAN
from tests.drawing.scanner import Scan

TEXTS = {"action": "She stayed after her shift to find my hearing aid", "impact": "I could hear my wife again"}
SIDE = template().side("front")


def taken(texts: dict[str, str], how: Scan | None = None, skew_deg: float = 0.0, **more: object) -> Likeness:
    scanned = seen(texts, how, skew_deg=skew_deg, **more)  # type: ignore[arg-type]  # named as `seen` names them
    found = likeness(scanned.side, SIDE)
    assert found is not None
    return found


def how_alike(one: Likeness | None, other: Likeness | None) -> float:
    return alike([(one, other)])


@pytest.fixture(scope="module")
def first() -> Likeness:
    return taken(TEXTS)


@pytest.mark.parametrize(
    "how", [Scan(dpi=300, colour=True), Scan(one_bit=True), Scan(gain=0.6, noise=6), Scan(jpeg=25)]
)
def test_another_scan_of_a_card_is_known_again(first: Likeness, how: Scan) -> None:
    again = taken(TEXTS, how, skew_deg=-3.2, turn=180)
    assert list(marks_alike(first.mark, [again.mark])) == [0]
    assert how_alike(first, again) >= SAME_WRITING


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS | {"impact": "We talked all afternoon"},
        TEXTS | {"action": "She stayed after her shift to talk with my wife"},
        {"action": TEXTS["impact"], "impact": TEXTS["action"]},
    ],
)
def test_a_second_card_of_the_same_hand_is_another(first: Likeness, texts: dict[str, str]) -> None:
    assert how_alike(first, taken(texts)) < SAME_WRITING


def test_the_same_words_in_another_hand_are_another_card(first: Likeness) -> None:
    other = taken(TEXTS, hand=replace(BRIAN, size_mm=ANNE.size_mm))
    assert how_alike(first, other) < SAME_WRITING


def written(texts: dict[str, str], seed: int, hand: Hand = HAND) -> GreyImage:
    return np.asarray(fill_in(template(), "front", texts, hand, seed, colour=False), dtype=np.uint8)


@pytest.mark.parametrize("texts", [TEXTS, {"nominee": "Jo Ash"}])
def test_the_same_words_written_once_more_by_the_same_hand_are_another_card(texts: dict[str, str]) -> None:
    hand = replace(HAND, jitter_mm=0.6, wobble_mm=0.15)  # a font's letters are all one, a person's are not
    once, again = (taken(texts, drawn=written(texts, seed, hand)) for seed in (5, 6))
    assert how_alike(once, again) < SAME_WRITING


def noted(sheet: GreyImage) -> Image:
    return handwriting(sheet, 210, [((150, 95), "rang"), ((165, 98), "her")], replace(BRIAN, size_mm=3.5), seed=3)


@pytest.mark.parametrize(
    ("drawn", "how"), [(noted(written(TEXTS, 5)), Scan()), (None, Scan(coffee=2)), (None, Scan(feed_wobble=0.01))]
)
def test_a_note_written_since_a_stain_or_a_slipping_feeder_hide_no_second_scan(
    first: Likeness, drawn: Image | None, how: Scan
) -> None:
    again = taken(TEXTS, how, drawn=drawn)
    assert list(marks_alike(first.mark, [again.mark])) == [0]
    assert how_alike(first, again) >= SAME_WRITING


def test_sides_are_weighed_by_their_ink(first: Likeness) -> None:
    little, other = taken({"nominee": "Jo Ash"}), taken({"action": TEXTS["impact"], "impact": TEXTS["action"]})
    assert alike([(first, first), (little, None)]) >= SAME_WRITING
    assert alike([(little, little), (first, other)]) < SAME_WRITING
    assert alike([(None, None), (first, None)]) == alike([]) == 0


def test_one_word_is_known_again_and_next_to_nothing_is_like_too_many_others() -> None:
    word = taken({"nominee": "Jo"})
    assert how_alike(word, taken({"nominee": "Jo"}, Scan(dpi=300), 2.0)) >= SAME_WRITING
    assert how_alike(word, taken({"nominee": "Al"})) < SAME_WRITING
    assert likeness(seen({}).side, SIDE) is None
    assert likeness(seen({"action": "-"}).side, SIDE) is None


@pytest.mark.parametrize(("hidden", "found"), [(0.4, [0]), (0.8, [])])
def test_a_card_of_which_half_is_hidden_is_looked_at_closer_and_one_much_unlike_is_not(
    first: Likeness, hidden: float, found: list[int]
) -> None:
    hashes = np.frombuffer(first.mark, dtype=">u4").copy()
    inked = np.flatnonzero(hashes)
    hashes[inked[: round(hidden * len(inked))]] ^= 0xFFFF0
    assert list(marks_alike(first.mark, [hashes.tobytes()])) == found


def test_marks_of_cards_of_another_size_are_not_alike(first: Likeness) -> None:
    assert list(marks_alike(first.mark, [first.mark[:-4], b"", first.mark])) == [2]


def test_without_a_place_nothing_is_left_there_and_the_rest_is_known_again(first: Likeness) -> None:
    left = first.without([BoxMm(9, 115, 192, 22)])
    assert not left.cells[round(115 / CELL_MM) : round(137 / CELL_MM)].any()
    assert how_alike(first, left) >= SAME_WRITING


def test_what_was_kept_comes_back(first: Likeness) -> None:
    kept = first.to_bytes()
    assert len(kept) < 12000
    assert np.array_equal(Likeness.from_bytes(kept).cells, first.cells)
    assert Likeness.from_bytes(kept).mark == first.mark


@pytest.mark.parametrize("damage", [lambda kept: kept[:-5], lambda kept: b"\xff\xff" + kept[2:], lambda _: b""])
def test_damaged_bytes_are_told(first: Likeness, damage: object) -> None:
    assert callable(damage)
    with pytest.raises(StoreError, match="damaged"):
        Likeness.from_bytes(damage(first.to_bytes()))
