"""NHS numbers, hospital numbers and phone numbers."""

import re
from collections.abc import Iterator

from scan_ingest.domain.identity import Finding, IdentityKind
from scan_ingest.identity.seeing import LIKE_A_DIGIT, digits_of, true_digits, with_digits

NHS_DIGITS = 10
TRUE_DIGITS = 5  # of a number: fewer are letters that look like one
BEFORE, AFTER = 40, 12  # characters around a number that say what it is

_D = f"[{LIKE_A_DIGIT}]"
_ALONE, _ENDS = r"(?<![^\W_])", r"(?![^\W_])"

# -- what numbers look like --------------------------------------------------------------------------------------------

_TEN = re.compile(rf"{_ALONE}(?<![@£$+]){_D}(?:[ \n\t.,/-]{{0,3}}{_D}){{9}}{_ENDS}")
_EIGHT_TO_TWELVE = re.compile(rf"{_ALONE}[0-9A-Za-z|](?:[ \n.-]{{0,2}}[0-9OoQIl|SsGgBbZzqTA]){{7,11}}{_ENDS}")
_PHONE = re.compile(
    rf"""{_ALONE}(?: \(?\+\W?4\s?4\)? | \(?[0OoQ]\s?[0OoQ]\s?4\s?4 | \(?[0OoQ] )
    (?:[\ \n\t.()/-]{{0,4}}{_D}){{8,11}}{_ENDS}""",
    re.VERBOSE,
)
_LOCAL = re.compile(rf"{_ALONE}{_D}(?:[ \n-]?{_D}){{5,10}}{_ENDS}")
_CODE = re.compile(
    rf"""{_ALONE}(?: (?!(?i:n[o0]|nr|id|ref|mrn|chi|hcn|pas|crn|is|was)\b)[A-Za-z]{{1,3}}[\ \n/-]? )?
    {_D}(?:[\ \n/-]?{_D}){{3,11}}[A-Za-z]?{_ENDS}""",
    re.VERBOSE,
)
_ATTACHED = re.compile(rf"(?i){_ALONE}(?:mrn|chi|hosp(?:ital)?\s?n[o0])[#:.]?{_D}{{4,12}}{_ENDS}")

# -- what stands before them -------------------------------------------------------------------------------------------

_IS = r"[\s.:\#-]*(?:is|was|are)?[\s.:\#-]*$"
_CALLED_NHS = re.compile(
    r"""(?ix) \b n\s?h\s?[s5]\b \W*(?:n\w{0,7}|id)?\W*(?:is|was|are)?\W*$
    | \b n\s?h\s?[s5]\W+(?:n[ou°]\w{0,6}|id)\b[^0-9]*$"""
)
_SURELY_CALLED_NHS = re.compile(r"(?i)\bn\s?h\s?[s5]\W{0,2}n[o0u]\w{0,6}\W*(?:is|was)?\W*$")
_CALLED_OF_HOSPITAL = re.compile(
    rf"""(?ix) \b(?: hosp\w{{0,6}} | unit | district | case\s?notes? | (?:medical\s)?records? | patient | pt | chi
        | h\s?&\s?c | clinic | notes )\b (?:'s)?[\s.:\#-]* (?: n[o0u]\w{{0,6}} | nr | id | i\.d | ref\w* | \# ) {_IS}
    | \b(?: m\.?r\.?n | c\.?h\.?i | h\.?c\.?n | pas | crn )\b \.?[\s:\#-]* (?:n[o0u]\w{{0,6}})? {_IS}"""
)
_CALLED_PHONE = re.compile(
    r"""(?ix) \b(?: t[e3]l\w* | p?hone?\w* | mob\w* | cell | call | ring | rang | text | txt | contact | number | num
    | no | whatsapp | fax | landline | on )\b [^.!?]{0,18}$"""
)
_SURELY_CALLED_PHONE = re.compile(
    r"""(?ix) \b(?: ring | call | text | phone | contact | reach )\ (?: me | us | him | her | them )\ on\W*$
    | \b(?: tel | telephone | phone | mobile | mob | landline | whatsapp )\b
      \W*(?:number|num|no|n[o0])?\W*(?:is|on)?\W*$"""
)
_OF_STAFF = re.compile(
    r"""(?ix) \b(?:ble+p\w*|ext\w*|pager|paged?|x|dect|vocera|fast)\b\W{0,3}(?:\w+\W{1,3})?$
    | \b(?: ward | switchboard | reception | pals | helpline | office | desk | clinic | hospital | unit | department
      | nhs )(?:['’]?s)?\W{1,3} (?:main\ |direct\ )?(?:tel\w*|phone|number|no|line|desk|on|is)?\W*
      (?:number|no|line)?\W*(?:is|on)?\W*$"""
)
_OF_THINGS = re.compile(
    r"""(?ix) \b(?: order | serial | ticket | invoice | receipt | ref(?:erence)? | tracking | account | booking
    | barcode | asset | model | steps? | policy | vehicle | job | incident | datix )\b
    \W*(?:n\w{0,7}|id|code)?\W*(?:is|was)?\W*$"""
)

