"""A complete card on its way into the workspace."""

from dataclasses import dataclass

from scan_ingest.domain.geometry import BoxMm


@dataclass(frozen=True)
class FieldNote:
    """What the review needs to know of a field, kept with the card so that it outlives the template folder."""

    name: str
    side: str
    kind: str
    prompt: str
    required: bool
    box_mm: BoxMm
    options: tuple[str, ...] = ()
    max_choices: int = 1


@dataclass(frozen=True)
class NewCard:
    """A card that is complete: its sides as (key of the page, place on it), front first.

    A page key of None is the page being recorded in the same call.
    """

    id: str
    template_id: str
    sides: tuple[tuple[int | None, int], ...]
    fields: tuple[FieldNote, ...]
