"""Names out of texts: taken out where they may be one, since a word too many costs research little and a name too few
costs a person much."""

import re
from collections.abc import Collection

from rapidfuzz import fuzz

from scan_ingest.domain.names import TITLES, WORD

NAME = "[name]"
"""What stands where a name stood."""

NEARLY = 84.0  # of 100: "Ashworth" against "Ashwerth"; "Mary" against "many" is 75
SHORTEST_NEARLY = 5  # letters; shorter words are near too many others
SENTENCE_END = re.compile(r"(?:^|[.!?:\n][\"'”’)\s]*)$")
BEFORE_NAMES = TITLES | {
    *("lady", "lord", "reverend", "father", "brother", "matron", "staff", "sr", "auntie"),
    *("aunt", "uncle", "nanny", "nana", "nan", "grandad", "granddad", "grandma", "grandpa"),
}
"""Titles, and what people of the family are called with their names."""
NO_NAMES = frozenset(
    [
        *("i", "i'm", "i'd", "i'll", "i've", "nhs", "icu", "itu", "hdu"),
        *("ae", "ed", "gp", "ct", "mri", "ok", "tv", "covid", "christmas"),
        *("easter", "god", "english", "british", "welsh", "irish", "scottish", "polish", "monday"),
        *("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march"),
        *("april", "june", "july", "august", "september", "october", "november", "december", "ward"),
        *("hospital", "unit", "clinic", "theatre", "mum", "mom", "mam", "dad", "mummy"),
        *("daddy",),
    ]
)
"""Words that are written with a capital and name nobody. "May" is missing: it is a name too."""


def name_words(names: Collection[str]) -> frozenset[str]:
    """The words of people's names in small letters; titles and initials are none."""
    words = (word.group().casefold() for name in names for word in WORD.finditer(name))
    return frozenset(word for word in words if len(word) > 1 and word not in BEFORE_NAMES)


def without_names(text: str, own: Collection[str], known: Collection[str]) -> str:
    """The text with `[name]` for every word that may be part of a name.

    `own` are the words of the nominee's name, found however they are spelled; `known` those of everybody who is known
    here. Beyond these, a word with a capital inside a sentence, or behind a title, is taken for a name.
    """
    marked: list[tuple[int, int]] = []
    before, end = "", 0
    for found in WORD.finditer(text):
        word = found.group()
        # From the last letter of the word before on: where sentences end is told by what is between the two.
        if _may_be_a_name(word, text[max(0, end - 1) : found.start()], before, own, known):
            marked.append(found.span())
        before, end = word.casefold(), found.end()
    return _with_marks(text, marked)


def _may_be_a_name(word: str, left: str, before: str, own: Collection[str], known: Collection[str]) -> bool:
    plain = re.sub(r"['’]s$", "", word.casefold())
    if plain in own or (len(plain) >= SHORTEST_NEARLY and any(_nearly(plain, name) for name in own)):
        return True
    has_capital = word[0].isupper()
    if not has_capital or plain in NO_NAMES or plain in BEFORE_NAMES:
        return False
    if plain in known or before in BEFORE_NAMES:
        return True
    inside_a_sentence = not SENTENCE_END.search(left.rstrip(" "))
    shouted = word.isupper() and len(word) > 1
    return inside_a_sentence and not shouted


def _nearly(word: str, name: str) -> bool:
    return len(name) >= SHORTEST_NEARLY and fuzz.ratio(word, name) >= NEARLY


def _with_marks(text: str, marked: list[tuple[int, int]]) -> str:
    """Words in a row become one mark, so that not even their number is told."""
    runs: list[list[int]] = []
    for start, end in marked:
        if runs and not text[runs[-1][1] : start].strip(" .-"):
            runs[-1][1] = end
        else:
            runs.append([start, end])
    kept, at = [], 0
    for start, end in runs:
        kept.append(text[at:start])
        at = end
    return NAME.join([*kept, text[at:]])
