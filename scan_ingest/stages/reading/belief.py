"""Confidences as what the site knows bears them out: its own reviews, its lists."""

from collections.abc import Callable, Sequence, Set
from dataclasses import replace

import numpy as np

from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.card import Doubt, Reading, Word
from scan_ingest.stages.reading.opinion import PRIMARY, UNSURE_BELOW


def believed(reading: Reading, calibration: Calibration | None) -> Reading:
    """The reading with its words' confidences put right, and the doubt `unsure` where they now call for it.

    A doubt that something else than the confidence raised stays. Nothing is changed where the first recogniser failed:
    another one's confidences mean something else.
    """
    if calibration is None or not reading.recogniser.startswith(PRIMARY):
        return reading

    def put_right(word: Word) -> Word:
        confidence = calibration(word.confidence)
        doubts = set(word.doubt)
        if word.confidence < UNSURE_BELOW:
            doubts.discard(Doubt.UNSURE)
        if confidence < UNSURE_BELOW:
            doubts.add(Doubt.UNSURE)
        return replace(word, confidence=confidence, doubt=_ordered(doubts), as_shipped=word.confidence)

    return _changed(reading, put_right)


def borne_out(reading: Reading, chance: float) -> Reading:
    """The reading of what stands, letter for letter, in a list that it comes from with that chance (0 to 1).

    Every word of it is right at least as likely as that. What raised doubt about the ink still does.
    """

    def surer(word: Word) -> Word:
        if chance < max(word.confidence, UNSURE_BELOW):
            return word
        doubts = set(word.doubt) - {Doubt.UNSURE, Doubt.DISAGREE}
        shipped = word.confidence if word.as_shipped is None else word.as_shipped
        return replace(word, confidence=chance, doubt=_ordered(doubts), as_shipped=shipped)

    return _changed(reading, surer)


def _changed(reading: Reading, change: Callable[[Word], Word]) -> Reading:
    """The reading with each word changed, and what follows from that for its lines and for itself."""
    if not any(line.words for line in reading.lines):
        return reading
    lines = tuple(
        replace(line, words=words, confidence=_mean(words)) if words else line
        for line, words in ((line, tuple(map(change, line.words))) for line in reading.lines)
    )
    words = [word for line in lines for word in line.words]
    # What the field's doubts had from its words, they have from them again; empty fields and stray ink are its own.
    of_words = {doubt for line in reading.lines for word in line.words for doubt in word.doubt}
    doubts = (set(reading.doubt) - of_words) | {doubt for word in words for doubt in word.doubt}
    return replace(reading, lines=lines, confidence=_mean(words), doubt=_ordered(doubts))


def _mean(words: Sequence[Word]) -> float:
    """Of their confidences, by their length."""
    return float(np.average([word.confidence for word in words], weights=[len(word.text) for word in words]))


def _ordered(doubts: Set[Doubt]) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in Doubt if doubt in doubts)
