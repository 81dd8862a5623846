"""What was done to card data, by whom and when: rows that each seal the one before them.

Every organisation has a chain of its own, so that one can be handed over, or verified, without the others. A row holds
no words from cards: what was done, to which batch, card or page, and numbers.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

BEFORE_THE_FIRST = ""
"""What the first row of a chain has for the hash of the row before it."""


class Act(StrEnum):
    """What can be done to card data."""

    INGEST_BEGUN = "ingest-begun"
    INGEST = "ingest"
    AMEND = "amend"
    COLLATE = "collate"
    DISCARD = "discard"
    ALIGN = "align"
    RESCAN = "rescan"
    CLAIM = "claim"
    RELEASE = "release"
    ACCEPT = "accept"
    REJECT = "reject"
    SET_ASIDE = "set-aside"
    SECOND_LOOK = "second-look"
    UNDO = "undo"
    IDENTITY = "identity"
    LEARN = "learn"
    QUEUE_EXPORT = "queue-export"
    LINES_EXPORT = "lines-export"
    SHEET = "sheet"
    MERGE = "merge"
    IMPORT_ONLINE = "import-online"
    DUPLICATE = "duplicate"
    EXPORT = "export"
    REDACT = "redact"
    HOLD = "hold"
    PURGE = "purge"
    CERTIFICATE = "certificate"
    SUBJECT = "subject"
    ERASE = "erase"
    ROLES = "roles"
    BACKUP = "backup"
    RESTORE = "restore"
    COPY = "copy"


@dataclass(frozen=True)
class AuditRow:
    """One thing that was done. `number` counts from 1 in its organisation's chain ("" is the chain of what concerns no
    single organisation); `at` is UTC and aware; `subject` names a batch, card, page or store, never a person on a card;
    `detail` holds numbers and fixed words only."""

    organisation: str
    number: int
    at: datetime
    person: str
    act: str
    subject: str
    detail: Mapping[str, str | int]
    previous: str
    hash: str = ""

    @property
    def seal(self) -> str:
        """The hash (SHA-256, hex) that the row must have: of all else in it, with the hash of the row before."""
        time = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        whole = [self.organisation, self.number, time, self.person, self.act, self.subject, dict(self.detail)]
        return hashlib.sha256(json.dumps([*whole, self.previous], sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Head:
    """The last row of a chain; written down elsewhere, it shows later that no end was cut off."""

    organisation: str
    number: int
    hash: str


@dataclass(frozen=True)
class Fault:
    """Where a chain is not what was written."""

    organisation: str
    number: int
    why: str


@dataclass(frozen=True)
class AuditFilter:
    """Which rows are asked for; None and "" are all. `since` and `until` are UTC and aware, `until` not included."""

    organisation: str | None = None
    person: str = ""
    act: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class _Chain:
    """How far the chain of one organisation was followed, and which rows it must still have, by number."""

    number: int = 0
    hash: str = BEFORE_THE_FIRST
    wanted: dict[int, set[str]] = field(default_factory=dict)


def faults(rows: Iterable[AuditRow], heads: Iterable[Head], kept: Iterable[Head] = ()) -> Iterator[Fault]:
    """Every place where the chains are broken: a row changed, missing or put in, an end cut off.

    `rows` come by organisation and number; `heads` are the ends that the store had just before, `kept` those that
    somebody wrote down. After a gap a chain is followed from the row behind it.
    """
    chains: dict[str, _Chain] = {}
    for head in (*heads, *kept):
        if head.number:
            wanted = chains.setdefault(head.organisation, _Chain()).wanted
            wanted.setdefault(head.number, set()).add(head.hash)
    for row in rows:
        chain = chains.setdefault(row.organisation, _Chain())
        yield from _faults_of(row, chain)
        chain.number, chain.hash = row.number, row.hash
    for organisation, chain in sorted(chains.items()):
        if chain.wanted:
            last = max(chain.wanted)
            yield Fault(organisation, chain.number + 1, f"the end is cut off: there was a row {last}")


def _faults_of(row: AuditRow, chain: _Chain) -> Iterator[Fault]:
    if row.number != chain.number + 1:
        yield Fault(row.organisation, chain.number + 1, f"rows are missing up to {row.number - 1}")
        for number in [number for number in chain.wanted if number < row.number]:
            del chain.wanted[number]
    elif row.previous != chain.hash:
        yield Fault(row.organisation, row.number, "it does not follow the row before it")
    if row.hash != row.seal:
        yield Fault(row.organisation, row.number, "it was changed after it was written")
    if chain.wanted.pop(row.number, {row.hash}) != {row.hash}:
        yield Fault(row.organisation, row.number, "it is not the row that was written down as the last one")
