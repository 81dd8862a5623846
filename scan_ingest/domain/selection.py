"""Which nominations are asked for, and how they are counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from scan_ingest.domain.nomination import Channel


@dataclass(frozen=True)
class Wanted:
    """Nominations that are of one of the organisations and of one of the wards (any, where none is named; capitals and
    spaces do not count), of that channel, and of those days, both included: of a card the day its box was emptied, of
    a form the day it was sent in. One without a day is of no day."""

    organisations: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class Label:
    """What a nomination is counted by."""

    organisation: str
    ward: str
    day: date | None
    channel: Channel
    nominator: str


@dataclass(frozen=True)
class Counts:
    """Nominations by what they are counted by; `month` as `2026-11`, "" where something is not known. Wards are by
    organisation, as two hospitals may each have a Ward 4."""

    nominations: int = 0
    counted_with_another: int = 0
    organisation: Mapping[str, int] = field(default_factory=dict)
    ward: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    month: Mapping[str, int] = field(default_factory=dict)
    channel: Mapping[str, int] = field(default_factory=dict)
    nominator: Mapping[str, int] = field(default_factory=dict)


def counted(labels: Iterable[Label], counted_with_another: int = 0) -> Counts:
    """The counts, the commonest first; months in their order. Spellings that differ in capitals and spaces only are
    counted together, as the commonest spelling."""
    by_organisation: Counter[str] = Counter()
    by_ward: dict[str, Counter[str]] = defaultdict(Counter)
    by_month: Counter[str] = Counter()
    by_channel: Counter[str] = Counter()
    by_nominator: Counter[str] = Counter()
    for label in labels:
        by_organisation[label.organisation] += 1
        by_ward[label.organisation][label.ward] += 1
        by_month[f"{label.day:%Y-%m}" if label.day else ""] += 1
        by_channel[label.channel.value] += 1
        by_nominator[label.nominator] += 1
    return Counts(
        nominations=by_organisation.total(),
        counted_with_another=counted_with_another,
        organisation=dict(by_organisation.most_common()),
        ward={each: _as_spelled(by_ward[each]) for each, _ in by_organisation.most_common()},
        month=dict(sorted(by_month.items())),
        channel=dict(by_channel.most_common()),
        nominator=_as_spelled(by_nominator),
    )


def spelling_key(text: str) -> str:
    """What two spellings of one thing have in common."""
    return " ".join(text.split()).casefold()


def _as_spelled(counts: Counter[str]) -> dict[str, int]:
    together: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    for text, number in counts.most_common():
        spelled.setdefault(spelling_key(text), " ".join(text.split()))
        together[spelling_key(text)] += number
    return {spelled[key]: number for key, number in together.most_common()}
