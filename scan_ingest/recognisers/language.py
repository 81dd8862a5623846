"""Ordinary English, as a table: how likely a character is after others, and how common a word is.

The table is counted from openly licensed texts by `tools/language/build.py`; `tables/english.md` names them.
"""

import json
import unicodedata
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("tables") / "english.table"
STEPS_PER_NAT = 12  # a probability is kept as one byte: e to the power of -byte/12
PAIR_BYTES = 4
MANY = 200_000  # contexts remembered, about 40 MB
UNSEEN = -14.0  # natural logarithm of the probability of a character that the texts do not have

# How the table's texts were made plain; quotes and dashes are drawn in many ways and mean the same.
SAME = {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": ".", "ł": "l", "ø": "o", "đ": "d", "ı": "i"}


@cache
def plain(character: str) -> str:
    """The character that the table knows it as: small, without its accent, quotes and dashes straight."""
    small = character.lower()
    if small in SAME:
        return SAME[small]
    return unicodedata.normalize("NFD", small)[:1]


AROUND = "\"'‘’“”.,;:!?()-–—"  # what stands around a word and is not of it


def core(word: str) -> str:
    """The word as written, without the signs around it."""
    return word.strip(AROUND)


class Context:
    """What the model knows of the characters before: for the longest ending that it has and for each shorter one, where
    the children lie and what falling back so far costs; and the steps that were taken from here."""

    __slots__ = ("ranges", "steps")

    def __init__(self, ranges: tuple[tuple[int, int, float], ...]) -> None:
        self.ranges = ranges
        self.steps: dict[str, tuple[float, Context]] = {}


class CharacterModel:
    """Character n-grams with Witten-Bell smoothing, kept as a tree of contexts.

    The nodes of one length follow each other, and so do the children of one node: the children of node i have the
    labels `labels[first[i]:first[i + 1]]` and are themselves the nodes of those numbers.
    """

    def __init__(self, alphabet: str, labels: bytes, first: "array[int]", log_p: bytes, backoff: bytes) -> None:
        self._codes = {character: code for code, character in enumerate(alphabet)}
        self._labels, self._first, self._log_p, self._backoff = labels, first, log_p, backoff
        self._roots = first[0]
        self._contexts: dict[int, Context] = {}

    def nothing(self) -> Context:
        """Before any character."""
        return Context(((0, self._roots, 0.0),))

    def beginning(self) -> Context:
        """At the beginning of a line, which begins a word."""
        return self.step(self.nothing(), " ")[1]

    def step(self, context: Context, character: str) -> tuple[float, Context]:
        """The natural logarithm of the probability of a (plain) character, and the context after it."""
        return context.steps.get(character) or self._stepped(context, character)

    def log_p(self, before: str, character: str) -> float:
        """The natural logarithm of the probability of a (plain) character after a (plain) text of any length."""
        context = self.nothing()
        for at in before:
            context = self.step(context, at)[1]
        return self.step(context, character)[0]

    def forget(self) -> None:
        """Lets go of the steps that were taken."""
        for old in self._contexts.values():
            old.steps.clear()
        self._contexts.clear()

    def _stepped(self, context: Context, character: str) -> tuple[float, Context]:
        code = self._codes.get(character)
        log_p: float | None = None
        longest, cost = -1, 0.0
        ranges: list[tuple[int, int, float]] = []
        if code is not None:
            first, labels, inner = self._first, self._labels, len(self._backoff)
            for start, end, fallen in context.ranges:
                node = labels.find(code, start, end)
                if node < 0:
                    continue
                if log_p is None:
                    log_p = fallen - self._log_p[node] / STEPS_PER_NAT
                if node < inner:
                    if longest < 0:
                        longest = node
                        known = self._contexts.get(longest)
                        if known is not None:
                            context.steps[character] = (log_p, known)
                            return log_p, known
                    ranges.append((first[node], first[node + 1], cost))
                    cost -= self._backoff[node] / STEPS_PER_NAT
        after = Context((*ranges, (0, self._roots, cost)))
        if len(self._contexts) > MANY:  # so that a long run stays small
            self.forget()
        self._contexts[longest] = after
        step = context.steps[character] = (UNSEEN if log_p is None else log_p, after)
        return step


class Pairs:
    """Pairs of words that come together oftener than by chance: the two words' places as one number, sorted, and the
    logarithm of how much oftener, in steps."""

    def __init__(self, words: Sequence[str], keys: "array[int]", gains: bytes) -> None:
        self._place = {word: number for number, word in enumerate(words)}
        self._keys, self._gains = keys, gains

    def gain(self, before: str, word: str) -> float:
        one, other = self._place.get(before), self._place.get(word)
        if one is None or other is None:
            return 0.0
        key = one * len(self._place) + other
        at = bisect_left(self._keys, key)
        return self._gains[at] / STEPS_PER_NAT if at < len(self._keys) and self._keys[at] == key else 0.0


NO_PAIRS = Pairs((), array("Q"), b"")


class Lexicon:
    """Words in small letters, each with the natural logarithm of its share of running text, and how much of it begins
    with a capital inside a sentence (0 to 1)."""

    def __init__(self, log_p: Mapping[str, float], capital: Mapping[str, float], pairs: Pairs = NO_PAIRS) -> None:
        self._log_p, self._capital, self._pairs = log_p, capital, pairs

    def gain(self, before: str, word: str) -> float:
        """How much likelier (nats, 0 or more) the word is after that one than anywhere."""
        return self._pairs.gain(before, word)

    def log_p(self, word: str) -> float | None:
        """Of a word in small, plain letters; None where it is not known."""
        return self._log_p.get(word)

    def capital(self, word: str) -> float | None:
        """Of a word in small, plain letters, how much begins with a capital; None where nothing is known of it."""
        return self._capital.get(word)

    def with_words(self, counts: Mapping[str, int], total: int = 1_000_000) -> "Lexicon":
        """With words of a site's own, each as common as `counts` says among `total` words of text."""
        extra = {
            "".join(map(plain, word.casefold())): float(np.log(max(count, 1) / total)) for word, count in counts.items()
        }
        known = self._log_p
        return Lexicon(
            {**known, **{word: max(p, known.get(word, p)) for word, p in extra.items()}}, self._capital, self._pairs
        )


@cache
def english(path: Path = TABLE) -> tuple[CharacterModel, Lexicon]:
    """The shipped table, which takes about 0.3 s and 40 MB, once in a process."""
    data = zlib.decompress(path.read_bytes())
    head, _, body = data.partition(b"\n")
    facts = json.loads(head)
    nodes, inner = facts["nodes"], facts["inner"]  # all n-grams; those shorter than the longest, which have children
    sizes = [nodes, nodes, inner, inner, facts["words"], facts["words"]]
    sizes += [PAIR_BYTES * facts["pairs"], facts["pairs"], facts["letters"]]
    ends = list(accumulate(sizes))
    labels, log_p, backoff, children, word_p, capital, apart, gains, letters = (
        body[a:b] for a, b in zip([0, *ends], ends, strict=False)
    )
    counts = np.concatenate([[facts["roots"]], np.frombuffer(children, dtype=np.uint8)])
    first = array("I", np.cumsum(counts).astype(np.uint32).tobytes())
    words = letters.decode("utf-8").split("\n")
    planes = np.frombuffer(apart, dtype=np.uint8).reshape(PAIR_BYTES, -1).astype(np.uint64)
    keys = np.cumsum(sum(plane << np.uint64(8 * byte) for byte, plane in enumerate(planes)), dtype=np.uint64)
    shares = [-p / STEPS_PER_NAT for p in word_p]
    return (
        CharacterModel(facts["alphabet"], labels, first, log_p, backoff),
        Lexicon(
            dict(zip(words, shares, strict=True)),
            {word: share / 255 for word, share in zip(words, capital, strict=True)},
            Pairs(words, array("Q", keys.tobytes()), gains),
        ),
    )
