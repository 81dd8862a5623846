"""Vocabulary: words that people here write and ordinary English lacks or thinks rare."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scan_ingest.domain.accuracy import NO_ERRORS, character_errors, word_errors
from scan_ingest.domain.learned import Proof
from scan_ingest.errors import SkipError
from scan_ingest.learning.lessons import Lesson, parted

MILLION = 1_000_000

Share = Callable[[str], float | None]
"""The share that a word (in small letters) has of ordinary English; None where it is not known."""

FEWEST = 3  # different cards: a slip of one reviewer, or one writer's word, is none of the site's
SHORTEST = 3  # letters; shorter ones are known or are slips
UNDERRATED = 4.0  # times as common here as in English; less is chance
BELIEF = 20_000  # words: a site's answers are few, so that its shares are drawn towards nothing by so many
INSIDE = "'’-"  # marks that may stand inside a word


def words_to_learn(lessons: Iterable[Lesson], share: Share) -> dict[str, int]:
    """Words of the accepted answers, in small letters, with how often they come in a million words.

    Names stay out: words of the cards' own name fields, and words that are mostly written with a capital.
    """
    total = 0
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    cards: dict[str, set[str]] = defaultdict(set)
    names: set[str] = set()
    for lesson in lessons:
        for name in ("nominee", "nominator"):
            names |= {word for word, _ in _words(lesson.texts.get(name, ""))}
        for text in lesson.prose:
            for word, has_capital in _words(text):
                total += 1
                (capital if has_capital else small)[word] += 1
                cards[word].add(lesson.card_id)
    learned = {}
    for word in sorted(cards):
        if len(cards[word]) < FEWEST or len(word) < SHORTEST or word in names or capital[word] >= small[word]:
            continue
        here = (small[word] + capital[word]) / (total + BELIEF)
        elsewhere = share(word)
        if elsewhere is None or here > UNDERRATED * elsewhere:
            learned[word] = max(1, round(here * MILLION))
    return learned


def _words(text: str) -> Iterable[tuple[str, bool]]:
    """The words of a text in small letters, without what stands around them, and whether they begin with a capital."""
    for written in text.split():
        start, end = 0, len(written)
        while start < end and not written[start].isalnum():
            start += 1
        while end > start and not written[end - 1].isalnum():
            end -= 1
        word = written[start:end]
        if word and all(character.isalpha() or character in INSIDE for character in word):
            yield word.lower(), word[0].isupper()


# -- does it help? -----------------------------------------------------------------------------------------------------

WRONG_WORDS = "wrong words in answers"
WRONG_CHARACTERS = "wrong characters in answers"


@dataclass(frozen=True)
class Language:
    """What is asked of the reader: how common a word is in its English, and to read a card's answers again.

    `read_again` reads them from the kept pictures, once with each of the vocabularies: texts by field for each, in
    their order, none where the card's pictures or template are gone. It is asked about at most `cards` cards.
    Raises `SkipError` where the reader fails on a card.
    """

    share: Share
    read_again: Callable[[Lesson, Sequence[Mapping[str, int]]], Sequence[Mapping[str, str]]]
    cards: int


def learn_vocabulary(lessons: Sequence[Lesson], language: Language) -> tuple[dict[str, int], tuple[Proof, ...]]:
    """The words of all cards, where on cards they do not come from answers are read better with them; and the proof.

    It helps where wrong words fall and wrong characters do not rise. The cards that are read again are the same however
    often one asks, and have nothing to do with when they came.
    """
    learned = words_to_learn(lessons, language.share)
    if not learned:
        return {}, ()
    trials = []
    for learned_from, tested_on in parted(lessons):
        vocabulary = words_to_learn(learned_from, language.share)
        trials += [(lesson, vocabulary) for lesson in tested_on if lesson.prose]
    trials = sorted(trials, key=lambda trial: trial[0].card_id)[: language.cards]
    trials.sort(key=lambda trial: trial[0].fold)  # so that the reader needs a vocabulary once
    words = {"before": NO_ERRORS, "after": NO_ERRORS}
    characters = dict(words)
    cards = 0
    for lesson, vocabulary in trials:
        try:
            texts_of_both = language.read_again(lesson, ({}, vocabulary))
        except SkipError:
            continue
        cards += any(texts_of_both)
        for when, texts in zip(("before", "after"), texts_of_both, strict=True):
            for name, text in texts.items():
                true, read = " ".join(lesson.texts.get(name, "").split()), " ".join(text.split())
                words[when] += word_errors(true, read)
                characters[when] += character_errors(true, read)
    if not cards:
        return {}, ()
    proofs = (
        Proof(WRONG_WORDS, words["before"].rate, words["after"].rate, cards),
        Proof(WRONG_CHARACTERS, characters["before"].rate, characters["after"].rate, cards),
    )
    helps = proofs[0].after < proofs[0].before and proofs[1].after <= proofs[1].before
    return learned if helps else {}, proofs
