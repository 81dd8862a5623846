"""Deskew and register: which sides of which templates lie where on a page.

Every template side is looked for on every page by its own printing, at any turn and size (`sighting.py`); what is seen
is laid over the blank side and checked cell by cell (`printing.py`). A wrong placement puts one person's words into
another field, so whatever is not sure is refused, with the reason in words.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.domain.page import Page, Placement, Placing
from scan_ingest.domain.template import Template
from scan_ingest.stages.added import added_print
from scan_ingest.stages.features import LOOKS_PX_PER_MM, Features, grey, page_features, side_features
from scan_ingest.stages.fitting import LEAST_ERROR_MM, Fit, correct
from scan_ingest.stages.printing import (
    CLOSE_MM,
    FAR_MM,
    NEAR_MM,
    Look,
    Printing,
    Sheet,
    lay_over,
    look_for_cells,
    prepare_printing,
    printed_alike,
    straightened,
)
from scan_ingest.stages.sighting import FEWEST_AGREEING, Matches, Sighting, match, popular, sightings, votes

SEEN_ENOUGH = 0.5  # share of a side's printing found in its place; a card full of writing and coffee keeps 0.6
SEEN_SOMETHING = 0.38  # below that it is another sheet with a few words or a logo in common
MOVED_CELLS = 4  # of those that hold words; hardly one of them is missing on damaged pages of the right card
WORDS = 0.5  # of the most print in a cell: thin rules and dots have less
MISSING_AT_MOST = 0.12  # share of printing that clean paper should show and does not; faint toner loses 0.05
DOUBT_AT_MOST_MM = 1.0
DOUBT_OF_FEW_MM, MANY_CELLS = 0.75, 25  # few cells cannot contradict one that was found in a wrong place
NO_CARD_MM = 3.0  # a corner less sure than this comes from a word or two that some other sheet has too
SURE_MM = 0.4  # corners known so well need no more looking
FOLLOWS_MM = 0.15  # a third of what would take a dot for its neighbour
FOLLOWED = 6  # times; each reaches some 15 mm further
FEWEST_SEEN = 10  # cells; fewer are a word or two
AGREEING_ENOUGH = 0.7  # of the cells that were found and cannot slip: the rest may be dust, pen, a fold
RESIDUAL_AT_MOST_MM = 0.5
CUT_CORNER = 0.19  # of the card's area: 15 % may be folded or torn off, and the cells along the cut are lost too
CUT_EDGES = (0.2, 0.3, 0.42, 0.58, 0.78, 1.0)  # shares of the two edges that the cut takes
OVERLAP_AT_MOST = 0.04  # of the smaller card; outlines may touch by a millimetre
SAME_PLACE = 0.5  # two sides that share so much of the smaller one's area explain the same card
HOPEFUL_VOTES = 0.25  # of the best side's votes: the right side has most of them, or nearly
RIVAL_VOTES = 0.5  # of the votes of a side that is surely there: another that explains as much has as many
RIVAL_CELLS = 3  # by so many more of the cells that differ must the better of two look-alikes be seen
ROOM_FOR_A_CARD = 0.75  # of the smallest card's area: what is left at the edges of a page that a skewed card fills
LIKELY_SIDES = 4  # so many are always looked for; with more, a vote rules most of them out first
LIKELY_SHARE = 0.35  # of the most popular side's votes; a revision of the right side has nearly as many
LIKELY_FEATURES, LIKELY_PAGE_FEATURES = 160, 500  # in the vote, a side's and the page's
MOST_CARDS = 16  # on one page; A4 holds four A6


@dataclass(frozen=True, eq=False)
class PreparedSide:
    """A template side, ready to be looked for."""

    template_id: str
    name: str
    size_mm: tuple[float, float]
    features: Features
    printing: Printing

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


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A side laid over the page: `seen` and `missing` are shares of its printing, 0 to 1; `moved` are the missing cells
    that hold words and the like, which no faint toner loses."""

    side: PreparedSide
    fit: Fit
    look: Look
    seen: float
    missing: float
    moved: int

    @property
    def corners(self) -> Points:
        width, height = self.side.size_mm
        return self.fit.on_page(np.array([(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]))

    @property
    def doubt(self) -> str | None:
        """Why this is not sure, in words; None where it is."""
        if self.seen < SEEN_ENOUGH:
            return f"only {self.seen:.0%} of its printing is to be seen"
        if self.missing > MISSING_AT_MOST:
            return f"{self.missing:.0%} of its printing is not there; another card or another revision of it"
        if self.moved >= MOVED_CELLS:
            return f"words are missing in {self.moved} places; another revision of it, or another card"
        if self.fit.residual_mm > RESIDUAL_AT_MOST_MM:
            return f"its printing is out of place by {self.fit.residual_mm:.1f} mm"
        if self.fit.agreeing < AGREEING_ENOUGH:
            return "its printing does not lie as on the blank card; another revision, or paper that is not flat"
        if self.fit.corner_doubt_mm > (DOUBT_AT_MOST_MM if self.fit.points >= MANY_CELLS else DOUBT_OF_FEW_MM):
            return f"its corners are only known to {self.fit.corner_doubt_mm:.1f} mm"
        return None


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
            )
            for template in templates
            for side in template.sides
        )
    )


