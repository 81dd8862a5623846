"""Which nominations are worth comparing: those that share something rare, found without comparing all with all.

Of every nomination a sketch is kept: hashes of how its nominee's names sound, of its rare words, and of the usual ones.
An index lists the nominations under a name together with a word, under a rare word, and under a whole text. What is
listed more than `LISTED` times under one thing is not looked up by it, so that the work grows with the number of
nominations and not with its square.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.duplicates import Pair, Proposal
from scan_ingest.matching.compare import Telling, compare, score
from scan_ingest.matching.names import sounds

PROPOSED_ABOVE = 0.25  # about where on the open half as many were wrong as were missed: a person decides
LISTED = 150
LOOKED_AT = 12  # nominations that one is compared with: the most it shares with
SHARED_LEAST = 0.7
NAMES, WORDS = 4, 32  # kept in a sketch: two names by their sound and by how they begin
RARE = 0.5  # weight of a word from which on it is rare
NAMED_RARE, NAMED_USUAL, ALONE, WHOLE = 1.0, 0.3, 0.7, 3.0
"""What it counts to be listed under the same thing: a name with a rare word or a usual one, a rare word, a text."""

Hashes = NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class Sketch:
    """What a nomination is looked up by."""

    names: Hashes
    rare: Hashes
    usual: Hashes

    def to_bytes(self) -> bytes:
        counts = bytes((len(self.names), len(self.rare), len(self.usual)))
        return counts + np.concatenate((self.names, self.rare, self.usual)).astype("<u4").tobytes()

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        names, rare, _ = kept[:3]
        hashes = np.frombuffer(kept, dtype="<u4", offset=3)
        return cls(hashes[:names], hashes[names : names + rare], hashes[names + rare :])


def sketch(telling: Telling) -> Sketch:
    named = [
        code for name in telling.names if len(name) > 1 or name.isdigit() for code in (sounds(name), f"{name[:3]}…")
    ]
    words = sorted(telling.concepts, key=lambda word: (-telling.concepts[word], zlib.crc32(word.encode())))[:WORDS]
    rare = [word for word in words if telling.concepts[word] > RARE]
    usual = [word for word in words if telling.concepts[word] <= RARE]
    return Sketch(*(_hashes(some) for some in (list(dict.fromkeys(named))[:NAMES], rare, usual)))


def _hashes(words: Sequence[str]) -> Hashes:
    return np.array(sorted(zlib.crc32(word.encode()) for word in words), dtype=np.uint32)


class Index:
    """Sketches by what they have in them. Positions are those in the sequence it was made of."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        keys: list[Hashes] = []
        worths: list[NDArray[np.float32]] = []
        for each in sketches:
            listed, worth = _listed_under(each)
            keys.append(listed)
            worths.append(worth)
        # Some hundred keys a nomination: nothing is held that is not needed any more, and places take 32 bits.
        sizes = np.array([len(listed) for listed in keys], dtype=np.int32)
        self._from = np.concatenate(([0], np.cumsum(sizes)))
        self._worth = np.concatenate(worths) if worths else np.zeros(0, dtype=np.float32)
        every = np.concatenate(keys) if keys else np.zeros(0, dtype=np.uint32)
        del keys, worths
        order = np.argsort(every, kind="stable").astype(np.int32)
        every = every[order]
        self._listed = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)[order]
        starts = np.flatnonzero(np.concatenate(([True], every[1:] != every[:-1]))) if len(every) else sizes[:0]
        lengths = np.diff(np.concatenate((starts, [len(every)])))
        # For every place in `every` as it was: where the list of its key starts and how long it is.
        self._start = np.empty(len(every), dtype=np.int32)
        self._length = np.empty(len(every), dtype=np.int32)
        self._start[order] = np.repeat(starts.astype(np.int32), lengths)
        self._length[order] = np.repeat(lengths.astype(np.int32), lengths)

    def near(self, position: int) -> NDArray[np.int32]:
        """The positions that share most with that one, the nearest first."""
        mine = slice(self._from[position], self._from[position + 1])
        starts, lengths, worth = self._start[mine], self._length[mine], self._worth[mine]
        used = (lengths > 1) & (lengths <= LISTED)
        if not used.any():
            return np.zeros(0, dtype=np.int32)
        starts, lengths, worth = starts[used], lengths[used], worth[used]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths)
        others, which = np.unique(self._listed[places], return_inverse=True)
        shared = np.bincount(which, weights=np.repeat(worth, lengths))
        shared[others == position] = 0
        best = np.argsort(-shared, kind="stable")[:LOOKED_AT]
        return np.asarray(others[best[shared[best] >= SHARED_LEAST]], dtype=np.int32)


def _listed_under(each: Sketch) -> tuple[Hashes, NDArray[np.float32]]:
    """The keys of a sketch and what each is worth."""
    named_rare = _together(each.names, each.rare)
    named_usual = _together(each.names, each.usual)
    whole = np.array([zlib.crc32(each.rare.tobytes() + each.usual.tobytes())], dtype=np.uint32)
    whole = whole if len(each.rare) + len(each.usual) else whole[:0]
    parts = ((named_rare, NAMED_RARE), (named_usual, NAMED_USUAL), (each.rare, ALONE), (whole, WHOLE))
    keys = np.concatenate([part for part, _ in parts])
    worth = np.concatenate([np.full(len(part), worth, dtype=np.float32) for part, worth in parts])
    return keys, worth


def _together(names: Hashes, words: Hashes) -> Hashes:
    """A hash of each name with each word."""
    mixed = names[:, None] * np.uint32(0x9E3779B1) + words[None, :]  # Fibonacci hashing (Knuth, vol. 3, 6.4)
    return np.asarray(mixed.ravel() ^ (mixed.ravel() >> np.uint32(15)), dtype=np.uint32)


def pairs_to_compare(index: Index, new: Sequence[int]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """For each new position those to compare it with: any that is not new, and new ones that come before it."""
    place = {position: at for at, position in enumerate(new)}
    for position in new:
        near = (int(other) for other in index.near(position))
        yield position, tuple(other for other in near if place.get(other, -1) < place[position])


def proposals(of: Telling, among: Mapping[str, Telling]) -> Iterator[Proposal]:
    """What the evidence makes possible duplicates of it."""
    for other, telling in among.items():
        evidence = compare(of, telling)
        likely = score(evidence)
        if likely >= PROPOSED_ABOVE:
            yield Proposal(Pair.of(of.nomination.id, other), likely, evidence)
