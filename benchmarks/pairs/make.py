"""The labelled nominations that the search for possible duplicates is measured on.

    python benchmarks/pairs/make.py

Invented people post cards and fill in the website's form: one person twice, two patients about one nurse in a week, one
family's two cards, namesakes on two wards, and thanks that everybody writes. What is on paper is written by a drawn
hand, scanned badly and read by the real recogniser; nobody corrects it. Stories with even numbers go into `open.jsonl`,
odd ones into `closed.jsonl`, which is opened for the last figure only. A line is a nomination; those that one person
wrote about one thing share `case` and have `twice`.
"""

import json
import random
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # the cards' printing press and scanner lie among the tests

from benchmarks.invented import ORIGINS, TITLES, WARDS, invented_name
from scan_ingest.cli.reader import make_reader
from scan_ingest.domain.page import Page, PageRef
from scan_ingest.pipeline.walk import Reader, read_page
from scan_ingest.pipeline.worker import one_thread
from scan_ingest.templates import shipped_templates
from tests.drawing import hands
from tests.drawing.cards import fill_in
from tests.drawing.hands import FONTS, Hand
from tests.drawing.scanner import Laid, Scan, scan

HERE = Path(__file__).parent
TEMPLATE = "nomination-a5"
ORGANISATIONS = tuple(
    f"{place} Trust" for place in ("Northgate", "Southgate", "Eastham", "Westbury", "Ashdale", "Brookfield")
)
NOMINATORS = ("patient", "relative", "visitor", "colleague", "volunteer")
FIRST_DAY = date(2026, 3, 2)

