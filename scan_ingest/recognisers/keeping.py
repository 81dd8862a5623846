"""Words that are taken as the recogniser read them: no model of English knows a name, a ward or a number better."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scan_ingest.recognisers.ctc import Character, Frames, words_of
from scan_ingest.recognisers.language import Lexicon, core, plain


@dataclass(frozen=True)
class Keeping:
    """From when on the recogniser's word is taken as read, and no other is looked for."""

    digits: float = 0.3  # mean probability of a word that is mostly digits
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
