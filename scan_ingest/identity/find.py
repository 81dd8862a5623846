"""All findings of a text, and of a card's fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from scan_ingest.domain.identity import Finding, IdentityKind
from scan_ingest.identity.addresses import addresses
from scan_ingest.identity.dates import dates_of_birth
from scan_ingest.identity.names import names
from scan_ingest.identity.numbers import numbers
from scan_ingest.identity.parts import folded

AT_ONCE, SHARED = 20_000, 500  # characters looked at in one go, and of them with the go before; a card has some hundred
OF_THE_FIELD = ("nominee", "role")
"""Fields that name who is nominated: a name in them is staff's."""

SURER_FIRST = (
    IdentityKind.NHS_NUMBER,
    IdentityKind.EMAIL,
    IdentityKind.DATE_OF_BIRTH,
    IdentityKind.HOSPITAL_NUMBER,
    IdentityKind.PHONE,
    IdentityKind.POSTCODE,
    IdentityKind.NAME,
)
"""Where one piece may be several things, the first of these is told."""


@dataclass(frozen=True)
class Known:
    """Names that may stand: `nominees` of this very card, and `staff` (a list's, or nominees accepted before). The repr
    names nobody."""

    nominees: tuple[str, ...] = field(default=(), repr=False)
    staff: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def staff_names(self) -> frozenset[str]:
        return frozenset(map(_folded_name, self.staff))

    @cached_property
    def nominee_names(self) -> tuple[str, ...]:
        return tuple(name for name in map(_folded_name, self.nominees) if " " in name)


NOBODY = Known()


def find(text: str, known: Known = NOBODY) -> tuple[Finding, ...]:
    """Every piece of the text that may tell who a patient is, in its order; pieces do not overlap.

    A long text is looked at part by part, so that the time grows with its length alone.
    """
    found: list[Finding] = []
    for start in range(0, max(len(text) - SHARED, 1), AT_ONCE - SHARED):
        last = found[-1].end if found else 0
        here = [_moved(finding, start) for finding in _find_in(text[start : start + AT_ONCE], known)]
        found += [finding for finding in here if finding.start >= last]
    return tuple(found)


def _moved(finding: Finding, by: int) -> Finding:
    return replace(finding, start=finding.start + by, end=finding.end + by) if by else finding


def _find_in(text: str, known: Known) -> tuple[Finding, ...]:
    found = [*numbers(text), *dates_of_birth(text), *addresses(text)]
    found += names(text, known.nominee_names, known.staff_names)
    found.sort(key=lambda finding: (not finding.holds, SURER_FIRST.index(finding.kind), -finding.score))
    kept: list[Finding] = []
    for finding in found:
        if not any(finding.start < other.end and other.start < finding.end for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda finding: finding.start))


@lru_cache(maxsize=4)  # a list of thousands of names is folded once, not with every key of a review
def _known(nominees: tuple[str, ...], staff: tuple[str, ...]) -> Known:
    return Known(nominees, staff)


def find_in_fields(
    texts: Mapping[str, str], kinds: Mapping[str, str] | None = None, staff: Iterable[str] = ()
) -> dict[str, tuple[Finding, ...]]:
    """The findings of each field that has any. `texts` and `kinds` (text, choice or code) are by field; ticked options
    and printed codes are nobody's writing and are not looked at. In the fields that name who is nominated, names may
    stand."""
    nominees = tuple(text for name, text in texts.items() if name in OF_THE_FIELD and text.strip())
    known = _known(nominees, tuple(staff))
    return dict(_of_fields(texts, kinds or {}, known))


def _of_fields(
    texts: Mapping[str, str], kinds: Mapping[str, str], known: Known
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    for name, text in texts.items():
        if kinds.get(name, "text") != "text" or not text.strip():
            continue
        found = find(text, known)
        if name in OF_THE_FIELD:
            found = tuple(finding for finding in found if finding.kind is not IdentityKind.NAME)
        if found:
            yield name, found


def _folded_name(name: str) -> str:
    return " ".join(folded(part) for part in name.replace(",", " ").split())
