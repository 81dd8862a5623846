"""Words taken out: of a text, of what it was before a person corrected it, and of what a recogniser saw.

What was read is not what stands now, letter for letter, so places are carried over by aligning the two texts; whatever
is touched goes as a whole word, and where the texts have too little in common, all goes.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.card import Line, Reading, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.identity import REDACTED, redacted
from scan_ingest.domain.letter import Area
from scan_ingest.identity.find import find

Span = tuple[int, int]
"""Start and end in a text."""

ALIGNED = 55.0  # of 100 alike; texts of one field that were corrected are 80 and more
NEARLY = 84.0  # of 100 alike: "Zanthla Quorley" and "Zanthia Quorley" are 93, "Anna Cole" and "Ann Coley" 89
AROUND_WORDS = ".,;:!?()\"'"
SHORTEST = 3  # characters; shorter words would be taken out of every other word
ROOM_MM = 1.0  # around a word's box: strokes leave it


@dataclass(frozen=True)
class Removal:
    """What is taken out of a card, worked out on its texts as they stand: `spans` by field, and `words` (literally)
    wherever else they come; `more` are words that go though none of the texts that stand has them."""

    texts: dict[str, str]
    spans: dict[str, tuple[Span, ...]]
    more: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Longest first. The mark that stands where words were taken out before is none of them."""
        words = {
            self.texts[field][start:end].strip() for field, spans in self.spans.items() for start, end in spans
        } - {REDACTED}
        words |= set(self.more)
        return tuple(sorted((word for word in words if len(word) >= SHORTEST), key=lambda word: (-len(word), word)))

    def of_text(self, field: str, text: str) -> str:
        """An earlier or later text of the field, without the words."""
        now = self.texts.get(field, "")
        spans = list(literal_spans(text, self.words))
        if field in self.spans and text != now:
            if text.strip() and fuzz.ratio(text, now) < ALIGNED:
                return REDACTED
            spans += [whole_words(text, span) for span in carried(now, text, self.spans[field])]
            spans += [(finding.start, finding.end) for finding in find(text) if finding.holds]
        elif field in self.spans:
            spans += self.spans[field]
        return redacted(text, [span for span in spans if span[0] < span[1]])

    def of_remark(self, remark: str) -> str:
        """A reason or note of a person's, without the words."""
        return redacted(remark, list(literal_spans(remark, self.words)))

    def of_reading(self, reading: Reading) -> tuple[Reading, tuple[BoxMm, ...]]:
        """The reading without the words, and where on the side they stand."""
        now = self.texts.get(reading.field, "")
        spans = list(self.spans.get(reading.field, ()))
        seen = _Seen.of(reading)
        touched = {at for span in literal_spans(seen.text, self.words) for at in seen.words_in(span)}
        for span in carried(now, seen.text, spans):
            touched |= seen.words_in(span) or seen.words_beside(span)
        if spans:
            touched |= {
                at for finding in find(seen.text) if finding.holds for at in seen.words_in((finding.start, finding.end))
            }
        touched = {at for at in touched if seen.words[at].text != REDACTED}
        text = self.of_text(reading.field, reading.text)
        if not touched and text == reading.text:
            return reading, ()
        lines, boxes = _without(reading.lines, touched)
        left = replace(reading, text=text, lines=lines, second_opinion=None, suggestions=())
        return left, boxes


def marks_in(text: str) -> list[Span]:
    """Where words were taken out of a text by hand: what was read there, and the ink, go with them."""
    return [(found.start(), found.end()) for found in re.finditer(re.escape(REDACTED), text)]


def literal_spans(text: str, words: Collection[str]) -> Iterable[Span]:
    """Every place where one of the words stands, whatever its capitals and spaces."""
    for word in words:
        pattern = r"\s+".join(map(re.escape, word.split()))
        for found in re.finditer(rf"(?i)(?<![^\W_]){pattern}(?![^\W_])", text):
            yield found.start(), found.end()


def near_spans(text: str, words: Collection[str]) -> Iterable[Span]:
    """Every place where one of the words stands, or what is spelled nearly so: for texts that nothing else tells of."""
    yield from literal_spans(text, words)
    found = list(re.finditer(r"\S+", text))
    for word in words:
        length = len(word.split())
        for start in range(len(found) - length + 1):
            first, last = found[start], found[start + length - 1]
            beside = text[first.start() : last.end()]
            bare = beside.strip(AROUND_WORDS)
            if bare and fuzz.ratio(" ".join(bare.split()).casefold(), word.casefold()) >= NEARLY:
                begins = first.start() + beside.index(bare)
                yield begins, begins + len(bare)


