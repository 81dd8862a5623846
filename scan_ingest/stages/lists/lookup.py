"""Looking up a nominee, a role and a ward in the site's lists: which entries come near, and what speaks for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from scan_ingest.domain.lists import Colleague, Lists
from scan_ingest.stages.lists.chances import Evidence
from scan_ingest.stages.lists.spelling import distance, marks, name_tokens, plain, skeleton

NOMINEE, ROLE, WARD = "nominee", "role", "ward"

FURTHEST = 0.45  # of the letters, in costs: what lies further away is no misreading
NEAREST = 16  # entries that the second look is for
SAME_KEY = 40  # people who share a first name or surname; those whom role and ward speak for come first
AGREES, DIFFERS = 0.8, 0.5  # likeness of a role or a ward to what was read
ALTERNATIVE = 0.25  # cost of what the recogniser did not read, but could have; and of a name turned round


@dataclass(frozen=True)
class Key:
    """A way to write an entry: `at` are the entries that are written so."""

    text: str
    at: tuple[int, ...]
    initial: bool = False
    one_name: bool = False


@dataclass(frozen=True, eq=False)
class Index:
    """A list made ready: its entries, every way to write them, and the words that occur in it."""

    entries: tuple[str, ...]
    keys: tuple[Key, ...]
    skeletons: tuple[str, ...]
    words: frozenset[str]


@dataclass(frozen=True, eq=False)
class PreparedLists:
    """Lists made ready for `with_suggestions`: made once, used for every card."""

    staff: tuple[Colleague, ...]
    staff_roles: tuple[str, ...]
    staff_wards: tuple[str, ...]
    full_names: Index
    initials: Index
    single_names: Index
    roles: Index
    wards: Index


@dataclass(frozen=True)
class Found:
    """An entry that may be meant: its number in the list."""

    entry: int
    evidence: Evidence


def prepare_lists(lists: Lists) -> PreparedLists:
    """Makes the lists ready; some milliseconds a thousand people."""
    names = tuple(person.name for person in lists.staff)
    tokens = [name_tokens(name) for name in names]
    full: dict[str, list[int]] = {}
    initials: dict[str, list[int]] = {}
    single: dict[str, list[int]] = {}
    for at, parts in enumerate(tokens):
        if not parts:
            continue
        first, last = parts[0], parts[-1]
        for text in dict.fromkeys((" ".join(parts), f"{first} {last}")) if len(parts) > 1 else (first,):
            full.setdefault(text, []).append(at)
        for text in dict.fromkeys((first, last)):
            single.setdefault(text, []).append(at)
        if len(parts) > 1:
            for text in dict.fromkeys((f"{first[0]} {last}", f"{first} {last[0]}", f"{first[0]} {last[0]}")):
                initials.setdefault(text, []).append(at)
    words = frozenset(token for parts in tokens for token in parts)
    return PreparedLists(
        lists.staff,
        tuple(dict.fromkeys(person.role for person in lists.staff if person.role)),
        tuple(dict.fromkeys(person.ward for person in lists.staff if person.ward)),
        _index(names, (Key(text, tuple(at)) for text, at in full.items()), words),
        _index(names, (Key(text, tuple(at), initial=True) for text, at in initials.items()), words),
        _index(names, (Key(text, tuple(at), one_name=True) for text, at in single.items()), words),
        _plain_index([*lists.roles, *(person.role for person in lists.staff)]),
        _plain_index([*lists.wards, *(person.ward for person in lists.staff)]),
    )


def _index(entries: tuple[str, ...], keys: Iterable[Key], words: frozenset[str]) -> Index:
    kept = tuple(keys)
    return Index(entries, kept, tuple(skeleton(key.text) for key in kept), words)


def _plain_index(entries: Iterable[str]) -> Index:
    """Of roles or wards, each once, in the spelling that comes first; the initials of their words stand for them."""
    spelled = {plain(entry): entry for entry in reversed(list(entries)) if plain(entry)}
    texts = list(reversed(spelled))
    keys = [Key(text, (at,)) for at, text in enumerate(texts)]
    short: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        words = text.split()
        if len(words) > 1 and not marks(text):
            short.setdefault("".join(word[0] for word in words), []).append(at)
    keys += [Key(text, tuple(at), one_name=True) for text, at in short.items()]
    words_in_all = frozenset(word for text in texts for word in text.split())
    return _index(tuple(spelled[text] for text in texts), keys, words_in_all)


def look_up(
    read: Mapping[str, Sequence[str]], lists: PreparedLists
) -> tuple[tuple[Found, ...], tuple[Found, ...], tuple[Found, ...]]:
    """The people, roles and wards that the texts of nominee, role and ward may mean, with what speaks for each."""
    role_texts, ward_texts = read.get(ROLE, ()), read.get(WARD, ())
    roles, wards = _nearest(role_texts, lists.roles), _nearest(ward_texts, lists.wards)
    speaks = _Speaks(_likeness(role_texts, lists.staff_roles), _likeness(ward_texts, lists.staff_wards))
    people = _people(read.get(NOMINEE, ()), lists, speaks)
    near = [lists.staff[one.entry] for one in people if one.evidence.cost < 0.2 * one.evidence.letters]
    return (
        tuple(people),
        tuple(_spoken_for(one, lists.roles, [person.role for person in near]) for one in roles),
        tuple(_spoken_for(one, lists.wards, [person.ward for person in near]) for one in wards),
    )


def _spoken_for(found: Found, index: Index, of_people: Sequence[str]) -> Found:
    """A role or a ward, with whether the people whom the nominee's field may mean have it."""
    theirs = {plain(text) for text in of_people if text}
    has = plain(index.entries[found.entry]) in theirs
    evidence = replace(found.evidence, agreeing=int(has), against=int(bool(theirs) and not has))
    return Found(found.entry, evidence)


