"""Postcodes and e-mail addresses."""

import re
from collections.abc import Iterator
from itertools import pairwise

from scan_ingest.domain.identity import Finding, IdentityKind
from scan_ingest.identity.lists import POSTCODE_AREAS, ordinary_words
from scan_ingest.identity.seeing import DIGIT_OF

BEFORE = 40  # characters before a postcode that say what it is
ORDINALS = frozenset({"ST", "ND", "RD", "TH"})

_PIECES = re.compile(r"[A-Za-z0-9|]+")
_OUTWARD = re.compile(r"([A-Z]{1,2})([0-9][0-9A-Z]?)")
_INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}")
_ADDRESS_BEFORE = re.compile(
    r"""(?ix) \b(?: post\s?code | address | live[sd]? | living | home | from | road | rd | street | lane | ln | avenue
    | ave | drive | close | way | court | crescent | terrace | gardens | grove | hill | park | place | green | flat
    | house | at )\b [^.!?]*$"""
)
_PLACE_BEFORE = re.compile(r"(?i)\b(?:ward|bay|room|level|lift|floor|bus|bed|theatre|on|of|from|to)\W+$")

_EMAIL = re.compile(
    r"(?i)[a-z0-9][a-z0-9._%+-]{0,63}(?:\s[a-z0-9._%+-]{1,20})?\s{0,2}(?:@|\(at\)|\[at\]|\(a\))\s{0,2}"
    r"[a-z0-9][a-z0-9-]{0,62}(?:\s[a-z0-9-]{1,12})?(?:\s?[.,]\s?[a-z0-9-]{1,20})+"
)
_EMAIL_SPOKEN = re.compile(
    r"(?i)[a-z0-9][a-z0-9._%+-]{0,63}\s{1,3}at\s{1,3}[a-z0-9-]{1,63}\s{1,3}dot\s+(?:com|co|org|net|uk)(?:\s+dot\s+uk)?"
)
_OF_STAFF = re.compile(r"(?i)(?:nhs\s?[.,]\s?(?:uk|net|scot)|wales\s?[.,]\s?nhs|hscni\s?[.,]\s?net)\W*$")


def addresses(text: str) -> Iterator[Finding]:
    yield from _emails(text)
    yield from _postcodes(text)


def _emails(text: str) -> Iterator[Finding]:
    for pattern in (_EMAIL, _EMAIL_SPOKEN):
        for found in pattern.finditer(text):
            start, end = found.start(), found.start() + len(found[0].rstrip(" .,"))
            first = re.match(r"[^\s@]+(?=\s+[^\s@(\[])", text[start:end])
            if first and first[0].lower() in ordinary_words():
                start += first.end() + 1  # a word before it, no piece of it
            written = text[start:end]
            if _OF_STAFF.search(written):
                yield Finding(IdentityKind.EMAIL, start, end, False, 0.5, "an e-mail address of the health service")
            else:
                yield Finding(IdentityKind.EMAIL, start, end, True, 0.95, "an e-mail address")


def _postcodes(text: str) -> Iterator[Finding]:
    pieces = list(_PIECES.finditer(text))
    for first in range(len(pieces)):
        for last in range(first, min(first + 4, len(pieces))):
            run = pieces[first : last + 1]
            gaps = (text[one.end() : other.start()] for one, other in pairwise(run))
            if not all(re.fullmatch(r"[ \n]{1,2}", gap) for gap in gaps):
                break
            written = "".join(piece[0] for piece in run)
            if len(written) > 8:
                break
            if len(written) < 5:
                continue
            start, end = run[0].start(), run[-1].end()
            if score := _postcode(written, [piece[0] for piece in run], text[max(0, start - BEFORE) : start]):
                yield Finding(IdentityKind.POSTCODE, start, end, True, score, "a postcode")


def _postcode(written: str, pieces: list[str], before: str) -> float:
    """How sure it is one, 0 where it is none. `written` is without spaces."""
    in_address = bool(_ADDRESS_BEFORE.search(before))
    outward, inward = written[:-3], written[-3:]
    small = outward[0].islower() and inward[1:].islower()
    if not small and (any(c.islower() and c not in "lo" for c in outward) or not inward[1:].isupper()):
        return 0.0
    read = _as_postcode(outward.upper() if small else outward, inward.upper() if small else inward)
    if read is None:
        return 0.0
    true_inward = inward[0].isdigit()
    if not any(character.isdigit() for character in outward) and (
        outward.lower() in ordinary_words() or not true_inward
    ):
        return 0.0
    if inward[1:].upper() in ORDINALS and not in_address:
        return 0.0
    words = [piece.lower() for piece in pieces]
    if not true_inward and (inward.lower() in ordinary_words() or words[-1] in ordinary_words()) and not in_address:
        return 0.0
    if len(pieces) > 2 and any(word in ordinary_words() and len(word) > 1 for word in words) and not in_address:
        return 0.0
    if (small or _PLACE_BEFORE.search(before)) and not in_address:
        return 0.0 if _PLACE_BEFORE.search(before) and not re.search(r"(?i)\b(?:from|to|of)\W+$", before) else 0.7
    return 0.9


def _as_postcode(outward: str, inward: str) -> str | None:
    """The postcode that the characters show, letters taken for digits where digits stand; None where they show none."""
    inward_read = inward[:1].translate(DIGIT_OF) + inward[1:].replace("0", "O").replace("5", "S")
    if not _INWARD.fullmatch(inward_read):
        return None
    for letters in (1, 2):
        area = outward[:letters].replace("0", "O").replace("5", "S").replace("1", "I")
        district = outward[letters : letters + 1].translate(DIGIT_OF) + _district_end(outward[letters + 1 :])
        if area in POSTCODE_AREAS and _OUTWARD.fullmatch(area + district) and outward[letters:]:
            return f"{area}{district} {inward_read}"
    return None


def _district_end(character: str) -> str:
    return character.translate(DIGIT_OF) if character in "OoQIl|s" else character.upper()
