"""Pages as they are kept to be looked at."""

import cv2
import numpy as np
import pytest

from scan_ingest.domain.page import Page, PageRef
from scan_ingest.pipeline.pictures import MAX_EDGE_PX, page_picture


@pytest.mark.parametrize("shape", [(8000, 1), (1, 8000), (3, 20_000)])
def test_a_page_of_the_strangest_shape_has_a_picture_all_the_same(shape: tuple[int, int]) -> None:
    kept = page_picture(Page(PageRef("0" * 64, 1, "box.png"), np.full(shape, 255, dtype=np.uint8), 200.0))
    image = cv2.imdecode(np.frombuffer(kept, dtype=np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert max(image.shape) == MAX_EDGE_PX
    assert min(image.shape) == 1
