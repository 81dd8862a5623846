"""Nominations under keyed pseudonyms: stable, so that they can be counted and joined, and closed without the key.

What could lead back is left out or made coarse: where a card came from, who reviewed it and when, the day, fields that
the program does not know, names inside the answers, and wards and roles that too few nominations share (k-anonymity,
Samarati and Sweeney, 1998, with suppression of single values).
"""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from scan_ingest.domain.nomination import Nomination
from scan_ingest.research.names import name_words, without_names

SMALLEST = 5
"""How many nominations a ward, or a role on a ward, must have to be told."""
SUPPRESSED = "(few)"
DIGITS = 20  # of a pseudonym, hexadecimal: 80 bits, as a card's id has

Clear = Callable[[str], str]
"""Takes out of a text what else may tell who somebody is."""


def pseudonymised(
    nominations: Callable[[], Iterable[Nomination]],
    key: bytes,
    *,
    people: Collection[str] = (),
    smallest: int = SMALLEST,
    clear: Clear | None = None,
) -> Iterator[Nomination]:
    """The nominations without who is in them, in the order of their pseudonyms.

    `nominations` is gone through twice. `people` are names that are known beside the nominees (staff, reviewers);
    `clear` is applied to each answer first.
    """
    known = set(name_words(people))
    told = _Told(smallest)
    for nomination in nominations():
        known |= name_words([nomination.nominee])
        told.count(nomination)
    told.settle()
    mint = _Mint(key)
    coarse = (_coarse(nomination, mint, told, known, clear) for nomination in nominations())
    yield from sorted(coarse, key=lambda nomination: nomination.id)


class _Mint:
    """Makes pseudonyms: HMAC-SHA256 of what is named, so that trying every name needs the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, kind: str, *named: str) -> str:
        message = "\0".join((kind, *named)).encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:DIGITS]


class _Told:
    """Which wards, and roles on wards, enough nominations share."""

    def __init__(self, smallest: int) -> None:
        self._smallest = smallest
        self._wards: dict[str, Counter[str]] = defaultdict(Counter)
        self._roles: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._few_wards: dict[str, frozenset[str]] = {}
        self._few_roles: dict[tuple[str, str], frozenset[str]] = {}

    def count(self, nomination: Nomination) -> None:
        self._wards[nomination.organisation][_plain(nomination.ward)] += 1
        self._roles[nomination.organisation, _plain(nomination.ward)][_plain(nomination.role)] += 1

    def settle(self) -> None:
        self._few_wards = {name: self._few(counted) for name, counted in self._wards.items()}
        # Wards that are not told are one ward, as far as a reader can see.
        merged: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for (organisation, ward), counted in self._roles.items():
            merged[organisation, self._ward(organisation, ward)] += counted
        self._few_roles = {place: self._few(counted) for place, counted in merged.items()}

    def _few(self, counted: Mapping[str, int]) -> frozenset[str]:
        """The values that are not told: those of too few, and as many more as it takes that those not told are not too
        few together (else the total would give them away)."""
        few: set[str] = set()
        together = 0
        for value, number in sorted(counted.items(), key=lambda item: (item[1], item[0])):
            if number >= self._smallest and (together == 0 or together >= self._smallest):
                break
            few.add(value)
            together += number
        return frozenset(few)

    def _ward(self, organisation: str, ward: str) -> str:
        return SUPPRESSED if ward in self._few_wards[organisation] else ward

    def ward_of(self, nomination: Nomination) -> str:
        shown = self._ward(nomination.organisation, _plain(nomination.ward))
        return SUPPRESSED if shown == SUPPRESSED else nomination.ward

    def role_of(self, nomination: Nomination) -> str:
        place = nomination.organisation, self._ward(nomination.organisation, _plain(nomination.ward))
        return SUPPRESSED if _plain(nomination.role) in self._few_roles[place] else nomination.role


def _coarse(
    nomination: Nomination, mint: _Mint, told: _Told, known: Collection[str], clear: Clear | None
) -> Nomination:
    own = name_words([nomination.nominee])

    def cleared(text: str) -> str:
        return without_names(clear(text) if clear else text, own, known)

    nominee = _plain(nomination.nominee)
    return replace(
        nomination,
        id=mint("nomination", nomination.id),
        box="",
        ward=told.ward_of(nomination),
        nominee=mint("nominee", nomination.organisation, nominee) if nominee else "",
        role=told.role_of(nomination),
        action=cleared(nomination.action),
        impact=cleared(nomination.impact),
        collected_on=nomination.collected_on.replace(day=1) if nomination.collected_on else None,
        reviewed_by="",
        reviewed_at=None,
        source="",
        extra={},
    )


def _plain(text: str) -> str:
    """For comparing names as people write them: letters and digits in small letters."""
    return "".join(character for character in text.casefold() if character.isalnum())
