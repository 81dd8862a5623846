"""Names of patients: a given name and a surname where the words around speak of a patient, not of staff.

A name alone proves nothing, since most names on these cards are those of the people who are thanked. What counts is
what stands beside it: "my mother", "in bed 4", "'s daughter" against "Sister", "the physio", "thank you".
"""

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from scan_ingest.domain.identity import Finding, IdentityKind
from scan_ingest.identity.lists import (
    ALSO_PLACES,
    BETWEEN,
    FAMILY,
    PATIENTS,
    POSSESSIVES,
    RELATIONS,
    STAFF,
    THANKED,
    TITLES,
    ordinary_words,
    surnames,
)
from scan_ingest.identity.parts import Name, Words
from scan_ingest.identity.phrases import (
    ABOUT_A_PATIENT,
    BEHIND,
    BESIDE_FAMILY,
    HANDS_ON,
    PATIENT_BEHIND,
    SAID_TO_BE_FAMILY,
    SIGNED_BEFORE,
    STAFF_BEHIND,
    WEAKLY_BEFORE,
    WEAKLY_BEHIND,
)
from scan_ingest.identity.seeing import is_one_of

MOST_BETWEEN = 4  # words between "mother" and her name
_AND = re.compile(r"\s*(?:,|and|&|, and)\s*")
SAME_NAME = 88  # of 100; a letter or two misread


def names(text: str, harmless: Sequence[str], staff: frozenset[str]) -> Iterator[Finding]:
    """Names of patients, and titles with a surname. `harmless` are names that may stand (the card's own nominee);
    `staff` are those of a list, in small letters: they may stand unless the words speak plainly of a patient."""
    page = _Around(text)
    at = 0
    held: Name | None = None
    while at < len(page.tokens):
        found = page.name_at(at)
        if found is None:
            title = page.title_with_surname(at)
            if title is not None:
                yield title
            at += 1
            continue
        finding = page.judged(found, harmless, staff, joined=held is not None and page.joins(held, found))
        if finding is not None:
            yield finding
        at, held = found.after, found if finding is not None and finding.holds else None


