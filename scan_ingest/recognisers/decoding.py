"""The decoders: as seen, for names and numbers; with a model of English, for answers. Both tell what else it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Evidence
from scan_ingest.domain.text import as_kept
from scan_ingest.recognisers.beam import CONTEXT, Beam, Prefix, Search, Weights
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
from scan_ingest.recognisers.keeping import Keeping, kept
from scan_ingest.recognisers.language import CharacterModel, Lexicon, core, english, plain

ALTERNATIVES = 4
NEAR = 2  # frames (of 8 pixels' width) by which two readings of one word may differ in where they begin
AS_SEEN = Search(beam=10, within=6.0, at_least=0.01)  # without language: only near the recogniser's own path


def make_decoder(
    extra_words: Mapping[str, int] | None = None, weights: Weights | None = None, search: Search | None = None
) -> Decoder:
    """The decoder of answers: loads the shipped table (0.3 s), so made once in each worker.

    `extra_words` are a site's own, each with how often it comes in a million words of answers.
    """
    characters, lexicon = english()
    if extra_words:
        lexicon = lexicon.with_words(extra_words)
    language = _Language(characters, lexicon, Keeping())
    beam = Beam(characters, lexicon, weights or Weights(), search or Search())
    return lambda frames: language.decoded(frames, beam)


def as_seen() -> Decoder:
    """The decoder of names, wards, roles, numbers and dates: the recogniser's own text and lost spaces, nothing else.

    What language would say of a word is not asked; other readings come from the recogniser's probabilities alone.
    """
    beam = Beam(None, None, Weights(), AS_SEEN)

    def decode(frames: Frames) -> tuple[WordSeen, ...]:
        latin = in_latin(frames)
        raw = greedy(latin)
        if not raw:
            return ()
        readings = _readings(beam.run(latin).texts, frames.alphabet)
        elsewhere = outside_by_frame(frames)
        return tuple(_as_seen(word, readings, elsewhere) for word in words_of(raw))

    return decode


def _as_seen(
    word: tuple[Character, ...], readings: "Sequence[tuple[float, list[_Spoken]]]", elsewhere: NDArray[np.float32]
) -> WordSeen:
    text = as_kept("".join(character.text for character in word))
    shares = _shares(readings, word[0].first, word[-1].end)
    known = [character.probability for character in word]
    evidence = Evidence(
        raw_mean=float(np.mean(known)),
        raw_lowest=min(known),
        posterior=min(round(shares.get(text, 0.0), 6), 1.0) if shares else 1.0,
        agrees=True,
        language=0.0,
        known=False,
        length=len(text),
        outside=float(elsewhere[word[0].first : word[-1].end].mean()),
    )
    return WordSeen(word, _others(shares, text), evidence)


@dataclass(frozen=True)
class _Spoken:
    """A word on one path of the search."""

    text: str
    characters: tuple[Character, ...]


@dataclass(frozen=True, eq=False)
class _Language:
    """English, and what is never put into it."""

    characters: CharacterModel
    lexicon: Lexicon
    keeping: Keeping

    def decoded(self, frames: Frames, beam: Beam) -> tuple[WordSeen, ...]:
        latin = in_latin(frames)
        raw = greedy(latin)
        if not raw:
            return ()
        found = beam.run(latin, kept(raw, latin, self.lexicon, self.keeping))
        path = _path(found.texts[0][1])
        words = words_of(_characters(path, frames.alphabet))
        ends = _ends(path, frames.alphabet)
        elsewhere = outside_by_frame(frames)
        finals = _readings(found.texts, frames.alphabet)
        result: list[WordSeen] = []
        before = SPACE
        for index, word in enumerate(words):
            running = found.at.get(ends[index]) if index < len(ends) else None
            readings = finals if running is None else _readings(running, frames.alphabet)
            result.append(self._seen(word, raw, readings, before, elsewhere))
            before += "".join(plain(character.text) for character in word) + SPACE
        return tuple(result)

    def _seen(
        self,
        word: tuple[Character, ...],
        raw: Sequence[Character],
        readings: Sequence[tuple[float, list[_Spoken]]],
        before: str,
        elsewhere: NDArray[np.float32],
    ) -> WordSeen:
        first, end = word[0].first, word[-1].end
        text = as_kept("".join(character.text for character in word))
        under = [character for character in raw if character.first < end and character.end > first]
        own = [character.probability for character in under if character.text != SPACE]
        shares = _shares(readings, first, end)
        bare = "".join(map(plain, text))
        told = sum(
            self.characters.log_p((before + bare[:at])[-CONTEXT:], character) for at, character in enumerate(bare)
        )
        evidence = Evidence(
            raw_mean=float(np.mean(own)) if own else 0.0,
            raw_lowest=min(own, default=0.0),
            posterior=min(round(shares.get(text, 0.0), 6), 1.0) if shares else 1.0,
            agrees=text_of(under) == text,
            language=told / len(bare),
            known=self.lexicon.log_p(core(bare).removesuffix("'s")) is not None,
            length=len(text),
            outside=float(elsewhere[first:end].mean()),
        )
        return WordSeen(word, _others(shares, text), evidence)


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


def _readings(texts: Sequence[tuple[float, Prefix]], alphabet: tuple[str, ...]) -> list[tuple[float, list[_Spoken]]]:
    """Texts with their shares of probability, as words."""
    best = texts[0][0]
    weights = [exp(score - best) for score, _ in texts]
    total = sum(weights)
    return [
        (weight / total, [_spoken(word) for word in words_of(_characters(_path(prefix), alphabet))])
        for weight, (_, prefix) in zip(weights, texts, strict=True)
    ]


def _spoken(word: tuple[Character, ...]) -> _Spoken:
    return _Spoken(as_kept("".join(character.text for character in word)), word)


def _shares(readings: Sequence[tuple[float, list[_Spoken]]], first: int, end: int) -> dict[str, float]:
    """How the readings share what stands between two frames, as whole words there."""
    shares: dict[str, float] = {}
    for share, words in readings:
        there = [w.text for w in words if w.characters[0].first < end and w.characters[-1].end > first]
        text = " ".join(there)
        shares[text] = shares.get(text, 0.0) + share
    return shares


def _others(shares: Mapping[str, float], text: str) -> tuple[str, ...]:
    ordered = sorted(shares, key=lambda other: (-shares[other], other))
    return tuple(other for other in ordered if other != text and other and SPACE not in other)[:ALTERNATIVES]
