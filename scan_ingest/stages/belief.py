"""Confidences as the site's own reviews bear them out."""

from dataclasses import replace

import numpy as np

from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.card import Doubt, Line, Reading, Word
from scan_ingest.stages.opinion import PRIMARY, UNSURE_BELOW


def believed(reading: Reading, calibration: Calibration | None) -> Reading:
    """The reading with its words' confidences put right, and the doubt `unsure` where they now call for it.

    A doubt that something else than the confidence raised stays. Nothing is changed where the first recogniser failed:
    another one's confidences mean something else.
    """
    if (
        calibration is None
        or not reading.recogniser.startswith(PRIMARY)
        or not any(line.words for line in reading.lines)
    ):
        return reading
    lines = tuple(_line(line, calibration) for line in reading.lines)
    words = [word for line in lines for word in line.words]
    # What the field's doubts had from its words, they have from them again; empty fields and stray ink are its own.
    of_words = {doubt for line in reading.lines for word in line.words for doubt in word.doubt}
    doubts = (set(reading.doubt) - of_words) | {doubt for word in words for doubt in word.doubt}
    confidence = float(np.average([word.confidence for word in words], weights=[len(word.text) for word in words]))
    return replace(
        reading, lines=lines, confidence=confidence, doubt=tuple(doubt for doubt in Doubt if doubt in doubts)
    )


def _line(line: Line, calibration: Calibration) -> Line:
    words = tuple(_word(word, calibration) for word in line.words)
    if not words:
        return line
    confidence = float(np.average([word.confidence for word in words], weights=[len(word.text) for word in words]))
    return replace(line, words=words, confidence=confidence)


def _word(word: Word, calibration: Calibration) -> Word:
    confidence = calibration(word.confidence)
    doubts = set(word.doubt)
    if word.confidence < UNSURE_BELOW:
        doubts.discard(Doubt.UNSURE)
    if confidence < UNSURE_BELOW:
        doubts.add(Doubt.UNSURE)
    ordered = tuple(doubt for doubt in Doubt if doubt in doubts)
    return replace(word, confidence=confidence, doubt=ordered, as_shipped=word.confidence)
