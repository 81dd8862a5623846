"""How the ink lies in a side's answers: by it the same card is known again when it was scanned a second time.

Hashes of files, pages or whole cards do not tell: another scan has other pixels, and two cards of one template share
their print. What somebody wrote by hand is like nothing else, and lies on the paper where it lies: nobody writes the
same words twice so that every stroke falls on the other within a millimetre.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scan_ingest.domain.geometry import BoxMm
from scan_ingest.errors import StoreError

Cells = NDArray[np.uint8]
Amounts = NDArray[np.float32]

CELL_MM = 0.5  # a pen's stroke
MOST = 15  # of a cell that is all ink: what half a byte holds
LEAST_INK_MM2 = 4.0  # a short word; a side with less is like too many others and has no likeness
LITTLE_INK_MM2 = 20.0  # three short words: on a card with less, what was read has to agree too

PATCH = (16, 24)  # cells down and across of a side's patches: a word or two
WAVES = (4, 8)  # by as many of the slowest waves down and across a patch is hashed; a letter is as long as the fastest
COARSE = 2  # cells each way in what the waves are taken of
LEAST_IN_PATCH_MM2 = 1.5  # a letter or two; with less it has no hash
SAME_PATCH = 8  # of 32 bits so many may differ: of a patch scanned again 3 do, of others every other
# Of the patches that are written on in both cards so many are alike: this decides nothing, it spares looking closer.
PATCHES_ALIKE = 0.4  # scans of one card had 0.97 and more, real hands' others 0.1 at most, one in 600 of fonts' more

SLIP = 2  # cells that writing may lie apart from place to place: another scan is stretched and bent in another way
TILE = 5  # cells each way
WINDOW = (3, 4)  # tiles down and across that are looked at together: a word
CELLS_IN_WINDOW = WINDOW[0] * WINDOW[1] * TILE**2
# Of 198 drawn cards scanned again, each was at 0.95 or above, others at 0.71 at most. Cards of real hands scanned again
# were above this, coffee and stamps or not, but for thin pens in black and white (0.67 and more); other cards were at
# 0.69 at most, one word that its writer wrote again in the same place at 0.85.
SAME_WRITING = 0.86
WHOLE, HALF = 0.85, 0.5  # of the ink of one card, of that of the other
HOPELESS = 0.5  # without letting it slip: nothing that is so unlike there came to more than 0.8


@dataclass(frozen=True, eq=False)
class Likeness:
    """`cells` is H × W: how much of each half millimetre square of a side is ink of an answer, 0 none to `MOST` all."""

    cells: Cells

    @cached_property
    def ink_mm2(self) -> float:
        return float(self.cells.sum()) / MOST * CELL_MM**2

    @cached_property
    def mark(self) -> bytes:
        """A perceptual hash (Zauner 2010) of every patch with ink, row by row, four bytes each: which of its slowest
        cosine waves are positive. What comes to a card elsewhere, or hides a part of it, changes no other patch's."""
        return _hashes(self.cells).astype(">u4").tobytes()

    def without(self, boxes: Iterable[BoxMm]) -> "Likeness":
        """The same with nothing in those places of the side."""
        left = self.cells.copy()
        for box in boxes:
            top, start = (max(0, int(np.floor(edge / CELL_MM)) - 1) for edge in (box.y, box.x))
            bottom, end = (int(np.ceil(edge / CELL_MM)) + 1 for edge in (box.bottom, box.right))
            left[top:bottom, start:end] = 0
        return Likeness(left)

    def to_bytes(self) -> bytes:
        size = b"".join(int(length).to_bytes(2, "big") for length in self.cells.shape)
        flat = np.append(self.cells.ravel(), np.zeros(self.cells.size % 2, dtype=np.uint8))
        return size + zlib.compress((flat[::2] << 4 | flat[1::2]).tobytes(), 9)

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Likeness":
        """Raises `StoreError` for bytes that are none."""
        height, width = int.from_bytes(kept[:2], "big"), int.from_bytes(kept[2:4], "big")
        half = (height * width + 1) // 2
        try:
            packed = np.frombuffer(zlib.decompress(kept[4:], bufsize=half), dtype=np.uint8)
            if packed.size != half:
                raise ValueError(f"{packed.size} bytes for {height} × {width} cells")
            flat = np.stack([packed >> 4, packed & MOST], axis=1).ravel()
            return cls(flat[: height * width].reshape(height, width))
        except (zlib.error, ValueError) as exc:
            raise StoreError("the likeness kept with a side is damaged") from exc


def alike(sides: Iterable[tuple[Likeness | None, Likeness | None]]) -> float:
    """How alike two cards are written, 0 to 1, given each side of the one beside the same side of the other: most
    of the ink of the one and half of the other's lie among ink that is at least so alike. `SAME_WRITING` and
    above is another scan of the card.

    What was added since, a stain, or a side that one scan saw nothing of, takes away only what it is of the whole.
    """
    pairs = list(sides)
    glance = _most_of_it(pairs, slip=0)
    return glance if glance < HOPELESS else _most_of_it(pairs, SLIP)


def marks_alike(mark: bytes, others: Sequence[bytes]) -> NDArray[np.intp]:
    """Which of the other marks may be of the same writing, by index; a hundred thousand in a second."""
    there = [at for at, other in enumerate(others) if len(other) == len(mark)]
    if not there:
        return np.zeros(0, dtype=np.intp)
    mine = np.frombuffer(mark, dtype=">u4")
    table = np.frombuffer(b"".join(others[at] for at in there), dtype=">u4").reshape(len(there), -1)
    fewest = np.minimum(np.count_nonzero(mine), np.count_nonzero(table, axis=1))
    same = (mine > 0) & (table > 0) & (np.bitwise_count(table ^ mine) <= SAME_PATCH)
    found: NDArray[np.intp] = np.array(there, dtype=np.intp)[same.sum(axis=1) >= np.maximum(PATCHES_ALIKE * fewest, 1)]
    return found


