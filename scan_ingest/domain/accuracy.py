"""How far a text is from the true one."""

from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


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
