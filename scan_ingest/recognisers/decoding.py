"""The decoders: as seen, for names and numbers; with a model of English, for answers. Both tell what else it may be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import exp, inf

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Evidence
from scan_ingest.domain.text import as_kept
from scan_ingest.recognisers.beam import Beam, Prefix, Search, Weights
from scan_ingest.recognisers.capitals import Capitals, Written, folding, surely_capital
from scan_ingest.recognisers.ctc import (
    SPACE,
    Character,
    Decoder,
    Frames,
    WordSeen,
    greedy,
    in_latin,
    outside_by_frame,
    text_of,
    words_of,
)
from scan_ingest.recognisers.keeping import Keeping, held, kept
from scan_ingest.recognisers.language import CharacterModel, Context, Lexicon, core, english, plain
from scan_ingest.recognisers.vocabulary import Vocabulary, known_words

ALTERNATIVES = 4
LEAST_SHARE = 0.001  # of a word that the search did not keep: unlikely, not impossible
OF_UNKNOWN = -16.0  # natural logarithm of the probability of a word that the lexicon does not have
AS_SEEN = Search(beam=10, within=6.0, at_least=0.01)  # without language: only near the recogniser's own path


def make_decoder(
    extra_words: Mapping[str, int] | None = None,
    weights: Weights | None = None,
    search: Search | None = None,
    names: Collection[str] = frozenset(),
) -> Decoder:
    """The decoder of answers: loads the shipped table (0.3 s), so made once in each worker.

    `extra_words` are a site's own, each with how often it comes in a million words of answers; `names` stand in its
    lists, and are never made into something else where they were read as they stand there.
    """
    characters, lexicon = english()
    if extra_words:
        lexicon = lexicon.with_words(extra_words)
    language = _Language(characters, lexicon, Keeping(), Capitals(lexicon, (weights or Weights()).case), names)
    beam = Beam(characters, lexicon, weights or Weights(), search or Search())
    return lambda frames: language.decoded(frames, beam)


def as_seen(vocabulary: Vocabulary | None = None) -> Decoder:
    """The decoder of names, wards, roles, numbers and dates: the recogniser's own text and lost spaces, nothing else.

    What language would say of a word is not asked; other readings come from the recogniser's probabilities alone.
    `vocabulary` tells whether a word is known to be spelled so, which raises no doubt; no text becomes another by it.
    """
    return _SeenAlone(vocabulary or known_words(), None)


def in_another_language() -> Decoder:
    """The decoder of what in an answer is not English: as seen, too. How little like English each word is stands in its
    evidence, by which an answer's words are doubted."""
    return _SeenAlone(known_words(), english()[0])


@dataclass(frozen=True, eq=False)
class _SeenAlone:
    """Decodes without language; `characters` may say how likely the words are in it."""

    vocabulary: Vocabulary
    characters: CharacterModel | None
    beam: Beam = field(default_factory=lambda: Beam(None, None, Weights(), AS_SEEN))

    def __call__(self, frames: Frames) -> tuple[WordSeen, ...]:
        latin = in_latin(frames)
        raw = greedy(latin)
        if not raw:
            return ()
        readings = _weighed(self.beam.run(latin).texts)
        elsewhere = outside_by_frame(frames)
        seen = words_of(raw)
        told = _told(self.characters, seen) if self.characters else [0.0] * len(seen)
        return tuple(
            self._word(word, _shares(readings, frames.alphabet, room), elsewhere, language)
            for word, room, language in zip(seen, _rooms(seen), told, strict=True)
        )

    def _word(
        self,
        word: tuple[Character, ...],
        shares: Mapping[str, float],
        elsewhere: NDArray[np.float32],
        language: float,
    ) -> WordSeen:
        text = as_kept("".join(character.text for character in word))
        known = [character.probability for character in word]
        evidence = Evidence(
            raw_mean=float(np.mean(known)),
            raw_lowest=min(known),
            posterior=min(round(max(shares.get(text, 0.0), LEAST_SHARE), 6), 1.0) if shares else 1.0,
            agrees=True,
            language=language,
            known=self.vocabulary.knows(text),
            length=len(text),
            outside=float(elsewhere[word[0].first : word[-1].end].mean()),
            nearly_known=self.vocabulary.nearly(text),
        )
        return WordSeen(word, _others(shares, text), evidence)