_A_DATE = re.compile(
    r"(?:1\s?9|2\s?0)\s?\d\s?\d\s?[./-]\s?[01]?\d\s?[./-]\s?[0-3]?\d\D|[0-3]?\d\s?[./-]\s?[01]?\d\s?[./-]\s?(?:19|20)?\d\d\D"
)
"""A day, and a time or another number behind it: ten digits are soon together."""


def nhs_check_digit_fits(digits: str) -> bool:
    """Whether ten digits pass the NHS number's check (modulus 11, NHS Data Dictionary)."""
    if len(digits) != NHS_DIGITS:
        return False
    remainder = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return remainder != 10 and remainder % 11 == int(digits[9])


def numbers(text: str) -> Iterator[Finding]:
    """Every NHS, hospital and phone number; where one piece may be several things, several findings."""
    seen = with_digits(text)
    yield from _nhs_numbers(seen)
    yield from _hospital_numbers(seen)
    yield from _phone_numbers(seen)


def _nhs_numbers(text: str) -> Iterator[Finding]:
    for found in _anywhere(_TEN, text):
        before = _before(text, found)
        fits = nhs_check_digit_fits(digits_of(found[0]))
        named = bool(_CALLED_NHS.search(before))
        if not named and (_OF_THINGS.search(before) or _A_DATE.match(found[0])):
            continue
        if fits:
            yield _nhs(found, 1.0 if named else 0.9, "ten digits with an NHS number's check digit")
        elif named:
            yield _nhs(found, 0.8, "called an NHS number, though its check digit is wrong")
    for found in _anywhere(_EIGHT_TO_TWELVE, text):
        if _SURELY_CALLED_NHS.search(_before(text, found)):
            yield _nhs(found, 0.6, "called an NHS number, though it does not read as ten digits")


def _nhs(found: re.Match[str], score: float, why: str) -> Finding:
    return Finding(IdentityKind.NHS_NUMBER, found.start(), found.end(), True, score, why)


def _hospital_numbers(text: str) -> Iterator[Finding]:
    for found in _ATTACHED.finditer(text):
        yield _of_hospital(found)
    for found in _CODE.finditer(text):
        if true_digits(found[0]) >= 3 and _CALLED_OF_HOSPITAL.search(_before(text, found)):
            yield _of_hospital(found)


def _of_hospital(found: re.Match[str]) -> Finding:
    return Finding(IdentityKind.HOSPITAL_NUMBER, found.start(), found.end(), True, 0.9, "called a hospital number")


def _phone_numbers(text: str) -> Iterator[Finding]:
    for found in _anywhere(_PHONE, text):
        before = _before(text, found)
        if not (_OF_STAFF.search(before) or _OF_THINGS.search(before)):
            yield from _phone_number(found, before, text[found.end() : found.end() + AFTER])
    for found in _LOCAL.finditer(text):
        before = _before(text, found)
        sure = true_digits(found[0]) >= TRUE_DIGITS and _SURELY_CALLED_PHONE.search(before)
        if sure and not _OF_STAFF.search(before):
            yield Finding(IdentityKind.PHONE, found.start(), found.end(), True, 0.6, "called a phone number")


def _phone_number(found: re.Match[str], before: str, after: str) -> Iterator[Finding]:
    start, end, digits = found.start(), found.end(), digits_of(found[0])
    if found[0].lstrip("(").startswith("+"):
        digits = "0" + digits[2:].lstrip("0")
    elif digits.startswith("0044"):
        digits = "0" + digits[4:].lstrip("0")
    if not 10 <= len(digits) <= 11 or digits[1] not in "1237":
        return
    if digits.startswith("03") or re.match(r"\W{0,3}(?i:ext|x\d)", after):
        yield Finding(IdentityKind.PHONE, start, end, False, 0.4, "a phone number of an organisation")
    elif len(digits) == 11 or found[0][0] in "(+" or _CALLED_PHONE.search(before):
        what = "a mobile number" if digits.startswith("07") else "a phone number"
        yield Finding(IdentityKind.PHONE, start, end, True, 0.9 if len(digits) == 11 else 0.7, what)


def _anywhere(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Matches from every place, overlapping ones too, with enough true digits: a number may begin inside another's
    match, where a word before it looks like a digit."""
    at = 0
    while found := pattern.search(text, at):
        if true_digits(found[0]) >= TRUE_DIGITS:
            yield found
        at = found.start() + 1


def _before(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - BEFORE) : found.start()]
