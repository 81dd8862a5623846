"""Ink as strokes: pixels that touch."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import GreyImage, Mask


@dataclass(frozen=True, eq=False)
class Strokes:
    """The connected strokes of a mask; number 0 is the paper.

    `labels` is H × W, the number of each pixel's stroke. `boxes` is N × 4 (left, top, width, height in pixels), `areas`
    N, both beginning with the paper, whose box is the whole picture. `at` are the flat indices of the inked pixels in
    order: ink covers a twentieth of a side, so whatever is asked of strokes is worked out from those alone.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]
    at: NDArray[np.intp]

    @classmethod
    def of(cls, mask: Mask) -> "Strokes":
        # OpenCV's own statistics also ask every pixel of paper, which takes six times as long as the labels.
        count, found = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
        labels, at = np.asarray(found, dtype=np.int32), np.flatnonzero(mask)
        boxes, areas = np.zeros((count, 4), dtype=np.int32), np.zeros(count, dtype=np.int32)
        boxes[0, 2:], areas[0] = mask.shape[::-1], mask.size - len(at)
        if len(at):
            boxes[1:], areas[1:] = _measured(labels, at)
        return cls(labels, boxes, areas, at)

    @cached_property
    def numbers(self) -> NDArray[np.int32]:
        """The stroke of each inked pixel."""
        return self.labels.ravel()[self.at]

    def only(self, kept: NDArray[np.bool_]) -> "Strokes":
        """The same strokes, those not `kept` made paper (with no pixel and no box)."""
        stay = kept & (self.areas > 0)
        stay[0] = False
        there = stay[self.numbers]
        at, labels = self.at[there], np.zeros_like(self.labels)
        labels.ravel()[at] = self.numbers[there]
        boxes, areas = np.where(stay[:, None], self.boxes, 0), np.where(stay, self.areas, 0)
        return Strokes(labels, boxes, areas, at)

    def mask(self, kept: NDArray[np.bool_]) -> Mask:
        """H × W: the pixels of the strokes that are `kept` (N; what it says of the paper does not count)."""
        there = np.zeros(self.labels.shape, dtype=np.bool_)
        there.ravel()[self.at] = kept[self.numbers]
        return there

    def painted(self, values: NDArray[np.int8], paper: int) -> NDArray[np.int8]:
        """H × W: for each pixel the value (N) of its stroke, on the paper the one given."""
        result = np.full(self.labels.shape, paper, dtype=np.int8)
        result.ravel()[self.at] = values[self.numbers]
        return result

    def within(self, mask: Mask) -> NDArray[np.int64]:
        """N: how many pixels of each stroke lie in the mask; of the paper none are counted."""
        return np.bincount(self.numbers[mask.ravel()[self.at]], minlength=len(self))

    def __len__(self) -> int:
        """How many, with the paper."""
        return len(self.areas)

    def tally(self, parts: NDArray[np.int8], count: int) -> NDArray[np.int64]:
        """N × `count`: how many pixels of each stroke lie in each part (0 to `count` − 1; others are not counted)."""
        part = parts.ravel()[self.at]
        there = part >= 0
        flat = self.numbers[there].astype(np.int64) * count + part[there]
        return np.bincount(flat, minlength=len(self) * count).reshape(len(self), count)


def _measured(labels: NDArray[np.int32], at: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The boxes and areas of all strokes but the paper, from the runs of ink along the rows."""
    width = labels.shape[1]
    begins = np.concatenate([[0], np.flatnonzero((np.diff(at) != 1) | (at[1:] % width == 0)) + 1])
    lengths = np.diff(np.concatenate([begins, [len(at)]]))
    first = at[begins]
    of = labels.ravel()[first]
    order = np.argsort(of, kind="stable")  # from the top down within a stroke
    rows, columns = np.divmod(first[order], width)
    starts = np.searchsorted(of[order], np.arange(1, int(of.max()) + 1))
    ends = np.append(starts[1:], len(order)) - 1
    left, right = (
        np.minimum.reduceat(columns, starts),
        np.maximum.reduceat(columns + lengths[order], starts),
    )
    top, bottom = rows[starts], rows[ends] + 1
    boxes = np.stack([left, top, right - left, bottom - top], axis=1)
    return boxes.astype(np.int32), np.add.reduceat(lengths[order], starts).astype(np.int32)


def shrunk(picture: GreyImage, by: int) -> GreyImage:
    """The picture `by` times smaller; rows and columns left over at its end are left out. OpenCV averages whole blocks
    thirty times as fast as parts of pixels."""
    height, width = (max(size // by, 1) for size in picture.shape)
    whole = picture[: height * by, : width * by]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def grown(mask: Mask, by_px: int) -> Mask:
    """The mask with `by_px` pixels added all around."""
    kernel = np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), dtype=bool)
