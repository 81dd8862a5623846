"""Short fields and the site's lists: what a nominee, role or ward may mean, and when the list's spelling goes first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Reading, Suggestion
from scan_ingest.stages.lists.chances import PERSON, PLACE, Weights, chances
from scan_ingest.stages.lists.lookup import NOMINEE, ROLE, WARD, Found, Index, look_up
from scan_ingest.stages.lists.lookup import PreparedLists as PreparedLists
from scan_ingest.stages.lists.lookup import prepare_lists as prepare_lists
from scan_ingest.stages.lists.spelling import name_tokens
from scan_ingest.stages.reading.belief import borne_out

FROM_LIST = " + list"  # behind the recogniser's name where the text is the list's

SUGGESTIONS = 5
SUGGESTED_FROM = 0.03  # a chance of one in thirty costs more to look at than to type
PREFILLED_FROM = 0.97
SECOND_AT_MOST = 0.02  # the chance of the second where the first is clearly ahead
FURTHEST_OFF = 0.09  # in costs a letter; "Sioned Evans" lies 0.11 from "Sioned Bevan"
CANDIDATES = 4  # strings that a field may have been; each costs a look at the whole list


def with_suggestions(readings: Sequence[Reading], lists: PreparedLists) -> tuple[Reading, ...]:
    """The readings of a side, those of nominee, role and ward with what they may mean.

    Where an entry is nearly certain and clearly ahead of the second, the text becomes the list's spelling and the
    recogniser's name says so; `lines` keep what was read. What was read letter for letter as it stands there
    is as sure as that.
    """
    by_field = {reading.field: reading for reading in readings if reading.text.strip()}
    if not by_field.keys() & {NOMINEE, ROLE, WARD}:
        return tuple(readings)
    people, roles, wards = look_up({name: candidates(reading) for name, reading in by_field.items()}, lists)
    found: Mapping[str, tuple[Index, Sequence[Found], Weights]] = {
        NOMINEE: (lists.full_names, people, PERSON),
        ROLE: (lists.roles, roles, PLACE),
        WARD: (lists.wards, wards, PLACE),
    }
    return tuple(
        _suggested(reading, *found[reading.field]) if reading.field in found else reading for reading in readings
    )


def _suggested(reading: Reading, index: Index, found: Sequence[Found], weights: Weights) -> Reading:
    likely = chances([one.evidence for one in found], weights)
    names = [index.entries[one.entry] for one in found]
    suggestions = tuple(
        Suggestion(text, min(round(chance, 4), 1.0))
        for text, chance in ranked(names, likely)[:SUGGESTIONS]
        if chance >= SUGGESTED_FROM
    )
    result = replace(reading, suggestions=suggestions)
    meant = nearly_certain(found, likely, names)
    if meant is not None and reading.text.casefold() == meant.casefold():
        result = borne_out(result, suggestions[0].probability)
    text = prefilled(reading.text, found, likely, names, people=reading.field == NOMINEE)
    return result if text is None else replace(result, text=text, recogniser=reading.recogniser + FROM_LIST)


def ranked(names: Sequence[str], likely: NDArray[np.float64]) -> list[tuple[str, float]]:
    """Spellings by how likely they are; two people of one name are one suggestion."""
    by_text: dict[str, float] = {}
    for text, chance in zip(names, likely, strict=True):
        by_text[text] = by_text.get(text, 0.0) + float(chance)
    return sorted(by_text.items(), key=lambda entry: -entry[1])


def prefilled(
    read: str, found: Sequence[Found], likely: NDArray[np.float64], names: Sequence[str], *, people: bool
) -> str | None:
    """The spelling that the field starts with in place of what was read; None where that stays.

    Among `people` not what has only letters too few or too many: Ann is not Anne, Clark not Clarke.
    """
    best = nearly_certain(found, likely, names)
    return None if best is None or best == read or (people and _namesakes(read, best)) else best


def nearly_certain(found: Sequence[Found], likely: NDArray[np.float64], names: Sequence[str]) -> str | None:
    """The spelling that is meant almost surely, clearly ahead of the second; None where there is none.

    A first name or an initial is never written out without a person: a visitor of that name is in no list. Nor is what
    lies more than a letter or two from the entry, however alone the entry stands.
    """
    best, *others = ranked(names, likely) or [("", 0.0)]
    if best[1] < PREFILLED_FROM or (others and others[0][1] > SECOND_AT_MOST):
        return None
    written_out = any(
        name == best[0] and not one.evidence.is_partial and one.evidence.cost <= FURTHEST_OFF * one.evidence.letters
        for one, name in zip(found, names, strict=True)
    )
    return best[0] if written_out else None


def _namesakes(one: str, other: str) -> bool:
    """Whether a word of one name is a word of the other with letters left out."""
    words, others = set(name_tokens(one)), set(name_tokens(other))
    return any(_left_out(short, long) or _left_out(long, short) for short in words - others for long in others - words)


def _left_out(short: str, long: str) -> bool:
    rest = iter(long)
    return len(short) < len(long) and all(letter in rest for letter in short)


def candidates(reading: Reading) -> tuple[str, ...]:
    """What may have been read in the field, the reading first: words replaced by the recogniser's alternatives."""
    words = [word for line in reading.lines for word in line.words]
    choices = [(word.text, *word.alternatives) for word in words]
    if sum(len(choice) > 1 for choice in choices) == 0:
        return (reading.text,)
    one_changed = [
        " ".join(other if at == place else choice[0] for at, choice in enumerate(choices))
        for place, options in enumerate(choices)
        for other in options[1:]
    ]
    several = (" ".join(words) for words in islice(product(*choices), 1, 1 + CANDIDATES))
    return tuple(dict.fromkeys((reading.text, *one_changed, *several)))[:CANDIDATES]
