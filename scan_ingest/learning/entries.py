"""Lists: names, roles and wards that were accepted before and may be meant again."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from scan_ingest.domain.accuracy import NO_ERRORS, character_errors
from scan_ingest.domain.card import Reading
from scan_ingest.domain.learned import Proof
from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.learning.lessons import SHORT, Lesson, parted
from scan_ingest.stages.lists.suggestions import FROM_LIST, prepare_lists, with_suggestions
from scan_ingest.stages.reading.opinion import joined

FEWEST = 2  # different cards
LONGEST = 60  # characters; longer is a sentence in the wrong field

NOT_OFFERED = "short fields whose text is not offered"
WRONG_CHARACTERS = "wrong characters in short fields"


def entries_to_learn(lessons: Iterable[Lesson]) -> Lists:
    """What each short field was accepted as on at least `FEWEST` cards, in its commonest spelling."""
    spellings: dict[str, dict[str, Counter[str]]] = {name: defaultdict(Counter) for name in SHORT}
    for lesson in lessons:
        for name in SHORT:
            text = " ".join(lesson.texts.get(name, "").split())
            if len(text) <= LONGEST and any(character.isalpha() for character in text):
                spellings[name][text.casefold()][text] += 1
    often = {
        name: sorted(max(sorted(kinds), key=kinds.__getitem__) for kinds in found.values() if kinds.total() >= FEWEST)
        for name, found in spellings.items()
    }
    return Lists(tuple(map(Colleague, often["nominee"])), tuple(often["ward"]), tuple(often["role"]))


def learn_entries(lessons: Sequence[Lesson], of_site: Lists) -> tuple[Lists, tuple[Proof, ...]]:
    """The entries of all cards, where on cards they do not come from they help beside the site's own; and the proof.

    They help where more fields have their accepted text in place or among the suggestions, and the texts in place hold
    no more wrong characters than before.
    """
    missing, errors = {"before": 0, "after": 0}, {"before": NO_ERRORS, "after": NO_ERRORS}
    fields = cards = 0
    for learned_from, tested_on in parted(lessons):
        lists = {
            "before": prepare_lists(of_site),
            "after": prepare_lists(of_site.joined_with(entries_to_learn(learned_from))),
        }
        for lesson in tested_on:
            read = [_as_read(reading) for reading in lesson.readings.values()]
            cards, fields = cards + bool(read), fields + len(read)
            for when, known in lists.items():
                for reading in with_suggestions(read, known):
                    true = lesson.texts.get(reading.field, "")
                    offered = {reading.text, *(suggestion.text for suggestion in reading.suggestions)}
                    missing[when] += true not in offered
                    errors[when] += character_errors(true, reading.text)
    if not fields:
        return Lists(), ()
    proofs = (
        Proof(NOT_OFFERED, missing["before"] / fields, missing["after"] / fields, cards),
        Proof(WRONG_CHARACTERS, errors["before"].rate, errors["after"].rate, cards),
    )
    helps = proofs[0].after < proofs[0].before and proofs[1].after <= proofs[1].before
    return entries_to_learn(lessons) if helps else Lists(), proofs


def _as_read(reading: Reading) -> Reading:
    """The reading without what lists made of it then."""
    recogniser = reading.recogniser.removesuffix(FROM_LIST)
    return replace(reading, text=joined(reading.lines), recogniser=recogniser, suggestions=())
