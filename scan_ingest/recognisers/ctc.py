"""From a recogniser's probabilities, frame by frame, to characters, words and a line.

Connectionist temporal classification (Graves et al. 2006): every frame is one character or a blank; a character that
stands in several frames in a row is written once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Line, Word
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
    """

    probabilities: NDArray[np.float32]
    alphabet: tuple[str, ...]
    gaps: NDArray[np.float32]


@dataclass(frozen=True)
class Character:
    """A decoded character, how sure (0 to 1), and its frames: `first` to before `end`."""

    text: str
    probability: float
    first: int
    end: int


Decoder = Callable[[Frames], tuple[Character, ...]]
"""Chooses the characters of one line; a language model would sit in here."""


def greedy(frames: Frames) -> tuple[Character, ...]:
    """The likeliest character of each frame, repeats and blanks taken out, and spaces put back where they were lost."""
    best = frames.probabilities.argmax(axis=1)
    characters: list[Character] = []
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    for first, end in zip(starts, [*starts[1:], len(best)], strict=True):
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


def as_line(characters: Sequence[Character], raw: Sequence[Character], frame_count: int, box_mm: BoxMm) -> Line | None:
    """The line these characters make in that box; None where there are none.

    A word's confidence is the mean of its characters' probabilities, a line's that of all of them but the spaces.
    """
    words = tuple(_words(characters, frame_count, box_mm))
    if not words:
        return None
    letters = [character.probability for character in characters if character.text != SPACE]
    return Line(
        text=" ".join(word.text for word in words),
        raw=_text(raw),
        confidence=float(np.mean(letters)),
        box_mm=box_mm,
        words=words,
    )


def _text(characters: Sequence[Character]) -> str:
    return as_kept(" ".join("".join(character.text for character in characters).split()))


def _words(characters: Sequence[Character], frame_count: int, box_mm: BoxMm) -> list[Word]:
    words: list[Word] = []
    start = 0
    for end in range(len(characters) + 1):
        if end < len(characters) and characters[end].text != SPACE:
            continue
        part = characters[start:end]
        start = end + 1
        if text := _text(part):
            left = box_mm.x + box_mm.width * part[0].first / frame_count
            right = box_mm.x + box_mm.width * part[-1].end / frame_count
            confidence = float(np.mean([character.probability for character in part]))
            words.append(Word(text, confidence, BoxMm(left, box_mm.y, right - left, box_mm.height)))
    return words
