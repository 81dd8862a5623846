"""A side laid over the page: how much of its printing is there, how well it lies, and why it may not be sure."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import BoxMm, Points
from scan_ingest.stages.placing.added import added_print
from scan_ingest.stages.placing.cells import Look, look_for_cells, printed_alike
from scan_ingest.stages.placing.changed import changed_print, words_moved
from scan_ingest.stages.placing.fitting import LEAST_ERROR_MM, Fit, correct
from scan_ingest.stages.placing.laying import lay_over, straightened
from scan_ingest.stages.placing.outlines import square
from scan_ingest.stages.placing.prepared import PreparedSide
from scan_ingest.stages.placing.printing import CLOSE_MM, FAR_MM, NEAR_MM, Printing, darkness
from scan_ingest.stages.placing.sheet import Sheet
from scan_ingest.stages.placing.sighting import Sighting
from scan_ingest.stages.placing.torn import TORN_AROUND, TornCorner, torn_corner
from scan_ingest.stages.placing.torn_edge import proven

SEEN_ENOUGH = 0.5  # share of a side's printing found in its place; a card full of writing and coffee keeps 0.6
SEEN_SOMETHING = 0.38  # below that it is another sheet with a few words or a logo in common
MISSING_AT_MOST = 0.12  # share of printing that clean paper should show and does not; faint toner loses 0.05
DOUBT_AT_MOST_MM = 1.0
DOUBT_OF_FEW_MM, MANY_CELLS = 0.75, 25  # few cells cannot contradict one that was found in a wrong place
# Eight free numbers; three printed phrases, all of them seen, leave 0.44. Of many cells perspective may be proven by
# writing that moved some a little: then the corners lie as well as without it.
DOUBT_OF_PHOTOGRAPH_MM, FEW_FOR_A_PHOTOGRAPH = 0.45, 100
NO_CARD_MM = 3.0  # a corner less sure than this comes from a word or two that some other sheet has too
SURE_MM = 0.4  # corners known so well need no more looking
FOLLOWS_MM = 0.15  # a third of what would take a dot for its neighbour
FOLLOWED = 6  # times; each reaches some 15 mm further
FEW_STILL = (
    20  # cells that hold still both ways: fewer cannot tell a slip, a photograph or a torn corner from another layout
)
# Of a side's own black: print paler than the first of these of which hardly any is seen was white to a 1-bit scan.
PALEST = (0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3)
FEWEST_PALE, PALE_SEEN = 10, 0.1  # so many cells, and the share of them that may be seen
FEWEST_SEEN = 10  # cells; fewer are a word or two
AGREEING_ENOUGH = 0.7  # of the cells that were found and cannot slip: the rest may be dust, pen, a fold
RESIDUAL_AT_MOST_MM = 0.5
MOST_UNEVEN = 0.12  # a page stretched by 5 % with a wobble of 2.5 % has 0.09 at most
FIELD_THERE = 0.3  # of the printing around a field is to be seen where it is that field
MOVED_FEW = 0.3  # of the words that are not in their place: questions share "What" and "was"
BESIDE_MM = 6.0  # a prompt stands so near its field
TORN_WITHIN = 0.9  # of them: nearer to the cut half a word may be left


@dataclass(frozen=True, eq=False)
class Candidate:
    """A side laid over the page: `seen` and `missing` are shares of its printing, 0 to 1, without a `torn` corner and
    without what was too pale for a scan of one bit (`faded`: whether something was)."""

    side: PreparedSide
    fit: Fit
    look: Look
    seen: float
    missing: float
    torn: TornCorner | None
    faded: bool = False

    @classmethod
    def seen_at(cls, sheet: Sheet, side: PreparedSide, sighting: Sighting) -> Self | None:
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
        torn = torn_corner(printing, look)
        torn = proven(sheet, fit, torn, printing) if torn else None
        faded = _faded(sheet, printing, look)
        seen, missing = _shares(printing, look, torn, faded)
        if seen < SEEN_SOMETHING or look.seen.sum() < FEWEST_SEEN:
            return None
        if fit.corner_doubt_mm > NO_CARD_MM and fit.points < MANY_CELLS:
            return None
        return cls(side, fit, look, seen, missing, torn, bool(faded.any()))

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
        if not self.fit.perspective and not square(self.corners):
            return "its printing lies askew as no scanner lays it; another revision of it, or another card"
        if self.fit.residual_mm > RESIDUAL_AT_MOST_MM:
            return f"its printing is out of place by {self.fit.residual_mm:.1f} mm"
        if self.fit.bend is not None and self.fit.bend.unevenness > MOST_UNEVEN:
            return "parts of it lie further apart than any feeder pulls paper; another revision of it, or another card"
        if self.fit.agreeing < AGREEING_ENOUGH:
            return "its printing does not lie as on the blank card; another revision, or paper that is not flat"
        torn_unseen = self.torn is not None and not self.torn.lid_seen
        explained = self.fit.bend is not None or self.fit.perspective or torn_unseen or self.faded
        if explained and self._still < FEW_STILL:
            return f"too little of its printing holds still ({self._still} places) to tell it from another layout"
        at_most = DOUBT_AT_MOST_MM if self.fit.points >= MANY_CELLS else DOUBT_OF_FEW_MM
        if self.fit.perspective and self.fit.points < FEW_FOR_A_PHOTOGRAPH:
            at_most = DOUBT_OF_PHOTOGRAPH_MM
        if self.fit.corner_doubt_mm > at_most:
            return f"its corners are only known to {self.fit.corner_doubt_mm:.1f} mm"
        return None

    @property
    def _still(self) -> int:
        """How many of the cells that hold still both ways are seen."""
        return int((self.look.seen & self.side.printing.steady[self.look.which].all(axis=1)).sum())

    def of_another_scheme(self, sheet: Sheet) -> bool:
        """Whether hardly more than what lies away from its fields is this side's, a head and a foot: around most of its
        fields is clean paper or other print, and few of their words have moved, as they would on a revision."""
        if self.missing <= MISSING_AT_MOST:
            return False
        printing = self.side.printing
        shares = []
        for box in self.side.fields_mm:
            around = _around(printing.centres_mm, box)
            if around.any():
                seen = printing.weights[around & self.look.seen].sum()
                shares.append(float(seen / printing.weights[around].sum()))
        if not shares or float(np.median(shares)) > FIELD_THERE:
            return False
        return words_moved(lay_over(sheet, self.fit.side_to_page, printing), printing) < MOVED_FEW

    def changed(self, sheet: Sheet) -> str | None:
        """What of the print on the page is not as on the blank side, in words: another revision of it, another card."""
        printing = self.side.printing
        laid = lay_over(sheet, self.fit.side_to_page, printing)
        if self.fit.bend is not None:
            laid = straightened(laid, self.fit.bend)
        dark = darkness(laid)
        if added := added_print(dark, printing):
            return f"{added} that the blank card does not have"
        corners = printing.word_corners_mm
        whole = np.all([self._whole(sheet, places) for places in corners], axis=0)
        torn = np.all([self._torn(places) for places in corners], axis=0)
        return changed_print(laid, dark, printing, whole, torn, self._whole(sheet, printing.centres_mm))

    def _torn(self, places_mm: Points) -> NDArray[np.bool_]:
        """Which places on the side (N × 2 mm) are well within a torn corner."""
        if self.torn is None:
            return np.zeros(len(places_mm), dtype=np.bool_)
        return self.torn.takes(places_mm, self.side.size_mm, TORN_WITHIN)

    def _whole(self, sheet: Sheet, places_mm: Points) -> NDArray[np.bool_]:
        """For which places on the side (N × 2 mm) there is paper on the page."""
        there = np.asarray(((self.fit.on_page(places_mm) > 0) & (self.fit.on_page(places_mm) < sheet.size)).all(axis=1))
        if self.torn is None:
            return there
        return there & ~self.torn.takes(places_mm, self.side.size_mm, TORN_AROUND)

    def ahead_of(self, other: Self) -> int:
        """Of the cells in which two sides differ at this place, how many more speak for this one than for the other."""
        return self._speaking_against(other) - other._speaking_against(self)

    def _speaking_against(self, other: Self) -> int:
        to_other = self.fit.side_to_page.then(other.fit.side_to_page.inverse())
        own = ~printed_alike(self.side.printing, other.side.printing, to_other)
        return int((own & self.look.seen).sum()) - int((own & self.look.missing).sum())


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


def _around(places_mm: Points, box: BoxMm) -> NDArray[np.bool_]:
    """Which places (N × 2 mm) are in a field or beside it, where its prompt stands."""
    x, y = places_mm.T
    inside = (x > box.x - BESIDE_MM) & (x < box.right + BESIDE_MM) & (y > box.y - BESIDE_MM) & (y < box.bottom)
    return np.asarray(inside, dtype=np.bool_)


def _faded(sheet: Sheet, printing: Printing, look: Look) -> NDArray[np.bool_]:
    """Which cells were too pale for a scan of one bit: hardly any print as pale as theirs is seen anywhere."""
    black = printing.cell_blackness
    for palest in PALEST if sheet.one_bit else ():
        pale = black < palest
        if pale.sum() >= FEWEST_PALE and float(look.seen[pale].mean()) < PALE_SEEN:
            return np.asarray(pale & ~look.seen, dtype=np.bool_)
    return np.zeros(len(black), dtype=np.bool_)


def _shares(printing: Printing, look: Look, torn: TornCorner | None, faded: NDArray[np.bool_]) -> tuple[float, float]:
    """The shares of the printing that are seen, and missing, once a torn corner and what has faded are forgiven."""
    weights = np.where(faded, 0.0, printing.weights)
    if torn is not None:
        weights[torn.takes(printing.centres_mm, printing.size_mm)] = 0.0
    whole = max(float(weights.sum()), 1e-9)
    return float(weights[look.seen].sum()) / whole, float(weights[look.missing].sum()) / whole
