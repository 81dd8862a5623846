"""The words that the decoder knows, and how common they are.

| words | package | licence |
|---|---|---|
| 82,765 commonest words with counts | PyPI symspellpy 6.10.1 | MIT |
| 242,342 commonest pairs of words with counts | PyPI symspellpy 6.10.1 | MIT |
| British spellings and contractions | Debian wbritish 2020.12.07-2 | SCOWL's own (permissive, notice is shipped) |
| the words and pairs of `cards.txt` | this project | MIT |
"""

import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from math import log
from pathlib import Path

from debian_package import files_of
from texts import package, plain

WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
LISTED_AT = 3e-8  # the share of a word that only wbritish has: about the rarest that was counted
CARDS_SHARE = 0.1  # of all running text, that of the cards' own words


SENTENCE = re.compile(r"[.!?:;()\n]")  # across these no two words are a pair
UNSEEN_PAIRS = 0.75  # of a pair's count: what a short text has too much of those that it happens to have (discounting)
PAIRS_FROM = 1.0  # nats: a pair that comes less than e times as often as by chance would only fill the table
LISTED_TIMES = 20.0  # a word list's word on capitals counts as much as so many sightings
INSIDE = re.compile(r"(?<=[a-z,;] )[A-Za-z]+(?:'[a-z]+)?")  # not where a sentence may begin


def words(packages: Path, documents: Mapping[str, str]) -> tuple[dict[str, float], dict[str, float]]:
    """Every word in small letters with its share of running text, and the share of it that begins with a capital
    inside a sentence. `documents` are those of `texts.py`, of which the cards' own count for the shares.
    """
    cards = documents["cards"]
    with zipfile.ZipFile(package(packages, "symspellpy-*.whl")) as wheel:
        rows = wheel.read("symspellpy/frequency_dictionary_en_82_765.txt").decode("utf-8-sig").splitlines()
    counts = {word: int(count) for word, count in (row.split() for row in rows)}
    total = sum(counts.values())
    own = Counter(WORD.findall(cards.lower()))
    shares = {word: (1 - CARDS_SHARE) * count / total for word, count in counts.items() if WORD.fullmatch(word)}
    small: set[str] = set()
    capital: set[str] = set()
    for _, content in files_of(package(packages, "wbritish_*.deb"), r"/dict/british-english$"):
        for line in content.decode("utf-8").splitlines():
            word = plain(line).lower()
            (small if line[:1].islower() else capital).add(word)
            if WORD.fullmatch(word) and not word.endswith("'s"):
                shares.setdefault(word, LISTED_AT)
    for word, count in own.items():
        shares[word] = shares.get(word, 0.0) + CARDS_SHARE * count / own.total()
    # Single letters of a counted list are initials and list marks; only two are words.
    kept = {word: share for word, share in shares.items() if len(word) > 1 or word in "ai"}
    sightings = Counter(word for text in documents.values() for word in INSIDE.findall(text))
    capitals: dict[str, float] = {}
    for word in kept:
        seen_small, seen_capital = sightings[word], sightings[word.capitalize()]
        if word in capital and word not in small:
            seen_capital += LISTED_TIMES
        elif word in capital:  # both, as May and may
            seen_capital, seen_small = seen_capital + 0.05 * LISTED_TIMES, seen_small + 0.95 * LISTED_TIMES
        elif word in small:
            seen_small += LISTED_TIMES
        capitals[word] = (seen_capital + 0.02) / (seen_capital + seen_small + 0.2)
    return kept, capitals


def pairs(packages: Path, shares: Mapping[str, float], cards: str) -> dict[tuple[str, str], float]:
    """For each pair of words that comes oftener than by chance, how much so: the log of p(both) / p(one) p(other).

    Those of the cards' own text have their part in p(both) as its words have in p(one).
    """
    with zipfile.ZipFile(package(packages, "symspellpy-*.whl")) as wheel:
        rows = wheel.read("symspellpy/frequency_bigramdictionary_en_243_342.txt").decode("utf-8-sig").splitlines()
    counts = {(one, other): int(count) for one, other, count in (row.split() for row in rows if row.strip())}
    total = sum(counts.values())
    together = {pair: (1 - CARDS_SHARE) * count / total for pair, count in counts.items()}
    own = Counter(pair for part in SENTENCE.split(cards.lower()) for pair in pairwise(WORD.findall(part)))
    for pair, count in own.items():
        together[pair] = together.get(pair, 0.0) + CARDS_SHARE * (count - UNSEEN_PAIRS) / own.total()
    gains = {
        (one, other): log(share / (shares[one] * shares[other]))
        for (one, other), share in together.items()
        if one in shares and other in shares
    }
    return {pair: gain for pair, gain in gains.items() if gain >= PAIRS_FROM}
