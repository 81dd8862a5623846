"""Deskew: which sides of which templates lie where on a page.

Every template side is looked for on every page by its own printing, at any turn and size (`sighting.py`); what is seen
is laid over the blank side and checked cell by cell (`cells.py`). A wrong placement puts one person's words into
another field, so whatever is not sure is refused, with the reason in words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage, Points
from scan_ingest.domain.page import Page, Placement, Placing
from scan_ingest.stages.placing.candidates import Candidate
from scan_ingest.stages.placing.features import LOOKS_PX_PER_MM, Features, grey, page_features
from scan_ingest.stages.placing.outlines import outline, outside, shared
from scan_ingest.stages.placing.prepared import PreparedSide, PreparedTemplates
from scan_ingest.stages.placing.sheet import Sheet
from scan_ingest.stages.placing.sighting import FEWEST_AGREEING, Matches, agreeing, glimpse, match, sighting

OVERLAP_AT_MOST = 0.04  # of the smaller card; outlines may touch by a millimetre
SAME_CARD = 0.85  # of its area, and its corners in turn: it is seen askew, not another one
SAME_PLACE = 0.5  # two sides that share so much of the smaller one's area explain the same card
HOPEFUL_VOTES = 0.25  # of the best side's votes: the right side has most of them, or nearly
RIVAL_VOTES = 0.5  # of the votes of a side that is surely there: another that explains as much has as many
RIVAL_CELLS = 3  # by so many more of the cells that differ must the better of two look-alikes be seen
ROOM_FOR_A_CARD = 0.75  # of the smallest card's area: what is left at the edges of a page that a skewed card fills
HIDDEN_AGREEING = 14  # features that are left over and agree on a side that another lies over
HIDDEN_GLIMPSED = 9  # on a place alone, of a side as large as the card above it; good pages leave none that do
MOST_CARDS = 16  # of one look on one page; A4 holds four A6


@dataclass(frozen=True, eq=False)
class _Seen:
    """What was seen on a page: sides that are surely there, sides that are not sure and why, `strangers` that have only
    a head or foot of ours, and the labels of sides that show from under others."""

    placed: tuple[Candidate, ...] = ()
    refused: tuple[tuple[Candidate, str], ...] = ()
    strangers: tuple[tuple[Candidate, str], ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        return bool(self.placed or self.refused or self.strangers)

    def settled(self) -> "_Seen":
        """Without what was refused where the same side was surely found afterwards: it was that card, seen askew."""
        left = (one for one in self.refused if not any(_same_card(one[0], placed) for placed in self.placed))
        return replace(self, refused=tuple(left))

    def after(self, glance: "_Seen") -> "_Seen":
        """With what a glance refused, or saw under others, where this closer look says nothing of it."""
        found = [*self.placed, *(candidate for candidate, _ in (*self.refused, *self.strangers))]
        forgotten = (
            (candidate, doubt)
            for candidate, doubt in glance.refused
            if not any(shared(candidate.corners, other.corners) > SAME_PLACE for other in found)
        )
        labels = {candidate.side.label for candidate in found}
        hidden = (label for label in glance.hidden if label not in labels)
        return replace(self, refused=(*self.refused, *forgotten), hidden=tuple(dict.fromkeys((*self.hidden, *hidden))))

    def placing(self) -> Placing:
        placements = tuple(_placement(candidate) for candidate in _in_reading_order(self.placed))
        refusals = [f"{candidate.side.label}: {doubt}" for candidate, doubt in self.refused]
        refusals += [f"{label}: it lies partly under another card" for label in self.hidden]
        if placements or refusals:  # beside a card of ours a stranger may be one too, partly hidden
            refusals += [f"{candidate.side.label}: {doubt}" for candidate, doubt in self.strangers]
            return Placing(placements, tuple(refusals))
        names = (candidate.side.label for candidate, _ in self.strangers)
        return Placing((), (), tuple(f"{name} has its head or foot, but other fields" for name in names))


def place(page: Page, prepared: PreparedTemplates) -> Placing:
    """The sides that surely lie on the page, in reading order, and what else was seen but is not sure.

    A sheet that is no card of these templates gives neither.
    """
    picture = grey(page.image)
    sheet = Sheet(picture)
    glance, *looks = range(len(LOOKS_PX_PER_MM))
    seen = _search(sheet, page_features(sheet, page.dpi, glance), prepared)
    if seen.refused or seen.hidden or not _no_room_left(seen.placed, picture.shape, prepared):
        glanced_at = seen
        for look in looks:
            # What was refused is looked at once more, not until it fits: each chance is a chance to be wrong.
            seen = _search(sheet, page_features(sheet, page.dpi, look), prepared, glanced_at.placed)
            if seen.anything:
                break
        seen = seen.after(glanced_at)
    found = seen.placing()
    return found if found.placements or found.strangers else _mirrored(picture, page.dpi, prepared) or found


def _mirrored(picture: GreyImage, dpi: float | None, prepared: PreparedTemplates) -> Placing | None:
    """A refusal that says so, where the page is a known card seen from behind; None where it is not."""
    turned = Sheet(np.ascontiguousarray(picture[:, ::-1]))
    seen = _search(turned, page_features(turned, dpi), prepared)
    names = dict.fromkeys(candidate.side.label for candidate in _in_reading_order(seen.placed))
    return Placing((), tuple(f"{name}: the page is mirrored; scan it again" for name in names)) if names else None


def _no_room_left(placed: Sequence[Candidate], shape: tuple[int, ...], prepared: PreparedTemplates) -> bool:
    """Whether no card that a glance missed can lie beside those that it placed."""
    if not placed:
        return False
    areas_px = [_area(candidate.corners) for candidate in placed]
    areas_mm2 = [width * height for width, height in (candidate.side.size_mm for candidate in placed)]
    left_mm2 = (shape[0] * shape[1] - sum(areas_px)) * sum(areas_mm2) / sum(areas_px)
    return left_mm2 < ROOM_FOR_A_CARD * min(
        width * height for width, height in (side.size_mm for side in prepared.sides)
    )


def _area(corners: Points) -> float:
    return float(cv2.contourArea(corners.astype(np.float32)))


def _search(sheet: Sheet, features: Features, prepared: PreparedTemplates, placed: tuple[Candidate, ...] = ()) -> _Seen:
    """What lies on the page beside what is `placed` already: first of the likely sides, then of the others where
    something is left over."""
    seen = _Seen(placed)
    for candidate in placed:
        features = features.chosen(outside(features.points, candidate.corners))
    likely = prepared.likely(features)
    others = [side for side in prepared.sides if side not in likely]
    for sides in (likely, others):
        seen, features = _search_for(sides, sheet, features, seen) if sides else (seen, features)
    return replace(seen, hidden=tuple(_partly_hidden(features, prepared, seen.placed))).settled()


def _partly_hidden(left: Features, prepared: PreparedTemplates, placed: Sequence[Candidate]) -> Iterator[str]:
    """The label of each side of which something shows from under the placed cards, in what they leave over."""
    if not placed or len(left) < HIDDEN_GLIMPSED:
        return
    px_per_mm = float(np.sqrt(_area(placed[0].corners) / np.prod(placed[0].side.size_mm)))
    for side in prepared.sides:
        agreed = agreeing(left, side.features, match(left, side.features), side.size_mm)
        whole = sighting(left, side.features, agreed, side.size_mm)
        part = glimpse(left, side.features, agreed, px_per_mm)
        for seen, fewest in ((whole, HIDDEN_AGREEING), (part, HIDDEN_GLIMPSED)):
            if seen is None or seen.inliers < fewest:
                continue
            corners = outline(seen.side_to_page, side.size_mm)
            if any(shared(corners, other.corners) > OVERLAP_AT_MOST for other in placed):
                yield side.label
                break


def _search_for(sides: Sequence[PreparedSide], sheet: Sheet, features: Features, seen: _Seen) -> tuple[_Seen, Features]:
    """What was `seen` with what lies on the page of these sides, and the features that are left over."""
    left = np.ones(len(features), dtype=np.bool_)
    matched = [(side, match(features, side.features)) for side in sides]
    for _ in range(MOST_CARDS):
        found = _best(sheet, features, matched)
        if found is None:
            return seen, features.chosen(left)
        candidate, doubt = found
        if any(shared(candidate.corners, other.corners) > OVERLAP_AT_MOST for other in seen.placed):
            doubt = doubt or "it lies over another card"
        if doubt is None:
            changed = candidate.changed(sheet)
            doubt = f"{changed}; another revision of it, or another card" if changed else None
        if doubt is None:
            seen = replace(seen, placed=(*seen.placed, candidate))
        elif candidate.of_another_scheme(sheet):
            seen = replace(seen, strangers=(*seen.strangers, (candidate, doubt)))
        else:
            seen = replace(seen, refused=(*seen.refused, (candidate, doubt)))
        free = outside(features.points, candidate.corners)
        left &= free
        matched = [(side, matches.chosen(free[matches.page])) for side, matches in matched]
    more = _best(sheet, features, matched)
    if more is not None:
        seen = replace(seen, refused=(*seen.refused, (more[0], f"there are more than {MOST_CARDS} cards on the page")))
    return seen, features.chosen(left)


def _same_card(refused: Candidate, placed: Candidate) -> bool:
    """Whether what was refused is the same side in nearly the same place, the same way up, as one that is sure."""
    if refused.side is not placed.side or shared(refused.corners, placed.corners) < SAME_CARD:
        return False
    apart = np.hypot(*(refused.corners[:, None] - placed.corners).transpose(2, 0, 1))
    return bool((apart.argmin(axis=1) == np.arange(4)).all())


def _best(
    sheet: Sheet, features: Features, matched: Sequence[tuple[PreparedSide, Matches]]
) -> tuple[Candidate, str | None] | None:
    """The side that explains most of what is to be seen, and why it is not sure; None where no card is seen."""
    agreed = [(agreeing(features, side.features, matches, side.size_mm), side) for side, matches in matched]
    agreed.sort(key=lambda entry: -len(entry[0]))
    least = max(FEWEST_AGREEING, HOPEFUL_VOTES * len(agreed[0][0])) if agreed else 0
    candidates: list[Candidate] = []
    for matches, side in agreed:
        if len(matches) < least:
            break
        seen = sighting(features, side.features, matches, side.size_mm)
        candidate = None if seen is None else Candidate.seen_at(sheet, side, seen)
        if candidate is not None:
            candidates.append(candidate)
            if candidate.doubt is None:
                least = max(least, RIVAL_VOTES * len(matches))
    candidates.sort(key=lambda candidate: (candidate.doubt is not None, candidate.missing - candidate.seen))
    if not candidates:
        return None
    best = candidates[0]
    if best.doubt is None:
        for rival in candidates[1:]:
            if rival.side is best.side or rival.doubt is not None:
                continue
            if shared(best.corners, rival.corners) < SAME_PLACE:
                continue
            better = _better(sheet, best, rival)
            if better is None:
                return best, f"cannot be told from {rival.side.label}"
            best = better
    return best, best.doubt


def _better(sheet: Sheet, one: Candidate, other: Candidate) -> Candidate | None:
    """The better of two sides at the same place; None where nothing tells which it is."""
    ahead = one.ahead_of(other)
    if abs(ahead) >= RIVAL_CELLS:
        return one if ahead > 0 else other
    changed = one.changed(sheet) is not None
    if changed == (other.changed(sheet) is not None):
        return None
    return other if changed else one


def _in_reading_order(placed: Sequence[Candidate]) -> list[Candidate]:
    """Rows from top to bottom, each from left to right; a card belongs to a row if it overlaps its first by half."""
    rows: list[list[Candidate]] = []
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


def _placement(candidate: Candidate) -> Placement:
    return Placement(
        candidate.side.template_id,
        candidate.side.name,
        candidate.fit.side_to_page.inverse(),
        candidate.fit.residual_mm,
        candidate.fit.points,
        candidate.corners,
    )