def place(page: Page, prepared: PreparedTemplates) -> Placing:
    """The sides that surely lie on the page, in reading order, and what else was seen but is not sure.

    A sheet that is no card of these templates gives neither.
    """
    picture = grey(page.image)
    sheet = Sheet(picture)
    glance, *looks = range(len(LOOKS_PX_PER_MM))
    found = _search(sheet, page_features(picture, page.dpi, glance), prepared)
    if not found.refusals and _no_room_left(found.placements, picture.shape, prepared):
        return found
    for look in looks:
        found = _search(sheet, page_features(picture, page.dpi, look), prepared)
        # What was refused is not tried again until it fits: a second chance is a second chance to be wrong.
        if found.placements or found.refusals:
            break
    return found if found.placements else _mirrored(picture, page.dpi, prepared) or found


def _mirrored(picture: GreyImage, dpi: float | None, prepared: PreparedTemplates) -> Placing | None:
    """A refusal that says so, where the page is a known card seen from behind; None where it is not."""
    turned = np.ascontiguousarray(picture[:, ::-1])
    found = _search(Sheet(turned), page_features(turned, dpi), prepared)
    names = dict.fromkeys(f"{one.template_id} {one.side}" for one in found.placements)
    return Placing((), tuple(f"{name}: the page is mirrored; scan it again" for name in names)) if names else None


def _no_room_left(placements: Sequence[Placement], shape: tuple[int, ...], prepared: PreparedTemplates) -> bool:
    """Whether no card that a glance missed can lie beside those that it placed."""
    if not placements:
        return False
    areas_px = [cv2.contourArea(placement.corners_px.astype(np.float32)) for placement in placements]
    areas_mm2 = [
        cv2.contourArea(placement.page_to_side.map(placement.corners_px).astype(np.float32)) for placement in placements
    ]
    left_mm2 = (shape[0] * shape[1] - sum(areas_px)) * sum(areas_mm2) / sum(areas_px)
    return left_mm2 < ROOM_FOR_A_CARD * min(
        width * height for width, height in (side.size_mm for side in prepared.sides)
    )


def _search(sheet: Sheet, features: Features, prepared: PreparedTemplates) -> Placing:
    """What lies on the page: first of the likely sides, then of the others where something is left over."""
    likely = prepared.likely(features)
    others = [side for side in prepared.sides if side not in likely]
    placed: list[_Candidate] = []
    refusals: list[str] = []
    for sides in (likely, others):
        features = _search_for(sides, sheet, features, placed, refusals) if sides else features
    return Placing(tuple(_placement(candidate) for candidate in _in_reading_order(placed)), tuple(refusals))


def _search_for(
    sides: Sequence[PreparedSide], sheet: Sheet, features: Features, placed: list[_Candidate], refusals: list[str]
) -> Features:
    """Adds to `placed` and `refusals` what lies on the page of these sides; returns the features left over."""
    left = np.ones(len(features), dtype=np.bool_)
    matched = [(side, match(features, side.features)) for side in sides]
    for _ in range(MOST_CARDS):
        found = _best(sheet, features, matched)
        if found is None:
            break
        candidate, doubt = found
        if any(_shared(candidate.corners, other.corners) > OVERLAP_AT_MOST for other in placed):
            doubt = doubt or "it lies over another card"
        if doubt is None:
            doubt = _revised(sheet, candidate)
        if doubt is None:
            placed.append(candidate)
        else:
            refusals.append(f"{candidate.side.label}: {doubt}")
        free = _outside(features.points, candidate.corners)
        left &= free
        matched = [(side, matches.chosen(free[matches.page])) for side, matches in matched]
    return features.chosen(left)