def _most_of_it(pairs: Sequence[tuple[Likeness | None, Likeness | None]], slip: int) -> float:
    compared = [_compared(a, b, slip) for pair in pairs for a, b in _laid_together(*pair)]
    if not compared:
        return 0.0
    likes, mine, theirs = (np.concatenate(parts) for parts in zip(*compared, strict=True))
    whole = max(_reached(likes, ink, WHOLE) for ink in (mine, theirs))
    return min(whole, *(_reached(likes, ink, HALF) for ink in (mine, theirs)))


def _laid_together(one: Likeness | None, other: Likeness | None) -> Iterator[tuple[Cells, Cells]]:
    """The cells of both; what cannot lie on the other lies on nothing."""
    if one is not None and other is not None and one.cells.shape == other.cells.shape:
        yield one.cells, other.cells
        return
    if one is not None:
        yield one.cells, np.zeros_like(one.cells)
    if other is not None:
        yield np.zeros_like(other.cells), other.cells


def _compared(one: Cells, other: Cells, slip: int) -> tuple[Amounts, Amounts, Amounts]:
    """Tile by tile: how alike the ink around it is, how much ink the one has in it, and how much the other.

    How alike is the correlation of a window, where it is greatest of all places that the other may have slipped to.
    """
    a, b = _with_ink(one, other)
    room = np.pad(b, slip)
    height, width = a.shape
    own, own_sum = _spread(a)
    best = np.zeros_like(own)
    for down in range(2 * slip + 1):
        for across in range(2 * slip + 1):
            there = room[down : down + height, across : across + width]
            its, its_sum = _spread(there)
            shared = _windows(_sums(a * there, TILE)) - own_sum * its_sum / CELLS_IN_WINDOW
            np.maximum(best, shared / np.sqrt(np.maximum(own * its, 1.0)), out=best)
    return best.ravel(), _sums(a, TILE).ravel(), _sums(b, TILE).ravel()


def _spread(cells: Amounts) -> tuple[Amounts, Amounts]:
    """Around each tile how far its cells lie from their mean, squared and summed; and their sum."""
    total = _windows(_sums(cells, TILE))
    spread: Amounts = _windows(_sums(cells * cells, TILE)) - total * total / np.float32(CELLS_IN_WINDOW)
    return spread, total


def _with_ink(one: Cells, other: Cells) -> tuple[Amounts, Amounts]:
    """Both, cut to where either has ink."""
    either = one | other
    rows, columns = np.flatnonzero(either.any(axis=1)), np.flatnonzero(either.any(axis=0))
    if not len(rows):
        rows = columns = np.zeros(1, dtype=np.intp)
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return one[part].astype(np.float32), other[part].astype(np.float32)


def _sums(cells: Amounts, by: int) -> Amounts:
    """Of squares of `by` × `by` cells; what is missing of the last ones is 0."""
    height, width = (-(-length // by) for length in cells.shape)
    whole = np.pad(cells, ((0, height * by - cells.shape[0]), (0, width * by - cells.shape[1])))
    return np.asarray(whole.reshape(height, by, width, by).sum(axis=(1, 3)), dtype=np.float32)


def _windows(tiles: Amounts) -> Amounts:
    """Around each tile the sum of a window of them."""
    for axis, count in enumerate(WINDOW):
        before = count // 2
        padding = [(0, 0), (0, 0)]
        padding[axis] = (before + 1, count - 1 - before)
        run = np.cumsum(np.pad(tiles, padding), axis=axis)
        tiles = np.take(run, range(count, run.shape[axis]), axis) - np.take(run, range(run.shape[axis] - count), axis)
    return tiles


def _reached(likes: Amounts, ink: Amounts, share: float) -> float:
    """By that share of the ink."""
    order = np.argsort(likes)[::-1]
    upto = np.cumsum(ink[order])
    return float(likes[order[np.searchsorted(upto, share * upto[-1])]]) if upto[-1] > 0 else 0.0


def _hashes(cells: Cells) -> NDArray[np.uint32]:
    """Of each patch, row by row; 0 where next to nothing is written."""
    squares = _sums(cells.astype(np.float32), COARSE)
    height, width = (side // COARSE for side in PATCH)
    rows, columns = -(-squares.shape[0] // height), -(-squares.shape[1] // width)
    whole = np.pad(squares, ((0, rows * height - squares.shape[0]), (0, columns * width - squares.shape[1])))
    patches = whole.reshape(rows, height, columns, width).transpose(0, 2, 1, 3).reshape(-1, height, width)
    waves = _cosines(WAVES[0], height) @ patches @ _cosines(WAVES[1], width).T
    bits = waves.reshape(len(patches), -1) > 0
    bits[:, 0] = True  # how much ink there is at all says nothing, and no hash is 0
    inked = patches.sum(axis=(1, 2)) >= LEAST_IN_PATCH_MM2 / CELL_MM**2 * MOST
    return np.where(inked, np.packbits(bits, axis=1).view(">u4").ravel().astype(np.uint32), np.uint32(0))


def _cosines(count: int, length: int) -> NDArray[np.float64]:
    """`count` × length: the slowest waves of the discrete cosine transform (Ahmed, Natarajan and Rao 1974)."""
    places = (np.arange(length) + 0.5) * np.pi / length
    return np.cos(np.arange(count)[:, None] * places)
