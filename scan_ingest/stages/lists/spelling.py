"""How far a read text lies from an entry of a list, with the mix-ups of handwriting counted for less.

The cost of an edit is a noisy channel's: −ln P(read | written) over −ln 0.0001, what is hardly ever seen, so that the
sum over a name says how unlikely the recogniser turns the one into the other. The probabilities are PP-OCRv6's on
lines of 48 people's handwriting, printed by `benchmarks/short_fields.py --lines`; the table holds what came up often
enough to be more than chance, and the look-alikes of letters and digits that were too few there to count.
"""

import re
import unicodedata
from collections.abc import Mapping

RARE = 1.0  # an edit that handwriting does not explain
LETTER_LOST, LETTER_ADDED, SPACE = 0.48, 0.85, 0.5

# Written, then read. Below 0.4 the recogniser does it with one such letter in thirty, at 0.6 with one in two hundred.
_SWAPS: Mapping[float, str] = {
    0.30: "vu qg",
    0.36: "wu gs",
    0.42: "rn nr uo gy mn kh ft l1 i1 1l 1i o0 0o s5 5s z2 2z b8 8b g9 9g b6 6b",
    0.48: "ao oa un ui uv gq wn bh",
    0.52: "ae tr li il nw au lh hn vn dt yt yj",
    0.56: "ru rs so rv nu dl lc rk ds hu nh ie iu hl nm tf cl ks sz zs ij",
    0.62: "eo eu th td lt ri re le de tj ec ce ht ai ia ei rh as ur oi rl rw tl ha hi te ea",
}
SWAPPED: Mapping[tuple[str, str], float] = {
    (two[0], two[1]): cost for cost, twos in _SWAPS.items() for two in twos.split()
}
REGROUPED: Mapping[tuple[str, str], float] = {
    ("rn", "m"): 0.42,
    ("m", "rn"): 0.48,
    ("cl", "d"): 0.42,
    ("d", "cl"): 0.42,
    ("vv", "w"): 0.42,
    ("w", "vv"): 0.48,
    ("ri", "n"): 0.52,
    ("n", "ri"): 0.52,
    ("li", "h"): 0.56,
    ("h", "li"): 0.56,
    ("in", "m"): 0.52,
    ("ni", "m"): 0.52,
}
"""(written, read) where the numbers of letters differ."""

# Letters without a decomposition in Unicode.
_BASE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "’": "", "'": "", "‘": "", "`": ""}
)
_BETWEEN = re.compile(r"[\W_]+")

# What stands before or after a name on a card and belongs to no name.
TITLES = frozenset(
    (
        *("sister", "sr", "dr", "doctor", "nurse", "sn", "hca", "rn", "rgn", "matron", "prof", "professor"),
        *("mr", "mrs", "ms", "miss", "staff", "charge", "student", "midwife", "physio", "consultant", "the", "our"),
    )
)


def plain(text: str) -> str:
    """Lower case, without accents and apostrophes, every other sign a space: what is compared."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_BASE))
    return _BETWEEN.sub(" ", "".join(c for c in letters if not unicodedata.combining(c))).strip()


def name_tokens(text: str) -> tuple[str, ...]:
    """The names of a plain text without titles: `Sister S. Okafor (RN)` → s, okafor. Never empty where the text is not.

    A comma turns `Okafor, Sarah` round.
    """
    before, comma, after = text.partition(",")
    if comma and len(plain(before).split()) == 1 and plain(after) and not set(plain(after).split()) <= TITLES:
        text = f"{after} {before}"
    tokens = plain(text).split()
    first = next((at for at, token in enumerate(tokens) if token not in TITLES), 0)
    kept = tokens[first:]
    while len(kept) > 1 and kept[-1] in TITLES:
        kept.pop()
    return tuple(kept)


def marks(text: str) -> tuple[str, ...]:
    """The words of a plain text that are told apart by one sign: numbers (without leading zeros) and single letters.

    `ward 07` → 7, `ward 7b` → 7b, `clinic b` → b.
    """
    return tuple(
        word.lstrip("0") or "0"
        for word in text.split()
        if len(word) == 1 or any(character.isdigit() for character in word)
    )


_SKELETON_PAIRS = (("rn", "m"), ("cl", "d"), ("vv", "w"))
_SKELETON = str.maketrans("auvwi10589q", "oonnllosbgg")


def skeleton(plain_text: str) -> str:
    """The text with what handwriting mixes up made the same: a quick first look, the distance is the second."""
    for two, one in _SKELETON_PAIRS:
        plain_text = plain_text.replace(two, one)
    return plain_text.translate(_SKELETON)


FURTHEST_SHIFT = 5  # letters; texts that lie further apart than this are no misreadings of one another


def distance(written: str, read: str) -> float:
    """What turning the one plain text into the other costs: 0 for the same, about 0.5 for a mix-up, 1 for a rare edit.

    Numbers are not known to handwriting: a digit lost or added, or taken for another, is rare.
    """
    if written == read:
        return 0.0
    width = FURTHEST_SHIFT + abs(len(written) - len(read))
    lost, added = [_lost(letter) for letter in written], [_added(letter) for letter in read]
    far = float("inf")
    before: list[float] = []
    above = [0.0]
    for extra in added:
        above.append(above[-1] + extra)
    for i, letter in enumerate(written, start=1):
        row = [far] * (len(read) + 1)
        row[0] = above[0] + lost[i - 1]
        for j in range(max(1, i - width), min(len(read), i + width) + 1):
            seen = read[j - 1]
            best = above[j - 1] + (0.0 if letter == seen else SWAPPED.get((letter, seen), RARE))
            best = min(best, above[j] + lost[i - 1], row[j - 1] + added[j - 1])
            if i > 1 and seen in _READ_FOR_TWO and (cost := REGROUPED.get((written[i - 2 : i], seen))) is not None:
                best = min(best, before[j - 1] + cost)
            if j > 1 and letter in _READ_AS_TWO and (cost := REGROUPED.get((letter, read[j - 2 : j]))) is not None:
                best = min(best, above[j - 2] + cost)
            row[j] = best
        before, above = above, row
    return above[-1]


_READ_FOR_TWO = frozenset(read for written, read in REGROUPED if len(written) == 2)
_READ_AS_TWO = frozenset(written for written, read in REGROUPED if len(read) == 2)


def _lost(letter: str) -> float:
    return SPACE if letter == " " else RARE if letter.isdigit() else LETTER_LOST


def _added(letter: str) -> float:
    return SPACE if letter == " " else RARE if letter.isdigit() else LETTER_ADDED