def _told(characters: CharacterModel, words: Sequence[Sequence[Character]]) -> list[float]:
    """For each word the mean log probability of its characters after what stands before them."""
    context, told = characters.beginning(), []
    for word in words:
        language, context = _told_of(characters, word, context)
        told.append(language)
    return told


def _told_of(characters: CharacterModel, word: Sequence[Character], context: Context) -> tuple[float, Context]:
    """The mean log probability of the word's characters, and the context after it."""
    total = 0.0
    for character in word:
        log_p, context = characters.step(context, plain(character.text))
        total += log_p
    return total / len(word), characters.step(context, SPACE)[1]


@dataclass(frozen=True, eq=False)
class _Language:
    """English, and what is never put into it."""

    characters: CharacterModel
    lexicon: Lexicon
    keeping: Keeping
    capitals: Capitals
    names: Collection[str]

    def decoded(self, frames: Frames, beam: Beam) -> tuple[WordSeen, ...]:
        latin = in_latin(frames)
        raw = greedy(latin)
        if not raw:
            return ()
        fold = folding(latin.alphabet)
        hold = held(raw, latin, self.keeping, self.names)
        folded = fold.folded(hold.frames)
        capital = surely_capital(hold.frames, raw)
        only = kept(raw, latin, self.lexicon, self.keeping)
        found = beam.run(folded, np.where(only >= 0, fold.into[only], -1), capital)
        path = _path(found.texts[0][1])
        words = words_of(_characters(path, fold.alphabet))
        ends = _ends(path, fold.alphabet)
        elsewhere = outside_by_frame(frames)
        written = self.capitals.of_line(words, hold.frames)
        result: list[WordSeen] = []
        context = self.characters.beginning()
        for index, (word, room) in enumerate(zip(words, _rooms(words), strict=True)):
            chosen = _between(found.texts[0][1], fold.alphabet, room)
            shares = _shares(_weighed(found.at.get(ends[index], ())) if index < len(ends) else (), fold.alphabet, room)
            if chosen not in shares:  # what came after it changed it
                shares = _shares(_weighed(found.texts), fold.alphabet, room)
            share = shares.pop(chosen) * written[index].share * hold.share(word[0].first, word[-1].end)
            told, context = _told_of(self.characters, word, context)
            result.append(self._seen(word, written[index], raw, share, shares, told, elsewhere))
        return self._beside(result)

    def _beside(self, words: Sequence[WordSeen]) -> tuple[WordSeen, ...]:
        """The words with what those beside them say of each."""
        texts = ["", *(_bare(word.text) for word in words), ""]
        follows = [self.lexicon.gain(before, text) for before, text in pairwise(texts)]
        joins = [self._joins(before, text) for before, text in pairwise(texts)]
        return tuple(
            replace(
                word,
                evidence=replace(
                    word.evidence, follows=follows[at], leads=follows[at + 1], joins=max(joins[at], joins[at + 1])
                ),
            )
            for at, word in enumerate(words)
        )

    def _joins(self, one: str, other: str) -> float:
        together = self.lexicon.log_p(one + other) if one and other else None
        if together is None:
            return 0.0
        apart = sum(self._log_p(word) for word in (one, other)) + self.lexicon.gain(one, other)
        return max(together - apart, 0.0)

    def _log_p(self, word: str) -> float:
        found = self.lexicon.log_p(word.removesuffix("'s"))
        return OF_UNKNOWN if found is None else found

    def _seen(
        self,
        word: tuple[Character, ...],
        written: Written,
        raw: Sequence[Character],
        share: float,
        rest: Mapping[str, float],
        told: float,
        elsewhere: NDArray[np.float32],
    ) -> WordSeen:
        first, end = word[0].first, word[-1].end
        small = "".join(character.text for character in word)
        text = as_kept("".join(character.text for character in written.characters))
        under = [character for character in raw if character.first < end and character.end > first]
        own = [character.probability for character in under if character.text != SPACE]
        evidence = Evidence(
            raw_mean=float(np.mean(own)) if own else 0.0,
            raw_lowest=min(own, default=0.0),
            posterior=min(round(max(share, LEAST_SHARE), 6), 1.0),
            agrees=text_of(under) == text,
            language=told,
            known=self.lexicon.log_p(_bare(text).removesuffix("'s")) is not None,
            length=len(text),
            outside=float(elsewhere[first:end].mean()),
        )
        others = [*written.others, *(_like(text, other) for other in _others(rest, small))]
        return WordSeen(written.characters, tuple(dict.fromkeys(others))[:ALTERNATIVES], evidence)


