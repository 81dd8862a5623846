"""Millimetres, pixels, and the way between them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

MM_PER_INCH = 25.4
ROUNDED_MM = 1e-6  # 8.1 + 20.1 is a hair more than 28.2

GreyImage = NDArray[np.uint8]
"""H × W, 0 black to 255 white."""

Image = NDArray[np.uint8]
"""H × W (grey) or H × W × 3 (blue, green, red as OpenCV keeps them)."""

Mask = NDArray[np.bool_]
"""H × W, true where the thing is."""

Points = NDArray[np.float64]
"""N × 2, x then y."""


@dataclass(frozen=True)
class BoxMm:
    """A rectangle on a side, in millimetres from the side's top left, y down."""

    x: float
    y: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not all(np.isfinite((self.x, self.y, self.width, self.height))):
            raise ValueError("a box is four finite numbers")
        if self.width <= 0 or self.height <= 0:
            raise ValueError("a box has a width and a height above 0")

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def grown(self, by_mm: float) -> Self:
        """The box with `by_mm` added on each of its four sides."""
        return type(self)(self.x - by_mm, self.y - by_mm, self.width + 2 * by_mm, self.height + 2 * by_mm)

    def overlaps(self, other: "BoxMm") -> bool:
        """Whether the two share some of the side; boxes that touch do not."""
        across = min(self.right, other.right) - max(self.x, other.x)
        down = min(self.bottom, other.bottom) - max(self.y, other.y)
        return min(across, down) > ROUNDED_MM

    def inside(self, width_mm: float, height_mm: float) -> bool:
        """Whether the box lies on a side of that size."""
        over = max(-self.x, -self.y, self.right - width_mm, self.bottom - height_mm)
        return over <= ROUNDED_MM

    def as_tuple(self) -> tuple[float, float, float, float]:
        return (self.x, self.y, self.width, self.height)


@dataclass(frozen=True, eq=False)
class Homography:
    """A perspective map of the plane, as a 3 × 3 matrix acting on column vectors (x, y, 1)."""

    matrix: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.matrix.shape != (3, 3) or not np.isfinite(self.matrix).all():
            raise ValueError("a homography is a finite 3 × 3 matrix")

    @classmethod
    def scaling(cls, factor: float) -> Self:
        return cls(np.diag([factor, factor, 1.0]))

    def map(self, points: ArrayLike) -> Points:
        """N × 2 points → N × 2 points."""
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        mapped = np.hstack([array, np.ones((len(array), 1))]) @ self.matrix.T
        return np.asarray(mapped[:, :2] / mapped[:, 2:], dtype=np.float64)

    def then(self, after: "Homography") -> "Homography":
        """First this map, then `after`."""
        return Homography(after.matrix @ self.matrix)

    def inverse(self) -> "Homography":
        return Homography(np.linalg.inv(self.matrix).astype(np.float64))
