"""What a store tells of a person who asks what is held about them, beside nominations and cards."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scan_ingest.domain.identity import IdentitySettlement
from scan_ingest.domain.review import PastDecision
from scan_ingest.ports.review import Draft


@dataclass(frozen=True)
class Trail:
    """What people typed on a card beside the text that stands: decisions, what they settled, drafts by reviewer."""

    decisions: Sequence[PastDecision] = field(default=(), repr=False)
    settlements: Sequence[IdentitySettlement] = field(default=(), repr=False)
    drafts: Sequence[tuple[str, Draft]] = field(default=(), repr=False)

    @property
    def remarks(self) -> dict[str, str]:
        """What they wrote about the card, by what it is."""
        found: dict[str, str] = {}
        for past in self.decisions:
            of = f"{past.decision} on {past.at:%Y-%m-%d} by {past.reviewer}"
            found[f"why: {of}"] = past.reason
            found[f"note: {of}"] = past.note
        for given in self.settlements:
            of = f"{given.field}, {given.answer.kind} on {given.at:%Y-%m-%d} by {given.person}"
            found[f"why: {of}"] = given.answer.reason
        for reviewer, draft in self.drafts:
            found[f"note not decided on, by {reviewer}"] = draft.note
        return {name: text for name, text in found.items() if text}


@dataclass(frozen=True)
class Remark:
    """Free words that belong to no card: why a box was discarded or put on hold, what a file is called. A name
    `can_go` out of those that are nobody's but the program's own."""

    what: str
    text: str = field(repr=False)
    can_go: bool
