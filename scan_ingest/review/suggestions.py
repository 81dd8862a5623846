"""What else a word, or a short field, may be: from the site's lists, the decoder, and the recogniser's own text."""

from collections.abc import Iterator
from dataclasses import dataclass

from scan_ingest.domain.marks import Mark
from scan_ingest.domain.template import FieldKind
from scan_ingest.review.written import OpenField, WrittenLine

MOST = 9  # a number key each


@dataclass(frozen=True)
class Suggested:
    """Another text for the part of a line from `start` to `end`; `source` says where it is from, "" for the decoder."""

    text: str
    start: int
    end: int
    source: str = ""


def suggested(field: OpenField, line: WrittenLine, column: int) -> tuple[Suggested, ...]:
    """What else may stand where the cursor is, the likeliest first, each text once; at most `MOST`."""
    found: dict[tuple[str, int], Suggested] = {}
    for one in (*_entries(field, line), *_other_words(line, column)):
        if one.text and one.text != line.text[one.start : one.end]:
            found.setdefault((one.text, one.start), one)
    return tuple(found.values())[:MOST]


def is_offered(field: OpenField, line: WrittenLine, column: int) -> bool:
    """Whether number keys alone take a suggestion: on a word that was in doubt, or in a field that the lists know.

    Not where the word holds figures: there a figure is more likely to be typed.
    """
    token = line.word_at(column)
    if token is None or any(character.isdigit() for character in line.text[token.start : token.end]):
        return False
    doubted = any(word.doubt for word in line.words[token.first : token.last])
    return doubted or bool(_entries(field, line))


def marked(line: WrittenLine, start: int, end: int, mark: Mark) -> tuple[str, int]:
    """The line's text with the mark in place of what is between, or of the word at `start` where nothing is; and where
    the cursor is then. The same mark put there again takes it away: the word that was read comes back."""
    if start == end:
        token = line.word_at(start)
        if token is not None:
            start, end = token.start, token.end
            if line.text[start:end] == mark:
                read = " ".join(line.read_names[token.first : token.last])
                return line.text[:start] + read + line.text[end:], start
    before, after = line.text[:start], line.text[end:]
    glue = " " if before and not before[-1].isspace() else ""
    rest = " " if after and not after[0].isspace() else ""
    text = f"{before}{glue}{mark}{rest}{after}"
    return text, len(before) + len(glue) + len(mark)


def alone(text: str, own: str, before: str, after: str) -> str:
    """What of an alternative is the word itself: the recogniser may have taken two words for one, and then both have
    alternatives that hold the neighbour, too. Empty where its part cannot be told."""
    for neighbour, rest in ((after, text.removesuffix(after)), (before, text.removeprefix(before))):
        if len(neighbour) > 1 and rest != text and len(text) >= len(own) + len(neighbour) - 1:
            return rest
    joined = len(before) > 1 and text.endswith(own) and len(text) >= len(own) + len(before) - 1
    return "" if joined and text != own else text


def _entries(field: OpenField, line: WrittenLine) -> tuple[Suggested, ...]:
    """Entries of the lists that the whole field may mean, and what was read where an entry stands in its place."""
    reading = field.reading
    if field.note.kind != FieldKind.TEXT or reading is None or len(field.lines) > 1 or not reading.suggestions:
        return ()
    end = len(line.text)
    entries = [Suggested(entry.text, 0, end, "list") for entry in reading.suggestions]
    read = " ".join(written.text for written in reading.lines)
    return (*entries, Suggested(read, 0, end, "as read"))


def _other_words(line: WrittenLine, column: int) -> Iterator[Suggested]:
    token = line.word_at(column)
    if token is None or token.last - token.first != 1:
        return
    word = line.words[token.first]
    own = line.read_names[token.first]
    before = line.read_names[token.first - 1] if token.first else ""
    after = line.read_names[token.last] if token.last < len(line.read_names) else ""
    for text in (own, *(alone(each, own, before, after) for each in word.alternatives)):
        yield Suggested(text, token.start, token.end)
    seen = line.raw_word(token.first)
    if seen.casefold() != line.read_names[token.first].casefold():  # small letters for capitals are no other word
        yield Suggested(seen, token.start, token.end, "as seen")
