"""How far a text is from the true one."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.card import Reading, Word


@dataclass(frozen=True)
class ErrorCount:
    """Edits (insertions, deletions, substitutions) against the length of the true text; adds up over texts."""

    edits: int = 0
    length: int = 0

    def __add__(self, other: "ErrorCount") -> "ErrorCount":
        return ErrorCount(self.edits + other.edits, self.length + other.length)

    @property
    def rate(self) -> float:
        """Edits per true character (or word); 0 where nothing was to be read and nothing was, and may exceed 1."""
        return self.edits / self.length if self.length else float(self.edits > 0)


NO_ERRORS = ErrorCount()


def character_errors(true: str, read: str) -> ErrorCount:
    """Strict: case, punctuation and spaces count."""
    return ErrorCount(Levenshtein.distance(true, read), len(true))


def word_errors(true: str, read: str) -> ErrorCount:
    """Words as they stand between spaces, with their punctuation."""
    return ErrorCount(Levenshtein.distance(true.split(), read.split()), len(true.split()))


def aligned(read: Sequence[str], true: Sequence[str]) -> tuple[tuple[int | None, int | None], ...]:
    """Which read word stands for which true one: pairs of positions in order, by the fewest changes.

    None on the left is a true word that was not read, None on the right a read word that is none.
    """
    pairs: list[tuple[int | None, int | None]] = []
    for step in Levenshtein.opcodes(read, true):
        sources, targets = range(step.src_start, step.src_end), range(step.dest_start, step.dest_end)
        both = min(len(sources), len(targets))
        pairs += zip(sources[:both], targets[:both], strict=True)
        pairs += [(source, None) for source in sources[both:]]
        pairs += [(None, target) for target in targets[both:]]
    return tuple(pairs)


def judged_words(reading: Reading, reviewed: str) -> tuple[tuple[Word, bool], ...]:
    """Each word that was read, and whether the reviewed text has it there, letter for letter."""
    words = [word for line in reading.lines for word in line.words]
    true = reviewed.split()
    right = {
        source: words[source].text == true[target]
        for source, target in aligned([word.text for word in words], true)
        if source is not None and target is not None
    }
    return tuple((word, right.get(index, False)) for index, word in enumerate(words))
