"""Pages that belong to a card beside its sides: letters, notes. Nothing on them was read, so that of words which are
taken out of the card somebody has to say whether they stand there too."""

from dataclasses import dataclass
from enum import StrEnum

from scan_ingest.domain.page import PageRef


class PageAnswer(StrEnum):
    """What a person says of such a page once words were taken out of its card."""

    BLACK = "black"  # all of it was made black
    PART = "part"  # the places that they named were
    CLEAN = "clean"  # the words are not on it


@dataclass(frozen=True)
class Area:
    """A part of a page as it was scanned, in hundredths of its width and height, from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        sides = (self.left, self.top, 100 - self.left - self.width, 100 - self.top - self.height)
        if min(sides) < 0 or min(self.width, self.height) <= 0:
            raise ValueError("an area lies on its page: left, top, width and height in hundredths of it")

    @classmethod
    def from_text(cls, text: str) -> "Area":
        """`left,top,width,height`. Raises `ValueError` that says what would be right."""
        try:
            left, top, width, height = (float(part) for part in text.split(","))
        except ValueError:
            raise ValueError(
                "an area is LEFT,TOP,WIDTH,HEIGHT in hundredths of the page, such as 10,62.5,40,8"
            ) from None
        return cls(left, top, width, height)


EVERYTHING = Area(0, 0, 100, 100)


@dataclass(frozen=True)
class UnreadPage:
    """A page that belongs to a card which words were taken out of, and of which nobody has said yet whether they stand
    there. `key` is the workspace's."""

    key: int
    ref: PageRef
    batch_id: str
    card_id: str
