"""The likeliest text of a line, by what the recogniser saw and by what English is like.

A CTC prefix beam search (Hannun et al. 2014) over the frames in which anything is in doubt, fused with character
n-grams as it goes and with a lexicon wherever a word ends.
"""

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from scan_ingest.recognisers.ctc import BLANK, SPACE, Frames
from scan_ingest.recognisers.language import CharacterModel, Lexicon, core, plain


@dataclass(frozen=True)
class Weights:
    """How the kinds of evidence are weighed against the recogniser's (whose log probability counts once).

    All in nats. `benchmarks/decoding.py` fits them on one text of a measuring set and reports on the other.
    """

    characters: float = 0.42  # of the log probability of a character after those before it
    name_characters: float = 0.1  # the same inside a word that begins with a capital: names follow no English
    per_character: float = 2.2  # for every character: what the language model takes away for length
    words: float = 0.25  # of the log probability of a word
    per_word: float = 1.5  # for every word: what the lexicon takes away for the number of words
    unknown: float = -21.0  # the log probability of a word that is not in the lexicon
    unknown_name: float = -8.0  # of one that begins with a capital
    sign: float = 1.4  # for a punctuation mark, besides
    capital: float = -2.0  # for a capital that begins a word inside a sentence, unless the lexicon knows it as a name
    capital_inside: float = -3.8  # for a capital after a small letter, or a small letter after two capitals
    small_start: float = -1.5  # for a small letter after a full stop
    small_name: float = -2.6  # for a name that begins with a small letter


@dataclass(frozen=True)
class Search:
    """How wide to look; wider costs time."""

    beam: int = 14
    within: float = 8.0  # nats behind the best; further behind is dropped
    characters: int = 6  # a frame
    at_least: float = 0.003  # probability of a character in a frame, to be tried
    space_at_least: float = 0.0003


BLANK_AT_LEAST = 1e-6  # probability: no text may die for a frame that is sure of one character
IN_NAMES = -2.5  # the usual log probability of a character in a name, so that a name costs as much as another word
CONTEXT = 6  # characters; the n-grams are of 7
MANY = 50_000  # words remembered

SMALL, CAPITAL, SIGN, OTHER = range(4)


def _kind(character: str) -> int:
    if character.isalpha():
        return CAPITAL if character.isupper() else SMALL
    return OTHER if not character or character == SPACE or character.isdigit() else SIGN


class Prefix:
    """A text as far as it is read: one character, and the prefix that it follows."""

    __slots__ = ("before", "character", "context", "follow", "frame", "language", "peak", "word")

    def __init__(
        self, before: "Prefix | None", character: int, context: str, word: str, language: float, frame: int, peak: float
    ) -> None:
        self.before = before
        self.character = character  # its column
        self.context = context  # the last plain characters
        self.word = word  # the word so far, as it would be written
        self.language = language  # all that language and lengths have given
        self.frame = frame  # where the character is seen best
        self.peak = peak  # and its probability there
        self.follow: dict[int, Prefix] = {}


def steps(
    frames: Frames, search: Search, kept: NDArray[np.intp] | None = None
) -> list[tuple[int, float, list[tuple[int, float]]]]:
    """The frames in which something can change: frame, probability of the blank, characters with theirs.

    Frames that say what the one before said with certainty (the same character, or nothing) are left out: they change
    no text's probability.
    """
    p = frames.probabilities
    space = frames.alphabet.index(SPACE)
    seen = p >= search.at_least
    seen[:, space] = p[:, space] >= search.space_at_least
    if kept is not None:
        only = np.flatnonzero(kept >= 0)
        lost = seen[only, space]  # a kept word may still be two that were written close
        seen[only] = False
        seen[only, kept[only]] = True
        seen[only, space] |= lost
    seen[:, BLANK] = False
    rows, columns = np.nonzero(seen)
    values = p[rows, columns].tolist()
    found: list[list[tuple[int, float]]] = [[] for _ in range(len(p))]
    for row, column, value in zip(rows.tolist(), columns.tolist(), values, strict=True):
        found[row].append((column, value))
    result: list[tuple[int, float, list[tuple[int, float]]]] = []
    before: object = BLANK
    for frame, (blank, characters) in enumerate(zip(p[:, BLANK].tolist(), found, strict=True)):
        if len(characters) > search.characters:
            characters = sorted(characters, key=lambda pair: -pair[1])[: search.characters]
        if not characters:
            if before == BLANK:
                continue
            before = BLANK
        elif len(characters) == 1 and blank < search.at_least:
            if before == characters[0][0]:
                continue
            before = characters[0][0]
        else:
            before = None
        result.append((frame, max(blank, BLANK_AT_LEAST), characters))
    return result


@dataclass(frozen=True, eq=False)
class Found:
    """What a search came to: the best texts of the whole line with their scores (nats), the best first; and those that
    were in the running at the frames where the best text then had just ended a word."""

    texts: list[tuple[float, Prefix]]
    at: dict[int, list[tuple[float, Prefix]]]


