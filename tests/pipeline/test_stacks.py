"""Which back belongs to which front, told from the order of the stack: right, or not at all."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pytest

from scan_ingest.domain.batch import Collation
from scan_ingest.pipeline.stacks import (
    BACK_MISSING,
    BEGIN_AGAIN,
    BEGINS_WITH_BACKS,
    FRONT_MISSING,
    FRONTS_FIRST,
    NOT_SURE,
    ORDER_UNKNOWN,
    Kind,
    Leaf,
    pair,
)

KINDS = {"F": Kind.FRONT, "B": Kind.BACK, "x": Kind.EITHER, "-": Kind.PAPER, "s": Kind.NEITHER}


def stack(text: str) -> list[tuple[Leaf, str]]:
    """ "F1 B1 | x - F2b" → leaves and whose they are; `|` begins a file, a letter after the number is the template."""
    leaves: list[tuple[Leaf, str]] = []
    file = 0
    for word in text.split():
        if word == "|":
            file += 1
            continue
        whose = word[1:].rstrip("abc")
        leaves.append((Leaf(KINDS[word[0]], f"box.pdf#{len(leaves) + 1}", file, word[1 + len(whose) :]), whose))
    return leaves


def paired(text: str, collation: Collation = Collation.DUPLEX) -> str:
    """The cards that were made, each as whose front and whose back: "1 2" or, of strangers, "1/2"."""
    leaves = stack(text)
    found = pair([leaf for leaf, _ in leaves], collation)
    halves = {i for i, (leaf, _) in enumerate(leaves) if leaf.is_half}
    assert {i for both in found.sure for i in both} | set(found.why) == halves
    assert len(found.why) + 2 * len(found.sure) == len(halves)
    named = [(leaves[front][1], leaves[back][1]) for front, back in found.sure]
    return " ".join(front if front == back else f"{front}/{back}" for front, back in named)


def reasons(text: str, collation: Collation = Collation.DUPLEX) -> set[str]:
    return set(pair([leaf for leaf, _ in stack(text)], collation).why.values())


@pytest.mark.parametrize(
    ("pages", "cards"),
    [
        ("F1 B1 F2 B2 F3 B3", "1 2 3"),
        ("F1 B1", "1"),
        ("F1a B1a F2b B2b F3a B3a", "1 2 3"),
        ("F1 B1 F2 F3 B3", "1 3"),  # a missing back
        ("F1 F2 B2", "2"),
        ("F1 B1 B2 F3 B3", "1 3"),  # a missing front
        ("F1 B1 F2 B2 F3", "1 2"),  # an odd number of pages
        ("F1 B1 F2", "1"),
        ("F1", ""),
        ("B1", ""),
        ("F1 B1 B2 F2 F3 B3", "1 3"),  # one card face down
        ("F1 B1 B2 F2 B3 F3 F4 B4", "1 4"),  # two of them
        ("F1 B1 B2 F2 B3 F3 B4 F4", "1"),  # the rest of the stack
        ("B1 F1 B2 F2 F3 B3 F4 B4", "3 4"),  # the first of the stack
        ("F1 B1 x B2 F3 B3 F4 B4", "1 3 4"),  # a front that cannot be placed
        ("F1 x F2 B2", "2"),  # a back that cannot be placed
        ("x x F1 B1 F2 B2", "1 2"),  # a letter on top
        ("F1 B1 x F2 B2", "1 2"),
        ("F1 B1 - F2 B2 - -", "1 2"),  # blank paper, or one-sided cards
        ("s F1 B1 s s F2 B2 -", "1 2"),
        ("F1 - F2 B2 F3 B3", "2 3"),  # a back so faint that it is taken for blank
        ("F1 - B1 F2 B2", "2"),  # paper came between: it may be anybody's back
        ("F1a B2b F3a B3a", "3"),
        ("F1 | B1 | F2 | B2", "1 2"),  # a file a page
        ("F1 B1 F2 | B2 F3 B3", "1 2 3"),  # a card across two files
        ("F1 B1 | F2 B2 F3 | F4 B4", "1 2 4"),
    ],
)
def test_each_front_with_the_back_that_follows_it(pages: str, cards: str) -> None:
    assert paired(pages) == cards


@pytest.mark.parametrize(
    "pages",
    [
        "B1 F1 B2 F2 B3 F3",  # the whole stack face down, or a file cut between the sides of a card
        "B1 F1 B2 F2 B3",
        "B1 F2 B2 F3 B3",
        "B1 F1",
        "x B1 F1 B2 F2",
        "x F1 B2 F2 B3 F3",  # face down, and the first back cannot be made out
        "- F1 B2 F2 B3 F3",
        "F1 F2 F3 B1 B2 B3",
        "F1 F2 F3 B3 B2 B1",
        "F1 F2 B1 B2",
        "F1 x F3 B1 B2 B3",
        "F1 F2 | B1 B2",
        "B1 B2 B3 F1 F2 F3",
    ],
)
def test_a_stack_in_another_order_is_refused_not_guessed(pages: str) -> None:
    assert paired(pages) == ""


def test_a_second_file_that_may_lie_face_down_is_refused_and_the_first_is_not() -> None:
    assert paired("F1 B1 F2 | B3 F3 B4 F4") == "1"


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ("F1 B1 F2 F3 B3", {BACK_MISSING}),
        ("F1 B1 B2 F3 B3", {FRONT_MISSING}),
        ("F1 B1 B2 F2 F3 B3", {NOT_SURE}),
        ("B1 F1 B2 F2", {BEGINS_WITH_BACKS}),
        ("F1 F2 B1 B2", {FRONTS_FIRST}),
    ],
)
def test_the_reason_says_what_to_do(pages: str, why: set[str]) -> None:
    assert reasons(pages) == why


@pytest.mark.parametrize(
    ("pages", "cards"),
    [
        ("B1 F1 B2 F2 B3 F3", "1 2 3"),
        ("B1 F1 F2 B3 F3", "1 3"),  # a missing back
        ("B1 F1 B2 F2 B3", "1 2"),
        ("F1 B1 F2 B2", ""),  # it was not face down after all
        ("B1 F1 x F2 B3 F3", "1 3"),
    ],
)
def test_a_stack_that_was_fed_face_down(pages: str, cards: str) -> None:
    assert paired(pages, Collation.DUPLEX_FLIPPED) == cards


IN_ORDER, REVERSED = Collation.FRONTS_THEN_BACKS_IN_ORDER, Collation.FRONTS_THEN_BACKS_REVERSED
UNSAID = Collation.FRONTS_THEN_BACKS


@pytest.mark.parametrize(
    ("collation", "pages", "cards"),
    [
        (IN_ORDER, "F1 F2 F3 B1 B2 B3", "1 2 3"),
        (REVERSED, "F1 F2 F3 B3 B2 B1", "1 2 3"),
        (IN_ORDER, "F1 F2 F3 | B1 B2 B3", "1 2 3"),
        (IN_ORDER, "F1 F2 | B1 B2 | F3 F4 F5 | B3 B4 B5", "1 2 3 4 5"),
        (REVERSED, "F1 F2 B2 B1 | F3 F4 B4 B3", "1 2 3 4"),
        (IN_ORDER, "F1 x F3 B1 B2 B3", "1 3"),  # a front that cannot be placed
        (REVERSED, "F1 F2 F3 B3 x B1", "1 3"),
        (IN_ORDER, "F1 - F2 B1 - B2", "1 2"),  # a blank sheet in the stack, both its sides
        (IN_ORDER, "- F1 F2 B1 B2 -", "1 2"),
        (UNSAID, "F1 B1", "1"),
        (UNSAID, "F1a F2b F3b B1a B2b B3b", "1 2 3"),  # only this order fits the two kinds of card
        (UNSAID, "F1a F2b F3b B3b B2b B1a", "1 2 3"),
        (UNSAID, "F1 - F2 F3 B3 B2 - B1", "1 2 3"),  # only this order fits the blank sheet
    ],
)
def test_fronts_then_backs(collation: Collation, pages: str, cards: str) -> None:
    assert paired(pages, collation) == cards


@pytest.mark.parametrize("collation", [IN_ORDER, REVERSED, UNSAID])
@pytest.mark.parametrize(
    "pages",
    [
        "F1 F2 F3 B1 B2",  # a back is missing
        "F1 F2 B1 B2 B3",
        "F1 - F2 F3 B1 B2 B3",  # one blank page too many
        "F1 x F2 F3 B1 B2 B3",
        "F1 F2 F3 - B1 B2",  # a blank page for a missing back: everything would be one off
        "F1 B1 F2 B2",
        "B1 B2 F1 F2",
        "F1 F2 | F3 B1 B2 B3 F4 B4",
    ],
)
def test_fronts_and_backs_that_do_not_add_up_are_refused(collation: Collation, pages: str) -> None:
    assert "/" not in paired(pages, collation)
    assert paired(pages, collation) == ""


@pytest.mark.parametrize("pages", ["F1 F2 B1 B2 F3 F4 B3 B4", "F1 F2 B3 B4 B1 B2 F3 F4", "F1 B1 F2 B2"])
def test_several_boxes_in_one_file_are_refused_as_cards_that_lay_face_down_look_the_same(pages: str) -> None:
    assert paired(pages, IN_ORDER) == ""
    assert reasons(pages, IN_ORDER) == {BEGIN_AGAIN}
    assert "a file of its own" in BEGIN_AGAIN
    assert paired("F1 F2 B1 B2 | F3 F4 B3 B4", IN_ORDER) == "1 2 3 4"


def test_backs_of_one_kind_in_an_order_that_nobody_said_are_refused() -> None:
    assert paired("F1 F2 F3 B1 B2 B3", UNSAID) == ""
    assert reasons("F1 F2 F3 B3 B2 B1", UNSAID) == {ORDER_UNKNOWN}


def test_two_unreadable_pages_where_fronts_meet_backs_shift_nothing() -> None:
    assert paired("F1 F2 x x B1 B2", IN_ORDER) == ""
    assert paired("F1 F2 x x B2 B1", REVERSED) == "1 2"


# -- every stack with one mishap ---------------------------------------------------------------------------------------


def clean(cards: int) -> list[str]:
    return [f"{side}{number}" for number in range(1, cards + 1) for side in "FB"]


def one_mishap(pages: Sequence[str]) -> list[list[str]]:
    """Everything that goes wrong once in a duplex stack."""
    cards = len(pages) // 2
    lost = [[*pages[:i], *pages[i + 1 :]] for i in range(len(pages))]
    unread = [[*pages[:i], "x", *pages[i + 1 :]] for i in range(len(pages))]
    extra = [[*pages[:i], *sheet, *pages[i:]] for i in range(0, len(pages) + 1) for sheet in (["x"], ["-"], ["x", "x"])]
    turned = []
    for start in range(cards):
        for end in range(start + 1, cards + 1):
            part = [page for i in range(start, end) for page in (pages[2 * i + 1], pages[2 * i])]
            turned.append([*pages[: 2 * start], *part, *pages[2 * end :]])
    return [*lost, *unread, *extra, *turned]


@pytest.mark.parametrize("cards", [1, 2, 3, 4, 5, 6])
def test_one_mishap_anywhere_never_gives_a_stranger(cards: int) -> None:
    for pages in one_mishap(clean(cards)):
        assert "/" not in paired(" ".join(pages)), pages


@pytest.mark.parametrize("cards", [4, 6])
def test_a_lost_side_costs_its_own_card_only(cards: int) -> None:
    pages = clean(cards)
    for i in range(1, len(pages)):
        found = paired(" ".join([*pages[:i], *pages[i + 1 :]])).split()
        assert len(found) == cards - 1, (i, found)


def test_several_mishaps_far_apart_never_give_a_stranger() -> None:
    chance = random.Random(4)
    for _ in range(300):
        parts = []
        for part in range(chance.randint(2, 4)):
            pages = [f"{page[0]}{page[1:]}{'k' * part}" for page in clean(chance.randint(3, 5))]
            inside = [p for p in one_mishap(pages) if p[:2] == pages[:2] and p[-2:] == pages[-2:]]
            parts += chance.choice(inside or [pages])
        assert "/" not in paired(" ".join(parts)), parts


def double_fed(pages: Sequence[str]) -> Iterator[list[str]]:
    """Two sheets were pulled in at once: the back of the one and the front of the next were never seen."""
    for i in range(len(pages) - 3):
        if [page[0] for page in pages[i : i + 4]] in (list("FBFB"), list("BFBF")):
            yield [*pages[: i + 1], *pages[i + 3 :]]


def goes_wrong(pages: Sequence[str]) -> Iterator[list[str]]:
    """Everything that may go wrong with a stack in which something already did."""
    yield from double_fed(pages)
    for i in range(len(pages) + 1):
        yield from ([*pages[:i], *sheet, *pages[i:]] for sheet in (["x"], ["-"], ["x", "x"]))
    for i in range(len(pages)):
        yield [*pages[:i], *pages[i + 1 :]]
        yield [*pages[:i], "x", *pages[i + 1 :]]


def looks(pages: Sequence[str]) -> str:
    """What is to be seen of a stack: the kinds of its pages."""
    return "".join(page[0] for page in pages)


def cards_lying_in(stacks: Sequence[Sequence[str]]) -> Mapping[str, set[int]]:
    """For each look of a stack where in it the two sides of one card lie side by side, in any stack that looks so."""
    places: dict[str, set[int]] = defaultdict(set)
    for pages in stacks:
        for i in range(len(pages) - 1):
            if pages[i][1:] == pages[i + 1][1:] != "":
                places[looks(pages)].add(i)
    return places


@pytest.mark.parametrize("cards", [3, 4])
def test_two_mishaps_give_a_stranger_only_where_one_alone_would_look_the_very_same(cards: int) -> None:
    at_most_one = [pages for n in range(1, cards + 2) for pages in (clean(n), *one_mishap(clean(n)))]
    known = cards_lying_in(at_most_one)
    for once in (*one_mishap(clean(cards)), *double_fed(clean(cards))):
        for twice in goes_wrong(once):
            leaves = stack(" ".join(twice))
            for pair_ in pair([leaf for leaf, _ in leaves], Collation.DUPLEX).sure:
                owners = {leaves[place][1] for place in pair_}
                assert len(owners) == 1 or min(pair_) in known[looks(twice)], twice
