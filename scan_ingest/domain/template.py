"""A card's layout: sides, and on them the fields, in millimetres."""

from dataclasses import dataclass
from enum import StrEnum

from scan_ingest.domain.geometry import BoxMm, GreyImage


class FieldKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    CODE = "code"


@dataclass(frozen=True)
class Option:
    """One box of a choice."""

    value: str
    box_mm: BoxMm


@dataclass(frozen=True)
class Field:
    """A named place on a side: text to read, boxes to tick, or a printed code.

    `box_mm` is the field's box; a choice's is the smallest box around its options.
    """

    name: str
    side: str
    kind: FieldKind
    box_mm: BoxMm
    prompt: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    max_choices: int = 1

    def __post_init__(self) -> None:
        if (self.kind is FieldKind.CHOICE) != bool(self.options):
            raise ValueError("a choice has options, and nothing else has")


@dataclass(frozen=True, eq=False)
class Side:
    """The front or the back of a card; `reference` is the blank side, filling the picture, at any resolution."""

    name: str
    reference: GreyImage
    fields: tuple[Field, ...]


@dataclass(frozen=True, eq=False)
class Template:
    """A card's layout. Sides are in the order front, back."""

    id: str
    title: str
    revision: int
    width_mm: float
    height_mm: float
    sides: tuple[Side, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field: the front's first, each side's in the order of the template file."""
        return tuple(field for side in self.sides for field in side.fields)

    def side(self, name: str) -> Side:
        return next(side for side in self.sides if side.name == name)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)
