"""A card that seems to have been scanned before: proposed by its likeness, settled by a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import CardState
from scan_ingest.domain.review import CardPage


class RescanAnswer(StrEnum):
    """What a person makes of it."""

    KEEP = "keep"  # two cards: both stay
    REPLACE = "replace"  # one card: the later scan stands, the earlier is rejected
    IGNORE = "ignore"  # one card: the earlier scan stands, the later is rejected


@dataclass(frozen=True)
class ScannedCard:
    """One of the two: where it came from, where it stands, what its text fields say."""

    id: str
    batch_id: str
    label: BoxLabel
    pages: tuple[CardPage, ...]
    state: CardState
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Rescan:
    """`later` seems to be another scan of `earlier`: `alike` (0 to 1) says how alike their writing lies on the paper,
    `texts_alike` (0 to 1) how alike it was read. Without an `answer` it waits for a person; `at` is UTC and aware."""

    later: ScannedCard
    earlier: ScannedCard
    alike: float
    texts_alike: float
    answer: RescanAnswer | None = None
    answered_by: str = ""
    at: datetime | None = None
