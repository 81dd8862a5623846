"""A field and its written lines as a reviewer edits them."""

from dataclasses import dataclass, replace
from functools import cached_property

from scan_ingest.domain.card import Reading, Word
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import FieldKind
from scan_ingest.domain.text import as_kept
from scan_ingest.ports.cards import FieldNote
from scan_ingest.review.lines import Token, joined, names_of, split, tokens_of

BETWEEN_VALUES = "|"


@dataclass(frozen=True)
class WrittenLine:
    """An editable line: what separates it from the line before, its text as it stands, and what was read there.

    `words` are the read words, `first` the number of the first of them in the field.
    """

    separator: str
    text: str
    read: str
    words: tuple[Word, ...]
    first: int
    box_mm: BoxMm
    raw: str = ""
    """The recogniser's own text, before it was decoded."""

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        return tokens_of(self.text, self.read, self.words)

    @cached_property
    def read_names(self) -> tuple[str, ...]:
        """The text of each read word."""
        return tuple(names_of(self.read, self.words))

    @cached_property
    def _raw_words(self) -> dict[int, str]:
        return {
            token.first: self.raw[token.start : token.end]
            for token in tokens_of(self.raw, self.read, self.words)
            if token.last - token.first == 1
        }

    def raw_word(self, number: int) -> str:
        """What the recogniser itself saw in place of a read word; "" where that cannot be told."""
        return self._raw_words.get(number, "")

    @cached_property
    def doubtful_tokens(self) -> tuple[tuple[Token, int], ...]:
        """The words that are doubtful and still stand as they were read, with their number in the field."""
        return tuple(
            (token, self.first + token.first) for token in self.tokens if token.stands and self.words[token.first].doubt
        )

    def word_at(self, column: int) -> Token | None:
        """The word that the cursor is on, or directly behind."""
        return next((token for token in self.tokens if token.start <= column <= token.end), None)


@dataclass(frozen=True)
class OpenField:
    """A field: `lines` are what is edited, `stored` the text as it was when the card was opened.

    `as_one` is whether its text is edited as a whole: because somebody wants to, or because it no longer splits into
    the lines that were read.
    """

    note: FieldNote
    reading: Reading | None
    stored: str
    lines: tuple[WrittenLine, ...]
    as_one: bool
    changed: bool = False

    @property
    def text(self) -> str:
        if not self.changed:
            return self.stored
        if self.note.kind == FieldKind.TEXT:
            return as_kept(joined([(line.separator, line.text) for line in self.lines]))
        return as_kept(self.lines[0].text.strip())

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ticked values of a choice."""
        return tuple(value for value in self.text.split(BETWEEN_VALUES) if value)

    @property
    def doubt(self) -> tuple[str, ...]:
        return self.reading.doubt if self.reading else ()

    def retold(self, text: str, *, as_one: bool = False) -> "OpenField":
        """The field with another text, in lines where it splits into those that were read."""
        lines = None if as_one else in_lines_of(self.note, self.reading, text)
        whole = lines is None
        return replace(self, lines=lines or (whole_line(self.note, self.reading, text),), as_one=whole)


def in_lines_of(note: FieldNote, reading: Reading | None, text: str) -> tuple[WrittenLine, ...] | None:
    if note.kind != FieldKind.TEXT or reading is None or not reading.lines:
        # Nothing that could be split: one line, unless it holds paragraphs.
        return None if "\n" in text else (whole_line(note, reading, text),)
    parts = split(text, [line.text for line in reading.lines])
    if parts is None:
        return None
    lines: list[WrittenLine] = []
    first = 0
    for (separator, part), line in zip(parts, reading.lines, strict=True):
        lines.append(WrittenLine(separator, part, line.text, line.words, first, line.box_mm, line.raw))
        first += len(line.words)
    return tuple(lines)


def whole_line(note: FieldNote, reading: Reading | None, text: str) -> WrittenLine:
    lines = reading.lines if reading else ()
    words = tuple(word for line in lines for word in line.words)
    return WrittenLine(
        "", text, " ".join(line.text for line in lines), words, 0, note.box_mm, " ".join(line.raw for line in lines)
    )
