"""A nomination, as the central store keeps it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

NAMESPACE = uuid.UUID("6a2f64f3-5f0e-5b7e-9c44-0b8a7c1d2e90")


class Channel(StrEnum):
    PAPER = "paper"
    ONLINE = "online"


@dataclass(frozen=True)
class Nomination:
    """One nomination. `box` is where the card's box hung; `ward` what the card says of the nominee, else the box.

    `extra` holds fields whose names have no meaning in the store. `reviewed_at` is UTC and aware.
    """

    id: str
    channel: Channel
    organisation: str
    box: str
    ward: str
    nominee: str
    role: str
    nominator: str
    action: str
    impact: str
    collected_on: date | None
    reviewed_by: str
    reviewed_at: datetime | None
    source: str
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> dict[str, str]:
        """The fields that people wrote, by name."""
        return {name: str(getattr(self, name)) for name in WRITTEN} | dict(self.extra)

    def with_texts(self, texts: Mapping[str, str]) -> "Nomination":
        """The nomination with these texts in place of its own."""
        left = self.texts | dict(texts)
        return replace(
            self,
            nominee=left["nominee"],
            role=left["role"],
            ward=left["ward"],
            nominator=left["nominator"],
            action=left["action"],
            impact=left["impact"],
            extra={name: left[name] for name in self.extra},
        )


WRITTEN = ("nominee", "role", "ward", "nominator", "action", "impact")
"""The fields of a nomination that people wrote, apart from `extra`."""


def nomination_id(card_id: str) -> str:
    """The id in the nominations store of the card with that id: the same at every merge."""
    return str(uuid.uuid5(NAMESPACE, f"card:{card_id}"))


def submission_id(form: str, submission: str) -> str:
    """The id of what was sent in on the website: the same at every delivery."""
    return str(uuid.uuid5(NAMESPACE, f"online:{form}:{submission}"))
