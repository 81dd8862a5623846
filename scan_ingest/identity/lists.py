"""Words that speak for a patient, for staff, or for nobody; names, and words that are none.

They lie in `words/`: `around.toml` is our own, the names and ordinary words come from `tools/identity/build.py`.
"""

import tomllib
from functools import cache
from importlib import resources


def _read(file: str) -> str:
    return resources.files("scan_ingest.identity").joinpath("words", file).read_text(encoding="ascii")


_AROUND = {name: frozenset(words.split()) for name, words in tomllib.loads(_read("around.toml")).items()}

FAMILY = _AROUND["family"]
RELATIONS = FAMILY | _AROUND["others"]
PATIENTS = _AROUND["patients"]
BETWEEN = _AROUND["between"]
POSSESSIVES = _AROUND["possessives"]
TITLES = _AROUND["titles"]
STAFF_TITLES = _AROUND["staff_titles"]
STAFF = STAFF_TITLES | _AROUND["staff"]
THANKED = _AROUND["thanked"]
PLACES = _AROUND["places"]
NEVER_LAST = _AROUND["never_last"]
NEVER_FIRST = TITLES | STAFF_TITLES | PATIENTS | POSSESSIVES | RELATIONS | NEVER_LAST | {"dear"}
PARTICLES = _AROUND["particles"]
ALSO_PLACES = _AROUND["also_places"]
POSTCODE_AREAS = frozenset(area.upper() for area in _AROUND["postcode_areas"])


@cache
def given_names() -> frozenset[str]:
    """In small letters, without accents."""
    return frozenset(_read("given.txt").split()) | {"will"}  # too common a word to be on the list


@cache
def surnames() -> frozenset[str]:
    """In small letters, without accents."""
    return frozenset(_read("surnames.txt").split())


@cache
def ordinary_words() -> frozenset[str]:
    """Common words that dictionaries write small."""
    return frozenset(_read("ordinary.txt").split())
