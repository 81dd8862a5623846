"""From texts to the n-gram table: counts, Witten-Bell smoothing, pruning, and the shape that is shipped."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 7  # a character's number in a packed n-gram; ALPHABET has fewer than 128


@dataclass(frozen=True, eq=False)
class Level:
    """The kept n-grams of one length, sorted; `parent` is the place of each one's beginning in the level above."""

    labels: NDArray[np.uint8]
    parent: NDArray[np.int64]
    log_p: NDArray[np.float64]
    log_backoff: NDArray[np.float64]


def counted(pieces: Sequence[tuple[NDArray[np.uint8], int]], order: int) -> list[tuple[NDArray, NDArray]]:
    """For n = 1 to `order`: the packed n-grams, sorted, and how often they come, a piece as often as it weighs."""
    result = []
    for n in range(1, order + 1):
        keys, weights = [], []
        for codes, weight in pieces:
            packed = np.zeros(len(codes) - n + 1, dtype=np.int64)
            for offset in range(n):
                packed = (packed << BITS) | codes[offset : len(codes) - n + 1 + offset]
            found, counts = np.unique(packed, return_counts=True)
            keys.append(found)
            weights.append(counts * weight)
        every, place = np.unique(np.concatenate(keys), return_inverse=True)
        result.append((every, np.bincount(place, weights=np.concatenate(weights))))
    return result


def smoothed(counts: list[tuple[NDArray, NDArray]], keep_from: Sequence[float], alphabet_size: int) -> list[Level]:
    """Witten-Bell interpolation: p(c|h) = (n(hc) + t(h) p(c|h')) / (n(h) + t(h)), t(h) the kinds of c seen after h.

    N-grams that come less often than `keep_from` for their length are dropped; what they held goes to the shorter
    context, so that every context's probabilities still add up to 1.
    """
    levels: list[Level] = []
    above_keys, above_p = np.zeros(1, dtype=np.int64), np.array([1.0 / alphabet_size])
    for n, (keys, count) in enumerate(counts, start=1):
        context = keys >> BITS
        contexts, place = np.unique(context, return_inverse=True)
        total, kinds = np.bincount(place, weights=count), np.bincount(place)
        kept = count >= keep_from[n - 1]
        share = (count / (total + kinds)[place])[kept]
        left_over = 1.0 - np.bincount(place[kept], weights=share, minlength=len(contexts))
        if n > 1:
            suffix = np.searchsorted(above_keys, keys[kept] & ((1 << BITS * (n - 1)) - 1))
            lower = above_p[suffix]
            parent = np.searchsorted(above_keys, context[kept])
            backoff = np.ones(len(above_keys))
            here = np.isin(contexts, above_keys)
            backoff[np.searchsorted(above_keys, contexts[here])] = left_over[here]
            previous = levels[-1]
            levels[-1] = Level(previous.labels, previous.parent, previous.log_p, np.log(np.maximum(backoff, 1e-9)))
        else:
            lower, parent = np.full(int(kept.sum()), 1.0 / alphabet_size), np.zeros(int(kept.sum()), dtype=np.int64)
            backoff = left_over
        p = share + (backoff[parent] if n > 1 else left_over[0]) * lower
        labels = (keys[kept] & ((1 << BITS) - 1)).astype(np.uint8)
        levels.append(Level(labels, parent, np.log(p), np.zeros(len(p))))
        above_keys, above_p = keys[kept], p
    return levels
