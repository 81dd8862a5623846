"""The words of a set of written lines as they are read, with what speaks for each and whether it is wrong.

A word is wrong where the true text has not the very same there, and where one beside it is missing; block capitals are
right where the cards' convention, the case as written, has them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from benchmarks.decoding import weights_for
from benchmarks.fields import written_fields
from benchmarks.written import Written, one_line
from scan_ingest.domain.accuracy import aligned
from scan_ingest.domain.card import Line
from scan_ingest.domain.crop import LineCrop
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.recognisers.ctc import Decoder, Frames, as_line, greedy, in_latin
from scan_ingest.recognisers.decoding import as_seen, make_decoder
from scan_ingest.recognisers.ppocr import seeing
from scan_ingest.recognisers.tesseract import tesseract
from scan_ingest.stages.reading.signs import OF_READING, OF_SECOND, of_reading, of_second

NAMES = OF_READING + OF_SECOND
SHORT_WORDS = 3  # a short field has about as many
LINES = "lines"
CARDS = 200  # invented

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seen:
    """The lines of one paragraph, or of one short field, as both recognisers saw them, and their true texts.

    `source` is the text that was copied, or where a field's names come from; `field` is `LINES` or the field's name.
    """

    writer: str
    source: str
    field: str
    strips: tuple[LineCrop, ...]
    frames: tuple[Frames, ...]
    other: tuple[Line, ...]
    true: tuple[str, ...]


def seen(entries: Iterable[Written]) -> Iterator[Seen]:
    """The lines of a set, put back together as the paragraphs they come from."""
    see, second = seeing(), tesseract()
    for (writer, source), group in groupby(entries, key=lambda entry: (entry.writer, entry.source)):
        lines = list(group)
        crops = [one_line(line.picture) for line in lines]
        strips, top = [], 0.0
        for (strip,) in (crop.lines for crop in crops):
            strips.append(replace(strip, box_mm=replace(strip.box_mm, y=top)))
            top += strip.box_mm.height
        field = replace(crops[0], lines=tuple(strips))
        true = tuple(line.text for line in lines)
        yield Seen(writer, source, LINES, field.lines, tuple(map(see, strips)), second(field), true)


def fields_seen(cards: int = CARDS) -> Iterator[Seen]:
    """The short fields of that many invented cards."""
    see, second = seeing(), tesseract()
    for field in written_fields(cards):
        crop = one_line(field.picture)
        if crop.lines:
            frames = tuple(map(see, crop.lines))
            yield Seen(field.font, field.origin, field.field, crop.lines, frames, second(crop), (field.text,))


@dataclass(frozen=True, eq=False)
class Words:
    """Every word of a set: its signs, whether it is wrong, who wrote it, which text, field and line it is of."""

    signs: Numbers
    wrong: Numbers
    writers: NDArray[np.str_]
    sources: NDArray[np.str_]
    fields: NDArray[np.str_]
    lines: NDArray[np.int64]
    confidence: Numbers

    def only(self, chosen: NDArray[np.bool_]) -> "Words":
        return Words(*(getattr(self, column.name)[chosen] for column in fields(self)))

    @property
    def weights(self) -> Numbers:
        """How much each counts, 1 in the mean: real lines as much as invented fields together, where there are both."""
        real = self.fields == LINES
        share = real.mean()
        return np.where(real, 0.5 / share, 0.5 / (1.0 - share)) if 0.0 < share < 1.0 else np.ones(len(real))


def answers(paragraphs: Sequence[Seen]) -> Words:
    """The words as in answers, each text decoded with weights that were fitted on the other."""
    sources = sorted({paragraph.source for paragraph in paragraphs})
    return words_of(paragraphs, {source: make_decoder(weights=weights_for(source)) for source in sources}, short=False)


def short_words(paragraphs: Sequence[Seen]) -> Words:
    """The words as in short fields: those of fields, and lines in pieces of a few words."""
    return words_of(paragraphs, dict.fromkeys({paragraph.source for paragraph in paragraphs}, as_seen()), short=True)


def words_of(paragraphs: Sequence[Seen], decoders: Mapping[str, Decoder], *, short: bool) -> Words:
    """The words as those decoders (by the text that they may not know) read them; `short` in pieces of a few words."""
    signs: list[Numbers] = []
    rows: list[tuple[float, str, str, str, int, float]] = []
    for paragraph in paragraphs:
        lines: list[Line] = []
        wrong: list[bool] = []
        for strip, frames, true in zip(paragraph.strips, paragraph.frames, paragraph.true, strict=True):
            decode = decoders[paragraph.source]
            line = as_line(decode(frames), greedy(in_latin(frames)), frames, strip.box_mm)
            if line is not None:
                lines.append(line)
                wrong += wrong_words([word.text for word in line.words], true.split())
        if not lines:
            continue
        heard = of_second(lines, paragraph.other)
        if short and paragraph.field == LINES:
            pieces = [piece for line in lines for piece in _pieces(line, paragraph.strips)]
            own = np.concatenate([of_reading([line], [strip]) for line, strip in pieces])
        else:
            own = of_reading(lines, paragraph.strips)
        signs.append(np.concatenate([own, heard], axis=1))
        first = rows[-1][4] + 1 if rows else 0
        words = [(at, word) for at, line in enumerate(lines, start=first) for word in line.words]
        rows += [
            (float(bad), paragraph.writer, paragraph.source, paragraph.field, at, word.confidence)
            for (at, word), bad in zip(words, wrong, strict=True)
        ]
    wrongs, writers, sources, names, numbers, confidences = zip(*rows, strict=True)
    return Words(
        np.concatenate(signs),
        np.array(wrongs),
        np.array(writers),
        np.array(sources),
        np.array(names),
        np.array(numbers),
        np.array(confidences),
    )


BLOCK = 0.7  # of a line's letters are capitals where somebody writes in block capitals
FEWEST_LETTERS = 5


def in_block_capitals(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= FEWEST_LETTERS and sum(map(str.isupper, letters)) > BLOCK * len(letters)


def wrong_words(read: Sequence[str], true: Sequence[str]) -> list[bool]:
    """Which of the read words are wrong; one that is missing is charged to a word beside it that is right.

    Who copies a text in block capitals writes no other case, and the cards' texts keep the case that was written: such
    a line is held against the text in capitals.
    """
    if in_block_capitals(" ".join(read)):
        read, true = [word.upper() for word in read], [word.upper() for word in true]
    pairs = aligned(read, true)
    wrong = [True] * len(read)
    for source, target in pairs:
        if source is not None and target is not None:
            wrong[source] = read[source] != true[target]
    for at, (source, _) in enumerate(pairs):
        beside = [pairs[near][0] for near in (at - 1, at + 1) if 0 <= near < len(pairs)]
        there = [near for near in beside if near is not None]
        if source is None and there and not any(wrong[near] for near in there):
            wrong[there[0]] = True
    return wrong


def _pieces(line: Line, strips: Sequence[LineCrop]) -> Iterator[tuple[Line, LineCrop]]:
    """A line in pieces of a few words, each with its part of the picture, as if written in a short field."""
    (strip,) = (strip for strip in strips if strip.box_mm == line.box_mm)
    px = strip.picture.shape[1] / strip.box_mm.width
    left = strip.box_mm.x
    for start in range(0, len(line.words), SHORT_WORDS):
        words = line.words[start : start + SHORT_WORDS]
        after = line.words[start + SHORT_WORDS : start + SHORT_WORDS + 1]
        right = (words[-1].box_mm.right + after[0].box_mm.x) / 2 if after else strip.box_mm.right
        right = max(right, left + 1.0)
        columns = slice(round((left - strip.box_mm.x) * px), max(round((right - strip.box_mm.x) * px), 1))
        box = BoxMm(left, strip.box_mm.y, right - left, strip.box_mm.height)
        text = " ".join(word.text for word in words)
        yield Line(text, text, line.confidence, box, words), LineCrop(strip.picture[:, columns], box)
        left = right
