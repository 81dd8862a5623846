"""What a reviewer did in one sitting: which cards lay open, what was decided, and how long it took."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from scan_ingest.errors import CardGoneError, StoreError
from scan_ingest.ports.review import QueueCount, ReviewDesk


@dataclass(frozen=True)
class Progress:
    """`number` is the open card's in this sitting, from 1; `done` counts the cards decided on in it, `left` those that
    wait for this reviewer, `second_looks` how many of them somebody else accepted before. `holders` says how many cards
    each other reviewer has before them. `pace` is the time that half of the decided cards took at most, None before the
    first."""

    number: int
    done: int
    left: int
    held_by_others: int
    set_aside: int
    second_looks: int = 0
    holders: Mapping[str, int] = field(default_factory=dict)
    pace: timedelta | None = None


class Sitting:
    """The cards of a sitting, in the order in which they were first opened, and the decisions, the last one last."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._shown: list[str] = []
        self._decided: list[str] = []
        self._opened_at = clock()
        self._took: dict[str, timedelta] = {}  # the time from opening a card to deciding on it

    def opened(self, card_id: str) -> None:
        self._opened_at = self._clock()
        if card_id not in self._shown:
            self._shown.append(card_id)

    def decided(self, card_id: str) -> None:
        """The card that was opened last."""
        if card_id in self._decided:
            self._decided.remove(card_id)
        self._decided.append(card_id)
        self._took[card_id] = self._clock() - self._opened_at

    @property
    def last_decided(self) -> str | None:
        return self._decided[-1] if self._decided else None

    def taken_back(self) -> None:
        """The last decision."""
        self._decided.pop()

    def before(self, card_id: str | None) -> str | None:
        """The card that was shown before this one, None for the first; before None lies the last."""
        at = len(self._shown) if card_id is None else self._shown.index(card_id)
        return self._shown[at - 1] if at else None

    def progress(self, card_id: str | None, count: QueueCount) -> Progress:
        """With that card open, or none."""
        number = len(self._shown) if card_id is None else self._shown.index(card_id) + 1
        took = [self._took[one].total_seconds() for one in self._decided]
        return Progress(
            number,
            len(self._decided),
            count.waiting + count.second_looks,
            count.leased_by_others,
            count.set_aside,
            count.second_looks,
            count.holders,
            timedelta(seconds=median(took)) if took else None,
        )


class Holding:
    """The cards that a reviewer has a lease on."""

    def __init__(self, desk: ReviewDesk, reviewer: str, lease: timedelta) -> None:
        self._desk, self._reviewer, self._lease = desk, reviewer, lease
        self._cards: set[str] = set()

    def has(self, card_id: str) -> None:
        self._cards.add(card_id)

    def has_no_more(self, card_id: str) -> None:
        self._cards.discard(card_id)

    def give_back(self, card_id: str) -> None:
        """Raises `StoreError`; the lease ends by itself then."""
        self._desk.give_back(card_id, self._reviewer)
        self._cards.discard(card_id)

    def give_all_back(self) -> None:
        """Raises `StoreError`."""
        for card_id in sorted(self._cards):
            self.give_back(card_id)

    def renew(self) -> Mapping[str, str]:
        """Holds on to every card; which of them could not be held, and why they are gone ("" where somebody else has
        them). It may run in a thread of its own: nothing is noted before `lost`."""
        lost = {}
        for card_id in sorted(self._cards):
            # A store that is busy for a moment is asked again long before the lease ends.
            with suppress(StoreError):
                try:
                    if not self._desk.renew(card_id, self._reviewer, self._lease):
                        lost[card_id] = ""
                except CardGoneError as exc:
                    lost[card_id] = exc.in_short
        return lost

    def lost(self, lost: Mapping[str, str]) -> Mapping[str, str]:
        """Takes note of cards that could not be held; those that were still held here."""
        noted = {card_id: why for card_id, why in lost.items() if card_id in self._cards}
        self._cards -= noted.keys()
        return noted
