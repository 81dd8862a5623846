"""A person's decision on a card."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import Reading
from scan_ingest.domain.identity import Answer
from scan_ingest.domain.page import PageRef
from scan_ingest.domain.second_look import Look


class Decision(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True)
class Shown:
    """What was on the screen when a reviewer opened a card: every field's text, and what had read it.

    `brought_back` is whether the texts were a draft of theirs; `look` is in which capacity they had the card.
    """

    texts: Mapping[str, str]
    recognisers: Mapping[str, str]
    brought_back: bool = False
    look: Look = Look.FIRST


@dataclass(frozen=True)
class Review:
    """A decision; `texts` are the fields as they stand after it (all of them), `at` is UTC and aware.

    `note` is what the reviewer wants to say about the card, to whoever looks at it next; no part of any answer.
    `shown` is what was on the screen, None for a correction made elsewhere. With the look `SECOND` it does not stand:
    it is compared with the review that does. `identity` is what is said, by field, to what was found of patients'
    identities in the texts; `redact` is none of it, since that is no decision on a card. `opened_at` is when the
    reviewer had the card before them, where they did: nothing is decided on words that were taken out of it since.
    """

    card_id: str
    decision: Decision
    reviewer: str
    at: datetime
    reason: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    shown: Shown | None = None
    look: Look = Look.FIRST
    identity: Mapping[str, Answer] = field(default_factory=dict)
    opened_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of a review is aware, in UTC")
        if self.decision is Decision.REJECT and not self.reason.strip():
            raise ValueError("a rejection has a reason")


@dataclass(frozen=True)
class PastDecision:
    """A line of a card's history: `decision` is a `Decision`, "second-look" or "undo", `texts` are the fields as they
    stood after it (of a second look: as they were keyed, blind; of an undo: those taken back). `at` is UTC and aware.
    """

    decision: str
    reviewer: str
    at: datetime
    reason: str
    texts: Mapping[str, str]
    note: str = ""
    shown: Shown | None = None


@dataclass(frozen=True)
class CardPage:
    """A page of a card, and the place on it (from 1)."""

    ref: PageRef
    place: int


@dataclass(frozen=True)
class FieldOrigin:
    """Where a field's text comes from: the page it stands on, the recogniser that read it (None: nothing did), and who
    put or accepted it as it stands, when (UTC and aware). `as_read`: it is what the recogniser read, unaltered."""

    page: CardPage | None
    recogniser: str | None
    as_read: bool
    by: str
    at: datetime


@dataclass(frozen=True)
class MergedCard:
    """A card that is in the nominations store as it was at that revision. `mark` is what merge knows that state by;
    empty where it is to look at the card again."""

    card_id: str
    revision: int
    mark: str = ""


@dataclass(frozen=True)
class AcceptedCard:
    """A card that merge carries: accepted, whether or not it was merged before (`merged_before`).

    `label` is that of its batch as it stands now, `pages` are front first, `texts` holds every field of the template in
    its order, `origins` where each came from. `reviewed_at` is UTC and aware. `revision` counts what was decided on the
    card or amended on its batch: `mark_merged` takes it back, so that a change that came in between is not taken for
    merged.
    """

    card_id: str
    batch_id: str
    label: BoxLabel
    template_id: str
    pages: tuple[CardPage, ...]
    texts: Mapping[str, str]
    reviewed_by: str
    reviewed_at: datetime
    merged_before: bool
    revision: int
    origins: Mapping[str, FieldOrigin] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Text, choice or code, by field."""
    settled: frozenset[str] = frozenset()
    """Fields whose findings a person settled as the text stands."""


@dataclass(frozen=True)
class ReviewedCard:
    """An accepted card: what was read on it beside what a person made of it.

    `label` is that of its batch as it stands now. `kinds` and `texts` hold every field of the template in its order
    (text, choice or code; the text as accepted) but those that a reviewer put a mark in, `readings` those of them that
    were read. `reviewed_at` is UTC and aware.
    """

    id: str
    label: BoxLabel
    template_id: str
    reviewed_at: datetime
    kinds: Mapping[str, str]
    readings: Mapping[str, Reading]
    texts: Mapping[str, str]
