"""What a person says of a page that the program could not settle."""

from enum import StrEnum


class Call(StrEnum):
    """A person's word on a page."""

    PLACED = "placed"  # its cards were placed by hand
    BLANK = "blank"
    FOREIGN = "foreign"  # no card at all
    ATTACHED = "attached"  # it belongs to a card: written overleaf, a letter, a note

    @property
    def settles(self) -> bool:
        """Whether nothing is left to do about the page; one side placed by hand may still wait for the other."""
        return self is not Call.PLACED
