"""What on a card may tell who a patient is, and what a person made of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REDACTED = "[redacted]"
"""What stands in a text where words were taken out of it."""


class IdentityKind(StrEnum):
    """The values are how a person calls them."""

    NHS_NUMBER = "NHS number"
    DATE_OF_BIRTH = "date of birth"
    HOSPITAL_NUMBER = "hospital number"
    PHONE = "phone number"
    POSTCODE = "postcode"
    EMAIL = "e-mail address"
    NAME = "name"


@dataclass(frozen=True)
class Finding:
    """A piece of a text, `text[start:end]`, that may tell who a patient is.

    One that `holds` keeps its card out of the nominations store until a person settled it; the others are only pointed
    out. `score` is how sure the rule is (0 to 1, no probability), `why` says so in words and never quotes the text.
    """

    kind: IdentityKind
    start: int
    end: int
    holds: bool
    score: float
    why: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a finding has a place in the text")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError("a score lies between 0 and 1")


class IdentityAnswer(StrEnum):
    """What a person made of a field's findings: `keep` it is no patient's identity, or may stay; `redact` it is taken
    out; `consent` the patient agreed."""

    KEEP = "keep"
    REDACT = "redact"
    CONSENT = "consent"

    @property
    def needs_a_reason(self) -> bool:
        return self is not IdentityAnswer.REDACT


@dataclass(frozen=True)
class Answer:
    """What a person says to the findings of one field, and why. `keep` and `consent` have a reason."""

    kind: IdentityAnswer
    reason: str = ""

    def __post_init__(self) -> None:
        if self.kind.needs_a_reason and not self.reason.strip():
            raise ValueError(f'"{self.kind}" has a reason: "{self.kind}: why"')

    @classmethod
    def from_text(cls, text: str) -> "Answer":
        """`keep: REASON`, `consent: REASON` or `redact`. Raises `ValueError` that says what would be right."""
        kind, _, reason = text.partition(":")
        try:
            answer = IdentityAnswer(kind.strip().lower())
        except ValueError:
            raise ValueError('it is "keep: REASON", "consent: REASON" or "redact"') from None
        return cls(answer, reason.strip())


@dataclass(frozen=True)
class IdentitySettlement:
    """An answer to the findings of a card's field; it goes for the text it was given on and no other.

    `of_text` is `text_key` of that text. `at` is UTC and aware.
    """

    field: str
    answer: Answer
    of_text: str
    person: str
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time is aware, in UTC")


def text_key(card_id: str, field: str, text: str) -> str:
    """What a text is known by where it must not be told: the same for the same text of the same field of a card."""
    return hashlib.sha256(f"{card_id}\0{field}\0{text}".encode()).hexdigest()


def that_stand(
    card_id: str, texts: Mapping[str, str], given: Iterable[IdentitySettlement]
) -> dict[str, IdentitySettlement]:
    """By field, the last settlement that was given on the very text that stands."""
    return {
        settlement.field: settlement
        for settlement in given
        if settlement.of_text == text_key(card_id, settlement.field, texts.get(settlement.field, ""))
    }


@dataclass(frozen=True)
class FieldFindings:
    """What was found in a field as it stands, and the settlement that goes for it, if any."""

    field: str
    text: str
    findings: tuple[Finding, ...]
    settlement: IdentitySettlement | None = None

    @property
    def holds(self) -> bool:
        return self.settlement is None and any(finding.holds for finding in self.findings)


@dataclass(frozen=True)
class CardFindings:
    """The fields of a card in which something was found. `state` is the card's in the queue, `pages` are its sheets."""

    card_id: str
    batch_id: str
    state: str
    pages: tuple[str, ...]
    fields: tuple[FieldFindings, ...]

    @property
    def holds(self) -> bool:
        return any(field.holds for field in self.fields)


def redacted(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with `REDACTED` in place of each (start, end); those that touch or overlap become one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    parts, last = [], 0
    for start, end in joined:
        parts += [text[last:start], REDACTED]
        last = end
    return "".join([*parts, text[last:]])
