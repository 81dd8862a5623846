"""The marks that a reviewer puts into a text where a word stands on the card that is not to be written out.

Each is one word in square brackets, so that it stays whole wherever texts are split, joined, exported or compared.
"""

import re
from enum import StrEnum


class Mark(StrEnum):
    ILLEGIBLE = "[?]"  # something is written there, and nobody can read it
    CROSSED_OUT = "[crossed-out]"  # the writer took it back
    REDACTED = "[redacted]"  # it can be read, and must not be passed on


ANY_MARK = re.compile("|".join(re.escape(mark) for mark in Mark))


def has_marks(text: str) -> bool:
    """Whether a text holds places that are not what was written."""
    return ANY_MARK.search(text) is not None
