"""A second look: an accepted card keyed again by somebody else, who sees the paper and no text.

The fields start empty, not as they were read: whoever starts from the reading tends to leave the same wrong words
standing as the first reviewer, and what both leave standing would count as right. Typing what one sees is more work, on
a few cards in a hundred, and the only way to tell how much is wrong in those that were accepted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scan_ingest.domain.batch import BoxLabel

ONE_TYPES_LIKE_THE_OTHER = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})
"""What keyboards differ in, not eyes."""


class Look(StrEnum):
    """In which capacity a reviewer has a card before them."""

    FIRST = "first"  # as it was read, or as it stands
    SECOND = "second"  # blind: the picture and empty fields
    THIRD = "third"  # two texts that differ


class SecondLookState(StrEnum):
    """Where the second look at a card stands; a card that was not drawn has none."""

    WAITING = "waiting"
    DIFFERS = "differs"  # for a third person
    SETTLED = "settled"

    @property
    def is_open(self) -> bool:
        return self is not SecondLookState.SETTLED


OPEN = tuple(state for state in SecondLookState if state.is_open)


def is_drawn(card_id: str, percent: float) -> bool:
    """Whether the card is among those that are looked at twice: `percent` (0 to 100) of all, by the card's id alone."""
    drawn = int.from_bytes(hashlib.sha256(f"second look/{card_id}".encode()).digest()[:8], "big")
    return drawn < percent / 100 * 2**64


def same_text(one: str, other: str) -> bool:
    """Whether two people typed the same: spaces, line ends and the shapes of quotes and dashes do not count."""
    return comparable(one) == comparable(other)


def comparable(text: str) -> str:
    """The text as second looks compare it."""
    return " ".join(text.translate(ONE_TYPES_LIKE_THE_OTHER).split())


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    """The fields whose texts are not the same, in the order of the first."""
    return tuple(name for name, text in one.items() if not same_text(text, other.get(name, "")))


@dataclass(frozen=True)
class SecondLook:
    """A card that was keyed by a second person.

    `kinds` and `first` hold every field of the template in its order: text, choice or code; the text that was accepted.
    `second` is what the other person typed, None where they would not have accepted the card. `settled` is the text as
    it stands now that both agree or a third person decided, None until then and for a card that was rejected.
    """

    card_id: str
    label: BoxLabel
    template_id: str
    kinds: Mapping[str, str]
    first: Mapping[str, str]
    second: Mapping[str, str] | None
    settled: Mapping[str, str] | None
    rejected: bool = False
