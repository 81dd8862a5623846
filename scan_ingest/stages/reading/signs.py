"""What speaks for and against each word that was read, as numbers: what its probability is worked out from."""

import re
from collections.abc import Sequence
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.card import Evidence, Line, Word
from scan_ingest.domain.crop import LineCrop
from scan_ingest.stages.reading.traces import OF_INK, of_ink

OF_READING = (
    "posterior", "mean", "lowest", "changed", "new_letters", "language", "unknown", "unknown_name", "short", "long",
    "digits", "capital", "mixed", "signs_only", "mark", "mark_inside", "others", "line_posterior",
    "line_mean", "field_posterior", "field_mean", "beside", "last", "small_start", "odd_start", "small_follows",
    "capital_follows", "comma", "mark_first", "follows", "leads", "joins", "nearly_known",
    "date", "large_start", "single", *OF_INK,
)  # fmt: skip
"""Known as soon as the field is read. Probabilities stand as log odds, lengths in heights of the line's text core."""

OF_SECOND = (
    "agreed", "agreed_exactly", "agreed_mark", "agreed_case", "agreed_letters", "alike", "surely_other", "says_another",
    "line_agreed", "field_agreed",
)  # fmt: skip
"""Known when the second recogniser was asked."""

Signs = NDArray[np.float64]

MISSING = 0.02  # the posterior of a word that was in the running in no reading kept
MARKS = ".,;:!?"
JOINERS = "'’-"  # they stand inside words
USUAL_LANGUAGE = -2.5  # of a word that language says nothing about
USUALLY_AGREED = 0.3  # Tesseract agrees on three words of real hands in ten
MOST_JOINED = 10.0  # nats; surer than that two words are one says no more
SUREST = 1e-3  # a probability nearer to 0 or 1 than this says no more


def log_odds(p: float) -> float:
    """Of a probability, kept from where its last digits would decide."""
    p = min(max(p, SUREST), 1.0 - SUREST)
    return log(p / (1.0 - p))


def of_reading(lines: Sequence[Line], strips: Sequence[LineCrop]) -> Signs:
    """words × `OF_READING`: of every word of these lines of a field, in order. `strips` are the field's pictures."""
    by_box = {strip.box_mm: strip for strip in strips}
    texts = [word.text for line in lines for word in line.words]
    rows: list[list[float]] = []
    for line in lines:
        rows += _of_line(line, by_box.get(line.box_mm), ["", *texts, ""][len(rows) :])
    signs = np.array(rows, dtype=np.float64).reshape(-1, len(OF_READING) - 2)
    posterior, mean = signs[:, OF_READING.index("posterior")], signs[:, OF_READING.index("mean")]
    whole = np.stack([_without_own(posterior), _without_own(mean)], axis=1)
    at = OF_READING.index("field_posterior")
    return np.concatenate([signs[:, :at], whole, signs[:, at:]], axis=1)


def _of_line(line: Line, strip: LineCrop | None, texts: Sequence[str]) -> list[list[float]]:
    evidence = [word.evidence or _as_read(word) for word in line.words]
    posterior = np.array([log_odds(one.posterior or MISSING) for one in evidence])
    mean = np.array([log_odds(one.raw_mean) for one in evidence])
    changes = _changes(line)
    around_posterior, around_mean = _without_own(posterior), _without_own(mean)
    ink = of_ink(line, strip)
    rows: list[list[float]] = []
    for at, (word, one) in enumerate(zip(line.words, evidence, strict=True)):
        beside = [posterior[near] for near in (at - 1, at + 1) if 0 <= near < len(posterior)]
        letters = [character for character in word.text if character.isalnum()]
        inside = word.text.strip("".join(character for character in word.text if not character.isalnum()))
        changed, new = changes[at]
        before, after = texts[at], texts[at + 2]
        starts = not before or before[-1] in ".!?"
        ends = word.text[-1] in ".!?"
        digits = any(character.isdigit() for character in letters)
        named = word.text[:1].isupper() and not one.known and not digits
        rows.append(
            [
                posterior[at],
                mean[at],
                log_odds(one.raw_lowest),
                min(changed, 4.0),
                min(new, 4.0),
                USUAL_LANGUAGE if named or digits else max(one.language, -8.0),
                float(bool(letters) and not (one.known or digits or named)),
                float(named),
                float(len(letters) <= 2),
                min(len(letters), 12) / 4,
                float(digits),
                float(word.text[:1].isupper() and not starts and not word.text.isupper()),
                float(any(a.islower() and b.isupper() for a, b in pairwise(letters))),
                float(not letters),
                float(word.text[-1:] in ".,;:!?"),
                float(any(not character.isalnum() and character not in JOINERS for character in inside)),
                float(len(word.alternatives)),
                around_posterior[at],
                around_mean[at],
                min(beside, default=posterior[at]),
                float(at == len(line.words) - 1),
                float(bool(before) and starts and word.text[:1].islower()),
                float(not starts and word.text.istitle() and one.known),
                float(ends and after[:1].islower()),
                float(not ends and after[:1].isupper() and not word.text[:1].isupper()),
                float(word.text[-1] == ","),
                float(_letters(word.alternatives[0]) == _letters(word.text)) if word.alternatives else 0.0,
                one.follows,
                one.leads,
                min(one.joins, MOST_JOINED),
                float(one.nearly_known),
                float(_is_date(word.text)),
                float(word.text[:1].isupper()),
                float(len(word.text) == 1),
                *ink[at],
            ]
        )
    return rows


