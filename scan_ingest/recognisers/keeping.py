"""Words that are taken as the recogniser read them: no model of English knows a name, a ward or a number better."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scan_ingest.recognisers.capitals import is_block
from scan_ingest.recognisers.ctc import BLANK, SPACE, Character, Frames, words_of
from scan_ingest.recognisers.language import Lexicon, core, plain


@dataclass(frozen=True)
class Keeping:
    """From when on the recogniser's word is taken as read, and no other is looked for."""

    written: float = 0.5  # mean probability of a number, an address, an abbreviation: held to the letter
    listed: float = 0.5  # of a word with a capital that reads as a name in the site's lists: held too
    space: float = 0.3  # probability of the space beside them: held too
    digits: float = 0.3  # mean probability of another word that is mostly digits
    name: float = 0.79  # lowest probability in a word with a capital that the lexicon does not know
    odd: float = 0.998  # of another word that it does not know; the recogniser is often too sure of non-words
    known: float = 0.97  # of a word that it knows: it would stay anyway, and need not be searched


def kept(characters: Sequence[Character], frames: Frames, lexicon: Lexicon, keeping: Keeping) -> NDArray[np.intp]:
    """For every frame the only column that may be read there, −1 where any may."""
    result = np.full(len(frames.probabilities), -1, dtype=np.intp)
    best = frames.probabilities.argmax(axis=1)
    for part in words_of(characters):
        if _is_kept(part, lexicon, keeping):
            result[part[0].first : part[-1].end] = best[part[0].first : part[-1].end]
    return result


def _is_kept(part: Sequence[Character], lexicon: Lexicon, keeping: Keeping) -> bool:
    word = "".join(character.text for character in part)
    lowest = min(character.probability for character in part)
    written = core(word)
    if not written:
        return False  # signs alone: it takes a comma for a full stop and back
    if 2 * sum(map(str.isdigit, written)) >= len(written):
        return sum(character.probability for character in part) / len(part) >= keeping.digits
    known = lexicon.log_p("".join(map(plain, written)).removesuffix("'s")) is not None
    if known:
        return lowest >= keeping.known
    return lowest >= (keeping.name if written[0].isupper() else keeping.odd)


NUMBERED = re.compile(r"[A-Z]{0,4}\d+[A-Z]{0,3}")
"""Wards, beds and postcodes: B12, 7B, LL57."""
TITLES = frozenset({"Mr", "Mrs", "Ms", "Miss", "Dr", "Prof", "Sr"})
LONGEST_ABBREVIATION = 5
SHORTEST_NAME = 3


@dataclass(frozen=True, eq=False)
class Held:
    """The frames of a line in which what is held can only be read as it stands, and for each frame the probability (0
    to 1) that what is held there was seen right: that of all its characters together, 1 elsewhere."""

    frames: Frames
    chance: NDArray[np.float64]

    def share(self, first: int, end: int) -> float:
        """Of the word that stands in those frames."""
        return float(self.chance[first : max(end, first + 1)].min(initial=1.0))


def held(characters: Sequence[Character], frames: Frames, keeping: Keeping, names: Collection[str] = ()) -> Held:
    """Holds numbers, dates, times, postcodes, mail addresses, abbreviations (NHS, A&E), titles, initials, names of two
    parts (O'Brien), and `names` that were read letter for letter: a search that weighs them with language drops
    figures, glues them together, or makes words.

    Signs at a word's ends are left to the search, and so is a space that the recogniser hardly saw.
    """
    line = "".join(character.text for character in characters)
    block = is_block(line)
    chance = np.ones(len(frames.probabilities))
    table = frames.probabilities.copy()
    for start, end in _words(characters):
        word = line[start:end]
        bare = core(word)
        begins = start + word.find(bare)
        part = characters[begins : begins + len(bare)]
        if not part or not _is_held(part, names, keeping, block=block):
            continue
        first, last = part[0].first, part[-1].end
        _only(table, range(first, last), BLANK)
        for character in part:
            _only(table, range(character.first, character.end), frames.alphabet.index(character.text))
        for beside, neighbour in ((start - 1, line[:start].split()[-1:]), (end, line[end:].split()[:1])):
            if not neighbour or not core(neighbour[0]):
                continue  # the line ends there, or a lone sign, which may belong to the word
            space = characters[beside]
            if space.end > space.first and space.probability >= keeping.space:
                column = frames.alphabet.index(SPACE)
                at = space.first + int(table[space.first : space.end, column].argmax())
                _only(table, range(at, at + 1), column)
        chance[first:last] = np.prod([character.probability for character in part])
    return Held(Frames(table, frames.alphabet, frames.gaps), chance)


def _words(characters: Sequence[Character]) -> Iterator[tuple[int, int]]:
    """Where the words between spaces begin and end."""
    start = 0
    for end in range(len(characters) + 1):
        if end == len(characters) or characters[end].text == SPACE:
            if end > start:
                yield start, end
            start = end + 1


def _only(table: NDArray[np.float32], rows: range, column: int) -> None:
    table[rows.start : rows.stop] = 0.0
    table[rows.start : rows.stop, column] = 1.0


def _is_held(part: Sequence[Character], names: Collection[str], keeping: Keeping, *, block: bool) -> bool:
    word = "".join(character.text for character in part)
    mean = sum(character.probability for character in part) / len(part)
    if len(word) >= SHORTEST_NAME and word[0].isupper() and word in names and not block:
        return mean >= keeping.listed
    digits = sum(map(str.isdigit, word))
    is_number = 2 * digits >= len(word) or bool(NUMBERED.fullmatch(word))
    is_abbreviation = 2 <= len(word) <= LONGEST_ABBREVIATION and word.isupper()
    named = not block and (is_abbreviation or word in TITLES or _is_of_names(word) or _is_of_a_ward(word))
    return (is_number or "@" in word or named) and mean >= keeping.written


def _is_of_names(word: str) -> bool:
    """O'Brien, Okonkwo-Hughes: a capital before the sign and behind it."""
    parts = re.split("['’-]", word)
    return len(parts) > 1 and all(part[:1].isupper() for part in parts) and len(parts[-1]) >= SHORTEST_NAME


def _is_of_a_ward(word: str) -> bool:
    """A letter by itself, as in Cherwell B or J. P. Smythe; I and A are words."""
    return len(word) == 1 and word.isupper() and word not in "IA"
