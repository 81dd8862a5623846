"""Nominations as rows of text, and what the columns of an export are."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC

from scan_ingest.domain.nomination import Nomination

COLUMNS = (
    *("nomination_id", "channel", "organisation", "box", "ward", "nominee", "role", "nominator"),
    *("action", "impact", "collected_on", "reviewed_by", "reviewed_at", "source"),
)
SAME_AS = "same_as"
"""The column that names the nomination which this one is counted with; there where a pair was called the same."""

Row = dict[str, str | None]


@dataclass(frozen=True)
class Exported:
    """What an export holds: its columns in their order, and how many rows have something in each."""

    number: int = 0
    columns: tuple[str, ...] = COLUMNS
    filled: Mapping[str, int] = field(default_factory=dict)


def survey(nominations: Iterable[Nomination], same_as: Mapping[str, str]) -> Exported:
    """Goes through the nominations once, for the columns that they need."""
    filled: Counter[str] = Counter()
    names: set[str] = set()
    number = 0
    for row in rows_of(nominations, same_as):
        number += 1
        names |= row.keys()
        filled.update(name for name, text in row.items() if text)
    first = [SAME_AS] if SAME_AS in names else []
    others = sorted(names - {*COLUMNS, SAME_AS})
    return Exported(number, (*COLUMNS, *first, *others), filled)


def rows_of(nominations: Iterable[Nomination], same_as: Mapping[str, str]) -> Iterator[Row]:
    for nomination in nominations:
        row = _row(nomination)
        if nomination.id in same_as:
            row[SAME_AS] = same_as[nomination.id]
        yield row


def _row(nomination: Nomination) -> Row:
    at = nomination.reviewed_at
    row: Row = {
        "nomination_id": nomination.id,
        "channel": nomination.channel.value,
        "organisation": nomination.organisation,
        "box": nomination.box,
        "ward": nomination.ward,
        "nominee": nomination.nominee,
        "role": nomination.role,
        "nominator": nomination.nominator,
        "action": nomination.action,
        "impact": nomination.impact,
        "collected_on": nomination.collected_on.isoformat() if nomination.collected_on else None,
        "reviewed_by": nomination.reviewed_by,
        "reviewed_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None,
        "source": nomination.source,
    }
    # A template may have a field called "source" or "box": it stands beside the column, not in its place.
    taken = (*COLUMNS, SAME_AS)
    return row | {f"field_{name}" if name in taken else name: text for name, text in nomination.extra.items()}


def in_order(nominations: Iterable[Nomination]) -> list[Nomination]:
    """Box by box, and page 9 before page 10: as the store hands them out."""
    return sorted(nominations, key=_order)


def _order(nomination: Nomination) -> tuple[str, str, str, list[tuple[int, str]]]:
    parts = re.split(r"(\d+)", nomination.source)
    natural = [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
    return str(nomination.collected_on or ""), nomination.organisation, nomination.box, natural
