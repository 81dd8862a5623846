"""Words of people's names, as they are looked for in what people wrote."""

import re

WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
"""A word of letters, with an apostrophe or a hyphen inside perhaps."""

TITLES = frozenset(
    ("mr", "mrs", "miss", "ms", "mx", "dr", "doctor", "prof", "professor", "sir", "dame", "rev", "nurse", "sister")
)
"""Small letters; they stand before a name and are no part of it."""
