"""The likeliest text of a line, by what the recogniser saw and by what English is like.

A CTC prefix beam search (Hannun et al. 2014) over the frames in which anything is in doubt, fused with character
n-grams as it goes and with a lexicon wherever a word ends.
"""

from dataclasses import dataclass, field
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from scan_ingest.recognisers.capitals import ENDS, CaseWeights
from scan_ingest.recognisers.ctc import BLANK, SPACE, Frames
from scan_ingest.recognisers.language import CharacterModel, Context, Lexicon, core, plain


@dataclass(frozen=True)
class Weights:
    """How the kinds of evidence are weighed against the recogniser's (whose log probability counts once).

    All in nats. `benchmarks/decoding.py` fits them on one text of a measuring set and reports on the other.
    """

    # Of the log probability of what the recogniser saw in a frame: frames side by side see the same strokes, and each
    # is surer than it should be.
    seen: float = 0.85
    characters: float = 0.38  # of the log probability of a character after those before it
    # The same inside a word that begins with a capital. Not fitted: names follow no English, and what a text would gain
    # by more is lost on colleagues' names.
    name_characters: float = 0.1
    per_character: float = 2.0  # for every character: what the language model takes away for length
    words: float = 0.18  # of the log probability of a word
    per_word: float = 1.2  # for every word: what the lexicon takes away for the number of words
    unknown: float = -20.0  # the log probability of a word that is not in the lexicon
    unknown_name: float = -7.0  # of one that was seen to begin with a capital
    pairs: float = 0.4  # of how much likelier a word is after the one before it
    sign: float = 0.6  # for a punctuation mark, besides
    case: CaseWeights = field(default_factory=CaseWeights)


@dataclass(frozen=True)
class Search:
    """How wide to look; wider costs time."""

    beam: int = 14
    within: float = 8.0  # nats behind the best; further behind is dropped
    characters: int = 6  # a frame
    at_least: float = 0.001  # probability of a character in a frame, to be tried
    space_at_least: float = 0.0003


BLANK_AT_LEAST = 1e-6  # probability: no text may die for a frame that is sure of one character
IN_NAMES = -2.5  # the usual log probability of a character in a name, so that a name costs as much as another word
MANY = 50_000  # words remembered


def _is_sign(character: str) -> bool:
    return bool(character) and character != SPACE and not character.isalnum()


class Prefix:
    """A text as far as it is read: one character, and the prefix that it follows."""

    __slots__ = ("before", "character", "context", "follow", "frame", "language", "named", "peak", "previous", "word")

    def __init__(
        self,
        before: "Prefix | None",
        character: int,
        context: Context | None,
        word: str,
        named: bool,
        previous: str,
        language: float,
        frame: int,
        peak: float,
    ) -> None:
        self.before = before
        self.character = character  # its column
        self.context = context  # of the model of characters
        self.word = word  # the word so far
        self.named = named  # whether it began with a capital, as far as was seen
        self.previous = previous  # the word before, plain
        self.language = language  # all that language and lengths have given
        self.frame = frame  # where the character is seen best
        self.peak = peak  # and its probability there
        self.follow: dict[int, Prefix] = {}