class Beam:
    """The search over one line; language and weights stay the same from line to line.

    Without language (`characters` and `lexicon` None) only what the recogniser saw counts.
    """

    def __init__(
        self, characters: CharacterModel | None, lexicon: Lexicon | None, weights: Weights, search: Search
    ) -> None:
        self.model, self.lexicon, self.weights, self.search = characters, lexicon, weights, search
        self._of_word: dict[str, float] = {}
        self._alphabet: tuple[str, ...] = ()

    def run(self, frames: Frames, kept: NDArray[np.intp] | None = None) -> "Found":
        """Searches the line; `kept` is for each frame the only column that may be read there, −1 where any may."""
        weights, search = self.weights, self.search
        space = frames.alphabet.index(SPACE)
        if self._alphabet is not frames.alphabet:
            self._alphabet = frames.alphabet
            self._plain = [plain(character) for character in frames.alphabet]
            self._kind = [_kind(character) for character in frames.alphabet]
        if len(self._of_word) > MANY:  # so that a long run stays small
            self._of_word.clear()
        root = Prefix(None, BLANK, SPACE, "", 0.0, 0, 1.0)
        seen_at: dict[int, list[tuple[float, Prefix]]] = {}
        beam: list[tuple[Prefix, float, float, float]] = [(root, 1.0, 0.0, 0.0)]
        for frame, blank, characters in steps(frames, search, kept):
            ends: dict[Prefix, list[float]] = {}
            for prefix, in_blank, in_character, floor in beam:
                both = in_blank + in_character
                entry = ends.get(prefix)
                if entry is None:
                    ends[prefix] = [both * blank, 0.0]
                else:
                    entry[0] += both * blank
                last = prefix.character
                for column, p in characters:
                    if column == last:
                        ends[prefix][1] += in_character * p
                        if p > prefix.peak:
                            prefix.peak, prefix.frame = p, frame
                        gain = in_blank * p
                        if column == space:
                            continue  # two spaces are one
                    else:
                        gain = both * p
                    if gain <= floor:
                        continue  # it would fall out of the beam, whatever language says
                    longer = prefix.follow.get(column)
                    if longer is None:
                        if column == space and prefix is root:
                            continue
                        longer = self._extended(prefix, column, frame, p, column == space)
                    elif p > longer.peak:
                        longer.peak, longer.frame = p, frame
                    entry = ends.get(longer)
                    if entry is None:
                        ends[longer] = [0.0, gain]
                    else:
                        entry[1] += gain
            scored = [(log(b + c) + prefix.language, prefix, b, c) for prefix, (b, c) in ends.items() if b + c > 0.0]
            scored.sort(key=_score, reverse=True)
            top = scored[0][0]
            del scored[search.beam :]
            if scored[0][1].character == space:
                seen_at[frame] = [(score, prefix) for score, prefix, _, _ in scored]
            scale = 1.0 / (scored[0][2] + scored[0][3])
            best = scored[0][1].language - search.within - weights.per_character
            beam = [
                (prefix, b * scale, c * scale, exp(min(best - prefix.language, 0.0)))
                for score, prefix, b, c in scored
                if score >= top - search.within
            ]
        finals = [
            (log(b + c) + prefix.language + (self.of_word(prefix.word) if prefix.word else 0.0), prefix)
            for prefix, b, c, _ in beam
        ]
        finals.sort(key=lambda pair: pair[0], reverse=True)
        return Found(finals, seen_at)

    def _extended(self, prefix: Prefix, column: int, frame: int, p: float, is_space: bool) -> Prefix:
        word = "" if is_space else prefix.word + self._alphabet[column]
        character = self._plain[column]
        language = prefix.language
        if self.model is not None:
            weights = self.weights
            log_p = self.model.log_p(prefix.context, character)
            if prefix.word[:1].isupper() and not is_space:
                language += weights.name_characters * log_p + (weights.characters - weights.name_characters) * IN_NAMES
            else:
                language += weights.characters * log_p
            language += weights.per_character
            language += self.of_word(prefix.word) if is_space else self._of_case(prefix, self._kind[column])
        longer = Prefix(prefix, column, (prefix.context + character)[-CONTEXT:], word, language, frame, p)
        prefix.follow[column] = longer
        return longer

    def _of_case(self, prefix: Prefix, kind: int) -> float:
        weights = self.weights
        if kind == SIGN:
            return weights.sign
        if kind == OTHER:
            return 0.0
        before = prefix.word
        if not before:
            if prefix.before is None:
                return 0.0
            ended = prefix.context[-2:-1] in (".", "!", "?")
            if kind == CAPITAL:
                return 0.0 if ended else weights.capital
            return weights.small_start if ended else 0.0
        last = self._kind[prefix.character]
        if kind == CAPITAL:
            return weights.capital_inside if last == SMALL else 0.0
        return weights.capital_inside if last == CAPITAL and len(before) > 1 and before[-2].isupper() else 0.0

    def of_word(self, word: str) -> float:
        """What the lexicon gives for a word as written."""
        if self.lexicon is None:
            return 0.0
        found = self._of_word.get(word)
        if found is None:
            found = self._of_word[word] = self._weighed_word(word, self.lexicon)
        return found

    def _weighed_word(self, word: str, lexicon: Lexicon) -> float:
        weights = self.weights
        written = core(word)
        parts = [part.removesuffix("'s") for part in "".join(map(plain, written)).split("-") if part]
        if not parts or not parts[-1][-1:].isalpha():
            return 0.0  # numbers and lone signs are the characters' affair
        known = [lexicon.log_p(part) for part in parts]
        total = 0.0
        if len(parts) == 1 and parts[0] in lexicon.names:
            total = -weights.capital if written[0].isupper() else weights.small_name
        for log_p in known:
            unknown = weights.unknown_name if written[0].isupper() else weights.unknown
            total += weights.words * (unknown if log_p is None else max(log_p, unknown)) + weights.per_word
        return total


def _score(entry: tuple[float, Prefix, float, float]) -> float:
    return entry[0]
