"""Cards scanned twice among others: are all pairs found, and no other?

    python benchmarks/rescans.py [--cards 200] [--seed 1] [--lines lines.tsv]

Scans `--cards` cards twice, the second time at another angle and worse (300 or 150 dpi, black and white, faint, coffee,
a poor JPEG), and as many cards once, of which every other one at least is a near miss. Drawn in handwriting fonts, a
near miss is by the hand of the card before it and begins with the same words; with `--lines` all are filled in by real
hands and more happens to them (see `twice.py`). Each is placed, registered and cleaned as `ingest` does, then all are
compared with all, first by their marks, then by their likeness. What was read is no witness here.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cards' printing press and scanner lie among the tests

from benchmarks.twice import Sheet, Taken, again, once, sheets
from benchmarks.written import written
from scan_ingest.domain.likeness import SAME_WRITING, Likeness, alike, marks_alike
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.domain.template import Template
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.stages.cleaning.ink import clean
from scan_ingest.stages.cleaning.register import register
from scan_ingest.stages.cleaning.unstamped import without_stamps
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


@dataclass(frozen=True, eq=False)
class Known:
    """A scan and its likeness."""

    taken: Taken
    likeness: Likeness

    @property
    def layout(self) -> tuple[str, str]:
        return self.taken.sheet.template.id, self.taken.sheet.side.name

    def __str__(self) -> str:
        return f"{self.taken.sheet.kind} ({self.taken.how})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cards", type=int, default=200, help="how many are scanned twice, and how many once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=Path, help="a set of written lines")
    arguments = parser.parse_args()
    one_thread()
    templates = load_templates(shipped_templates())
    by_id = {template.id: template for template in templates}
    if arguments.lines is None:
        taken = drawn(arguments.cards, arguments.seed, by_id[TEMPLATE])
    else:
        taken = by_real_hands(arguments.lines, arguments.cards, arguments.seed, by_id)
    report(*known(taken, prepare(templates)))


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


def drawn(count: int, seed: int, template: Template) -> Iterator[Taken]:
    """The scans of such cards in handwriting fonts."""
    dice = random.Random(seed)
    side = template.side("front")
    for number, card in enumerate(cards(count, dice)):
        for often in range(card.times):
            how = dice.choice(WORSE) if often else Scan()
            words = {"action": card.action, "impact": card.impact}
            picture = fill_in(template, side.name, words, card.hand, number, colour=False)
            laid = Laid(picture, template.width_mm, template.height_mm, dice.uniform(-4, 4), dice.choice((0, 180)))
            page = Page(PageRef("0" * 64, 1, "box.pdf"), scan(laid, how, seed=dice.randrange(10**6)).page, how.dpi)
            yield Taken(Sheet(number, "drawn", template, side, picture), page, str(often))


def by_real_hands(file: Path, count: int, seed: int, templates: dict[str, Template]) -> Iterator[Taken]:
    lines = list(written(file))
    dice = random.Random(seed)
    for number, sheet in enumerate(sheets(lines, templates, count, seed)):
        yield once(sheet, dice)
        if number % 2 == 0:
            yield again(sheet, lines, dice)


def known(taken: Iterator[Taken], prepared: PreparedTemplates) -> tuple[list[Known], list[str], float]:
    """The scans that have a likeness, what those are that have none, and the seconds that taking one took."""
    found: list[Known] = []
    lost: list[str] = []
    seconds = 0.0
    for one in taken:
        template, side = one.sheet.template, one.sheet.side
        here = [
            placement
            for placement in place(one.page, prepared).placements
            if (placement.template_id, placement.side) == (template.id, side.name)
        ]
        if not here:
            lost.append(f"not placed: {one.sheet.kind} ({one.how})")
            continue
        picture = without_stamps(register(one.page, here[0], template), one.page, here[0], template)
        cleaned = clean(picture, side.reference)
        started = time.thread_time()
        its = likeness(cleaned, side)
        seconds += time.thread_time() - started
        if its is None:
            lost.append(f"too little on it: {one.sheet.kind} ({one.how})")
        else:
            found.append(Known(one, its))
    return found, lost, seconds


def report(found: Sequence[Known], lost: Sequence[str], taking: float) -> None:
    """Compares all with all and prints which pairs were found, and how clearly."""
    same = {(a, b) for a, b in combinations(range(len(found)), 2) if _card(found[a]) == _card(found[b])}
    started = time.thread_time()
    compared = {
        (a, b): alike([(found[a].likeness, found[b].likeness)])
        for a, b in _near(found)
        if found[a].layout == found[b].layout
    }
    comparing = time.thread_time() - started
    pairs = {pair for pair, how_alike in compared.items() if how_alike >= SAME_WRITING}
    print(f"{len(found)} scans of {len({_card(one) for one in found})} cards compared, {len(lost)} not:")
    print("".join(f"  {line}\n" for line in lost), end="")
    print(f"pairs found {len(pairs & same)} of {len(same)}, false pairs {len(pairs - same)}")
    print(f"{len(compared)} of {len(found) * (len(found) - 1) // 2} looked at closer; true pairs not among them:")
    for a, b in sorted(same - compared.keys()):
        print(f"  {found[a]} | {found[b]}")
    for what, those, least_first in (("the least alike pairs", same, True), ("the most alike others", None, False)):
        chosen = [(how_alike, pair) for pair, how_alike in compared.items() if (pair in same) == (those is same)]
        print(f"{what} ({SAME_WRITING} and more are a pair):")
        for how_alike, (a, b) in sorted(chosen, reverse=not least_first)[:5]:
            print(f"  {how_alike:.3f}  {found[a]} | {found[b]}")
    print(f"{1000 * taking / max(len(found), 1):.1f} ms to take a likeness, {comparing:.2f} s to compare all with all")


def _card(one: Known) -> int:
    return one.taken.sheet.card


def _near(found: Sequence[Known]) -> Iterator[tuple[int, int]]:
    """The pairs whose marks are worth a closer look."""
    marks = [one.likeness.mark for one in found]
    for at, mark in enumerate(marks):
        for other in marks_alike(mark, marks):
            if other > at:
                yield at, int(other)


if __name__ == "__main__":
    main()
