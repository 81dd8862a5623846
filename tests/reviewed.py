"""Accepted cards whose readings are known word by word."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from scan_ingest.domain.batch import BoxLabel
from scan_ingest.domain.card import Doubt, Line, Reading, Word, card_id
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.review import ReviewedCard

ROSE = BoxLabel("Northgate", "Rose", date(2026, 3, 2))
REVIEWED = datetime(2026, 3, 4, 9, tzinfo=UTC)
LINE_MM = BoxMm(8, 60, 100, 5)


def a_word(text: str, confidence: float = 0.9, *, doubted: bool = False) -> Word:
    return Word(text, confidence, LINE_MM, (Doubt.UNSURE,) if doubted else ())


def read(field: str, words: Sequence[Word], *, raw: str | None = None, recogniser: str = "pp-ocrv6") -> Reading:
    """One line of these words; `raw` is what the recogniser saw before they were decoded."""
    text = " ".join(word.text for word in words)
    lines = (Line(text, text if raw is None else raw, 0.9, LINE_MM, tuple(words)),) if words else ()
    return Reading(field, text, 0.9, recogniser, lines)


def a_card(
    number: int,
    reading: Reading,
    reviewed: str,
    *,
    label: BoxLabel = ROSE,
    days: int = 0,
    others: Mapping[str, tuple[str, str, str]] | None = None,
) -> ReviewedCard:
    """A card with a text field, accepted `days` after the first; `others` are further fields: kind, read, reviewed."""
    more = others or {}
    return ReviewedCard(
        id=card_id(f"picture {number}", 1),
        label=label,
        template_id="nomination-a5",
        reviewed_at=REVIEWED + timedelta(days=days),
        kinds={reading.field: "text", **{name: kind for name, (kind, _, _) in more.items()}},
        readings={
            reading.field: reading,
            **{name: Reading(name, was, 1.0, "ink") for name, (_, was, _) in more.items()},
        },
        texts={reading.field: reviewed, **{name: now for name, (_, _, now) in more.items()}},
    )


def plain_words(text: str, confidence: float = 0.9) -> list[Word]:
    return [a_word(word, confidence) for word in text.split()]