class _Around(Words):
    """A text, and what its words say of the names in it."""

    def __init__(self, text: str) -> None:
        super().__init__(text.replace("\n", " "))  # what is said goes on over a line's end

    def judged(self, name: Name, harmless: Sequence[str], staff: frozenset[str], *, joined: bool) -> Finding | None:
        """`joined` is whether the name stands beside one that holds, with nothing but "and" between them."""
        start = self.tokens[name.first].start
        titled = name.first > 0 and self.tokens[name.first - 1].word in TITLES and self._close(name.first)
        begin = name.first - int(titled)
        why = self._plainly_a_patient(begin, name) or ("a name beside a patient's" if joined else "")
        if name.words[-1] in ALSO_PLACES and (begin == 0 or not is_one_of(self.tokens[begin - 1].word, RELATIONS)):
            return None
        plainly = bool(why)
        why = why or self._perhaps_a_patient(begin, name) or ("a title with a full name" if titled else "")
        if not why:
            return None
        if titled:
            start = self.tokens[begin].start
        whole = " ".join(name.words)
        if _is_known(whole, harmless):
            return Finding(IdentityKind.NAME, start, name.end, False, 0.2, "the card's own nominee")
        if not plainly and (self._is_of_staff(begin, name) or whole in staff):
            return None
        if plainly and self._is_called_staff(begin, name):
            return None
        return Finding(IdentityKind.NAME, start, name.end, True, 0.9 if plainly else 0.7, why)

    def joins(self, one: Name, other: Name) -> bool:
        return bool(_AND.fullmatch(self.text[one.end : self.tokens[other.first].start]))

    def title_with_surname(self, at: int) -> Finding | None:
        """Mrs Smith: pointed out, never held."""
        token = self.tokens[at]
        if token.word not in TITLES or at + 1 >= len(self.tokens) or not token.is_capital:
            return None
        next_ = at + 1
        if len(self.tokens[next_].word) == 1 and next_ + 1 < len(self.tokens):
            next_ += 1  # Mrs J Smith
        surname = self.tokens[next_]
        if (
            not surname.is_capital
            or surname.word in TITLES
            or self.name_at(next_)
            or any(c.isdigit() for c in surname.word)
        ):
            return None
        if not re.fullmatch(r"[\s.]{1,3}", self.text[token.end : self.tokens[at + 1].start]):
            return None
        return Finding(IdentityKind.NAME, token.start, surname.end, False, 0.3, "a title with a surname")

    def _close(self, at: int) -> bool:
        """Whether nothing but a space or a full stop parts the token from the one before."""
        return bool(re.fullmatch(r"[\s.]{1,3}", self.text[self.tokens[at - 1].end : self.tokens[at].start]))

    def _plainly_a_patient(self, begin: int, name: Name) -> str:
        return (
            self._after_a_word_for_a_patient(begin)
            or self._said_before(begin)
            or self._said_behind(name)
            or self._said_around(begin, name)
        )

    def _after_a_word_for_a_patient(self, begin: int) -> str:
        """My mother, our daughter, the patient, a gentleman called …: the word, then the name."""
        at, steps = begin - 1, 0
        between: set[str] = set()
        while at >= 0 and steps <= MOST_BETWEEN:
            token = self.tokens[at]
            if token.word not in TITLES | {"pt"} and re.search(
                r"[.!?;]", self.text[token.end : self.tokens[at + 1].start]
            ):
                return ""
            if "in" in between and not between & {"bed", "bay", "law"}:
                return ""  # my mum was in Queen Elizabeth: a place
            if is_one_of(token.word, PATIENTS, ordinary_words()):
                return "a name beside a word for a patient"
            if is_one_of(token.word, RELATIONS, ordinary_words()) and not self._is_staff_title(at):
                if token.word in RELATIONS - FAMILY and not self._names_them(at, begin):
                    return ""
                return "a name beside a word for family or friends"
            if token.word not in BETWEEN and token.word not in TITLES and not token.word.isdigit():
                return ""
            between.add(token.word)
            at, steps = at - 1, steps + 1
        return ""

    def _names_them(self, at: int, begin: int) -> bool:
        """`The lady Ann Lee` hardly, `a lady named`, `the lady in bed 9,`, `my friend` surely name whom they mean."""
        between = {token.word for token in self.tokens[at + 1 : begin]}
        if between & {"called", "named", "name", "bed", "bay"}:
            return True
        before = self.tokens[at - 1].word if at else ""
        gap = self.text[self.tokens[begin - 1].end : self.tokens[begin].start]
        return (
            before in {"my", "our", "his", "her", "their"} or "," in gap or "(" in gap or "-" in gap or at == begin - 1
        )

    def _is_staff_title(self, at: int) -> bool:
        """`Sister Mary Jones` and `Father Michael` are titles where nobody's sister or father is meant."""
        token = self.tokens[at]
        if token.word not in {"sister", "father"} or not token.is_capital or self.is_caseless:
            return False
        before = self.tokens[at - 1].word if at else ""
        return before not in POSSESSIVES - {"the", "a"} and not (token.word == "father" and at == 0)

    def _said_before(self, begin: int) -> str:
        before = self.text[max(0, self.tokens[begin].start - 48) : self.tokens[begin].start]
        if HANDS_ON.search(before):
            return "a name of somebody who was cared for"
        if ABOUT_A_PATIENT.search(before):
            return "a name that is said to be a patient's, or the family's"
        return ""

    def _said_behind(self, name: Name) -> str:
        behind = self.text[name.end : name.end + 48]
        if SAID_TO_BE_FAMILY.search(behind):
            return "a name that is said to be the family's"
        return "a name that is said to be a patient's" if BEHIND.search(behind) else ""

    def _said_around(self, begin: int, name: Name) -> str:
        behind = self.text[name.end : name.end + 48]
        if BESIDE_FAMILY.search(behind) and not self._is_thanked(begin):
            return "a name beside a word for family or friends"
        before = self.text[max(0, self.tokens[begin].start - 20) : self.tokens[begin].start]
        if SIGNED_BEFORE.search(before) and PATIENT_BEHIND.search(behind):
            return "a name that is said to be a patient's"
        return ""

    def _is_thanked(self, begin: int) -> bool:
        """Whether the name is that of somebody who is thanked: `thank you Jo Bell`, `thanks to Jo Bell`."""
        before = [token.word for token in self.tokens[max(0, begin - 2) : begin]]
        return bool(THANKED & set(before)) and "for" not in before

    def _is_name(self, name: Name) -> bool:
        """An initial and a surname are a name only where they stand behind a word for a patient or family."""
        if len(name.words[0]) > 1:
            return super()._is_name(name)
        last = self.tokens[name.after - 1]
        return (
            last.is_capital
            and self.tokens[name.first].is_capital
            and not self.is_caseless
            and len(last.word) > 2
            and (last.word in surnames() or last.word not in ordinary_words())
            and bool(self._after_a_word_for_a_patient(name.first))
        )

    def _perhaps_a_patient(self, begin: int, name: Name) -> str:
        before = self.text[max(0, self.tokens[begin].start - 30) : self.tokens[begin].start]
        behind = self.text[name.end : name.end + 40]
        if WEAKLY_BEHIND.search(behind) or WEAKLY_BEFORE.search(before):
            return "a name that may be a patient's"
        return ""

    def _is_called_staff(self, begin: int, name: Name) -> bool:
        """Whether the name stands directly beside what somebody works as."""
        before = self.tokens[begin - 1].word if begin else ""
        directly = begin > 0 and self._is_near(begin)
        if directly and (before in STAFF - FAMILY or self._is_staff_title(begin - 1)):
            return True
        behind = self.text[name.end : name.end + 40]
        return bool(STAFF_BEHIND.search(behind)) and not SAID_TO_BE_FAMILY.search(behind)

    def _is_near(self, at: int) -> bool:
        return bool(re.fullmatch(r"[\s.,:(\-–]{1,4}", self.text[self.tokens[at - 1].end : self.tokens[at].start]))

    def _is_of_staff(self, begin: int, name: Name) -> bool:
        if self._is_called_staff(begin, name):
            return True
        before = [token.word for token in self.tokens[max(0, begin - 3) : begin]]
        return bool(THANKED & set(before) or STAFF & set(before))


def _is_known(whole: str, harmless: Sequence[str]) -> bool:
    """Whether it is one of these names, a letter or two misread."""
    return any(fuzz.token_set_ratio(whole, name) >= SAME_NAME for name in harmless)
