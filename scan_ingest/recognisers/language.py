"""Ordinary English, as a table: how likely a character is after others, and how common a word is.

The table is counted from openly licensed texts by `tools/language/build.py`; `tables/english.md` names them.
"""

import json
import lzma
import unicodedata
from array import array
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np

TABLE = Path(__file__).with_name("tables") / "english.table"
STEPS_PER_NAT = 12  # a probability is kept as one byte: e to the power of -byte/12
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


class CharacterModel:
    """Character n-grams with Witten-Bell smoothing, kept as a tree of contexts.

    The nodes of one length follow each other, and so do the children of one node: the children of node i have the
    labels `labels[first[i]:first[i + 1]]` and are themselves the nodes of those numbers.
    """

    def __init__(
        self, alphabet: str, order: int, labels: bytes, first: "array[int]", log_p: bytes, backoff: bytes
    ) -> None:
        self.order = order
        self._codes = {character: code for code, character in enumerate(alphabet)}
        self._labels, self._first, self._log_p, self._backoff = labels, first, log_p, backoff
        self._ranges: dict[str, tuple[tuple[int, int, float], ...]] = {}

    def log_p(self, context: str, character: str) -> float:
        """The natural logarithm of the probability of a (plain) character after a (plain) context of any length."""
        ranges = self._ranges.get(context)
        if ranges is None:
            if len(self._ranges) > MANY:  # so that a long run stays small
                self._ranges.clear()
            ranges = self._ranges[context] = tuple(self._suffixes(context[1 - self.order :]))
        code = self._codes.get(character)
        if code is None:
            return UNSEEN
        for start, end, backoff in ranges:
            node = self._labels.find(code, start, end)
            if node >= 0:
                return backoff - self._log_p[node] / STEPS_PER_NAT
        return UNSEEN

    def _suffixes(self, context: str) -> "list[tuple[int, int, float]]":
        """Where the children of the context and of its ever shorter endings lie, and what falling back so far cost."""
        found: list[tuple[int, int, float]] = []
        cost = 0.0
        for start in range(len(context)):
            node = self._node(context[start:])
            if node is not None:
                found.append((self._first[node], self._first[node + 1], cost))
                cost -= self._backoff[node] / STEPS_PER_NAT
        found.append((0, self._roots, cost))
        return found

    @property
    def _roots(self) -> int:
        return self._first[0]

    def _node(self, text: str) -> int | None:
        start, end, node = 0, self._roots, -1
        for character in text:
            code = self._codes.get(character)
            node = -1 if code is None else self._labels.find(code, start, end)
            if node < 0:
                return None
            start, end = self._first[node], self._first[node + 1]
        return node


class Lexicon:
    """Words in small letters, each with the natural logarithm of its share of running text."""

    def __init__(self, log_p: Mapping[str, float], names: frozenset[str]) -> None:
        self._log_p = log_p
        self.names = names  # those always written with a capital

    def log_p(self, word: str) -> float | None:
        """Of a word in small, plain letters; None where it is not known."""
        return self._log_p.get(word)

    def with_words(self, counts: Mapping[str, int], total: int = 1_000_000) -> "Lexicon":
        """With words of a site's own, each as common as `counts` says among `total` words of text."""
        extra = {
            "".join(map(plain, word.casefold())): float(np.log(max(count, 1) / total)) for word, count in counts.items()
        }
        known = self._log_p
        return Lexicon({**known, **{word: max(p, known.get(word, p)) for word, p in extra.items()}}, self.names)


def english(path: Path = TABLE) -> tuple[CharacterModel, Lexicon]:
    """The shipped table. About 0.3 s and 40 MB, so a worker loads it once."""
    data = lzma.decompress(path.read_bytes())
    head, _, body = data.partition(b"\n")
    facts = json.loads(head)
    nodes, inner = facts["nodes"], facts["inner"]  # all n-grams; those shorter than the longest, which have children
    sizes = [nodes, nodes, inner, inner, facts["words"], facts["words"], facts["letters"]]
    ends = list(accumulate(sizes))
    labels, log_p, backoff, children, word_p, capital, letters = (
        body[a:b] for a, b in zip([0, *ends], ends, strict=False)
    )
    counts = np.concatenate([[facts["roots"]], np.frombuffer(children, dtype=np.uint8)])
    first = array("I", np.cumsum(counts).astype(np.uint32).tobytes())
    words = letters.decode("utf-8").split("\n")
    shares = [-p / STEPS_PER_NAT for p in word_p]
    return (
        CharacterModel(facts["alphabet"], facts["order"], labels, first, log_p, backoff),
        Lexicon(
            dict(zip(words, shares, strict=True)),
            frozenset(word for word, name in zip(words, capital, strict=True) if name),
        ),
    )
