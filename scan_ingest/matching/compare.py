"""Whether two nominations may be one person's telling of one thing: the evidence, and a score made of it.

Nominee, ward and answers are compared with misread letters in mind, as one of them may have been read from handwriting.
Words that everybody writes weigh little, the nominee's name in the answers nothing, so that two people's thanks to one
nurse stay two. A score depends on the two alone: not on what else is in the store, nor on the order of coming.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from scan_ingest.domain.duplicates import Evidence
from scan_ingest.domain.nomination import Nomination
from scan_ingest.matching.names import alike_names, alike_wards, name_words, named_in, ward_words
from scan_ingest.matching.words import concept, plain_words, weight

MISREAD = 0.75  # alike enough to be one word misread: one letter of four
SHORTEST = 5  # letters of a word that can be misread and still be told from others
ENOUGH = 8.0  # weight of shared words from which on more say nothing
LEAST = 5.0  # weight that the shorter text is taken to have at least: two shared words of two say little
NAMESAKE = 0.6  # how alike two names are that may be one, misread
ANOTHER_NAME = 0.45  # so little alike are no two readings of one name
SMALL_PART = 0.3  # of what the shorter text tells
MOST_WORDS = 400  # of a text that are compared


@dataclass(frozen=True)
class Telling:
    """A nomination, made ready to be compared."""

    nomination: Nomination

    @cached_property
    def names(self) -> tuple[str, ...]:
        return name_words(self.nomination.nominee)

    @cached_property
    def ward(self) -> tuple[str, ...]:
        return ward_words(self.nomination.ward)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The answers, word for word; not which of the two a word is in, as people divide them differently."""
        return tuple(plain_words(f"{self.nomination.action} {self.nomination.impact}")[:MOST_WORDS])

    @cached_property
    def concepts(self) -> dict[str, float]:
        """What is told, with its weights: the names of the nominee left out."""
        names = set(self.names)
        found = {concept(word): 0.0 for word in self.words if word not in names}
        return {each: weighs for each in found if (weighs := weight(each))}

    @cached_property
    def misreadable(self) -> tuple[str, ...]:
        """Long enough to be told from others though they were misread; another number is another thing."""
        return tuple(each for each in self.concepts if len(each) >= SHORTEST and not each.isdigit())


def compare(one: Telling, other: Telling) -> Evidence:
    """What the two have in common."""
    shared, told = _shared(one, other)
    return Evidence(
        nominee=_nominees(one, other),
        ward=alike_wards(one.ward, other.ward) if one.ward and other.ward else None,
        told=told,
        shared=min(shared, ENOUGH) / ENOUGH,
        wording=_wording(one.words, other.words),
        concepts=min(len(one.concepts), len(other.concepts)),
        days=_days(one.nomination.collected_on, other.nomination.collected_on),
        same_channel=one.nomination.channel is other.nomination.channel,
        same_nominator=_nominator(one) == _nominator(other),
    )


def _nominees(one: Telling, other: Telling) -> float | None:
    if one.names and other.names:
        alike = alike_names(one.names, other.names)
        # A name that was misread on its line may be right in the answers, or the other way round.
        if alike < 0.8 and (named_in(one.names, other.words) or named_in(other.names, one.words)):
            return max(alike, 0.8)
        return alike
    if one.names or other.names:
        named, unnamed = (one, other) if one.names else (other, one)
        return 0.8 if named_in(named.names, unnamed.words) else None
    return None


def _shared(one: Telling, other: Telling) -> tuple[float, float]:
    """The weight of what both tell, and its share of the one that tells less."""
    names = {*one.names, *other.names}
    mine = {each: weighs for each, weighs in one.concepts.items() if each not in names}
    theirs = {each: weighs for each, weighs in other.concepts.items() if each not in names}
    same = mine.keys() & theirs.keys()
    shared = sum(mine[each] for each in same)
    left_out = same | names
    left, right = ([each for each in side.misreadable if each not in left_out] for side in (one, other))
    shared += sum(likeness**2 * min(mine[a], theirs[b]) for a, b, likeness in _misread(left, right))
    least = min(sum(mine.values()), sum(theirs.values()))
    return shared, min(1.0, shared / max(least, LEAST))


def _misread(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, str, float]]:
    """Words that may be one, misread: the most alike first, each once."""
    if not left or not right:
        return []
    alike = process.cdist(left, right, scorer=Levenshtein.normalized_similarity, score_cutoff=MISREAD)
    pairs = []
    while alike.any():
        row, column = divmod(int(alike.argmax()), len(right))
        pairs.append((left[row], right[column], float(alike[row, column])))
        alike[row, :] = 0
        alike[:, column] = 0
    return pairs


def _wording(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the longer text's neighbouring words that are neighbours in the other."""
    pairs = [set(pairwise(words)) for words in (one, other)]
    return len(pairs[0] & pairs[1]) / max(len(pairs[0]), len(pairs[1]), 1)


def _days(one: date | None, other: date | None) -> int | None:
    return abs((one - other).days) if one and other else None


def _nominator(telling: Telling) -> str:
    return telling.nomination.nominator.strip().casefold()


def features(evidence: Evidence) -> tuple[float, ...]:
    """What the score is made of; unknown is between alike and different."""
    nominee = 0.65 if evidence.nominee is None else evidence.nominee
    verbatim = max(0.0, (evidence.wording - 0.6) / 0.4) * min(1.0, evidence.concepts / 3)
    return (
        1.0,
        nominee,
        0.7 if evidence.ward is None else evidence.ward,
        evidence.told,
        # Long texts share much by chance, and then it is a small part of either.
        evidence.shared * min(1.0, evidence.told / SMALL_PART),
        # Two people use one phrase, hardly ever the same words throughout; but one may thank two colleagues in them.
        verbatim * (nominee > NAMESAKE),
        2.0 if evidence.days is None else min(evidence.days / 7, 8.0),
        float(evidence.same_channel),
        float(evidence.same_nominator),
    )


WEIGHTS = (-9.28, 4.63, 0.75, 7.61, 8.82, 5.0, -0.25, -1.0, 0.5)
"""Of `features`. The first five are fitted on the open half of the labelled set (`benchmarks/duplicates.py --fit`); the
others are set by hand, as that set cannot tell: in it nobody ticks two different kinds of nominator, say."""


def score(evidence: Evidence) -> float:
    """By logistic regression."""
    total = sum(weighs * value for weighs, value in zip(WEIGHTS, features(evidence), strict=True))
    likely = 1 / (1 + math.exp(-total))
    # The same words about somebody else: whoever thanks two colleagues makes two nominations.
    somebody_else = evidence.nominee is not None and evidence.nominee < ANOTHER_NAME
    return likely * 0.2 if somebody_else else likely
