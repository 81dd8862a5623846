"""Words that people here write and ordinary English lacks."""

from collections.abc import Mapping, Sequence

import pytest

from scan_ingest.domain.card import Reading
from scan_ingest.errors import SkipError
from scan_ingest.learning.lessons import Lesson, lessons
from scan_ingest.learning.vocabulary import WRONG_CHARACTERS, WRONG_WORDS, Language, learn_vocabulary, words_to_learn
from tests.reviewed import a_card, plain_words, read

ENGLISH = {"she": 0.01, "flushed": 0.00001, "the": 0.05, "my": 0.01, "hoist": 0.5}


def site(*answers: str, nominee: str = "") -> tuple[Lesson, ...]:
    """A card for each answer, read as `?`."""
    others = {"nominee": ("text", nominee, nominee)}
    return lessons(
        a_card(number, read("action", plain_words("?")), answer, others=others) for number, answer in enumerate(answers)
    )


def test_a_word_that_english_lacks_is_learned_from_three_different_cards() -> None:
    assert words_to_learn(site("She flushed my cannula."), ENGLISH.get) == {}
    assert words_to_learn(site("my cannula, cannula, cannula!"), ENGLISH.get) == {}
    learned = words_to_learn(site("my cannula", "the (cannula)", "Cannula, cannula"), ENGLISH.get)
    assert list(learned) == ["cannula"]
    assert learned["cannula"] == pytest.approx(4 / 20_006 * 1_000_000, abs=1)


def test_a_word_that_english_thinks_rare_is_learned_and_a_usual_one_is_not() -> None:
    taught = site(*["She flushed the hoist"] * 5)
    assert list(words_to_learn(taught, ENGLISH.get)) == ["flushed"]


def test_names_are_not_learned() -> None:
    assert words_to_learn(site(*["thanks to Winston"] * 4), {"thanks": 1.0, "to": 1.0}.get) == {}
    known = {"the": 1.0, "came": 1.0, "when": 1.0}
    assert words_to_learn(site(*["when rose came"] * 4, nominee="Rose Ash"), known.get) == {}


def test_numbers_and_short_words_are_not_learned() -> None:
    assert words_to_learn(site(*["ob 14b 7.30 b@c"] * 4), {}.get) == {}


def reading(better: bool) -> Language:
    """A reader that knows `cannula` only when told; or one that writes it everywhere then."""

    def read_again(lesson: Lesson, vocabularies: Sequence[Mapping[str, int]]) -> Sequence[Mapping[str, str]]:
        true = lesson.texts["action"]
        blind = true.replace("cannula", "camula")
        told = true if better else "cannula cannula"
        return [{"action": told if "cannula" in words else blind} for words in vocabularies]

    return Language({"my": 1.0, "the": 1.0}.get, read_again, 60)


def test_words_that_help_on_cards_they_do_not_come_from_are_kept_with_the_proof() -> None:
    learned, (words, characters) = learn_vocabulary(site(*["my cannula"] * 40), reading(better=True))
    assert list(learned) == ["cannula"]
    assert (words.measure, words.before, words.after, words.cards) == (WRONG_WORDS, 0.5, 0.0, 40)
    assert (characters.measure, characters.after) == (WRONG_CHARACTERS, 0.0)


def test_words_that_make_reading_worse_are_left_out_and_the_figures_say_so() -> None:
    learned, (words, _) = learn_vocabulary(site(*["my cannula"] * 40), reading(better=False))
    assert learned == {}
    assert words.after >= words.before


def test_a_word_of_three_cards_is_tested_on_none_that_taught_it() -> None:
    """Two of three cards are too few to learn it from, so it shows no gain and is not kept."""
    taught = site("my cannula", "the cannula", "my cannula", *["my the"] * 30)
    assert list(words_to_learn(taught, {"my": 1.0, "the": 1.0}.get)) == ["cannula"]
    learned, (words, _) = learn_vocabulary(taught, reading(better=True))
    assert learned == {}
    assert words.after == words.before > 0


def test_cards_whose_pictures_are_gone_prove_nothing() -> None:
    language = Language({}.get, lambda _lesson, vocabularies: [{} for _ in vocabularies], 60)
    assert learn_vocabulary(site(*["my cannula"] * 40), language) == ({}, ())


def test_a_card_on_which_the_reader_fails_counts_for_nothing() -> None:
    fails_on = site(*["my cannula"] * 40)[0].card_id
    good = reading(better=True)

    def read_again(lesson: Lesson, vocabularies: Sequence[Mapping[str, int]]) -> Sequence[Mapping[str, str]]:
        if lesson.card_id == fails_on:
            raise SkipError("the recogniser failed on a line")
        return good.read_again(lesson, vocabularies)

    learned, (words, _) = learn_vocabulary(site(*["my cannula"] * 40), Language(good.share, read_again, 60))
    assert (list(learned), words.cards) == (["cannula"], 39)


def test_only_so_many_cards_are_read_again_and_always_the_same() -> None:
    asked: list[list[str]] = []
    for _ in range(2):
        these: list[str] = []

        def read_again(
            lesson: Lesson, vocabularies: Sequence[Mapping[str, int]], these: list[str] = these
        ) -> Sequence[Mapping[str, str]]:
            these.append(lesson.card_id)
            return [{"action": ""} for _ in vocabularies]

        learn_vocabulary(site(*["my cannula"] * 40), Language({}.get, read_again, 7))
        asked.append(these)
    assert len(asked[0]) == 7
    assert asked[0] == asked[1]


def test_a_reading_is_not_part_of_what_teaches_words() -> None:
    (lesson,) = lessons([a_card(1, Reading("action", "misread", 0.5, "pp-ocrv6"), "the")])
    assert lesson.prose == ("the",)
