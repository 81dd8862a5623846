"""From the lines that recognisers saw to the reading of a field, with its doubts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np
from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.card import Doubt, Line, Reading, Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import SkipError
from scan_ingest.ports import Recogniser
from scan_ingest.stages.owners import outside

PRIMARY, SECOND = "pp-ocrv6", "tesseract"
NOBODY = "none"  # the recogniser of a field that nobody could read

UNSURE_BELOW = 0.85  # a word's confidence: three wrong words in four lie below
AGREED = 0.96  # how often a word is right on which the two recognisers agree
SPEAKS_FROM = 0.6  # Tesseract's confidence in a word from which its difference counts; it guesses at handwriting
NOISE_BELOW, NOISE_LENGTH = 0.35, 3  # so short and so unsure a line is dirt, not writing
WRITING_MM2 = 0.5  # ink of one letter; a field with more and no text has not been read
OUTSIDE_MM, OUTSIDE_SHARE = 2.0, 0.08  # a tail or two leaves every box; a word outside is more
PARAGRAPH_GAP = 1.7  # of the usual distance between lines


def read_text(crop: FieldCrop, primary: Recogniser, second_opinion: Recogniser | None = None) -> Reading:
    """The reading of a text field.

    The second opinion is asked only of lines where it can change a doubt: it clears or sharpens that of unsure words. A
    recogniser that fails costs the field its reading or its second opinion, and the reading's recogniser says so.
    """
    try:
        lines = _without_noise(primary(crop))
    except SkipError:
        return _without_primary(crop, second_opinion)
    unsure = [line for line in lines if any(word.confidence < UNSURE_BELOW for word in line.words)]
    if second_opinion is None or not unsure:
        return reading(crop, lines, PRIMARY)
    try:
        other = second_opinion(_only(crop, unsure))
    except SkipError:
        return reading(crop, lines, f"{PRIMARY} ({SECOND} failed)")
    sharper = dict(zip(map(id, unsure), weighed(unsure, other), strict=True))
    weighed_lines = [sharper.get(id(line), line) for line in lines]
    return replace(reading(crop, weighed_lines, PRIMARY), second_opinion=joined(other))


def _only(crop: FieldCrop, lines: Sequence[Line]) -> FieldCrop:
    """The field with the written lines that those readings are of."""
    boxes = [line.box_mm for line in lines]
    return replace(crop, lines=tuple(line for line in crop.lines if line.box_mm in boxes))


def _without_primary(crop: FieldCrop, second_opinion: Recogniser | None) -> Reading:
    try:
        lines = second_opinion(crop) if second_opinion is not None else ()
    except SkipError:
        lines = ()
    read = reading(crop, lines, f"{SECOND} ({PRIMARY} failed)" if lines else f"{NOBODY} ({PRIMARY} failed)")
    if not crop.ink.any():
        return read
    return replace(read, confidence=min(read.confidence, 0.5), doubt=_ordered({*read.doubt, Doubt.UNSURE}))


def reading(crop: FieldCrop, lines: Sequence[Line], recogniser: str) -> Reading:
    """The reading these lines make: text joined, doubts of words and field set."""
    marked = tuple(replace(line, words=tuple(map(_marked, line.words))) for line in lines)
    text = joined(marked)
    doubts: set[Doubt] = {doubt for word in _words(marked) for doubt in word.doubt}
    ink_mm2 = float(crop.ink.sum()) / SIDE_PX_PER_MM**2
    if crop.field.required and not text:
        doubts.add(Doubt.EMPTY)
    unread = ink_mm2 > WRITING_MM2 and (not text or len(lines) < len(crop.lines))
    from_nothing = bool(text) and not crop.ink.any()
    if unread or from_nothing or outside(crop.ink, crop.box_mm, crop.field, OUTSIDE_MM) > OUTSIDE_SHARE:
        doubts.add(Doubt.INK)
    return Reading(crop.field.name, text, _confidence(marked), recogniser, marked, _ordered(doubts))


def _marked(word: Word) -> Word:
    if word.confidence >= UNSURE_BELOW:
        return word
    return replace(word, doubt=_ordered({*word.doubt, Doubt.UNSURE}))


def weighed(lines: Sequence[Line], other: Sequence[Line]) -> tuple[Line, ...]:
    """The lines, their words weighed by what the other recogniser read.

    A word on which both agree is raised to `AGREED`. One of which the first is unsure and for which the other surely
    reads something else gets the doubt `disagree`.
    """
    words, others = list(_words(lines)), list(_words(other))
    plain, plain_others = [_plain(word.text) for word in words], [_plain(word.text) for word in others]
    weights = dict(enumerate(words))
    for step in Levenshtein.opcodes(plain, plain_others):
        for index in range(step.src_start, step.src_end):
            at = step.dest_start + index - step.src_start
            rival = others[at] if step.tag != "delete" and at < step.dest_end else None
            weights[index] = _weighed(words[index], rival, agreed=step.tag == "equal")
    result: list[Line] = []
    start = 0
    for line in lines:
        end = start + len(line.words)
        result.append(replace(line, words=tuple(weights[index] for index in range(start, end))))
        start = end
    return tuple(result)


def _weighed(word: Word, rival: Word | None, *, agreed: bool) -> Word:
    if agreed and any(character.isalnum() for character in word.text):
        return replace(word, confidence=max(word.confidence, AGREED))
    if rival is not None and word.confidence < UNSURE_BELOW and rival.confidence >= SPEAKS_FROM:
        return replace(word, doubt=_ordered({*word.doubt, Doubt.DISAGREE}))
    return word


def _plain(text: str) -> str:
    """A word without case and punctuation, on which recognisers differ for no reason."""
    letters = "".join(character for character in text.casefold() if character.isalnum())
    return letters or text


def joined(lines: Sequence[Line]) -> str:
    """The lines as text: one space between them, a line feed where a paragraph ends."""
    if not lines:
        return ""
    breaks = set(_paragraph_ends([line.box_mm for line in lines]))
    parts = [("\n" if index in breaks else " ") + line.text for index, line in enumerate(lines)]
    return as_kept("".join(parts).strip())


def _paragraph_ends(boxes: Sequence[BoxMm]) -> Iterator[int]:
    """The lines that begin a paragraph: they lie clearly further down than a line should."""
    middles = [box.y + box.height / 2 for box in boxes]
    steps = [below - above for above, below in pairwise(middles)]
    if len(steps) < 2:
        return
    usual = median(steps)
    for index, step in enumerate(steps):
        if step > PARAGRAPH_GAP * usual > 0:
            yield index + 1


def _without_noise(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.confidence >= NOISE_BELOW or len(line.text) > NOISE_LENGTH)


def _words(lines: Sequence[Line]) -> Iterator[Word]:
    for line in lines:
        yield from line.words


def _confidence(lines: Sequence[Line]) -> float:
    """The mean of the words' confidences, by their length; 1 where there is nothing to be unsure of."""
    words = list(_words(lines))
    if not words:
        return 1.0
    return float(np.average([word.confidence for word in words], weights=[len(word.text) for word in words]))


def _ordered(doubts: set[Doubt]) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in Doubt if doubt in doubts)
