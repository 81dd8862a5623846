"""Ink as strokes: pixels that touch."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import Mask


@dataclass(frozen=True, eq=False)
class Strokes:
    """The connected strokes of a mask; number 0 is the paper.

    `labels` is H × W, the number of each pixel's stroke. `boxes` is N × 4 (left, top, width, height in pixels), `areas`
    N, both beginning with the paper.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]

    @classmethod
    def of(cls, mask: Mask) -> "Strokes":
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        table = np.asarray(stats, dtype=np.int32)
        return cls(np.asarray(labels, dtype=np.int32), table[:, :4], table[:, cv2.CC_STAT_AREA])

    def only(self, kept: NDArray[np.bool_]) -> "Strokes":
        """The same strokes, those not `kept` made paper (with no pixel and no box)."""
        stay = kept & (self.areas > 0)
        stay[0] = False
        labels = np.where(stay, np.arange(len(self)), 0).astype(np.int32)[self.labels]
        boxes, areas = np.where(stay[:, None], self.boxes, 0), np.where(stay, self.areas, 0)
        return Strokes(labels, boxes, areas)

    def __len__(self) -> int:
        """How many, with the paper."""
        return len(self.areas)

    def tally(self, parts: NDArray[np.int8], count: int) -> NDArray[np.int64]:
        """N × `count`: how many pixels of each stroke lie in each part (0 to `count` − 1; others are not counted)."""
        there = (self.labels > 0) & (parts >= 0)
        flat = self.labels[there].astype(np.int64) * count + parts[there]
        return np.bincount(flat, minlength=len(self) * count).reshape(len(self), count)


def grown(mask: Mask, by_px: int) -> Mask:
    """The mask with `by_px` pixels added all around."""
    kernel = np.ones((2 * by_px + 1, 2 * by_px + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel), dtype=bool)
