"""All that the accepted reviews teach, each part kept only where it helps on cards that it was not learned from."""

from collections.abc import Sequence
from datetime import datetime

from scan_ingest.domain.learned import Learned
from scan_ingest.domain.lists import Lists
from scan_ingest.learning.belief import learn_calibration
from scan_ingest.learning.entries import learn_entries
from scan_ingest.learning.lessons import Lesson
from scan_ingest.learning.vocabulary import Language, learn_vocabulary

CALIBRATION, LISTS, VOCABULARY = "calibration", "lists", "vocabulary"


def learn(lessons: Sequence[Lesson], of_site: Lists, language: Language, now: datetime) -> Learned:
    """What these cards teach beside the site's own lists; `now` is UTC and aware. The proofs of all three are there,
    of what did not help too."""
    calibration, of_calibration = learn_calibration(lessons)
    lists, of_lists = learn_entries(lessons, of_site)
    vocabulary, of_vocabulary = learn_vocabulary(lessons, language)
    return Learned(
        made_at=now,
        cards=len(lessons),
        vocabulary=vocabulary,
        lists=lists,
        calibration=calibration,
        proofs={CALIBRATION: of_calibration, LISTS: of_lists, VOCABULARY: of_vocabulary},
    )
