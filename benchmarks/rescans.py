"""Cards scanned twice among others: are all pairs found, and no other?

    python benchmarks/rescans.py [--cards 200] [--seed 1]

Draws `--cards` cards and scans each twice, the second time at another angle and worse (300 or 150 dpi, black and white,
faint, coffee, a poor JPEG), and as many cards once; every other one is a near miss: by the hand of the card before it,
beginning with the same words. Each is placed, registered and cleaned as `ingest` does, then all are compared with all.
"""

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from scan_ingest.domain.likeness import SAME_WRITING, Likeness, marks_alike
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.domain.template import Template
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cleaning.register import register
from scan_ingest.stages.likeness import likeness
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import PreparedTemplates, prepare
from scan_ingest.templates import load_templates, shipped_templates
from tests.drawing import sample
from tests.drawing.cards import fill_in
from tests.drawing.hands import Hand
from tests.drawing.scanner import Laid, Scan, scan

TEXT = Path(__file__).parent.parent / "tools" / "language" / "cards.txt"
TEMPLATE = "nomination-a5"
HANDS = (sample.ANNE, sample.BRIAN, sample.CAROL, sample.FRANK, sample.GRACE, sample.JACK, sample.LEROY, sample.MARIA)
WORSE = (Scan(dpi=300), Scan(one_bit=True), Scan(gain=0.6, noise=6), Scan(jpeg=30), Scan(dpi=150), Scan(coffee=1))


@dataclass(frozen=True)
class Card:
    """A card's words and hand; `times` it is scanned."""

    action: str
    impact: str
    hand: Hand
    times: int


def cards(count: int, dice: random.Random) -> Iterator[Card]:
    """`count` cards that are scanned twice and as many that are scanned once, mixed."""
    words = ["".join(filter(str.isalnum, word)) for word in TEXT.read_text(encoding="utf-8").split()]
    times = [2] * count + [1] * count
    dice.shuffle(times)
    before: Card | None = None
    for number, often in enumerate(times):
        at = dice.randrange(len(words) - 60)
        action = words[at : at + dice.randint(5, 14)]
        hand = dice.choice(HANDS)
        if before is not None and number % 2:
            action, hand = [*before.action.split()[:4], *action], before.hand
        before = Card(" ".join(action), " ".join(words[at + 30 : at + 30 + dice.randint(4, 12)]), hand, often)
        yield before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=200, help="how many are scanned twice, and how many once")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    one_thread()
    dice = random.Random(arguments.seed)
    templates = load_templates(shipped_templates())
    prepared, template = prepare(templates), next(one for one in templates if one.id == TEMPLATE)
    scans: list[tuple[int, Likeness]] = []
    unplaced = taking = 0.0
    for number, card in enumerate(cards(arguments.cards, dice)):
        for often in range(card.times):
            found, seconds = _taken(card, number, dice.choice(WORSE) if often else Scan(), template, prepared, dice)
            taking += seconds
            if found is None:
                unplaced += 1
            else:
                scans.append((number, found))
    started = time.perf_counter()
    pairs = list(_pairs([found for _, found in scans]))
    comparing = time.perf_counter() - started
    right = sum(scans[a][0] == scans[b][0] for a, b in pairs)
    there = sum(a == b for (a, _), (b, _) in combinations(scans, 2))
    print(f"{len(scans)} scans of {2 * arguments.cards} cards, {unplaced:.0f} not placed or with too little writing")
    print(f"pairs found {right} of {there}, false pairs {len(pairs) - right}")
    print(f"{1000 * taking / max(len(scans), 1):.1f} ms to take a likeness, {comparing:.2f} s to compare all with all")


def _taken(
    card: Card, number: int, how: Scan, template: Template, prepared: PreparedTemplates, dice: random.Random
) -> tuple[Likeness | None, float]:
    written = fill_in(
        template, "front", {"action": card.action, "impact": card.impact}, card.hand, number, colour=False
    )
    laid = Laid(written, template.width_mm, template.height_mm, dice.uniform(-4, 4), dice.choice((0, 180)))
    scanned = scan(laid, how, seed=dice.randrange(10**6))
    page = Page(PageRef("0" * 64, 1, "box.pdf"), scanned.page, how.dpi)
    for placement in place(page, prepared).placements:
        side = clean(register(page, placement, template), template.side("front").reference)
        started = time.thread_time()
        found = likeness(side, template.side("front"))
        return found, time.thread_time() - started
    return None, 0.0


def _pairs(found: Sequence[Likeness]) -> Iterator[tuple[int, int]]:
    marks = [one.mark for one in found]
    for at, one in enumerate(found):
        for other in marks_alike(one.mark, marks):
            if other > at and one.alike(found[other]) >= SAME_WRITING:
                yield at, int(other)


if __name__ == "__main__":
    main()
