"""All that the accepted reviews teach, each part kept only where it helps on cards that it was not learned from."""

from collections.abc import Sequence
from datetime import datetime

from scan_ingest.domain.learned import Learned
from scan_ingest.learning.belief import learn_calibration
from scan_ingest.learning.lessons import Lesson

CALIBRATION = "calibration"


def learn(lessons: Sequence[Lesson], now: datetime) -> Learned:
    """What these cards teach; `now` is UTC and aware. The proofs are there of what did not help too."""
    calibration, of_calibration = learn_calibration(lessons)
    return Learned(now, len(lessons), calibration=calibration, proofs={CALIBRATION: of_calibration})