def _bare(text: str) -> str:
    """As the lexicon knows a word."""
    return "".join(map(plain, core(text)))


def _like(text: str, other: str) -> str:
    """Another reading with its capitals as in the text."""
    if text.isupper() and len(text) > 1:
        return other.upper()
    return other[:1].upper() + other[1:] if text[:1].isupper() else other


def _path(last: Prefix) -> list[Prefix]:
    """From the first character to the last."""
    path: list[Prefix] = []
    at: Prefix | None = last
    while at is not None and at.before is not None:
        path.append(at)
        at = at.before
    path.reverse()
    return path


def _characters(path: Sequence[Prefix], alphabet: tuple[str, ...]) -> list[Character]:
    """Where each is seen best, but never before the one that it follows: paths that join share their peaks."""
    frames = accumulate((at.frame for at in path), max)
    return [
        Character(alphabet[at.character], min(at.peak, 1.0), frame, frame + 1)
        for at, frame in zip(path, frames, strict=True)
    ]


def _ends(path: Sequence[Prefix], alphabet: tuple[str, ...]) -> list[int]:
    """The frames of the spaces, in order: where the words before them were decided."""
    return [at.frame for at in path if alphabet[at.character] == SPACE]


def _weighed(texts: Sequence[tuple[float, Prefix]]) -> list[tuple[float, Prefix]]:
    """Texts with their shares of probability."""
    best = max((score for score, _ in texts), default=0.0)
    weights = [exp(score - best) for score, _ in texts]
    total = sum(weights)
    return [(weight / total, prefix) for weight, (_, prefix) in zip(weights, texts, strict=True)]


@dataclass(frozen=True)
class _Room:
    """Where a word stands, `first` to before `end`, and what is free around it: from the last character of the word
    before, `after`, to the first of the next, `before`."""

    first: int
    end: int
    after: int
    before: float


def _rooms(words: Sequence[Sequence[Character]]) -> list[_Room]:
    firsts, ends = [word[0].first for word in words], [word[-1].end for word in words]
    lasts = [0, *(end - 1 for end in ends)]
    return [
        _Room(first, end, after, before)
        for first, end, after, before in zip(firsts, ends, lasts, [*firsts[1:], inf], strict=False)
    ]


def _shares(readings: Sequence[tuple[float, Prefix]], alphabet: tuple[str, ...], room: _Room) -> dict[str, float]:
    """How the readings share what stands there, as whole words."""
    shares: dict[str, float] = {}
    for share, prefix in readings:
        text = _between(prefix, alphabet, room)
        shares[text] = shares.get(text, 0.0) + share
    return shares


def _between(last: Prefix, alphabet: tuple[str, ...], room: _Room) -> str:
    """The words of a path that have something there; walked from the end, as far as is needed. A space stands beside
    what is one word with a neighbour: it is no reading of this word alone."""
    found: list[str] = []
    word: list[str] = []
    begins = ends = 0
    at: Prefix | None = last
    while at is not None:
        letter = alphabet[at.character] if at.before is not None else SPACE
        if letter != SPACE:
            if not word:
                ends = at.frame
            begins = at.frame
            word.append(letter)
        elif word:
            if ends < room.first:
                break
            if begins < room.end:
                found.append("".join(reversed(word)) + SPACE * (begins < room.after or ends > room.before))
            word = []
        at = at.before
    return SPACE.join(reversed(found))


def _others(shares: Mapping[str, float], text: str) -> tuple[str, ...]:
    ordered = sorted(shares, key=lambda other: (-shares[other], other))
    return tuple(other for other in ordered if other != text and other and SPACE not in other)[:ALTERNATIVES]
