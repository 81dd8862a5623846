"""A page in grey, made smaller as it is asked for."""

from functools import cached_property

import cv2
import numpy as np

from scan_ingest.domain.geometry import GreyImage

SAMPLE_ROWS = 8  # one of so many tells a page of one bit


class Sheet:
    """A page in grey, and smaller versions of it as they are asked for."""

    def __init__(self, picture: GreyImage) -> None:
        self._by_reduction = {1: picture}
        self.size = picture.shape[1], picture.shape[0]

    @cached_property
    def one_bit(self) -> bool:
        """Whether the page is black and white and nothing between."""
        sample = self._by_reduction[1][::SAMPLE_ROWS]
        return bool(np.isin(sample, (sample.min(), sample.max())).all())

    def reduced(self, times: int) -> GreyImage:
        """The page at 1/`times` of its size, each pixel the mean of `times` × `times`; what is left over is cut off."""
        if times not in self._by_reduction:
            whole = self._by_reduction[1]
            height, width = whole.shape[0] // times, whole.shape[1] // times
            cut = whole[: height * times, : width * times]
            small = cv2.resize(cut, (max(width, 1), max(height, 1)), interpolation=cv2.INTER_AREA)
            self._by_reduction[times] = np.asarray(small, dtype=np.uint8)
        return self._by_reduction[times]