def _is_date(text: str) -> bool:
    """Whether it is a day that exists, with or without its year, or a year of our time."""
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    day, month = (int(found[part] or 1) for part in ("day", "month"))
    return 1 <= day <= 31 and 1 <= month <= 12


_DATE = re.compile(
    r"(?P<day>\d\d?)(?:(?P<sign>[/.-])(?P<month>\d\d?)(?:(?P=sign)(?:20)?\d\d)?|st|nd|rd|th)|(?:19|20)\d\d",
    re.ASCII | re.IGNORECASE,
)


def _as_read(word: Word) -> Evidence:
    """Of a word whose recogniser tells no more than its confidence."""
    sure = word.confidence
    return Evidence(sure, sure, sure, True, 0.0, False, len(word.text), 0.0)


def _without_own(values: Signs) -> Signs:
    """For each value the mean of the others, drawn towards the value itself as if it stood there twice more."""
    return np.asarray((values.sum() + values) / (len(values) + 1), dtype=np.float64)


def _changes(line: Line) -> list[tuple[float, float]]:
    """For each word how many characters the decoder changed from the raw reading, spaces too, and how many letters."""
    owner: list[int] = []
    for at, word in enumerate(line.words):
        owner += [at] * (len(word.text) + 1)  # the space behind a word is its own
    counts = [[0.0, 0.0] for _ in line.words]
    text = " ".join(word.text for word in line.words)
    for edit in Levenshtein.editops(line.raw, text):
        at = owner[min(edit.dest_pos, len(owner) - 1)]
        put = text[edit.dest_pos] if edit.tag != "delete" else ""
        taken = line.raw[edit.src_pos] if edit.tag != "insert" else ""
        counts[at][0] += 1
        counts[at][1] += put.casefold() != taken.casefold() and (put + taken).isalnum()
    return [(changed, new) for changed, new in counts]


def _letters(text: str) -> str:
    """Without case and punctuation, on which recognisers differ for no reason."""
    return "".join(character for character in text.casefold() if character.isalnum())


# -- the second recogniser -----------------------------------------------------------------------------------------


def of_second(lines: Sequence[Line], other: Sequence[Line]) -> Signs:
    """words × `OF_SECOND`: what the other recogniser's reading of these very lines says of each word."""
    words = [word for line in lines for word in line.words]
    line_of = np.repeat(np.arange(len(lines)), [len(line.words) for line in lines])
    rivals = rivals_of(words, [word for line in other for word in line.words])
    agreed = np.array(
        [rival is not None and same(word.text, rival.text) for word, rival in zip(words, rivals, strict=True)],
        dtype=np.float64,
    )
    in_line = np.bincount(line_of, weights=agreed, minlength=len(lines))[line_of] if words else agreed
    words_in_line = np.bincount(line_of, minlength=len(lines))[line_of] if words else agreed
    # What is agreed on around a word, itself left out; USUALLY_AGREED of a word is added, for lines of one word.
    around = np.stack(
        [
            (in_line - agreed + USUALLY_AGREED) / np.maximum(words_in_line, 1),
            (agreed.sum() - agreed + USUALLY_AGREED) / max(len(words), 1),
        ],
        axis=1,
    )
    own = [_heard(word, rival) for word, rival in zip(words, rivals, strict=True)]
    return np.concatenate([np.array(own, dtype=np.float64).reshape(-1, len(OF_SECOND) - 2), around], axis=1)


def _heard(word: Word, rival: Word | None) -> tuple[float, ...]:
    """What is in the other recogniser's place for a word, without what surrounds it."""
    if rival is None:
        return (0.0,) * (len(OF_SECOND) - 2)
    mine, theirs = _letters(word.text), _letters(rival.text)
    if same(word.text, rival.text):
        marks = (word.text[-1:] in MARKS) != (rival.text[-1:] in MARKS)
        case = word.text[:1].isupper() != rival.text[:1].isupper()
        return (1.0, float(word.text == rival.text), float(marks), float(case), min(len(mine), 8) / 4, 0.0, 0.0, 0.0)
    alike = Levenshtein.normalized_similarity(mine, theirs)
    is_another = theirs in map(_letters, word.alternatives)
    return (0.0, 0.0, 0.0, 0.0, 0.0, alike, rival.confidence, float(is_another))


def same(one: str, other: str) -> bool:
    """Loosely: case and punctuation do not tell; signs alone are nothing to agree on."""
    return bool(_letters(one)) and _letters(one) == _letters(other)


def rivals_of(words: Sequence[Word], others: Sequence[Word]) -> list[Word | None]:
    """For each word the other recogniser's for the same place, by the fewest changes; None where it has none."""
    rivals: list[Word | None] = [None] * len(words)
    plain, plain_others = ([_letters(word.text) or word.text for word in some] for some in (words, others))
    for step in Levenshtein.opcodes(plain, plain_others):
        sources, targets = range(step.src_start, step.src_end), range(step.dest_start, step.dest_end)
        for source, target in zip(sources, targets, strict=False):
            rivals[source] = others[target]
    return rivals
