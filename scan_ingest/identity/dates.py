"""Dates of birth among the many other dates on cards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scan_ingest.domain.identity import Finding, IdentityKind
from scan_ingest.identity.seeing import DIGIT_OF, LIKE_A_DIGIT, with_digits

LONG_AGO = 2010  # a full date before it tells most likely when somebody was born; cards tell of the last weeks
BEFORE, AFTER = 30, 24  # characters around a date that say what it is

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPLIT = r"\s?"  # a stray space in a word
_MONTH = rf"(?:{'|'.join(_SPLIT.join(name) for name in _MONTHS)})(?:\s?[a-z]{{1,7}})?"
_D = r"[0-3]?\s?[0-9]"
_Y = r"(?:[12]\s?[890]\s?[0-9]\s?[0-9]|['’]?[0-9]\s?[0-9])"
_NUMERIC = re.compile(rf"(?<![\d/])({_D})(\s?[./,\-]\s?)({_D})\s?[./,\-]\s?({_Y})(?![\d/])")
_SPACED = re.compile(r"(?<![\d/])([0-3][0-9])(\s)([01][0-9])\s((?:19|20)[0-9][0-9])(?![\d/])")
_DAY_FIRST = re.compile(rf"(?i)(?<!\d)({_D})\s*(?:st|nd|rd|th)?\s*(?:of\s+)?({_MONTH})[\s,.]*({_Y})(?!\d)")
_MONTH_FIRST = re.compile(rf"(?i)\b({_MONTH})\s*({_D})\s*(?:st|nd|rd|th)?[\s,.]+({_Y})(?!\d)")

_ISO = re.compile(r"(?<![\d/-])((?:1\s?9|2\s?0)\s?\d\s?\d)(\s?[./-]\s?)([01]?\s?\d)\s?[./-]\s?([0-3]?\s?\d)(?![\d/-])")

_UNITS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = ("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth")
_LATE = ("eighteenth", "nineteenth", "twentieth")
_ORDINALS = {
    **{name: number for number, name in enumerate((*_UNITS, *_TEENS, *_LATE), start=1)},
    **{f"twenty{name}": 20 + number for number, name in enumerate(_UNITS, start=1)},
    "thirtieth": 30,
    "thirtyfirst": 31,
}
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen")
_MORE = ("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = {
    **{name: number for number, name in enumerate((*_ONES, *_MORE), start=1)},
    **{name: 10 * number for number, name in enumerate(_TENS, start=2)},
    **{f"{ten}{one}": 10 * at + unit for at, ten in enumerate(_TENS, 2) for unit, one in enumerate(_ONES[:9], 1)},
}
_ORDINAL = r"(?:(?:twenty|thirty)[\s-]?)?(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + ")"
_IN_WORDS = "|".join(sorted((*_ONES, *_MORE, *_TENS), key=len, reverse=True))
_YEAR_IN_WORDS = (
    r"(?:nineteen|twenty|two[\s-]thousand)[\s-]+(?:hundred[\s-]+)?(?:and[\s-]+)?"
    rf"(?:{_IN_WORDS})(?:[\s-]+(?:{_IN_WORDS}))?"
)
_WORDED = re.compile(
    rf"(?i)\b({_ORDINAL}|{_D}(?:\s?(?:st|nd|rd|th))?)\s+(?:of\s+)?({_MONTH})[\s,]+({_Y}|{_YEAR_IN_WORDS})(?!\d)"
)

_LOOKS_LIKE_A_DATE = re.compile(
    rf"(?<![^\W_])[{LIKE_A_DIGIT}]{{1,2}}\s?[./-]\s?[{LIKE_A_DIGIT}]{{1,2}}\s?[./-]\s?[{LIKE_A_DIGIT}]{{2,4}}(?![^\W_])"
)
_BIRTH_BEFORE = re.compile(
    r"""(?ix) (?: \bd\W{0,2}[o0]\W{0,2}b\b | \bd?ate\W{1,3}o[fl1]\W{1,3}b[il1]r[tl]h | \bb[il1]rth\W{0,2}(?:date|day)s?
    | \bb[o0]r[nm]\b | \bborm\b | \bb\. ) [^.!?\d]{0,22}$"""
)
_BIRTH_AFTER = re.compile(
    r"""(?ix) ^\W{0,4}(?:is\ |was\ )?\W{0,2}(?:my\ |his\ |her\ |their\ )?
    (?:d\W?o\W?b\b|date\ of\ birth|birth\ ?(?:date|day))"""
)
_OTHER_BEFORE = re.compile(
    r"""(?ix) \b(?: since | married | wed | wedding | anniversary | admitted | admission | discharged? | clinic
    | operation | op | surgery | appointment | started | joined | opened | died | passed | retired | on | until | from
    | to | of | dated | visit\w* | seen | came | by | between | and | emigrated | served | closed | moved )\W+
    (?:on\ |in\ |the\ |date\ |away\ |was\ |is\ |were\ )*$"""
)


@dataclass(frozen=True)
class _Date:
    start: int
    end: int
    year: int


def dates_of_birth(text: str) -> Iterator[Finding]:
    seen = _LOOKS_LIKE_A_DATE.sub(lambda found: found[0].translate(DIGIT_OF), with_digits(text))
    for date in _dates(seen):
        before, after = seen[max(0, date.start - BEFORE) : date.start], seen[date.end : date.end + AFTER]
        if _BIRTH_BEFORE.search(before) or _BIRTH_AFTER.search(after):
            yield Finding(IdentityKind.DATE_OF_BIRTH, date.start, date.end, True, 1.0, "called a date of birth")
        elif date.year < LONG_AGO and not _OTHER_BEFORE.search(before):
            why = "a full date so long ago that it may be a date of birth"
            yield Finding(IdentityKind.DATE_OF_BIRTH, date.start, date.end, True, 0.6, why)


def _dates(text: str) -> Iterator[_Date]:
    """Every full date: day, month and year."""
    for pattern in (_NUMERIC, _SPACED):
        for found in pattern.finditer(text):
            yield from _date(found, found[1], found[3], found[4])
    for found in _ISO.finditer(text):
        yield from _date(found, found[4], found[3], found[1])  # as computers write it
    for found in _WORDED.finditer(text):
        yield from _date(found, _day(found[1]), _month(found[2]), _year(found[3]))
    for found in _DAY_FIRST.finditer(text):
        yield from _date(found, found[1], _month(found[2]), found[3])
    for found in _MONTH_FIRST.finditer(text):
        yield from _date(found, found[2], _month(found[1]), found[3])


def _date(found: re.Match[str], day: str, month: str, year: str) -> Iterator[_Date]:
    d, m, y = (int(re.sub(r"\D", "", part)) for part in (day, month, year))
    if m > 12 >= d:  # as Americans write it
        d, m = m, d
    if not (1 <= d <= 31 and 1 <= m <= 12):
        return
    if y < 100:
        y += 2000 if y <= 30 else 1900
    if 1890 <= y <= 2099:
        yield _Date(found.end() - len(found[0].lstrip()), found.end(), y)


def _letters(words: str) -> str:
    return "".join(filter(str.isalpha, words.lower()))


def _day(words: str) -> str:
    """`Twenty-second` as 22; figures as they are."""
    return str(_ORDINALS.get(_letters(words), 0)) if not any(c.isdigit() for c in words) else words


def _year(words: str) -> str:
    """`Nineteen fifty two` as 1952; figures as they are. 0 where it is no year."""
    if any(c.isdigit() for c in words):
        return words
    letters = re.sub(r"^(twothousand|nineteenhundred)(and)?", r"\1", _letters(words))
    for said, century in (("twothousand", 2000), ("nineteenhundred", 1900), ("nineteen", 1900), ("twenty", 2000)):
        if letters.startswith(said):
            return str(century + _NUMBERS.get(letters.removeprefix(said).removeprefix("and"), -9999))
    return "0"


def _month(name: str) -> str:
    letters = "".join(filter(str.isalpha, name.lower()))
    return str(_MONTHS.index(letters[:3]) + 1)