@dataclass(frozen=True)
class _Speaks:
    """How like each role and ward of the staff list is to what was read; empty where nothing was read."""

    roles: Mapping[str, float]
    wards: Mapping[str, float]

    def counts(self, person: Colleague) -> tuple[int, int]:
        """How many of the two fields agree, and how many speak against the person."""
        likenesses = [
            likeness[text]
            for likeness, text in ((self.roles, person.role), (self.wards, person.ward))
            if text in likeness
        ]
        return sum(value >= AGREES for value in likenesses), sum(value < DIFFERS for value in likenesses)


def _likeness(texts: Sequence[str], values: Sequence[str]) -> dict[str, float]:
    if not texts or not (read := plain(texts[0])):
        return {}
    return {value: _alike(plain(value), read) for value in values}


def _alike(written: str, read: str) -> float:
    """0 to 1; texts with different numbers are not alike at all."""
    if marks(written) != marks(read):
        return 0.0
    if len(written.split()) > 1 and "".join(word[0] for word in written.split()) == read:
        return 1.0
    return float(Levenshtein.normalized_similarity(skeleton(written), skeleton(read)))


def _people(texts: Sequence[str], lists: PreparedLists, speaks: _Speaks) -> list[Found]:
    names = list(dict.fromkeys(tokens for text in texts if (tokens := name_tokens(text))))
    if not names:
        return []
    if len(names[0]) == 1:
        indices: tuple[Index, ...] = (lists.single_names, lists.full_names)  # a space may have been lost
    elif any(len(token) == 1 for token in (names[0][0], names[0][-1])):
        indices = (lists.initials,)
    else:
        indices = (lists.full_names,)
    turned = [(*tokens[1:], tokens[0]) for tokens in names if len(tokens) > 1]
    reads = [" ".join(tokens) for tokens in (*names, *turned)]
    found: dict[int, Found] = {}
    for index in indices:
        for key, cost, read in _near_keys(reads, index):
            if key.initial and _initials(key.text) != _initials(read):
                continue  # one letter is all there is to tell S. from C.
            at = key.at if len(key.at) <= SAME_KEY else _spoken_for_first(key.at, lists.staff, speaks)
            other = _known_otherwise(key.text, read, index.words)
            for entry in at:
                agreeing, against = speaks.counts(lists.staff[entry])
                evidence = Evidence(
                    cost, len(read), key.initial, key.one_name, other, agreeing, against, len(lists.staff)
                )
                if entry not in found or cost < found[entry].evidence.cost:
                    found[entry] = Found(entry, evidence)
    return list(found.values())


def _spoken_for_first(at: Sequence[int], staff: Sequence[Colleague], speaks: _Speaks) -> list[int]:
    def rank(entry: int) -> int:
        agreeing, against = speaks.counts(staff[entry])
        return against - agreeing

    return sorted(at, key=rank)[:SAME_KEY]


def _initials(text: str) -> tuple[str, ...]:
    return tuple(token for token in text.split() if len(token) == 1)


def _nearest(texts: Sequence[str], index: Index) -> list[Found]:
    reads = list(dict.fromkeys(read for text in texts if (read := plain(text))))
    found: dict[int, Found] = {}
    for key, cost, read in _near_keys(reads, index):
        # Ward 7 is not nearly Ward 1
        marked = not key.one_name and marks(key.text) not in (marks(read), marks(_as_digits(read)))
        other = _known_otherwise(key.text, read, index.words)
        for entry in key.at:
            evidence = Evidence(cost, len(read), False, key.one_name, other, 0, 0, len(index.entries), marked)
            if entry not in found or cost < found[entry].evidence.cost:
                found[entry] = Found(entry, evidence)
    return list(found.values())


_LETTERS_AS_DIGITS = str.maketrans("liosz", "11052")


def _as_digits(text: str) -> str:
    """The text with what stands alone and looks like a number made one: `ward l` → `ward 1`."""
    return " ".join(
        token.translate(_LETTERS_AS_DIGITS) if len(token) <= 2 and set(token) <= set("liosz0123456789") else token
        for token in text.split()
    )


def _known_otherwise(written: str, read: str, words: frozenset[str]) -> int:
    """How many words were read as they stand elsewhere in the list, and not in this entry."""
    return sum(word in words for word in set(read.split()) - set(written.split()))


def _near_keys(reads: Sequence[str], index: Index) -> list[tuple[Key, float, str]]:
    """The ways to write entries that come near what was read: a quick look at all, a second one at the nearest."""
    if not reads or not index.keys:
        return []
    quick = cdist(
        [skeleton(read) for read in reads], index.skeletons, scorer=Levenshtein.distance, dtype=np.uint8, workers=1
    )
    found = []
    for at in _smallest(quick.min(axis=0), NEAREST):
        key = index.keys[at]
        row = int(quick[:, at].argmin())
        # The reading itself is likelier than an alternative that is no nearer.
        costs = [(distance(key.text, reads[n]) + ALTERNATIVE * (n > 0), n) for n in sorted({0, row})]
        cost, best = min(costs)
        if cost <= FURTHEST * max(len(key.text), len(reads[best])):
            found.append((key, cost, reads[best]))
    return found


def _smallest(values: NDArray[np.uint8], count: int) -> list[int]:
    if len(values) <= count:
        return [int(at) for at in np.argsort(values, kind="stable")]
    part = np.argpartition(values, count)[:count]
    return [int(at) for at in part[np.argsort(values[part], kind="stable")]]
