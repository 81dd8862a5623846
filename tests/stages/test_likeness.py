"""A card that was scanned twice is like itself, and like no other."""

from dataclasses import replace

import numpy as np
import pytest

from scan_ingest.domain.likeness import SAME_WRITING, Likeness, marks_alike
from scan_ingest.errors import StoreError
from scan_ingest.stages.likeness import likeness
from tests.drawing.placed import seen, template
from tests.drawing.sample import ANNE, BRIAN
from tests.drawing.scanner import Scan

TEXTS = {"action": "She stayed after her shift to find my hearing aid", "impact": "I could hear my wife again"}
SIDE = template().side("front")


def taken(texts: dict[str, str], how: Scan | None = None, skew_deg: float = 0.0, **more: object) -> Likeness:
    scanned = seen(texts, how, skew_deg=skew_deg, **more)  # type: ignore[arg-type]  # named as `seen` names them
    found = likeness(scanned.side, SIDE)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def first() -> Likeness:
    return taken(TEXTS)


@pytest.mark.parametrize(
    "how", [Scan(dpi=300, colour=True), Scan(one_bit=True), Scan(gain=0.6, noise=6), Scan(jpeg=25)]
)
def test_another_scan_of_a_card_is_known_again(first: Likeness, how: Scan) -> None:
    again = taken(TEXTS, how, skew_deg=-3.2, turn=180)
    assert list(marks_alike(first.mark, [again.mark])) == [0]
    assert first.alike(again) >= SAME_WRITING


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS | {"impact": "I could hear my wife"},
        TEXTS | {"action": "She stayed after her shift to talk with my wife"},
        {"action": TEXTS["impact"], "impact": TEXTS["action"]},
    ],
)
def test_a_second_card_of_the_same_hand_is_another(first: Likeness, texts: dict[str, str]) -> None:
    assert first.alike(taken(texts)) < SAME_WRITING


def test_the_same_words_in_another_hand_are_another_card(first: Likeness) -> None:
    other = taken(TEXTS, hand=replace(BRIAN, size_mm=ANNE.size_mm))
    assert first.alike(other) < SAME_WRITING


def test_a_card_with_next_to_nothing_on_it_is_like_too_many_others() -> None:
    assert likeness(seen({}).side, SIDE) is None
    assert likeness(seen({"action": "ok"}).side, SIDE) is None


@pytest.mark.parametrize(("bits", "found"), [(44, [0]), (64, [])])
def test_a_card_under_coffee_is_looked_at_closer_and_one_much_unlike_is_not(
    first: Likeness, bits: int, found: list[int]
) -> None:
    stained = np.unpackbits(np.frombuffer(first.mark, dtype=np.uint8))
    stained[:bits] ^= 1
    assert list(marks_alike(first.mark, [np.packbits(stained).tobytes()])) == found


def test_what_was_kept_comes_back(first: Likeness) -> None:
    kept = first.to_bytes()
    assert len(kept) < 4000
    assert np.array_equal(Likeness.from_bytes(kept).squares, first.squares)
    assert Likeness.from_bytes(kept).mark == first.mark


@pytest.mark.parametrize("damage", [lambda kept: kept[:-5], lambda kept: b"\xff\xff" + kept[2:], lambda _: b""])
def test_damaged_bytes_are_told(first: Likeness, damage: object) -> None:
    assert callable(damage)
    with pytest.raises(StoreError, match="damaged"):
        Likeness.from_bytes(damage(first.to_bytes()))
