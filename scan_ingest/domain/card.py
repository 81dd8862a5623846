"""A card, and what a recogniser saw on it."""

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum

from scan_ingest.domain.geometry import BoxMm


class Doubt(StrEnum):
    """Why a person should look."""

    UNSURE = "unsure"
    EMPTY = "empty"
    DISAGREE = "disagree"
    INK = "ink"


class CardState(StrEnum):
    """Where a card stands in the review queue."""

    WAITING = "waiting"
    LEASED = "leased"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SET_ASIDE = "set-aside"
    MERGED = "merged"


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against a word as it was decoded: what its confidence is worked out from. Not kept.

    `raw_mean` and `raw_lowest`: the recogniser's own probabilities (0 to 1) of the characters that it saw where the
    word stands, 0 where it saw none. `posterior`: the share (0 to 1) that the word has among all readings of its place
    that were still in the running where it ended. `agrees`: the recogniser's own text there is the same. `language`:
    natural logarithm of the n-grams' probability a character, after the words before. `known`: in the vocabulary.
    `length`: characters. `outside`: probability (0 to 1) that the recogniser gave, in the mean over the ink
    of the word and the letter beside it, to characters that are not Latin. `follows` and `leads`: how much oftener
    (nats, 0 or more) than by chance it comes after the word before it, and the word behind it after it. `joins`: how
    much likelier (nats) than it and a word beside it the one word is that both make together; 0 where they make none.
    `nearly_known`: not in the vocabulary, but with one letter more, less or another; told of short fields.
    """

    raw_mean: float
    raw_lowest: float
    posterior: float
    agrees: bool
    language: float
    known: bool
    length: int
    outside: float
    follows: float = 0.0
    leads: float = 0.0
    joins: float = 0.0
    nearly_known: bool = False


@dataclass(frozen=True)
class Word:
    """A word as it was read.

    In a reading `confidence` is the calibrated probability that the word is right, letter for letter (see
    `stages/reading/trust.py`); as a recogniser hands it over, the recogniser's own measure. `as_shipped` is that
    probability before what the site learned or has in its lists, None where that changes nothing.
    `alternatives` are at most four other readings of this very word, the likeliest first.
    """

    text: str
    confidence: float  # 0 to 1
    box_mm: BoxMm
    doubt: tuple[Doubt, ...] = ()
    as_shipped: float | None = None  # 0 to 1
    alternatives: tuple[str, ...] = ()
    evidence: Evidence | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0 or not 0.0 <= (self.as_shipped or 0.0) <= 1.0:
            raise ValueError("a confidence lies between 0 and 1")


@dataclass(frozen=True)
class Line:
    """One written line: `text` as decoded, `raw` the recogniser's own."""

    text: str
    raw: str
    confidence: float  # 0 to 1
    box_mm: BoxMm
    words: tuple[Word, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError("a confidence lies between 0 and 1")


@dataclass(frozen=True)
class Suggestion:
    """An entry of the site's lists that a short field may mean, and how likely it does (0 to 1)."""

    text: str
    probability: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError("a probability lies between 0 and 1")


FAILED = re.compile(r"\((\S+) failed\)")
"""In the name of who read a field."""


@dataclass(frozen=True)
class Reading:
    """What was read in a field. Never altered afterwards.

    `text` of a text field is its lines joined with one space (a paragraph break is a line feed), of a choice the ticked
    values joined with `|`, of a code what it decodes to. `confidence` is the mean of its words' by their length, of a
    choice that of the least sure box. `second_opinion` is the other recogniser's text, where asked.
    `suggestions` are from the site's lists, the likeliest first; where one was so sure that it became the `text`,
    `recogniser` says so and `lines` keep what was read. `made_by` is the edition that read it (see `cli/edition.py`);
    None for readings from before that was kept, for choices and codes.
    """

    field: str
    text: str
    confidence: float  # 0 to 1
    recogniser: str
    lines: tuple[Line, ...] = ()
    doubt: tuple[Doubt, ...] = ()
    second_opinion: str | None = None
    suggestions: tuple[Suggestion, ...] = ()
    made_by: str | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError("a confidence lies between 0 and 1")

    @property
    def failed(self) -> str | None:
        """The recogniser that failed on the field, the first where both did; None where none did."""
        told = FAILED.search(self.recogniser)
        return told[1] if told else None

    @property
    def doubtful_places(self) -> int:
        """How many places of it a reviewer has to look at: its doubtful words, else the field where it is in doubt."""
        return sum(bool(word.doubt) for line in self.lines for word in line.words) or int(bool(self.doubt))


def card_id(picture_sha256: str, place: int) -> str:
    """The id of the card whose first page has that picture and that place (from 1) on it: 20 hexadecimal digits.

    80 bits: with a million cards the chance of any two sharing an id is below 1 in 10^12.
    """
    if place < 1:
        raise ValueError("places on a page count from 1")
    return hashlib.sha256(f"{picture_sha256}/{place}".encode()).hexdigest()[:20]
