"""How long card data is kept, what may go, and what stands in the way."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from scan_ingest.domain.batch import BatchState, BoxLabel


class Kept(StrEnum):
    """What a rule can let go of."""

    PICTURES = "pictures"  # page pictures, registered sides, and the scans as they were handed in
    WORKSPACE = "workspace"  # readings, reviewed texts, drafts and history
    NOMINATIONS = "nominations"  # in the nominations store


@dataclass(frozen=True)
class KeepRules:
    """After how many days each may go; None is never.

    Pictures and workspace count from the day the last card of a batch was merged or rejected (or the batch discarded),
    nominations from the day their box was emptied or their form sent.
    """

    pictures_days: int | None = None
    workspace_days: int | None = None
    nominations_days: int | None = None

    def of(self, kept: Kept) -> int | None:
        return {
            Kept.PICTURES: self.pictures_days,
            Kept.WORKSPACE: self.workspace_days,
            Kept.NOMINATIONS: self.nominations_days,
        }[kept]

    def oldest_nomination(self, today: date) -> date | None:
        """Nominations from before that day may go; None where they are kept for ever."""
        return None if self.nominations_days is None else today - timedelta(days=self.nominations_days)


@dataclass(frozen=True)
class BatchAtRest:
    """What decides whether a batch may be let go of.

    `open_cards` wait for a reviewer, `unmerged` were accepted but the nominations store has not what was accepted,
    `open_pages` and `open_rescans` wait for a person, `open_second_looks` for a second or third reviewer. `done_at` is
    when the last of its cards was merged or rejected, UTC and aware. `holds` are the legal holds on it or a card of it.
    """

    batch_id: str
    label: BoxLabel
    state: BatchState
    pages: int
    cards: int
    open_cards: int = 0
    unmerged: int = 0
    open_pages: int = 0
    open_rescans: int = 0
    open_second_looks: int = 0
    holds: int = 0
    done_at: datetime | None = None
    has: frozenset[Kept] = frozenset()

    @property
    def waits_for(self) -> tuple[str, ...]:
        """What is still to be done about the batch, in words; empty where nothing is."""
        if self.state is BatchState.DISCARDED:
            return ()
        counted = (
            (self.open_cards, "to review"),
            (self.open_second_looks, "waiting for a second look"),
            (self.unmerged, "to merge"),
            (self.open_pages, "to align"),
            (self.open_rescans, "perhaps scanned twice"),
        )
        unfinished = ("the ingest is unfinished",) if self.state is BatchState.UNFINISHED else ()
        return unfinished + tuple(f"{number} {what}" for number, what in counted if number)

    @property
    def paper_stays(self) -> tuple[str, ...]:
        """Why its paper may not be destroyed yet; empty where it may: everything on it was read, reviewed, looked at a
        second time where that was asked for, and carried into the nominations store.

        Pages of a discarded batch are on no other record, so its paper stays."""
        discarded = ("discarded: its cards are in no other batch",) if self.state is BatchState.DISCARDED else ()
        held = (f"{self.holds} legal hold{'s' if self.holds > 1 else ''}",) if self.holds else ()
        return discarded + self.waits_for + held

    def due(self, rules: KeepRules, now: datetime) -> frozenset[Kept]:
        """What of the batch may go now."""
        if self.waits_for or self.holds or self.done_at is None:
            return frozenset()
        return frozenset(
            kept
            for kept in self.has
            if (days := rules.of(kept)) is not None and self.done_at + timedelta(days=days) <= now
        )


class HoldOn(StrEnum):
    """What a legal hold can be put on."""

    ORGANISATION = "organisation"
    BATCH = "batch"
    CARD = "card"
    NOMINATION = "nomination"


@dataclass(frozen=True)
class Hold:
    """Nothing of it may be purged or erased until the hold is ended. `at` and `ended_at` are UTC and aware."""

    number: int
    on: HoldOn
    what: str
    reason: str
    person: str
    at: datetime
    ended_by: str = ""
    ended_at: datetime | None = None


class CopyKind(StrEnum):
    """A file with card data that was written outside the stores."""

    EXPORT = "export"
    QUEUE = "queue export"
    LINES = "lines to train on"
    SHEET = "contact sheet"
    BACKUP = "backup"
    COPY = "copy of the store"
    SUBJECT = "subject's copy"


@dataclass(frozen=True)
class Copy:
    """A file that somebody was given; `organisation` and `batch_id` are empty where it may hold every one's."""

    kind: CopyKind
    file: str
    at: datetime
    person: str
    organisation: str = ""
    batch_id: str = ""

    def may_hold(self, organisation: str, batch_id: str, since: datetime) -> bool:
        """Whether it may hold what came into a store at `since`, of that organisation and batch."""
        return (
            self.at >= since
            and self.organisation in ("", organisation)
            and (not self.batch_id or not batch_id or self.batch_id == batch_id)
        )