SAID_BY_ALL = (
    "Thank you for everything.", "Nothing was too much trouble.", "Always smiling.", "A credit to the NHS.",
    "So kind and caring.", "Went above and beyond.", "An absolute star.", "Thank you from the bottom of my heart.",
    "Could not have asked for better care.", "Made a difficult time so much easier.", "We are so grateful.",
    "A lovely caring nurse who always has time for you.", "Treats everybody with respect.",
    "Nothing is too much bother.", "Always there when you need somebody.",
    "Such a lovely person, always has a smile.",
    "Really listens to you.",
    "The best on the ward.", "Keep up the good work.", "God bless you.", "Made me feel safe.",
    "I felt looked after and cared for.", "It made my stay in hospital so much better.", "Professional and friendly.",
)  # fmt: skip
IN_OTHER_WORDS = {
    "mother": "mum", "father": "dad", "operation": "op", "and": "&", "because": "as", "frightened": "scared",
    "photo": "photograph", "afraid": "scared", "husband": "partner", "found": "got", "could not": "couldn't",
    "did not": "didn't", "I was": "I'd been", "would not": "wouldn't", "three": "3", "two": "2", "ten": "10",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One nomination as it was meant; `twice` where the same person tells the same thing in another of its case."""

    case: str
    kind: str
    twice: bool
    channel: str
    organisation: str
    ward: str
    nominee: str
    nominator: str
    action: str
    impact: str
    day: str


def main() -> None:
    told = [nomination for half in (0, 1) for nomination in invented(half)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=one_thread) as pool:
        read = list(pool.map(as_read, range(len(told)), told, chunksize=8))
    for half, name in enumerate(("open", "closed")):
        lines = [json.dumps(asdict(one), ensure_ascii=False) for one in read if int(one.case.split("-")[0]) % 2 == half]
        (HERE / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        print(f"{name}: {len(lines)} nominations")


# -- what they meant ---------------------------------------------------------------------------------------------------


def invented(half: int) -> Iterator[Told]:
    """Every story of that half once in every organisation, each time as another kind of case; and thanks."""
    stories = tomllib.loads((HERE / "stories.toml").read_text(encoding="utf-8"))["stories"]
    chance = random.Random(f"pairs {half}")
    for organisation in ORGANISATIONS:
        people = [(invented_name(chance, tuple(ORIGINS)), chance.choice(WARDS)) for _ in range(14)]
        numbers = list(range(half, len(stories), 2))
        chance.shuffle(numbers)
        for at, number in enumerate(numbers):
            kind = KINDS[at % len(KINDS)]
            case = f"{number}-{organisation.split()[0]}"
            yield from _case(chance, case, kind, organisation, stories[number], people)
        for at in range(8):
            yield from _thanks(chance, f"{numbers[at]}-{organisation.split()[0]}-thanks", organisation, people)


KINDS = ("retold", "retyped", "retold and another", "shortened", "another", "retold", "retyped and another", "another")


def _case(
    chance: random.Random,
    case: str,
    kind: str,
    organisation: str,
    story: dict[str, list[str]],
    people: list[tuple[str, str]],
) -> Iterator[Told]:
    name, ward = chance.choice(people)
    day = FIRST_DAY + timedelta(chance.randrange(180))
    by = str(story["nominator"])

    def told(channel: str, words: list[str], nominator: str, twice: bool) -> Told:
        called, written = _called(chance, name)
        action, impact = (text.replace("{n}", called) for text in words)
        if chance.random() < 0.25:
            impact = f"{impact} {chance.choice(SAID_BY_ALL)}"
        later = timedelta(chance.randrange(12))
        where = _ward(chance, ward)
        return Told(
            case, kind, twice, channel, organisation, where, written, nominator, action, impact, str(day + later)
        )

    same = kind.split()[0]
    again = {"retold": story["form"], "retyped": _retyped(chance, story["card"])}
    again["shortened"] = _shortened(chance, story["card"])
    if same in again:
        there = "paper" if chance.random() < 0.1 and same != "shortened" else "online"
        yield told("paper", story["card"], by, True)
        yield told(there if same == "retyped" else "online", again[same], by, True)
    else:
        yield told(chance.choice(("paper", "online")), chance.choice((story["card"], story["form"])), by, False)
    if "another" in kind:
        other = "patient" if story["who"] == "patient" else chance.choice(("relative", "patient", "visitor"))
        yield told(chance.choice(("paper", "online", "online")), story["other"], other, False)


def _thanks(chance: random.Random, case: str, organisation: str, people: list[tuple[str, str]]) -> Iterator[Told]:
    """Two people who thank one nurse, or two of one name on two wards, in words that everybody uses."""
    name, ward = chance.choice(people)
    day = FIRST_DAY + timedelta(chance.randrange(180))
    phrase = chance.choice(SAID_BY_ALL)
    namesakes = chance.random() < 0.4
    for channel, where in (("paper", ward), ("online", chance.choice(WARDS) if namesakes else ward)):
        _, written = _called(chance, name)
        rest = [said for said in SAID_BY_ALL if said != phrase]
        action = " ".join(chance.sample([phrase, *chance.sample(rest, 1)], 2))
        yield Told(
            case, "thanks", False, channel, organisation, _ward(chance, where), written, chance.choice(NOMINATORS),
            action, chance.choice(rest), str(day + timedelta(chance.randrange(8))),
        )  # fmt: skip


def _called(chance: random.Random, name: str) -> tuple[str, str]:
    """What somebody is called in a text, and on the line for the name."""
    first, _, last = name.partition(" ")
    written = chance.choices(
        (name, first, f"{chance.choice(TITLES)} {name}", f"{first} {last[0]}", f"{chance.choice(TITLES)} {first}", ""),
        (60, 14, 10, 5, 8, 3),
    )[0]
    return first, _mistyped(chance, written, 0.02)


def _ward(chance: random.Random, ward: str) -> str:
    written = chance.choices(
        (ward, ward.removeprefix("Ward ").removesuffix(" Ward"), ward.lower(), ""), (70, 12, 8, 10)
    )
    return written[0]


def _retyped(chance: random.Random, words: list[str]) -> list[str]:
    """The card copied into the form: some words swapped, some left out, slips of the keys."""
    texts = []
    for text in words:
        for word, other in IN_OTHER_WORDS.items():
            if chance.random() < 0.4:
                text = text.replace(f" {word} ", f" {other} ")
        kept = [word for word in text.split() if chance.random() > 0.04]
        texts.append(_mistyped(chance, " ".join(kept), 0.008))
    if chance.random() < 0.15:
        texts = [" ".join(texts), ""]  # all of it in the first box
    return texts


def _shortened(chance: random.Random, words: list[str]) -> list[str]:
    """One answer only, or the first part of it."""
    action, impact = words
    if chance.random() < 0.5:
        return [_mistyped(chance, action, 0.008), ""]
    parts = action.split()
    return [_mistyped(chance, " ".join(parts[: round(len(parts) * 0.7)]), 0.008), impact]


def _mistyped(chance: random.Random, text: str, rate: float) -> str:
    out = []
    for character in text:
        slip = chance.random() / rate
        if slip < 0.35 and character.isalpha():
            continue
        if slip < 0.7 and character.isalpha():
            character = chance.choice("abcdefghijklmnopqrstuvwxyz")
        elif slip < 1 and character.isalpha():
            character *= 2
        out.append(character)
    return "".join(out)


# -- what came of it ---------------------------------------------------------------------------------------------------


def as_read(seed: int, told: Told) -> Told:
    """What is on paper as the recogniser reads it; what was typed as it is."""
    if told.channel == "online":
        return told
    reader = _reader()
    template = reader.templates[TEMPLATE]
    texts = {"nominee": told.nominee, "ward": told.ward, "nominator": told.nominator}
    texts |= {"action": told.action, "impact": told.impact}
    for attempt in range(8):
        rng = random.Random(f"{seed} {attempt}")
        hand = _hand(rng)
        written = {
            name: text if name == "nominator" else hand.writes(_without_accents(text))
            for name, text in texts.items()
            if text.strip()
        }
        if any(hands.missing(hand.font, text) for text in written.values()):
            continue
        try:
            sheet = fill_in(template, "front", written, hand, seed, colour=False)
        except ValueError:
            continue  # too long for so large a hand
        laid = Laid(sheet, template.width_mm, template.height_mm, rng.uniform(-2.5, 2.5))
        how = _scanner(rng)
        page = Page(PageRef("0" * 64, 1, "card"), scan(laid, how, seed).page, how.dpi)
        sides = read_page(page, reader).sides
        if len(sides) == 1:
            read = {reading.field: reading.text for reading in sides[0].readings}
            return replace(told, **{name: read[name] for name in texts})
    raise RuntimeError(f"{told.case}: no hand could write it so that it was read")


def _without_accents(text: str) -> str:
    """As people write a name who have heard it, and as every hand here can."""
    plain = unicodedata.normalize("NFKD", text.translate(str.maketrans("łŁøßðı", "lLosdi")))
    return "".join(character for character in plain if not unicodedata.combining(character))


WRITERS = (
    *(("dkg", 2.0), ("breip", 1.7), ("rufscript", 2.0), ("dancing", 1.8), ("kaushan", 1.8)),
    *(("kristi", 3.0), ("humor", 2.3), ("tomson", 2.3), ("mentor", 2.5)),
)


def _hand(rng: random.Random) -> Hand:
    name, size = rng.choice(WRITERS)
    pen = rng.choice((hands.BLACK, hands.BLUE, hands.PENCIL, hands.ROYAL))
    return Hand(
        FONTS[name], pen, size, rng.uniform(-0.12, 0.16), rng.uniform(0.2, 0.5), rng.uniform(0.06, 0.14), gap_mm=0.4
    )


def _scanner(rng: random.Random) -> Scan:
    """From a decent one to one that nobody has cleaned for years."""
    return Scan(
        dpi=rng.choice((150, 150, 200)),
        blur_px=rng.uniform(0.5, 0.9),
        noise=rng.uniform(3, 9),
        gain=rng.uniform(0.6, 1.0),
        coffee=rng.random() < 0.15,
        jpeg=rng.choice((40, 60, 75)),
    )


@cache
def _reader() -> Reader:
    return replace(make_reader(shipped_templates(), (TEMPLATE,)), second_opinion=None)  # it changes doubts, not texts


if __name__ == "__main__":
    main()
