"""What a recogniser answers, as it may be taken: it comes from a program or a model of somebody else."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from scan_ingest.domain.card import Line, Word
from scan_ingest.domain.crop import FieldCrop
from scan_ingest.domain.text import as_read
from scan_ingest.errors import SkipError
from scan_ingest.ports.reading import Recogniser

MOST_LETTERS = 20_000  # of a field; a sheet of A4 full of small writing has 5,000


def hear(recogniser: Recogniser, crop: FieldCrop) -> tuple[Line, ...]:
    """The lines it reads, without characters that nobody writes, and without words that consist of nothing else.

    Raises `SkipError` where it fails, runs out of memory, or answers with what is no writing or more than anybody
    writes into a field.
    """
    try:
        lines = recogniser(crop)
    except MemoryError as exc:
        raise SkipError("there was not enough memory to read the field") from exc
    if not isinstance(lines, Sequence) or not all(map(_is_line, lines)):
        raise SkipError("the recogniser answered with something else than lines of text")
    if sum(map(len, _texts(lines))) > MOST_LETTERS * _TEXTS_OF_A_LETTER:
        raise SkipError(f"the recogniser answered with more than {MOST_LETTERS} letters")
    cleaned = map(_in_words, map(_cleaned, lines))
    return tuple(line for line in cleaned if line.text.strip())


_TEXTS_OF_A_LETTER = 7  # in the line, the raw line, the word and its four alternatives


def _is_line(line: object) -> bool:
    return isinstance(line, Line) and all(isinstance(text, str) for text in _texts([line]))


def _texts(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        yield line.text
        yield line.raw
        for word in line.words:
            yield word.text
            yield from word.alternatives


def _cleaned(line: Line) -> Line:
    if all(text == _on_one_line(text) for text in _texts([line])) and all(word.text for word in line.words):
        return line
    words = tuple(word for word in map(_cleaned_word, line.words) if word.text)
    return replace(line, text=_on_one_line(line.text), raw=_on_one_line(line.raw), words=words)


def _in_words(line: Line) -> Line:
    """A line without words is one: what is not told word by word is as sure as the line, not surer."""
    return line if line.words else replace(line, words=(Word(line.text, line.confidence, line.box_mm),))


def _cleaned_word(word: Word) -> Word:
    others = tuple(text for text in map(_on_one_line, word.alternatives) if text)
    return replace(word, text=_on_one_line(word.text), alternatives=others)


def _on_one_line(text: str) -> str:
    return " ".join(as_read(text).split())
