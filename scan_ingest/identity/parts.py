"""Names in a text: which words may be a given name and a surname, whatever they are said to be."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from scan_ingest.identity.lists import (
    ALSO_PLACES,
    NEVER_FIRST,
    NEVER_LAST,
    PARTICLES,
    PLACES,
    STAFF,
    TITLES,
    given_names,
    ordinary_words,
    surnames,
)

MOST_PARTS = 5  # of a name; more is a sentence
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GAP_IN_NAME = re.compile(r"(?:\s{1,2}|-\s?|\.\s?|\s?-\n?)")
_GAP_IN_WORD = re.compile(r"(?:\s|-\s|-\n)")
_CONTRACTED = re.compile(r"(?:i|it|we|he|she|they|you|that|there|who)'(?:m|ve|d|ll|re)")
_AS_LETTERS = str.maketrans("015|", "olsl")


@dataclass(frozen=True)
class Token:
    """A word of the text; `word` is it folded (see there), without a possessive."""

    start: int
    end: int
    word: str
    is_capital: bool


@dataclass(frozen=True)
class Name:
    """A given name and a surname: the tokens from `first` up to, without, `after`; `listed` are parts on lists of
    names."""

    first: int
    after: int
    words: tuple[str, ...]
    listed: int
    end: int


def tokens_of(text: str) -> list[Token]:
    tokens = []
    for found in _TOKEN.finditer(text):
        written = found[0]
        end = found.end()
        possessive = re.search(r"['’]s$", written)
        if possessive:
            written, end = written[: possessive.start()], found.start() + possessive.start()
        tokens.append(Token(found.start(), end, folded(written), written[0].isupper()))
    return tokens


def folded(word: str) -> str:
    """In small letters, without accents; digits in a word of letters are letters misread."""
    letters = unicodedata.normalize("NFKD", word.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    return letters.translate(_AS_LETTERS) if any(c.isalpha() for c in letters) else letters


class Words:
    """A text cut into words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.is_caseless = self._is_caseless()

    def _is_caseless(self) -> bool:
        """Whether capitals tell nothing, because everything has them."""
        plain = [
            token
            for token in self.tokens
            if len(token.word) > 2 and token.word in ordinary_words() and token.word not in surnames()
        ]
        return len(plain) >= 3 and sum(token.is_capital for token in plain) >= 0.6 * len(plain)

    def name_at(self, at: int) -> Name | None:
        """The longest name that begins with that token: a given name, others or initials, and a surname."""
        best: Name | None = None
        for after, first, listed in self._parts(at):
            if after == at + 1 and self._may_not_begin(at):
                continue
            found = self._longer(at, after, (first,), int(listed), depth=1)
            if found and (best is None or (found.listed, found.after) > (best.listed, best.after)):
                best = found
        return best

    def _may_not_begin(self, at: int) -> bool:
        word = self.tokens[at].word
        return word in NEVER_FIRST

    def _longer(self, first: int, at: int, words: tuple[str, ...], listed: int, depth: int) -> Name | None:
        if depth >= MOST_PARTS or at >= len(self.tokens) or not self._joins(at):
            return None
        best: Name | None = None
        for after, word, is_listed in self._parts(at):
            here: Name | None = None
            if self._may_end(words, word, at):
                count = listed + int(is_listed)
                here = Name(first, after, (*words, word), count, self.tokens[after - 1].end)
            further = self._longer(first, after, (*words, word), listed + int(is_listed), depth + 1)
            for one in (here, further):
                if one and self._is_name(one) and (best is None or (one.listed, one.after) > (best.listed, best.after)):
                    best = one
        return best

    def _joins(self, at: int) -> bool:
        """Whether the token goes on from the one before it as parts of a name do."""
        before, here = self.tokens[at - 1], self.tokens[at]
        return bool(_GAP_IN_NAME.fullmatch(self.text[before.end : here.start]))

    def _parts(self, at: int) -> Iterator[tuple[int, str, bool]]:
        """(token after it, word, whether a list has it): the token as a part of a name, alone or with the next, since
        recognisers and lines split words."""
        token = self.tokens[at]
        word = token.word
        if any(c.isdigit() for c in word) or _CONTRACTED.fullmatch(word):
            return
        on_lists = word in given_names() or word in surnames()
        if self._looks_like_part(token, on_lists):
            yield at + 1, word, on_lists
        if at + 1 >= len(self.tokens):
            return
        other = self.tokens[at + 1]
        gap = self.text[token.end : other.start]
        both = word + other.word
        if not _GAP_IN_WORD.fullmatch(gap) or (other.is_capital and not self.is_caseless and len(other.word) > 1):
            return
        if not token.is_capital and not self.is_caseless:
            return
        if both in given_names() or both in surnames():
            yield at + 2, both, True
        elif token.is_capital and not on_lists and len(both) > 3 and self._is_cut(word, other.word):
            yield at + 2, both, False

    def _is_cut(self, word: str, rest: str) -> bool:
        """Whether a space may have come into a name between the two: `Anwe n`, `A nwen`, `Olawa le`."""
        if len(rest) == 1:
            return rest.isalpha() and rest not in ("a", "i") and word not in ordinary_words()
        return _unknown(rest) and (word not in ordinary_words() or len(word) == 1)

    def _looks_like_part(self, token: Token, on_lists: bool) -> bool:
        if token.word in PARTICLES:
            return True
        if token.word in PLACES and not on_lists:
            return False
        if self.is_caseless or not token.is_capital:
            return on_lists
        return on_lists or _unknown(token.word) or len(token.word) == 1 or token.word not in NEVER_LAST

    def _may_end(self, words: tuple[str, ...], word: str, at: int) -> bool:
        if word in PARTICLES:
            return False
        if word in ALSO_PLACES:
            return words[0] in given_names() and words[0] not in ordinary_words()
        if word in NEVER_LAST or len(word) < 2 or word in TITLES | STAFF:
            return False
        if word in surnames() or word in given_names():
            return True
        return self.tokens[at].is_capital and not self.is_caseless and (_unknown(word) or words[0] in given_names())

    def _is_name(self, name: Name) -> bool:
        first, last = name.words[0], name.words[-1]
        tokens = self.tokens[name.first : name.after]
        small = self.is_caseless or not (tokens[0].is_capital and any(token.is_capital for token in tokens[1:]))
        if small:
            # Capitals say nothing here: both must be names, and one of them nothing but a name.
            plain = [word for word in name.words if word in ordinary_words()]
            return first in given_names() and last in surnames() and first not in plain and len(plain) < len(name.words)
        if len(first) == 1:
            return False
        both_ordinary = first in ordinary_words() and last in ordinary_words()
        if both_ordinary:
            return first in given_names() and last in surnames() and first not in PLACES and last not in PLACES
        if first in ordinary_words() and first not in given_names():
            return last in surnames() and last not in ordinary_words() and not self._begins_sentence(name.first)
        return first not in PLACES

    def _begins_sentence(self, at: int) -> bool:
        before = self.text[: self.tokens[at].start].rstrip(" \n\"'“(")
        return not before or before[-1] in ".!?:"


def _unknown(word: str) -> bool:
    return len(word) >= 2 and word not in ordinary_words()
