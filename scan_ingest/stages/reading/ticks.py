"""Reading ticks: how much ink lies in each box, against the blank side."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.card import Doubt, Reading
from scan_ingest.domain.crop import SIDE_PX_PER_MM
from scan_ingest.domain.geometry import BoxMm
from scan_ingest.domain.template import Field
from scan_ingest.stages.cleaning.ink import CleanSide

Pixel = TypeVar("Pixel", np.int32, np.uint8, np.bool_)

RECOGNISER = "ticks"
FRAME_MM = 0.5  # the printed frame and its misplacement, left out of the count
TICKED_ABOVE = 0.12  # share of the box that is ink: a thin tick across a box has 0.25, a blot of half a millimetre 0.09
BLOT = 0.6  # of the box's inside: a mark that is no longer than this either way may be a pen put down
EMPTY_BELOW = 0.03  # dust, and what is left of the frame
SHADED_ABOVE, SHADE = 0.4, 35  # a box with this share of it so dark is a stain, or filled in with a soft pencil
STRAY_SHARE = 0.3  # a mark with less than this in a box, and more in another, belongs to the other


def read_choice(field: Field, side: CleanSide) -> Reading:
    """The ticked options joined with `|`; "" where none is.

    Doubt: `unsure` where a mark is too slight to tell, or no more than a blot, a stamp was taken out over a box, or
    more are ticked than the field allows, `empty` where a required choice has none. The confidence is that of the
    least sure box.
    """
    shares = _shares(field, side)
    ticked = [option.value for option, share in zip(field.options, shares, strict=True) if share >= TICKED_ABOVE]
    near = any(
        EMPTY_BELOW < share < TICKED_ABOVE
        or (share >= TICKED_ABOVE and _is_blot(option.box_mm, side))
        or (share < TICKED_ABOVE and _shaded(option.box_mm, side))
        or _cut(side.covered, option.box_mm).any()
        for option, share in zip(field.options, shares, strict=True)
    )
    doubts: list[Doubt] = []
    if near or len(ticked) > field.max_choices:
        doubts.append(Doubt.UNSURE)
    if field.required and not ticked:
        doubts.append(Doubt.EMPTY)
    return Reading(field.name, "|".join(ticked), _confidence(shares), RECOGNISER, doubt=tuple(doubts))


def _confidence(shares: list[float]) -> float:
    """1 far from the threshold on either side, 0.5 on it."""
    sure = [min(1.0, 0.5 + 0.5 * abs(share - TICKED_ABOVE) / (TICKED_ABOVE - EMPTY_BELOW)) for share in shares]
    return min(sure)


def _shares(field: Field, side: CleanSide) -> list[float]:
    """For each option the share of its box that is covered by marks of its own."""
    strokes = side.strokes
    insides = [_cut(strokes.labels, option.box_mm.grown(-FRAME_MM)) for option in field.options]
    tally = np.stack([np.bincount(inside.ravel(), minlength=len(strokes)) for inside in insides])
    tally[:, 0] = 0
    most = np.maximum(tally.max(axis=0), 1)
    own = np.where(tally >= STRAY_SHARE * most, tally, 0)
    return [float(own[index].sum() / max(inside.size, 1)) for index, inside in enumerate(insides)]


def _is_blot(box: BoxMm, side: CleanSide) -> bool:
    inside = _cut(side.ink, box.grown(-FRAME_MM))
    return all(np.ptp(np.flatnonzero(inside.any(axis=axis))) < BLOT * inside.shape[1 - axis] for axis in (0, 1))


def _shaded(box: BoxMm, side: CleanSide) -> bool:
    return float((_cut(255 - side.picture, box.grown(-FRAME_MM)) > SHADE).mean()) > SHADED_ABOVE


def _cut(labels: NDArray[Pixel], box: BoxMm) -> NDArray[Pixel]:
    px = SIDE_PX_PER_MM
    return labels[round(box.y * px) : round(box.bottom * px), round(box.x * px) : round(box.right * px)]
