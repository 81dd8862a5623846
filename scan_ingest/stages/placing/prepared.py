"""The sides of the templates made ready to be looked for, and which of them a page may hold by a cheap look."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Template
from scan_ingest.stages.placing.features import Features, side_features
from scan_ingest.stages.placing.printing import Printing, prepare_printing
from scan_ingest.stages.placing.sighting import popular

LIKELY_SIDES = 4  # so many are always looked for; with more, a vote rules most of them out first
LIKELY_SHARE = 0.35  # of the most popular side's votes; a revision of the right side has nearly as many
LIKELY_FEATURES, LIKELY_PAGE_FEATURES = 160, 500  # in the vote, a side's and the page's


@dataclass(frozen=True, eq=False)
class PreparedSide:
    """A template side, ready to be looked for."""

    template_id: str
    name: str
    size_mm: tuple[float, float]
    features: Features
    printing: Printing
    fields_mm: tuple[BoxMm, ...]

    @property
    def label(self) -> str:
        return f"{self.template_id} {self.name}"


@dataclass(frozen=True, eq=False)
class PreparedTemplates:
    """Every side of every template, ready to be looked for; made once per worker, about 1 MB a side."""

    sides: tuple[PreparedSide, ...]

    @cached_property
    def samples(self) -> list[Features]:
        """A few features of every side, enough to tell which sides a page may hold."""
        return [side.features.thinned(LIKELY_FEATURES) for side in self.sides]

    def likely(self, page: Features) -> list[PreparedSide]:
        """The sides that a page may well hold by a cheap vote of its features, in their own order; all where there are
        few. The vote looks at this page alone, so that results hang neither on the order of pages nor on workers."""
        if len(self.sides) <= LIKELY_SIDES or not len(page):
            return list(self.sides)
        counts = popular(page.thinned(LIKELY_PAGE_FEATURES), self.samples)
        least = min(LIKELY_SHARE * counts.max(), np.sort(counts)[-LIKELY_SIDES])
        return [side for side, count in zip(self.sides, counts, strict=True) if count >= least]


def prepare(templates: Sequence[Template]) -> PreparedTemplates:
    """Looks at every side of the templates once."""
    return PreparedTemplates(
        tuple(
            PreparedSide(
                template.id,
                side.name,
                (template.width_mm, template.height_mm),
                side_features(side.reference, template.width_mm, template.height_mm),
                prepare_printing(side.reference, template.width_mm, template.height_mm),
                tuple(field.box_mm for field in side.fields),
            )
            for template in templates
            for side in template.sides
        )
    )
