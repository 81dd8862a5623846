"""Names of people and wards, as they are compared: titles left out, initials and misread letters allowed for."""

from collections.abc import Sequence

from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, Levenshtein

from scan_ingest.matching.words import NOBODY, NUMBERS, TITLES, plain_words

INITIAL = 0.85
SHORT_TITLES = ("sr", "dr", "mr", "ms", "mrs")
HALF = 0.5
MISREAD_TITLE = 0.8  # of a likeness, where it takes the first word for one of them
SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")


def name_words(nominee: str) -> tuple[str, ...]:
    """The names in it, in order; none where nobody is named. "Nurse 3" is all there is to tell that nurse by."""
    words = plain_words(nominee)
    names = [word for word in words if word not in TITLES and not word.isdigit()]
    if not names and any(word.isdigit() for word in words):
        return tuple(words)
    return () if all(word in NOBODY for word in names) else tuple(names)


def ward_words(ward: str) -> tuple[str, ...]:
    """ "Ward 7" and "W7" are both `7`."""
    words = []
    for word in plain_words(ward):
        if len(word) > 1 and word[0] == "w" and word[1:].isdigit():
            word = word[1:]
        if word not in ("ward", "unit", "the", "dept", "department"):
            words.append(NUMBERS.get(word, word))
    return tuple(words)


def alike_names(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two people's names are, 0 to 1; a short word before a name may be a title that was misread."""
    alike = _alike_throughout(one, other)
    for first, second in ((_without_title(one), other), (one, _without_title(other))):
        alike = max(alike, MISREAD_TITLE * _alike_throughout(first, second))
    return alike


def _without_title(names: Sequence[str]) -> Sequence[str]:
    """Without a first word that may be "Sr" or "Dr" misread: as long, with half of its letters. An initial is none."""
    if len(names) < 2 or not any(
        len(names[0]) == len(title) and Levenshtein.normalized_similarity(names[0], title) >= HALF
        for title in SHORT_TITLES
    ):
        return names
    return names[1:]


def _alike_throughout(one: Sequence[str], other: Sequence[str]) -> float:
    """The shorter one's words each beside the nearest of the longer one's."""
    # Of two that are as long, always the same one first: the likeness hangs on no order.
    few, many = sorted((tuple(one), tuple(other)), key=lambda words: (len(words), words))
    if not few:
        return 0.0
    nearest = [max(_alike(word, each) for each in many) for word in few]
    # One's own name weighs as much as the other: Maria Santos is not Maria Cruz.
    return sum(nearest) / len(nearest) if min(nearest) > 0.5 else min(nearest)


def _alike(one: str, other: str) -> float:
    if one.isdigit() or other.isdigit():
        return float(one == other)
    if min(len(one), len(other)) == 1:
        return INITIAL if one[0] == other[0] else 0.0
    return max(Levenshtein.normalized_similarity(one, other), JaroWinkler.similarity(one, other) - 0.1)


def alike_wards(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike, 0 to 1; a number is the same or another."""
    figures = [{word for word in words if word.isdigit()} for words in (one, other)]
    if figures[0] and figures[1]:
        return float(bool(figures[0] & figures[1]))
    return Levenshtein.normalized_similarity("".join(one), "".join(other))


def named_in(names: Sequence[str], words: Sequence[str]) -> bool:
    """Whether one of the names is among the words, misread a little perhaps."""
    long = [name for name in names if len(name) > 2 and name.isalpha()]
    if not long or not words:
        return False
    return bool(process.cdist(long, words, scorer=Levenshtein.normalized_similarity, score_cutoff=0.75).any())


def sounds(name: str) -> str:
    """Roughly how a name sounds (Russell's Soundex, with one sign for C and K, and four after the first)."""
    first = {"k": "c", "q": "c", "z": "s", "j": "g"}.get(name[0], name[0])
    signs = name.translate(SOUNDS)
    kept = [sign for at, sign in enumerate(signs) if at and sign.isdigit() and sign != signs[at - 1]]
    return (first + "".join(kept))[:5]