def steps(
    frames: Frames, search: Search, kept: NDArray[np.intp] | None = None, weight: float = 1.0
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
    values = (p[rows, columns] ** weight).tolist()
    found: list[list[tuple[int, float]]] = [[] for _ in range(len(p))]
    for row, column, value in zip(rows.tolist(), columns.tolist(), values, strict=True):
        found[row].append((column, value))
    result: list[tuple[int, float, list[tuple[int, float]]]] = []
    before: object = BLANK
    for frame, (blank, characters) in enumerate(zip((p[:, BLANK] ** weight).tolist(), found, strict=True)):
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
        self._of_word: dict[tuple[str, bool, str], float] = {}
        self._alphabet: tuple[str, ...] = ()
        self._of_names = (weights.characters - weights.name_characters) * IN_NAMES

    def run(
        self, frames: Frames, kept: NDArray[np.intp] | None = None, capital: NDArray[np.bool_] | None = None
    ) -> "Found":
        """Searches the line; `kept` is for each frame the only column that may be read there, −1 where any may;
        `capital` for each frame whether its likeliest letter is one.
        """
        weights, search = self.weights, self.search
        space = frames.alphabet.index(SPACE)
        if self._alphabet is not frames.alphabet:
            self._alphabet = frames.alphabet
            self._plain = [plain(character) for character in frames.alphabet]
            self._sign = [self.weights.sign if _is_sign(character) else 0.0 for character in frames.alphabet]
        if len(self._of_word) > MANY:  # so that a long run stays small
            self._of_word.clear()
        start = self.model.beginning() if self.model is not None else None
        root = Prefix(None, BLANK, start, "", False, "", 0.0, 0, 1.0)
        capitals = [False] * len(frames.probabilities) if capital is None else capital.tolist()
        seen_at: dict[int, list[tuple[float, Prefix]]] = {}
        beam: list[tuple[Prefix, float, float, float]] = [(root, 1.0, 0.0, 0.0)]
        for frame, blank, characters in steps(frames, search, kept, weights.seen):
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
                        longer = self._extended(prefix, column, frame, p, column == space, capitals[frame])
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
            (
                log(b + c)
                + prefix.language
                + (self.of_word(prefix.word, prefix.named, prefix.previous) if prefix.word else 0.0),
                prefix,
            )
            for prefix, b, c, _ in beam
        ]
        finals.sort(key=lambda pair: pair[0], reverse=True)
        return Found(finals, seen_at)

    def _extended(self, prefix: Prefix, column: int, frame: int, p: float, is_space: bool, is_capital: bool) -> Prefix:
        word, named, previous = "", False, prefix.previous
        if not is_space:
            word = prefix.word + self._alphabet[column]
            named = prefix.named if prefix.word else is_capital
        language, context = prefix.language, prefix.context
        if self.model is not None and context is not None:
            weights = self.weights
            log_p, context = self.model.step(context, self._plain[column])
            if prefix.named and not is_space:
                language += weights.name_characters * log_p + self._of_names
            else:
                language += weights.characters * log_p
            language += weights.per_character + self._sign[column]
            if is_space:
                language += self.of_word(prefix.word, prefix.named, previous)
                previous = "" if prefix.word[-1] in ENDS else _bare(prefix.word)
        longer = Prefix(prefix, column, context, word, named, previous, language, frame, p)
        prefix.follow[column] = longer
        return longer

    def of_word(self, word: str, named: bool, previous: str) -> float:
        """What the lexicon gives for a word; `named` is whether it begins with a capital, `previous` the one before."""
        if self.lexicon is None:
            return 0.0
        found = self._of_word.get((word, named, previous))
        if found is None:
            gain = self.weights.pairs * self.lexicon.gain(previous, _bare(word)) if previous else 0.0
            found = self._of_word[word, named, previous] = self._weighed_word(word, named, self.lexicon) + gain
        return found

    def _weighed_word(self, word: str, named: bool, lexicon: Lexicon) -> float:
        weights = self.weights
        written = core(word)
        parts = [part.removesuffix("'s") for part in "".join(map(plain, written)).split("-") if part]
        if not parts or not parts[-1][-1:].isalpha():
            return 0.0  # numbers and lone signs are the characters' affair
        unknown = weights.unknown_name if named else weights.unknown
        total = 0.0
        for part in parts:
            log_p = lexicon.log_p(part)
            total += weights.words * (unknown if log_p is None else max(log_p, unknown)) + weights.per_word
        return total


def _bare(word: str) -> str:
    """As the lexicon knows it."""
    return "".join(map(plain, core(word)))


def _score(entry: tuple[float, Prefix, float, float]) -> float:
    return entry[0]
