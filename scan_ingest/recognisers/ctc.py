"""From a recogniser's probabilities, frame by frame, to characters, words and a line.

Connectionist temporal classification (Graves et al. 2006): every frame is one character or a blank; a character that
stands in several frames in a row is written once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Evidence, Line, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.text import as_kept

BLANK = 0
SPACE = " "


@dataclass(frozen=True, eq=False)
class Frames:
    """What a recogniser saw along one line.

    `probabilities` is T × K, each 0 to 1; a row sums to less than 1 where the recogniser thought of characters outside
    `alphabet` (K characters, the blank first, as ""). `gaps` is T: how wide the stretch without ink around the frame
    is, in heights of the line's text core, 0 where there is ink.

    What is no probability (a recogniser that overflowed) is taken for 0 or 1, whichever is nearer.
    """

    probabilities: NDArray[np.float32]
    alphabet: tuple[str, ...]
    gaps: NDArray[np.float32]

    def __post_init__(self) -> None:
        p = self.probabilities
        if p.size and not (p.min() >= 0.0 and p.max() <= 1.0):  # also where there is a NaN
            object.__setattr__(self, "probabilities", np.nan_to_num(p, nan=0.0, posinf=1.0, neginf=0.0).clip(0.0, 1.0))


@dataclass(frozen=True)
class Character:
    """A decoded character, how sure (0 to 1), and its frames: `first` to before `end`."""

    text: str
    probability: float
    first: int
    end: int


@dataclass(frozen=True)
class WordSeen:
    """A decoded word: its characters, other readings of it, the likeliest first, and what speaks for it."""

    characters: tuple[Character, ...]
    alternatives: tuple[str, ...]
    evidence: Evidence

    @property
    def text(self) -> str:
        return as_kept("".join(character.text for character in self.characters))


Decoder = Callable[[Frames], tuple[WordSeen, ...]]
"""Chooses the words of one line."""


@lru_cache(maxsize=16)  # the decoder asks it of a line, and so does who keeps the raw reading beside the decoded one
def greedy(frames: Frames) -> tuple[Character, ...]:
    """The likeliest character of each frame, repeats and blanks taken out, and spaces put back where they were lost."""
    best = frames.probabilities.argmax(axis=1)
    characters: list[Character] = []
    edges = [*np.flatnonzero(np.diff(best, prepend=-1)), len(best)]
    for first, end in pairwise(edges):
        index = int(best[first])
        if index != BLANK:
            probability = float(frames.probabilities[first:end, index].max())
            characters.append(Character(frames.alphabet[index], min(probability, 1.0), int(first), int(end)))
    return with_lost_spaces(tuple(characters), frames)


# A recogniser trained on print drops the space between words that are written close. A gap this wide, in core heights,
# is a space if the recogniser gave the space at least this probability somewhere in it.
CLEAR_GAP = 0.9
SPACE_AT_LEAST = 0.02


def with_lost_spaces(characters: Sequence[Character], frames: Frames) -> tuple[Character, ...]:
    """The characters, with a space between two of them where the ink has a clear gap that the recogniser half saw."""
    if SPACE not in frames.alphabet:
        return tuple(characters)
    of_space = frames.probabilities[:, frames.alphabet.index(SPACE)]
    result: list[Character] = []
    for character in characters:
        if result and SPACE not in (character.text, result[-1].text):
            between = slice(result[-1].first, character.end)
            likely = float(of_space[between].max())
            if frames.gaps[between].max() >= CLEAR_GAP and likely >= SPACE_AT_LEAST:
                result.append(Character(SPACE, min(likely, 1.0), result[-1].end, max(character.first, result[-1].end)))
        result.append(character)
    return tuple(result)


# Above this much of a frame's probability, the recogniser means a character outside the alphabet; a line with more than
# this share of such frames among those with ink is in another script.
ELSEWHERE = 0.5
FOREIGN_SHARE = 0.3
AROUND_FRAMES = 3  # about the width of a letter to either side


def outside(frames: Frames) -> NDArray[np.float32]:
    """For each frame, the probability (0 to 1) of characters outside the alphabet."""
    rest: NDArray[np.float32] = 1.0 - frames.probabilities.sum(axis=1)
    return np.clip(rest, 0.0, 1.0)


def outside_by_frame(frames: Frames) -> NDArray[np.float32]:
    """For each frame, what of its ink is outside the alphabet (0 to 1): the mean over the frames with ink around it.

    In a line of another script no frame is less than the line's own share: its Latin letters are look-alikes.
    """
    elsewhere = outside(frames)
    inked = (elsewhere > ELSEWHERE) | (frames.probabilities[:, BLANK] < ELSEWHERE)
    window = np.ones(2 * AROUND_FRAMES + 1)
    ink = np.convolve(inked, window, mode="same")[: len(inked)]
    share = np.convolve(elsewhere * inked, window, mode="same")[: len(inked)] / np.maximum(ink, 1.0)
    whole = float((elsewhere > ELSEWHERE).sum() / max(int(inked.sum()), 1))
    least: NDArray[np.float32] = np.maximum(share, whole if whole > FOREIGN_SHARE else 0.0).astype(np.float32)
    return least


@lru_cache(maxsize=16)
def in_latin(frames: Frames) -> Frames:
    """The frames; of a line in another script only what is Latin, its other characters taken for blanks.

    On lines of English a few frames look like something else too, and the best Latin character there is mostly right.
    """
    elsewhere = outside(frames) > ELSEWHERE
    inked = elsewhere | (frames.probabilities[:, BLANK] < ELSEWHERE)
    if elsewhere.sum() <= FOREIGN_SHARE * inked.sum():
        return frames
    probabilities = frames.probabilities.copy()
    probabilities[elsewhere] = 0.0
    probabilities[elsewhere, BLANK] = 1.0 - ELSEWHERE  # the rest stays outside, for whoever asks how much was
    return Frames(probabilities, frames.alphabet, frames.gaps)


def as_line(words: Sequence[WordSeen], raw: Sequence[Character], frames: Frames, box_mm: BoxMm) -> Line | None:
    """The line these words make in that box; None where there are none.

    A word's confidence is the mean of its characters' probabilities times its posterior, less what is outside the
    alphabet; a line's is the mean over its words by their length.
    """
    told = _beside_another_script([word for word in words if word.text], frames)
    made = tuple(_word(word, len(frames.probabilities), box_mm) for word in told)
    if not made:
        return None
    return Line(
        text=" ".join(word.text for word in made),
        raw=text_of(raw),
        confidence=float(np.average([word.confidence for word in made], weights=[len(word.text) for word in made])),
        box_mm=box_mm,
        words=made,
    )


def _beside_another_script(words: Sequence[WordSeen], frames: Frames) -> list[WordSeen]:
    """The words; those nearest to a character of another script that belongs to none of them are doubted for it: a
    name in Chinese between two words of English leaves no other trace. English alone has no such frames."""
    told = list(words)
    places = [(word.characters[0].first - 1, word.characters[-1].end) for word in words]
    for frame in np.flatnonzero(outside(frames) > ELSEWHERE).tolist():
        off = [max(first - frame, frame - last, 0) for first, last in places]
        if off and min(off) > 0:
            nearest = off.index(min(off))
            told[nearest] = replace(told[nearest], evidence=replace(told[nearest].evidence, outside=1.0))
    return told


def _word(word: WordSeen, frame_count: int, box_mm: BoxMm) -> Word:
    first, end = word.characters[0].first, word.characters[-1].end
    left = box_mm.x + box_mm.width * first / frame_count
    right = box_mm.x + box_mm.width * max(end, first + 1) / frame_count  # a word is one frame wide at least
    seen = float(np.mean([character.probability for character in word.characters]))
    confidence = seen * word.evidence.posterior * (1.0 - word.evidence.outside)
    box = BoxMm(left, box_mm.y, right - left, box_mm.height)
    return Word(word.text, min(max(confidence, 0.0), 1.0), box, alternatives=word.alternatives, evidence=word.evidence)


def text_of(characters: Sequence[Character]) -> str:
    """The characters as text, single spaces between words."""
    return as_kept(" ".join("".join(character.text for character in characters).split()))


def words_of(characters: Sequence[Character]) -> list[tuple[Character, ...]]:
    """The characters between spaces, word by word."""
    words: list[tuple[Character, ...]] = []
    start = 0
    for end in range(len(characters) + 1):
        if end < len(characters) and characters[end].text != SPACE:
            continue
        if end > start:
            words.append(tuple(characters[start:end]))
        start = end + 1
    return words