def places_of(found: Sequence[tuple[str, Area]], words: Collection[str]) -> tuple[Area, ...]:
    """Where any of the words stands on a page, given its words in the order of reading and where each is."""
    places: list[tuple[int, int]] = []
    text = ""
    for word, _ in found:
        places.append((len(text), len(text) + len(word)))
        text += f"{word} "
    touched = {
        at
        for start, end in near_spans(text, words)
        for at, (first, last) in enumerate(places)
        if first < end and start < last
    }
    return tuple(found[at][1] for at in sorted(touched))


def carried(one: str, other: str, spans: Sequence[Span]) -> list[Span]:
    """Places of one text in another, by aligning the two (Levenshtein)."""
    steps = list(Levenshtein.opcodes(one, other))

    def at(place: int, *, end: bool) -> int:
        for step in steps:
            inside = step.src_start < place <= step.src_end if end else step.src_start <= place < step.src_end
            if inside:
                if step.tag == "equal":
                    return int(step.dest_start + place - step.src_start)
                return int(step.dest_end if end else step.dest_start)
        return len(other) if place else 0

    return [(start, max(start, end)) for start, end in ((at(a, end=False), at(b, end=True)) for a, b in spans)]


def whole_words(text: str, span: Span) -> Span:
    """The span grown to the ends of the words that it touches."""
    start, end = span
    if start == end:
        return span
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


@dataclass(frozen=True)
class _Seen:
    """The words of a reading in one text; `places` are where each stands in it."""

    text: str
    words: tuple[Word, ...]
    places: tuple[Span, ...]

    @classmethod
    def of(cls, reading: Reading) -> "_Seen":
        words = tuple(word for line in reading.lines for word in line.words)
        places, at = [], 0
        for word in words:
            places.append((at, at + len(word.text)))
            at += len(word.text) + 1
        return cls(" ".join(word.text for word in words), words, tuple(places))

    def words_in(self, span: Span) -> set[int]:
        """The words that the span touches."""
        return {at for at, (start, end) in enumerate(self.places) if start < span[1] and span[0] < end}

    def words_beside(self, span: Span) -> set[int]:
        """Those before and behind an empty span: what stands between them was not read, but may be there in ink."""
        before = [at for at, (_, end) in enumerate(self.places) if end <= span[0] + 1]
        behind = [at for at, (start, _) in enumerate(self.places) if start >= span[1]]
        return {*before[-1:], *behind[:1]}


def _without(lines: Sequence[Line], touched: Collection[int]) -> tuple[tuple[Line, ...], tuple[BoxMm, ...]]:
    """The lines without the words of those numbers (counted over all lines), and the boxes of what was taken out."""
    left: list[Line] = []
    boxes: list[BoxMm] = []
    first = 0
    for line in lines:
        here = [first + at in touched for at in range(len(line.words))]
        first += len(line.words)
        if any(here):
            words = _with_marks(line.words, here)
            boxes += [word.box_mm for word in words if word.text == REDACTED]
            text = " ".join(word.text for word in words)
            line = replace(line, text=text, raw=text, words=words)  # the recogniser's own text cannot be told apart
        left.append(line)
    return tuple(left), tuple(box.grown(ROOM_MM) for box in boxes)


def _with_marks(words: Sequence[Word], touched: Sequence[bool]) -> tuple[Word, ...]:
    """One mark for each run of words that are touched, as large as they are together."""
    left: list[Word] = []
    goes_on = False
    for word, goes in zip(words, touched, strict=True):
        if not goes:
            left.append(word)
        elif goes_on:
            left[-1] = replace(left[-1], box_mm=_around(left[-1].box_mm, word.box_mm))
        else:
            left.append(Word(REDACTED, word.confidence, word.box_mm))
        goes_on = goes
    return tuple(left)


def _around(one: BoxMm, other: BoxMm) -> BoxMm:
    x, y = min(one.x, other.x), min(one.y, other.y)
    return BoxMm(x, y, max(one.right, other.right) - x, max(one.bottom, other.bottom) - y)
