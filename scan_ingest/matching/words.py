"""The words of a nomination as they are compared: in small letters without accents, stems, and one word for several
that people put in its place when they tell a thing again."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

USUAL = 0.15
"""What a word weighs that is in every third nomination; one that says nothing weighs 0, any other 1."""
NUMBER = 0.6

_ENGLISH = tomllib.loads((Path(__file__).parent / "english.toml").read_text(encoding="utf-8"))
SAYS_NOTHING = frozenset(_ENGLISH["says_nothing"].split())
OFTEN_SAID = frozenset(_ENGLISH["often_said"].split())
TOLD_ALIKE: dict[str, str] = _ENGLISH["told_alike"]
TITLES = frozenset(_ENGLISH["titles"].split())
NOBODY = frozenset(_ENGLISH["nobody"].split())
"""Of a nominee like "all the nurses": no name to tell people by."""
NUMBERS = {word: str(value) for value, word in enumerate(_ENGLISH["numbers"].split()) if value > 1}
NUMBERS |= {word: str(10 * value) for value, word in enumerate(_ENGLISH["tens"].split(), start=2)}

WORD = re.compile(r"[^\W_]+")
ENDINGS = ("ingly", "edly", "ings", "ness", "ing", "ied", "ies", "ed", "es", "ly", "s", "e", "y")
LEFT = 3  # letters that an ending must leave


def plain_words(text: str) -> list[str]:
    """The words in small letters without accents and apostrophes: "Zoë's" is `zoes`."""
    text = text.casefold().replace("'", "").replace("’", "")
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return WORD.findall(text)


@lru_cache(maxsize=100_000)
def concept(word: str) -> str:
    """What a plain word is compared as: its stem, or that of the word it stands for. "" where it says nothing."""
    if word in SAYS_NOTHING:
        return ""
    return CONCEPTS.get(word) or CONCEPTS.get(_stem(word)) or NUMBERS.get(word) or _stem(word)


@lru_cache(maxsize=100_000)
def weight(concept_: str) -> float:
    """How much it says that two nominations share the concept, 0 to 1."""
    if not concept_ or (len(concept_) < 2 and not concept_.isdigit()):
        return 0.0
    if concept_.isdigit():
        return NUMBER
    if concept_ in USUAL_CONCEPTS:
        return USUAL
    return min(1.3, 0.7 + 0.1 * len(concept_))  # long words are rarer than short ones


def _stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= LEFT:
            word = word.removesuffix(ending)
            break
    if len(word) > LEFT and (word[-1] == word[-2] or word[-1] == "e"):
        return word[:-1]  # stopp(ed) is stop, absolute(ly) absolut(e)
    return word


CONCEPTS = {_stem(told): _stem(word) for word, alike in TOLD_ALIKE.items() for told in alike.split()}
CONCEPTS |= {told: _stem(word) for word, alike in TOLD_ALIKE.items() for told in alike.split()}
USUAL_CONCEPTS = frozenset(concept(word) for word in OFTEN_SAID) - {""}