def _revised(sheet: Sheet, candidate: _Candidate) -> str | None:
    """Whether there is print on the card that its blank side does not have, in words."""
    laid = lay_over(sheet, candidate.fit.side_to_page, candidate.side.printing)
    if candidate.fit.bend is not None:
        laid = straightened(laid, candidate.fit.bend)
    added = added_print(laid, candidate.side.printing)
    return f"{added} that the blank card does not have; another revision of it, or another card" if added else None


def _best(
    sheet: Sheet, features: Features, matched: Sequence[tuple[PreparedSide, Matches]]
) -> tuple[_Candidate, str | None] | None:
    """The side that explains most of what is to be seen, and why it is not sure; None where no card is seen."""
    counted = [(votes(features, side.features, matches, side.size_mm), side, matches) for side, matches in matched]
    counted.sort(key=lambda entry: -entry[0])
    least = max(FEWEST_AGREEING, HOPEFUL_VOTES * counted[0][0]) if counted else 0
    candidates: list[_Candidate] = []
    for count, side, matches in counted:
        if count < least:
            break
        for sighting in sightings(features, side.features, matches, side.size_mm, most=1):
            candidate = _laid(sheet, side, sighting)
            if candidate is not None:
                candidates.append(candidate)
                if candidate.doubt is None:
                    least = max(least, RIVAL_VOTES * count)
    candidates.sort(key=lambda candidate: (candidate.doubt is not None, candidate.missing - candidate.seen))
    if not candidates:
        return None
    best = candidates[0]
    if best.doubt is None:
        for rival in candidates[1:]:
            if rival.side is best.side or rival.doubt is not None:
                continue
            if _shared(best.corners, rival.corners) < SAME_PLACE:
                continue
            ahead = _ahead(best, rival)
            if ahead <= -RIVAL_CELLS:
                best = rival
            elif ahead < RIVAL_CELLS:
                return best, f"cannot be told from {rival.side.label}"
    return best, best.doubt


def _laid(sheet: Sheet, side: PreparedSide, sighting: Sighting) -> _Candidate | None:
    """The sighting corrected by the printing itself; None where there is too little of it for a card."""
    printing = side.printing
    look = look_for_cells(lay_over(sheet, sighting.side_to_page, printing), printing, FAR_MM, printing.far)
    if look.seen.mean() < SEEN_SOMETHING / 2:
        return None
    first = correct(sighting.side_to_page, printing, look)
    if first is None:
        return None
    look = _look(sheet, first, printing, NEAR_MM)
    fit = correct(first.side_to_page, printing, look)
    if fit is None:
        return None
    fit = _followed(sheet, fit, printing)
    seen, missing, moved = _shares(side.printing, look)
    if seen < SEEN_SOMETHING or look.seen.sum() < FEWEST_SEEN:
        return None
    if fit.corner_doubt_mm > NO_CARD_MM and fit.points < MANY_CELLS:
        return None
    return _Candidate(side, fit, look, seen, missing, moved)


def _look(sheet: Sheet, fit: Fit, printing: Printing, reach_mm: float) -> Look:
    """Where the cells are, as seen through the fit with its bend; their offsets are from the flat map's places."""
    laid = lay_over(sheet, fit.side_to_page, printing)
    if fit.bend is None:
        return look_for_cells(laid, printing, reach_mm)
    look = look_for_cells(straightened(laid, fit.bend), printing, reach_mm)
    return replace(look, offsets_mm=look.offsets_mm + fit.bend.moved(printing.centres_mm) - printing.centres_mm)


def _followed(sheet: Sheet, fit: Fit, printing: Printing) -> Fit:
    """The fit, its bend followed along dotted lines to where no other print tells it: from each cell to the next, where
    the dots are no further from their places than half way to the next dot."""
    for _ in range(FOLLOWED):
        if fit.bend is None or fit.corner_doubt_mm < SURE_MM:
            return fit
        sure = fit.bend.doubt_mm(printing.centres_mm, LEAST_ERROR_MM) < FOLLOWS_MM
        steady = printing.steady | (printing.steady_near & sure[:, None])
        next_fit = correct(fit.side_to_page, printing, _look(sheet, fit, printing, CLOSE_MM), steady)
        if next_fit is None or next_fit.bend is None or next_fit.corner_doubt_mm > 0.9 * fit.corner_doubt_mm:
            return fit
        fit = next_fit
    return fit


