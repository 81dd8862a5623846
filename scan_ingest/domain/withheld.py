"""A name that was taken out of a nomination and stays out of it, however often it is delivered or merged again.

What is kept of the name is a mark: a salted, slow hash (scrypt) of its words. A guess can be held against it, at some
milliseconds each; the name cannot be read from it.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from scan_ingest.domain.identity import redacted
from scan_ingest.domain.names import in_any_order, runs_of_words
from scan_ingest.domain.nomination import Nomination

COST, BLOCK = 2**11, 8  # of scrypt: 6 ms and 2 MB a mark
# Of words that are held against the marks of one nomination, all its marks together: 3 s, while others wait for the
# store at most 30 s. A usual nomination has some 100.
MOST_RUNS = 500


@dataclass(frozen=True)
class Withheld:
    """A name of so many `words` that was taken out of the nomination `id`: `name` is its mark, `delivered` that of the
    digest which the nomination had with it. `salt`, `name` and `delivered` are hex."""

    id: str
    words: int
    salt: str
    name: str
    delivered: str

    @classmethod
    def of(cls, id: str, name: Collection[str], digest: str) -> "Withheld":
        """That of a name (its plain words) in the nomination of that id and digest."""
        salt = secrets.token_hex(16)
        words = tuple(name)
        return cls(id, len(words), salt, _mark(in_any_order(words), salt), _mark(digest, salt))

    def is_of(self, digest: str) -> bool:
        """Whether the name was taken out of a delivery with that very digest."""
        return hmac.compare_digest(_mark(digest, self.salt), self.delivered)

    def is_the_name(self, words: str) -> bool:
        """Whether these words (see `in_any_order`) are the name."""
        return hmac.compare_digest(_mark(words, self.salt), self.name)


def without(nomination: Nomination, withheld: Iterable[Withheld]) -> Nomination | None:
    """The nomination without those names; None where it is too long to be searched for them."""
    texts = nomination.texts
    left = MOST_RUNS
    for each in withheld:
        runs = {
            field: [(in_any_order(words), (start, end)) for words, start, end in runs_of_words(text, each.words)]
            for field, text in texts.items()
        }
        asked = {words for found in runs.values() for words, _ in found}
        left -= len(asked)
        if left < 0:
            return None
        names = {words for words in asked if each.is_the_name(words)}
        texts = {
            field: redacted(text, [span for words, span in runs[field] if words in names])
            for field, text in texts.items()
        }
    return nomination.with_texts(texts)


def without_name(nomination: Nomination, name: Collection[str]) -> Nomination:
    """The nomination without a name, given as its plain words."""
    return nomination.with_texts({field: without_words(text, name) for field, text in nomination.texts.items()})


def without_words(text: str, name: Collection[str]) -> str:
    """The text without a name, given as its plain words."""
    wanted = in_any_order(tuple(name))
    runs = runs_of_words(text, len(name))
    return redacted(text, [(start, end) for words, start, end in runs if in_any_order(words) == wanted])


def by_nomination(withheld: Iterable[Withheld]) -> Mapping[str, tuple[Withheld, ...]]:
    """The names that stay out of each nomination, by its id."""
    found: dict[str, tuple[Withheld, ...]] = {}
    for each in withheld:
        found[each.id] = (*found.get(each.id, ()), each)
    return found


def _mark(what: str, salt: str) -> str:
    return hashlib.scrypt(what.encode(), salt=bytes.fromhex(salt), n=COST, r=BLOCK, p=1, dklen=32).hex()
