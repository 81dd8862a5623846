"""The words that the decoder knows, and how common they are.

| words | package | licence |
|---|---|---|
| 82,765 commonest words with counts | PyPI symspellpy 6.10.1 | MIT |
| British spellings and contractions | Debian wbritish 2020.12.07-2 | SCOWL's own (permissive, notice is shipped) |
| the words of `cards.txt` | this project | MIT |
"""

import re
import zipfile
from collections import Counter
from pathlib import Path

from debian_package import files_of
from texts import package, plain

WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
LISTED_AT = 3e-8  # the share of a word that only wbritish has: about the rarest that was counted
CARDS_SHARE = 0.1  # of all running text, that of the cards' own words


def words(packages: Path, cards: str) -> tuple[dict[str, float], set[str]]:
    """Every word in small letters, and its share of running text; and those that are always written with a capital."""
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
    return kept, (capital - small) & kept.keys()
