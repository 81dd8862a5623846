"""What one accepted card teaches, and how cards are parted into those learned from and those that test it."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scan_ingest.domain.accuracy import judged_words
from scan_ingest.domain.card import Reading
from scan_ingest.domain.review import ReviewedCard

FOLDS = 5  # each fifth of the cards is tested by what the other four taught
FEWEST_CARDS = 30  # with fewer, chance decides whether something helps
MOST_CARDS = 5000  # the newest; more teach nothing new and cost memory
PROSE = ("action", "impact")  # the answers; every other field is names, numbers or marks
SHORT = ("nominee", "role", "ward")  # fields that lists can help


@dataclass(frozen=True)
class Lesson:
    """A card, cut down to what is learned from it. The repr tells no words.

    `words` are those of the text fields that the first recogniser of the present edition read: confidence as shipped,
    whether it was right. `outdated` is whether another edition read words of it.
    `texts` are the accepted texts, `readings` those of the short fields.
    """

    card_id: str
    template_id: str
    words: tuple[tuple[float, bool], ...] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
    readings: Mapping[str, Reading] = field(repr=False)
    outdated: bool = False

    @property
    def fold(self) -> int:
        """0 to `FOLDS` - 1, always the same for a card; ids are digests, so folds are of about equal size."""
        return int(self.card_id, 16) % FOLDS

    @property
    def prose(self) -> tuple[str, ...]:
        return tuple(self.texts[name] for name in PROSE if self.texts.get(name))


def lessons(cards: Iterable[ReviewedCard], edition: str | None = None) -> tuple[Lesson, ...]:
    """What the newest `MOST_CARDS` of these cards (oldest first) teach the reader of that `edition`.

    What words claimed that another edition read says nothing of this one's; their texts teach all the same.
    """
    newest: deque[Lesson] = deque(maxlen=MOST_CARDS)  # the others are let go as they come
    newest.extend(_lesson(card, edition) for card in cards)
    return tuple(newest)


def _lesson(card: ReviewedCard, edition: str | None) -> Lesson:
    words = []
    # Where a recogniser failed, another one's confidences stand, which mean something else.
    read = [
        (name, reading)
        for name, reading in card.readings.items()
        if card.kinds.get(name) == "text" and "failed" not in reading.recogniser
    ]
    for name, reading in read:
        if reading.made_by == edition:
            for word, right in judged_words(reading, card.texts.get(name, "")):
                shipped = word.confidence if word.as_shipped is None else word.as_shipped
                words.append((shipped, right))
    short = {name: card.readings[name] for name in SHORT if name in card.readings}
    outdated = any(reading.lines and reading.made_by != edition for _, reading in read)
    return Lesson(card.id, card.template_id, tuple(words), dict(card.texts), short, outdated)


def parted(all_lessons: Iterable[Lesson]) -> list[tuple[list[Lesson], list[Lesson]]]:
    """For each fold: the cards to learn from, and those to test on, which are of that fold."""
    kept = list(all_lessons)
    return [
        ([one for one in kept if one.fold != fold], [one for one in kept if one.fold == fold]) for fold in range(FOLDS)
    ]
