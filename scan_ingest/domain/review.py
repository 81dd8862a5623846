"""A person's decision on a card."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Decision(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    SET_ASIDE = "set-aside"


@dataclass(frozen=True)
class Review:
    """A decision; `texts` are the fields as they stand after it (all of them), `at` is UTC and aware."""

    card_id: str
    decision: Decision
    reviewer: str
    at: datetime
    reason: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of a review is aware, in UTC")
        if self.decision is Decision.REJECT and not self.reason.strip():
            raise ValueError("a rejection has a reason")
