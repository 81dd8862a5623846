"""Readings against reviewed texts: a card at a time, so that any number of them fits into memory.

Runs of spaces and line feeds count as one space, so that an error is one of reading. Effort counts every change.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.accuracy import ErrorCount, aligned, character_errors, judged_words, word_errors
from scan_ingest.domain.calibration import Bin, expected_calibration_error, reliability
from scan_ingest.domain.card import Reading
from scan_ingest.domain.ratio import Ratio
from scan_ingest.domain.review import ReviewedCard


class Measure(StrEnum):
    """What is counted on each card, and against what."""

    RAW_CER = "raw_cer"  # wrong characters by true ones, as the recogniser saw them
    CER = "cer"  # the same, as decoded
    RAW_WER = "raw_wer"  # wrong words by true ones
    WER = "wer"
    EFFORT = "edits_per_character"  # characters that the reviewer changed by those that stand
    FLAGGED = "words_flagged"  # words that carry a doubt by words read
    UNPOINTED = "wrong_words_unflagged"  # wrong words that carry no doubt by wrong words
    MISSED = "words_left_out"  # words that nobody read by true ones
    UNCHANGED = "fields_unchanged"  # text fields that the reviewer left as they were
    TICKS = "choices_right"  # choices and codes that were read right


By = StrEnum("By", ["FIELD", "TEMPLATE", "WARD", "ORGANISATION", "RECOGNISER", "MADE_BY", "DAY"])

Figures = Mapping[Measure, Ratio]

UNSIGNED = "of an earlier edition"  # from before readings said which
SECOND_OPINION = "second opinion"  # asked only about fields in doubt, so its rate is of the harder ones


@dataclass(frozen=True)
class Evaluation:
    """The figures of all cards, and of each group by its name; days are ISO dates (UTC) of the review."""

    cards: int = 0
    unchanged_cards: int = 0
    characters: int = 0
    words: int = 0
    first_day: date | None = None
    last_day: date | None = None
    total: Figures = field(default_factory=dict)
    groups: Mapping[By, Mapping[str, Figures]] = field(default_factory=dict)
    bins: tuple[Bin, ...] = ()

    @property
    def calibration_error(self) -> float | None:
        return expected_calibration_error(self.bins)


Counts = Mapping[Measure, tuple[float, float]]
Group = tuple[By | None, str]  # None: the total


def evaluate(cards: Iterable[ReviewedCard]) -> Evaluation:
    """The figures of these cards; each is looked at once and let go."""
    sums: dict[Group, dict[Measure, Ratio]] = {}
    bins = reliability(())
    number = unchanged = characters = words = 0
    days: set[date] = set()
    for card in cards:
        number += 1
        days.add(card.reviewed_at.date())
        unchanged += all(reading.text == card.texts.get(name) for name, reading in card.readings.items())
        on_card: dict[Group, dict[Measure, tuple[float, float]]] = defaultdict(dict)
        for group, counts in _counts(card):
            for measure, (top, bottom) in counts.items():
                before = on_card[group].get(measure, (0.0, 0.0))
                on_card[group][measure] = (before[0] + top, before[1] + bottom)
        for group, counted in on_card.items():
            kept = sums.setdefault(group, {})
            for measure, (top, bottom) in counted.items():
                kept[measure] = kept.get(measure, Ratio()).with_card(top, bottom)
        for name in _text_fields(card):
            true = card.texts[name].split()
            characters, words = characters + len(" ".join(true)), words + len(true)
            judged = judged_words(card.readings[name], card.texts[name])
            seen = reliability((word.confidence, right) for word, right in judged)
            bins = tuple(before + more for before, more in zip(bins, seen, strict=True))
    groups: dict[By, dict[str, Figures]] = {by: {} for by in By}
    for (by, group_name), figures in sums.items():
        if by is not None:
            groups[by][group_name] = figures
    first, last = (min(days), max(days)) if days else (None, None)
    return Evaluation(number, unchanged, characters, words, first, last, sums.get((None, ""), {}), groups, bins)


def _text_fields(card: ReviewedCard) -> Iterator[str]:
    """The fields that hold text and were read."""
    return (name for name, kind in card.kinds.items() if kind == "text" and name in card.readings)


def _counts(card: ReviewedCard) -> Iterator[tuple[Group, Counts]]:
    """What each field of the card adds to each group it belongs to."""
    of_card: tuple[Group, ...] = (
        (None, ""),
        (By.TEMPLATE, card.template_id),
        (By.WARD, card.label.ward),
        (By.ORGANISATION, card.label.organisation),
        (By.DAY, card.reviewed_at.date().isoformat()),
    )
    for name, reading in card.readings.items():
        if card.kinds.get(name) != "text":
            counts: Counts = {Measure.TICKS: (float(reading.text == card.texts.get(name)), 1.0)}
            groups = (*of_card, (By.FIELD, name))
        else:
            counts = _text_counts(reading, card.texts[name])
            groups = (*of_card, (By.FIELD, name), (By.RECOGNISER, reading.recogniser), (By.MADE_BY, _made_by(reading)))
            if reading.second_opinion is not None:
                yield (By.RECOGNISER, SECOND_OPINION), _second_opinion(reading.second_opinion, card.texts[name])
        for group in groups:
            yield group, counts


def _text_counts(reading: Reading, reviewed: str) -> Counts:
    true, read = _spaced(reviewed), _spaced(reading.text)
    raw = _spaced(" ".join(line.raw for line in reading.lines))
    judged = judged_words(reading, reviewed)
    wrong = [word for word, right in judged if not right]
    missed = sum(source is None for source, _ in aligned([word.text for word, _ in judged], true.split()))
    return {
        Measure.RAW_CER: _rate(character_errors(true, raw)),
        Measure.CER: _rate(character_errors(true, read)),
        Measure.RAW_WER: _rate(word_errors(true, raw)),
        Measure.WER: _rate(word_errors(true, read)),
        Measure.EFFORT: (Levenshtein.distance(reading.text, reviewed), len(reviewed)),
        Measure.FLAGGED: (sum(bool(word.doubt) for word, _ in judged), len(judged)),
        Measure.UNPOINTED: (sum(not word.doubt for word in wrong), len(wrong)),
        Measure.MISSED: (missed, len(true.split())),
        Measure.UNCHANGED: (float(reading.text == reviewed), 1.0),
    }


def _made_by(reading: Reading) -> str:
    """The recogniser's name and the edition of it."""
    return f"{reading.recogniser}, {reading.made_by or UNSIGNED}"


def _second_opinion(text: str, reviewed: str) -> Counts:
    true, read = _spaced(reviewed), _spaced(text)
    return {Measure.CER: _rate(character_errors(true, read)), Measure.WER: _rate(word_errors(true, read))}


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _rate(errors: ErrorCount) -> tuple[float, float]:
    return errors.edits, errors.length
