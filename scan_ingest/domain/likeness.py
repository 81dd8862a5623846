"""How the ink lies in a side's answers: by it the same card is known again when it was scanned a second time.

Hashes of files, pages or whole cards do not tell: another scan has other pixels, and two cards of one template share
their print. What somebody wrote by hand is like nothing else, and lies on the paper where it lies.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scan_ingest.errors import StoreError

Squares = NDArray[np.uint8]
Mark = NDArray[np.uint8]

WAVES = 16  # by as many of the slowest waves each way as the perceptual hash of 256 bits keeps
MARK_BYTES = WAVES * WAVES // 8
# Of 256 bits so many may differ: drawn cards scanned again differ in 22 at most, under coffee in 44, different ones
# in 24 and more: this decides nothing, it spares looking closer.
AS_ONE_MARK = 48
SAME_WRITING = 0.98  # drawn cards scanned again had 0.99 even with coffee since; one that differs in three words 0.968
SLIP = 1  # squares that the answers may lie apart
SQUARE_MM = 1.5  # a letter; smaller ones would not lie on each other after another skew
LEAST_INK_MM2 = 15.0  # two short words; a side with less is like too many others and has no likeness
HARDLY_MM2 = 1.5 * LEAST_INK_MM2  # another scan, fainter or in black and white, may see less than the least


@dataclass(frozen=True, eq=False)
class Likeness:
    """`squares` is H × W: how much of each square millimetre and a half of the answers is ink, 0 none to 255 all."""

    squares: Squares

    @property
    def is_slight(self) -> bool:
        """Whether there is so little ink that another scan of the side may have none of its likeness."""
        return float(self.squares.sum()) / 255 * SQUARE_MM**2 < HARDLY_MM2

    @cached_property
    def mark(self) -> bytes:
        """A perceptual hash (Zauner 2010): which of the slowest cosine waves are stronger than half of them."""
        height, width = self.squares.shape
        waves = _cosines(height) @ self.squares.astype(np.float64) @ _cosines(width).T
        strengths = waves.ravel()
        strengths[0] = np.median(strengths[1:])  # how much ink there is at all says nothing
        bits: Squares = np.packbits(strengths > np.median(strengths))
        return bits.tobytes()

    def to_bytes(self) -> bytes:
        size = b"".join(int(length).to_bytes(2, "big") for length in self.squares.shape)
        return size + zlib.compress(self.squares.tobytes(), 9)

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Likeness":
        """Raises `StoreError` for bytes that are none."""
        height, width = int.from_bytes(kept[:2], "big"), int.from_bytes(kept[2:4], "big")
        try:
            squares = np.frombuffer(zlib.decompress(kept[4:], bufsize=height * width), dtype=np.uint8)
            return cls(squares.reshape(height, width))
        except (zlib.error, ValueError) as exc:
            raise StoreError("the likeness kept with a side is damaged") from exc

    def alike(self, other: "Likeness") -> float:
        """The correlation of the two, 1 for the very same; `SAME_WRITING` and above is another scan of it."""
        if self.squares.shape != other.squares.shape:
            return 0.0
        return max(
            _correlation(self.squares, np.roll(other.squares, (down, across), (0, 1)))
            for down in range(-SLIP, SLIP + 1)
            for across in range(-SLIP, SLIP + 1)
        )


def marks_alike(mark: bytes, others: Sequence[bytes]) -> NDArray[np.intp]:
    """Which of the other marks may be of the same writing, by index; ten million a second."""
    if not others:
        return np.zeros(0, dtype=np.intp)
    table = np.frombuffer(b"".join(others), dtype=np.uint8).reshape(-1, MARK_BYTES)
    differ = np.bitwise_count(table ^ np.frombuffer(mark, dtype=np.uint8)).sum(axis=1)
    return np.flatnonzero(differ <= AS_ONE_MARK)


def _cosines(length: int) -> NDArray[np.float64]:
    """`WAVES` × length: the slowest waves of the discrete cosine transform (Ahmed, Natarajan and Rao 1974)."""
    places = (np.arange(length) + 0.5) * np.pi / length
    return np.cos(np.arange(WAVES)[:, None] * places)


def _correlation(one: Squares, other: Squares) -> float:
    a, b = one - one.mean(), other - other.mean()
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-9))