def _shares(printing: Printing, look: Look) -> tuple[float, float, int]:
    """The shares of the printing that are seen, and missing, once a cut corner is forgiven, and how many missing cells
    hold words."""
    cut = _cut_off(printing, look)
    weights = np.where(cut, 0.0, printing.weights)
    whole = max(float(weights.sum()), 1e-9)
    words = printing.steady.all(axis=1) | (printing.weights > WORDS * printing.weights.max())
    moved = look.missing & ~cut & words
    return float(weights[look.seen].sum()) / whole, float(weights[look.missing].sum()) / whole, int(moved.sum())


def _cut_off(printing: Printing, look: Look) -> NDArray[np.bool_]:
    """The cells in a corner of the card that is gone: the triangle that forgives most of what is missing."""
    best, most = np.zeros(len(look.seen), dtype=np.bool_), 0.0
    share = printing.centres_mm / printing.size_mm
    for from_right in (False, True):
        for from_bottom in (False, True):
            x = 1 - share[:, 0] if from_right else share[:, 0]
            y = 1 - share[:, 1] if from_bottom else share[:, 1]
            for along, down in itertools.product(CUT_EDGES, CUT_EDGES):
                if along * down / 2 > CUT_CORNER:
                    continue
                gone = x / along + y / down < 1
                forgiven = float(printing.weights[gone & look.missing].sum())
                # A torn corner has no printing left; a moved field does not take all its neighbours along.
                if forgiven > most and float(printing.weights[gone & look.seen].sum()) < 0.25 * forgiven:
                    best, most = gone, forgiven
    return best


def _ahead(one: _Candidate, other: _Candidate) -> int:
    """Of the cells in which two sides differ at this place, how many more speak for `one` than for `other`."""
    return _speaking(one, other) - _speaking(other, one)


def _speaking(one: _Candidate, other: _Candidate) -> int:
    to_other = one.fit.side_to_page.then(other.fit.side_to_page.inverse())
    own = ~printed_alike(one.side.printing, other.side.printing, to_other)
    return int((own & one.look.seen).sum()) - int((own & one.look.missing).sum())


def _outside(points: Points, corners: Points) -> NDArray[np.bool_]:
    """Which points do not lie on a card."""
    edges = np.roll(corners, -1, axis=0) - corners
    towards = points[:, None, :] - corners
    across = edges[:, 0] * towards[:, :, 1] - edges[:, 1] * towards[:, :, 0]
    return np.asarray((across < 0).any(axis=1), dtype=np.bool_)


def _shared(one: Points, other: Points) -> float:
    """The area two outlines share, as a share of the smaller one."""
    area, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    smaller = min(cv2.contourArea(one.astype(np.float32)), cv2.contourArea(other.astype(np.float32)))
    return float(area) / max(smaller, 1.0)


def _in_reading_order(placed: Sequence[_Candidate]) -> list[_Candidate]:
    """Rows from top to bottom, each from left to right; a card belongs to a row if it overlaps its first by half."""
    rows: list[list[_Candidate]] = []
    for candidate in sorted(placed, key=lambda candidate: float(candidate.corners[:, 1].mean())):
        top, bottom = candidate.corners[:, 1].min(), candidate.corners[:, 1].max()
        if rows:
            first = rows[-1][0].corners[:, 1]
            common = min(bottom, first.max()) - max(top, first.min())
            if common > 0.5 * min(bottom - top, first.max() - first.min()):
                rows[-1].append(candidate)
                continue
        rows.append([candidate])
    return [card for row in rows for card in sorted(row, key=lambda card: float(card.corners[:, 0].mean()))]


def _placement(candidate: _Candidate) -> Placement:
    return Placement(
        candidate.side.template_id,
        candidate.side.name,
        candidate.fit.side_to_page.inverse(),
        candidate.fit.residual_mm,
        candidate.fit.points,
        candidate.corners,
    )
