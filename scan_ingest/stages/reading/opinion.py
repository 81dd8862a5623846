"""From the lines that recognisers saw to the reading of a field, with its doubts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import numpy as np

from scan_ingest.domain.card import Doubt, Line, Reading, Word
from scan_ingest.domain.crop import SIDE_PX_PER_MM, FieldCrop, LineCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.text import as_kept
from scan_ingest.errors import SkipError
from scan_ingest.ports.reading import Recogniser
from scan_ingest.stages.cutting.owners import outside
from scan_ingest.stages.reading.hearing import hear
from scan_ingest.stages.reading.lettered import stamped_words
from scan_ingest.stages.reading.signs import rivals_of, same
from scan_ingest.stages.reading.traces import crossed_out, crowded, off_the_ink
from scan_ingest.stages.reading.trust import Judged

PRIMARY, SECOND = "pp-ocrv6", "tesseract"
NOBODY = "none"  # the recogniser of a field that nobody could read

CLEAR = 0.95  # of the least sure letter; 95 % of words with a line drawn through them have one below
UNSURE_BELOW = 0.85  # a word's probability of being right: of real hands three words in ten lie below
SPEAKS_FROM = 0.6  # Tesseract's confidence in a word from which its difference counts; it guesses at handwriting
NOISE_BELOW, NOISE_LENGTH = 0.35, 3  # so short and so unsure a line is dirt, not writing
STROKES = frozenset("1lI|/!")
LONE_MARKS = frozenset("XxOo0Vv+")  # a cross, a ring or a tick across a field reads as one of these
STREAK_MM, STREAK_WIDE_MM = 24.0, 6.0  # of a line's picture, which is four times its text core high: a stroke of 10 mm
WRITING_MM2 = 0.5  # ink of one letter; a field with more and no text has not been read
OUTSIDE_MM, OUTSIDE_SHARE = 2.0, 0.08  # a tail or two leaves every box; a word outside is more
WORD_OUTSIDE_MM = 0.5  # a word whose middle lies so far outside was not written in the box
END_OUTSIDE_MM = 2.0  # a word that begins or ends so far outside may be cut off, or touch what stands there
PARAGRAPH_GAP = 1.7  # of the usual distance between lines


def read_text(crop: FieldCrop, primary: Recogniser, second_opinion: Recogniser | None = None) -> Reading:
    """The reading of a text field.

    Each word's confidence is the calibrated probability that it is right (`trust.py`). The second opinion is asked only
    about lines where it may move a word across `UNSURE_BELOW`. A recogniser that fails costs the field its reading or
    its second opinion, and the reading's recogniser says so.
    """
    try:
        lines = _without_noise(hear(primary, crop))
    except SkipError:
        return _without_primary(crop, second_opinion)
    judged = Judged.of(lines, crop.lines)
    near = judged.near(UNSURE_BELOW)
    if second_opinion is None or not near:
        return reading(crop, _with_chances(judged), PRIMARY)
    try:
        other = hear(second_opinion, _only(crop, near))
    except SkipError:
        return reading(crop, _with_chances(judged), f"{PRIMARY} ({SECOND} failed)")
    heard = _with_chances(judged.asked(near, other))
    asked = [line in near for line in lines]
    differing = iter(disagreeing([line for line, one in zip(heard, asked, strict=True) if one], other))
    weighed = [next(differing) if one else line for line, one in zip(heard, asked, strict=True)]
    return replace(reading(crop, weighed, PRIMARY), second_opinion=joined(other))


def _only(crop: FieldCrop, lines: Sequence[Line]) -> FieldCrop:
    """The field with the written lines that those readings are of."""
    boxes = [line.box_mm for line in lines]
    return replace(crop, lines=tuple(line for line in crop.lines if line.box_mm in boxes))


def _without_primary(crop: FieldCrop, second_opinion: Recogniser | None) -> Reading:
    try:
        lines = hear(second_opinion, crop) if second_opinion is not None else ()
    except SkipError:
        lines = ()
    read = reading(crop, lines, f"{SECOND} ({PRIMARY} failed)" if lines else f"{NOBODY} ({PRIMARY} failed)")
    if not crop.ink.any():
        return read
    return replace(read, confidence=min(read.confidence, 0.5), doubt=_ordered({*read.doubt, Doubt.UNSURE}))


def reading(crop: FieldCrop, lines: Sequence[Line], recogniser: str) -> Reading:
    """The reading these lines make: text joined, doubts of words and field set."""
    strips = {strip.box_mm: strip for strip in crop.lines}
    own = [strips.get(line.box_mm) for line in lines]
    stamps = stamped_words(lines, own, crop.field.box_mm)
    marked = tuple(_marked_line(line, strip, crop, some) for line, strip, some in zip(lines, own, stamps, strict=True))
    put_in = [box in strips and strips[box].inserted for box in (line.box_mm for line in marked)]
    text = joined(marked, put_in)
    if text in LONE_MARKS:
        marked = tuple(
            replace(line, words=tuple(_marked(word, ink_doubted=True) for word in line.words)) for line in marked
        )
    doubts: set[Doubt] = {doubt for word in _words(marked) for doubt in word.doubt}
    ink_mm2 = float(crop.ink.sum()) / SIDE_PX_PER_MM**2
    if crop.field.required and not text:
        doubts.add(Doubt.EMPTY)
    unread = ink_mm2 > WRITING_MM2 and (not text or len(lines) < len(crop.lines))
    from_nothing = bool(text) and not crop.ink.any()
    off = outside(crop.ink, crop.box_mm, crop.field, OUTSIDE_MM) > OUTSIDE_SHARE
    if unread or from_nothing or off or crop.is_covered(crop.field.box_mm):
        doubts.add(Doubt.INK)
    sure = 0.0 if Doubt.INK in doubts and not text else _mean(list(_words(marked)))
    return Reading(crop.field.name, text, sure, recogniser, marked, _ordered(doubts))


def _marked_line(line: Line, strip: LineCrop | None, crop: FieldCrop, stamped: Sequence[bool]) -> Line:
    """The line with its words' doubts; `stamped` is whether each is a stamp's."""
    boxes = [word.box_mm for word in line.words]
    doubted = [
        of_stamp or _lies_outside(box, crop.field.box_mm) or crop.is_covered(box)
        for box, of_stamp in zip(boxes, stamped, strict=True)
    ]
    if strip is not None:
        off = np.array(off_the_ink(line, strip), dtype=np.bool_) | np.array(crowded(line, strip), dtype=np.bool_)
        seen = zip(line.words, off.tolist(), crossed_out(line, strip), doubted, strict=True)
        doubted = [strip.inserted or out or bad or (struck and not _clear(word)) for word, bad, struck, out in seen]
    words = zip(line.words, doubted, strict=True)
    return replace(line, words=tuple(_marked(word, ink_doubted=ink) for word, ink in words))


def _lies_outside(word: BoxMm, field: BoxMm) -> bool:
    allowed = field.grown(WORD_OUTSIDE_MM)
    x, y = word.x + word.width / 2, word.y + word.height / 2
    if not (allowed.x <= x <= allowed.right and allowed.y <= y <= allowed.bottom):
        return True
    return word.x < field.x - END_OUTSIDE_MM or word.right > field.right + END_OUTSIDE_MM


def _clear(word: Word) -> bool:
    """Whether every letter was seen so surely that nothing can lie across the word, whatever looks like it: a flourish,
    or what is left of a rule."""
    return word.evidence is not None and word.evidence.raw_lowest >= CLEAR


def _marked(word: Word, *, ink_doubted: bool) -> Word:
    doubts = set(word.doubt)
    if word.confidence < UNSURE_BELOW:
        doubts.add(Doubt.UNSURE)
    if ink_doubted:
        doubts.add(Doubt.INK)
    return replace(word, doubt=_ordered(doubts))


def _with_chances(judged: Judged) -> list[Line]:
    """The lines, each word's confidence the probability that it is right; a line's is the mean over its letters."""
    result: list[Line] = []
    for line, right in zip(judged.lines, judged.by_line(), strict=True):
        words = tuple(replace(word, confidence=round(float(p), 4)) for word, p in zip(line.words, right, strict=True))
        result.append(replace(line, words=words, confidence=_mean(words)) if words else line)
    return result


def disagreeing(lines: Sequence[Line], other: Sequence[Line]) -> tuple[Line, ...]:
    """The lines; a word of which the first recogniser is unsure and for which the other surely reads something else
    gets the doubt `disagree`."""
    rivals = iter(rivals_of([*_words(lines)], [*_words(other)]))
    return tuple(
        replace(line, words=tuple(_against(word, next(rivals)) for word in line.words)) if line.words else line
        for line in lines
    )


def _against(word: Word, rival: Word | None) -> Word:
    if rival is None or same(word.text, rival.text) or rival.confidence < SPEAKS_FROM:
        return word
    if word.confidence >= UNSURE_BELOW:
        return word
    return replace(word, doubt=_ordered({*word.doubt, Doubt.DISAGREE}))


def joined(lines: Sequence[Line], put_in: Sequence[bool] = ()) -> str:
    """The lines as text: one space between them, a line feed where a paragraph ends. Those that were `put_in` above
    another say nothing of paragraphs."""
    if not lines:
        return ""
    level = [index for index in range(len(lines)) if not (put_in and put_in[index])]
    breaks = {level[after] for after in _paragraph_ends([lines[index].box_mm for index in level])}
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
    return tuple(
        line
        for line in lines
        if not _is_streak(line) and (line.confidence >= NOISE_BELOW or len(line.text) > NOISE_LENGTH)
    )


def _is_streak(line: Line) -> bool:
    """Whether one upright stroke was read, taller than anybody writes: dust on the glass of a scanner."""
    return line.text in STROKES and line.box_mm.height > STREAK_MM and line.box_mm.width < STREAK_WIDE_MM


def _words(lines: Sequence[Line]) -> Iterator[Word]:
    for line in lines:
        yield from line.words


def _mean(words: Sequence[Word]) -> float:
    """Of the words' confidences, by their length; 1 where there is nothing to be unsure of."""
    if not words:
        return 1.0
    return float(np.average([word.confidence for word in words], weights=[len(word.text) for word in words]))


def _ordered(doubts: set[Doubt]) -> tuple[Doubt, ...]:
    return tuple(doubt for doubt in Doubt if doubt in doubts)
