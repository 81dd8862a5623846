"""The walk of one page: place, register, take the print away, cut the fields, read them. Pure: nothing is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from scan_ingest.domain.calibration import Calibration
from scan_ingest.domain.card import Line, Reading
from scan_ingest.domain.crop import FieldCrop, PageResult, ReadSide
from scan_ingest.domain.page import Page, Placement
from scan_ingest.domain.template import FieldKind, Template
from scan_ingest.errors import SkipError
from scan_ingest.pipeline.pictures import side_picture
from scan_ingest.ports.reading import Recogniser
from scan_ingest.stages.cleaning.ink import CleanSide, clean
from scan_ingest.stages.cleaning.register import register
from scan_ingest.stages.cleaning.unstamped import without_stamps
from scan_ingest.stages.cutting.segment import field_crops
from scan_ingest.stages.likeness import likeness
from scan_ingest.stages.lists.suggestions import PreparedLists, with_suggestions
from scan_ingest.stages.placing.place import place
from scan_ingest.stages.placing.prepared import PreparedTemplates
from scan_ingest.stages.reading.belief import believed
from scan_ingest.stages.reading.codes import read_code
from scan_ingest.stages.reading.opinion import PRIMARY, SECOND, read_text
from scan_ingest.stages.reading.ticks import read_choice
from scan_ingest.stages.triage import is_blank, outcome

STAGES = (
    "place",
    "is_blank",
    "register",
    "without_stamps",
    "clean",
    "field_crops",
    "read_choice",
    "read_text",
    "read_code",
    "with_suggestions",
    "likeness",
    "side_picture",
)
"""The steps of the walk by name, for whoever measures them."""


@dataclass(frozen=True, eq=False)
class Reader:
    """What a worker keeps between pages: templates prepared for matching, recognisers loaded, what the site knows; and
    the `edition` of program and model, which readings of text are signed with."""

    templates: Mapping[str, Template]
    prepared: PreparedTemplates
    primary: Recogniser
    second_opinion: Recogniser | None = None
    calibration: Calibration | None = None
    lists: PreparedLists | None = None
    edition: str | None = None


def _tell_nobody(step: str) -> None: ...


@dataclass(frozen=True, eq=False)
class Watch:
    """Who is told which recogniser is about to read which field ("1/impact pp-ocrv6": the place on the page, the field,
    the recogniser; "" when it is done), and which of them are spared, because they ended or hung a worker before."""

    tell: Callable[[str], None] = _tell_nobody
    spared: frozenset[str] = frozenset()
    all_spared: bool = False

    def over(self, recogniser: Recogniser, step: str) -> Recogniser:
        """The recogniser, told of; one that is spared fails as recognisers may."""

        def watched(crop: FieldCrop) -> tuple[Line, ...]:
            if self.all_spared or step in self.spared:
                raise SkipError(f"{step}: it failed on this field before")
            self.tell(step)
            try:
                lines = recogniser(crop)
            except SkipError:  # it failed as recognisers may: what ends the worker later is not its doing
                self.tell("")
                raise
            self.tell("")
            return lines

        return watched


def read_page(page: Page, reader: Reader, watch: Watch | None = None) -> PageResult:
    """What is on the page: its outcome on its own, why, and every side that was placed, read."""
    watch = watch or Watch()
    placing = place(page, reader.prepared)
    blank = not placing.placements and not placing.refusals and is_blank(page)
    became, why = outcome(placing, blank)
    sides = tuple(
        read_side(page, placement, number, reader, watch)
        for number, placement in enumerate(placing.placements, start=1)
    )
    return PageResult(became, why, sides)


def read_side(page: Page, placement: Placement, number: int, reader: Reader, watch: Watch) -> ReadSide:
    """The side at that placement, the `number`th on its page, with a reading of every field."""
    template = reader.templates[placement.template_id]
    layout = template.side(placement.side)
    picture = register(page, placement, template)
    side = clean(without_stamps(picture, page, placement, template), layout.reference)
    crops = field_crops(side, layout)
    readings = tuple(read_field(crop, side, reader, watch, number) for crop in crops)
    if reader.lists is not None:
        readings = with_suggestions(readings, reader.lists)
    return ReadSide(
        number,
        placement,
        readings,
        side_picture(picture),
        written=any(crop.ink.any() for crop in crops),
        likeness=likeness(side, layout),
    )


def read_field(crop: FieldCrop, side: CleanSide, reader: Reader, watch: Watch, number: int) -> Reading:
    """The reading of one field of the `number`th side, by its kind."""
    if crop.field.kind is FieldKind.CHOICE:
        return read_choice(crop.field, side)
    if crop.field.kind is FieldKind.CODE:
        return read_code(crop)
    where = f"{number}/{crop.field.name}"
    primary = watch.over(reader.primary, f"{where} {PRIMARY}")
    second = watch.over(reader.second_opinion, f"{where} {SECOND}") if reader.second_opinion else None
    read = believed(read_text(crop, primary, second), reader.calibration)
    return replace(read, made_by=reader.edition)
