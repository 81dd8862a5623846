"""Calibration: how far this site's cards bear out what words claim."""

from collections.abc import Iterable, Sequence
from statistics import fmean

from scan_ingest.domain.calibration import Calibration, expected_calibration_error, fitted, reliability
from scan_ingest.domain.learned import Proof
from scan_ingest.learning.lessons import FEWEST_CARDS, Lesson, parted

WORTH = 0.002  # of calibration error; less is no difference that a reviewer could feel
CALIBRATION_ERROR = "expected calibration error"
BRIER = "mean squared distance of confidence from right"


def learn_calibration(lessons: Sequence[Lesson]) -> tuple[Calibration | None, tuple[Proof, ...]]:
    """The calibration of all cards, where on cards it was not fitted to it beats what is shipped; and the proof.

    It helps where the calibration error falls and Brier's score, which also minds how well right and wrong words are
    told apart, does not rise. Fewer than `FEWEST_CARDS` with words of this edition prove nothing.
    """
    if sum(bool(lesson.words) for lesson in lessons) < FEWEST_CARDS:
        return None, ()
    before: list[tuple[float, bool]] = []
    after: list[tuple[float, bool]] = []
    cards = 0
    for learned_from, tested_on in parted(lessons):
        known, unseen = list(_words(learned_from)), list(_words(tested_on))
        if not known or not unseen:
            continue
        calibration = fitted(known)
        cards += sum(bool(lesson.words) for lesson in tested_on)
        before += unseen
        after += [(calibration(confidence), right) for confidence, right in unseen]
    if not before:
        return None, ()
    proofs = (
        Proof(CALIBRATION_ERROR, _error(before), _error(after), cards),
        Proof(BRIER, _brier(before), _brier(after), cards),
    )
    helps = proofs[0].after < proofs[0].before - WORTH and proofs[1].after <= proofs[1].before
    return fitted(list(_words(lessons))) if helps else None, proofs


def _words(lessons: Iterable[Lesson]) -> Iterable[tuple[float, bool]]:
    return (word for lesson in lessons for word in lesson.words)


def _error(words: Iterable[tuple[float, bool]]) -> float:
    return expected_calibration_error(reliability(words)) or 0.0


def _brier(words: Iterable[tuple[float, bool]]) -> float:
    return fmean((confidence - right) ** 2 for confidence, right in words)
