"""Answers read once more from kept pictures, with a vocabulary and without."""

import pytest

from scan_ingest.cli.reading_again import reading_again
from scan_ingest.domain.accuracy import character_errors
from scan_ingest.errors import StoreError
from scan_ingest.learning.lessons import Lesson
from scan_ingest.pipeline.pictures import side_picture
from scan_ingest.templates import shipped_templates
from tests.drawing import hands
from tests.drawing.hands import FONTS, Hand
from tests.drawing.placed import Seen, seen

ACTION = "She sat with my father all night and held his hand"
LESSON = Lesson("0123456789abcdef0123", "nomination-a5", (), {"action": ACTION, "nominee": "Jo Ash"}, {})


class Drawer:
    """The workspace's pictures: one drawn side, or none."""

    def __init__(self, drawn: Seen | None) -> None:
        self.picture = side_picture(drawn.picture) if drawn else None

    def side_picture(self, card_id: str, side: str) -> bytes:
        if self.picture is None:
            raise StoreError(f"{card_id}: the picture of its {side} cannot be read")
        return self.picture


def test_answers_are_read_with_each_vocabulary_and_short_fields_are_not() -> None:
    with reading_again(Drawer(seen({"action": ACTION, "nominee": "Jo Ash"})), shipped_templates()) as language:
        without, with_words = language.read_again(LESSON, ({}, {"cannula": 500}))
    for texts in (without, with_words):
        assert list(texts) == ["action"]
        assert character_errors(ACTION, texts["action"]).rate < 0.1


def test_a_site_s_own_words_are_read_better_with_them() -> None:
    told = "a vasovagal snurfle with the nebuliser"
    lesson = Lesson(LESSON.card_id, "nomination-a5", (), {"action": told}, {})
    scrawl = Hand(FONTS["kristi"], hands.BLACK)
    with reading_again(Drawer(seen({"action": told}, hand=scrawl)), shipped_templates()) as language:
        without, with_words = language.read_again(lesson, ({}, {"vasovagal": 2000, "nebuliser": 2000}))
    assert character_errors(told, with_words["action"]).edits < character_errors(told, without["action"]).edits


def test_cards_whose_picture_or_template_is_gone_are_not_read() -> None:
    with reading_again(Drawer(None), shipped_templates()) as language:
        assert language.read_again(LESSON, ({}, {})) == [{}, {}]
        unknown = Lesson(LESSON.card_id, "another", (), LESSON.texts, {})
        assert language.read_again(unknown, ({},)) == [{}]


@pytest.mark.parametrize(("word", "known"), [("nurse", True), ("nurse's", True), ("vxqzkj", False)])
def test_the_share_of_a_word_is_of_ordinary_english(word: str, known: bool) -> None:
    with reading_again(Drawer(None), shipped_templates()) as language:
        share = language.share(word)
    assert (share is not None and 0 < share < 0.01) == known
